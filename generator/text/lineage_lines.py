"""The lineage of some checkpoints -> the lines that `atlas lineage` prints."""

from collections.abc import Iterator, Mapping

from generator.records import ComponentLineage, FamilyLineage, Lineage, LineageNode, Recipe
from generator.records.reasons import NonFinite
from generator.text.filling import joined, plain
from generator.text.findings import group_sentence, residual
from generator.text.inspection import columns
from generator.text.lineage import (
    LEFT_OUT,
    UNCLAIMED_SHORT,
    declared_sentence,
    formula,
    recipe_sentence,
    root_sentences,
)
from generator.text.numbers import significant
from generator.text.words import begun, component_title

# Columns of the members, the last one where there are copies; and of the candidates of those whose
# history is not known.
MEMBERS = ("member", "relation", "from", "L2", "also equal")
CANDIDATES = ("member", "nearest mixes", "residual", "not claimed because")
RELATIONS = {
    "root": "root",
    "descends": "descends",
    "mix": "mix",
    "near": "within rounding",
    "related": "related, order unknown",
    "unrelated": "unrelated",
}
NOTHING = "–"
SILENT = "Nothing is told of {names}: an adapter, or no other file holds such a component."

NOT_FINITE = "Not compared, for NaN or infinite values: {tensors} of {name}."


def describe_lineage(found: FamilyLineage) -> Iterator[str]:
    """Lines for a terminal: what was found out, then each component, member by member."""
    for finding in found.findings:
        yield plain(group_sentence(finding))
    for component in found.components:
        yield ""
        yield begun(component_title(component.name))
        if component.lineage is None:
            yield "  No two of these can be compared."
            continue
        yield from map(_indented, _component(component, component.lineage))
    if not_finite := _not_finite(found):
        yield ""
        yield from not_finite
    if silent := _silent(found):
        yield ""
        yield SILENT.format(names=plain(joined(silent)))
    for declared in found.declared:
        yield ""
        yield f"{declared.checkpoint}: its metadata name {plain(joined(declared.models))}."
        yield plain(declared_sentence(declared))


def _silent(found: FamilyLineage) -> list[str]:
    """Members that no component tells anything of."""
    lineages = [each.lineage for each in found.components if each.lineage]
    told = {name for each in lineages for node in each.nodes for name in (node.name, *node.copies)}
    told |= {name for each in lineages for name in each.left_out}
    return [name for name in found.members if name not in told]


def _not_finite(found: FamilyLineage) -> list[str]:
    """For each member, the tensors that hold no numbers."""
    tensors: dict[str, list[str]] = {}
    for each in found.excluded:
        if isinstance(each.reason, NonFinite):
            tensors.setdefault(each.checkpoint, []).append(each.tensor)
    return [
        NOT_FINITE.format(tensors=plain(joined(some)), name=name) for name, some in tensors.items()
    ]


def _indented(line: str) -> str:
    return f"  {line}".rstrip()


def _component(component: ComponentLineage, lineage: Lineage) -> Iterator[str]:
    claimed = {each.target: each for each in component.recipes if each.verdict != "none"}
    has_copies = any(node.copies for node in lineage.nodes)
    rows = [MEMBERS, *(_member(node, claimed) for node in lineage.nodes)]
    yield from columns([row if has_copies else row[:-1] for row in rows])
    yield from map(plain, root_sentences(lineage))
    for recipe in claimed.values():
        yield plain(recipe_sentence(component.name, recipe))
    if lineage.left_out:
        yield LEFT_OUT.format(names=plain(joined(lineage.left_out)))
    if candidates := component.open_candidates:
        yield ""
        yield from columns([CANDIDATES, *map(_candidate, candidates)])


def _member(node: LineageNode, claimed: Mapping[str, Recipe]) -> tuple[str, ...]:
    relation = RELATIONS[node.relation]
    origin = plain(joined(node.parents))
    if node.name in claimed:
        recipe = claimed[node.name]
        origin = plain(formula(recipe))
        relation = "mix" if recipe.verdict == "merge" else recipe.verdict
    elif node.involves:
        origin = f"{plain(joined(node.involves))} and others"
    elif node.near and not node.parents:
        origin = f"near {node.near}"
    distance = significant(node.distances[0]) if len(node.distances) == 1 else NOTHING
    return node.name, relation, origin or NOTHING, distance, ", ".join(node.copies)


def _candidate(recipe: Recipe) -> tuple[str, ...]:
    left = residual(recipe.residual_by_block)
    return recipe.target, plain(formula(recipe)), left, UNCLAIMED_SHORT[recipe.failed]
