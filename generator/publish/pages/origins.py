"""A checkpoint and the groups that it is a member of -> where its components come from."""

from collections.abc import Iterable, Iterator

from markupsafe import Markup

from generator.publish.figures.figure import Figure
from generator.publish.figures.groups.prepared import Prepared, naming
from generator.publish.figures.groups.recipe_bars import recipe_bars
from generator.publish.figures.groups.thumbnails import TALL, mapped, small_map
from generator.publish.tables.candidates import candidates
from generator.publish.tables.table import Table
from generator.records import GroupComponent, Record
from generator.text.filling import Naming, joined
from generator.text.origins import origin_sentence
from generator.text.words import begun, component_title, order_components


class ComponentOrigin(Record):
    """One component: where it comes from, the models `made` from it, and, if its blocks
    have weights of their own, those weights."""

    component: str
    sentence: Markup
    made: Markup
    bars: Figure | None


class Origins(Record):
    """All components of a member of one group; `link` is its row in the page of the group,
    `candidates` are mixes that are near it and not claimed. `map` shows it in a ring among the
    others, by the component `mapped`; None if it is not on the map."""

    group: str
    link: str
    parts: tuple[ComponentOrigin, ...]
    candidates: Table
    map: Figure | None
    mapped: str


def origins_of(member: str, groups: Iterable[Prepared]) -> Iterator[Origins]:
    """Of each group that compared this checkpoint of the catalogue."""
    for prepared in groups:
        group = prepared.group
        if group.origin != "measured" or member not in group.members:
            continue
        page = f"../groups/{group.id}.html"
        name = naming(prepared, page)
        found = {one.name: one for one in group.components}
        components = [found[each] for each in order_components(found)]
        parts = tuple(_parts(prepared, components, member, name))
        shown = mapped(prepared)
        if parts:
            yield Origins(
                group=group.title,
                link=f"{page}#member-{group.members.index(member) + 1}",
                parts=parts,
                candidates=candidates(components, name, member),
                map=small_map(prepared, TALL, member),
                mapped=shown.name if shown else "",
            )


def _parts(
    prepared: Prepared, components: Iterable[GroupComponent], member: str, name: Naming
) -> Iterator[ComponentOrigin]:
    labels = dict(zip(prepared.group.members, prepared.labels, strict=True))
    for one in components:
        sentence = origin_sentence(one, member, name)
        if one.lineage is None or sentence is None:
            continue
        node = one.lineage.node_of(member)
        model = node.name if node else member
        recipe = next((r for r in one.recipes if r.target == model and r.verdict != "none"), None)
        bars = None
        if recipe and recipe.by_block:
            title = f"{begun(component_title(one.name))} of {labels[member].text}, by block"
            key = f"origin-{prepared.group.id}-{one.name}"
            bars = recipe_bars(key, title, recipe, labels)
        made = joined(one.lineage.made_from(model), name)
        yield ComponentOrigin(component=one.name, sentence=sentence, made=made, bars=bars)
