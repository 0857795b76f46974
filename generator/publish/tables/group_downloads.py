"""A group -> the files that readers download: record, matrices as JSON and CSV, sums."""

import csv
from collections.abc import Mapping
from io import StringIO
from pathlib import Path

import msgspec

from generator.publish.pages.context import Download
from generator.publish.pages.groups.prepared import Prepared
from generator.publish.reading.groups import GROUPS
from generator.publish.tables.downloads import FOLDER, plain
from generator.records import Square
from generator.text.words import METRICS, begun, component_title

LABELS = {
    "json": "Record, with the arrangements that are drawn (JSON)",
    "matrix.json": "Distances, as atlas matrix writes them (JSON)",
    "safetensors": "Sums that they come from (safetensors)",
}
# As the matrices hold them: the figures show 1 - cosine, the files cosine.
MATRICES = METRICS | {"cosine": "cosine"}


def group_files(data: Path, prepared: Prepared) -> dict[str, bytes]:
    """Address -> content of the files of one group."""
    name, matrix = prepared.group.id, prepared.matrix
    folder, address = data / GROUPS, f"{FOLDER}/{GROUPS}/{name}"
    encoded = msgspec.json.format(msgspec.json.encode(matrix, order="deterministic"), indent=1)
    files = {f"{address}.matrix.json": encoded + b"\n"}
    for component, distances in matrix.components.items():
        for metric in prepared.group.metrics:
            square: Square | None = getattr(distances, metric)
            if square is not None:
                content = _csv(matrix.members, square).encode()
                files[f"{address}.{component}.{metric}.csv"] = content
    for ending in ("safetensors", "json"):
        files[f"{address}.{ending}"] = (folder / f"{name}.{ending}").read_bytes()
    return files


def list_group(files: Mapping[str, bytes], prepared: Prepared) -> tuple[Download, ...]:
    """The files of `group_files`, with their labels."""
    start = len(f"{FOLDER}/{GROUPS}/{prepared.group.id}.")
    return tuple(
        Download(path=path, label=_label(path[start:]), size=len(content))
        for path, content in files.items()
    )


def _label(ending: str) -> str:
    if ending in LABELS:
        return LABELS[ending]
    component, metric, _ = ending.split(".")
    return f"{begun(component_title(component))}, {MATRICES[metric]} (CSV)"


def _csv(members: tuple[str, ...], square: Square) -> str:
    """N x N with the members' names before and above; empty where two cannot be compared."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["", *map(plain, members)])
    for member, row in zip(members, square, strict=True):
        writer.writerow([plain(member), *("" if value is None else value for value in row)])
    return text.getvalue()
