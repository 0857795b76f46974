"""Which members of a family descend from others, and which know nothing of one another."""

from collections.abc import Iterable

import numpy as np

from generator.analysis.lineage.angles import angles, is_partial
from generator.analysis.lineage.members import Members
from generator.analysis.lineage.sums_of_steps import Steps, sparse_sum


class Relations:
    """Which steps from the root are independent, or one descends from the other."""

    def __init__(self, members: Members, root: int) -> None:
        self._members, self._root = members, root
        self._right: dict[tuple[int, int], list[bool]] = {}

    def independent(self, one: int, other: int) -> bool:
        """Whether the steps of two members stand at right angles."""
        return self.seen_from(self._root, one, other)

    def descends(self, child: int, parent: int) -> bool:
        """Whether the step from `parent` to `child` is independent of the parent's own."""
        return self.seen_from(parent, self._root, child)

    def apart(self, one: int, other: int) -> bool:
        """Whether they are independent, seen from the root or from a common ancestor."""
        return self.independent(one, other) or any(
            self.descends(one, origin)
            and self.descends(other, origin)
            and self.seen_from(origin, one, other)
            for origin in self._members.clique
            if origin not in (one, other, self._root)
        )

    def related(self, one: int, other: int) -> bool:
        """Whether they are apart, or one descends from the other."""
        return self.descends(one, other) or self.descends(other, one) or self.apart(one, other)

    def alike(self, some: Iterable[int]) -> bool:
        """Whether they have as many weights: the same shapes."""
        elements = np.diagonal(self._members.elements)
        return len({int(elements[each]) for each in some}) == 1

    def is_adapted(self, member: int, others: Iterable[int]) -> bool:
        """Whether what a member added to one of the others may be an adapter."""
        return any(is_partial(self._members.parts, each, member) for each in others)

    def is_sum(self, steps: Steps, some: Iterable[int], target: int) -> bool:
        """Whether one of them is a sum of other members, so that the target is several sums."""
        pool = {*self._members.clique} - {target, self._root}
        return any(sparse_sum(steps, each, sorted(pool - {each})) for each in some)

    def seen_from(self, origin: int, one: int, other: int) -> bool:
        """Whether the steps from `origin` to two members are independent."""
        if (origin, one) not in self._right:
            found = angles(self._members.parts, origin, one, origin)
            self._right[origin, one] = found.right.tolist()
        return self._right[origin, one][other]
