"""Families of narrow networks whose history is known, from outside the repository -> what the
program says of them, as claims that their own judge understands."""

import importlib
import sys
from collections import defaultdict

import numpy as np
from shared_cases import CASES

from generator.analysis.lineage.descent import LineageResult, descent
from generator.records.pairwise_sums import Head, PairwiseSums

FOLDER = CASES / "merges"
KINDS = ("attn1", "attn2", "ff", "norm", "proj", "emb", "conv")


def load(name):
    """One of the modules beside the cases; None if they are not there."""
    if not (FOLDER / f"{name}.py").is_file():
        return None
    if str(FOLDER) not in sys.path:
        sys.path.append(str(FOLDER))
    return importlib.import_module(name)


def said_of(family) -> LineageResult:
    """What the program says of a family, of whose members it sees sums alone."""
    sums = sums_of(family)
    total = sums.add_up("denoiser").squared
    copies = {tuple(np.flatnonzero(row == 0).tolist()) for row in total}
    dtypes = [{family.dtypes[name]: 1} for name in sums.head.members]
    return descent(sums, "denoiser", sorted(copies), dtypes=dtypes)


def sums_of(family) -> PairwiseSums:
    """Sums by block and kind, in float64."""
    weights = load("weights")
    names = tuple(name for name in family.models if name not in family.absent)
    models = [family.models[name] for name in names]
    keys = defaultdict(list)
    for key in models[0]:
        plain = key.removeprefix(weights.PREFIX)
        kind = next((kind for kind in KINDS if kind in plain), "other")
        keys["denoiser", weights.block_of(key), kind].append(key)
    groups = tuple(sorted(keys))
    shape = (len(groups), len(names), len(names))
    squared, norms = np.zeros((2, *shape))
    elements, differing = np.zeros((2, *shape), np.int64)
    for place, group in enumerate(groups):
        for several in _of_one_shape(models, keys[group]):
            values = np.array(
                [np.concatenate([models[n][key].ravel() for key in several[1]]) for n in several[0]]
            )
            chosen = np.ix_(several[0], several[0])
            squared[place][chosen] += [((values - row) ** 2).sum(1) for row in values]
            differing[place][chosen] += [(values != row).sum(1) for row in values]
            norms[place][chosen] += (values**2).sum(1)[:, None]
            elements[place][chosen] += values.shape[1]
    head = Head(
        members=names,
        identities=("",) * len(names),
        pairwise=False,
        version=1,
        groups=groups,
        held={},
        excluded=(),
    )
    return PairwiseSums(
        head,
        {"squared": squared, "norms": norms, "l1": np.zeros(shape)},
        {"elements": elements, "different": (squared > 0) * elements, "l0": differing},
    )


def _of_one_shape(models, keys):
    """Numbers of models that hold the `keys` in the same shapes, and these; of others, no pair is
    compared."""
    alike = [key for key in keys if len({model[key].shape for model in models}) == 1]
    if alike:
        yield [*range(len(models))], alike
    for key in set(keys) - set(alike):
        for shape in {model[key].shape for model in models}:
            yield [n for n, model in enumerate(models) if model[key].shape == shape], [key]


def claims(result: LineageResult) -> list[dict]:
    """The claims of a record, as the README of the cases reads it."""
    lineage, found = result.lineage, []
    for recipe in result.recipes:
        parents = dict(zip(recipe.parents, recipe.weights, strict=True))
        told = {"member": recipe.target, "parents": parents}
        if recipe.verdict == "merge":
            blocks = {
                block.name: dict(zip(recipe.parents, block.weights, strict=True))
                for block in recipe.blocks
            }
            found.append(
                {"claim": "merge"} | told | ({"blocks": blocks} if recipe.by_block else {})
            )
        elif recipe.verdict != "none":
            found.append({"claim": "between"} | told)
    above = {parent for node in lineage.nodes for parent in node.parents}
    for root in lineage.roots:
        if root.rule != "centre":
            found.append({"claim": "root", "member": root.name})
        if len(lineage.roots) > 1 and root.name not in above:
            found.append({"claim": "unrelated", "member": root.name})
    mixed = {recipe.target for recipe in result.recipes if recipe.verdict != "none"}
    for node in lineage.nodes:
        if len(node.parents) == 1:
            found.append({"claim": "parent", "member": node.name, "parent": node.parents[0]})
        elif node.parents:
            assert node.name in mixed
        if node.involves:
            found.append({"claim": "involves", "member": node.name, "parents": [*node.involves]})
        if node.copies:
            found.append({"claim": "same", "members": [node.name, *node.copies]})
    return found
