"""How all figures look, and how they are written: the suffix of the file decides the format.

The same record gives the same bytes. Text is never read as mathematics or markup.
"""

import io
import warnings
from contextlib import AbstractContextManager
from pathlib import Path

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from generator.errors import UsageError
from generator.networks.palette import DISTANCE_COLOURS
from generator.records.files import write_file
from generator.text.numbers import shortened

SUFFIXES = (".png", ".pdf", ".svg")
# Dots per inch of a PNG: twice a screen's.
DOTS = 200
# Characters of the longest name that is shown whole.
LONGEST_NAME = 40
# Points of text, and inches of one line of it.
TEXT, LINE = 8.0, 0.16
INK, QUIET = "#1f2328", "#6e7681"
# Families for letters that Matplotlib's own font lacks, where the machine has one of them.
OTHER_LETTERS = (
    "Noto Sans CJK JP",
    "Hiragino Sans",
    "Microsoft YaHei",
    "Yu Gothic",
    "WenQuanYi Zen Hei",
    "Noto Sans Arabic",
    "Segoe UI",
)
DISTANCES = LinearSegmentedColormap.from_list("distances", DISTANCE_COLOURS)


def check_suffix(path: Path) -> None:
    """Raise `UsageError` unless figures can be written in the format that `path` names."""
    if path.suffix.lower() not in SUFFIXES:
        advice = f"Use {', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]}"
        raise UsageError(str(path), f"is not a figure: its suffix is {path.suffix!r}", advice)


def new_figure(width: float, height: float) -> Figure:
    """An empty figure, in inches, to which all text is added with `styled` in force."""
    return Figure(figsize=(width, height), layout="constrained")


def styled() -> AbstractContextManager[None]:
    """The context in which figures are made and written."""
    present = {font.name for font in font_manager.fontManager.ttflist}
    return mpl.rc_context(
        {
            "font.family": ["DejaVu Sans", *(name for name in OTHER_LETTERS if name in present)],
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
    """A name as figures show it: on one line, long ones cut in the middle."""
    return shortened("".join(c if c.isprintable() else "�" for c in text), longest)


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
    with warnings.catch_warnings():
        # Letters that no font here has are drawn as boxes.
        warnings.filterwarnings("ignore", "Glyph .* missing from font", UserWarning)
        figure.savefig(content, format=kind, dpi=DOTS, metadata=metadata[kind], bbox_inches="tight")
    write_file(path, content.getvalue())
