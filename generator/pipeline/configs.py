"""Entries with a config -> which of their results are stale, for kinds that are made from it."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeVar

from generator.pipeline.results import Named, Stay, Task
from generator.records import store
from generator.records.versions import Libraries, installed_versions, library_versions


class Configured(Named, Protocol):
    """An entry of the catalogue with the path of a config, relative to the catalogue's folder."""

    @property
    def config(self) -> str:
        """The path."""


class Versioned(Protocol):
    """A record that names the versions of the libraries that made it."""

    @property
    def digest(self) -> str:
        """The digest of its inputs."""

    @property
    def versions(self) -> dict[str, str]:
        """Version by library."""


Entry = TypeVar("Entry", bound=Configured)
Recorded = TypeVar("Recorded", bound=Versioned)


def judge_by_config(
    folder: Path,
    libraries: Libraries,
    inputs: Callable[[Entry, str], tuple[object, ...]],
    task: Callable[[Entry, bytes, str], Task],
    *,
    force: bool,
) -> Callable[[Entry, Recorded | None], Task | Stay]:
    """A judge for `plan_each`.

    `inputs` are what the result of an entry is made from, besides the libraries, from the entry and
    its config in hexadecimal digits; `task` makes it, from the entry, its config and the digest.
    Without the libraries, those of the record count.
    """
    installed = installed_versions(libraries)

    def judge(entry: Entry, record: Recorded | None) -> Task | Stay:
        config = (folder / entry.config).read_bytes()
        versions = installed or (record and record.versions)
        made_from = store.digest(*inputs(entry, config.hex()), versions)
        if record and record.digest == made_from and not force:
            return Stay.FRESH
        library_versions(libraries, entry.id)
        return task(entry, config, made_from)

    return judge
