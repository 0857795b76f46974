"""Everything in `data/` -> the files that readers download, each with its address and its label.

A file of `data/` is copied as it is. A table is written as CSV, and that of all of a kind as JSON
too, from the columns that its page shows. What commands write is written as they write it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from generator.publish.figures.groups.prepared import Prepared
from generator.publish.reading.atlas import ARCHITECTURES, PUBLISHED_FILE, Atlas, Measured
from generator.publish.reading.checkpoints import CHECKPOINTS, Held
from generator.publish.reading.groups import GROUPS
from generator.publish.reading.maps import EMBEDDINGS, Mapped
from generator.publish.reading.pairs import PAIRS, HeldPair
from generator.publish.schema import schema_files
from generator.publish.tables import map_csv
from generator.publish.tables.checkpoints import CHECKPOINT_COLUMNS
from generator.publish.tables.networks import NETWORK_COLUMNS
from generator.publish.tables.pairs import PAIR_COLUMNS
from generator.publish.tables.table import Column, R, table_csv, table_json, written_csv
from generator.publish.tables.tensors import DISTANCE_COLUMNS, excluded, tensors_csv
from generator.records import Record, Square, store
from generator.records.files import read
from generator.text.vectors import vectors_title
from generator.text.words import METRICS, begun, component_title

FOLDER = "downloads"
RECORD = "Record (JSON)"
# As the matrices hold them: the figures show 1 - cosine, the files cosine.
MATRICES = METRICS | {"cosine": "cosine"}
# More rows of points than that are a Parquet file alone: as CSV they would be over 20 MB.
MOST_CSV_ROWS = 200_000


class Download(Record, frozen=True, kw_only=True):
    """One file to download: its address from the site's root, what it is, and its content."""

    path: str
    label: str
    content: bytes

    @property
    def size(self) -> int:
        """In bytes."""
        return len(self.content)


class Downloads(Record, frozen=True, kw_only=True):
    """All files to download: `tables` of all results of a kind, by its folder in `data/`, and `own`
    files of each result, by folder and id."""

    tables: dict[str, tuple[Download, ...]]
    published: Download
    schemas: tuple[Download, ...]
    own: dict[str, dict[str, tuple[Download, ...]]]

    @property
    def common(self) -> tuple[Download, ...]:
        """About all of a kind, without the schemas."""
        networks, *others = self.tables.values()
        return (*networks, self.published, *(file for files in others for file in files))

    @property
    def all(self) -> Iterator[Download]:
        """Every file."""
        yield from (*self.common, *self.schemas)
        for by_id in self.own.values():
            for files in by_id.values():
                yield from files


class Result(NamedTuple):
    """One result in `data/`, whose files have one start: `data/FOLDER/ID`."""

    data: Path
    folder: str
    id: str

    def copied(self, ending: str, label: str) -> Download:
        """A file of the result, as it is."""
        content = read(self.data / self.folder, f"{self.id}{ending}")
        return self.made(ending, label, content)

    def made(self, ending: str, label: str, content: bytes) -> Download:
        """A file that `data/` does not hold."""
        path = f"{FOLDER}/{self.folder}/{self.id}{ending}"
        return Download(path=path, label=label, content=content)


def all_downloads(data: Path, atlas: Atlas, groups: Sequence[Prepared]) -> Downloads:
    """The files of everything that was read from `data`."""
    results: dict[str, Sequence[Any]] = {
        ARCHITECTURES: atlas.networks,
        CHECKPOINTS: atlas.checkpoints,
        PAIRS: atlas.pairs,
        GROUPS: groups,
        EMBEDDINGS: atlas.maps,
    }
    whole = "The whole comparison table"
    tables = {
        ARCHITECTURES: _tables("compare", whole, NETWORK_COLUMNS, atlas.networks),
        CHECKPOINTS: _tables(CHECKPOINTS, "All checkpoints", CHECKPOINT_COLUMNS, atlas.checkpoints),
        PAIRS: _tables(PAIRS, "All pairs", PAIR_COLUMNS, atlas.pairs) if atlas.pairs else (),
    }
    return Downloads(
        tables=tables,
        published=Download(
            path=f"{FOLDER}/{PUBLISHED_FILE}",
            label="Published figures, of sizes and distances, with their sources (TOML)",
            content=(data / PUBLISHED_FILE).read_bytes(),
        ),
        schemas=tuple(
            Download(path=f"{FOLDER}/{name}", label=name, content=content)
            for name, content in schema_files().items()
        ),
        own={
            kind.folder: {
                kind.id(one): tuple(kind.files(Result(data, kind.folder, kind.id(one)), one))
                for one in results[kind.folder]
            }
            for kind in KINDS
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


def _of_network(result: Result, network: Measured) -> Iterator[Download]:
    """Record, tables, then the diagrams."""
    labels = {
        f"{result.id}.parameters.csv": "Every parameter tensor (CSV)",
        f"{result.id}.torchinfo.txt": "torchinfo summary (text)",
    }
    drawn = {
        name: f"Diagram {drawing.diagram.name} ({Path(name).suffix[1:].upper()})"
        for drawing in network.drawings
        for name in drawing.files
    }
    yield result.copied(".json", RECORD)
    for name in (*sorted(set(network.architecture.files) - set(drawn)), *drawn):
        label = (labels | drawn).get(name, name)
        yield result.copied(name.removeprefix(result.id), label)


def _of_checkpoint(result: Result, held: Held) -> Iterator[Download]:
    yield result.copied(".json", RECORD)
    yield result.copied(".tensors.parquet", "Every tensor (Parquet)")
    yield result.made(".tensors.csv", "Every tensor (CSV)", tensors_csv(held.rows))


def _of_pair(result: Result, held: HeldPair) -> Iterator[Download]:
    comparison = store.encode(held.comparison)
    tensors = table_csv(DISTANCE_COLUMNS, held.rows, excluded(held))
    label = "The comparison, as atlas compare writes it (JSON)"
    yield result.made(".comparison.json", label, comparison)
    yield result.made(".tensors.csv", "Every tensor (CSV)", tensors)
    yield result.copied(".tensors.parquet", "Every tensor (Parquet)")
    yield result.copied(".json", RECORD)


def _of_group(result: Result, prepared: Prepared) -> Iterator[Download]:
    matrix = prepared.matrix
    label = "Distances, as atlas matrix writes them (JSON)"
    yield result.made(".matrix.json", label, store.encode(matrix))
    for component, distances in matrix.components.items():
        for metric in prepared.group.metrics:
            square: Square | None = getattr(distances, metric)
            if square is not None:
                label = f"{begun(component_title(component))}, {MATRICES[metric]} (CSV)"
                content = _square_csv(matrix.members, square)
                yield result.made(f".{component}.{metric}.csv", label, content)
    yield result.copied(".safetensors", "Sums that they come from (safetensors)")
    yield result.copied(".json", "Record, with the arrangements that are drawn (JSON)")


def _square_csv(members: Sequence[str], square: Square) -> bytes:
    """N x N with the members' names before and above; empty where two cannot be compared."""
    rows = ((member, *row) for member, row in zip(members, square, strict=True))
    return written_csv(("", *members), rows)


def _of_map(result: Result, mapped: Mapped) -> list[Download]:
    """The files of `data/`, and tables as CSV, by name."""
    record = mapped.record
    kept = {
        f"{result.id}.points.parquet": "Every point, all encoders and vectors (Parquet)",
        f"{result.id}.distances.parquet": "Distances of all pairs of prompts (Parquet)",
        f"{result.id}.vectors.safetensors": "Vectors, float16 (safetensors)",
    }
    files = [result.copied(".json", RECORD)]
    files += [result.copied(name.removeprefix(result.id), kept[name]) for name in record.files]
    if len(mapped.points) * len(record.prompts) <= MOST_CSV_ROWS:
        label = "Every point, all encoders and vectors (CSV)"
        files.append(result.made(".points.csv", label, map_csv.points_csv(mapped)))
    label = "Encoders and their vectors (CSV)"
    files.append(result.made(".spaces.csv", label, map_csv.spaces_csv(mapped)))
    if record.likenesses:
        label = "Likeness of pairs of encoders (CSV)"
        files.append(result.made(".likeness.csv", label, map_csv.likeness_csv(mapped)))
    for kind in record.kinds:
        if any(of == kind for _, of in mapped.distances):
            label = f"Distances of all pairs, {vectors_title(kind).lower()} (CSV)"
            content = map_csv.distances_csv(mapped, kind)
            files.append(result.made(f".distances.{kind}.csv", label, content))
    return sorted(files, key=lambda file: file.path)


class Kind(NamedTuple):
    """One kind of results: where they lie, what each is called, and the files about it."""

    folder: str
    id: Callable[[Any], str]
    files: Callable[[Result, Any], Iterable[Download]]


KINDS = (
    Kind(ARCHITECTURES, lambda one: one.architecture.id, _of_network),
    Kind(CHECKPOINTS, lambda one: one.checkpoint.id, _of_checkpoint),
    Kind(PAIRS, lambda one: one.pair.id, _of_pair),
    Kind(GROUPS, lambda one: one.group.id, _of_group),
    Kind(EMBEDDINGS, lambda one: one.id, _of_map),
)
