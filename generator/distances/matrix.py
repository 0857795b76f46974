"""Checkpoints -> the distances between all of them; each byte is read once.

Memory is the chunk size times the number of checkpoints; it does not depend on the size of the
files.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import NamedTuple

import numpy as np

from generator.distances import partial_results
from generator.distances.incremental import join, pairwise_sums, reusable
from generator.distances.members import Member, has_changed, open_member, short_names
from generator.distances.plan import plan
from generator.distances.running import Done, run_elsewhere, run_here, run_in_processes
from generator.distances.sums import Sums
from generator.distances.tasks import CompareTask, TaskResult
from generator.errors import AtlasError, CheckpointError, MissingExtra, Refusal, UsageError
from generator.records import Matrix
from generator.records.distances import METRICS, distance_matrix
from generator.records.pairwise_sums import PairwiseSums, reorder
from generator.records.reasons import InNoOther, NotInFile

# Bytes done and bytes in all.
Progress = Callable[[int, int], None]


class MatrixResult(NamedTuple):
    """Distances, the pairwise sums behind them, and the refused checkpoints."""

    matrix: Matrix
    sums: PairwiseSums
    refused: tuple[AtlasError, ...]


def matrix(
    paths: Sequence[Path],
    metrics: Sequence[str] = ("l2", "cosine"),
    workers: int = 1,
    device: str = "cpu",
    *,
    executor: Executor | None = None,
    progress: Progress | None = None,
    resume_folder: Path | None = None,
    names: Sequence[str] | None = None,
    identities: Sequence[str] | None = None,
    previous: PairwiseSums | None = None,
) -> MatrixResult:
    """Compare the checkpoints at `paths`, every pair, by component, block and kind.

    The bits of the result are the same for any number of workers and any executor, on processors
    with the same instructions. `names` are the names in the result (default: the shortest unique
    ends of the paths).

    `previous` holds the sums of an earlier call. Checkpoints with the same name there and the same
    content (`identities`) are compared only with new ones; one whose file is gone keeps its
    distances. The bits are those of a call with the known checkpoints first.

    Results of tasks are kept in `resume_folder` until all are done, so that a run can resume.

    Raises:
        UsageError: a metric or device is unknown, fewer than two checkpoints can be read, they
            share no tensor, or `resume_folder` cannot be written.
        Refusal: a task killed two workers; the results of the others are kept.
    """
    _check_metrics(metrics)
    check_device(device, executor)
    names = list(names or short_names(paths))
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise UsageError(twice, "is given twice", "Give every checkpoint once")
    identity_of = dict(zip(names, identities or [""] * len(names), strict=True))
    pairwise = bool({"l1", "l0"} & set(metrics))
    path_of = dict(zip(names, paths, strict=True))
    known = reusable(previous, path_of, identity_of, pairwise)
    gone = [name for name in known if not path_of[name].exists()]
    members, refused = _open_all({name: path_of[name] for name in names if name not in gone})
    known = [name for name in known if name in members or name in gone]
    order = [name for name in known if name in members]
    order += [name for name in members if name not in known]
    if len(members) < 2 and not gone:
        _too_few(members, refused)
    opened = [members[name] for name in order]
    work = plan(
        opened,
        compared=[number for number, name in enumerate(order) if name in known],
        pairwise=pairwise,
        device=device,
    )
    groups = sorted({group for task in work.tasks for group in task.groups})
    found = TaskResult(Sums(groups, len(opened), pairwise=pairwise), work.notes, {})
    for result in _follow(_run(work.tasks, workers, executor, resume_folder), work.tasks, progress):
        found.sums.merge(result.sums, np.arange(len(opened)))
        found = TaskResult(found.sums, found.notes + result.notes, found.lost | result.lost)
    lost = found.lost | {
        number: CheckpointError(each.name, "changed")
        for number, each in enumerate(opened)
        if has_changed(each)
    }
    refused += [
        CheckpointError(order[number], error.code, **error.fields)
        for number, error in sorted(lost.items())
    ]
    kept = [number for number in range(len(opened)) if number not in lost]
    if len(kept) < 2 and not gone:
        _too_few([order[number] for number in kept], refused)
    known = [name for name in known if name not in {order[number] for number in lost}]
    fresh = pairwise_sums(opened, kept, found.sums, found.notes, identity_of, pairwise)
    sums = join(fresh, previous, known) if previous and known else fresh
    sums = reorder(sums, [name for name in names if name in sums.head.members])
    partial_results.clear(resume_folder)
    if not sums.counts["elements"].any():
        alone = all(isinstance(each.reason, InNoOther | NotInFile) for each in sums.head.excluded)
        reason = "have no tensor in common" + ("" if alone else " that can be compared")
        causes = tuple(
            CheckpointError(
                f"{each.checkpoint}: {each.tensor}", each.reason.code, **each.reason.fields
            )
            for each in sums.head.excluded[:1]
        )
        raise UsageError(", ".join(sums.head.members), reason, causes=causes)
    return MatrixResult(distance_matrix(sums, metrics), sums, tuple(refused))


def _follow(
    work: Iterable[Done], tasks: Sequence[CompareTask], progress: Progress | None
) -> Iterator[TaskResult]:
    """The results of `tasks` as they arrive. Errors are raised when all tasks are done."""
    total, done_bytes = sum(task.nbytes for task in tasks), 0
    errors: list[AtlasError] = []
    for done in work:
        done_bytes += done.task.nbytes
        if done.result:
            yield done.result
        if done.error:
            errors.append(done.error)
        if progress:
            progress(done_bytes, total)
    if errors:
        subject = "; ".join(error.subject for error in errors)
        raise Refusal(subject, errors[0].reason, errors[0].advice)


def _check_metrics(metrics: Sequence[str]) -> None:
    unknown = [metric for metric in metrics if metric not in METRICS]
    if unknown or not metrics:
        wrong = f"is unknown: {unknown[0]!r}" if unknown else "is missing"
        raise UsageError("metric", wrong, f"Known metrics: {', '.join(METRICS)}")


def check_device(device: str, executor: Executor | None) -> None:
    """Check that `device` can be used, here or on the workers of `executor`.

    Raises:
        UsageError: it is unknown or cannot be used.
        MissingExtra: torch is not installed here.
    """
    if device == "cpu":
        return
    if not re.fullmatch(r"cuda(:\d+)?", device):
        raise UsageError(f"device {device!r}", "cannot be used", "Use cpu, cuda or cuda:N")
    # torch is loaded only for a GPU.
    try:
        from generator.distances.gpu import why_unusable
    except ModuleNotFoundError as error:
        raise MissingExtra(f"device {device!r}", "networks") from error

    reason = executor.submit(why_unusable, device).result() if executor else why_unusable(device)
    if reason:
        raise UsageError(f"device {device!r}", f"cannot be used ({reason})")


def _too_few(readable: Sequence[str] | dict[str, Member], refused: Sequence[AtlasError]) -> None:
    reason = f"only {len(readable)} can be read"
    raise UsageError("checkpoints to compare", reason, "Give two or more", tuple(refused))


def _open_all(path_of: Mapping[str, Path]) -> tuple[dict[str, Member], list[AtlasError]]:
    members: dict[str, Member] = {}
    refused: list[AtlasError] = []
    for name, path in path_of.items():
        try:
            members[name] = open_member(path, name)
        except CheckpointError as error:
            refused.append(error)
    return members, refused


def _run(
    tasks: Sequence[CompareTask], workers: int, executor: Executor | None, folder: Path | None
) -> Iterator[Done]:
    if executor is not None:
        return run_elsewhere(tasks, executor, folder)
    # One worker per GPU: more would only share it.
    if workers < 2 or len(tasks) < 2 or tasks[0].device != "cpu":
        return run_here(tasks, folder)
    return run_in_processes(tasks, min(workers, len(tasks)), folder)
