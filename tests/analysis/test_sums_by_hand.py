"""Recipes of adapters, exact sums and simpler explanations, of points whose answer is known."""

from itertools import combinations

import msgspec
import numpy as np
import pytest
from simulated import alone, grams_of

from generator.analysis.lineage.adapted import adapted_recipe
from generator.analysis.lineage.affine import space_of
from generator.analysis.lineage.ancestry import taking_part
from generator.analysis.lineage.members import members_of
from generator.analysis.lineage.search import mix
from generator.analysis.lineage.sums_by_block import weights_by_block
from generator.analysis.lineage.sums_of_steps import EXACT, Steps, best_pairs, steps_from
from generator.records.pairwise_sums import AdaptedSums

KINDS = (("IN00", "ff"), ("IN00", "attn1"), ("MID", "ff"), ("MID", "attn1"))


def test_an_adapter_has_its_own_strength_in_each_block():
    """0.8 in both kinds of IN00 and 0.3 in MID, on 0.6 of the base and 0.4 of another model."""
    random = np.random.default_rng(1)
    base, other, change = random.normal(size=(3, len(KINDS), 500))
    strengths = np.array([0.8, 0.8, 0.3, 0.3])[:, None]
    target = 0.6 * base + 0.4 * other + strengths * change
    sums = grams_of([target, base, other, base + change], names=["t", "base", "other", "lora"])
    groups = tuple(("denoiser", *each) for each in KINDS)
    sums = sums._replace(head=msgspec.structs.replace(sums.head, groups=groups))
    found = adapted_recipe(AdaptedSums(sums, ("base", "other"), ("lora",), {}), "denoiser")
    weights = {each.name: each.weights for each in found.blocks}
    for name, strength in (("IN00", 0.8), ("MID", 0.3)):
        assert weights[name] == pytest.approx({"base": 0.6, "other": 0.4, "lora": strength})
    assert [each.residual for each in found.blocks] == pytest.approx([0, 0], abs=1e-6)


def test_an_exact_sum_leaves_no_more_than_the_rounding_of_all_that_it_is_made_of():
    """Errors add up as variances do: those of a member by the square of its factor."""
    noise = np.array([3e-4, 1e-4, 2e-4, 4e-4])
    x, y = 0.5, 0.4
    expected = noise[3] + x**2 * noise[1] + y**2 * noise[2] + (1 - x - y) ** 2 * noise[0]
    for size, exact in ((0.99, True), (1.01, False)):
        steps = np.zeros((4, 3))
        steps[1, 0] = steps[2, 1] = 1
        steps[3] = x, y, np.sqrt(size * EXACT * expected)
        gram = steps @ steps.T
        found = best_pairs(Steps(0, gram[None], gram, noise[None]), 3, [1, 2])
        assert [each.parents for each in found] == [(1, 2)] * exact
        for each in found:
            assert each.factors == pytest.approx((x, y))
            assert each.left == pytest.approx(size * EXACT * expected)


@pytest.mark.parametrize(("size", "exact"), [(0.99, True), (1.01, False)])
def test_an_exact_mix_by_block_leaves_in_all_blocks_no_more_than_rounding(size, exact):
    """0.3 and 0.7 of two models in one block, 0.8 and 0.2 in the other; in the middle, 0.55 and
    0.45, by whose squares their rounding counts."""
    noise = 1e-4
    shares = np.array([[0.3, 0.7], [0.8, 0.2]])
    expected = 2 * noise * (1 + 0.55**2 + 0.45**2)
    points = np.zeros((2, 4, 3))
    points[:, 1, 0] = points[:, 2, 1] = 1
    points[:, 3, :2] = shares
    points[:, 3, 2] = np.sqrt(size * EXACT * expected / 2)
    parts = points @ points.transpose(0, 2, 1)
    steps = Steps(0, parts, parts.sum(0), np.full((2, 4), noise))
    found = weights_by_block(steps, 3, [1, 2], ["IN00", "MID"])
    assert (found is not None) == exact
    if exact:
        np.testing.assert_allclose(found, shares, atol=1e-9)


@pytest.mark.parametrize("even", [True, False])
def test_members_take_part_whose_shares_are_the_same_in_all_blocks(even):
    """Beside what is the target's own, and is no smaller."""
    random = np.random.default_rng(3)
    base = random.normal(0, 0.1, (6, 2000))
    one, other, own = random.normal(0, 0.005, (3, *base.shape))
    share = np.full((6, 1), 0.4) if even else np.array([[0.8], [0.0]] * 3)
    target = base + share * one + 0.3 * other + 0.3 * own
    members = members_of(grams_of([base, base + one, base + other, target]), "denoiser", alone(4))
    found = taking_part(members, steps_from(members, 0), 3, [1, 2])
    assert found == ((1, 2) if even else ())


@pytest.mark.parametrize(("form", "ends"), [("mix", (0, 1)), ("add difference", (-9, 9))])
def test_a_simpler_explanation_is_a_mix_of_two_or_for_a_difference_any_point_on_their_line(
    form, ends
):
    random = np.random.default_rng(2)
    for beyond in (-0.7, 0.3, 1.6):
        points = random.normal(size=(4, 30))
        points[0] = points[1] + beyond * (points[2] - points[1]) + 0.01 * random.normal(size=30)
        squared = ((points[:, None] - points[None]) ** 2).sum(-1)
        nearest = []
        for one, other in combinations(points[1:], 2):
            share = (points[0] - one) @ (other - one) / np.square(other - one).sum()
            reached = one + np.clip(share, *ends) * (other - one)
            nearest.append(np.square(points[0] - reached).sum())
        found = mix(space_of(squared[None]), 0, (1, 2, 3), form)
        assert found.simpler == pytest.approx(min(nearest))
