"""Formats of figures, by suffix; without Matplotlib, so that a wrong one is told to everybody."""

from pathlib import Path

from generator.errors import UsageError

SUFFIXES = (".png", ".pdf", ".svg")


def check_suffix(path: Path) -> None:
    """Raise `UsageError` unless figures can be written in the format that `path` names."""
    if path.suffix.lower() not in SUFFIXES:
        advice = f"Use {', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]}"
        raise UsageError(str(path), f"is not a figure: its suffix is {path.suffix!r}", advice)
