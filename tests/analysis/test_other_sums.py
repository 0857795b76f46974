"""Of several sums that explain a member as well, none is called its merge; all are candidates."""

import numpy as np
import pytest
from simulated import alone, grams_of
from test_descent import claimed, explain, random_models

from generator.analysis.lineage.descent import descent
from generator.analysis.lineage.members import members_of
from generator.analysis.lineage.mixes import find_mixes
from generator.analysis.lineage.nearest_parents import nearest_parents
from generator.analysis.lineage.other_sums import is_only_sum
from generator.analysis.lineage.stand_ins import Mix
from generator.analysis.lineage.sums_of_steps import steps_from


def with_one_adapter(parts):
    """A base, a and b, and one change of `parts` of them on both: members 0 to 4."""
    base, a, b = random_models(31, [0.05, 0.06])
    change = np.random.default_rng(32).normal(0, 0.002, base.shape)
    change[parts:] = 0
    return [base, a, b, a + change, b + change]


@pytest.mark.parametrize("parts", [2, 6])
def test_a_mix_whose_parent_is_a_sum_of_others_is_not_told_as_the_one(parts):
    """The mean of a, b and the adapted b is 1/3 of the adapted a and 2/3 of b, too."""
    models = with_one_adapter(parts)
    models.append(np.mean([models[1], models[2], models[4]], 0))
    found = explain(models, reference=0)
    assert "m5" not in claimed(found)
    told = [each for each in found.candidates if each.target == "m5"]
    weights = [dict(zip(each.parents, each.weights, strict=True)) for each in told]
    assert pytest.approx({"m2": 2 / 3, "m3": 1 / 3}, abs=1e-3) in weights
    assert {each.failed for each in told if len(each.parents) > 1} == {"many"}
    # Without the adapted a, it is the only sum.
    del models[3]
    assert set(claimed(explain(models, reference=0))["m4"].parents) == {"m1", "m2", "m3"}


def test_a_mix_of_known_mixes_is_no_other_sum():
    """Of m3 = (a + b) / 2 it is known how it was made."""
    models = random_models(33, [0.05, 0.06, 0.07])
    models.append((models[1] + models[2]) / 2)
    models.append(0.6 * models[1] + 0.4 * models[3])
    found = claimed(explain(models, reference=0))
    assert set(found["m5"].parents) == {"m1", "m3"}
    assert set(found["m4"].parents) == {"m1", "m2"}


def test_a_mix_is_told_by_what_lies_on_a_line_where_its_end_may_come_later():
    """m2 is m1 with 0.6 of a LoRA, m3 with 0.7: which of these came first is not known."""
    base, a, other = random_models(34, [0.05, 0.06])
    change = np.zeros(base.shape)
    change[:3] = np.random.default_rng(35).normal(0, 0.003, base[:3].shape)
    models = [base, a, a + 0.6 * change, a + 0.7 * change, other]
    models.append(1.8 * other - 0.8 * models[2])
    found = claimed(explain(models, reference=0))
    assert dict(zip(found["m5"].parents, found["m5"].weights, strict=True)) == pytest.approx(
        {"m4": 1.8, "m2": -0.8}, abs=1e-3
    )


@pytest.mark.parametrize("rounded", [False, True])
def test_a_sum_lacks_a_parent_that_makes_it_clearly_nearer(rounded):
    """The rounding of a coarse parent would hide a small share of another; the target is finer."""
    base, a, b, c = random_models(36, [0.05, 0.06, 0.001])
    steps = [base, a, b, b + (c - base)]
    target = 0.6 * a + (0.2 if rounded else 0.4) * b + (0.2 if rounded else 0) * steps[3]
    sums = grams_of([*steps, target])
    dtypes = [{name: 1} for name in ("float32", "bfloat16", "float32", "float32", "float32")]
    members = members_of(sums, "denoiser", alone(5), dtypes)
    mix = Mix((1, 2), (0.6, 0.4), "merge")
    assert is_only_sum(steps_from(members, 0), 4, mix, [1, 2, 3]) is not rounded
    assert ("m4" in claimed(descent(sums, "denoiser", alone(5), 0, dtypes))) is not rounded


def test_what_stands_for_a_missing_parent_takes_no_part():
    """Half of a, and half of a lost model, of which m2 was trained further: its share is the same
    in all parts, but for chance. What is unlike the lost one by more is no hint of it."""
    base, a, lost = random_models(37, [0.05, 0.06])
    random = np.random.default_rng(38)

    def involved(further):
        child = lost + random.normal(0, 0.1 * further, base.shape)
        found = explain([base, a, child, (a + lost) / 2], reference=0)
        return next(each for each in found.lineage.nodes if each.name == "m3").involves

    assert involved(0.006) == ()


def test_rounding_that_fits_a_parent_is_not_the_targets():
    """a = (t + b) / 2, rounded to float16, is also t = 2 a - b with twice the rounding of a."""
    base, t, b = random_models(39, [0.05, 0.06])
    half = np.float16
    base, t, b = (each.astype(half).astype(np.float64) for each in (base, t, b))
    a = ((t + b) / 2).astype(half).astype(np.float64)
    found = claimed(explain([base, a, b, t], reference=0))
    assert set(found) == {"m1"}
    assert set(found["m1"].parents) == {"m2", "m3"}


def test_a_block_that_two_models_share_is_from_neither():
    base, a, b = random_models(40, [0.05, 0.06])
    other = np.concatenate([b[:2], base[2:] + 0.5 * (a - base)[2:][:, ::-1]])
    swapped = np.concatenate([b[:2], a[2:]])
    members = members_of(grams_of([base, a, b, other, swapped]), "denoiser", alone(5))
    steps = steps_from(members, 0)
    mix = Mix((1, 2), (0.67, 0.33), "merge", by_block=True)
    assert nearest_parents(members, steps, 4, mix, {}) is None
    alone_with = members_of(grams_of([base, a, b, swapped]), "denoiser", alone(4))
    found = find_mixes(alone_with, steps_from(alone_with, 0), [1, 2, 3]).mixes[3]
    assert (set(found.parents), found.by_block) == ({1, 2}, True)
