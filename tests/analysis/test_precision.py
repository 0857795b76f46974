"""Records hold figures as they were computed: each is rounded once, where it is shown."""

import math
from pathlib import Path

import numpy as np
import pytest
from simulated import grams_of

from generator.analysis.explain import explain
from generator.analysis.lineage.named import named_recipe
from generator.records import Group, store
from generator.records.pairwise_sums import unpack_sums

GROUPS = sorted((Path(__file__).parents[2] / "data" / "groups").glob("*.json"))
# More than float64 loses in these sums, and less than any rounding to nine digits.
EXACT = 1e-12


@pytest.mark.parametrize("path", GROUPS, ids=lambda path: path.stem)
def test_distances_of_the_committed_lineages(path):
    group = store.read_result(path, Group)
    sums = unpack_sums(path.with_suffix(".safetensors").read_bytes(), path.stem)
    compared = 0
    for part in group.components:
        of_groups = [owner == part.name for owner, _, _ in sums.head.groups]
        squared = sums.floats["squared"][of_groups].sum(axis=0)
        for node in part.lineage.nodes:
            to = [group.members.index(each) for each in node.tied_to]
            expected = np.sqrt(squared[group.members.index(node.name), to])
            assert node.distances == pytest.approx(expected, rel=EXACT, abs=0)
            compared += len(to)
    assert compared


def parents_and_mix(weight):
    random = np.random.default_rng(0)
    base = random.normal(0, 0.1, (6, 4000))
    one, other = (base + random.normal(0, 0.01, base.shape) for _ in range(2))
    noise = random.normal(0, 1e-5, base.shape)
    return base, one, other, (1 - weight) * one + weight * other + noise


def by_law_of_cosines(one, other, mix):
    """Weight of the second and residual of the nearest point of the line through two."""
    line, to = (other - one).ravel(), (mix - one).ravel()
    weight = float(line @ to / (line @ line))
    return weight, float(np.linalg.norm(to - weight * line) / np.linalg.norm(line))


def test_weights_and_residuals_of_a_claimed_merge():
    models = parents_and_mix(math.pi / 10)
    found = explain(grams_of(models), {}, "m0").components["denoiser"]
    [recipe] = [each for each in found.recipes if each.target == "m3"]
    assert recipe.parents == ("m1", "m2")
    weight, residual = by_law_of_cosines(*models[1:])
    assert recipe.weights == pytest.approx((1 - weight, weight), rel=0, abs=EXACT)
    # The residual is the root of a difference of sums that are a million times larger.
    assert recipe.residual == pytest.approx(residual, rel=1e-8, abs=0)
    for number, block in enumerate(recipe.blocks):
        weight, residual = by_law_of_cosines(*(each[number] for each in models[1:]))
        assert block.weights == pytest.approx((1 - weight, weight), rel=0, abs=EXACT)
        assert block.residual == pytest.approx(residual, rel=1e-8, abs=0)


def test_weights_and_residuals_of_a_recipe_for_named_parents():
    _, *models = parents_and_mix(math.pi / 10)
    sums = grams_of(models, names=("one", "other", "target"))
    found = named_recipe(sums, "target", ("one", "other"), "denoiser")
    weight, residual = by_law_of_cosines(*models)
    assert found.whole.weights["other"] == pytest.approx(weight, rel=0, abs=EXACT)
    assert found.whole.residual == pytest.approx(residual, rel=1e-8, abs=0)
