"""A group and its distances -> its contents, and what was not compared and why."""

from collections.abc import Sequence

from generator.publish.figures.groups.drawn import Drawn
from generator.publish.figures.groups.labels import Label
from generator.records import Matrix, Reason, Record, Square
from generator.text.coded import reason_text
from generator.text.words import order_components

# Number of names to list; all are counted.
LISTED = 3


class NamedPair(Record):
    """Two members and their L2 distance."""

    a: Label
    b: Label
    distance: float


class Content(Record):
    """A component in a group.

    `contents` is the number of distinct contents, an upper bound where fewer pairs are `known` than
    there are `pairs`. `drawn` is the number of members that are drawn because all their distances
    are known. `nearest` and `farthest` are pairs that differ; None if no pair does.
    """

    name: str
    contents: int
    pairs: int
    known: int
    drawn: int
    nearest: NamedPair | None
    farthest: NamedPair | None


class NotCompared(Record):
    """What could not be compared for one reason: a whole component, or `count` of its tensors.

    Only the first few `tensors` and `members` are named; `holders` counts the members. With 0
    holders it applies to all members or, if the component is `compared`, to some of their pairs.
    """

    component: str
    compared: bool
    reason: str
    tensors: tuple[str, ...]
    count: int
    members: tuple[Label, ...]
    holders: int


def contents(
    matrix: Matrix, drawn: Sequence[Drawn], labels: Sequence[Label]
) -> tuple[Content, ...]:
    """A summary of each compared component."""
    drawings = {one.name: one for one in drawn}
    found = []
    for name in order_components(matrix.components):
        component = matrix.components[name]
        holders = [n for n in range(len(matrix.members)) if component.identical[n][n]]
        different: list[int] = []
        for member in holders:
            if not any(component.identical[member][other] for other in different):
                different.append(member)
        square = component.l2 or ()
        near, far = _extremes(square, labels)
        found.append(
            Content(
                name=name,
                contents=len(different),
                pairs=len(holders) * (len(holders) - 1) // 2,
                known=sum(value is not None for n in holders for value in square[n][:n])
                if square
                else 0,
                drawn=len(drawings[name].labels) if name in drawings else 0,
                nearest=near,
                farthest=far,
            )
        )
    return tuple(found)


def not_compared(matrix: Matrix, labels: Sequence[Label]) -> tuple[NotCompared, ...]:
    """What `matrix` excludes, by component and reason; members with equal entries are merged."""
    of_member: dict[tuple[str, Reason, str], list[str]] = {}
    for entry in matrix.excluded:
        component, _, tensor = entry.tensor.partition("/")
        found = of_member.setdefault((component, entry.reason, entry.checkpoint), [])
        found += [tensor] if tensor else []
    label_of = dict(zip(matrix.members, labels, strict=True))
    alike: dict[tuple[str, Reason, tuple[str, ...]], list[Label]] = {}
    for (component, reason, member), tensors in of_member.items():
        holders = alike.setdefault((component, reason, tuple(tensors)), [])
        # An archive may exclude a tensor for all members, without naming one.
        holders += [label_of[member]] if member else []
    return tuple(
        NotCompared(
            component=component,
            compared=component in matrix.components,
            reason=reason_text(reason),
            tensors=tensors[:LISTED],
            count=len(tensors),
            members=tuple(members[:LISTED]),
            holders=len(members),
        )
        for (component, reason, tensors), members in sorted(
            alike.items(), key=lambda item: (item[0][0], reason_text(item[0][1]), item[0][2])
        )
    )


def _extremes(
    square: Square | tuple[()], labels: Sequence[Label]
) -> tuple[NamedPair | None, NamedPair | None]:
    """The nearest and the farthest of the compared pairs that differ."""
    apart = [
        NamedPair(a=labels[column], b=labels[row], distance=value)
        for row, values in enumerate(square)
        for column, value in enumerate(values[:row])
        if value
    ]
    if not apart:
        return None, None
    apart.sort(key=lambda pair: (pair.distance, pair.a.number, pair.b.number))
    return apart[0], apart[-1]
