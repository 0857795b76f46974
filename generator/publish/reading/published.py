"""`data/published.toml`, figures printed elsewhere -> a checked table, compared with ours.

Two figures agree if ours, rounded to the printed decimals, equals the printed one. A cell may claim
that the printed figure is a multiple of ours; the claim is checked in the same way.
"""

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from generator.errors import UsageError
from generator.records import Architecture, PublishedInputs, Record
from generator.text.numbers import rounded_as

Printed = Annotated[str, Meta(pattern=r"^[0-9]+(\.[0-9]+)?$")]
Verdict = Literal["agrees", "explained", "differs"]


class PrintedFigure(Record):
    """One printed figure; `deviation` names the reason why it is `multiple` times ours."""

    printed: Printed
    log: Printed | None = None
    multiple: Annotated[int, Meta(ge=1)] = 1
    deviation: str = ""


class PrintedFigures(Record):
    """The figures of one row."""

    mbw: PrintedFigure
    torchinfo_parameters: PrintedFigure
    diffusers_parameters: PrintedFigure
    forward_backward_mb: PrintedFigure
    total_gb: PrintedFigure
    mult_adds_g: PrintedFigure
    input_mb: PrintedFigure
    params_mb: PrintedFigure
    total_mb: PrintedFigure


class Sources(Record):
    """The sources of the figures in each column."""

    mbw: str
    torchinfo_parameters: str
    diffusers_parameters: str
    forward_backward_mb: str
    total_gb: str
    mult_adds_g: str
    input_mb: str
    params_mb: str
    total_mb: str


class Row(Record):
    """The figures of one architecture; `log` is the file name of the run's published log."""

    id: str
    log: str
    cells: PrintedFigures


class Deviation(Record):
    """Why printed figures differ from ours."""

    title: str
    why: str


class PrintedDistance(Record):
    """One printed distance; `misprint` explains why two of its digits are swapped, empty if not."""

    printed: Printed
    misprint: str = ""


class PrintedPair(Record):
    """The distances between two checkpoints, by kind of layer."""

    a: str
    b: str
    attn1: PrintedDistance
    attn2: PrintedDistance
    other: PrintedDistance


class PrintedDistances(Record):
    """A printed table of distances: its group and its source."""

    group: str
    origin: str
    row: tuple[PrintedPair, ...]


class PublishedTable(Record):
    """The published table, the sources of its columns, and its known deviations."""

    title: str
    origin: str
    sources: Sources
    deviations: dict[str, Deviation]
    row: tuple[Row, ...]
    distances: tuple[PrintedDistances, ...] = ()


class PrintedColumn(Record):
    """One column: `key` is a field of `PrintedFigures`, `ours` our figure in the same unit."""

    key: str
    title: str
    unit: str
    ours: Callable[[Architecture], float]


class ComparedFigure(Record):
    """One printed figure beside ours."""

    key: str
    cell: PrintedFigure
    ours: float
    verdict: Verdict

    @property
    def rounded(self) -> str:
        """Our figure, at the precision of the print or, if higher, of the log."""
        return rounded_as(self.ours, self.cell.log or self.cell.printed)


# The published table divides megabytes by this and calls them gigabytes.
KIBI = 1024


def _figures(architecture: Architecture) -> PublishedInputs:
    """The figures at the published inputs, which every network of the table has."""
    if architecture.published is None:
        raise UsageError(architecture.id, "is in the published table, but has no forward pass")
    return architecture.published


_COLUMNS: tuple[tuple[str, str, str, Callable[[Architecture], float]], ...] = (
    ("mbw", "MBW blocks", "", lambda a: a.mbw.count),
    (
        "torchinfo_parameters",
        "Parameters, torchinfo",
        "",
        lambda a: a.parameters.torchinfo_shared_activations,
    ),
    ("diffusers_parameters", "Parameters, diffusers", "", lambda a: a.parameters.diffusers),
    (
        "forward_backward_mb",
        "Forward/backward",
        "MB",
        lambda a: _figures(a).forward_backward_mb,
    ),
    ("total_gb", "Total", "“GB”", lambda a: _figures(a).total_gb),
    ("mult_adds_g", "torchinfo mult-adds", "G", lambda a: _figures(a).mult_adds / 1e9),
    ("input_mb", "Inputs", "MB", lambda a: _figures(a).input_mb),
    ("params_mb", "Parameters", "MB", lambda a: _figures(a).params_mb),
    ("total_mb", "Estimated total", "MB", lambda a: _figures(a).total_gb * KIBI),
)
COLUMNS = tuple(
    PrintedColumn(key=key, title=title, unit=unit, ours=ours) for key, title, unit, ours in _COLUMNS
)


def read_published(path: Path) -> PublishedTable:
    """Read the table at `path`.

    Raises:
        UsageError: it is missing, is not TOML, or has a wrong key or value; the message names it.
    """
    try:
        table = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), PublishedTable)
        _check(table)
    except OSError as error:
        raise UsageError(str(path), f"cannot be read ({error.strerror})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(str(path), f"is not TOML ({error})") from error
    except (msgspec.ValidationError, ValueError) as error:
        raise UsageError(str(path), str(error)) from error
    return table


def compare(row: Row, architecture: Architecture) -> tuple[ComparedFigure, ...]:
    """The cells of `row` beside our figures, in the order of `COLUMNS`."""
    return tuple(
        _compare(column.key, getattr(row.cells, column.key), column.ours(architecture))
        for column in COLUMNS
    )


def judge_distance(cell: PrintedDistance, ours: float) -> Verdict:
    """Compare a distance with the printed one; swapped digits count as explained."""
    rounded = rounded_as(ours, cell.printed)
    if rounded == cell.printed:
        return "agrees"
    swapped = [one != other for one, other in zip(rounded, cell.printed, strict=False)]
    same_digits = sorted(rounded) == sorted(cell.printed) and sum(swapped) == 2
    return "explained" if cell.misprint and same_digits else "differs"


def _compare(key: str, cell: PrintedFigure, ours: float) -> ComparedFigure:
    return ComparedFigure(key=key, cell=cell, ours=ours, verdict=_judge(cell, ours))


def _judge(cell: PrintedFigure, ours: float) -> Verdict:
    if rounded_as(ours, cell.printed) == cell.printed:
        return "agrees"
    multiple = rounded_as(ours * cell.multiple, cell.printed) == cell.printed
    logged = cell.log is None or rounded_as(ours, cell.log) == cell.log
    return "explained" if cell.deviation and multiple and logged else "differs"


def _check(table: PublishedTable) -> None:
    """Checks that the types cannot express. Raises `ValueError`, naming the key."""
    for row in table.row:
        for key in PrintedFigures.__struct_fields__:
            deviation = getattr(row.cells, key).deviation
            if deviation and deviation not in table.deviations:
                raise ValueError(f"row {row.id}: {key}: no deviation is called '{deviation}'")
    ids = [row.id for row in table.row]
    if twice := next((name for name in ids if ids.count(name) > 1), None):
        raise ValueError(f"row {twice}: stands there twice")
