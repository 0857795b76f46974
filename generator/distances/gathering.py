"""Sums of a run, and those of an earlier one -> what is kept of N checkpoints."""

import hashlib
import math
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np

from generator.distances.members import Member
from generator.distances.sums import Sums
from generator.distances.tasks import DISTANCES_VERSION, Note
from generator.grams import COUNTS, FLOATS, Grams, Head, Held
from generator.records import Excluded


def gather(
    members: Sequence[Member],
    kept: Sequence[int],
    sums: Sums,
    notes: Sequence[Note],
    identity_of: dict[str, str],
    pairwise: bool,
) -> Grams:
    """The sums of the members that are `kept`, with what has to be known about them."""
    places = np.ix_(range(len(sums.groups)), kept, kept)
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
            for note in sorted(notes)
            if note.member in kept
        ),
    )
    floats = {name: (sums.high[name] + sums.low[name])[places] for name in FLOATS}
    return Grams(head, floats, {name: sums.counts[name][places] for name in COUNTS})


def _held(member: Member, component: str) -> Held:
    weights = sorted(
        (weight.name, weight.shape, weight.dtype)
        for weight in member.weights.values()
        if weight.is_weight and weight.component == component
    )
    elements = sum(math.prod(shape) for _, shape, _ in weights)
    digest = hashlib.sha256(repr(weights).encode()).hexdigest()[:32] if weights else ""
    return Held(signature=digest, elements=elements)


def reusable(
    previous: Grams | None,
    path_of: dict[str, Path],
    identity_of: dict[str, str],
    pairwise: bool,
) -> list[str]:
    """The members of `previous` whose distances to one another still stand, in its order."""
    if previous is None or previous.head.version != DISTANCES_VERSION:
        return []
    if pairwise and not previous.head.pairwise:
        return []
    return [
        name
        for name, identity in zip(previous.head.members, previous.head.identities, strict=True)
        if name in path_of
        and (not path_of[name].exists() or (identity and identity == identity_of[name]))
    ]


def join(fresh: Grams, previous: Grams, known: Sequence[str]) -> Grams:
    """`fresh`, with the distances of the `known` members to one another taken from `previous`."""
    old = previous.head
    members = [*known, *(name for name in fresh.head.members if name not in known)]
    sums = Sums(sorted({*old.groups, *fresh.head.groups}), len(members))
    for grams, names in ((previous, known), (fresh, fresh.head.members)):
        chosen = reorder(grams, names)
        part = Sums(chosen.head.groups, 0)
        part.high, part.counts = chosen.floats, chosen.counts
        part.low = {name: np.zeros_like(array) for name, array in part.high.items()}
        sums.merge(part, np.array([members.index(name) for name in names]))
    heads = [(fresh.head if name in fresh.head.members else old, name) for name in members]
    excluded = (
        entry for entry in (*old.excluded, *fresh.head.excluded) if entry.checkpoint in members
    )
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
        excluded=tuple(dict.fromkeys(excluded)),
    )
    floats = {name: sums.high[name] + sums.low[name] for name in FLOATS}
    return Grams(head, floats, sums.counts)


def reorder(grams: Grams, members: Sequence[str]) -> Grams:
    """`grams` of some of its members, in the given order."""
    head = grams.head
    numbers = [head.members.index(name) for name in members]
    places = np.ix_(range(len(head.groups)), numbers, numbers)
    return Grams(
        msgspec.structs.replace(
            head,
            members=tuple(members),
            identities=tuple(head.identities[number] for number in numbers),
            excluded=tuple(entry for entry in head.excluded if entry.checkpoint in members),
        ),
        {name: array[places] for name, array in grams.floats.items()},
        {name: array[places] for name, array in grams.counts.items()},
    )
