"""A recipe -> a bar for each block, divided by the weights of the parents.

Parents are told apart by how much ink they have, which is no colour of a block or a component.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from markupsafe import Markup

from generator.publish.figures import svg
from generator.publish.figures.groups.canvas import cut
from generator.publish.figures.groups.labels import Label
from generator.records import BlockRecipe, Recipe
from generator.text.escaping import inert

# Strength of the ink, in the order of the parents.
PARENT_INKS = (0.72, 0.38, 0.1)
ROW, BAR, BOTTOM = 20, 14, 8
LEGEND_ROW, SCALE = 20, 30


class Frame(NamedTuple):
    """Widths in pixels: of the drawing, of the names of blocks, of the weights in figures, and of
    the names of parents; and how many of these stand beside one another."""

    screen: svg.Screen
    width: int
    block: int
    figures: int
    name: int
    abreast: int


WIDE = Frame("wide", svg.WIDTH, 84, 200, 250, 3)
NARROW = Frame("narrow", svg.NARROW_WIDTH, 62, 104, 220, 1)


def recipe_bars(name: str, title: str, recipe: Recipe, labels: Mapping[str, Label]) -> Markup:
    """The drawing; `name` is unique on the page. An added difference has one bar: its weight."""
    return svg.both(
        _drawing(name, title, recipe, labels, WIDE),
        _drawing(f"{name}-narrow", title, recipe, labels, NARROW),
    )


def shown(recipe: Recipe) -> tuple[tuple[int, float], ...]:
    """The parents whose weights are bars, by place, with the strength of their ink."""
    places = (1,) if recipe.form == "add difference" else range(len(recipe.parents))
    return tuple((place, PARENT_INKS[place % len(PARENT_INKS)]) for place in places)


def _drawing(
    name: str, title: str, recipe: Recipe, labels: Mapping[str, Label], frame: Frame
) -> Markup:
    top = LEGEND_ROW * -(-len(shown(recipe)) // frame.abreast) + SCALE
    height = top + ROW * len(recipe.blocks) + BOTTOM
    parts: list[Markup | str] = [
        *_legend(recipe, labels, frame),
        *_scale(top, height, frame),
    ]
    for row, block in enumerate(recipe.blocks):
        parts += _bar(recipe, block, top + row * ROW, frame)
    description = _description(recipe, labels)
    size = svg.sized(frame.width, height)
    return svg.drawing(name, title, description, parts, screen=frame.screen, **size)


def _legend(recipe: Recipe, labels: Mapping[str, Label], frame: Frame) -> Iterator[Markup | str]:
    for number, (place, ink) in enumerate(shown(recipe)):
        label = labels[recipe.parents[place]]
        row, column = divmod(number, frame.abreast)
        x, y = frame.block + column * (frame.name + 40), row * LEGEND_ROW
        swatch = {"x": svg.length(x), "y": svg.length(y + 4), "width": "12", "height": "12"}
        yield svg.element("rect", **swatch, **_painted(ink))
        yield svg.element(
            "text",
            [svg.element("title", label.whole), inert(cut(label.text, frame.name))],
            x=svg.length(x + 18),
            y=svg.length(y + 14),
            class_="atlas-chart__member",
        )


def _painted(ink: float) -> dict[str, str]:
    return {"fill_opacity": f"{ink}", "stroke": "currentColor", "stroke_opacity": "0.8"}


def _scale(top: int, height: int, frame: Frame) -> Iterator[Markup | str]:
    yield svg.label("weights", frame.width - frame.figures + 12, top - 10, "start")
    for value in (0, 0.5, 1) if frame is NARROW else (0, 0.25, 0.5, 0.75, 1):
        x = _x(value, frame)
        yield svg.line(x, x, top - 4, height - BOTTOM)
        yield svg.label(f"{value:g}", x, top - 10, "middle")


def _bar(recipe: Recipe, block: BlockRecipe, y: float, frame: Frame) -> Iterator[Markup | str]:
    middle = y + ROW / 2
    yield svg.label(block.name, frame.block - 8, middle, "end", dominant_baseline="central")
    weights = [block.weights[place] for place, _ in shown(recipe)]
    if None in weights:
        text = "all alike"
    else:
        text = " ".join(f"{round(weight or 0, 2) + 0.0:.2f}" for weight in weights)
    start = 0.0
    for weight, (_, ink) in zip(weights, shown(recipe), strict=True):
        end = start + max(weight or 0.0, 0.0)
        left, right = _x(min(start, 1), frame), _x(min(end, 1), frame)
        if right > left:
            yield svg.element(
                "rect",
                x=svg.length(left),
                y=svg.length(middle - BAR / 2),
                width=svg.length(right - left),
                height=svg.length(BAR),
                **_painted(ink),
            )
        start = end
    x = frame.width - frame.figures + 12
    yield svg.label(text, x, middle, "start", dominant_baseline="central")


def _x(value: float, frame: Frame) -> float:
    return frame.block + value * (frame.width - frame.block - frame.figures)


def _description(recipe: Recipe, labels: Mapping[str, Label]) -> str:
    lines = []
    for block in recipe.blocks:
        weights = ", ".join(
            f"{labels[recipe.parents[place]].text} {block.weights[place]:.2f}"
            for place, _ in shown(recipe)
            if block.weights[place] is not None
        )
        lines.append(f"{block.name}: {weights or 'all are alike'}")
    return ". ".join(lines)
