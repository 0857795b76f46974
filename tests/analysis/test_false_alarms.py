"""Groups in which nobody merged anything: nothing is called a merge, and what is one still is."""

import numpy as np
import pytest
from simulated import BLOCKS, alone, grams_of
from simulated_groups import KINDS, groups, strengths

from generator.analysis.lineage.descent import descent

# Hundreds of groups, or whole families, are simulated and explained.
pytestmark = pytest.mark.slow

GROUPS = 12
SIZE = 500


def found_in(models, norms=True, reference=-1):
    return descent(grams_of(models, norms=norms), "denoiser", alone(len(models)), reference)


def verdicts(found):
    return {each.target: each.verdict for each in found.recipes if each.verdict != "none"}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.title)
def test_nothing_is_called_a_merge_where_nobody_merged(kind):
    for models in groups(kind, GROUPS):
        found = found_in(models, kind.norms, 0 if kind.declared else -1)
        assert "merge" not in verdicts(found).values()


def base_and_tunes(count, step=0.01, seed=0):
    random = np.random.default_rng(seed)
    base = random.normal(0, 0.1, (len(BLOCKS), SIZE))
    return [base, *(base + random.normal(0, step, base.shape) for _ in range(count))]


def test_whole_blocks_of_two_parents_are_evidence_only_if_they_are_seen_from_the_root():
    models = base_and_tunes(3)
    swapped = np.where(np.arange(len(BLOCKS))[:, None] < 3, models[1], models[2])
    # Without the root, the swapped one may be the base of both.
    assert verdicts(found_in([*models[1:], swapped])) == {}
    # From the root, what they changed is independent.
    assert verdicts(found_in([*models, swapped], reference=0)) == {"m4": "merge"}
    swapped[3] = 0.4 * models[1][3] + 0.6 * models[2][3]
    assert verdicts(found_in([*models, swapped], reference=0)) == {"m4": "merge"}


def test_a_step_beyond_both_parents_is_told_as_such():
    models = base_and_tunes(3)
    beyond = 1.4 * models[1] - 0.4 * models[2]
    (recipe,) = (
        each for each in found_in([*models, beyond], reference=0).recipes if each.verdict != "none"
    )
    # Not m1 as a mix of m4 and m2.
    assert (recipe.target, recipe.parents) == ("m4", ("m1", "m2"))
    assert recipe.weights == pytest.approx((1.4, -0.4), abs=1e-4)
    # Without the root, m1 lies between two others, and nothing says which came first.
    assert verdicts(found_in([*models[1:], beyond])) == {"m0": "between"}


def test_a_few_large_weights_do_not_make_a_mix_of_what_fits_in_one_block_alone():
    models = base_and_tunes(3)
    for model, size in zip(models[1:], (20, 60, 100), strict=True):
        model[0, 0] += size
    total = grams_of(models).floats["squared"].sum(0)
    # Nearly on a line, and yet none of them was mixed from others.
    assert np.sqrt(total[1, 2]) + np.sqrt(total[2, 3]) < 1.001 * np.sqrt(total[1, 3])
    assert verdicts(found_in(models, reference=0)) == {}


def test_an_added_difference_needs_three_that_are_not_on_a_line():
    base, tuned, other, _ = models = base_and_tunes(3)
    nearly = base + 0.0001 * np.random.default_rng(5).normal(size=base.shape)
    along = nearly + 1.09 * (other - base)
    found = found_in([*models, nearly, along], reference=0)
    assert verdicts(found) == {}
    across = tuned + 0.8 * (other - base)
    (recipe,) = (
        each for each in found_in([*models, across], reference=0).recipes if each.verdict != "none"
    )
    assert (recipe.form, recipe.parents) == ("add difference", ("m1", "m2", "m0"))


def test_several_on_one_line_are_told_as_a_line_in_their_order():
    models = strengths(np.random.default_rng(1), 300)
    found = found_in(models, norms=False)
    assert verdicts(found) == {}
    (line,) = found.lineage.lines
    assert line.members == ("m0", "m1", "m2", "m3", "m4")
    assert line.deviation < 1e-3
    # What lies between two others of it is shown beside them, but not claimed.
    on_it = {each.target for each in found.candidates if each.failed == "line"}
    assert on_it == {"m1", "m2", "m3"}
    # Where it is known that all began at one end, they are steps on the way from there.
    steps = found_in(models, norms=False, reference=0)
    assert verdicts(steps) == dict.fromkeys(("m1", "m2", "m3"), "interpolation")
    assert steps.lineage.lines == ()


def test_two_merges_of_the_same_parents_are_told():
    models = base_and_tunes(2)
    mixes = [0.3 * models[1] + 0.7 * models[2], 0.7 * models[1] + 0.3 * models[2]]
    found = found_in([*models, *mixes], reference=0)
    assert verdicts(found) == {"m3": "merge", "m4": "merge"}
    assert found.lineage.lines == ()


def test_a_mix_of_three_tells_nothing_where_the_plane_is_that_of_others():
    corners = base_and_tunes(3)[1:]
    random = np.random.default_rng(3)
    soups = [weights @ np.reshape(corners, (3, -1)) for weights in random.dirichlet([1] * 3, 8)]
    soups = [each.reshape(corners[0].shape) for each in soups]
    found = found_in(soups, norms=False)
    assert not [each for each in found.recipes if each.verdict != "none" and len(each.parents) > 2]


def test_which_of_three_came_first_is_said_only_if_it_is_known():
    base, one, other = base_and_tunes(2, step=0.03)
    middle = 0.4 * one + 0.6 * other
    # Distances alone do not tell, nor do norms: each of the three may be an extrapolation.
    assert verdicts(found_in([one, other, middle], norms=False)) == {"m2": "between"}
    assert verdicts(found_in([one, other, middle])) == {"m2": "between"}
    # Seen from the root, two stand at a right angle.
    assert verdicts(found_in([base, one, other, middle], reference=0)) == {"m3": "merge"}
    step = base + 0.5 * (one - base)
    assert verdicts(found_in([base, one, step], reference=0)) == {"m2": "interpolation"}
    assert verdicts(found_in([base, one, step], norms=False)) == {"m2": "between"}


def test_what_is_on_one_line_with_its_root_is_no_merge():
    base, one = base_and_tunes(1)
    near = base + 0.00002 * np.random.default_rng(8).normal(size=base.shape)
    middle = 0.5 * near + 0.5 * one
    # One end differs from the root by rounding only.
    assert verdicts(found_in([base, near, one, middle], reference=0)) == {"m3": "interpolation"}


def test_the_rule_that_is_not_met_is_told():
    def rules(models, **options):
        return {each.target: each.failed for each in found_in(models, **options).recipes}

    models = base_and_tunes(3)
    assert set(rules(models, reference=0).values()) == {"residual"}
    swapped = np.where(np.arange(len(BLOCKS))[:, None] < 3, models[1], models[2])
    assert rules([*models, swapped], norms=False)["m4"] == "simpler"
    for model, size in zip(models[1:], (20, 60, 100), strict=True):
        model[0, 0] += size
    assert rules(models, norms=False)["m2"] == "parts"
    told = rules(strengths(np.random.default_rng(1), 300), norms=False)
    # Points of one line are also exact sums of one another.
    assert told["m2"] in ("line", "many", "order")
    # m4 = m1 + (m3 - m2) + (m2 - m0), or m1 from m4.
    chain = [*base_and_tunes(2)[:2]]
    chain += [chain[1] + np.random.default_rng(n).normal(0, 0.01, chain[0].shape) for n in (1, 2)]
    both = chain[2] + chain[3] - chain[1]
    assert rules([*chain, both], reference=0)["m4"] == "order"
