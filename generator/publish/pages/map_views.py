"""A map and one of its references -> figures of the encoders compared with it."""

from collections.abc import Iterator, Sequence

import numpy as np

from generator.publish.figures.figure import Figure
from generator.publish.figures.maps.distances import (
    MOST_CATEGORIES,
    category_distances,
    category_means,
    prompt_distances,
    tinted_png,
)
from generator.publish.figures.maps.marks import rows_drawn, shown
from generator.publish.figures.maps.movement import movement_map
from generator.publish.figures.maps.scripts import script_files
from generator.publish.reading.maps import (
    EMBEDDINGS,
    METRICS,
    LoadedMap,
    encoder_name,
    farthest,
    main_distances,
    related,
    space_of,
    unrelated,
)
from generator.records import EncoderSpace, Record
from generator.records.arrays import Floats
from generator.text.words import network_label


class MetricFigures(Record):
    """Distances by one metric: all pairs of prompts, and means by category.

    `pairs` has a pixel per pair; `means` is None if there are too many categories.
    """

    metric: str
    pairs: Figure
    means: Figure | None


class ReferenceView(Record):
    """One reference (encoder number `encoder`), and the encoders compared with it.

    `holders` counts the places that hold it. `related` counts the encoders compared with it,
    without the `unrelated` ones. `farthest` is the related encoder that moved most; None if none
    moved. `drawn` counts the points in the figure.
    """

    encoder: int
    name: str
    label: str
    holders: int
    related: int
    unrelated: tuple[str, ...]
    farthest: EncoderSpace | None
    farthest_name: str
    farthest_prompt: str
    figure: Figure
    drawn: int
    metrics: tuple[MetricFigures, ...]


def reference_views(mapped: LoadedMap) -> tuple[ReferenceView, ...]:
    """A view of each reference, in encoder order."""
    return tuple(_view(mapped, number) for number in mapped.record.references)


def main_view(views: tuple[ReferenceView, ...]) -> ReferenceView:
    """The view with the encoder that moved most; the first view if none moved."""
    return max(views, key=lambda view: view.farthest.moved_mean if view.farthest else 0.0)


def _view(mapped: LoadedMap, reference: int) -> ReferenceView:
    record = mapped.record
    kind = record.kinds[0]
    encoder = record.encoders[reference]
    moved = farthest(mapped, reference, kind)
    space = space_of(mapped, moved, kind) if moved is not None else None
    return ReferenceView(
        encoder=reference,
        name=encoder_name(encoder),
        label=network_label(encoder.network),
        holders=len(encoder.members),
        related=len(related(mapped, reference, kind)),
        unrelated=tuple(
            encoder_name(record.encoders[each]) for each in unrelated(mapped, reference, kind)
        ),
        farthest=space,
        farthest_name=encoder_name(record.encoders[moved]) if moved is not None else "",
        farthest_prompt=shown(record.prompts[space.most_moved[0]].text) if space else "",
        figure=movement_map(mapped, kind, reference, moved),
        drawn=len(rows_drawn(mapped, kind, moved)),
        metrics=tuple(_metrics(mapped, reference)),
    )


def _metrics(mapped: LoadedMap, reference: int) -> Iterator[MetricFigures]:
    """The distances between prompts in a reference, by metric; empty if not stored."""
    if reference not in main_distances(mapped):
        return
    squares = main_distances(mapped)[reference]
    labels = [prompt.category for prompt in mapped.record.prompts]
    order = by_category(mapped)
    for metric in METRICS:
        square = getattr(squares, metric)
        names, means = category_distances(square, labels)
        title = f"Mean {metric} distance of categories"
        yield MetricFigures(
            metric=metric,
            means=category_means(f"means-{reference}-{metric}", title, names, means)
            if len(names) <= MOST_CATEGORIES
            else None,
            pairs=prompt_distances(
                f"pairs-{reference}-{metric}",
                f"{metric.capitalize()} distances of all pairs of prompts",
                image_address(mapped, reference, metric),
                [labels[row] for row in order],
                extremes(square),
            ),
        )


def image_address(mapped: LoadedMap, reference: int, metric: str) -> str:
    """Path of the image of all distances, relative to the page."""
    return f"{mapped.id}/{reference}.{metric}.png"


def by_category(mapped: LoadedMap) -> list[int]:
    """Prompt numbers sorted by category, stable."""
    prompts = mapped.record.prompts
    place = {name: number for number, name in enumerate(mapped.record.categories)}
    return sorted(range(len(prompts)), key=lambda row: place[prompts[row].category])


def extremes(square: Floats) -> tuple[float, float]:
    """The smallest and the largest distance between two different prompts."""
    apart = square[np.triu_indices(len(square), 1)]
    return float(apart.min()), float(apart.max())


def page_assets(maps: Sequence[LoadedMap]) -> dict[str, bytes]:
    """The point scripts and distance images of all maps."""
    return {
        path: content
        for mapped in maps
        for path, content in (script_files(mapped) | _images(mapped)).items()
    }


def _images(mapped: LoadedMap) -> dict[str, bytes]:
    """For each reference, one pixel per pair of prompts, sorted by category."""
    order = by_category(mapped)
    images = {}
    for number, squares in main_distances(mapped).items():
        for metric in METRICS:
            square = getattr(squares, metric)
            image = tinted_png(square[np.ix_(order, order)], *extremes(square))
            images[f"{EMBEDDINGS.name}/{image_address(mapped, number, metric)}"] = image
    return images
