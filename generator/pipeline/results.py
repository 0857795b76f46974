"""What all kinds of results have in common: a plan of tasks, and what comes of each."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from typing import Literal, NamedTuple, Protocol, TypeVar

from generator.catalog.reading import Catalog
from generator.errors import (
    AtlasError,
    CannotWrite,
    DamagedRecord,
    InternalError,
    NewerRecord,
    Refusal,
)
from generator.records import ResultRecord, store
from generator.text.coded import error_text

# Told how much of a task is done, and of how much; None where that is not known.
Progress = Callable[[int, int | None], None]


class Resources(NamedTuple):
    """What the work is done with. With an `executor`, processes of this machine are not used."""

    workers: int = 1
    device: str = "cpu"
    executor: Executor | None = None


class Made(NamedTuple):
    """A result and the files beside it; `digest` is that of everything it was made from.

    `left_out` are inputs that it is without; `others` are files of the folder that change with it.
    """

    record: ResultRecord
    files: Mapping[str, bytes]
    digest: str
    left_out: tuple[AtlasError, ...] = ()
    others: Mapping[str, bytes] | None = None


class Task(NamedTuple):
    """One stale result and how it is made; `size` is its share of the kind's progress."""

    id: str
    make: Callable[[Resources, Progress], Made]
    size: int | None = None


class Outcome(NamedTuple):
    """What became of the result `id`: nothing is wrong, or `error`.

    `left_out` are inputs that a result is without, though it was made.
    """

    id: str
    error: AtlasError | None = None
    left_out: tuple[AtlasError, ...] = ()

    @property
    def is_refused(self) -> bool:
        """Whether an input was refused, so that a result of before tells of another one."""
        return isinstance(self.error, Refusal) and not isinstance(self.error, NewerRecord)


class Stay(Enum):
    """Why a result stays: it is fresh, or kept because what it was made from is not here."""

    FRESH = "fresh"
    KEPT = "kept"


class Plan(NamedTuple):
    """What a run will do.

    `tasks` make the stale results; `fresh` and `kept` are the ids of those that stay; `refused` are
    inputs that cannot be measured; `damage` is what is wrong with results that will be made again;
    `without` is what fresh results had to do without, since it could not be read.
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
        """With `force`, what is fresh is stale if what it is made from is here."""


def finish_nothing(catalog: Catalog, folder: Path, failed: Sequence[Outcome]) -> None:
    """Most kinds are done once their results are written."""


class Kind(NamedTuple):
    """A kind of results: where they lie in `data/`, how they are planned and made.

    `unit` is what progress counts. Results of a `parallel` kind are made in processes of their own;
    a `distributed` one hands its work to the executor. `drops` tells that a result goes when its
    plan is refused; `finish` is called with all that failed.
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
    """An entry of the catalogue, or what a result is made for: it has the result's id."""

    @property
    def id(self) -> str:
        """That of the result."""


Entry = TypeVar("Entry", bound=Named)


def plan_each(
    entries: Iterable[Entry],
    folder: Path,
    kind: type[store.Result],
    judge: Callable[[Entry, store.Result | None], Task | Stay],
) -> Plan:
    """Plan the results of `entries` one by one: `judge` is given each with the record it has.

    An entry for which it raises is refused, and the others are planned.
    """
    tasks: list[Task] = []
    stay: dict[Stay, list[str]] = {Stay.FRESH: [], Stay.KEPT: []}
    refused: list[Outcome] = []
    damage: list[DamagedRecord] = []
    for entry in entries:
        try:
            with named_if_ours(f"{folder.name}/{entry.id}"):
                found = judge(entry, read_whole(folder / f"{entry.id}.json", kind, damage))
        except CannotWrite:
            raise
        except AtlasError as error:
            refused.append(Outcome(entry.id, error))
        else:
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
    """Have an exception that is our bug name `subject`, so that the rest can be done."""
    try:
        yield
    except AtlasError:
        raise
    except Exception as error:
        reason = f"failed by a bug ({type(error).__name__}: {error})"
        raise InternalError(subject, reason, "Please report it with the traceback") from error


@contextmanager
def refused_as(subject: str) -> Iterator[None]:
    """Have whatever is refused name `subject` too: the file may be in several results."""
    try:
        yield
    except (CannotWrite, InternalError):
        raise
    except AtlasError as error:
        raise Refusal(subject, error_text(error)) from error


def read_whole(
    path: Path, kind: type[store.Result], damage: list[DamagedRecord]
) -> store.Result | None:
    """The record at `path` if it is there and whole; what is wrong with it goes into `damage`.

    Raises:
        NewerRecord: it is of a newer version of this program, and not to be overwritten.
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
