"""A target, checkpoints and adapters -> sums over the target, the checkpoints, and the first of
these with each adapter added to it.

So an adapter is one more point from which the target can be mixed. All in float64, as differences
from the first checkpoint.
"""

from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from generator.checkpoints.formats.files import WeightFile
from generator.checkpoints.identify.reading import Reader
from generator.distances.incremental import pairwise_sums
from generator.distances.matrix import Progress
from generator.distances.members import Key, Member, open_member, short_names
from generator.distances.ranks import CHUNK, values_of
from generator.distances.sums import Sums, TensorSums
from generator.distances.tasks import Note
from generator.errors import UsageError
from generator.records.arrays import Counts, Floats
from generator.records.pairwise_sums import AdaptedSums, Group
from generator.records.reasons import NonFinite


def adapters_among(target: Path, parents: Sequence[Path]) -> list[Path]:
    """Those of the `parents` that are adapters, if the `target` is none.

    Raises:
        CheckpointError: a file is not understood.
    """
    if _is_adapter(open_member(target, target.name)):
        return []
    return [each for each in parents if _is_adapter(open_member(each, each.name))]


def adapted_sums(
    target: Path,
    checkpoints: Sequence[Path],
    adapters: Sequence[Path],
    progress: Progress | None = None,
) -> AdaptedSums:
    """Read the weights that `target` and all `checkpoints` have in one shape, each once.

    Raises:
        CheckpointError: a file is not understood, or cannot be read any more.
        UsageError: there is no checkpoint, they have no weight in common, or an adapter changes
            none of these or cannot be read.
    """
    if not checkpoints:
        raise UsageError("parents", "are all adapters", "Name the checkpoint that they change")
    paths = [target, *checkpoints, *adapters]
    members = [open_member(*each) for each in zip(paths, short_names(paths), strict=True)]
    whole, changes = members[: 1 + len(checkpoints)], members[1 + len(checkpoints) :]
    keys = [key for key in whole[0].weights if is_shared(key, whole)]
    if not keys:
        raise UsageError(", ".join(each.name for each in whole), "have no tensor in common")
    for adapter in changes:
        _check_changes(adapter, whole[1], keys)
    weights = {key: whole[1].weights[key] for key in keys}
    groups: list[Group] = sorted({(w.component, w.block, w.kind) for w in weights.values()})
    sums = Sums(groups, len(members), pairwise=False)
    rows, notes, done = np.arange(len(members)), [], 0
    total = sum(each.elements for each in weights.values())
    with ExitStack() as stack:
        readers = [
            Reader([stack.enter_context(WeightFile(Path(file.path))) for file in member.files])
            for member in members
        ]
        for key in sorted(keys, key=lambda key: whole[1].sources[key].place):
            weight = weights[key]
            part = _measure(key, weight.elements, members, len(whole), readers)
            if np.isfinite(part.floats["squared"]).all():
                sums.add((weight.component, weight.block, weight.kind), rows, part)
            else:
                notes.append(Note(0, *key, NonFinite()))
            done += weight.elements
            if progress:
                progress(done, total)
    for adapter in changes:
        _check_usable(adapter, set(keys), {(note.component, note.name) for note in notes})
    names = {member.name: "" for member in members}
    return AdaptedSums(
        pairwise_sums(members, list(range(len(members))), sums, notes, names, pairwise=False),
        tuple(each.name for each in whole[1:]),
        tuple(each.name for each in changes),
        {component: _dtypes(whole[0], component) for component in whole[0].components},
    )


def _is_adapter(member: Member) -> bool:
    return bool(member.components) and all(each.is_change for each in member.components.values())


def is_shared(key: Key, members: Sequence[Member]) -> bool:
    """Whether all have a weight of this name, in one shape, whose values can be read."""
    held = [member.weights.get(key) for member in members]
    first = held[0]
    return first is not None and all(
        each and each.is_weight and each.is_readable and each.shape == first.shape for each in held
    )


def _check_changes(adapter: Member, base: Member, keys: Sequence[Key]) -> None:
    known = {key: base.weights[key].elements for key in keys}
    if unread := [each for each in adapter.weights.values() if not each.is_readable]:
        first = unread[0]
        raise UsageError(
            adapter.name, f"has changes that are not read: {first.name} ({first.quantisation})"
        )
    fitting = [key for key, each in adapter.weights.items() if known.get(key) == each.elements]
    if 2 * len(fitting) < len(adapter.weights):
        reason = f"fits {len(fitting)} of its {len(adapter.weights)} changes to {base.name}"
        raise UsageError(adapter.name, reason, "It is for another network")


def _check_usable(adapter: Member, keys: set[Key], unusable: set[Key]) -> None:
    if keys & adapter.weights.keys() <= unusable:
        where = "in it or in a checkpoint"
        raise UsageError(adapter.name, f"changes only weights with NaN or infinite values, {where}")


def _measure(
    key: Key, elements: int, members: Sequence[Member], n_whole: int, readers: Sequence[Reader]
) -> TensorSums:
    """Sums over one weight; not finite where one of its values is not."""
    count = len(members)
    squared, norms = np.zeros((count, count)), np.zeros(count)
    used = [
        number
        for number, member in enumerate(members)
        if number < n_whole or (key in member.weights and member.weights[key].elements == elements)
    ]
    for first in range(0, elements, CHUNK):
        size = min(CHUNK, elements - first)
        steps = np.zeros((count, size))
        for number in used:
            source = members[number].sources[key]
            steps[number] = values_of(readers[number], source, first, size)
        base = steps[1].copy()
        with np.errstate(invalid="ignore", over="ignore"):
            steps[:n_whole] -= base
            gram = steps @ steps.T
            apart = np.diagonal(gram)[:, None] + np.diagonal(gram) - 2 * gram
            squared += np.maximum(apart, 0)
            norms += np.diagonal(gram) + 2 * steps @ base + base @ base
    np.fill_diagonal(squared, 0)
    floats: dict[str, Floats] = {
        "squared": squared,
        "norms": np.repeat(norms[:, None], count, axis=1),
    }
    numbers = np.full((count, count), elements, np.int64)
    counts: dict[str, Counts] = {"elements": numbers, "different": (squared > 0) * numbers}
    return TensorSums(np.ones((count, count), dtype=bool), floats, counts)


def _dtypes(member: Member, component: str) -> Counter[str]:
    """Numbers of weights by dtype or format."""
    held: Counter[str] = Counter()
    for weight in member.weights.values():
        if weight.component == component and weight.is_weight:
            held[weight.quantisation or weight.dtype] += weight.elements
    return held
