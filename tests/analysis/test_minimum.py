"""Minima and clusters are those of SciPy."""

import numpy as np
import pytest
from scipy.cluster.hierarchy import linkage
from scipy.optimize import minimize, rosen, rosen_der
from scipy.spatial.distance import pdist, squareform

from generator.analysis.arrangement.linkage import average_linkage
from generator.analysis.arrangement.minimum import minimum


@pytest.mark.parametrize("size", [2, 5, 40])
def test_the_valley_of_rosenbrock(size):
    start = np.linspace(-1.2, 1.5, size)
    expected = minimize(rosen, start, jac=rosen_der, method="L-BFGS-B", options={"ftol": 1e-15})
    found = minimum(lambda place: (rosen(place), rosen_der(place)), start)
    np.testing.assert_allclose(found.place, expected.x, atol=1e-4)
    assert found.value <= max(expected.fun, 1e-12)


@pytest.mark.parametrize("steepness", [1.0, 1e4])
def test_a_bowl_has_one_lowest_point(steepness):
    rng = np.random.default_rng(0)
    half = rng.standard_normal((30, 30))
    curved = half @ half.T / 30 + np.diag(np.linspace(1, steepness, 30))
    slope = rng.standard_normal(30)
    found = minimum(
        lambda x: (float(x @ curved @ x) / 2 - float(slope @ x), curved @ x - slope), np.ones(30)
    )
    np.testing.assert_allclose(found.place, np.linalg.solve(curved, slope), atol=1e-6)
    assert np.abs(found.gradient).max() < 1e-5


def test_a_start_at_the_minimum_stays():
    assert minimum(lambda x: (float(x @ x), 2 * x), np.zeros(3)).place.tolist() == [0, 0, 0]


@pytest.mark.parametrize("members", [1, 2, 3, 20, 118])
@pytest.mark.parametrize("ties", [False, True])
def test_merges_are_those_of_average_linkage(members, ties):
    distances = pdist(np.random.default_rng(members).uniform(0, 10, (members, 4)))
    # Whole numbers meet often, and then the order of merges is a matter of convention.
    distances = np.ceil(distances) if ties else distances
    pairs, heights = average_linkage(squareform(distances) if members > 1 else np.zeros((1, 1)))
    expected = linkage(distances, "average") if members > 1 else np.zeros((0, 4))
    assert pairs == [tuple(pair) for pair in expected[:, :2].astype(int).tolist()]
    np.testing.assert_allclose(heights, expected[:, 2], rtol=1e-12)
