"""Every file to download, and the schemas of the records."""

from collections.abc import Iterable, Iterator

from generator.publish.downloads import Download
from generator.publish.pages.context import Context
from generator.publish.pages.site import Site
from generator.publish.reading.atlas import ARCHITECTURES
from generator.publish.reading.checkpoints import CHECKPOINTS
from generator.publish.reading.groups import GROUPS
from generator.publish.reading.maps import EMBEDDINGS
from generator.publish.reading.pairs import PAIRS
from generator.publish.schema import ROOTS, Schema, schemas
from generator.records import Record


class FilesOf(Record, frozen=True, kw_only=True):
    """The files about one result: what it is called, and where its page is."""

    name: str
    link: str
    files: tuple[Download, ...]


class Section(Record, frozen=True, kw_only=True):
    """The files about all results of one kind."""

    anchor: str
    title: str
    results: tuple[FilesOf, ...]


class DataPage(Context, frozen=True, kw_only=True):
    """All downloads, and the schemas of the records; `schema_files` are the same as JSON Schema."""

    TEMPLATE = "data.md"

    common: tuple[Download, ...]
    sections: tuple[Section, ...]
    schemas: tuple[Schema, ...]
    schema_files: tuple[Download, ...]


def pages(site: Site) -> Iterator[tuple[str, Context]]:
    """The page `data.md`."""
    atlas = site.atlas
    kinds: tuple[tuple[str, str, str, Iterable[tuple[str, str]]], ...] = (
        ("each", "Each network", ARCHITECTURES, ((one.id, one.name) for one in site.cards)),
        (
            "checkpoints",
            "Each checkpoint",
            CHECKPOINTS,
            ((one.checkpoint.id, one.checkpoint.name) for one in atlas.checkpoints),
        ),
        ("pairs", "Each pair", PAIRS, ((one.pair.id, one.pair.name) for one in atlas.pairs)),
        ("groups", "Each group", GROUPS, ((one.group.id, one.group.name) for one in atlas.groups)),
        (
            "maps",
            "Each map of prompts",
            EMBEDDINGS,
            ((one.id, f"{one.record.name}: {one.record.group_name}") for one in atlas.maps),
        ),
    )
    page = DataPage(
        common=site.downloads.common,
        sections=tuple(
            Section(
                anchor=anchor,
                title=title,
                results=tuple(
                    FilesOf(
                        name=name,
                        link=f"{folder}/{identity}.html",
                        files=site.downloads.own[folder][identity],
                    )
                    for identity, name in results
                ),
            )
            for anchor, title, folder, results in kinds
        ),
        schemas=schemas(*ROOTS),
        schema_files=site.downloads.schemas,
    )
    yield "data.md", page
