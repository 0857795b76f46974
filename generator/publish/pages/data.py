"""The downloads -> the page that lists every file and the schemas of the records."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from markupsafe import Markup

from generator.publish.downloads import Download, Downloads
from generator.publish.pages.context import Context
from generator.publish.pages.site import Site
from generator.publish.quantities.versions import program_version
from generator.publish.reading.atlas import ARCHITECTURES, COMPONENTS
from generator.publish.reading.checkpoints import CHECKPOINTS
from generator.publish.reading.groups import GROUPS
from generator.publish.reading.maps import EMBEDDINGS
from generator.publish.reading.pairs import PAIRS
from generator.publish.schema import ROOTS, Schema, schemas
from generator.records import Architecture, Checkpoint, Component, EmbeddingMap, Group, Pair, Record
from generator.text.citation import DESCRIPTION
from generator.text.escaping import script_json

# Anchor, title, and results folder.
SECTIONS = (
    ("each", "Each network", ARCHITECTURES.name),
    ("checkpoints", "Each checkpoint", CHECKPOINTS.name),
    ("components", "Each component", COMPONENTS.name),
    ("pairs", "Each pair", PAIRS.name),
    ("groups", "Each group", GROUPS.name),
    ("maps", "Each map of prompts", EMBEDDINGS.name),
)

FORMATS = {".csv": "text/csv", ".json": "application/json", ".toml": "application/toml"}


class FilesOf(Record):
    """The files of one result, its name, and its page."""

    name: str
    link: str
    files: tuple[Download, ...]


class Section(Record):
    """The files of all results of one kind."""

    anchor: str
    title: str
    results: tuple[FilesOf, ...]


class DataPage(Context):
    """All downloads, the number of records, and their schemas; `schema_files` are the JSON Schema
    files, and `dataset` is the same for search engines (JSON-LD)."""

    TEMPLATE = "data.md"

    records: int
    common: tuple[Download, ...]
    sections: tuple[Section, ...]
    schemas: tuple[Schema, ...]
    schema_files: tuple[Download, ...]
    dataset: Markup


def pages(site: Site) -> Iterator[tuple[str, Context]]:
    """The page `data.md`."""
    results = sum(map(len, site.downloads.own.values()))
    # Beside them lie tables.
    others = sum(file.path.endswith(".json") for file in site.downloads.records)
    page = DataPage(
        records=results + others,
        common=site.downloads.common,
        sections=tuple(
            Section(
                anchor=anchor,
                title=title,
                results=tuple(
                    FilesOf(
                        name=_name(one.record),
                        link=f"{folder}/{one.id}.html",
                        files=site.downloads.own[folder][one.id],
                    )
                    for one in site.atlas.by_folder[folder]
                ),
            )
            for anchor, title, folder in SECTIONS
        ),
        schemas=schemas(*ROOTS),
        schema_files=site.downloads.schemas,
        dataset=Markup(script_json(dataset(site.downloads))),
    )
    yield "data.md", page


def dataset(downloads: Downloads) -> dict[str, object]:
    """The data as a schema.org `Dataset`, which search engines of data read."""
    return {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "name": "Diffusion Atlas",
        "description": DESCRIPTION,
        "license": "https://spdx.org/licenses/MIT.html",
        "isAccessibleForFree": True,
        "version": program_version(),
        "distribution": [
            {
                "@type": "DataDownload",
                "name": file.label,
                "contentUrl": file.path,
                "encodingFormat": FORMATS.get(PurePosixPath(file.path).suffix, "text/plain"),
            }
            for file in downloads.common
        ],
    }


def _name(record: Architecture | Checkpoint | Component | Pair | Group | EmbeddingMap) -> str:
    names = (record.name, record.group_name if isinstance(record, EmbeddingMap) else "")
    return ": ".join(filter(None, names))
