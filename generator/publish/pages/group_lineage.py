"""The findings about a group -> the sections Findings, Lineage and Merges of its page."""

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from generator.publish.figures.figure import Figure
from generator.publish.figures.groups.labels import Label
from generator.publish.figures.groups.lineage_tree import lineage_tree
from generator.publish.figures.groups.prepared import Prepared, naming
from generator.publish.figures.groups.recipe_bars import recipe_bars
from generator.publish.pages.context import Told, told
from generator.publish.quantities.lineage import is_telling
from generator.records import DeclaredRecipe, GroupComponent, Recipe, Record
from generator.text.escaping import inert
from generator.text.filling import plain
from generator.text.findings import GROUP_TEXTS, group_sentence
from generator.text.lineage import (
    UNCLAIMED,
    declared_sentence,
    lineage_caption,
    recipe_sentence,
    unclaimed_text,
)
from generator.text.merge_tools import BlockMix, ToolText, known_blocks, tool_texts
from generator.text.origins import relations_sentence
from generator.text.words import begun, component_title, order_components

# A tree without edges adds nothing to the table of members.
FEWEST_EDGES = 1


class Tree(Record, frozen=True, kw_only=True):
    """The lineage of one component: a sentence that counts the relations in it, a figure, and a
    caption that explains it and its roots; `tells` if at least half of the models have a known
    origin."""

    component: str
    title: str
    sentence: Markup
    figure: Figure
    caption: Markup
    directed: bool
    tells: bool


class MixBars(Record, frozen=True, kw_only=True):
    """One mix of one component: its sentence, and a bar per block (None for a single block).

    `by_block` if only separate weights per block explain the mix. `tools` are the weights as merge
    tools take them, for a denoiser.
    """

    component: str
    title: str
    sentence: Markup
    bars: Figure | None
    by_block: bool
    tools: tuple[ToolText, ...]


class Declared(Record, frozen=True, kw_only=True):
    """The recipe in a file's metadata, and a sentence that compares it with the weights."""

    recipe: DeclaredRecipe
    name: Markup
    sentence: Markup


class Unmixed(Record, frozen=True, kw_only=True):
    """One component: the number of members without a recipe, and the rule that they fail."""

    component: str
    members: int
    reason: str


class Heritage(Record, frozen=True, kw_only=True):
    """All three sections; `directed` if the direction of descent is known for a component.

    `findings` are those about the first component, `more` those about the others.
    """

    findings: tuple[Told, ...]
    more: tuple[Told, ...]
    trees: tuple[Tree, ...]
    directed: bool
    merges: tuple[MixBars, ...]
    declared: tuple[Declared, ...]
    unmixed: tuple[Unmixed, ...]


def heritage(prepared: Prepared, others: Sequence[str] = ("members",)) -> Heritage:
    """The sections of a group's page; empty without findings.

    `others` are the anchors of the page's other sections, to which findings may link.
    """
    group, name = prepared.group, naming(prepared)
    found = {one.name: one for one in group.components}
    components = [found[each] for each in order_components(found)]
    trees = tuple(_trees(prepared, components))
    merges = tuple(_merges(prepared, components))
    shown = (("lineage", trees), ("merges", merges), ("declared", group.declared))
    sections = [*others, *(anchor for anchor, content in shown if content)]
    first = next(iter(order_components({each.component for each in group.findings} | {*found})), "")

    def findings(leads: bool) -> tuple[Told, ...]:
        return tuple(
            told(group_sentence(each, name), GROUP_TEXTS[each.kind].sections, sections)
            for each in group.findings
            if (each.component == first) == leads
        )

    return Heritage(
        findings=findings(leads=True),
        more=findings(leads=False),
        trees=trees,
        directed=any(tree.directed for tree in trees),
        merges=merges,
        declared=tuple(
            Declared(
                recipe=each, name=name(each.checkpoint), sentence=declared_sentence(each, name)
            )
            for each in group.declared
        ),
        unmixed=tuple(_unmixed(components)),
    )


def _labels(prepared: Prepared) -> dict[str, Label]:
    return dict(zip(prepared.group.members, prepared.labels, strict=True))


def _trees(prepared: Prepared, components: list[GroupComponent]) -> Iterator[Tree]:
    labels = _labels(prepared)
    for one in components:
        lineage = one.lineage
        if lineage and sum(bool(node.tied_to) for node in lineage.nodes) >= FEWEST_EDGES:
            title = f"Lineage of the {component_title(one.name)}"
            name = f"lineage-{one.name}"
            told = plain(lineage_caption(lineage, lambda member: inert(labels[member].text)))
            yield Tree(
                component=one.name,
                title=begun(component_title(one.name)),
                sentence=relations_sentence(one.name, lineage, naming(prepared)),
                figure=lineage_tree(
                    name,
                    one.name,
                    title,
                    lineage,
                    labels,
                    place="lineage",
                    choice={"component": one.name},
                    captions=(told, told),
                ),
                caption=lineage_caption(lineage, naming(prepared)),
                directed=lineage.directed,
                tells=is_telling(lineage),
            )


def _merges(prepared: Prepared, components: list[GroupComponent]) -> Iterator[MixBars]:
    labels, name = _labels(prepared), naming(prepared)
    for one in components:
        for number, recipe in enumerate(each for each in one.recipes if each.verdict != "none"):
            what = begun(component_title(one.name))
            title = f"{what} of {labels[recipe.target].text}, by block"
            bars = None
            if len(recipe.blocks) > 1:
                bars = recipe_bars(f"recipe-{one.name}-{number}", title, recipe, labels)
            yield MixBars(
                component=one.name,
                title=title,
                sentence=recipe_sentence(one.name, recipe, name),
                bars=bars,
                by_block=recipe.by_block,
                tools=tuple(_tools(prepared, recipe)) if one.name == "denoiser" else (),
            )


def _tools(prepared: Prepared, recipe: Recipe) -> Iterator[ToolText]:
    """The recipe of a denoiser for merge tools, with the text encoder's weights where known."""
    labels = _labels(prepared)
    found = {one.name: one for one in prepared.group.components}
    encoder = found.get("text_encoder")
    mixes = encoder.recipes if encoder else ()
    claimed = (each for each in mixes if each.target == recipe.target and each.verdict != "none")
    same = next((each for each in claimed if {*each.parents} == {*recipe.parents}), None)
    classes = encoder.identities if encoder else ()
    mix = BlockMix(
        parents=tuple(labels[parent].whole for parent in recipe.parents),
        blocks=known_blocks(recipe.weights, {each.name: each.weights for each in recipe.blocks}),
        encoder=[same.weights[same.parents.index(each)] for each in recipe.parents]
        if same
        else None,
        same_encoder=any({*recipe.parents} <= {*each.members} for each in classes),
        difference=recipe.form == "add difference",
    )
    yield from tool_texts(mix)


def _unmixed(components: list[GroupComponent]) -> Iterator[Unmixed]:
    for one in components:
        rest = [each for each in one.recipes if each.verdict == "none"]
        for rule in UNCLAIMED:
            concerned = [each for each in rest if each.failed == rule]
            if concerned:
                reason = unclaimed_text(concerned)
                yield Unmixed(component=one.name, members=len(concerned), reason=reason)
