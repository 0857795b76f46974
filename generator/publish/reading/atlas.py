"""`data/` -> all records and files behind the pages, checked, in one frozen record."""

import csv
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from typing import Any

import msgspec
from markupsafe import Markup

from generator.publish.reading.checkpoints import CHECKPOINTS, LoadedCheckpoint, read_refused
from generator.publish.reading.diagrams import read_diagram
from generator.publish.reading.groups import GROUPS, LoadedGroup
from generator.publish.reading.loaded import Loaded, ResultFolder, content_of, read_all
from generator.publish.reading.maps import EMBEDDINGS, LoadedMap
from generator.publish.reading.memory import (
    MEMORY_RECORDS,
    PEAKS_FILE,
    RUNS_FILE,
    LoadedMemory,
    MeasuredPeak,
    read_measured,
    read_peaks,
)
from generator.publish.reading.pairs import PAIRS, LoadedPair
from generator.publish.reading.published import PublishedTable, read_published
from generator.records import (
    Architecture,
    Bench,
    Benchmarks,
    Component,
    Diagram,
    ParameterRow,
    Record,
    RefusedCheckpoint,
    store,
)

PUBLISHED_FILE = "published.toml"


class LoadedDiagram(Record):
    """A diagram: its SVG as markup, and the names of its files."""

    diagram: Diagram
    svg: Markup
    files: tuple[str, ...]


class NetworkFiles(Record):
    """One row per parameter tensor, the torchinfo summary, and the diagrams."""

    rows: tuple[ParameterRow, ...]
    summary: str
    drawings: tuple[LoadedDiagram, ...]


LoadedNetwork = Loaded[Architecture, NetworkFiles]
LoadedComponent = Loaded[Component, None]


class Atlas(Record):
    """All records.

    Architectures are sorted by size, the smallest first; components, checkpoints, pairs, groups and
    maps of prompts by id. Also the refused checkpoints and the published table.
    """

    networks: tuple[LoadedNetwork, ...]
    components: tuple[LoadedComponent, ...]
    checkpoints: tuple[LoadedCheckpoint, ...]
    pairs: tuple[LoadedPair, ...]
    groups: tuple[LoadedGroup, ...]
    refused: tuple[RefusedCheckpoint, ...]
    maps: tuple[LoadedMap, ...]
    memory: tuple[LoadedMemory, ...]
    peaks: tuple[MeasuredPeak, ...]
    gpu_runs: tuple[MeasuredPeak, ...]
    published: PublishedTable
    benches: dict[str, Bench]

    @property
    def architectures(self) -> tuple[Architecture, ...]:
        """The records of the networks."""
        return tuple(network.record for network in self.networks)

    @property
    def companions(self) -> dict[str, Component]:
        """The records of the components, by id."""
        return {component.id: component.record for component in self.components}

    @property
    def by_folder(self) -> dict[str, Sequence[Loaded[Any, Any]]]:
        """All results by kind, keyed by folder in `data/`."""
        return {
            ARCHITECTURES.name: self.networks,
            COMPONENTS.name: self.components,
            CHECKPOINTS.name: self.checkpoints,
            PAIRS.name: self.pairs,
            GROUPS.name: self.groups,
            EMBEDDINGS.name: self.maps,
        }


def read_atlas(data: Path) -> Atlas:
    """Read all of `data/`.

    Raises:
        DamagedRecord: a file is missing or does not match its record.
        UsageError: the published table cannot be used.
    """
    networks = read_all(data, ARCHITECTURES)
    return Atlas(
        networks=tuple(
            sorted(networks, key=lambda each: (each.record.parameters.diffusers, each.id))
        ),
        components=read_all(data, COMPONENTS),
        checkpoints=read_all(data, CHECKPOINTS),
        pairs=read_all(data, PAIRS),
        groups=read_all(data, GROUPS),
        refused=read_refused(data),
        maps=read_all(data, EMBEDDINGS),
        memory=read_all(data, MEMORY_RECORDS),
        peaks=read_peaks(data / PEAKS_FILE),
        gpu_runs=read_measured(data / RUNS_FILE),
        published=read_published(data / PUBLISHED_FILE),
        benches=_read_benches(data / f"{Benchmarks.ID}.json"),
    )


def _read_benches(path: Path) -> dict[str, Bench]:
    return store.read_result(path, Benchmarks).benches if path.exists() else {}


def _files(folder: Path, stored: store.StoredResult[Architecture]) -> NetworkFiles:
    name = stored.record.id
    with content_of(folder / f"{name}.parameters.csv", stored.files) as content:
        table = csv.DictReader(StringIO(content.decode()))
        rows = tuple(msgspec.convert(row, ParameterRow, strict=False) for row in table)
        stored.record.check_rows(rows)
    with content_of(folder / f"{name}.torchinfo.txt", stored.files) as content:
        summary = content.decode()
    drawings = tuple(_drawing(folder, stored, one) for one in stored.record.diagrams)
    return NetworkFiles(rows=rows, summary=summary, drawings=drawings)


def _drawing(
    folder: Path, stored: store.StoredResult[Architecture], diagram: Diagram
) -> LoadedDiagram:
    names = tuple(f"{stored.record.id}.{diagram.name}.{suffix}" for suffix in ("svg", "dot"))
    path = folder / names[0]
    with content_of(path, stored.files) as content:
        text = content.decode()
    return LoadedDiagram(
        diagram=diagram,
        svg=read_diagram(path, text),
        files=tuple(name for name in names if name in stored.files),
    )


ARCHITECTURES = ResultFolder("architectures", Architecture, _files)
COMPONENTS = ResultFolder("components", Component, lambda _folder, _stored: None)
