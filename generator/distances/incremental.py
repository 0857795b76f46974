"""Sums of a run, and of an earlier run -> the pairwise sums of all checkpoints."""

import hashlib
import math
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import numpy as np

from generator.distances.members import Member
from generator.distances.sums import Sums
from generator.distances.tasks import DISTANCES_VERSION, Note
from generator.records import Excluded
from generator.records.arrays import Counts, Floats
from generator.records.pairwise_sums import (
    ComponentSignature,
    Head,
    PairwiseSums,
    have_gaps,
    in_order,
    names_of,
    reorder,
)
from generator.records.reasons import Away, NonFinite, TooLarge


def pairwise_sums(
    members: Sequence[Member],
    kept: Sequence[int],
    sums: Sums,
    notes: Sequence[Note],
    identity_of: dict[str, str],
    pairwise: bool,
) -> PairwiseSums:
    """The pairwise sums of the `kept` members, with names, identities and omissions."""
    head = Head(
        members=tuple(members[number].name for number in kept),
        identities=tuple(identity_of[members[number].name] for number in kept),
        pairwise=pairwise,
        version=DISTANCES_VERSION,
        groups=sums.groups,
        held={
            component: {members[number].name: _held(members[number], component) for number in kept}
            for component in sorted({key[0] for number in kept for key in members[number].weights})
        },
        excluded=tuple(
            Excluded(
                checkpoint=members[note.member].name,
                tensor=f"{note.component}/{note.name}" if note.name else note.component,
                reason=note.reason,
            )
            for note in sorted(notes, key=lambda note: note.place)
            if note.member in kept
        ),
    )
    if len(kept) < len(members):
        places = np.ix_(range(len(sums.groups)), kept, kept)
        sums.high = {name: array[places] for name, array in sums.high.items()}
        sums.low = {name: array[places] for name, array in sums.low.items()}
        sums.counts = {name: array[places] for name, array in sums.counts.items()}
    return _finish(head, sums)


def _held(member: Member, component: str) -> ComponentSignature:
    weights = sorted(
        (weight.name, weight.shape, weight.dtype)
        for weight in member.weights.values()
        if weight.is_weight and weight.component == component
    )
    elements = sum(math.prod(shape) for _, shape, _ in weights)
    digest = hashlib.sha256(repr(weights).encode()).hexdigest()[:32] if weights else ""
    return ComponentSignature(signature=digest, elements=elements)


def reusable(
    previous: PairwiseSums | None,
    path_of: dict[str, Path],
    identity_of: dict[str, str],
    pairwise: bool,
) -> list[str]:
    """The members of `previous` whose mutual distances are still valid, in its order."""
    if previous is None or previous.head.version != DISTANCES_VERSION:
        return []
    if pairwise and not previous.head.pairwise:
        return []
    gaps = have_gaps(previous.head)
    return [
        name
        for name, identity in zip(previous.head.members, previous.head.identities, strict=True)
        if name in path_of
        and (
            not path_of[name].exists()
            # A file that was away for a while lacks distances that can now be measured.
            or (identity and identity == identity_of[name] and name not in gaps)
        )
    ]


def join(fresh: PairwiseSums, previous: PairwiseSums, known: Sequence[str]) -> PairwiseSums:
    """`fresh`, with the mutual distances of the `known` members from `previous`.

    The files of known members that are not in `fresh` are gone.
    """
    old = previous.head
    members = [*known, *(name for name in fresh.head.members if name not in known)]
    groups = sorted({*old.groups, *fresh.head.groups})
    sums = Sums(groups, len(members), pairwise=fresh.head.pairwise)
    floats, counts = names_of(fresh.head.pairwise)
    for pairwise, names in ((previous, known), (fresh, fresh.head.members)):
        chosen = reorder(pairwise, names)
        part = Sums(chosen.head.groups, 0, pairwise=fresh.head.pairwise)
        part.high = {name: chosen.floats[name] for name in floats}
        part.counts = {name: chosen.counts[name] for name in counts}
        part.low = {name: np.zeros_like(array) for name, array in part.high.items()}
        sums.merge(part, np.array([members.index(name) for name in names]))
    heads = [(fresh.head if name in fresh.head.members else old, name) for name in members]
    excluded = (*_still_true(old, fresh.head, members), *_gaps(old, fresh.head, known))
    head = Head(
        members=tuple(members),
        identities=tuple(head.identities[head.members.index(name)] for head, name in heads),
        pairwise=fresh.head.pairwise,
        version=DISTANCES_VERSION,
        groups=sums.groups,
        held={
            component: {
                name: head.held[component][name]
                for head, name in heads
                if name in head.held.get(component, {})
            }
            for component in sorted({*old.held, *fresh.head.held})
        },
        excluded=in_order((*excluded, *fresh.head.excluded), members),
    )
    return _finish(head, sums)


def _still_true(old: Head, fresh: Head, members: Collection[str]) -> Iterator[Excluded]:
    """Earlier omissions that still hold: values that cannot be used, and all omissions of members
    whose files are gone."""
    for entry in old.excluded:
        gone = entry.checkpoint not in fresh.members
        if entry.checkpoint in members and (gone or isinstance(entry.reason, NonFinite | TooLarge)):
            yield entry


def _gaps(old: Head, fresh: Head, known: Sequence[str]) -> Iterator[Excluded]:
    """Omissions of members whose files are gone: they are not compared with new members."""
    gone = [name for name in known if name not in fresh.members]
    new = [name for name in fresh.members if name not in known]
    for name in gone if new else ():
        for component, held in old.held.items():
            if name in held and held[name].signature:
                yield Excluded(checkpoint=name, tensor=component, reason=Away(joined=tuple(new)))


def _finish(head: Head, sums: Sums) -> PairwiseSums:
    """The pairwise sums, with diagonals."""
    for name, high in sums.high.items():
        high += sums.low.pop(name)
    pairwise = PairwiseSums(head, sums.high, sums.counts)
    _set_diagonal(pairwise.counts["elements"], pairwise.floats["norms"])
    return pairwise


def _set_diagonal(elements: Counts, norms: Floats) -> None:
    """The size of each checkpoint by group: the largest overlap with another one.

    Not the union of all overlaps: that would depend on the order in which members joined the group.
    """
    all_members = np.arange(elements.shape[1])
    for shared, lengths in zip(elements, norms, strict=True):
        np.fill_diagonal(shared, 0)
        most = shared.argmax(1)
        shared[all_members, all_members] = shared[all_members, most]
        lengths[all_members, all_members] = np.where(shared.any(1), lengths[all_members, most], 0.0)
