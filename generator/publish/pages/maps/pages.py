"""Maps of prompts -> the contexts of their pages."""

from collections.abc import Iterator, Sequence

from generator.publish.downloads import Download
from generator.publish.figures.maps.charts import marks, shown
from generator.publish.figures.maps.heat_maps import MOST_CATEGORIES
from generator.publish.pages.context import Context
from generator.publish.pages.maps.contexts import (
    MapCard,
    MapIndex,
    MapPage,
    MapRow,
    PromptRow,
    ReferenceView,
    Toys,
)
from generator.publish.pages.maps.views import main_view, reference_views
from generator.publish.pages.site import Site
from generator.publish.reading.maps import (
    EMBEDDINGS,
    Mapped,
    encoder_name,
    farthest,
    is_toy,
    likeness,
)
from generator.publish.tables.maps import LIKENESS_COLUMNS
from generator.publish.tables.table import table
from generator.records import EncoderSpace

# A table of more prompts would not be looked through.
MOST_ROWS = 500
NAMED = 3


def pages(site: Site) -> Iterator[tuple[str, Context]]:
    """The index and one page per map."""
    yield f"{EMBEDDINGS}/index.md", MapIndex(cards=tuple(map(_card, site.atlas.maps)))
    for mapped in site.atlas.maps:
        files = site.downloads.own[EMBEDDINGS][mapped.id]
        yield f"{EMBEDDINGS}/{mapped.id}.md", _page(mapped, files)


def _card(mapped: Mapped) -> MapCard:
    record = mapped.record
    kind = record.kinds[0].id
    found = (farthest(mapped, reference, kind) for reference in record.references)
    moved = max(
        (mapped.space(each, kind) for each in found if each is not None),
        key=lambda space: space.moved_mean,
        default=None,
    )
    return MapCard(
        id=record.id,
        name=record.name,
        group=record.group_name,
        prompts=len(record.prompts),
        encoders=len(record.encoders),
        checkpoints=_checkpoints(mapped),
        moved=encoder_name(record.encoders[moved.encoder]) if moved else "",
        moved_mean=moved.moved_mean if moved else 0.0,
    )


def _page(mapped: Mapped, downloads: tuple[Download, ...]) -> MapPage:
    record = mapped.record
    kind = record.kinds[0]
    views = reference_views(mapped)
    main = main_view(views)
    return MapPage(
        map=record,
        card=_card(mapped),
        toys=_toys(mapped),
        views=views,
        main=main,
        shown_encoder=main.farthest.encoder if main.farthest else main.encoder,
        kind=kind,
        marks=marks(record.categories),
        rows=tuple(_row(mapped, each) for each in record.spaces if each.kind == kind.id),
        pairs=table(LIKENESS_COLUMNS, record.likenesses, record),
        most_categories=MOST_CATEGORIES,
        silhouettes=_silhouettes(mapped),
        cut=sum(max(prompt.tokens) > 77 for prompt in record.prompts),
        prompts=_prompts(mapped, views),
        downloads=downloads,
    )


def _toys(mapped: Mapped) -> Toys | None:
    """The encoders that nobody can have trained; None if all may be."""
    encoders = mapped.record.encoders
    toys = [encoder for encoder in encoders if is_toy(encoder)]
    if not toys:
        return None
    return Toys(
        all=len(toys) == len(encoders),
        names=tuple(map(encoder_name, toys)),
        sizes={
            width: tuple(dict.fromkeys(toy.released_width for toy in toys if toy.width == width))
            for width in dict.fromkeys(toy.width for toy in toys)
        },
    )


def _checkpoints(mapped: Mapped) -> int:
    members = (member for encoder in mapped.record.encoders for member in encoder.members)
    return len({member.checkpoint for member in members})


def _row(mapped: Mapped, space: EncoderSpace) -> MapRow:
    record = mapped.record
    encoder = record.encoders[space.encoder]
    alike = likeness(mapped, space)
    return MapRow(
        name=encoder_name(encoder),
        members=encoder.members,
        is_reference=encoder.reference == space.encoder,
        reference=encoder_name(record.encoders[encoder.reference]),
        label=encoder.label,
        layers=encoder.layers,
        width=encoder.width,
        space=space,
        cka=alike.cka if alike else None,
        procrustes=alike.procrustes if alike else None,
        most_moved=tuple(shown(record.prompts[each].text) for each in space.most_moved[:NAMED]),
    )


def _silhouettes(mapped: Mapped) -> dict[str, tuple[float, ...]]:
    """Category -> its silhouette in each reference."""
    record = mapped.record
    found = [
        mapped.space(reference, record.kinds[0].id).silhouettes for reference in record.references
    ]
    return {name: tuple(each[name] for each in found) for name in found[0]}


def _prompts(mapped: Mapped, views: Sequence[ReferenceView]) -> tuple[PromptRow, ...]:
    """The first prompts with their neighbours in each reference, and how far they moved from it."""
    record = mapped.record
    kind = record.kinds[0].id
    near = [mapped.points[view.encoder, kind].neighbours for view in views]
    apart = [
        mapped.points[view.farthest.encoder, kind].moved if view.farthest else None
        for view in views
    ]
    return tuple(
        PromptRow(
            text=shown(prompt.text),
            category=prompt.category,
            tokens=tuple(sorted(set(prompt.tokens))),
            neighbours=tuple(
                tuple(shown(record.prompts[other].text) for other in each[row]) for each in near
            ),
            moved=tuple(float(each[row]) if each is not None else None for each in apart),
        )
        for row, prompt in enumerate(record.prompts[:MOST_ROWS])
    )
