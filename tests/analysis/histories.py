"""Random histories of families, as people make them, with all that is true of each -> sums.

A family has 3 to 40 files. From a base, models are trained by 0.5 to 10 %, unevenly, some on what
others were trained on; merged by all methods of `merge_methods`; changed by LoRA; and stored in
every dtype, some in several. Then some files are lost. `truth` is written as the judge of the
shared cases reads it.
"""

from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
import torch
from merge_methods import dare, elementwise, magnitude_pruned, slerp, ties, weighted, whole_parts

from generator.records.pairwise_sums import Head, PairwiseSums

# Relative change of a LoRA at strength 1: that of the judge.
LORA = 0.03
BLOCKS = ("IN01", "IN02", "IN04", "IN07", "MID", "OUT03", "OUT05", "OUT08", "OUT11", "REST")
KINDS = {"attn1": (96, 64), "attn2": (64, 128), "ff": (128, 112), "norm": (1, 128)}
DTYPES = ("float32", "float16", "bfloat16")
NARROW = ("float8_e4m3fn", "float8_e5m2")


class Part(NamedTuple):
    """One tensor: where it is in the vector."""

    block: str
    kind: str
    shape: tuple[int, int]
    place: slice


class Model(NamedTuple):
    """What a file holds, as float64, and how it was made; `method` is for counting."""

    values: np.ndarray
    dtype: str
    origin: dict[str, Any]
    method: str


class Family(NamedTuple):
    """Models by name, in random order, and the names of those that were kept."""

    models: dict[str, Model]
    here: list[str]

    @property
    def truth(self) -> dict[str, Any]:
        return {
            "members": {
                name: {"here": name in self.here, "dtype": model.dtype, "origin": model.origin}
                for name, model in self.models.items()
            }
        }


def _parts() -> list[Part]:
    found, start = [], 0
    for block in BLOCKS:
        for kind, shape in KINDS.items():
            size = shape[0] * shape[1]
            found.append(Part(block, kind, shape, slice(start, start + size)))
            start += size
    return found


PARTS = _parts()
PLACES = [part.place for part in PARTS]
SIZE = PLACES[-1].stop
# What all networks have in common: the scales of norms are near 1.
ALIKE = np.concatenate(
    [np.full(part.place.stop - part.place.start, part.kind == "norm", float) for part in PARTS]
)
# So many values tell most models apart.
FEW = 64


def stored(values: np.ndarray, dtype: str) -> np.ndarray:
    """The values of a file of that dtype."""
    return torch.from_numpy(values).to(getattr(torch, dtype)).to(torch.float64).numpy()


class Maker:
    """Adds models to a family, each made from those before."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        self.models: dict[str, Model] = {}
        one = str(self.random.choice(DTYPES))
        # All files of one dtype, or each of its own; few families are 8-bit floats throughout.
        draw = self.random.random()
        self.dtypes = (one,) if draw < 0.6 else DTYPES
        if draw > 0.97:
            self.dtypes = NARROW
        self.smallest, self.largest = sorted(np.exp(self.random.uniform(-5.3, -2.3, 2)))
        base = np.empty(SIZE)
        for part in PARTS:
            scale = 0.05 * np.exp(self.random.normal(0, 0.4))
            own = scale * self.random.normal(size=part.place.stop - part.place.start)
            base[part.place] = own + (part.kind == "norm")
        self.start = base
        self.ways: dict[str, np.ndarray] = {}
        self.add("base", base, {"kind": "base"})

    def add(self, method: str, values: np.ndarray, origin: dict[str, Any], dtype: str = "") -> None:
        """Add what `values` become in a file; not if another model has come to the same."""
        dtype = dtype or str(self.random.choice(self.dtypes))
        held = stored(values, dtype)
        alike = {
            each.origin.get("of", name)
            for name, each in self.models.items()
            if np.array_equal(held[:FEW], each.values[:FEW]) and np.array_equal(held, each.values)
        }
        if alike <= {origin.get("of")}:
            self.models[f"m{len(self.models):02}"] = Model(held, dtype, origin, method)

    def some(self, count: int, methods: tuple[str, ...] = ()) -> list[str]:
        """Different models, of some methods or any but copies, which are the same again."""
        names = [
            name
            for name, each in self.models.items()
            if (each.method in methods if methods else each.method != "copy")
        ]
        chosen = self.random.choice(names, min(count, len(names)), replace=False)
        return [str(each) for each in chosen]

    def values(self, *names: str) -> np.ndarray:
        return np.array([self.models[name].values for name in names])

    def step(self, modules: tuple[str, ...] = tuple(KINDS), noise: float = 0.5) -> np.ndarray:
        """What one training adds: a relative change of 1, mostly of low rank, uneven over parts."""
        change = np.zeros(SIZE)
        for part in PARTS:
            if part.kind not in modules:
                continue
            rows, columns = part.shape
            rank = int(self.random.integers(2, 9))
            normal = self.random.standard_normal
            low = normal((rows, rank)) @ normal((rank, columns))
            own = low / np.sqrt(rank) + noise * normal(part.shape)
            size = np.linalg.norm(self.start[part.place] - (part.kind == "norm"))
            own *= size * np.exp(self.random.normal(0, 0.6)) / np.linalg.norm(own)
            change[part.place] = own.ravel()
        return change * np.linalg.norm(self.start - ALIKE) / np.linalg.norm(change)

    def train(self, name: str, change: float, method: str = "trained") -> None:
        origin = {"kind": "trained", "from": name, "change": change}
        values = self.models[name].values + change * self.step()
        self.add(method, values, origin)

    def merge(self, method: str, values: np.ndarray, parents, weights=None, by_block=None) -> None:
        told = [None] * len(parents) if weights is None else [float(each) for each in weights]
        origin = {"kind": "merge", "parents": dict(zip(parents, told, strict=True))}
        if by_block is not None:
            origin["by_block"] = by_block
        self.add(method, values, origin)


def _change(maker: Maker) -> float:
    return float(np.exp(maker.random.uniform(np.log(maker.smallest), np.log(maker.largest))))


def trained(maker: Maker) -> None:
    maker.train(maker.some(1)[0], _change(maker))


def trained_from_base(maker: Maker) -> None:
    maker.train("m00", _change(maker))


def trained_a_little(maker: Maker) -> None:
    maker.train(maker.some(1)[0], float(maker.random.uniform(0.002, 0.006)), "trained a little")


def trained_alike(maker: Maker) -> None:
    """Several on the same data, from one model."""
    (parent,) = maker.some(1, ("base", "trained"))
    way = f"way{len(maker.ways)}"
    maker.ways[way] = maker.step()
    for _ in range(int(maker.random.integers(2, 5))):
        change, shared = _change(maker), float(maker.random.uniform(0.3, 1.2)) * _change(maker)
        values = maker.models[parent].values + change * maker.step() + shared * maker.ways[way]
        origin = {"kind": "trained", "from": parent, "change": change}
        maker.add("trained alike", values, origin | {"shared_directions": {way: shared}})


def weighted_sum(maker: Maker) -> None:
    parents = maker.some(int(maker.random.choice([2, 2, 2, 3, 3, 4, 5, 6, 8])))
    if len(parents) < 2:
        return
    even = maker.random.random() < 0.4
    weights = (
        maker.random.dirichlet([3] * len(parents))
        if not even
        else np.full(len(parents), 1 / len(parents))
    )
    maker.merge("weighted sum", weighted(maker.values(*parents), weights), parents, weights)


def several_ratios(maker: Maker) -> None:
    parents = maker.some(2)
    if len(parents) < 2:
        return
    for share in maker.random.choice([0.2, 0.3, 0.4, 0.5, 0.6, 0.7], 2, replace=False):
        weights = [1 - share, share]
        maker.merge("several ratios", weighted(maker.values(*parents), weights), parents, weights)


def by_block(maker: Maker, whole: bool = False) -> None:
    parents = maker.some(2 if whole else int(maker.random.choice([2, 2, 3, 4, 5])))
    if len(parents) < 2:
        return
    count = len(parents)
    given = {
        block: np.eye(count)[maker.random.integers(count)]
        if whole
        else maker.random.dirichlet([1] * count)
        for block in BLOCKS
    }
    models, merged = maker.values(*parents), np.empty(SIZE)
    for part in PARTS:
        merged[part.place] = weighted(models[:, part.place], given[part.block])
    told = {
        block: dict(zip(parents, map(float, weights), strict=True))
        for block, weights in given.items()
    }
    mean = np.mean([*given.values()], 0)
    method = "0/1 blocks" if whole else "by block"
    maker.merge(method, merged, parents, mean, told)


def whole_blocks(maker: Maker) -> None:
    by_block(maker, whole=True)


def add_difference(maker: Maker) -> None:
    parents = maker.some(3)
    if len(parents) == 3:
        share = maker.random.uniform(0.5, 2)
        weights = [1, share, -share]
        maker.merge("add difference", weighted(maker.values(*parents), weights), parents, weights)


def add_child_difference(maker: Maker) -> None:
    """What a model was trained to, added to another, whole: as people move an inpainting model."""
    child, other = maker.some(1, ("trained", "trained a little")), maker.some(1)
    if not child or child == other:
        return
    parents = [*other, *child, maker.models[child[0]].origin["from"]]
    if len({*parents}) == 3:
        maker.merge(
            "whole difference", weighted(maker.values(*parents), [1, 1, -1]), parents, [1, 1, -1]
        )


def task_arithmetic(maker: Maker) -> None:
    parents = [each for each in maker.some(4, ("trained", "trained alike")) if each != "m00"]
    if len(parents) < 2:
        return
    factor = maker.random.uniform(0.3, 1)
    weights = [*[factor] * len(parents), 1 - factor * len(parents)]
    parents.append("m00")
    maker.merge("task arithmetic", weighted(maker.values(*parents), weights), parents, weights)


def beyond(maker: Maker) -> None:
    parents = maker.some(2)
    if len(parents) == 2:
        share = maker.random.uniform(0.2, 1)
        weights = [1 + share, -share]
        maker.merge("extrapolation", weighted(maker.values(*parents), weights), parents, weights)


def towards_base(maker: Maker) -> None:
    """As an average along a training."""
    parents = [*maker.some(1, ("trained",)), "m00"]
    if len(parents) == 2:
        share = maker.random.uniform(0.2, 0.9)
        weights = [share, 1 - share]
        maker.merge("towards base", weighted(maker.values(*parents), weights), parents, weights)


def not_linear(maker: Maker) -> None:
    parents = maker.some(2)
    tuned = [each for each in maker.some(3, ("trained", "trained alike")) if each != "m00"]
    if len(parents) < 2 or len(tuned) < 2:
        return
    one, other = maker.values(*parents)
    base, models = maker.models["m00"].values, maker.values(*tuned)
    random, share = maker.random, maker.random.uniform(0.2, 0.8)
    method = str(random.choice(["slerp", "ties", "dare", "elements", "tensors", "pruned"]))
    if method == "slerp":
        merged = slerp(one, other, share, PLACES)
        maker.merge("SLERP", merged, parents, [1 - share, share])
    elif method == "ties":
        merged = ties(base, models, random.choice([0.2, 0.5, 1]), PLACES)
        maker.merge("TIES", merged, [*tuned, "m00"])
    elif method == "dare":
        weights = np.full(len(tuned), 1 / len(tuned))
        merged = dare(random, base, models, weights, random.choice([0.1, 0.5, 0.9]))
        maker.merge("DARE", merged, [*tuned, "m00"])
    elif method == "elements":
        maker.merge("elements", elementwise(random, one, other, share), parents)
    elif method == "tensors":
        maker.merge("whole tensors", whole_parts(random, one, other, share, PLACES), parents)
    else:
        merged = magnitude_pruned(base, models[0], random.choice([0.1, 0.3]))
        maker.merge("pruned", merged, [tuned[0], "m00"])


def lora(maker: Maker) -> None:
    """One LoRA on several models, or on one with several strengths."""
    number = sum("lora" in each.origin for each in maker.models.values())
    change = LORA * maker.step(("attn1", "attn2"), noise=0)
    on = maker.some(int(maker.random.integers(1, 4)))
    strengths = np.full(len(on), maker.random.uniform(0.5, 1))
    if len(on) == 1:
        on, strengths = on * 3, maker.random.uniform(0.3, 1.2, 3)
    for parent, strength in zip(on, strengths, strict=True):
        origin = {"kind": "lora", "on": parent, "lora": number, "strength": float(strength)}
        maker.add("LoRA", maker.models[parent].values + strength * change, origin)


def copy(maker: Maker) -> None:
    """The same in another precision, or twice."""
    (source,) = maker.some(1)
    dtype = str(maker.random.choice([*DTYPES, NARROW[0]]))
    maker.add("copy", maker.models[source].values, {"kind": "copy", "of": source}, dtype)


# What is done next, and how often.
WAYS = {
    trained_from_base: 30,
    trained: 20,
    weighted_sum: 12,
    copy: 5,
    by_block: 5,
    not_linear: 5,
    several_ratios: 3,
    lora: 4,
    trained_alike: 3,
    trained_a_little: 3,
    whole_blocks: 2,
    add_difference: 3,
    add_child_difference: 2,
    task_arithmetic: 2,
    beyond: 2,
    towards_base: 2,
}


def history(seed: int) -> Family:
    """One family, of 3 to 40 files."""
    maker = Maker(seed)
    random = maker.random
    wanted = int(np.exp(random.uniform(np.log(3), np.log(41))))
    ways, weights = [*WAYS], np.array([*WAYS.values()], np.float64)
    trained_from_base(maker)
    lost = random.choice([0, 0.15, 0.4])
    while len(maker.models) < wanted * (1 + lost):
        ways[random.choice(len(ways), p=weights / weights.sum())](maker)
    names = [*maker.models]
    kept = [name for name in names if random.random() >= lost]
    if random.random() < 0.3:
        kept = [name for name in kept if name != "m00"]
    if len(kept) < 3:
        kept = names[-3:]
    random.shuffle(kept)
    return Family(maker.models, kept[:40])


def sums_of(family: Family) -> PairwiseSums:
    """Sums of the files that are there, by block and kind, in float64."""
    values = np.array([family.models[name].values for name in family.here])
    shape = (len(PARTS), len(values), len(values))
    squared, norms = np.empty(shape), np.empty(shape)
    elements, differing = np.empty((2, *shape), np.int64)
    for place, part in enumerate(PARTS):
        own = values[:, part.place]
        differing[place] = _differing(own)
        # Differences of what is alike lose no digits.
        steps = own - own[0]
        inner = steps @ steps.T
        depth = np.diagonal(inner)
        scale = depth[:, None] + depth
        squared[place] = scale - 2 * inner
        # Those that are nearer to one another lose digits, too.
        for one, other in np.argwhere(np.triu(squared[place] < 1e-6 * scale)):
            exact = np.square(own[one] - own[other]).sum()
            squared[place, one, other] = squared[place, other, one] = exact
        norms[place] = np.square(own).sum(1)[:, None]
        elements[place] = own.shape[1]
    head = Head(
        members=tuple(family.here),
        identities=("",) * len(values),
        pairwise=False,
        version=1,
        groups=tuple(("denoiser", part.block, part.kind) for part in PARTS),
        held={},
        excluded=(),
    )
    return PairwiseSums(
        head,
        {"squared": squared, "norms": norms, "l1": np.zeros(shape)},
        {"elements": elements, "different": (squared > 0) * elements, "l0": differing},
    )


def _differing(rows: np.ndarray) -> np.ndarray:
    """N x N: in how many values each two of N rows differ."""
    found = np.zeros((len(rows), len(rows)), np.int64)
    for one, other in combinations(range(len(rows)), 2):
        # Counted by pair, 5 times as fast as summed by row.
        count = np.count_nonzero(rows[one] != rows[other])
        found[one, other] = found[other, one] = count
    return found
