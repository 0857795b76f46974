"""What changed, or was mixed, by block -> bars in the order of the blocks."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from generator.networks.palette import CATEGORY_COLOURS, block_colour
from generator.plots.style import LINE, QUIET, TEXT, name_of, new_figure
from generator.records import Comparison, NamedRecipe
from generator.text.plots import RESIDUAL, RMS, WEIGHT, others, recipe_title
from generator.text.words import component_title

# Inches: of a bar with its gap, of the narrowest figure, and of a row of bars.
BAR, NARROWEST, ROW = 0.19, 5.0, 1.9
# Colours repeat with the next of these.
HATCHES = ("", "////")
# Parents that are told apart: more, and no bar is found in the key.
MOST_SHOWN = len(HATCHES) * len(CATEGORY_COLOURS)
# A parent whose weight is smaller than this in every block is shown with the others like it.
SMALLEST_WEIGHT = 0.005
SIDES = (np.maximum, np.minimum)
# The colour of the others.
REST = "#d5d8dc"


def change_by_block(comparison: Comparison) -> Figure | None:
    """The RMS of the differences of two checkpoints by block, a row per component that differs;
    None if none does."""
    differing = {
        name: [(block, part.rms) for block, part in component.blocks.items()]
        for name, component in comparison.summary.components.items()
        if component.total.l2
    }
    if not differing:
        return None
    longest = max(map(len, differing.values()))
    figure = new_figure(max(BAR * longest + 1, NARROWEST), ROW * len(differing) + 4 * LINE)
    rows = figure.subplots(len(differing), squeeze=False)[:, 0]
    for axes, (name, blocks) in zip(rows, differing.items(), strict=True):
        labels = [block for block, _ in blocks]
        # Missing is not zero: there is no bar.
        known = [(place, rms) for place, (_, rms) in enumerate(blocks) if rms is not None]
        axes.bar(
            [place for place, _ in known],
            [rms for _, rms in known],
            color=[block_colour(labels[place]) for place, _ in known],
        )
        _block_axis(axes, labels, longest)
        axes.set_ylabel(RMS)
        axes.set_title(component_title(name))
        axes.ticklabel_format(axis="y", style="sci", scilimits=(-3, 4), useMathText=False)
    title = f"A  {name_of(comparison.a, 60)}\nB  {name_of(comparison.b, 60)}"
    figure.suptitle(title, fontsize=TEXT + 1, x=0.02, ha="left")
    return figure


def weights_by_block(recipe: NamedRecipe) -> Figure:
    """The weights of the parents in each block, stacked, and below the residuals.

    Parents with the largest weights come first; the others are added up. Negative weights are
    stacked downwards. Where the parents are equal, there is no bar.
    """
    mixes = [("whole", recipe.whole), *((block.name, block) for block in recipe.blocks)]
    labels = [label for label, _ in mixes]
    weights = {
        parent: np.array([mix.weights[parent] or 0.0 for _, mix in mixes])
        for parent in recipe.parents
    }
    heaviest = sorted(weights, key=lambda name: -np.abs(weights[name]).sum())
    large = [name for name in heaviest if np.abs(weights[name]).max() >= SMALLEST_WEIGHT]
    shown = large if len(large) <= MOST_SHOWN else large[: MOST_SHOWN - 1]
    rest = [weights[name] for name in weights if name not in shown]
    figure = new_figure(
        max(BAR * len(labels) + 1, NARROWEST), 3.6 + LINE * (4 + len(shown) + bool(rest))
    )
    upper, lower = figure.subplots(2, height_ratios=(3, 1), sharex=True)
    above, below = np.zeros(len(labels)), np.zeros(len(labels))
    bars, names = [], []
    for number, parent in enumerate(shown):
        values = weights[parent]
        drawn = upper.bar(
            range(len(labels)),
            values,
            bottom=np.where(values >= 0, above, below),
            color=CATEGORY_COLOURS[number % len(CATEGORY_COLOURS)],
            hatch=HATCHES[number // len(CATEGORY_COLOURS)],
            edgecolor="white",
            linewidth=0.4,
        )
        bars.append(drawn)
        names.append(name_of(parent, 60))
        above += np.maximum(values, 0)
        below += np.minimum(values, 0)
    if rest:
        # Those above zero and those below would cancel out in one sum.
        added = [np.sum([limit(values, 0) for values in rest], axis=0) for limit in SIDES]
        for values, bottom in zip(added, (above, below), strict=True):
            drawn = upper.bar(range(len(labels)), values, bottom=bottom, color=REST)
        bars.append(drawn)
        names.append(others(len(rest)))
    for level in (0, 1):
        upper.axhline(level, color=QUIET, linewidth=0.6)
    upper.tick_params(axis="x", length=0)
    upper.set_ylabel(WEIGHT)
    residuals = [(k, mix.residual) for k, (_, mix) in enumerate(mixes) if mix.residual is not None]
    lower.bar([k for k, _ in residuals], [value for _, value in residuals], color=QUIET)
    lower.set_ylabel(RESIDUAL)
    # The residual of a target far from every mix may exceed 1.
    lower.set_ylim(0, max(1e-3, *(value * 1.1 for _, value in residuals)))
    _block_axis(lower, labels, len(labels))
    title = recipe_title(recipe, name_of(recipe.target, 60))
    figure.suptitle(title, fontsize=TEXT + 1, x=0.02, ha="left")
    # As arguments: labels of bars are left out where they begin with an underscore.
    figure.legend(bars, names, loc="outside lower left", frameon=False, fontsize=TEXT - 1)
    return figure


def _block_axis(axes: Axes, labels: Sequence[str], longest: int) -> None:
    axes.set_xticks(range(len(labels)), labels, rotation=90)
    axes.set_xlim(-0.6, longest - 0.4)
    axes.tick_params(axis="x", length=0)
