"""A recipe -> a bar for each block, divided by the weights of the parents.

Parents differ in the strength of the ink, because colours stand for blocks and components.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from generator.publish.figures.figure import NARROW, WIDE, Figure, Specification, figure
from generator.publish.figures.groups.labels import Label
from generator.publish.figures.groups.rows import name
from generator.publish.figures.pixels import grid, marks, paper, text, texts
from generator.records import BlockRecipe, Recipe

# Strength of the ink, in the order of the parents.
PARENT_INKS = (0.72, 0.38, 0.1)
ROW, BAR, BOTTOM = 20, 14, 8
# Pixels of a bar that nobody could see: noise of a weight of 0.
HAIRLINE = 0.1
LEGEND_ROW, SCALE = 20, 30
TIPS = {"block": "Block", "name": "Parent", "weight": "Weight"}


class BarsFrame(NamedTuple):
    """Widths in pixels: of the drawing, of the names of blocks, of the weights as numbers, and of
    the names of parents; the number of these names in a row; and the marks of the scale."""

    width: int
    block: int
    figures: int
    name: int
    abreast: int
    marks: tuple[float, ...]

    def place(self, value: float) -> float:
        """The position of a sum of weights."""
        return self.block + value * (self.width - self.block - self.figures)


FRAMES = {
    WIDE: BarsFrame(WIDE, 84, 200, 250, 3, (0, 0.25, 0.5, 0.75, 1)),
    NARROW: BarsFrame(NARROW, 62, 104, 220, 1, (0, 0.5, 1)),
}


def recipe_bars(key: str, title: str, recipe: Recipe, labels: Mapping[str, Label]) -> Figure:
    """The figure; `key` is its name. An added difference has one bar: its weight."""
    links = any(labels[recipe.parents[place]].link for place, _ in shown(recipe))
    return figure(
        key,
        title,
        _description(recipe, labels),
        lambda width: _draw(recipe, labels, FRAMES[width]),
        links=links,
    )


def shown(recipe: Recipe) -> tuple[tuple[int, float], ...]:
    """The parents whose weights are bars, by index, with the strength of their ink."""
    places = (1,) if recipe.form == "add difference" else range(len(recipe.parents))
    return tuple((place, PARENT_INKS[place % len(PARENT_INKS)]) for place in places)


def _draw(recipe: Recipe, labels: Mapping[str, Label], frame: BarsFrame) -> Specification:
    top = LEGEND_ROW * -(-len(shown(recipe)) // frame.abreast) + SCALE
    height = top + ROW * len(recipe.blocks) + BOTTOM
    middles = [top + (row + 0.5) * ROW for row in range(len(recipe.blocks))]
    right = frame.width - frame.figures + 12
    bars: list[dict[str, Any]] = []
    words = [text(right, top - 14, "weights")]
    words += [text(frame.place(value), top - 14, f"{value:g}", "center") for value in frame.marks]
    for block, middle in zip(recipe.blocks, middles, strict=True):
        bars += _bars(recipe, block, middle, labels, frame)
        words.append(text(frame.block - 8, middle, block.name, "right"))
        words.append(text(right, middle, _weights(recipe, block)))
    swatches, names = [], []
    for number, (place, ink) in enumerate(shown(recipe)):
        row, column = divmod(number, frame.abreast)
        x, y = frame.block + column * (frame.name + 40), row * LEGEND_ROW + 10
        swatches.append({"x": x, "y": y - 6, "x2": x + 12, "y2": y + 6, "ink": ink})
        names.append(name(labels[recipe.parents[place]], x + 18, y, frame.name, "left"))
    lines = ((x, top - 4, x, height - BOTTOM) for x in map(frame.place, frame.marks))
    outlined: dict[str, Any] = {"stroke": "currentColor", "strokeOpacity": 0.8}
    return paper(
        frame.width,
        height,
        [
            grid(lines),
            marks("rect", swatches, **outlined),
            marks("rect", bars, TIPS, **outlined),
            texts(words),
            texts(names),
        ],
    )


def _bars(
    recipe: Recipe, block: BlockRecipe, middle: float, labels: Mapping[str, Label], frame: BarsFrame
) -> Iterator[dict[str, Any]]:
    """One bar for each weight that can be seen, side by side; anything beyond 1 is cut off."""
    start = 0.0
    for place, ink in shown(recipe):
        weight = block.weights[place]
        end = start + max(weight or 0.0, 0.0)
        left, right = frame.place(min(start, 1)), frame.place(min(end, 1))
        if right - left > HAIRLINE:
            label = labels[recipe.parents[place]]
            yield {
                "x": left,
                "y": middle - BAR / 2,
                "x2": right,
                "y2": middle + BAR / 2,
                "ink": ink,
                "number": label.number,
                "block": block.name,
                "name": label.text,
                "weight": f"{weight:z.2f}",
            }
        start = end


def _weights(recipe: Recipe, block: BlockRecipe) -> str:
    weights = [block.weights[place] for place, _ in shown(recipe)]
    if None in weights:
        return "all alike"
    return " ".join(f"{weight:z.2f}" for weight in weights)


def _description(recipe: Recipe, labels: Mapping[str, Label]) -> str:
    lines = []
    for block in recipe.blocks:
        weights = ", ".join(
            f"{labels[recipe.parents[place]].text} {block.weights[place]:z.2f}"
            for place, _ in shown(recipe)
            if block.weights[place] is not None
        )
        lines.append(f"{block.name}: {weights or 'all are alike'}")
    return ". ".join(lines)
