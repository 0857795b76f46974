"""A recipe -> a bar for each block, divided by the weights of the parents."""

from collections.abc import Iterator, Mapping

from markupsafe import Markup

from generator.publish import svg
from generator.publish.escaping import inert
from generator.publish.groups.canvas import cut
from generator.publish.groups.labels import Label
from generator.records import BlockRecipe, Recipe

# Okabe and Ito's, in the order of the parents.
PARENT_COLOURS = ("#0072b2", "#d55e00", "#009e73")
TOP, ROW, BAR, BOTTOM = 50, 20, 14, 8
BLOCK_WIDTH, FIGURES_WIDTH = 84, 200
NAME_WIDTH = 250


def recipe_bars(name: str, title: str, recipe: Recipe, labels: Mapping[str, Label]) -> Markup:
    """The drawing; `name` is unique on the page. An added difference has one bar: its weight."""
    height = TOP + ROW * len(recipe.blocks) + BOTTOM
    parts: list[Markup | str] = [*_legend(recipe, labels), *_scale(height)]
    for row, block in enumerate(recipe.blocks):
        parts += _bar(recipe, block, TOP + row * ROW)
    return svg.drawing(
        name, title, _description(recipe, labels), parts, **svg.sized(svg.WIDTH, height)
    )


def shown(recipe: Recipe) -> tuple[tuple[int, str], ...]:
    """The parents whose weights are bars, by place, with their colours."""
    places = (1,) if recipe.form == "add difference" else range(len(recipe.parents))
    return tuple((place, PARENT_COLOURS[place % len(PARENT_COLOURS)]) for place in places)


def _legend(recipe: Recipe, labels: Mapping[str, Label]) -> Iterator[Markup | str]:
    for number, (place, colour) in enumerate(shown(recipe)):
        label = labels[recipe.parents[place]]
        x = BLOCK_WIDTH + number * (NAME_WIDTH + 40)
        swatch = {"x": svg.length(x), "y": "4", "width": "12", "height": "12"}
        yield svg.element("rect", **swatch, fill=colour, fill_opacity="0.55")
        yield svg.element(
            "text",
            [svg.element("title", label.whole), inert(cut(label.text, NAME_WIDTH))],
            x=svg.length(x + 18),
            y="14",
            class_="atlas-chart__member",
        )
    yield svg.label("weights", svg.WIDTH - FIGURES_WIDTH + 12, TOP - 10, "start")


def _scale(height: float) -> Iterator[Markup | str]:
    for value in (0, 0.25, 0.5, 0.75, 1):
        x = _x(value)
        yield svg.line(x, x, TOP - 4, height - BOTTOM)
        yield svg.label(f"{value:g}", x, TOP - 10, "middle")


def _bar(recipe: Recipe, block: BlockRecipe, y: float) -> Iterator[Markup | str]:
    middle = y + ROW / 2
    yield svg.label(block.name, BLOCK_WIDTH - 8, middle, "end", dominant_baseline="central")
    weights = [block.weights[place] for place, _ in shown(recipe)]
    if None in weights:
        text = "the parents do not differ"
    else:
        text = " ".join(f"{round(weight or 0, 2) + 0.0:.2f}" for weight in weights)
    start = 0.0
    for weight, (_, colour) in zip(weights, shown(recipe), strict=True):
        end = start + max(weight or 0.0, 0.0)
        left, right = _x(min(start, 1)), _x(min(end, 1))
        if right > left:
            yield svg.element(
                "rect",
                x=svg.length(left),
                y=svg.length(middle - BAR / 2),
                width=svg.length(right - left),
                height=svg.length(BAR),
                fill=colour,
                fill_opacity="0.55",
                stroke=colour,
            )
        start = end
    x = svg.WIDTH - FIGURES_WIDTH + 12
    yield svg.label(text, x, middle, "start", dominant_baseline="central")


def _x(value: float) -> float:
    return BLOCK_WIDTH + value * (svg.WIDTH - BLOCK_WIDTH - FIGURES_WIDTH)


def _description(recipe: Recipe, labels: Mapping[str, Label]) -> str:
    lines = []
    for block in recipe.blocks:
        weights = ", ".join(
            f"{labels[recipe.parents[place]].text} {block.weights[place]:.2f}"
            for place, _ in shown(recipe)
            if block.weights[place] is not None
        )
        lines.append(f"{block.name}: {weights or 'the parents do not differ'}")
    return ". ".join(lines)
