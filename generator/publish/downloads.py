"""Everything in `data/` -> the files that readers download, with addresses and labels.

A file of `data/` is copied unchanged. Tables have the columns of their pages: each is written as
CSV, and the table of all results of a kind as JSON too. Output of commands has the commands'
format.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from generator.publish.figures.groups.prepared import Prepared
from generator.publish.reading.atlas import ARCHITECTURES, PUBLISHED_FILE, Atlas, LoadedNetwork
from generator.publish.reading.checkpoints import CHECKPOINTS, LoadedCheckpoint
from generator.publish.reading.groups import GROUPS
from generator.publish.reading.loaded import ResultFolder
from generator.publish.reading.maps import EMBEDDINGS, LoadedMap
from generator.publish.reading.pairs import PAIRS, LoadedPair, whole_comparison
from generator.publish.schema import schema_files
from generator.publish.tables import map_csv
from generator.publish.tables.checkpoints import CHECKPOINT_COLUMNS
from generator.publish.tables.networks import NETWORK_COLUMNS
from generator.publish.tables.pairs import PAIR_COLUMNS
from generator.publish.tables.table import Column, R, table_csv, table_json, written_csv
from generator.publish.tables.tensors import DISTANCE_COLUMNS, excluded, tensors_csv
from generator.records import Benchmarks, Record, Square, store
from generator.text.vectors import vectors_title
from generator.text.words import METRICS, begun, component_title

FOLDER = "downloads"
RECORD = "Record (JSON)"
# Records without a page of their own.
RECORDS = {
    f"{Benchmarks.ID}.json": "Benches on the page Methods (JSON)",
    f"{CHECKPOINTS.name}/{store.REFUSED}.json": "Checkpoints that could not be read (JSON)",
}
# As stored in the matrices: the figures show 1 - cosine, the files cosine.
MATRICES = METRICS | {"cosine": "cosine"}
# With more rows, points are a Parquet file only: the CSV would exceed 20 MB.
MOST_CSV_ROWS = 200_000


class Download(Record, frozen=True, kw_only=True):
    """One file to download: address from the site's root, label, and content."""

    path: str
    label: str
    content: bytes

    @property
    def size(self) -> int:
        """Size in bytes."""
        return len(self.content)


class Downloads(Record, frozen=True, kw_only=True):
    """All files to download.

    `tables` are those of all results of a kind, by folder in `data/`; `records` are the records
    without a page of their own; `own` are the files of each result, by folder and id.
    """

    tables: dict[str, tuple[Download, ...]]
    published: Download
    records: tuple[Download, ...]
    schemas: tuple[Download, ...]
    own: dict[str, dict[str, tuple[Download, ...]]]

    @property
    def common(self) -> tuple[Download, ...]:
        """Files about all results of a kind, without the schemas."""
        networks, *others = self.tables.values()
        tables = (file for files in others for file in files)
        return (*networks, self.published, *tables, *self.records)

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
        ARCHITECTURES.name: _tables("compare", whole, NETWORK_COLUMNS, atlas.networks),
        CHECKPOINTS.name: _tables(
            CHECKPOINTS.name, "All checkpoints", CHECKPOINT_COLUMNS, atlas.checkpoints
        ),
        PAIRS.name: _tables(PAIRS.name, "All pairs", PAIR_COLUMNS, atlas.pairs)
        if atlas.pairs
        else (),
    }
    return Downloads(
        tables=tables,
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
        own={
            folder: {one.id: tuple(FILES[folder](one)) for one in results}
            for folder, results in (atlas.by_folder | {GROUPS.name: groups}).items()
        },
    )


def _tables(
    name: str, label: str, columns: Sequence[Column[R, None]], rows: Sequence[R]
) -> tuple[Download, ...]:
    written = {"csv": table_csv(columns, rows, None), "json": table_json(columns, rows, None)}
    return tuple(
        Download(path=f"{FOLDER}/{name}.{end}", label=f"{label} ({end.upper()})", content=content)
        for end, content in written.items()
    )


def _made(folder: ResultFolder[Any, Any], name: str, label: str, content: bytes) -> Download:
    """A file of one result; its `name` starts with the result's id."""
    return Download(path=f"{FOLDER}/{folder.name}/{name}", label=label, content=content)


def _of_network(network: LoadedNetwork) -> Iterator[Download]:
    """Record and tables, then the diagrams."""
    drawn = {
        name: f"Diagram {drawing.diagram.name} ({Path(name).suffix[1:].upper()})"
        for drawing in network.beside.drawings
        for name in drawing.files
    }
    labels = drawn | {
        f"{network.id}.json": RECORD,
        f"{network.id}.parameters.csv": "Every parameter tensor (CSV)",
        f"{network.id}.torchinfo.txt": "torchinfo summary (text)",
    }
    tables = sorted(set(network.record.files) - set(drawn))
    for name in (f"{network.id}.json", *tables, *drawn):
        yield _made(ARCHITECTURES, name, labels.get(name, name), network.files[name])


def _of_checkpoint(held: LoadedCheckpoint) -> Iterator[Download]:
    made = partial(_made, CHECKPOINTS)
    record, rows = f"{held.id}.json", f"{held.id}.tensors.parquet"
    yield made(record, RECORD, held.files[record])
    yield made(rows, "Every tensor (Parquet)", held.files[rows])
    yield made(f"{held.id}.tensors.csv", "Every tensor (CSV)", tensors_csv(held.beside))


def _of_pair(pair: LoadedPair) -> Iterator[Download]:
    made = partial(_made, PAIRS)
    record, rows = f"{pair.id}.json", f"{pair.id}.tensors.parquet"
    tensors = table_csv(DISTANCE_COLUMNS, pair.beside, excluded(pair))
    label = "The comparison, as atlas compare writes it (JSON)"
    yield made(f"{pair.id}.comparison.json", label, store.encode(whole_comparison(pair)))
    yield made(f"{pair.id}.tensors.csv", "Every tensor (CSV)", tensors)
    yield made(rows, "Every tensor (Parquet)", pair.files[rows])
    yield made(record, RECORD, pair.files[record])


def _of_group(prepared: Prepared) -> Iterator[Download]:
    made, name, files = partial(_made, GROUPS), prepared.id, prepared.loaded.files
    matrix = prepared.matrix
    label = "Distances, as atlas matrix writes them (JSON)"
    yield made(f"{name}.matrix.json", label, store.encode(matrix))
    for component, distances in matrix.components.items():
        for metric in prepared.group.metrics:
            square: Square | None = getattr(distances, metric)
            if square is not None:
                label = f"{begun(component_title(component))}, {MATRICES[metric]} (CSV)"
                content = _square_csv(matrix.members, square)
                yield made(f"{name}.{component}.{metric}.csv", label, content)
    sums, record = f"{name}.safetensors", f"{name}.json"
    yield made(sums, "Sums that they come from (safetensors)", files[sums])
    yield made(record, "Record, with the arrangements that are drawn (JSON)", files[record])


def _square_csv(members: Sequence[str], square: Square) -> bytes:
    """N x N with member names in the first row and column; empty where two cannot be compared."""
    rows = ((member, *row) for member, row in zip(members, square, strict=True))
    return written_csv(("", *members), rows)


def _of_map(mapped: LoadedMap) -> list[Download]:
    """The files of `data/`, and tables as CSV, by name."""
    record, name = mapped.record, mapped.id
    kept = {
        f"{name}.json": RECORD,
        f"{name}.points.parquet": "Every point, all encoders and vectors (Parquet)",
        f"{name}.distances.parquet": "Distances of all pairs of prompts (Parquet)",
        f"{name}.vectors.safetensors": "Vectors, float16 (safetensors)",
    }
    made = partial(_made, EMBEDDINGS)
    files = [made(each, kept[each], content) for each, content in mapped.files.items()]
    if len(mapped.beside.points) * len(record.prompts) <= MOST_CSV_ROWS:
        label = "Every point, all encoders and vectors (CSV)"
        files.append(made(f"{name}.points.csv", label, map_csv.points_csv(mapped)))
    label = "Encoders and their vectors (CSV)"
    files.append(made(f"{name}.spaces.csv", label, map_csv.spaces_csv(mapped)))
    if record.likenesses:
        label = "Likeness of pairs of encoders (CSV)"
        files.append(made(f"{name}.likeness.csv", label, map_csv.likeness_csv(mapped)))
    for kind in record.kinds:
        if any(of == kind for _, of in mapped.beside.distances):
            label = f"Distances of all pairs, {vectors_title(kind).lower()} (CSV)"
            content = map_csv.distances_csv(mapped, kind)
            files.append(made(f"{name}.distances.{kind}.csv", label, content))
    return sorted(files, key=lambda file: file.path)


# The functions that make the files of one result, by folder.
FILES: dict[str, Callable[[Any], Iterable[Download]]] = {
    ARCHITECTURES.name: _of_network,
    CHECKPOINTS.name: _of_checkpoint,
    PAIRS.name: _of_pair,
    GROUPS.name: _of_group,
    EMBEDDINGS.name: _of_map,
}
