"""Components of a group -> the figures of its page, for each metric, with their captions."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from generator.publish.figures.figure import Figure, figure
from generator.publish.figures.groups import captions
from generator.publish.figures.groups.drawn import Drawn
from generator.publish.figures.groups.graph import graph
from generator.publish.figures.groups.graph_plan import NARROW, WIDE, plan_graph
from generator.publish.figures.groups.heat_map import heat_map
from generator.publish.figures.groups.line import line_plot
from generator.publish.figures.groups.prepared import Prepared
from generator.publish.figures.groups.strip import block_strips
from generator.records import ComponentDistances, Record
from generator.records.arrays import Floats
from generator.text import captions as text
from generator.text import numbers
from generator.text.words import METRICS, component_title

# The metric of the static drawings, and of all arrangements.
SHOWN = "l2"
# The sections before the merges.
LEADING = ("map", "clusters")


class PictureSection(Record):
    """The figures that answer one question, for each component and metric. Those that a reader asks
    first `leads`; secondary ones are `folded`."""

    key: str
    title: str
    question: str
    leads: bool
    folded: bool
    figures: tuple[Figure, ...]

    @property
    def still(self) -> tuple[Figure, ...]:
        """The figures drawn for readers without scripts: one per component."""
        first = {one.choice["component"]: one for one in reversed(self.figures)}
        return tuple(one for one in self.figures if first[one.choice["component"]] is one)

    @property
    def shown(self) -> tuple[Figure, ...]:
        """Those of them that are in the page."""
        return () if self.folded else self.still[:1]

    @property
    def linked(self) -> tuple[Figure, ...]:
        """Those of them that the page links to."""
        return self.still[len(self.shown) :]


def sections(prepared: Prepared) -> Iterator[PictureSection]:
    """Sections of the page, each with a figure of every component that has one."""
    many = [one for one in prepared.differing if one.has_distances]
    has_reference = bool(many) and many[0].is_reference
    for key, make in FIGURES.items():
        figures = tuple(one for drawn in prepared.differing for one in make(prepared, drawn, key))
        title, question = text.SECTIONS[key]
        if key == "distances" and has_reference:
            title = text.FROM_REFERENCE
        if figures:
            yield PictureSection(
                key=key,
                title=title,
                question=question,
                leads=key in LEADING,
                folded=key == "spectral" or (key == "distances" and prepared.is_large),
                figures=figures,
            )


def _map(prepared: Prepared, drawn: Drawn, key: str) -> Iterator[Figure]:
    if drawn.has_distances:
        layout = "stress" if key == "map" else key
        wide, narrow = (plan_graph(drawn, layout, frame) for frame in (WIDE, NARROW))
        said = text.MEANINGS[layout]
        yield Figure(
            wide=graph(drawn, wide),
            narrow=graph(drawn, narrow),
            captions=(
                captions.map_caption(drawn, layout, wide),
                captions.map_caption(drawn, layout, narrow),
            ),
            remarks=_always_l2(prepared),
            **_common(drawn, key, meaning=said),
        )


def _clusters(prepared: Prepared, drawn: Drawn, key: str) -> Iterator[Figure]:
    for metric in prepared.group.metrics if drawn.has_distances else ():
        square = _square(prepared, drawn, metric)
        largest = numbers.significant(float(np.nanmax(square)))
        yield figure(
            draw=partial(heat_map, drawn, metric, square),
            captions=captions.clusters_captions(drawn, metric, square),
            **_common(drawn, key, metric, largest=largest),
        )


def _distances(prepared: Prepared, drawn: Drawn, key: str) -> Iterator[Figure]:
    base = drawn.labels[drawn.base]
    for metric in prepared.group.metrics if drawn.has_distances else ():
        distances = _square(prepared, drawn, metric)[drawn.base]
        common = _common(drawn, key, metric)
        common["absent"][base.number] = text.IS_BASE.format(name=base.text)
        yield figure(
            draw=partial(line_plot, drawn, metric, distances),
            captions=(captions.distances_caption(drawn, metric, distances),) * 2,
            **common,
        )


def _blocks(prepared: Prepared, drawn: Drawn, key: str) -> Iterator[Figure]:
    if drawn.has_blocks:
        yield figure(
            draw=partial(block_strips, drawn),
            captions=(captions.strips_caption(drawn),) * 2,
            remarks=_always_l2(prepared),
            **_common(drawn, key),
        )


# What makes the figures of a section, by its key, in the order of the page.
FIGURES: dict[str, Callable[[Prepared, Drawn, str], Iterator[Figure]]] = {
    "map": _map,
    "clusters": _clusters,
    "distances": _distances,
    "blocks": _blocks,
    "spectral": _map,
}


def _common(drawn: Drawn, key: str, metric: str = "", **values: str) -> dict[str, Any]:
    """The fields shared by the figures of one component, or of one component and `metric`."""
    component = component_title(drawn.name)
    title, description = (
        template.format(
            count=len(drawn.labels),
            others=len(drawn.labels) - 1,
            changed=len(drawn.profiled),
            blocks=len(drawn.blocks.names),
            component=component,
            metric=METRICS.get(metric, ""),
            base=captions.base_words(drawn),
            **values,
        )
        for template in text.TITLES[key]
    )
    return {
        "name": f"{key}-{drawn.name}",
        "title": title,
        "description": description,
        "place": key,
        "choice": {"component": drawn.name} | ({"metric": metric} if metric else {}),
        "links": any(label.link for label in drawn.labels),
        "absent": {
            label.number: text.NOT_DRAWN.format(name=label.text, component=component)
            for label in drawn.missing
        },
    }


def _always_l2(prepared: Prepared) -> dict[str, str]:
    return {metric: text.ALWAYS_L2 for metric in prepared.group.metrics if metric != SHOWN}


def _square(prepared: Prepared, drawn: Drawn, metric: str) -> Floats:
    """The distances of the drawn members, M x M, NaN if two cannot be compared; cosine as 1 -
    cosine, so that near is small."""
    distances: ComponentDistances = prepared.matrix.components[drawn.name]
    square = np.array(getattr(distances, metric), dtype=np.float64)
    members = np.ix_(*[drawn.arrangement.members] * 2)
    return (1 - square if metric == "cosine" else square)[members]
