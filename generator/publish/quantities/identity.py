"""Checkpoints -> counts of distinct contents per component, as stored and after rounding.

Twelve files may hold three VAEs, and a half-precision copy counts as the same model.
"""

from collections.abc import Sequence

from generator.records import Checkpoint, IdentityClass, Record
from generator.records.identities import identity_classes
from generator.text.words import order_components


class IdentityRow(Record):
    """One component: counts of checkpoints and of distinct contents.

    `contents` counts them by bytes; `rounded` merges those that are equal after rounding to float16
    or bfloat16.
    """

    component: str
    holders: int
    contents: int
    rounded: int


class RoundedClass(Record):
    """Checkpoints whose component is equal after rounding to `format`."""

    component: str
    format: str
    holders: tuple[Checkpoint, ...]


def identity_rows(checkpoints: Sequence[Checkpoint]) -> tuple[IdentityRow, ...]:
    """One row per component that was read."""
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
    """The classes of components that are equal only after rounding, the largest first."""
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
    """The sets in `stored`, merged where they share members of a class."""
    left = [set(each) for each in stored]
    for each in classes:
        meeting = [one for one in left if not one.isdisjoint(each.members)]
        left = [one for one in left if one not in meeting] + [set().union(*meeting)]
    return left
