"""Positions and order of a group's members in figures."""

from generator.records.base import Count, Length, Record
from generator.records.checks import all_different, all_in, require


class Merge(Record):
    """Two clusters that join at distance `height`.

    Members are clusters 0 to N-1; merge number i creates cluster N+i. `left` is drawn first.
    """

    left: Count
    right: Count
    height: Length


class Edge(Record):
    """Two members and the distance between them."""

    a: Count
    b: Count
    length: Length


class Layout(Record):
    """A position in the plane for every member, to a millionth of the drawing's width.

    `stress` measures the error of lengths: the square root of the quotient of sum of (length -
    distance)^2 and sum of distance^2, with lengths scaled to make it smallest. 0 is an exact map.
    """

    name: str
    positions: tuple[tuple[float, float], ...]
    stress: Length


class Arrangement(Record):
    """How to draw the members of a group by their distances in one component.

    `members` are indices into `Group.members`: the largest set in which every pair can be compared.
    All other numbers are indices into `members`. `order` is the optimal order of the dendrogram's
    leaves; `tree` is the minimum spanning tree; `nearest` has an edge from each member to its
    nearest neighbour.
    """

    members: tuple[Count, ...]
    order: tuple[Count, ...]
    merges: tuple[Merge, ...]
    tree: tuple[Edge, ...]
    nearest: tuple[Edge, ...]
    layouts: tuple[Layout, ...]

    def check(self, n_members: int, where: str) -> None:
        """Raise `ValueError` unless lengths and indices match the members."""
        n = len(self.members)
        require(n >= 2, f"{where}: arrangement has fewer than two members")
        all_different(self.members, f"{where}: members of the arrangement")
        all_in(self.members, range(n_members), f"{where}: members of the arrangement")
        require(sorted(self.order) == list(range(n)), f"{where}: order is not that of the members")
        require(len(self.merges) == len(self.tree) == n - 1, f"{where}: merges or tree are not N-1")
        # Each cluster is merged once, after it was created.
        for number, merge in enumerate(self.merges):
            all_in((merge.left, merge.right), range(n + number), f"{where}: merges")
        all_different(
            [side for each in self.merges for side in (each.left, each.right)], f"{where}: merges"
        )
        for edge in (*self.tree, *self.nearest):
            all_in((edge.a, edge.b), range(n), f"{where}: tree or nearest")
            require(edge.a != edge.b, f"{where}: tree or nearest lead nowhere")
        require(
            sorted(edge.a for edge in self.nearest) == list(range(n)), f"{where}: nearest is not N"
        )
        all_different([layout.name for layout in self.layouts], f"{where}: layouts")
        for layout in self.layouts:
            require(len(layout.positions) == n, f"{where}: positions of {layout.name} are not N")
