"""Everything in `data/` -> the files that readers download, with addresses and labels.

A file of `data/` is copied unchanged. Tables have the columns of their pages: each is written as
CSV, and the table of all results of a kind as JSON too. Output of commands has the commands'
format.
"""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from generator.publish.figures.groups.prepared import Prepared
from generator.publish.files_of_results import FILES_OF
from generator.publish.reading.atlas import (
    ARCHITECTURES,
    COMPONENTS,
    PUBLISHED_FILE,
    Atlas,
)
from generator.publish.reading.checkpoints import CHECKPOINTS
from generator.publish.reading.groups import GROUPS
from generator.publish.reading.memory import MEMORY_RECORDS, PEAKS_FILE, RUNS_FILE
from generator.publish.reading.pairs import PAIRS
from generator.publish.schema import schema_files
from generator.publish.tables.checkpoints import CHECKPOINT_COLUMNS
from generator.publish.tables.components import COMPONENT_COLUMNS
from generator.publish.tables.networks import NETWORK_COLUMNS
from generator.publish.tables.pairs import PAIR_COLUMNS
from generator.publish.tables.table import C, Column, R, table_csv, table_json
from generator.records import Benchmarks, Record, store

FOLDER = "downloads"
# Texts of the licences of distances that others published.
LICENCES = "licences"
# Records without a page of their own.
RECORDS = {
    PEAKS_FILE: "Peaks of memory that others published (CSV)",
    RUNS_FILE: "Peaks of memory measured on a GPU (TSV)",
    f"{Benchmarks.ID}.json": "Benches on the page Methods (JSON)",
    f"{CHECKPOINTS.name}/{store.REFUSED}.json": "Checkpoints that could not be read (JSON)",
}


class Download(Record):
    """One file to download: address from the site's root, label, and content."""

    path: str
    label: str
    content: bytes

    @property
    def size(self) -> int:
        """Size in bytes."""
        return len(self.content)


def found(files: Sequence[Download], part: str) -> Download:
    """The first file whose address contains `part`."""
    return next(file for file in files if part in file.path)


class Downloads(Record):
    """All files to download.

    `tables` are those of all results of a kind, by folder in `data/`; `records` are the records
    without a page of their own, `licences` are those of imported distances; `own` are the files of
    each result, by folder and id.
    """

    tables: dict[str, tuple[Download, ...]]
    published: Download
    licences: tuple[Download, ...]
    index: Download
    records: tuple[Download, ...]
    schemas: tuple[Download, ...]
    own: dict[str, dict[str, tuple[Download, ...]]]

    @property
    def common(self) -> tuple[Download, ...]:
        """Files about all results of a kind, without the schemas."""
        networks, *others = self.tables.values()
        tables = (file for files in others for file in files)
        return (*networks, self.published, *tables, *self.records, *self.licences, self.index)

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
            CHECKPOINTS.name, "All checkpoints", CHECKPOINT_COLUMNS, atlas.checkpoints, frozenset()
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
                for end, label, content in FILES_OF[folder](one)
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
        licences=tuple(
            Download(
                path=f"{FOLDER}/{LICENCES}/{path.name}",
                label=f"Licence of imported distances, {path.stem} (text)",
                content=path.read_bytes(),
            )
            for path in sorted((data / LICENCES).glob("*.txt"))
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
