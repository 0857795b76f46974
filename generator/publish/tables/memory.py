"""Networks on cards, and predicted peaks beside measured ones -> the columns of their tables."""

from markupsafe import Markup

from generator.publish.quantities.memory import GIB, Fit, residual
from generator.publish.reading.memory import MeasuredPeak
from generator.publish.tables.builders import Unit, number, quantity, scaled, share, text, titled
from generator.publish.tables.table import Column
from generator.records import Record
from generator.text import columns
from generator.text.memory import STRATEGY_NAMES, short_way
from generator.vram.answer import CARDS, Prediction
from generator.vram.request import Sizes


class ComparedPeak(Record):
    """A measured peak beside ours; None where they cannot be compared. `rule` is what the original
    rule of thumb says, in bytes, None where it says nothing."""

    peak: MeasuredPeak
    name: str
    told: Prediction | None
    rule: float | None

    @property
    def ours(self) -> int | None:
        """Our bytes of the same kind."""
        return None if self.told is None else self.peak.ours(self.told)

    @property
    def ratio(self) -> float | None:
        """Ours over measured."""
        return None if self.ours is None else self.ours / self.peak.bytes


def _way(place: int, fit: Fit) -> str | None:
    way = fit.ways[place]
    return None if way is None else short_way(way)


def _shaded(place: int, fit: Fit) -> Markup:
    """The way in the colours of the picture: everything on the GPU, or parts of it."""
    way = fit.ways[place]
    shade = "is-agrees" if way and way.strategy == "resident" else "is-explained"
    return Markup('<span class="atlas-verdict {}">{}</span>').format(shade, _way(place, fit) or "")


def _card(place: int, card: int) -> Column[Fit, None]:
    return text(
        f"card{card}",
        lambda fit, _: _way(place, fit),
        shown=lambda fit, _: _shaded(place, fit),
        missing="nothing that was simulated fits",
    )


PREDICTED = Unit("GiB", GIB, 1)
MEASURED = Unit("GiB", GIB, 2)
FIT_COLUMNS: tuple[Column[Fit, None], ...] = titled(
    columns.of("fits"),
    text("name", "setup.name", link=lambda fit, _: f"architectures/{fit.setup.id}.memory.html"),
    # First on narrow screens, too: what people come for.
    *(_card(place, card) for place, card in enumerate(CARDS)),
    text("size", lambda fit, _: _size(fit.sizes), unit="px", raw_unit="px"),
    quantity("weights", lambda fit, _: fit.resident.stages[0].weights, PREDICTED),
    quantity("low", "resident.peak.low", PREDICTED),
    quantity("high", "resident.peak.high", PREDICTED),
    # Nearly always 0.00 %.
    share("residual", lambda fit, _: residual(fit.setup), 2, hidden=True),
)


def _size(sizes: Sizes) -> str:
    length = f" × {sizes.frames} frames" if sizes.frames > 1 else ""
    return f"{sizes.width} × {sizes.height}{length}"


def _load(sizes: Sizes) -> str:
    return _size(sizes) + (f", {sizes.batch} at once" if sizes.batch > 1 else "")


def _not_compared(row: ComparedPeak, _: None) -> str:
    return row.peak.not_compared or "no record of this network"


PEAK_COLUMNS: tuple[Column[ComparedPeak, None], ...] = titled(
    columns.of("peaks"),
    text("name"),
    quantity("measured", "peak.bytes", MEASURED),
    quantity("ours", "ours", MEASURED, missing=_not_compared),
    number("ratio", "ratio", scaled(1, 3), missing=_not_compared),
    text("dtype", "peak.options.dtype"),
    text("image", lambda row, _: _size(row.peak.sizes), shown=lambda row, _: _load(row.peak.sizes)),
    number("images", "peak.sizes.batch", hidden=True),
    text("run", lambda row, _: _run(row), wraps=True),
    text("gpu", "peak.gpu"),
    text("metric", "peak.metric", hidden=True),
    number(
        "rule",
        lambda row, _: None if row.rule is None else row.rule / row.peak.bytes,
        scaled(1, 2),
        missing="the rule does not speak of this run",
        hidden=True,
    ),
)


def _run(row: ComparedPeak) -> str:
    """As its source describes the run; of our own runs, the strategy and what else was set."""
    if row.peak.source:
        return row.peak.described
    named = (STRATEGY_NAMES[row.peak.options.strategy], row.peak.described)
    return ", ".join(filter(None, named))
