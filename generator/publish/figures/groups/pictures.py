"""Components of a group -> the figures of its page, for each metric, with their captions."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from generator.publish.figures.figure import Figure, figure
from generator.publish.figures.groups.captions import (
    base_words,
    clusters_caption,
    dendrogram_beside,
    distances_caption,
    map_caption,
    numbers_beside,
    strips_caption,
)
from generator.publish.figures.groups.graph import graph
from generator.publish.figures.groups.heat_map import heat_map
from generator.publish.figures.groups.line import line_plot
from generator.publish.figures.groups.prepared import Planned, Prepared
from generator.publish.figures.groups.strip import block_strips, profiled
from generator.records import ComponentDistances, Record
from generator.records.arrays import Floats
from generator.text import numbers
from generator.text.captions import ALWAYS_L2, MEANINGS
from generator.text.words import METRICS, component_title

# The metric of the static drawings, and of all arrangements.
SHOWN = "l2"


class PictureSection(Record, frozen=True, kw_only=True):
    """The figures that answer one question, for each component and metric; secondary ones are
    `folded`."""

    key: str
    title: str
    question: str
    folded: bool
    figures: tuple[Figure, ...]

    @property
    def shown(self) -> tuple[Figure, ...]:
        """The figures shown without scripts: one per component."""
        first = {one.choice["component"]: one for one in reversed(self.figures)}
        return tuple(one for one in self.figures if first[one.choice["component"]] is one)


def sections(prepared: Prepared) -> Iterator[PictureSection]:
    """Sections of the page, each with a figure of every component that has one."""
    many = [one for one in prepared.planned if one.has_distances]
    reference = bool(many) and many[0].drawn.is_reference
    chosen: dict[str, tuple[str, str, _Make]] = {
        "map": ("Map", "Which checkpoints are near each other?", _map),
        "spectral": ("Spectral layout", "Which are loosely joined?", _map),
        "clusters": ("Clusters", "Which belong together?", _clusters),
        "distances": (
            "Distances from the reference" if reference else "Distances from the middle",
            "How far is each one?",
            _distances,
        ),
        "blocks": ("Blocks", "Which blocks were changed?", _blocks),
    }
    for key, (title, question, make) in chosen.items():
        figures = tuple(one for planned in prepared.planned for one in make(prepared, planned, key))
        if figures:
            yield PictureSection(
                key=key, title=title, question=question, folded=key == "spectral", figures=figures
            )


_Make = Callable[[Prepared, Planned, str], Iterator[Figure]]


def _map(prepared: Prepared, planned: Planned, key: str) -> Iterator[Figure]:
    if not planned.has_distances:
        return
    drawn, layout = planned.drawn, "stress" if key == "map" else key
    wide, narrow = planned.plans[layout], planned.narrow_plans[layout]
    title, count = component_title(drawn.name), len(drawn.labels)
    yield Figure(
        name=f"{key}-{drawn.name}",
        title=f"Map of {count} checkpoints by their {title}",
        description=f"{count} points and the minimum spanning tree. {MEANINGS[layout]}",
        wide=graph(drawn, wide),
        narrow=graph(drawn, narrow),
        captions=(map_caption(drawn, layout, wide), map_caption(drawn, layout, narrow)),
        remarks=_always_l2(prepared),
        **_common(planned, key),
    )


def _clusters(prepared: Prepared, planned: Planned, key: str) -> Iterator[Figure]:
    if not planned.has_distances:
        return
    drawn = planned.drawn
    title, count = component_title(drawn.name), len(drawn.labels)
    for metric in prepared.group.metrics:
        square = _square(prepared, planned, metric)
        yield figure(
            f"{key}-{drawn.name}",
            f"Distances of {count} checkpoints in their {title}",
            f"Heat map of {count} by {count} {METRICS[metric]}s, from 0 to "
            f"{numbers.significant(float(np.nanmax(square)))}, in the order of the dendrogram of "
            "average linkage.",
            partial(heat_map, drawn, metric, square),
            captions=(
                clusters_caption(drawn, metric, square, dendrogram_beside),
                clusters_caption(drawn, metric, square, numbers_beside),
            ),
            **_common(planned, key, metric),
        )


def _distances(prepared: Prepared, planned: Planned, key: str) -> Iterator[Figure]:
    if not planned.has_distances:
        return
    drawn = planned.drawn
    base = drawn.labels[drawn.base]
    for metric in prepared.group.metrics:
        distances = _square(prepared, planned, metric)[drawn.base]
        common = _common(planned, key, metric)
        common["absent"][base.number] = f"{base.text} is where distances begin."
        yield figure(
            f"{key}-{drawn.name}",
            f"Distances of the {component_title(drawn.name)} from one checkpoint",
            f"{METRICS[metric]} of {len(drawn.labels) - 1} checkpoints from {base_words(drawn)}.",
            partial(line_plot, drawn, metric, distances),
            captions=(distances_caption(drawn, metric, distances),) * 2,
            **common,
        )


def _blocks(prepared: Prepared, planned: Planned, key: str) -> Iterator[Figure]:
    if not planned.has_blocks:
        return
    drawn = planned.drawn
    yield figure(
        f"{key}-{drawn.name}",
        f"Blocks of the {component_title(drawn.name)} that carry the distance",
        f"Shares of {len(drawn.blocks.names)} blocks in the squared L2 distance of "
        f"{len(profiled(drawn))} checkpoints from {base_words(drawn)}, against their shares of the "
        "parameters.",
        partial(block_strips, drawn),
        captions=(strips_caption(drawn),) * 2,
        remarks=_always_l2(prepared),
        **_common(planned, key),
    )


def _common(planned: Planned, key: str, metric: str = "") -> dict[str, Any]:
    """The fields shared by the figures of one component, or of one component and `metric`."""
    drawn = planned.drawn
    title = component_title(drawn.name)
    return {
        "place": key,
        "choice": {"component": drawn.name} | ({"metric": metric} if metric else {}),
        "links": any(label.link for label in drawn.labels),
        "absent": {
            label.number: f"{label.text} is not drawn by its {title}." for label in drawn.missing
        },
    }


def _always_l2(prepared: Prepared) -> dict[str, str]:
    return {metric: ALWAYS_L2 for metric in prepared.group.metrics if metric != SHOWN}


def _square(prepared: Prepared, planned: Planned, metric: str) -> Floats:
    """The distances of the drawn members, M x M, NaN if two cannot be compared; cosine as 1 -
    cosine, so that near is small."""
    distances: ComponentDistances = prepared.matrix.components[planned.drawn.name]
    square = np.array(getattr(distances, metric), dtype=np.float64)
    members = np.ix_(*[planned.drawn.arrangement.members] * 2)
    return (1 - square if metric == "cosine" else square)[members]
