"""Output of all verbs: messages and progress on stderr, results on stdout or as JSON."""

import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from generator.errors import AtlasError, InternalError
from generator.records.files import write_file
from generator.text.coded import error_text

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, ProgressColumn

# What --output takes for stdout.
STDOUT = Path("-")
# Characters of a line of progress beside its bar.
BESIDE_BAR = 56
# Spaces at which a page does not break a line.
UNBROKEN = str.maketrans("\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}", "  ")


def report(errors: list[AtlasError]) -> int:
    """List everything that was refused or failed; return the exit code.

    A bug comes with its traceback, which is printed once if it is the same for several results.
    """
    shown = set()
    for error in errors:
        if not isinstance(error, InternalError):
            say(f"refused: {error_text(error)}")
            continue
        lines = "".join(traceback.format_exception(error.__cause__)).splitlines()
        if tuple(lines) not in shown:
            shown.add(tuple(lines))
            for line in lines:
                say(line)
        say(f"failed: {error_text(error)}")
    return min((error.exit_code for error in errors), default=0)


def print_lines(lines: Iterable[str]) -> None:
    """Print the lines of a result to stdout."""
    for line in lines:
        click.echo(visible(line))


def show(lines: Iterable[str], output: Path | None, content: object) -> None:
    """Print the lines of a result, and write its `content` as JSON to `output`, if that is given.

    With `-` as `output`, JSON is printed, and nothing else.
    """
    if output != STDOUT:
        print_lines(lines)
    if output:
        encoded = msgspec.json.format(msgspec.json.encode(content, order="deterministic"), indent=1)
        if output == STDOUT:
            # As bytes, because JSON is UTF-8 on every system.
            click.echo(encoded)
        else:
            write_file(output, encoded + b"\n")


@contextmanager
def resumable(kept: bool) -> Iterator[None]:
    """Say to who stops this that it resumes, if what is done is `kept`."""
    try:
        yield
    except KeyboardInterrupt:
        if kept:
            say("finished results are kept, and the next run resumes")
        raise


@contextmanager
def bytes_progress(label: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar; yields a function of the bytes done and the total."""
    if not sys.stderr.isatty():
        # To import what draws it takes as long as to compare two small files.
        yield lambda _done, _total: None
        return
    with progress_bar(*byte_columns()) as progress:
        bar = progress.add_task(label, total=None)
        yield lambda done, total: progress.update(bar, completed=done, total=total)


@contextmanager
def count_progress(label: str) -> Iterator[Callable[[int], None]]:
    """Shows how many things of an unknown number are done; yields a function of their count."""
    from rich.progress import TextColumn

    with progress_bar(TextColumn("{task.completed:,.0f}")) as progress:
        bar = progress.add_task(label, total=None)
        yield lambda done: progress.update(bar, completed=done)


def say(message: str) -> None:
    """Print a message to stderr."""
    _stderr().print(visible(message))


def visible(text: str) -> str:
    """One line with control characters made visible: a file name with a line break could forge a
    line of output."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text.translate(UNBROKEN))


def progress_bar(*columns: "ProgressColumn") -> "Progress":
    """A progress bar, shown on terminals only."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    console = _stderr()
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(min(40, max(6, console.width - BESIDE_BAR))),
        *columns,
        TimeElapsedColumn(),
        console=console,
        disable=not console.is_terminal,
    )


def byte_columns() -> "tuple[ProgressColumn, ...]":
    """Of a progress bar of bytes: how many, how many per second, and the time left."""
    from rich.progress import DownloadColumn, TimeRemainingColumn, TransferSpeedColumn

    return DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn()


@cache
def _stderr() -> "Console":
    # A fifth of the time of a verb that says nothing goes into importing it.
    from rich.console import Console

    return Console(stderr=True, markup=False, highlight=False, soft_wrap=True)
