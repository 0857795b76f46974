"""Marks at places in pixels -> the layers of a specification, for figures that are laid out here.

Nothing is measured by the program that draws, so texts stand where they were found room for, in
the static and in the interactive figure.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from generator.publish.figures.figure import FAINT, Specification

Row = Mapping[str, Any]

# No component or group of blocks has this colour, to any reader.
MARKED = "#ff1e4b"
# The number of the member that a reader highlighted, 0 for none.
HIGHLIGHT = {"name": "highlight", "value": 0}
IS_MARKED = "datum.number === highlight"

# What a key of a row sets: a channel of the encoding, or a property of the mark.
_CHANNELS: dict[str, dict[str, Any]] = {
    "x2": {"x2": {"field": "x2"}},
    "y2": {"y2": {"field": "y2"}},
    "text": {"text": {"field": "text", "type": "nominal"}},
    "colour": {"color": {"field": "colour", "type": "nominal", "scale": None}},
    "ink": {"fillOpacity": {"field": "ink", "type": "quantitative", "scale": None}},
    "shape": {"shape": {"field": "shape", "type": "nominal", "scale": None}},
    "row": {"order": {"field": "row", "type": "quantitative"}},
    "whole": {"description": {"field": "whole", "type": "nominal"}},
    "link": {"href": {"field": "link", "type": "nominal"}},
}
# How the interactive figure tells the value of a key; else as it is.
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
    """A specification of that size whose places are pixels from the upper left corner."""
    return {
        "width": round(width),
        "height": round(height),
        "autosize": "none",
        "params": list(params),
        "encoding": {"x": _place("x", [0, round(width)]), "y": _place("y", [round(height), 0])},
        "layer": [layer for some in layers for layer in some],
        **more,
    }


def marks(
    kind: str,
    rows: Iterable[Row],
    tips: Mapping[str, str] | None = None,
    only: str = "",
    then: Sequence[Specification] = (),
    **mark: Any,  # noqa: ANN401 -- properties of a mark
) -> list[Specification]:
    """A mark for each row, at its `x` and `y`; rows with the same keys are one layer.

    `tips`: key of a row -> the name under which the interactive figure tells its value. `only`: an
    expression that chooses rows. `then`: transforms of those. The key `whole` is what hovering
    tells in the static drawing.
    """
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in rows:
        shown = {key: value for key, value in row.items() if value != "" or key == "text"}
        alike.setdefault(tuple(shown), []).append(_rounded(shown))
    transform = [*([{"filter": only}] if only else []), *then]
    return [_layer(kind, keys, some, tips or {}, transform, mark) for keys, some in alike.items()]


def text(x: float, y: float, words: str, align: str = "left", **more: object) -> dict[str, Any]:
    """The row of a text whose middle line is at `y`."""
    return {"x": x, "y": y, "text": words, "align": align, **more}


def texts(rows: Iterable[Row], **mark: Any) -> list[Specification]:  # noqa: ANN401
    """Texts, each aligned as its row says."""
    return marks("text", rows, **{"baseline": "middle", **mark})


def grid(lines: Iterable[tuple[float, float, float, float]]) -> list[Specification]:
    """Faint lines, each from `x, y` to `x2, y2`."""
    rows = (dict(zip(_PLACES, line, strict=True)) for line in lines)
    return marks("rule", rows, opacity=FAINT)


def image(
    address: str, left: float, top: float, right: float, bottom: float
) -> list[Specification]:
    """A picture that fills a rectangle, its pixels as cells without seams."""
    row = {"x": left, "y": top, "x2": right, "y2": bottom}
    return marks("image", [row], url=address, aspect=False, smooth=False)


def _layer(
    kind: str,
    keys: Iterable[str],
    rows: list[dict[str, Any]],
    tips: Mapping[str, str],
    transform: list[Specification],
    mark: Mapping[str, Any],
) -> Specification:
    encoding: dict[str, Any] = {}
    for key in keys:
        encoding |= _CHANNELS.get(key, {})
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
            encoding |= _CHANNELS[place]
    return {
        "data": {"values": rows},
        **({"transform": transform} if transform else {}),
        "mark": {"type": kind, **properties, **mark},
        "encoding": encoding,
    }


def _place(field: str, domain: list[int]) -> Specification:
    scale = {"domain": domain, "nice": False, "zero": False}
    return {"field": field, "type": "quantitative", "scale": scale, "axis": None}


def _rounded(row: Row) -> dict[str, Any]:
    return {key: round(float(value), 1) if key in _PLACES else value for key, value in row.items()}
