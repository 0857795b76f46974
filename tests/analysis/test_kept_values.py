"""What counts of equal values tell that sums of squares do not."""

import numpy as np
import pytest
from simulated import alone, grams_of
from test_descent import explain, parents, random_models

from generator.analysis.lineage.kept_values import keeps_values
from generator.analysis.lineage.members import members_of


def masked(random, one, other, share):
    return np.where(random.random(one.shape) < share, other, one)


def involved(found):
    return {node.name: set(node.involves) for node in found.lineage.nodes if node.involves}


def test_what_keeps_values_of_the_base_is_no_parent_of_a_training():
    """m2 took half of the values of a lost model; m1 was trained from that one. Seen from m2, what
    m1 added is independent."""
    base, lost = random_models(41, [0.05])
    random = np.random.default_rng(42)
    child = lost + random.normal(0, 0.004, base.shape)
    part = masked(random, base, lost, 0.5)
    others = [base + random.normal(0, 0.005, base.shape) for _ in range(2)]
    assert parents(explain([base, child, part, *others], reference=0))["m1"] == ("m0",)
    whole = [base, child, lost, *others]
    assert parents(explain(whole, reference=0))["m1"] == ("m2",)


@pytest.mark.parametrize("change", [3e-3, 3e-4, 3e-5])
def test_values_that_rounding_left_are_not_kept(change):
    """Of float16 near 0.1, with steps of 6e-5, a small training leaves many as they were."""
    random = np.random.default_rng(43)
    base = random.normal(0, 0.1, (6, 20000)).astype(np.float16).astype(np.float64)
    tuned = (base + random.normal(0, change, base.shape)).astype(np.float16).astype(np.float64)
    members = members_of(grams_of([base, tuned]), "denoiser", alone(2), [{"float16": 1}] * 2)
    assert not keeps_values(members, 1, 0)
    members = members_of(grams_of([base, masked(random, base, tuned, 0.5)]), "denoiser", alone(2))
    assert keeps_values(members, 1, 0) is (change > 1e-4)


@pytest.mark.parametrize("reference", [-1, 0])
def test_each_value_from_one_of_two_models_is_a_mix_of_these(reference):
    """With the root declared or found: what was mixed from its children does not hide it."""
    random = np.random.default_rng(44)
    base, a, b, *others = random_models(45, [0.05, 0.06, 0.05, 0.07])
    models = [base, a, b, masked(random, a, b, 0.3), *others]
    found = explain(models, reference=reference)
    assert [root.name for root in found.lineage.roots] == ["m0"]
    assert involved(found) == {"m3": {"m1", "m2"}}
    assert [node.relation for node in found.lineage.nodes if node.name == "m3"] == ["mix"]


def test_two_changes_of_other_values_do_not_make_their_origin_a_mix():
    """Adapters on half of the values each: their origin has the values of one or the other."""
    random = np.random.default_rng(46)
    base, a, *others = random_models(47, [0.05, 0.06, 0.05])
    half = np.arange(base.shape[1]) < base.shape[1] // 2
    step = random.normal(0, 0.004, base.shape)
    models = [base, a, a + np.where(half, step, 0), a + np.where(half, 0, step), *others]
    assert involved(explain(models, reference=0)) == {}


def test_a_pruned_change_is_that_of_a_model_and_its_base():
    base, a, *others = random_models(48, [0.05, 0.06, 0.05])
    step = a - base
    large = np.abs(step) > np.quantile(np.abs(step), 0.7)
    found = explain([base, a, base + np.where(large, step, 0), *others], reference=0)
    assert involved(found) == {"m2": {"m0", "m1"}}


def test_steps_straight_to_the_root_do_not_make_their_origin_a_mix():
    """One has the base's values in half of the blocks, one is nearer to the base in the others."""
    base, a, *others = random_models(49, [0.05, 0.06, 0.05])
    blocks = np.arange(len(base))[:, None]
    one, other = np.where(blocks < 3, base, a), np.where(blocks < 3, a, 0.6 * a + 0.4 * base)
    assert involved(explain([base, a, one, other, *others], reference=0)) == {}
