"""A record -> an error if it contradicts itself: counts, indices, lengths and names must agree.

Types cannot express these rules. Without these checks, a record edited by hand would fail later and
elsewhere, while pages are generated.
"""

import collections
import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, cast

from generator.records.architectures import Architecture, ParameterRow
from generator.records.arrangements import Arrangement
from generator.records.checkpoints import Checkpoint, TensorRow
from generator.records.comparisons import ComponentComparison, DistanceSum, TensorDistance
from generator.records.embeddings import EmbeddingMap
from generator.records.findings import (
    GROUP_FIGURES,
    PAIR_FIGURES,
    Change,
    Finding,
    GroupKind,
    Mixed,
    PairKind,
)
from generator.records.groups import Group, GroupComponent, Pair
from generator.records.lineage import Recipe

# Tolerance of sums of squares: they are added in a different order here.
TOLERANCE = 1e-6


def check(record: object) -> None:
    """Raise `ValueError`, naming the field, if the record contradicts itself."""
    for kind, check_kind in CHECKS.items():
        if isinstance(record, kind):
            check_kind(record)


def require(condition: bool, what: str) -> None:
    """Raise `ValueError` that `what` is wrong, unless `condition` holds."""
    if not condition:
        raise ValueError(what)


def _each_once(names: Sequence[object], what: str) -> None:
    require(len(set(names)) == len(names), f"{what} are not all different")


def _known(names: Iterable[object], known: Collection[object], what: str) -> None:
    for name in names:
        require(name in known, f"{what} names {name!r}, which is not there")


def _architecture(record: Architecture) -> None:
    blocks = record.mbw.blocks
    _each_once([block.name for block in blocks], "mbw.blocks")
    require(record.mbw.count == len(blocks) - 1, "mbw.count is not the number of blocks")
    total = sum(block.parameters for block in blocks)
    require(total == record.parameters.diffusers, "the blocks do not sum to parameters.diffusers")
    _each_once([diagram.name for diagram in record.diagrams], "diagrams")
    drawn = [f"{record.id}.{diagram.name}.svg" for diagram in record.diagrams]
    _known(drawn, record.files, "diagrams")


def check_parameters(record: Architecture, rows: Sequence[ParameterRow]) -> None:
    """Raise `ValueError` if the rows of the table do not match the record."""
    sums: dict[str, int] = {}
    for row in rows:
        sums[row.block] = sums.get(row.block, 0) + row.parameters
    told = {block.name: block.parameters for block in record.mbw.blocks if block.parameters}
    require({name: n for name, n in sums.items() if n} == told, "its blocks are not the record's")


def _checkpoint(record: Checkpoint) -> None:
    parts = record.components
    _each_once([part.name for part in parts], "components")
    require(record.size == sum(one.size for one in record.sources), "size is not that of sources")
    counts = [("the checkpoint", record.dtypes, record.parameters)]
    counts += [(part.name, part.dtypes, part.parameters) for part in parts]
    for name, dtypes, parameters in counts:
        counted = sum(dtypes.values())
        require(counted == parameters, f"dtypes of {name} do not sum to its parameters")
    total = sum(part.parameters for part in parts)
    require(total == record.parameters, "parameters is not the sum of the components'")
    for part in parts:
        total = sum(block.parameters for block in part.blocks)
        require(total == part.parameters, f"blocks of {part.name} do not sum to its parameters")
        _each_once([block.name for block in part.blocks], f"blocks of {part.name}")
        for key in ("missing", "extra"):
            listed, count = getattr(part, key), getattr(part, f"{key}_count")
            require(len(listed) <= count, f"{key}_count of {part.name} is less than are listed")


def check_tensors(record: Checkpoint, rows: Sequence[TensorRow]) -> None:
    """Raise `ValueError` if the rows of the table do not match the record."""
    counts = collections.Counter(row.component for row in rows)
    # One tensor of the file can hold several weights, each with a separate row.
    told = {part.name: part.tensors for part in record.components if part.tensors}
    require(counts == told, "it has not the rows of the record's components")


def _pair(record: Pair) -> None:
    require(record.a != record.b, "a and b are the same")
    for name, part in record.comparison.summary.components.items():
        _comparison(name, part)
    judged = [each.component for each in record.verdicts]
    _each_once(judged, "components of verdicts")
    for name in record.comparison.summary.components:
        require(name in judged, f"{name} has no verdict")
    for each in record.findings:
        _figures(each, PAIR_FIGURES.get(cast(PairKind, each.kind)))
        require(len(each.subjects) == 2, f"finding {each.kind} is not of two")
    shared = record.comparison.shared
    require(len(record.comparison.shape_mismatch) <= shared, "shared is less than shape_mismatch")


def _figures(finding: Finding, kind: Any) -> None:  # noqa: ANN401 - a type of `FindingFigures`
    known = kind is not None and isinstance(finding.figures, kind)
    require(known, f"finding {finding.kind} has other figures")
    if isinstance(finding.figures, Mixed):
        weights = len(finding.figures.weights)
        require(weights > 0, f"finding {finding.kind} has no weights")
        of_three = finding.kind not in ("add_difference", "difference_of_any") or weights == 3
        same = len(finding.subjects) == 1 + weights
        require(of_three and same, f"finding {finding.kind}: weights are not one for each parent")


def _comparison(name: str, part: ComponentComparison) -> None:
    kinds: dict[str, list[DistanceSum]] = {kind: [] for kind in part.kinds}
    require(part.blocks.keys() == part.blocks_kinds.keys(), f"{name}: blocks_kinds has not blocks")
    for block, by_kind in part.blocks_kinds.items():
        _known(by_kind, kinds, f"{name}: blocks_kinds")
        _adds_up(part.blocks[block], by_kind.values(), f"{name}: {block}")
        for kind, cell in by_kind.items():
            kinds[kind].append(cell)
    for kind, cells in kinds.items():
        _adds_up(part.kinds[kind], cells, f"{name}: {kind}")
    _adds_up(part.total, part.blocks.values(), f"{name}: total")


def _adds_up(total: DistanceSum, parts: Collection[DistanceSum], what: str) -> None:
    for key in ("tensors", "elements"):
        summed = sum(getattr(part, key) for part in parts)
        require(getattr(total, key) == summed, f"{what}: {key} is not the sum of its parts")
    for key, power in (("l0", 1), ("l1", 1), ("l2", 2)):
        known = [getattr(part, key) for part in parts if getattr(part, key) is not None]
        whole = getattr(total, key)
        require((whole is None) == (not known), f"{what}: {key} is missing in some")
        if whole is not None:
            # Products, not powers: powers raise on overflow.
            summed = math.fsum(math.prod([value] * power) for value in known)
            same = math.isclose(math.prod([whole] * power), summed, rel_tol=TOLERANCE)
            require(same and math.isfinite(summed), f"{what}: {key} is not the sum of its parts")


def check_distances(record: Pair, rows: Sequence[TensorDistance]) -> None:
    """Raise `ValueError` if the rows of the table do not match the record."""
    comparison = record.comparison
    mismatched = len(comparison.shape_mismatch)
    require(len(rows) + mismatched == comparison.shared, "it has not as many rows as are shared")
    found = {row.component for row in rows}
    _known(comparison.summary.components, found, "the record's summary")


def _group(record: Group) -> None:
    members = record.members
    _each_once(members, "members")
    require(record.reference in ("", *members), "reference is not a member")
    require(len(record.metrics) > 0, "metrics is empty")
    _each_once([part.name for part in record.components], "components")
    for part in record.components:
        _component(part, members)
    for finding in record.findings:
        _figures(finding, GROUP_FIGURES.get(cast(GroupKind, finding.kind)))
        _known(finding.subjects, members, f"finding {finding.kind}")
        if finding.kind == "decoder_only" or isinstance(finding.figures, Change):
            require(len(finding.subjects) == 2, f"finding {finding.kind} is not of two")
    for declared in record.declared:
        _known([declared.checkpoint], members, "declared")
        if found := declared.check:
            _known(found.parents, members, "declared: check")
            same = len(found.parents) == len(found.weights)
            require(same, f"declared: weights of {declared.checkpoint} are not one for each parent")


def _component(part: GroupComponent, members: Sequence[str]) -> None:
    if part.arrangement:
        _arrangement(part.arrangement, len(members), part.name)
    if part.lineage:
        nodes = part.lineage.nodes
        named = [name for node in nodes for name in (node.name, *node.copies)]
        _each_once(named, f"{part.name}: nodes of the lineage")
        _known((*named, *part.lineage.left_out), members, f"{part.name}: lineage")
        _known([root.name for root in part.lineage.roots], named, f"{part.name}: roots")
        before: set[str] = set()
        for node in nodes:
            _known(node.parents, before, f"{part.name}: parents of {node.name}")
            before |= {node.name, *node.copies}
            there = len(node.distances) in (0, len(node.tied_to))
            require(there, f"{part.name}: distances of {node.name} are not one for each parent")
            _known([node.near], ["", *members], f"{part.name}: near of {node.name}")
            others = (*node.involves, *node.alternatives)
            _known(others, members, f"{part.name}: relatives of {node.name}")
            _known([node.runner_up], ["", *members], f"{part.name}: runner_up of {node.name}")
        for line in part.lineage.lines:
            _known(line.members, members, f"{part.name}: lines")
    for recipe in (*part.recipes, *part.candidates):
        _recipe(recipe, members, part.name)
    for one in part.identities:
        _known(one.members, members, f"{part.name}: identities")
    for row in part.history.rows if part.history else ():
        _known([row.member], members, f"{part.name}: history")


def _recipe(recipe: Recipe, members: Sequence[str], where: str) -> None:
    what = f"{where}: recipe of {recipe.target}"
    _known((recipe.target, *recipe.parents), members, what)
    require(len(recipe.parents) > 0, f"{what} has no parents")
    _each_once([recipe.target, *recipe.parents], what)
    for weights in (recipe.weights, *(block.weights for block in recipe.blocks)):
        require(len(weights) == len(recipe.parents), f"{what} has not a weight for each parent")
    _each_once([block.name for block in recipe.blocks], f"{what}: blocks")


def _arrangement(one: Arrangement, n_members: int, where: str) -> None:
    """Check that the lengths and indices of an arrangement's arrays match its members."""
    n = len(one.members)
    require(n >= 2, f"{where}: arrangement has fewer than two members")
    _each_once(one.members, f"{where}: members of the arrangement")
    _known(one.members, range(n_members), f"{where}: members of the arrangement")
    require(sorted(one.order) == list(range(n)), f"{where}: order is not that of the members")
    require(len(one.merges) == len(one.tree) == n - 1, f"{where}: merges or tree are not N-1")
    # Each cluster is merged once, after it was created.
    for number, merge in enumerate(one.merges):
        _known((merge.left, merge.right), range(n + number), f"{where}: merges")
    _each_once(
        [side for each in one.merges for side in (each.left, each.right)], f"{where}: merges"
    )
    for edge in (*one.tree, *one.nearest):
        _known((edge.a, edge.b), range(n), f"{where}: tree or nearest")
        require(edge.a != edge.b, f"{where}: tree or nearest lead nowhere")
    require(sorted(edge.a for edge in one.nearest) == list(range(n)), f"{where}: nearest is not N")
    _each_once([layout.name for layout in one.layouts], f"{where}: layouts")
    for layout in one.layouts:
        require(len(layout.positions) == n, f"{where}: positions of {layout.name} are not N")


def _map(record: EmbeddingMap) -> None:
    encoders = range(len(record.encoders))
    kinds = list(record.kinds)
    require(bool(kinds and encoders), "has no encoders or kinds of vectors")
    _each_once(kinds, "kinds")
    _each_once(record.categories, "categories")
    _known({prompt.category for prompt in record.prompts}, record.categories, "prompts")
    for encoder in record.encoders:
        require(len(encoder.members) > 0, "encoders: one is in no checkpoint")
        _known([encoder.reference], encoders, "encoders: reference")
        own = record.encoders[encoder.reference].reference
        require(own == encoder.reference, "encoders: a reference has another one")
    for prompt in record.prompts:
        same = len(prompt.tokens) == len(record.references)
        require(same, f"tokens of {prompt.text!r} are not one for each reference")
    spaces = [(space.encoder, space.kind) for space in record.spaces]
    _each_once(spaces, "spaces")
    for space in record.spaces:
        _known([space.encoder], encoders, "spaces: encoder")
        _known([space.kind], kinds, "spaces: kind")
        _known(space.most_moved, range(len(record.prompts)), "spaces: most_moved")
    for number in encoders:
        require((number, kinds[0]) in spaces, f"spaces: encoder {number} has none of {kinds[0]}")
    for one in record.likenesses:
        _known([(one.a, one.kind), (one.b, one.kind)], spaces, "likenesses")


CHECKS: Mapping[type, Callable[[Any], None]] = {
    Architecture: _architecture,
    Checkpoint: _checkpoint,
    Pair: _pair,
    Group: _group,
    EmbeddingMap: _map,
}
