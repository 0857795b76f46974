"""Where the members of a group stand to one another in drawings."""

from generator.records.base import Count, Length, Record


class Merge(Record, frozen=True, kw_only=True):
    """Two clusters that become one at a distance of `height`.

    Members are clusters 0 to N-1; the merge number i makes cluster N+i. `left` is drawn first.
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
    """A place in the plane for every member.

    `stress` tells how far lengths in the drawing are from the distances: the square root of the
    sum of (length - distance)^2, scaled to be least, over that of distance^2. 0 is a true map.
    """

    name: str
    positions: tuple[tuple[float, float], ...]
    stress: Length


class Arrangement(Record, frozen=True, kw_only=True):
    """How to draw the members of a group by their distances in one component.

    `members` are those that can be compared with one another, as places in `Group.members`; all
    other numbers are places in `members`. `order` is the order of the leaves of the dendrogram in
    which neighbours are nearest. `tree` is the minimum spanning tree, `nearest` leads from every
    member to its nearest other one.
    """

    members: tuple[Count, ...]
    order: tuple[Count, ...]
    merges: tuple[Merge, ...]
    tree: tuple[Edge, ...]
    nearest: tuple[Edge, ...]
    layouts: tuple[Layout, ...]
