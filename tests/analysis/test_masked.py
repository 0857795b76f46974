"""What each value of a target holds of others, of merges made as their authors describe them."""

import numpy as np
import pytest
from merge_methods import dare, elementwise, slerp, ties, weighted

from generator.analysis.lineage.masked import likely_masked, masked_sum
from generator.records.values import ValueChunk

SIZE = 60_000
PARTS = [slice(0, SIZE // 2), slice(SIZE // 2, SIZE)]
NAMES = ("target", "base", "one", "other", "third")


def stored(values):
    return values.astype(np.float16).astype(np.float64)


def family(count):
    """A base and fine-tunes of it, as float16 files hold them."""
    random = np.random.default_rng(4)
    base = random.normal(0, 0.05, SIZE)
    models = [base, *(base + random.normal(0, 0.004, SIZE) for _ in range(count))]
    return [stored(each) for each in models]


def chunks_of(*rows):
    values = np.array([stored(rows[0]), *rows[1:]])
    step = np.spacing(np.abs(values[0]).astype(np.float16)).astype(np.float64)
    return [
        ValueChunk(name, block, values[:, part], step[part])
        for name, block, part in zip(("first", "second"), ("IN00", "MID"), PARTS, strict=True)
    ]


@pytest.mark.parametrize("drop", [0.1, 0.5, 0.9])
def test_dropped_changes_their_factors_and_shares(drop):
    base, one, other = family(2)
    random, weights = np.random.default_rng(9), np.array([0.6, 0.4])
    target = dare(random, base, np.array([one, other]), weights, drop)
    chunks = chunks_of(target, base, one, other)
    likely = likely_masked(chunks)
    assert (likely.kind, likely.base) == ("dropped values", 1)
    found = masked_sum(chunks, NAMES, likely)
    assert found.base == "base"
    assert found.factors == pytest.approx(
        {"one": 0.6 / (1 - drop), "other": 0.4 / (1 - drop)}, rel=1e-3
    )
    for kept in (found.kept, *(block.kept for block in found.blocks)):
        assert kept == pytest.approx({"one": 1 - drop, "other": 1 - drop}, abs=0.02)
    assert [block.name for block in found.blocks] == ["IN00", "MID"]


@pytest.mark.parametrize(("count", "density"), [(2, 0.2), (2, 1), (3, 0.5)])
def test_elected_changes(count, density):
    base, *others = family(count)
    chunks = chunks_of(ties(base, np.array(others), density, PARTS), base, *others)
    likely = likely_masked(chunks)
    assert likely.kind == "elected values"
    found = masked_sum(chunks, NAMES, likely)
    assert found.factors == pytest.approx(dict.fromkeys(NAMES[2 : 2 + count], 1), abs=1e-3)


def test_a_pruned_change_of_one_and_its_factor():
    base, one = family(1)
    kept = np.random.default_rng(2).random(SIZE) < 0.4
    chunks = chunks_of(base + 1.5 * kept * (one - base), base, one)
    found = masked_sum(chunks, NAMES, likely_masked(chunks))
    assert found.factors == pytest.approx({"one": 1.5}, rel=1e-3)
    assert found.kept == pytest.approx({"one": kept.mean()}, abs=0.01)


def _della(base, one, other):
    """Factors differ value by value."""
    chance = np.random.default_rng(5).uniform(0.4, 0.6, (2, SIZE))
    kept = np.random.default_rng(6).random((2, SIZE)) >= chance
    return base + 0.5 * (kept * np.array([one - base, other - base]) / (1 - chance)).sum(0)


@pytest.mark.parametrize(
    "made",
    [
        lambda models: weighted(np.array(models[1:]), [0.3, 0.7]),
        lambda models: slerp(*models[1:], 0.4, PARTS),
        lambda models: elementwise(np.random.default_rng(1), *models[1:], 0.5) + models[0] / 9,
        lambda models: _della(*models),
        lambda models: models[0] + np.random.default_rng(3).normal(0, 0.004, SIZE),
    ],
    ids=["weighted sum", "SLERP", "something added", "DELLA", "unrelated"],
)
def test_nothing_is_said_of_other_targets(made):
    models = family(2)
    assert likely_masked(chunks_of(made(models), *models)) is None


def test_values_that_a_sample_did_not_show_take_the_claim_back():
    base, one, other = family(2)
    target = dare(np.random.default_rng(9), base, np.array([one, other]), [0.5, 0.5], 0.5)
    first, second = chunks_of(target, base, one, other)
    likely = likely_masked([first])
    assert likely
    strange = second._replace(values=np.array([second.values[0] + 0.01, *second.values[1:]]))
    assert masked_sum([first, second], NAMES, likely)
    assert masked_sum([first, strange], NAMES, likely) is None
