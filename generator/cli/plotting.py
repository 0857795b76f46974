"""Results of the verbs -> figures, for `--plot`."""

import importlib
from pathlib import Path
from typing import TYPE_CHECKING

import click

from generator.cli.options import writable
from generator.cli.terminal import say
from generator.errors import MissingExtra
from generator.records import Comparison, FamilyLineage, Matrix, NamedRecipe
from generator.text.plots import letters_in_numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from matplotlib.figure import Figure

    from generator.vram.answer import Prediction
    from generator.vram.setup import Setup

# The component that figures of one component show, where there is one.
SHOWN = "denoiser"


def _checked(context: click.Context, option: click.Parameter, path: Path | None) -> Path | None:
    if path is not None:
        from generator.plots.formats import check_suffix

        check_suffix(path)
        try:
            importlib.import_module("generator.plots.style")
        except ModuleNotFoundError as error:
            raise MissingExtra("--plot", "plots") from error
    return writable(context, option, path)


plot_option = click.option(
    "--plot",
    type=click.Path(path_type=Path, dir_okay=False),
    callback=_checked,
    help="Write a figure: FILE.png, .pdf or .svg.",
    metavar="FILE",
)


def write_plot(
    path: Path | None, names: "Iterable[str]", make: "Callable[[], Figure | None]"
) -> None:
    """Write what `make` draws to `path`, if it is given; say so if there is nothing to draw, or if
    `names` in it have letters that cannot be drawn.

    Raises:
        CannotWrite: it cannot be written there.
    """
    if path is None:
        return
    from generator.plots.style import missing_letters, styled, write_figure

    with styled():
        figure = make()
        if figure is None:
            say(f"no figure in {path}: nothing differs, or nothing can be compared")
        else:
            write_figure(figure, path)
            if letters := missing_letters(names):
                say(letters_in_numbers(letters))


def memory_figure(setup: "Setup", found: "Prediction") -> "Figure":
    """What is on the GPU in each stage of a pipeline."""
    from generator.plots.memory import stages_over_time

    return stages_over_time(found, setup.name, has_size=bool(setup.defaults.width))


def comparison_figure(comparison: Comparison) -> "Figure | None":
    """What changed, by block; None if nothing differs."""
    from generator.plots.blocks import change_by_block

    return change_by_block(comparison)


def recipe_figure(recipe: NamedRecipe) -> "Figure":
    """The weights of the parents, by block."""
    from generator.plots.blocks import weights_by_block

    return weights_by_block(recipe)


def matrix_figure(matrix: Matrix) -> "Figure | None":
    """The heat map of the denoisers, else of the first component in which members differ."""
    import numpy as np

    from generator.analysis.arrangement.comparable import comparable_members
    from generator.analysis.arrangement.trees import clusters
    from generator.plots.heat_map import heat_map

    for component in sorted(matrix.components, key=lambda name: name != SHOWN):
        square = matrix.components[component].l2
        if square is None:
            continue
        distances = np.array(square, dtype=np.float64)
        members = comparable_members(distances)
        distances = distances[np.ix_(members, members)]
        np.fill_diagonal(distances, 0)
        if len(members) > 1 and distances.any():
            order, merges = clusters(distances)
            names = [matrix.members[member] for member in members]
            left_out = [name for name in matrix.members if name not in names]
            return heat_map(component, names, distances, order, merges, left_out)
    return None


def lineage_figure(found: FamilyLineage) -> "Figure | None":
    """The tree of the denoisers, else of the first component with a lineage."""
    from generator.plots.tree import lineage_tree

    for component in sorted(found.components, key=lambda each: each.name != SHOWN):
        if component.lineage is not None and component.lineage.nodes:
            return lineage_tree(component.name, component.lineage)
    return None
