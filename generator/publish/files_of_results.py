"""One loaded result -> the files that readers download of it: their names' ends, labels, contents.

A file of `data/` is copied unchanged. Tables have the columns of their pages.
"""

import gzip
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from generator.publish.figures.groups.prepared import Prepared
from generator.publish.reading.atlas import (
    ARCHITECTURES,
    COMPONENTS,
    LoadedComponent,
    LoadedNetwork,
)
from generator.publish.reading.checkpoints import CHECKPOINTS, LoadedCheckpoint
from generator.publish.reading.groups import GROUPS
from generator.publish.reading.maps import EMBEDDINGS, LoadedMap
from generator.publish.reading.memory import MEMORY_RECORDS
from generator.publish.reading.pairs import PAIRS, LoadedPair, whole_comparison
from generator.publish.tables import map_csv
from generator.publish.tables.table import table_csv, written_csv
from generator.publish.tables.tensors import DISTANCE_COLUMNS, excluded, tensors_csv
from generator.records import Square, store
from generator.text.vectors import vectors_title
from generator.text.words import METRICS, begun, component_title

# Labels of files, by what follows the id of their result.
LABELS = {
    ".json": "Record (JSON)",
    ".parameters.csv": "Every parameter tensor (CSV)",
    ".torchinfo.txt": "torchinfo summary (text)",
    ".tensors.csv": "Every tensor (CSV)",
    ".tensors.csv.gz": "Every tensor (CSV, gzip)",
    ".tensors.parquet": "Every tensor (Parquet)",
    ".safetensors": "Sums that they come from (safetensors)",
    ".points.parquet": "Every point, all encoders and vectors (Parquet)",
    ".distances.parquet": "Distances of all pairs of prompts (Parquet)",
    ".vectors.safetensors": "Vectors, float16 (safetensors)",
}
# As stored in the matrices: the figures show 1 - cosine, the files cosine.
MATRICES = METRICS | {"cosine": "cosine"}
# With more rows, points are a Parquet file only: the CSV would exceed 20 MB.
MOST_CSV_ROWS = 200_000
# Tables of more tensors are compressed: plain, those of a hundred SDXL checkpoints take 100 MB.
MOST_PLAIN_TENSORS = 2_000

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
    yield _tensors(tensors_csv(held.beside), len(held.beside))


def _of_pair(pair: LoadedPair) -> Named:
    whole = store.encode(whole_comparison(pair))
    yield ".comparison.json", "The comparison, as atlas compare writes it (JSON)", whole
    yield _tensors(table_csv(DISTANCE_COLUMNS, pair.beside, excluded(pair)), len(pair.beside))
    for end in (".tensors.parquet", ".json"):
        yield end, LABELS[end], pair.files[pair.id + end]


def _tensors(content: bytes, rows: int) -> tuple[str, str, bytes]:
    if rows > MOST_PLAIN_TENSORS:
        end, content = ".tensors.csv.gz", gzip.compress(content, mtime=0)
    else:
        end = ".tensors.csv"
    return end, LABELS[end], content


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
FILES_OF: dict[str, Callable[[Any], Named]] = {
    ARCHITECTURES.name: _of_network,
    COMPONENTS.name: _of_component,
    CHECKPOINTS.name: _of_checkpoint,
    PAIRS.name: _of_pair,
    GROUPS.name: _of_group,
    EMBEDDINGS.name: lambda mapped: sorted(_of_map(mapped)),
    MEMORY_RECORDS.name: lambda held: [(".json", LABELS[".json"], held.files[f"{held.id}.json"])],
}
