"""Random histories of model families, made as vectors, and how much of them is recovered.

Every model is a vector of a few thousand numbers, in blocks. What is handed to the program are
the sums that a comparison of real checkpoints leaves: distances and norms, no vector.
"""

from typing import NamedTuple

import numpy as np

from generator.records.pairwise_sums import Head, PairwiseSums

# In the order in which recipes list them.
BLOCKS = ("IN00", "IN01", "MID", "OUT00", "OUT01", "REST")
SPREAD = 0.1


class Made(NamedTuple):
    """One model: its values by block (B x D), and how it was made."""

    values: np.ndarray
    kind: str
    parents: tuple[int, ...] = ()
    # B x number of parents.
    weights: np.ndarray | None = None


def grams_of(models, kind="ff", norms=True, names=None) -> PairwiseSums:
    """Sums of B x D arrays, in float64; norms are unknown (NaN) where they are left out."""
    values = np.array(models, np.float64)
    members, blocks, size = values.shape
    squared = np.empty((blocks, members, members))
    for block in range(blocks):
        for one in range(members):
            squared[block, one] = ((values[:, block] - values[one, block]) ** 2).sum(1)
    own = np.square(values).sum(2).T
    elements = np.full((blocks, members, members), size)
    names = names or tuple(f"m{number}" for number in range(members))
    head = Head(
        members=tuple(names),
        identities=("",) * members,
        pairwise=False,
        version=1,
        groups=tuple(("denoiser", name, kind) for name in BLOCKS[:blocks]),
        held={},
        excluded=(),
    )
    floats = {
        "squared": squared,
        "norms": np.repeat(own[:, :, None], members, 2) * (1 if norms else np.nan),
        "l1": np.zeros_like(squared),
    }
    different = np.where(squared > 0, elements, 0)
    differing = np.stack(
        [(values[:, None] != values)[:, :, block].sum(2) for block in range(blocks)]
    )
    counts = {"elements": elements, "different": different, "l0": differing}
    return PairwiseSums(head, floats, counts)


def alone(members: int) -> list[list[int]]:
    """Nobody is a copy of anybody."""
    return [[member] for member in range(members)]


def family(seed: int, members: int, size: int = 3000) -> list[Made]:
    """A base and what was made from it, in random ways, in float32; the first is the base."""
    random = np.random.default_rng(seed)
    shape = (len(BLOCKS), size)
    made = [Made(random.normal(0, SPREAD, shape), "base")]
    while len(made) < members:
        made.append(_next(random, made))
    return made


def _next(random, made: list[Made]) -> Made:
    trained = [n for n, each in enumerate(made) if each.kind in ("base", "fine-tune")]
    kind = random.choice(["fine-tune", "merge", "three", "blocks", "difference"], p=WEIGHTS)
    tuned = [n for n, each in enumerate(made) if each.kind == "fine-tune"]
    if kind == "fine-tune" or len(tuned) < 3:
        parent = int(random.integers(len(made)))
        step = SPREAD * random.uniform(0.03, 0.15)
        change = random.normal(0, step, made[0].values.shape)
        return Made(_stored(made[parent].values + change), "fine-tune", (parent,))
    blocks = len(BLOCKS)
    if kind == "difference":
        a, b = (int(each) for each in random.choice(tuned, 2, replace=False))
        weights = np.tile([1, w := random.uniform(0.3, 1), -w], (blocks, 1))
        return _mixed(made, "difference", (a, b, 0), weights)
    if kind == "three":
        weights = np.tile(random.dirichlet([5, 5, 5]), (blocks, 1))
        parents = random.choice(trained, 3, replace=False)
    else:
        share = random.uniform(0.2, 0.8, (blocks, 1) if kind == "blocks" else ())
        weights = np.broadcast_to(np.stack([1 - share, share], -1).reshape(-1, 2), (blocks, 2))
        # What lies on the way from the base by block is no merge: see `mixes`.
        parents = random.choice(tuned if kind == "blocks" else trained, 2, replace=False)
    return _mixed(made, kind, tuple(int(each) for each in parents), weights)


WEIGHTS = (0.6, 0.15, 0.08, 0.1, 0.07)


def _mixed(made, kind, parents, weights) -> Made:
    values = sum(weights[:, [place]] * made[n].values for place, n in enumerate(parents))
    return Made(_stored(values), kind, parents, weights)


def _stored(values: np.ndarray) -> np.ndarray:
    """As a file keeps them."""
    return values.astype(np.float16).astype(np.float64)


def unrelated(seed, size):
    """Fine-tunes of one base in independent directions, all equally far; half without the base."""
    random = np.random.default_rng(seed)
    base = random.normal(0, 0.1, (len(BLOCKS), size))
    models = [base]
    for _ in range(random.integers(3, 13)):
        step = random.normal(0, 1, base.shape)
        models.append(base + 0.05 * step * np.linalg.norm(base) / np.linalg.norm(step))
    return models[seed % 2 :]


class Score(NamedTuple):
    """Of one family: how many there were, and were found."""

    edges: int
    edges_found: int
    merges: int
    merges_found: int
    # Models that are no mix, and are called one.
    false_merges: int
    # Largest error of a block's weight, over the merges found.
    weight_error: float


def score(made: list[Made], result) -> Score:
    """How much of the history the program recovered."""
    names = [f"m{number}" for number in range(len(made))]
    found = {node.name: node.parents for node in result.lineage.nodes}
    claimed = {each.target: each for each in result.recipes if each.verdict != "none"}
    edges = edges_found = merges = merges_found = false_merges = 0
    error = 0.0
    for name, each in zip(names, made, strict=True):
        truth = tuple(names[parent] for parent in each.parents)
        if each.weights is None:
            false_merges += name in claimed
            if truth:
                edges += 1
                edges_found += found[name] == truth
        else:
            merges += 1
            if name in claimed and set(claimed[name].parents) == set(truth):
                merges_found += 1
                order = [claimed[name].parents.index(parent) for parent in truth]
                got = np.array([block.weights for block in claimed[name].blocks])[:, order]
                error = max(error, float(np.abs(got - each.weights).max()))
    return Score(edges, edges_found, merges, merges_found, false_merges, error)
