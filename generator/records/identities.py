"""Records of checkpoints -> classes of checkpoints with the same component.

Used for copies within a group, and by the site for all checkpoints.
"""

from collections.abc import Iterable, Sequence
from typing import Literal

from generator.records import Checkpoint, CheckpointComponent, IdentityClass

Rounding = Literal["float16", "bfloat16"]
ROUNDINGS: tuple[Rounding, ...] = ("float16", "bfloat16")


def identity_classes(checkpoints: Sequence[Checkpoint]) -> tuple[IdentityClass, ...]:
    """Classes by component: first by bytes, then by rounded values.

    Classes by bytes are a partition of all measured checkpoints with the component; classes by
    rounded values have two or more members with different bytes. Components, classes and members
    are in the order of the checkpoints.
    """
    names = dict.fromkeys(part.name for each in checkpoints for part in each.components)
    return tuple(
        found
        for name in names
        for found in (*_by_bytes(name, checkpoints), *_by_rounding(name, checkpoints))
    )


def component_of(checkpoint: Checkpoint, name: str) -> CheckpointComponent | None:
    """The component with that name, if the checkpoint has it."""
    return next((part for part in checkpoint.components if part.name == name), None)


def _by_bytes(name: str, checkpoints: Iterable[Checkpoint]) -> list[IdentityClass]:
    classes: dict[str, list[str]] = {}
    for checkpoint in checkpoints:
        part = component_of(checkpoint, name)
        if part and part.blake3:
            classes.setdefault(part.blake3, []).append(checkpoint.id)
    return [
        IdentityClass(component=name, how="bytes", members=tuple(members))
        for members in classes.values()
    ]


def _by_rounding(name: str, checkpoints: Iterable[Checkpoint]) -> list[IdentityClass]:
    found = []
    for rounding in ROUNDINGS:
        classes: dict[str, dict[str, str]] = {}
        for checkpoint in checkpoints:
            part = component_of(checkpoint, name)
            digest = part and getattr(part, f"blake3_{rounding}")
            if part and part.blake3 and digest:
                classes.setdefault(digest, {})[checkpoint.id] = part.blake3
        found += [
            IdentityClass(component=name, how=rounding, members=tuple(members))
            for members in classes.values()
            if len(set(members.values())) > 1
        ]
    return found
