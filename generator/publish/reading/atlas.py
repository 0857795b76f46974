"""`data/` -> everything that the pages are made from, checked and in one frozen record."""

import csv
from io import StringIO
from pathlib import Path

import msgspec
from markupsafe import Markup

from generator.publish.reading.beside import require_address, table_of
from generator.publish.reading.checkpoints import Held, read_checkpoints
from generator.publish.reading.diagrams import read_diagram
from generator.publish.reading.groups import Measured as MeasuredGroup
from generator.publish.reading.groups import read_groups
from generator.publish.reading.maps import Mapped, read_maps
from generator.publish.reading.pairs import HeldPair, read_pairs
from generator.publish.reading.published import PublishedTable, read_published
from generator.records import (
    Architecture,
    Bench,
    Benchmarks,
    Diagram,
    ParameterRow,
    Record,
    RefusedCheckpoint,
    store,
)
from generator.records.checks import check_parameters

ARCHITECTURES = "architectures"
PUBLISHED_FILE = "published.toml"


class Drawing(Record, frozen=True, kw_only=True):
    """A diagram with its SVG as markup, and the names of its files."""

    diagram: Diagram
    svg: Markup
    files: tuple[str, ...]


class Measured(Record, frozen=True, kw_only=True):
    """An architecture with the content of the files beside its record."""

    architecture: Architecture
    rows: tuple[ParameterRow, ...]
    summary: str
    drawings: tuple[Drawing, ...]

    @property
    def parameters(self) -> int:
        """Number of parameters, as diffusers counts them."""
        return self.architecture.parameters.diffusers


class Atlas(Record, frozen=True, kw_only=True):
    """Everything that was measured: architectures, the smallest first; checkpoints, pairs, groups
    and maps of prompts by id; what was refused; and the published table."""

    networks: tuple[Measured, ...]
    checkpoints: tuple[Held, ...]
    pairs: tuple[HeldPair, ...]
    groups: tuple[MeasuredGroup, ...]
    refused: tuple[RefusedCheckpoint, ...]
    maps: tuple[Mapped, ...]
    published: PublishedTable
    benches: dict[str, Bench]


def read_atlas(data: Path) -> Atlas:
    """Read all of `data/`.

    Raises:
        DamagedRecord: a file is missing, or not what was measured.
        UsageError: the published table cannot be used.
    """
    folder = data / ARCHITECTURES
    networks = [_read_network(folder, one) for one in store.load_all(folder, Architecture)]
    networks.sort(key=lambda network: (network.parameters, network.architecture.id))
    checkpoints, refused = read_checkpoints(data)
    return Atlas(
        networks=tuple(networks),
        checkpoints=checkpoints,
        pairs=read_pairs(data),
        groups=read_groups(data),
        refused=refused,
        maps=read_maps(data),
        published=read_published(data / PUBLISHED_FILE),
        benches=_read_benches(data / f"{Benchmarks.ID}.json"),
    )


def _read_benches(path: Path) -> dict[str, Bench]:
    return store.read_result(path, Benchmarks).benches if path.exists() else {}


def _read_network(folder: Path, stored: store.Stored[Architecture]) -> Measured:
    architecture = stored.record
    require_address(folder, architecture.id)
    return Measured(
        architecture=architecture,
        rows=_read_rows(folder / f"{architecture.id}.parameters.csv", stored),
        summary=_read_text(folder / f"{architecture.id}.torchinfo.txt", stored),
        drawings=tuple(_read_drawing(folder, stored, one) for one in architecture.diagrams),
    )


def _read_drawing(folder: Path, stored: store.Stored[Architecture], diagram: Diagram) -> Drawing:
    names = tuple(f"{stored.record.id}.{diagram.name}.{suffix}" for suffix in ("svg", "dot"))
    path = folder / names[0]
    return Drawing(
        diagram=diagram,
        svg=read_diagram(path, _read_text(path, stored)),
        files=tuple(name for name in names if name in stored.files),
    )


def _read_rows(path: Path, stored: store.Stored[Architecture]) -> tuple[ParameterRow, ...]:
    table = csv.DictReader(StringIO(_read_text(path, stored)))
    with table_of(path, stored):
        rows = tuple(msgspec.convert(row, ParameterRow, strict=False) for row in table)
        check_parameters(stored.record, rows)
    return rows


def _read_text(path: Path, stored: store.Stored[Architecture]) -> str:
    with table_of(path, stored):
        return stored.files[path.name].decode()
