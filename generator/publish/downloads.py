"""Everything in `data/` -> the files that readers download, with addresses and labels.

A file of `data/` is copied unchanged. Tables have the columns of their pages: each is written as
CSV, and the table of all results of a kind as JSON too. Output of commands has the commands'
format.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from generator.publish.figures.groups.prepared import Prepared
from generator.publish.reading.atlas import (
    ARCHITECTURES,
    COMPONENTS,
    PUBLISHED_FILE,
    Atlas,
    LoadedComponent,
    LoadedNetwork,
)
from generator.publish.reading.checkpoints import CHECKPOINTS, LoadedCheckpoint
from generator.publish.reading.groups import GROUPS
from generator.publish.reading.maps import EMBEDDINGS, LoadedMap
from generator.publish.reading.memory import MEMORY_RECORDS, PEAKS_FILE, RUNS_FILE
from generator.publish.reading.pairs import PAIRS, LoadedPair, whole_comparison
from generator.publish.schema import schema_files
from generator.publish.tables import map_csv
from generator.publish.tables.checkpoints import CHECKPOINT_COLUMNS
from generator.publish.tables.components import COMPONENT_COLUMNS
from generator.publish.tables.networks import NETWORK_COLUMNS
from generator.publish.tables.pairs import PAIR_COLUMNS
from generator.publish.tables.table import C, Column, R, table_csv, table_json, written_csv
from generator.publish.tables.tensors import DISTANCE_COLUMNS, excluded, tensors_csv
from generator.records import Benchmarks, Record, Square, store
from generator.text.vectors import vectors_title
from generator.text.words import METRICS, begun, component_title

FOLDER = "downloads"
# Labels of files, by what follows the id of their result.
LABELS = {
    ".json": "Record (JSON)",
    ".parameters.csv": "Every parameter tensor (CSV)",
    ".torchinfo.txt": "torchinfo summary (text)",
    ".tensors.csv": "Every tensor (CSV)",
    ".tensors.parquet": "Every tensor (Parquet)",
    ".safetensors": "Sums that they come from (safetensors)",
    ".points.parquet": "Every point, all encoders and vectors (Parquet)",
    ".distances.parquet": "Distances of all pairs of prompts (Parquet)",
    ".vectors.safetensors": "Vectors, float16 (safetensors)",
}
# Records without a page of their own.
RECORDS = {
    PEAKS_FILE: "Peaks of memory that others published (CSV)",
    RUNS_FILE: "Peaks of memory measured on a GPU (TSV)",
    f"{Benchmarks.ID}.json": "Benches on the page Methods (JSON)",
    f"{CHECKPOINTS.name}/{store.REFUSED}.json": "Checkpoints that could not be read (JSON)",
}
# As stored in the matrices: the figures show 1 - cosine, the files cosine.
MATRICES = METRICS | {"cosine": "cosine"}
# With more rows, points are a Parquet file only: the CSV would exceed 20 MB.
MOST_CSV_ROWS = 200_000


class Download(Record):
    """One file to download: address from the site's root, label, and content."""

    path: str
    label: str
    content: bytes

    @property
    def size(self) -> int:
        """Size in bytes."""
        return len(self.content)


class Downloads(Record):
    """All files to download.

    `tables` are those of all results of a kind, by folder in `data/`; `records` are the records
    without a page of their own; `own` are the files of each result, by folder and id.
    """

    tables: dict[str, tuple[Download, ...]]
    published: Download
    index: Download
    records: tuple[Download, ...]
    schemas: tuple[Download, ...]
    own: dict[str, dict[str, tuple[Download, ...]]]

    @property
    def common(self) -> tuple[Download, ...]:
        """Files about all results of a kind, without the schemas."""
        networks, *others = self.tables.values()
        tables = (file for files in others for file in files)
        return (*networks, self.published, *tables, *self.records, self.index)

    @property
    def all(self) -> Iterator[Download]:
        """Every file."""
        yield from (*self.common, *self.schemas)
        for by_id in self.own.values():
            for files in by_id.values():
                yield from files


def all_downloads(data: Path, atlas: Atlas, groups: Sequence[Prepared]) -> Downloads:
    """The download files of `data`."""
    whole = "The whole comparison table"
    tables = {
        ARCHITECTURES.name: _tables(
            "compare", whole, NETWORK_COLUMNS, atlas.networks, atlas.companions
        ),
        COMPONENTS.name: _tables(
            COMPONENTS.name, "All components", COMPONENT_COLUMNS, atlas.components, atlas.networks
        )
        if atlas.components
        else (),
        CHECKPOINTS.name: _tables(
            CHECKPOINTS.name, "All checkpoints", CHECKPOINT_COLUMNS, atlas.checkpoints, None
        ),
        PAIRS.name: _tables(PAIRS.name, "All pairs", PAIR_COLUMNS, atlas.pairs, None)
        if atlas.pairs
        else (),
    }
    # Groups are downloaded as prepared, and memory has no page by its own id.
    others: dict[str, Sequence[Any]] = {GROUPS.name: groups, MEMORY_RECORDS.name: atlas.memory}
    own = {
        folder: {
            one.id: tuple(
                Download(path=f"{FOLDER}/{folder}/{one.id}{end}", label=label, content=content)
                for end, label, content in FILES[folder](one)
            )
            for one in results
        }
        for folder, results in (atlas.by_folder | others).items()
    }
    return Downloads(
        tables=tables,
        index=_index(atlas, own),
        published=Download(
            path=f"{FOLDER}/{PUBLISHED_FILE}",
            label="Published figures, of sizes and distances, with their sources (TOML)",
            content=(data / PUBLISHED_FILE).read_bytes(),
        ),
        records=tuple(
            Download(path=f"{FOLDER}/{name}", label=label, content=(data / name).read_bytes())
            for name, label in RECORDS.items()
            if (data / name).is_file()
        ),
        schemas=tuple(
            Download(path=f"{FOLDER}/{name}", label=name, content=content)
            for name, content in schema_files().items()
        ),
        own=own,
    )


def _index(atlas: Atlas, own: Mapping[str, Mapping[str, Sequence[Download]]]) -> Download:
    """All results with their pages and files, for programs: what the page *Data* describes."""
    results = [
        {
            "kind": folder,
            "id": one.id,
            "name": one.record.name,
            "page": f"{folder}/{one.id}.html",
            "schema": one.record.schema,
            "files": [
                {
                    "path": file.path,
                    "label": file.label,
                    "size": file.size,
                    "sha256": sha256(file.content).hexdigest(),
                }
                for file in own[folder][one.id]
            ],
        }
        for folder, found in atlas.by_folder.items()
        for one in found
    ]
    content = msgspec.json.format(msgspec.json.encode({"schema": 1, "results": results}), indent=1)
    return Download(
        path=f"{FOLDER}/index.json",
        label="Index of all results: pages, files, sizes, SHA-256 (JSON)",
        content=content + b"\n",
    )


def _tables(
    name: str, label: str, columns: Sequence[Column[R, C]], rows: Sequence[R], context: C
) -> tuple[Download, ...]:
    written = {
        "csv": table_csv(columns, rows, context),
        "json": table_json(columns, rows, context),
    }
    return tuple(
        Download(path=f"{FOLDER}/{name}.{end}", label=f"{label} ({end.upper()})", content=content)
        for end, content in written.items()
    )


# The files of one result: what follows its id in their names, their labels and contents.
Named = Iterable[tuple[str, str, bytes]]


def _of_network(network: LoadedNetwork) -> Named:
    """Record and tables, then the diagrams."""
    drawn = {
        name: f"Diagram {drawing.diagram.name} ({Path(name).suffix[1:].upper()})"
        for drawing in network.beside.drawings
        for name in drawing.files
    }
    record = f"{network.id}.json"
    tables = sorted(set(network.record.files) - set(drawn))
    for name in (record, *tables, *drawn):
        end = name.removeprefix(network.id)
        yield end, drawn.get(name) or LABELS.get(end, name), network.files[name]


def _of_component(component: LoadedComponent) -> Named:
    yield ".json", LABELS[".json"], component.files[f"{component.id}.json"]


def _of_checkpoint(held: LoadedCheckpoint) -> Named:
    for end in (".json", ".tensors.parquet"):
        yield end, LABELS[end], held.files[held.id + end]
    yield ".tensors.csv", LABELS[".tensors.csv"], tensors_csv(held.beside)


def _of_pair(pair: LoadedPair) -> Named:
    whole = store.encode(whole_comparison(pair))
    yield ".comparison.json", "The comparison, as atlas compare writes it (JSON)", whole
    tensors = table_csv(DISTANCE_COLUMNS, pair.beside, excluded(pair))
    yield ".tensors.csv", LABELS[".tensors.csv"], tensors
    for end in (".tensors.parquet", ".json"):
        yield end, LABELS[end], pair.files[pair.id + end]


def _of_group(prepared: Prepared) -> Named:
    matrix, files = prepared.matrix, prepared.loaded.files
    label = "Distances, as atlas matrix writes them (JSON)"
    yield ".matrix.json", label, store.encode(matrix)
    for component, distances in matrix.components.items():
        for metric in prepared.group.metrics:
            square: Square | None = getattr(distances, metric)
            if square is not None:
                label = f"{begun(component_title(component))}, {MATRICES[metric]} (CSV)"
                yield f".{component}.{metric}.csv", label, _square_csv(matrix.members, square)
    label = "Record, with the arrangements that are drawn (JSON)"
    yield ".safetensors", LABELS[".safetensors"], files[f"{prepared.id}.safetensors"]
    yield ".json", label, files[f"{prepared.id}.json"]


def _square_csv(members: Sequence[str], square: Square) -> bytes:
    """N x N with member names in the first row and column; empty where two cannot be compared."""
    rows = ((member, *row) for member, row in zip(members, square, strict=True))
    return written_csv(("", *members), rows)


def _of_map(mapped: LoadedMap) -> Named:
    """The files of `data/`, and tables as CSV."""
    record = mapped.record
    for name, content in mapped.files.items():
        end = name.removeprefix(mapped.id)
        yield end, LABELS[end], content
    if len(mapped.beside.points) * len(record.prompts) <= MOST_CSV_ROWS:
        label = "Every point, all encoders and vectors (CSV)"
        yield ".points.csv", label, map_csv.points_csv(mapped)
    yield ".spaces.csv", "Encoders and their vectors (CSV)", map_csv.spaces_csv(mapped)
    if record.likenesses:
        yield ".likeness.csv", "Likeness of pairs of encoders (CSV)", map_csv.likeness_csv(mapped)
    for kind in record.kinds:
        if any(of == kind for _, of in mapped.beside.distances):
            label = f"Distances of all pairs, {vectors_title(kind).lower()} (CSV)"
            yield f".distances.{kind}.csv", label, map_csv.distances_csv(mapped, kind)


# The functions that make the files of one result, by folder.
FILES: dict[str, Callable[[Any], Named]] = {
    ARCHITECTURES.name: _of_network,
    COMPONENTS.name: _of_component,
    CHECKPOINTS.name: _of_checkpoint,
    PAIRS.name: _of_pair,
    GROUPS.name: _of_group,
    EMBEDDINGS.name: lambda mapped: sorted(_of_map(mapped)),
    MEMORY_RECORDS.name: lambda held: [(".json", LABELS[".json"], held.files[f"{held.id}.json"])],
}
