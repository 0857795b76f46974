"""What all kinds of results have in common: a plan of tasks, and an outcome for each."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from typing import Literal, NamedTuple, Protocol, TypeVar

from generator.catalog.entries import Catalog
from generator.errors import (
    AtlasError,
    CannotWrite,
    DamagedRecord,
    InternalError,
    NewerRecord,
    OlderRecord,
    Refusal,
)
from generator.records import ResultRecord, store
from generator.text.coded import error_text

# Called with the amount of a task that is done and its total; None if unknown.
Progress = Callable[[int, int | None], None]


class Resources(NamedTuple):
    """The resources for the work. With an `executor`, no local worker processes are used."""

    workers: int = 1
    device: str = "cpu"
    executor: Executor | None = None


class Made(NamedTuple):
    """A result and the files beside it; `digest` covers all its inputs.

    `left_out` are inputs that it lacks; `others` are files of the folder that change with it.
    """

    record: ResultRecord
    files: Mapping[str, bytes]
    digest: str
    left_out: tuple[AtlasError, ...] = ()
    others: Mapping[str, bytes] | None = None


class Task(NamedTuple):
    """One stale result and how to make it; `size` is its share of the kind's progress."""

    id: str
    make: Callable[[Resources, Progress], Made]
    size: int | None = None


class Outcome(NamedTuple):
    """The outcome for the result `id`: success, or `error`.

    `left_out` are inputs that the result lacks although it was made. `of_other_version` says that
    another version of this program made the earlier result.
    """

    id: str
    error: AtlasError | None = None
    left_out: tuple[AtlasError, ...] = ()
    of_other_version: bool = False

    @property
    def replaces(self) -> bool:
        """Whether an input was refused, so that an earlier result describes another input.

        One of another version may describe the same input: it stays.
        """
        return isinstance(self.error, Refusal) and not self.of_other_version


class Stay(Enum):
    """Why a result stays: it is fresh, or kept because its inputs are missing."""

    FRESH = "fresh"
    KEPT = "kept"


class Plan(NamedTuple):
    """The steps of a run.

    `tasks` make the stale results; `fresh` and `kept` are the ids of results that stay; `refused`
    are inputs that cannot be measured; `damage` lists faults of results that will be made again;
    `without` lists unreadable inputs that fresh results lack.
    """

    tasks: tuple[Task, ...] = ()
    fresh: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    refused: tuple[Outcome, ...] = ()
    damage: tuple[DamagedRecord, ...] = ()
    without: tuple[AtlasError, ...] = ()


class Planner(Protocol):
    """Compares the catalogue with the results in `data`."""

    def __call__(self, catalog: Catalog, data: Path, *, force: bool) -> Plan:
        """With `force`, fresh results are stale if their inputs exist."""


def finish_nothing(catalog: Catalog, folder: Path, failed: Sequence[Outcome]) -> None:
    """Do nothing: most kinds are complete once their results are written."""


class Kind(NamedTuple):
    """A kind of results: its folder in `data/`, and how to plan and make them.

    `unit` is the unit of progress. Results of a `parallel` kind are made in separate processes; a
    `distributed` kind passes its work to the executor. With `drops`, a result is removed if its
    plan is refused; `finish` is called with all failures.
    """

    name: str
    folder: str
    plan: Planner
    unit: Literal["bytes", "results"]
    parallel: bool = False
    distributed: bool = False
    drops: bool = False
    finish: Callable[[Catalog, Path, Sequence[Outcome]], None] = finish_nothing


class Named(Protocol):
    """An entry of the catalogue or another subject of a result, with the result's id."""

    @property
    def id(self) -> str:
        """The result's id."""


Entry = TypeVar("Entry", bound=Named)


def plan_each(
    entries: Iterable[Entry],
    folder: Path,
    kind: type[store.Result],
    judge: Callable[[Entry, store.Result | None], Task | Stay],
) -> Plan:
    """Plan the results of `entries` one by one; `judge` gets each entry and its record.

    If `judge` raises for an entry, that entry is refused and the others are planned.
    """
    tasks: list[Task] = []
    stay: dict[Stay, list[str]] = {Stay.FRESH: [], Stay.KEPT: []}
    refused: list[Outcome] = []
    damage: list[DamagedRecord] = []
    for entry in entries:
        faults: list[DamagedRecord] = []
        try:
            with named_if_ours(f"{folder.name}/{entry.id}"):
                found = judge(entry, read_whole(folder / f"{entry.id}.json", kind, faults))
        except CannotWrite:
            raise
        except AtlasError as error:
            other = any(isinstance(one, OlderRecord | NewerRecord) for one in (*faults, error))
            refused.append(Outcome(entry.id, error, of_other_version=other))
        else:
            damage += faults
            if isinstance(found, Task):
                tasks.append(found)
            else:
                stay[found].append(entry.id)
    return Plan(
        tasks=tuple(tasks),
        fresh=tuple(stay[Stay.FRESH]),
        kept=tuple(stay[Stay.KEPT]),
        refused=tuple(refused),
        damage=tuple(damage),
    )


@contextmanager
def named_if_ours(subject: str) -> Iterator[None]:
    """Add `subject` to an exception caused by a bug, so that other results can be made."""
    try:
        yield
    except AtlasError:
        raise
    except Exception as error:
        reason = f"failed by a bug ({type(error).__name__}: {error})"
        raise InternalError(subject, reason, "Please report it with the traceback") from error


@contextmanager
def refused_as(subject: str) -> Iterator[None]:
    """Add `subject` to a refusal: the file may occur in several results."""
    try:
        yield
    except (CannotWrite, InternalError):
        raise
    except AtlasError as error:
        raise Refusal(subject, error_text(error)) from error


def read_whole(
    path: Path, kind: type[store.Result], damage: list[DamagedRecord]
) -> store.Result | None:
    """The record at `path` if it exists and is intact; faults are added to `damage`.

    Raises:
        NewerRecord: a newer version of this program wrote it, so it must not be overwritten.
    """
    try:
        return store.read_result(path, kind)
    except NewerRecord:
        raise
    except DamagedRecord as error:
        if path.exists():
            damage.append(error)
        return None


def remove_orphans(folder: Path, kept: Collection[str]) -> list[str]:
    """Delete the results in `folder` whose entry has left the catalogue; return their ids."""
    orphans = [identity for identity in store.result_ids(folder) if identity not in kept]
    for orphan in orphans:
        store.remove_result(folder, orphan)
    return orphans
