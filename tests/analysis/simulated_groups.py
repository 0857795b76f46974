"""Groups in which nobody merged anything, of as many kinds as fine-tuning has.

What is claimed to be a merge in one of them is a false alarm.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from simulated import BLOCKS, SPREAD

Random = np.random.Generator
# Of the norm of the base: how far a fine-tune goes.
STEP = 0.05
FEWEST, MOST = 3, 12
SNAPSHOTS = 10


class Kind(NamedTuple):
    """One way to fine-tune: what is done, a group from a random generator and the numbers per
    block, and whether blocks and norms are known, the base is a member, and it is declared the
    reference."""

    title: str
    make: Callable[[Random, int], list[np.ndarray]]
    size: int = 200
    blocks: bool = True
    norms: bool = True
    base: bool = True
    declared: bool = False


def groups(kind: Kind, count: int, first: int = 0) -> Iterator[list[np.ndarray]]:
    """`count` groups of one kind."""
    for seed in range(first, first + count):
        models = kind.make(np.random.default_rng(seed), kind.size)
        if not kind.blocks:
            models = [each.reshape(1, -1) for each in models]
        yield models if kind.base else models[1:]


def _base(random: Random, size: int) -> np.ndarray:
    return random.normal(0, SPREAD, (len(BLOCKS), size))


def _members(random: Random, most: int = MOST) -> range:
    return range(random.integers(FEWEST, most + 1))


def equal(random: Random, size: int) -> list[np.ndarray]:
    """Independent directions, all equally far."""
    base = _base(random, size)
    steps = [random.normal(size=base.shape) for _ in _members(random)]
    return [
        base,
        *(base + STEP * each * np.linalg.norm(base) / np.linalg.norm(each) for each in steps),
    ]


def any_strength(random: Random, size: int) -> list[np.ndarray]:
    """Independent directions, from 0.0001 to 0.2 of the base's norm, stored in float16."""
    base = _base(random, size)
    models = [base]
    for _ in _members(random):
        step = np.exp(random.uniform(np.log(1e-4), np.log(0.2)))
        models.append(base + SPREAD * step * random.normal(size=base.shape))
    return [each.astype(np.float16).astype(np.float64) for each in models]


def frozen(random: Random, size: int) -> list[np.ndarray]:
    """Each leaves any two fifths of the blocks as they were."""
    base = _base(random, size)
    models = [base]
    for _ in _members(random):
        trained = random.random((len(BLOCKS), 1)) >= 0.4
        models.append(base + 0.01 * random.normal(size=base.shape) * trained)
    return models


def frozen_any_strength(random: Random, size: int) -> list[np.ndarray]:
    """The same, with another strength in each block."""
    base = _base(random, size)
    models = [base]
    for _ in _members(random):
        strength = np.exp(random.uniform(-6, -2, (len(BLOCKS), 1)))
        trained = random.random((len(BLOCKS), 1)) >= 0.4
        models.append(base + SPREAD * random.normal(size=base.shape) * trained * strength)
    return models


def one_block(random: Random, size: int) -> list[np.ndarray]:
    """Each trains one block."""
    base = _base(random, size)
    models = [base]
    for _ in _members(random, 8):
        model = base.copy()
        model[random.integers(len(BLOCKS))] += 0.01 * random.normal(size=size)
        models.append(model)
    return models


def halves(random: Random, size: int) -> list[np.ndarray]:
    """Two train the way in, two the way out."""
    base = _base(random, size)
    models = [base]
    for number in range(4):
        change = random.normal(size=base.shape)
        change[[3, 4, 5] if number % 2 else [0, 1, 2]] = 0
        models.append(base + 0.01 * change)
    return models


def shared_outliers(random: Random, size: int) -> list[np.ndarray]:
    """All move the same two weights, by far more than all others."""
    base = _base(random, size)
    direction = np.zeros(base.shape)
    direction[0, :2] = 1
    return [
        base,
        *(
            base + 0.001 * random.normal(size=base.shape) + direction * random.uniform(0.5, 5)
            for _ in _members(random, 5)
        ),
    ]


def shared_style(random: Random, size: int) -> list[np.ndarray]:
    """All go in one direction, each as far as it likes, with a small part of its own."""
    base = _base(random, size)
    style = random.normal(size=base.shape)
    return [
        base,
        *(
            base + 0.01 * (random.uniform(0.2, 2) * style + 0.075 * random.normal(size=base.shape))
            for _ in _members(random, 5)
        ),
    ]


def heavy_tails(random: Random, size: int) -> list[np.ndarray]:
    """A few weights of each, others for each, make up nearly all that it changes."""
    base = _base(random, size)
    return [
        base,
        *(base + 0.001 * random.standard_t(1.2, size=base.shape) for _ in _members(random)),
    ]


def smooth_training(random: Random, size: int, memory: float = 0.99) -> list[np.ndarray]:
    """Snapshots of one run, whose direction turns slowly."""
    base = _base(random, size)
    models, direction = [base], random.normal(size=base.shape)
    for _ in range(SNAPSHOTS):
        turn = np.sqrt(1 - memory**2) * random.normal(size=base.shape)
        direction = memory * direction + turn
        models.append(models[-1] + 0.003 * direction)
    return models


def strengths(random: Random, size: int) -> list[np.ndarray]:
    """One LoRA, added with four strengths."""
    base, change = _base(random, size), random.normal(size=(len(BLOCKS), size))
    return [base, *(base + 0.01 * each * change for each in sorted(random.uniform(0.1, 1.2, 4)))]


KINDS = (
    Kind("independent, equally far", equal, size=20),
    Kind("independent, equally far, base absent", equal, size=20, base=False),
    Kind("independent, in many dimensions", equal, size=3000),
    Kind("independent, of any strength", any_strength),
    Kind("independent, of any strength, base absent", any_strength, base=False),
    Kind("random blocks frozen", frozen),
    Kind("random blocks frozen, base declared", frozen, declared=True),
    Kind("random blocks frozen, base absent", frozen, base=False),
    Kind("random blocks frozen, of any strength", frozen_any_strength),
    Kind(
        "random blocks frozen, of any strength, base declared", frozen_any_strength, declared=True
    ),
    Kind("one block each", one_block),
    Kind("one block each, base absent", one_block, base=False),
    Kind("disjoint halves", halves),
    Kind("disjoint halves, base declared", halves, declared=True),
    Kind("disjoint halves, base absent", halves, base=False),
    Kind("few weights make up the change", heavy_tails),
    Kind("few weights make up the change, the same in all", shared_outliers, size=500),
    Kind(
        "few weights make up the change, the same in all, blocks and norms unknown",
        shared_outliers,
        size=500,
        blocks=False,
        norms=False,
    ),
    Kind("one style, of any strength", shared_style, size=300),
    Kind("one style, of any strength, norms unknown", shared_style, size=300, norms=False),
    Kind("a training run that turns slowly", smooth_training, size=300),
    Kind("a training run that turns slowly, norms unknown", smooth_training, size=300, norms=False),
    Kind("one LoRA with several strengths", strengths, size=300),
    Kind("one LoRA with several strengths, base absent", strengths, size=300, base=False),
    Kind("one LoRA with several strengths, norms unknown", strengths, size=300, norms=False),
)
