"""A group in `data/` -> the group with its distances, its members' names, and plans of figures."""

from typing import NamedTuple

import msgspec
from markupsafe import Markup

from generator.publish.figures.groups.drawn import Drawn, drawn_components
from generator.publish.figures.groups.graph_plan import NARROW, WIDE, GraphPlan, plan_graph
from generator.publish.figures.groups.labels import Label, labels
from generator.publish.figures.groups.strip import FEWEST_BLOCKS, profiled
from generator.publish.reading.checkpoints import LoadedCheckpoint
from generator.publish.reading.groups import LoadedGroup
from generator.records import Group, Matrix
from generator.records.distances import distance_matrix
from generator.text import numbers
from generator.text.escaping import inert
from generator.text.filling import Naming

# With fewer members, maps and clusters show no more than a sentence with their distances.
FEWEST_DRAWN = 4
# Length of a name in a sentence; the whole name is shown on hover.
LONGEST_NAME = 64


class Planned(NamedTuple):
    """A component with differences to draw, and the plans of its graph by layout name: `plans` for
    wide screens, `narrow_plans` for narrow ones."""

    drawn: Drawn
    plans: dict[str, GraphPlan]
    narrow_plans: dict[str, GraphPlan]

    @property
    def has_distances(self) -> bool:
        """Whether there are enough members to draw their distances."""
        return len(self.drawn.labels) >= FEWEST_DRAWN

    @property
    def has_blocks(self) -> bool:
        """Whether there are enough blocks to compare."""
        return len(self.drawn.blocks.names) >= FEWEST_BLOCKS and bool(profiled(self.drawn))


class Prepared(NamedTuple):
    """A group with everything needed to make its page and its files.

    `linked` are the members with a page, `drawn` all components that can be drawn, `planned` those
    of them in which members differ.
    """

    loaded: LoadedGroup
    matrix: Matrix
    labels: tuple[Label, ...]
    linked: frozenset[str]
    drawn: tuple[Drawn, ...]
    planned: tuple[Planned, ...]

    @property
    def id(self) -> str:
        """The id of the record: the name of its page and its files."""
        return self.loaded.id

    @property
    def group(self) -> Group:
        """The record."""
        return self.loaded.record


def prepare(loaded: LoadedGroup, checkpoints: tuple[LoadedCheckpoint, ...]) -> Prepared:
    """`loaded` with its distances, names and plans; members of the catalogue have a page."""
    group = loaded.record
    names = {one.record.id: one.record.name for one in checkpoints}
    is_known = group.origin == "measured"
    linked = frozenset(member for member in group.members if is_known and member in names)
    called = tuple(
        msgspec.structs.replace(
            label, link=f"../checkpoints/{member}.html" if member in linked else ""
        )
        for member, label in zip(
            group.members,
            labels(group.members, {member: names[member] for member in linked}),
            strict=True,
        )
    )
    drawn = drawn_components(group, loaded.beside, called)
    return Prepared(
        loaded=loaded,
        matrix=distance_matrix(loaded.beside, group.metrics),
        labels=called,
        linked=linked,
        drawn=drawn,
        planned=tuple(_plan(one) for one in drawn if one.differs),
    )


def naming(prepared: Prepared) -> Naming:
    """Turns the name of a member into markup: a link if it has a page."""
    places = {name: place for place, name in enumerate(prepared.group.members)}

    def name(member: str) -> Markup:
        label = prepared.labels[places[member]]
        text = inert(numbers.shortened(label.text, LONGEST_NAME))
        whole = inert(label.whole)
        if label.link:
            return Markup('<a href="{}" title="{}">{}</a>').format(inert(label.link), whole, text)
        return Markup('<span title="{}">{}</span>').format(whole, text)

    return name


def _plan(drawn: Drawn) -> Planned:
    wide, narrow = (
        {
            one.name: plan_graph(drawn, one, one.name == "stress", frame)
            for one in drawn.arrangement.layouts
        }
        for frame in (WIDE, NARROW)
    )
    return Planned(drawn, wide, narrow)
