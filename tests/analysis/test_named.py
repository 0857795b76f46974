"""The recipe of named files: its weights, what it is, and whether others would do."""

import itertools

import numpy as np
import pytest
from simulated import BLOCKS, grams_of
from test_false_alarms import base_and_tunes

from generator.analysis.lineage.named import named_recipe
from generator.text.report import describe_recipe


def recipe(target, *parents, norms=True):
    names = ("target", *(f"p{number}" for number in range(len(parents))))
    sums = grams_of([target, *parents], names=names, norms=norms)
    return named_recipe(sums, "target", names[1:], "denoiser")


def weights(found):
    return list(found.whole.weights.values())


BASE, ONE, TWO, OTHER = base_and_tunes(3, step=0.03)
FRESH = base_and_tunes(4, step=0.03)[4]
SWAPPED = np.concatenate([ONE[:3], TWO[3:]])
TOLD = (
    ("merge", 0.4 * ONE + 0.6 * TWO, (ONE, TWO)),
    ("merge", 0.4 * ONE + 0.3 * TWO + 0.3 * OTHER, (ONE, TWO, OTHER)),
    # With a decoy.
    ("merge", 0.4 * ONE + 0.6 * TWO, (ONE, TWO, OTHER)),
    ("interpolation", 0.4 * BASE + 0.6 * TWO, (BASE, TWO)),
    ("add difference", ONE + 0.8 * (TWO - BASE), (ONE, TWO, BASE)),
    ("extrapolation", 1.5 * ONE - 0.5 * BASE, (ONE, BASE)),
    ("copy", ONE, (ONE, TWO)),
    ("none", FRESH, (ONE, TWO, OTHER)),
    # Each block of one of the two.
    ("whole blocks", SWAPPED, (ONE, TWO)),
)


@pytest.mark.parametrize(("verdict", "target", "parents"), TOLD, ids=range(len(TOLD)))
def test_what_the_mix_is(verdict, target, parents):
    found = recipe(target, *parents)
    assert (found.verdict, found.unique) == (verdict, True)
    assert any(line.startswith(f"verdict: {verdict} ") for line in describe_recipe(found))


def verdict_of(*models, counted=True):
    """The verdict on the first as a mix of the others; whether it is known how many values of each
    two differ."""
    names = ("target", *(f"p{number}" for number in range(len(models) - 1)))
    sums = grams_of(models, names=names)
    if not counted:
        sums.counts.pop("l0")
    return named_recipe(sums, "target", names[1:], "denoiser").verdict


def test_values_of_two_parents_are_told():
    random = np.random.default_rng(2)
    mixed = np.where(random.random(ONE.shape) < 0.3, TWO, ONE)
    assert verdict_of(mixed, ONE, TWO) == "swapped values"
    assert verdict_of(mixed, ONE, OTHER, TWO) == "swapped values"
    # One value is of neither.
    other = mixed.copy()
    other[0, 0] += 0.1
    assert verdict_of(other, ONE, TWO) == "none"
    assert verdict_of(FRESH, ONE, TWO) == "none"
    assert verdict_of(0.4 * ONE + 0.6 * TWO, ONE, TWO) == "merge"
    assert verdict_of(mixed, ONE, TWO, counted=False) == "none"


def test_without_norms_nobody_knows_who_came_first():
    assert recipe((ONE + TWO) / 2, ONE, TWO, norms=False).verdict == "between"


def test_a_block_where_shapes_differ_is_not_comparable():
    target = 0.4 * ONE + 0.6 * TWO
    sums = grams_of([target, ONE, TWO], names=("target", "p0", "p1"))
    place = len(BLOCKS) - 1
    # As if p1 had one more element there, so that it shares nothing of a small block.
    elements, squared = sums.counts["elements"][place], sums.floats["squared"][place]
    elements[:] = 2
    for array in (elements, squared):
        array[2] = array[:, 2] = 0
    elements[2, 2] = 3
    found = named_recipe(sums, "target", ("p0", "p1"), "denoiser")
    assert found.not_comparable == (BLOCKS[place],)
    assert [block.name for block in found.blocks] == list(BLOCKS[:place])
    assert found.verdict == "merge"
    assert weights(found) == pytest.approx([0.4, 0.6], abs=1e-6)
    assert f"not comparable: {BLOCKS[place]}" in "\n".join(describe_recipe(found))


def test_twins_are_named():
    found = recipe(0.4 * ONE + 0.6 * TWO, ONE, ONE, TWO)
    assert found.twins == (("p0", "p1"),)
    assert "p0 and p1 hold the same denoiser" in "\n".join(describe_recipe(found))


def test_copies_among_the_parents_share_their_weight_in_any_order():
    target = 0.4 * ONE + 0.6 * TWO
    for order in itertools.permutations([(ONE, 0.2), (ONE, 0.2), (TWO, 0.6)]):
        found = recipe(target, *(each for each, _ in order))
        assert not found.unique
        assert weights(found) == pytest.approx([weight for _, weight in order], abs=1e-5)
        assert found.whole.residual == pytest.approx(0, abs=1e-5)
        assert "not unique" in "\n".join(describe_recipe(found))


def test_of_parents_on_one_line_the_smallest_weights_are_told_in_any_order():
    places = [0.0, 0.3, 1.0]
    parents = [BASE + place * (ONE - BASE) for place in places]
    # Least norm with sum 1 and mean place 0.5, by NumPy's own solver.
    constraints = np.array([[1, 1, 1], places])
    want = np.linalg.pinv(constraints) @ np.array([1, 0.5])
    for order in itertools.permutations(range(3)):
        found = recipe(BASE + 0.5 * (ONE - BASE), *(parents[each] for each in order))
        assert not found.unique
        assert weights(found) == pytest.approx([want[each] for each in order], abs=1e-4)


def test_parents_that_are_all_the_same_have_no_weights():
    found = recipe(ONE, TWO, TWO)
    assert (found.verdict, found.unique) == ("none", False)
    assert weights(found) == [None, None]
