"""Results of tasks, kept in a folder until all tasks are done, so that a run can resume.

One file per task, named by the digest of everything that the task depends on, so that results of
other inputs are never used.
"""

from pathlib import Path

from generator.distances.tasks import DISTANCES_VERSION, CompareTask, TaskResult, pack, unpack
from generator.distances.work import run_task
from generator.records import store
from generator.records.array_files import DAMAGED
from generator.records.files import sweep, write_file

SUFFIX = ".task"


def kept_path(task: CompareTask, folder: Path) -> Path:
    """The file for the result of `task`."""
    return folder / f"{store.digest(DISTANCES_VERSION, task)[:32]}{SUFFIX}"


def load(task: CompareTask, folder: Path | None) -> TaskResult | None:
    """The kept result of `task`; None if it is missing or damaged."""
    if folder is None:
        return None
    try:
        return unpack(kept_path(task, folder).read_bytes())
    except (OSError, *DAMAGED):
        return None


def keep(task: CompareTask, result: TaskResult, folder: Path | None) -> None:
    """Keep the result of `task`, unless it lost checkpoints.

    Raises:
        UsageError: the folder cannot be written.
    """
    if folder is not None and not result.lost:
        write_file(kept_path(task, folder), pack(result))


def run_and_keep(task: CompareTask, folder: Path | None) -> TaskResult:
    """Run `task` and keep its result at once, in the worker."""
    result = run_task(task)
    keep(task, result, folder)
    return result


def clear(folder: Path | None) -> None:
    """Remove all kept results when all tasks are done."""
    if folder is None or not folder.is_dir():
        return
    sweep(folder)
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        path.unlink(missing_ok=True)
    if not any(folder.iterdir()):
        folder.rmdir()
