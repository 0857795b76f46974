"""Points of prompts -> the map, with arrows to their places in another encoder.

The page makes the same specification interactive: `map.js` inserts the points of the encoder that a
reader chooses, and `states` says which prompts are hidden (0), faint (1) or shown (2). Labels stand
at the initial points, for the prompts that moved most.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from generator.publish.figures.figure import MIDDLE, NARROW, Figure, Specification, figure
from generator.publish.figures.maps.marks import MOST_DRAWN, Mark, marks, named, rows_drawn, shown
from generator.publish.figures.parts import ZOOM, data, frame
from generator.publish.figures.scatter import label_sides
from generator.publish.reading.maps import LoadedMap, encoder_name, space_of
from generator.text import numbers

HEIGHT, NARROW_HEIGHT = 520, 380
LEFT, TOP, RIGHT, BOTTOM = 24, 4, 4, 30
LONGEST_LABEL, LONGEST_TIP = 28, 80

Row = dict[str, Any]

_STATE = "(datum.number < length(states) ? states[datum.number] : 2)"
# One scale for both axes, around all points and the starts of their arrows.
_UNIT = "max((ends[1] - ends[0]) / width, (ends[3] - ends[2]) / height, 1e-9) / 1.84"


def _along(field: str, low: int, size: str) -> Specification:
    middle = f"(ends[{low}] + ends[{low + 1}]) / 2"
    reach = f"{_UNIT} * {size}"
    domain = {"expr": f"[{middle} - {reach}, {middle} + {reach}]"}
    scale = {"zero": False, "nice": False, "domain": domain}
    return {"field": field, "type": "quantitative", "axis": None, "scale": scale}


_START = {"x": _along("x", 0, "width"), "y": _along("y", 2, "height")}
_END = {"x": _along("x2", 0, "width"), "y": _along("y2", 2, "height")}
_TITLES: tuple[Specification, ...] = (
    {"x": {"expr": "width / 2"}, "y": {"expr": "height + 20"}},
    {"x": -12, "y": {"expr": "height / 2"}, "angle": 270},
)
# From the end of an arrow back to its start, in degrees on the screen.
_ANGLE = "atan2(datum.y - datum.y2, datum.x2 - datum.x) * 180 / PI"
_IS_MOVED = f"isValid(datum.x2) && {_STATE} === 2"


def movement_map(mapped: LoadedMap, kind: str, reference: int, moved: int | None) -> Figure:
    """Prompts on the reference's axes, with an arrow to their places in another encoder."""
    record = mapped.record
    rows = points(mapped, kind, reference, moved)
    other = encoder_name(record.encoders[moved]) if moved is not None else ""
    total, drawn = len(record.prompts), len(rows)
    few = drawn < total
    count = f"{drawn:,} of {total:,} prompts shown," if few else f"{total:,} prompts"
    title = f"{count} on the two main axes of {encoder_name(record.encoders[reference])}"
    description = (
        f"One point for each prompt shown, of {len(record.categories)} categories."
        + (f" {drawn:,} of {total:,} shown." if few else "")
        + (f" Arrows lead to the same prompts in {other}." if other else "")
    )
    explained = axis_titles(space_of(mapped, reference, kind).explained)
    labels = {
        number: numbers.shortened(shown(record.prompts[number].text), LONGEST_LABEL)
        for number in named(mapped, kind, moved)
    }
    usermeta = {"renderer": "canvas"} if few else {}
    draw = partial(_specification, rows, labels, marks(record.categories), explained, usermeta)
    return figure(f"map-{reference}-{kind}", title, description, draw)


def axis_titles(explained: tuple[float, ...]) -> list[str]:
    """The titles of the two axes, with the fractions of the variance along them."""
    first, second = (f"{100 * share:.1f} %" for share in explained)
    return [f"First axis: {first} of the variance", f"Second axis: {second}"]


def points(mapped: LoadedMap, kind: str, reference: int, moved: int | None) -> list[Row]:
    """The rows of the map: one per prompt, with its place and the place it moved to."""
    own = np.round(mapped.beside.points[reference, kind].own, 4).tolist()
    ends = (
        np.round(mapped.beside.points[moved, kind].shared, 4).tolist()
        if moved is not None
        else None
    )
    rows = []
    for number in rows_drawn(mapped, kind, moved):
        prompt = mapped.record.prompts[number]
        row = {"number": number, "category": prompt.category, "x": own[number][0]}
        row |= {"y": own[number][1], "text": numbers.shortened(shown(prompt.text), LONGEST_TIP)}
        if ends and ends[number] != own[number]:
            row |= {"x2": ends[number][0], "y2": ends[number][1]}
        rows.append(row)
    return rows


def _ends(rows: Sequence[Row]) -> list[float]:
    """Smallest and largest x, smallest and largest y."""
    found = [
        [row[name] for row in rows for name in names if name in row]
        for names in (("x", "x2"), ("y", "y2"))
    ]
    return [bound(values) for values in found for bound in (min, max)]


def _labels(
    rows: Sequence[Row], labels: Mapping[int, str], ends: Sequence[float], width: int, height: int
) -> list[Row]:
    """The labels at their points, on sides where they do not overlap; none where there is none."""
    x0, x1, y0, y1 = ends
    # The same as in `_UNIT`.
    unit = max((x1 - x0) / width, (y1 - y0) / height, 1e-9) / 0.92
    labelled = [row for row in rows if row["number"] in labels]
    places = [
        (
            width / 2 + (row["x"] - (x0 + x1) / 2) / unit,
            height / 2 - (row["y"] - (y0 + y1) / 2) / unit,
        )
        for row in labelled
    ]
    names = [labels[row["number"]] for row in labelled]
    return [
        {"number": row["number"], "x": row["x"], "y": row["y"], "label": name}
        | {"dx": side.dx, "dy": side.dy, "align": side.align}
        for row, name, side in zip(
            labelled, names, label_sides(names, places, 0, width), strict=True
        )
        if side
    ]


def _specification(
    rows: Sequence[Row],
    labels: Mapping[int, str],
    looks: Sequence[Mark],
    explained: Sequence[str],
    usermeta: Specification,
    width: int,
) -> Specification:
    height = NARROW_HEIGHT if width <= NARROW else HEIGHT
    inner = height - TOP - BOTTOM
    domain = [mark.name for mark in looks]
    colour, shape = (
        {
            "field": "category",
            "type": "nominal",
            "legend": None,
            "scale": {"domain": domain, "range": [getattr(mark, name) for mark in looks]},
        }
        for name in ("colour", "shape")
    )
    ends = _ends(rows)
    return frame(width, height, LEFT, TOP, RIGHT, BOTTOM) | {
        "usermeta": usermeta,
        "data": data(rows),
        "params": [
            {"name": "ends", "value": ends},
            {"name": "titles", "value": list(explained)},
            {"name": "states", "value": []},
            {"name": "labelled", "value": True},
            {"name": "selected", "value": -1},
        ],
        "view": {"stroke": "currentColor", "strokeOpacity": 0.16},
        "layer": [
            {
                "transform": [{"filter": _IS_MOVED}],
                "mark": {"type": "rule", "clip": True, "opacity": 0.6},
                "encoding": _START
                | {"x2": {"field": "x2"}, "y2": {"field": "y2"}, "color": colour},
            },
            {
                "transform": [{"filter": _IS_MOVED}],
                "mark": {"type": "point", "clip": True, "opacity": 0.6, "size": 4}
                | {"strokeWidth": 1, "shape": "M-6,-3L0,0L-6,3", "angle": {"expr": _ANGLE}},
                "encoding": _END | {"color": colour},
            },
            {
                "params": [ZOOM],
                "transform": [{"filter": f"{_STATE} > 0"}],
                "mark": {
                    "type": "point",
                    "aria": True,
                    "clip": True,
                    "size": {"expr": f"length(states) > {MOST_DRAWN} ? 1.44 : 4"},
                    "stroke": "currentColor",
                    "strokeWidth": 0.5,
                    "opacity": {"expr": f"{_STATE} === 2 ? 0.9 : 0.12"},
                },
                "encoding": _START
                | {
                    "fill": colour,
                    "shape": shape,
                    "description": {"field": "text"},
                },
            },
            {
                "transform": [{"filter": "datum.number === selected"}],
                "mark": {"type": "point", "clip": True, "size": 260, "strokeWidth": 2},
                "encoding": _START,
            },
            {
                "data": data(_labels(rows, labels, ends, width - LEFT - RIGHT, inner)),
                "transform": [{"filter": f"labelled && {_STATE} === 2"}],
                "mark": {"type": "text", "clip": True}
                | {name: {"expr": f"datum.{name}"} for name in ("align", "dx", "dy")},
                "encoding": _START | {"text": {"field": "label"}},
            },
            *(
                {
                    "data": data([{}]),
                    "mark": {
                        "type": "text",
                        "text": {"expr": f"titles[{number}]"},
                        "dy": MIDDLE,
                        "clip": False,
                    }
                    | place,
                }
                for number, place in enumerate(_TITLES)
            ),
        ],
    }
