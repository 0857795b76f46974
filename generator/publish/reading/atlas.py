"""`data/` -> everything that the pages are made from, checked and in one frozen record."""

import csv
import re
from io import StringIO
from pathlib import Path

import msgspec
from markupsafe import Markup

from generator.catalog.reading import ID_PATTERN
from generator.errors import DamagedRecord
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

ARCHITECTURES = "architectures"
PUBLISHED_FILE = "published.toml"
ADVICE = "`atlas measure` makes it again"


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
    networks = [_read_network(folder, one) for one in store.read_results(folder, Architecture)]
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


def _read_network(folder: Path, architecture: Architecture) -> Measured:
    name = architecture.id
    # The id becomes an address; the catalogue refuses others, a file put here by hand may not.
    if not re.fullmatch(ID_PATTERN, name):
        raise DamagedRecord(str(folder / f"{name}.json"), "has an id that is no address", ADVICE)
    return Measured(
        architecture=architecture,
        rows=_read_rows(folder / f"{name}.parameters.csv", architecture),
        summary=_read_text(folder / f"{name}.torchinfo.txt", architecture),
        drawings=tuple(_read_drawing(folder, architecture, one) for one in architecture.diagrams),
    )


def _read_drawing(folder: Path, architecture: Architecture, diagram: Diagram) -> Drawing:
    names = tuple(f"{architecture.id}.{diagram.name}.{suffix}" for suffix in ("svg", "dot"))
    path = folder / names[0]
    return Drawing(
        diagram=diagram,
        svg=read_diagram(path, _read_text(path, architecture)),
        files=tuple(name for name in names if name in architecture.files),
    )


def _read_rows(path: Path, architecture: Architecture) -> tuple[ParameterRow, ...]:
    rows = csv.DictReader(StringIO(_read_text(path, architecture)))
    try:
        return tuple(msgspec.convert(row, ParameterRow, strict=False) for row in rows)
    except (msgspec.ValidationError, csv.Error) as error:
        raise DamagedRecord(str(path), f"is not a table of parameters ({error})", ADVICE) from error


def _read_text(path: Path, architecture: Architecture) -> str:
    """Text of a file that the record vouches for: `store` has compared its hash."""
    if path.name not in architecture.files:
        raise DamagedRecord(str(path), "is not among the files of its record", ADVICE)
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise DamagedRecord(str(path), f"is not text ({error})", ADVICE) from error
