"""A drawn component and a metric -> captions of figures, static and interactive."""

import numpy as np

from generator.publish.figures.groups.distances import axis_end, reach, value_text
from generator.publish.figures.groups.drawn import Drawn
from generator.publish.figures.groups.graph_plan import GraphPlan
from generator.publish.figures.groups.heat_map import cell_size, linked_cells, tree_end
from generator.publish.figures.groups.rows import named_rows
from generator.publish.figures.groups.strip import is_even
from generator.records.arrays import Floats
from generator.text import captions as text
from generator.text import numbers
from generator.text.words import METRICS, begun, component_title


def base_words(drawn: Drawn) -> str:
    """The checkpoint from which distances are shown, and why."""
    template = text.REFERENCE if drawn.is_reference else text.CENTRAL
    return template.format(name=drawn.labels[drawn.base].text)


def map_caption(drawn: Drawn, layout: str, plan: GraphPlan) -> str:
    """The caption of a map, in either layout."""
    arranged = next(one for one in drawn.arrangement.layouts if one.name == layout)
    same = any(len(spot.members) > 1 for panel in plan.panels for spot in panel.spots)
    return _say(
        text.MAP,
        drawn,
        count=len(drawn.labels),
        meaning=text.MEANINGS[layout],
        stress=f"{arranged.stress:.3f}",
        equal=text.EQUAL if same else "",
        numbered=text.NUMBERED if plan.has_numbers else "",
    )


def clusters_captions(drawn: Drawn, metric: str, distances: Floats) -> tuple[str, str]:
    """The captions of the heat map of `distances`, M x M, wide and narrow: without room for names,
    the narrow one has no dendrogram either."""
    end, largest = reach(distances), float(np.nanmax(distances))
    ends = {"end": value_text(metric, end), "largest": value_text(metric, largest)}
    wide, narrow = (
        _say(
            text.CLUSTERS,
            drawn,
            metric=METRICS[metric],
            beside=beside,
            pairs=text.PAIRS if linked_cells(drawn, 1, 0) else "",
            beyond=text.COLOURS_END.format(**ends) if largest > end else "",
        )
        for beside in (_dendrogram(drawn), text.NUMBERS)
    )
    return wide, narrow


def _dendrogram(drawn: Drawn) -> str:
    """The dendrogram in words, and how to identify rows without room for a name."""
    count, end = len(drawn.labels), tree_end(drawn)
    far = any(merge.height > end for merge in drawn.arrangement.merges)
    named = len(named_rows(count, cell_size(count)))
    return text.DENDROGRAM.format(
        dotted=text.DOTTED.format(end=numbers.significant(end)) if far else "",
        unnamed=text.UNNAMED.format(named=named, count=count) if named < count else "",
    )


def distances_caption(drawn: Drawn, metric: str, distances: Floats) -> str:
    """The caption of the `distances`, M, from the base."""
    end, largest = axis_end(distances), float(np.nanmax(distances))
    beyond = text.AXIS_END.format(largest=value_text(metric, largest)) if largest > end else ""
    return _say(text.DISTANCES, drawn, metric=METRICS[metric], beyond=beyond)


def strips_caption(drawn: Drawn) -> str:
    """The caption of the bars and strips of blocks."""
    spread = text.EVEN + text.BLANK if is_even(drawn) else text.UNEVEN
    return _say(text.BLOCKS, drawn, spread=spread)


def _say(template: str, drawn: Drawn, **values: object) -> str:
    return template.format(
        title=begun(component_title(drawn.name)),
        base=base_words(drawn),
        # Members that `comparable_members` leaves out.
        missing=text.missing_text([label.text for label in drawn.missing]),
        **values,
    )
