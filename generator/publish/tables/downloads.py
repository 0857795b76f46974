"""`data/` and the comparison table -> the files that readers download."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from io import StringIO
from pathlib import Path

import msgspec

from generator.publish.pages import schema
from generator.publish.pages.context import Download
from generator.publish.reading.atlas import ARCHITECTURES, PUBLISHED_FILE, Atlas, Measured
from generator.publish.tables.networks import COLUMNS
from generator.publish.tables.table import Column, cells

FOLDER = "downloads"
LABELS = {
    ".json": "Record (JSON)",
    ".parameters.csv": "Every parameter tensor (CSV)",
    ".torchinfo.txt": "torchinfo summary (text)",
}
COMMON_LABELS = {
    "compare.csv": "The whole comparison table (CSV)",
    "compare.json": "The whole comparison table (JSON)",
    "published.toml": "Published figures, of sizes and distances, with their sources (TOML)",
    "checkpoints.csv": "All checkpoints (CSV)",
    "checkpoints.json": "All checkpoints (JSON)",
    "pairs.csv": "All pairs (CSV)",
    "pairs.json": "All pairs (JSON)",
}

# Signs that make a spreadsheet take the text of a cell for a formula.
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


def common_files(data: Path, atlas: Atlas) -> dict[str, bytes]:
    """Address -> content of the files about all networks, and of the schemas."""
    published = data / PUBLISHED_FILE
    return {
        f"{FOLDER}/compare.csv": compare_csv(atlas).encode(),
        f"{FOLDER}/compare.json": compare_json(atlas),
        f"{FOLDER}/{PUBLISHED_FILE}": published.read_bytes(),
    } | {f"{FOLDER}/{name}": content for name, content in schema.schema_files().items()}


def network_files(data: Path, network: Measured) -> dict[str, bytes]:
    """Address -> content of the files of one network: record, tables, then the diagrams."""
    architecture = network.architecture
    drawn = [name for drawing in network.drawings for name in drawing.files]
    names = (f"{architecture.id}.json", *sorted(set(architecture.files) - set(drawn)), *drawn)
    folder = data / ARCHITECTURES
    return {f"{FOLDER}/{ARCHITECTURES}/{name}": (folder / name).read_bytes() for name in names}


def list_common(files: Mapping[str, bytes]) -> tuple[Download, ...]:
    """Files about all of a kind, with their labels; a schema is called what it is of."""
    return tuple(
        Download(
            path=path,
            label=COMMON_LABELS.get(Path(path).name, Path(path).name),
            size=len(content),
        )
        for path, content in files.items()
    )


def list_network(files: Mapping[str, bytes], network: Measured) -> tuple[Download, ...]:
    """The files of `network_files`, with their labels."""
    labels = {f"{network.architecture.id}{end}": label for end, label in LABELS.items()}
    for drawing in network.drawings:
        for name in drawing.files:
            labels[name] = f"Diagram {drawing.diagram.name} ({Path(name).suffix[1:].upper()})"
    return tuple(
        Download(path=path, label=labels.get(Path(path).name, Path(path).name), size=len(content))
        for path, content in files.items()
    )


def compare_json(atlas: Atlas) -> bytes:
    """The comparison table, one row a network."""
    return table_json(COLUMNS, atlas.networks)


def compare_csv(atlas: Atlas) -> str:
    """The comparison table, one row a network."""
    return table_csv(COLUMNS, atlas.networks)


def table_csv(columns: Sequence[Column], subjects: Iterable[object]) -> str:
    """All columns, raw, one row a subject; the header names the unit."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([f"{c.key} [{c.raw_unit}]" if c.raw_unit else c.key for c in columns])
    for subject in subjects:
        writer.writerow([plain(cell.raw) for cell in cells(subject, columns)])
    return text.getvalue()


def table_json(columns: Sequence[Column], subjects: Iterable[object]) -> bytes:
    """All columns, raw: `{columns: [{key, title, unit, help}], rows: [{key: value}]}`."""
    table = {
        "columns": [
            {"key": c.key, "title": c.title, "unit": c.raw_unit, "help": c.help} for c in columns
        ],
        "rows": [
            {
                column.key: cell.raw
                for column, cell in zip(columns, cells(subject, columns), strict=True)
            }
            for subject in subjects
        ],
    }
    return msgspec.json.format(msgspec.json.encode(table), indent=1) + b"\n"


def plain(value: object) -> object:
    """A value that no spreadsheet takes for a formula; missing is empty."""
    if isinstance(value, str) and value.startswith(FORMULA_SIGNS):
        return f"'{value}"
    return "" if value is None else value
