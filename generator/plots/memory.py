"""A prediction of memory -> what is on the GPU in each stage of the pipeline, beside cards."""

from matplotlib.figure import Figure

from generator.networks.palette import component_colour
from generator.plots.style import LINE, QUIET, TEXT, new_figure
from generator.text.memory import GIB, STAGES, run_title
from generator.text.plots import ACTIVATIONS, MEMORY, PEAK, WEIGHTS
from generator.vram.answer import CARDS, Prediction

WIDTH, BAR = 6.4, 0.42
# Parts of a bar: the field of a stage, its name, and the component with its colour.
PARTS = (("weights", WEIGHTS, "denoiser"), ("activations", ACTIVATIONS, "text_encoder"))


def stages_over_time(found: Prediction, name: str, *, has_size: bool = True) -> Figure:
    """A bar per stage in the order in which the pipeline runs them: weights and what is beyond.

    The band is the peak as a range. Cards are lines, up to the first that is large enough.
    """
    rows = range(len(found.stages))
    figure = new_figure(WIDTH, BAR * len(found.stages) + 7 * LINE)
    axes = figure.subplots()
    for field, label, component in PARTS:
        axes.barh(
            rows,
            [getattr(stage, field) / GIB for stage in found.stages],
            left=[(stage.weights if field != "weights" else 0) / GIB for stage in found.stages],
            color=component_colour(component),
            label=label,
        )
    low, high = found.peak.low / GIB, found.peak.high / GIB
    axes.axvspan(low, high, color=QUIET, alpha=0.25, linewidth=0, label=PEAK)
    shown = [card for card in CARDS if card < high]
    shown += [card for card in CARDS if card >= high][:1]
    for card in shown:
        axes.axvline(card, color=QUIET, linewidth=0.8, linestyle="dashed")
        place = (card, 1.0)
        axes.annotate(
            f"{card}",
            place,
            xycoords=("data", "axes fraction"),
            ha="center",
            va="bottom",
            color=QUIET,
            fontsize=TEXT,
        )
    axes.set_yticks(rows, [STAGES[stage.name] for stage in found.stages])
    axes.invert_yaxis()
    axes.set_xlim(0, 1.05 * max(high, *shown, 0))
    axes.set_xlabel(MEMORY)
    figure.legend(loc="outside lower left", ncols=len(PARTS) + 1, frameon=False)
    figure.suptitle(run_title(found, name, has_size=has_size), fontsize=TEXT + 1, x=0.02, ha="left")
    return figure
