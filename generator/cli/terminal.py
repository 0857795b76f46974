"""What every verb says, and where: messages and progress on stderr, results on stdout or JSON."""

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

from generator.errors import AtlasError
from generator.records.files import write_file

stderr = Console(stderr=True, markup=False, highlight=False, soft_wrap=True)


def report(errors: list[AtlasError]) -> int:
    """Name all that was refused; return the exit code that this makes."""
    for error in errors:
        say(f"refused: {error}")
    return max((error.exit_code for error in errors), default=0)


def print_lines(lines: Iterable[str]) -> None:
    """Lines of a result."""
    for line in lines:
        click.echo(visible(line))


def write_json(output: Path | None, content: object) -> None:
    """Write `content` as JSON, if a file was named."""
    if output:
        encoded = msgspec.json.format(msgspec.json.encode(content, order="deterministic"), indent=1)
        write_file(output, encoded + b"\n")


@contextmanager
def bytes_progress(label: str) -> Iterator[Callable[[int, int], None]]:
    """A bar that is told how many bytes are done, of how many."""
    with progress_bar(DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn()) as progress:
        bar = progress.add_task(label, total=None)
        yield lambda done, total: progress.update(bar, completed=done, total=total)


def say(message: str) -> None:
    """A message."""
    stderr.print(visible(message))


def visible(text: str) -> str:
    """One line, with the control characters of file names and contents made visible: a name with a
    line break in it could forge a line of its own."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def progress_bar(*columns: ProgressColumn) -> Progress:
    """A bar on a terminal; nothing elsewhere."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        *columns,
        TimeElapsedColumn(),
        console=stderr,
        disable=not stderr.is_terminal,
    )
