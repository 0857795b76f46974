"""Marks at places in pixels -> the layers of a specification, for figures with a layout made here.

The drawing program does not measure anything, so texts stand where room was found for them, in the
static and in the interactive figure.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from generator.publish.figures.figure import FAINT, HIGHLIGHT, MIDDLE, Specification
from generator.publish.figures.parts import placed

Row = Mapping[str, Any]

# Distinct from the colours of all components and groups of blocks, for colour-blind readers too.
MARKED = "#ff1e4b"

# What a key of a row sets: a channel of the encoding, or a property of the mark.
_CHANNELS: dict[str, dict[str, Any]] = {
    "x2": {"x2": {}},
    "y2": {"y2": {}},
    "text": {"text": {"type": "nominal"}},
    "colour": {"color": {"type": "nominal", "scale": None}},
    "ink": {"fillOpacity": {"type": "quantitative", "scale": None}},
    "shape": {"shape": {"type": "nominal", "scale": None}},
    "order": {"order": {"type": "quantitative"}},
    "whole": {"description": {"type": "nominal"}},
    "link": {"href": {"type": "nominal"}},
}
# How tooltips format the value of a key; other values are shown as they are.
_TIPS: dict[str, dict[str, str]] = {"share": {"type": "quantitative", "format": ".1%"}}
_PROPERTIES = ("align", "dx", "dy")
_PLACES = ("x", "y", "x2", "y2")


def paper(
    width: float,
    height: float,
    layers: Iterable[Sequence[Specification]],
    params: Sequence[Specification] = (HIGHLIGHT,),
    **more: Any,  # noqa: ANN401 -- other properties of a specification
) -> Specification:
    """A specification of that size; places are in pixels from the upper left corner."""
    return {
        "width": round(width),
        "height": round(height),
        "autosize": "none",
        "params": list(params),
        "encoding": {"x": placed("x", 0, round(width)), "y": placed("y", round(height), 0)},
        "layer": [layer for some in layers for layer in some],
        **more,
    }


def marks(
    kind: str,
    rows: Iterable[Row],
    tips: Mapping[str, str] | None = None,
    only: str = "",
    then: Sequence[Specification] = (),
    channels: Mapping[str, str] | None = None,
    at: Mapping[str, float] | None = None,
    **mark: Any,  # noqa: ANN401 -- properties of a mark
) -> list[Specification]:
    """A mark for each row, at its `x` and `y`; rows with the same keys form one layer.

    `tips`: key of a row -> the name of its value in the interactive figure's tooltip. `only`: an
    expression that filters rows. `then`: transforms of these rows. `channels`: key -> what it
    sets; by default each key sets what it is named after. `at`: places shared by all. The key
    `whole` is the hover text of the static drawing.
    """
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in rows:
        shown = {
            key: value for key, value in row.items() if value != "" or key in ("text", "short")
        }
        alike.setdefault(tuple(shown), []).append(_rounded(shown))
    transform = [*([{"filter": only}] if only else []), *then]
    return [
        _layer(
            kind,
            {key: key for key in keys} if channels is None else channels,
            some,
            tips or {},
            transform,
            at or {},
            mark,
        )
        for keys, some in alike.items()
    ]


def text(x: float, y: float, words: str, align: str = "left", **more: object) -> dict[str, Any]:
    """The row of a text whose middle line is at `y`."""
    return {"x": x, "y": y, "text": words, "align": align, **more}


def texts(rows: Iterable[Row], dy: float = 0, **mark: Any) -> list[Specification]:  # noqa: ANN401
    """Texts, each aligned as its row says, whose middle lines are `dy` below their places."""
    return marks("text", rows, dy=dy + MIDDLE, **mark)


def found_by(**places: str) -> list[Specification]:
    """Transforms that compute places, and other values, of a row from expressions."""
    return [{"calculate": expression, "as": name} for name, expression in places.items()]


def grid(lines: Iterable[tuple[float, float, float, float]]) -> list[Specification]:
    """Faint lines, each from `x, y` to `x2, y2`."""
    rows = (dict(zip(_PLACES, line, strict=True)) for line in lines)
    return marks("rule", rows, strokeOpacity=FAINT)


def image(
    address: str, left: float, top: float, right: float, bottom: float
) -> list[Specification]:
    """A picture that fills a rectangle, its pixels as cells without seams."""
    places = dict(zip(_PLACES, (left, top, right, bottom), strict=True))
    encoding = {name: {"value": round(place, 1)} for name, place in places.items()}
    # The picture is data, so a page holds it once for all its widths.
    return [
        {
            "data": {"values": [{"url": address}]},
            "mark": {"type": "image", "aspect": False, "smooth": False},
            "encoding": encoding | {"url": {"field": "url", "type": "nominal"}},
        }
    ]


def _layer(
    kind: str,
    keys: Mapping[str, str],
    rows: list[dict[str, Any]],
    tips: Mapping[str, str],
    transform: list[Specification],
    at: Mapping[str, float],
    mark: Mapping[str, Any],
) -> Specification:
    encoding: dict[str, Any] = {place: {"value": value} for place, value in at.items()}
    # Some members have no page.
    known = {key: role for key, role in keys.items() if role != "link" or key in rows[0]}
    for key, role in known.items():
        for channel, definition in _CHANNELS.get(role, {}).items():
            encoding[channel] = definition | {"field": key}
    if tips:
        encoding["tooltip"] = [
            {"field": key, "title": title} | _TIPS.get(key, {"type": "nominal"})
            for key, title in tips.items()
        ]
    properties: dict[str, Any] = {
        key: {"expr": f"datum.{key}"} for key in _PROPERTIES if key in keys
    }
    if "whole" in keys:
        properties["aria"] = True
    for place in ("x2", "y2"):
        if any(step.get("as") == place for step in transform):
            encoding[place] = {"field": place}
    return {
        "data": {"values": rows},
        **({"transform": transform} if transform else {}),
        "mark": {"type": kind, **mark, **properties},
        "encoding": encoding,
    }


def _rounded(row: Row) -> dict[str, Any]:
    return {key: round(float(value), 1) if key in _PLACES else value for key, value in row.items()}
