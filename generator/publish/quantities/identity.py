"""Checkpoints -> how many different ones there are of each component, as stored and once rounded.

Twelve files may hold three VAEs; and a copy in half precision is no other model.
"""

from collections.abc import Sequence

from generator.records import Checkpoint, IdentityClass, Record
from generator.records.identities import identity_classes
from generator.text.words import order_components


class IdentityRow(Record, frozen=True, kw_only=True):
    """One component: how many checkpoints hold it, how many different ones by bytes, and how many
    are left if those are one that are equal once rounded to float16 or bfloat16."""

    component: str
    holders: int
    contents: int
    rounded: int


class RoundedClass(Record, frozen=True, kw_only=True):
    """Checkpoints whose component is equal once rounded to `format`."""

    component: str
    format: str
    holders: tuple[Checkpoint, ...]


def identity_rows(checkpoints: Sequence[Checkpoint]) -> tuple[IdentityRow, ...]:
    """A row for each component that was read."""
    classes = identity_classes(checkpoints)
    found = []
    for name in order_components({each.component for each in classes}):
        here = [each for each in classes if each.component == name]
        stored = [set(each.members) for each in here if each.how == "bytes"]
        found.append(
            IdentityRow(
                component=name,
                holders=sum(map(len, stored)),
                contents=len(stored),
                rounded=len(_joined(stored, here)),
            )
        )
    return tuple(found)


def rounded_classes(checkpoints: Sequence[Checkpoint]) -> tuple[RoundedClass, ...]:
    """The classes of those that differ as stored, the largest first."""
    by_id = {checkpoint.id: checkpoint for checkpoint in checkpoints}
    found = [
        RoundedClass(
            component=each.component,
            format=each.how,
            holders=tuple(by_id[member] for member in each.members),
        )
        for each in identity_classes(checkpoints)
        if each.how != "bytes"
    ]
    return tuple(sorted(found, key=lambda each: -len(each.holders)))


def _joined(stored: Sequence[set[str]], classes: Sequence[IdentityClass]) -> list[set[str]]:
    """The sets of `stored`, those that have members of one class in common with one another."""
    left = [set(each) for each in stored]
    for each in classes:
        meeting = [one for one in left if not one.isdisjoint(each.members)]
        left = [one for one in left if one not in meeting] + [set().union(*meeting)]
    return left
