"""What a run plans and what comes of it, for every kind of results."""

from collections.abc import Collection
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

from generator.errors import AtlasError, DamagedRecord
from generator.records import store

Task = TypeVar("Task")


class Outcome(NamedTuple):
    """What became of the result `id`: nothing is wrong, or `error`.

    `left_out` are inputs that a result is without, though it was made.
    """

    id: str
    error: AtlasError | None = None
    left_out: tuple[AtlasError, ...] = ()


class Plan(NamedTuple, Generic[Task]):
    """What a run will do.

    `tasks` make the stale results; `fresh` are the ids of those that stay; `kept` those that stay
    because what they were made from is not here; `refused` inputs that cannot be measured;
    `damage` what is wrong with results that are there and will be made again; `without` what fresh
    results had to do without when they were made, since it could not be read.
    """

    tasks: tuple[Task, ...]
    fresh: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    refused: tuple[Outcome, ...] = ()
    damage: tuple[DamagedRecord, ...] = ()
    without: tuple[AtlasError, ...] = ()


def read_whole(
    path: Path, kind: type[store.Result], damage: list[DamagedRecord]
) -> store.Result | None:
    """The result at `path` if it is there and whole; what is wrong with it goes into `damage`."""
    try:
        return store.read_result(path, kind)
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
