"""How all figures look, and how they are written: the suffix of the file decides the format.

The same record gives the same bytes. Text is never read as mathematics or markup.
"""

import io
from collections.abc import Iterable
from contextlib import AbstractContextManager
from functools import cache
from itertools import chain
from pathlib import Path

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from generator.catalog.adding import WEIGHT_SUFFIXES
from generator.networks.palette import DISTANCE_COLOURS
from generator.plots.formats import check_suffix
from generator.records.files import write_file
from generator.text.numbers import shortened

# Dots per inch of a PNG: twice a screen's.
DOTS = 200
# Characters of the longest name that is shown whole.
LONGEST_NAME = 40
# Points of text, and inches of one line of it.
TEXT, LINE = 8.0, 0.16
INK, QUIET = "#1f2328", "#6e7681"
# Families for letters that Matplotlib's own font lacks, where the machine has one of them.
OTHER_LETTERS = (
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Noto Sans CJK KR",
    "Source Han Sans SC",
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
    "Droid Sans Fallback",
    "PingFang SC",
    "Hiragino Sans",
    "Apple SD Gothic Neo",
    "Arial Unicode MS",
    "Microsoft YaHei",
    "Yu Gothic",
    "Malgun Gothic",
    "Segoe UI",
    "Segoe UI Symbol",
    "Noto Sans Arabic",
    "Noto Emoji",
)
DISTANCES = LinearSegmentedColormap.from_list("distances", DISTANCE_COLOURS)


def new_figure(width: float, height: float) -> Figure:
    """An empty figure, in inches, to which all text is added with `styled` in force."""
    return Figure(figsize=(width, height), layout="constrained")


def styled() -> AbstractContextManager[None]:
    """The context in which figures are made and written."""
    return mpl.rc_context(
        {
            "font.family": list(_families()),
            "font.size": TEXT,
            "axes.titlesize": TEXT + 1,
            "axes.titlelocation": "left",
            "axes.edgecolor": QUIET,
            "axes.labelcolor": INK,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "text.color": INK,
            "text.parse_math": False,
            "xtick.color": INK,
            "ytick.color": INK,
            "xtick.labelsize": TEXT - 1,
            "ytick.labelsize": TEXT - 1,
            "hatch.linewidth": 0.5,
            # Whole outlines of the letters that are used, in both vector formats.
            "pdf.fonttype": 42,
            "svg.fonttype": "path",
            "svg.hashsalt": "atlas",
        }
    )


def name_of(text: str, longest: int = LONGEST_NAME) -> str:
    """A name as figures show it: on one line, long ones without their suffix, cut in the middle.

    A letter that no font here has is written as its number, such as \\u68ee.
    """
    line = "".join(c if c.isprintable() else "�" for c in text)
    suffix = Path(line).suffix
    if len(line) > longest and suffix in WEIGHT_SUFFIXES:
        line = line.removesuffix(suffix)
    lengths = range(longest, 0, -1)
    shown = (_with_numbers(shortened(line, length)) for length in lengths)
    return next(name for name in shown if len(name) <= longest)


def missing_letters(names: Iterable[str]) -> str:
    """The printable letters of `names` that no font here has, each once."""
    letters = sorted({c for name in names for c in name if c.isprintable()})
    return "".join(c for c in letters if ord(c) not in _letters())


def _with_numbers(text: str) -> str:
    lacking = missing_letters([text])
    return "".join(c.encode("unicode_escape").decode() if c in lacking else c for c in text)


@cache
def _families() -> tuple[str, ...]:
    """Font families in the order in which a letter is looked for."""
    present = {font.name for font in font_manager.fontManager.ttflist}
    return ("DejaVu Sans", *(name for name in OTHER_LETTERS if name in present))


@cache
def _letters() -> frozenset[int]:
    """The letters that figures can show, as code points."""
    fonts = (font_manager.get_font(font_manager.findfont(name)) for name in _families())
    return frozenset(chain.from_iterable(font.get_charmap() for font in fonts))


def bare(axes: Axes) -> None:
    """Leave out the frame and the ticks of `axes`."""
    axes.set_axis_off()


def write_figure(figure: Figure, path: Path) -> None:
    """Write `figure` to `path`, in the format of its suffix.

    Raises:
        UsageError: no such format is known.
        CannotWrite: it cannot be written there.
    """
    check_suffix(path)
    kind = path.suffix.lower()[1:]
    # Without dates, and without the name of the library's version.
    metadata = {
        "png": {"Software": None},
        "pdf": {"CreationDate": None, "Producer": None, "Creator": None},
        "svg": {"Date": None, "Creator": None},
    }
    content = io.BytesIO()
    figure.savefig(content, format=kind, dpi=DOTS, metadata=metadata[kind], bbox_inches="tight")
    write_file(path, content.getvalue())
