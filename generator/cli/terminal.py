"""Output of all verbs: messages and progress on stderr, results on stdout or as JSON."""

import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from generator.errors import AtlasError, InternalError
from generator.records.files import write_file
from generator.text.coded import error_text

# What --output takes for stdout.
STDOUT = Path("-")
stderr = Console(stderr=True, markup=False, highlight=False, soft_wrap=True)


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
            click.echo(encoded.decode())
        else:
            write_file(output, encoded + b"\n")


@contextmanager
def bytes_progress(label: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar; yields a function of the bytes done and the total."""
    with progress_bar(DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn()) as progress:
        bar = progress.add_task(label, total=None)
        yield lambda done, total: progress.update(bar, completed=done, total=total)


def say(message: str) -> None:
    """Print a message to stderr."""
    stderr.print(visible(message))


def visible(text: str) -> str:
    """One line with control characters made visible: a file name with a line break could forge a
    line of output."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def progress_bar(*columns: ProgressColumn) -> Progress:
    """A progress bar, shown on terminals only."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        *columns,
        TimeElapsedColumn(),
        console=stderr,
        disable=not stderr.is_terminal,
    )
