"""Records -> the lines that `atlas compare`, `matrix` and `recipe` print."""

from collections.abc import Iterator, Sequence
from itertools import product

from generator.records import (
    Comparison,
    ComponentComparison,
    ComponentVerdict,
    Finding,
    MaskedSum,
    Matrix,
    NamedRecipe,
    NamedVerdict,
)
from generator.text.coded import reason_text
from generator.text.filling import plain
from generator.text.findings import pair_sentence
from generator.text.inspection import columns
from generator.text.numbers import share
from generator.text.pairs import answer, verdict_words
from generator.text.words import bounds, listed, shape_text, tensors

METRICS = {"l2": "L2", "l1": "L1", "l0": "L0", "cosine": "cosine"}
VERDICTS: dict[NamedVerdict, str] = {
    "merge": "a mix of these; neither came from the other",
    "interpolation": "between one of these and its descendant",
    "between": "between these; which of the three came first is not known",
    "add difference": "one of these plus a part of the difference of two others",
    "extrapolation": "beyond these: a weight is negative",
    "copy": "one of these, except for a small part",
    "whole blocks": "each block is that of one of these: their blocks were swapped, or both were"
    " trained from this one, in other blocks",
    "swapped values": "each value is that of one of two of these: values or whole tensors were"
    " swapped, or both were trained from this one, in other values",
    "dropped values": "each value is that of one of these plus some of the changes of the others,"
    " as after DARE or pruning",
    "elected values": "each value is that of one of these plus the mean of some of the changes of"
    " the others, as after TIES",
    "adapters": "the adapters, or ones nearly parallel to them, were added, at these weights; those"
    " of the checkpoints sum to 1",
    "none": "not a mix of these: too much is left, or a simpler mix is about as near",
}

# Blocks named as those that carry a change.
MOST_CARRIERS = 5


def describe_comparison(
    comparison: Comparison,
    verdicts: Sequence[ComponentVerdict],
    findings: Sequence[Finding],
) -> Iterator[str]:
    """Lines for a terminal: whether the two differ, the distances by component, and their
    meaning."""
    yield f"A  {comparison.a}"
    yield f"B  {comparison.b}"
    yield (
        f"{comparison.shared:,} tensors in both, {len(comparison.only_a):,} only in A, "
        f"{len(comparison.only_b):,} only in B, {len(comparison.shape_mismatch):,} with other "
        f"shapes, {len(comparison.dtype_difference):,} with other dtypes"
    )
    header = ("component", "tensors", *METRICS.values(), "verdict")
    rows: list[tuple[str, ...]] = [header]
    components = comparison.summary.components
    for verdict in verdicts:
        part = components.get(verdict.component)
        if part is None:
            rows.append((verdict.component, *["–"] * 5, verdict_words(verdict)))
            continue
        total = part.total
        rows.append(
            (
                verdict.component,
                f"{total.tensors:,}",
                _figure(total.l2),
                _figure(total.l1),
                _figure(total.l0),
                _figure(total.cosine),
                verdict_words(verdict),
            )
        )
    yield from columns(rows)
    yield plain(answer(verdicts))
    for name, component in components.items():
        if name in comparison.changes:
            yield from _carriers(f"distance of the changes to {name}", component)
            yield from _cosines(name, component)
        else:
            yield from _carriers(f"change of {name}", component)
    yield from (plain(pair_sentence(each)) for each in findings)
    for pair in comparison.shape_mismatch:
        yield f"not compared: {pair.name}: {shape_text(pair.a)} in A, {shape_text(pair.b)} in B"
    for excluded in comparison.summary.excluded:
        yield f"not compared: {excluded.tensor}: {reason_text(excluded.reason)}"


def _carriers(what: str, component: ComponentComparison) -> Iterator[str]:
    """The blocks that carry most of the change, if it is in more than one."""
    total = (component.total.l2 or 0) ** 2
    squares = {block: (each.l2 or 0) ** 2 for block, each in component.blocks.items()}
    changed = sorted((each for each in squares if squares[each]), key=lambda each: -squares[each])
    if len(changed) > 1:
        parts = [f"{block} {share(squares[block], total)}" for block in changed[:MOST_CARRIERS]]
        rest = f", of {len(changed)} that changed" if len(changed) > MOST_CARRIERS else ""
        yield f"squared {what} by block: {', '.join(parts)}{rest}"


def _cosines(name: str, component: ComponentComparison) -> Iterator[str]:
    """The cosines of two adapters' changes in each block, if there are several."""
    known = [f"{block} {_cosine(each.cosine)}" for block, each in sorted(component.blocks.items())]
    if len(known) > 1:
        yield f"cosine of the changes to {name} by block: {', '.join(known)}"


def describe_matrix(matrix: Matrix, metrics: Sequence[str] = ("l2",)) -> Iterator[str]:
    """Lines for a terminal: the `metrics` of every component."""
    for number, member in enumerate(matrix.members, start=1):
        yield f"{number}  {member}"
    header = ("", *map(str, range(1, len(matrix.members) + 1)))
    for (name, distances), metric in product(matrix.components.items(), metrics):
        square = getattr(distances, metric)
        if square is None:
            continue
        yield ""
        left = {each.tensor for each in matrix.excluded if each.tensor.startswith(f"{name}/")}
        without = f", without {tensors(len(left))} that are not comparable" if left else ""
        yield f"{name}, {METRICS[metric]}{without}"
        rows = [(str(number), *map(_figure, row)) for number, row in enumerate(square, start=1)]
        yield from columns([header, *rows])
    for excluded in matrix.excluded:
        what = f"{excluded.checkpoint} {excluded.tensor}"
        yield f"not compared: {what}: {reason_text(excluded.reason)}"


def describe_recipe(recipe: NamedRecipe) -> Iterator[str]:
    """Lines for a terminal: the weights of the parents, overall and block by block."""
    yield f"{recipe.component} of {recipe.target}, as a mix of"
    for number, parent in enumerate(recipe.parents, start=1):
        yield f"{number}  {parent}"
    yield ""
    header = ("", *(str(number) for number in range(1, len(recipe.parents) + 1)), "residual")
    mixes = [("whole", recipe.whole), *((block.name, block) for block in recipe.blocks)]
    rows = [
        (name, *(_weight(mix.weights[parent]) for parent in recipe.parents), _weight(mix.residual))
        for name, mix in mixes
    ]
    yield from columns([header, *rows])
    yield ""
    yield f"verdict: {recipe.verdict} ({VERDICTS[recipe.verdict]})"
    if recipe.low_rank:
        ranks = recipe.low_rank.ranks
        yield (
            f"{recipe.target} is {recipe.low_rank.parent} with a change of rank"
            f" {bounds(ranks.smallest, ranks.largest)} in {ranks.low} of the {ranks.matrices}"
            f" matrices that differ ({listed(ranks.kinds)}), as a merged LoRA or a change of few"
            " values makes"
        )
    if recipe.masked:
        yield from _masked(recipe.masked)
    for name in recipe.not_comparable:
        yield f"not comparable: {name}, where all shapes differ"
    for one, other in recipe.twins:
        yield f"{one} and {other} hold the same {recipe.component}; they share a weight."
    if not recipe.unique:
        yield (
            "The weights are not unique: parents hold the same, or one is a mix of others."
            " These are the smallest that come as near."
        )


def _masked(found: MaskedSum) -> Iterator[str]:
    """The factor and the kept share of each change, overall and block by block."""
    yield f"changes from {found.base}:"
    others = list(found.factors)
    rows = [("", "factor", "kept", *(block.name for block in found.blocks))]
    rows += [
        (
            name,
            f"{found.factors[name]:.4f}",
            share(found.kept[name], 1),
            *(share(block.kept[name], 1) for block in found.blocks),
        )
        for name in others
    ]
    yield from columns([*zip(*rows, strict=True)])
    yield f"{share(found.explained, 1)} of the values that tell are such sums"


def _weight(value: float | None) -> str:
    # Adding zero turns -0.0 into 0.0.
    return "–" if value is None else f"{value:z.4f}"


def _cosine(value: float | None) -> str:
    return "–" if value is None else f"{value:z.3f}"


def _figure(value: float | None) -> str:
    if isinstance(value, int):
        return f"{value:,}"
    return "–" if value is None else f"{value:.6g}"
