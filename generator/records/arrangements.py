"""Positions and order of a group's members in figures."""

from generator.records.base import Count, Length, Record


class Merge(Record, frozen=True, kw_only=True):
    """Two clusters that join at distance `height`.

    Members are clusters 0 to N-1; merge number i creates cluster N+i. `left` is drawn first.
    """

    left: Count
    right: Count
    height: Length


class Edge(Record, frozen=True, kw_only=True):
    """Two members and the distance between them."""

    a: Count
    b: Count
    length: Length


class Layout(Record, frozen=True, kw_only=True):
    """A position in the plane for every member.

    `stress` measures the error of lengths: the square root of the quotient of sum of (length -
    distance)^2 and sum of distance^2, with lengths scaled to make it smallest. 0 is an exact map.
    """

    name: str
    positions: tuple[tuple[float, float], ...]
    stress: Length


class Arrangement(Record, frozen=True, kw_only=True):
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
