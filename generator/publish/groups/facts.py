"""A group and its distances -> what is said of it, and why something was not compared."""

from collections.abc import Sequence

import numpy as np

from generator.publish.groups.components import Drawn
from generator.publish.groups.labels import Label
from generator.publish.words import component_title, order_components
from generator.records import Group, Matrix, Record

# As many names are listed; all are counted.
LISTED = 3


class NamedPair(Record, frozen=True, kw_only=True):
    """Two members and their L2 distance."""

    a: Label
    b: Label
    distance: float


class Content(Record, frozen=True, kw_only=True):
    """A component in a group: how many different ones its members hold, how many of them are drawn
    as they can all be compared, and the nearest two of those that differ and the farthest two; None
    where no two differ."""

    name: str
    contents: int
    drawn: int
    nearest: NamedPair | None
    farthest: NamedPair | None


class NotCompared(Record, frozen=True, kw_only=True):
    """What was not compared of some members, for one reason: a whole component, or `count` tensors
    of it. A few of the tensors and of the `holders` are named; no holder: of all of them."""

    component: str
    reason: str
    tensors: tuple[str, ...]
    count: int
    members: tuple[Label, ...]
    holders: int


def contents(matrix: Matrix, drawn: Sequence[Drawn]) -> tuple[Content, ...]:
    """What there is of each component that was compared."""
    drawings = {one.name: one for one in drawn}
    found = []
    for name in order_components(matrix.components):
        component = matrix.components[name]
        holders = [n for n in range(len(matrix.members)) if component.identical[n][n]]
        different: list[int] = []
        for member in holders:
            if not any(component.identical[member][other] for other in different):
                different.append(member)
        near, far = _extremes(drawings[name]) if name in drawings else (None, None)
        found.append(
            Content(
                name=name,
                contents=len(different),
                drawn=len(drawings[name].labels) if name in drawings else 0,
                nearest=near,
                farthest=far,
            )
        )
    return tuple(found)


def not_compared(matrix: Matrix, labels: Sequence[Label]) -> tuple[NotCompared, ...]:
    """What `matrix` excludes, by component and reason; members told the same stand together."""
    of_member: dict[tuple[str, str, str], list[str]] = {}
    for entry in matrix.excluded:
        component, _, tensor = entry.tensor.partition("/")
        found = of_member.setdefault((component, entry.reason, entry.checkpoint), [])
        found += [tensor] if tensor else []
    label_of = dict(zip(matrix.members, labels, strict=True))
    alike: dict[tuple[str, str, tuple[str, ...]], list[Label]] = {}
    for (component, reason, member), tensors in of_member.items():
        holders = alike.setdefault((component, reason, tuple(tensors)), [])
        # An archive may say something of all of them.
        holders += [label_of[member]] if member else []
    return tuple(
        NotCompared(
            component=component,
            reason=reason,
            tensors=tensors[:LISTED],
            count=len(tensors),
            members=tuple(members[:LISTED]),
            holders=len(members),
        )
        for (component, reason, tensors), members in sorted(alike.items())
    )


def reason_missing(group: Group, matrix: Matrix, member: int, component: str, base: str) -> str:
    """Why the distance of a member from the one called `base` in a component is not known."""
    name = group.members[member]
    for entry in matrix.excluded:
        if entry.checkpoint == name and entry.tensor == component:
            return entry.reason
    found = matrix.components.get(component)
    if found is None or not found.identical[member][member]:
        return f"it has no {component_title(component)} that can be compared"
    return f"its {component_title(component)} has no tensor in common with {base}"


def _extremes(drawn: Drawn) -> tuple[NamedPair | None, NamedPair | None]:
    rows, columns = np.triu_indices(len(drawn.labels), 1)
    distances = drawn.distances[rows, columns]
    apart = np.flatnonzero(distances > 0)
    if not apart.size:
        return None, None

    def pair(place: int) -> NamedPair:
        return NamedPair(
            a=drawn.labels[int(rows[place])],
            b=drawn.labels[int(columns[place])],
            distance=float(distances[place]),
        )

    return pair(apart[int(distances[apart].argmin())]), pair(int(distances.argmax()))
