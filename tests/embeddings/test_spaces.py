"""Distances, axes and likeness of spaces, against SciPy, scikit-learn and plain float64."""

import tracemalloc

import numpy as np
import pytest
from scipy.spatial import procrustes as scipy_procrustes
from scipy.spatial.distance import cdist
from scipy.stats import ortho_group
from sklearn.decomposition import PCA
from sklearn.metrics import silhouette_score
from sklearn.neighbors import NearestNeighbors

from generator.embeddings import spaces
from generator.embeddings.clusters import neighbourhood_map, silhouette
from generator.embeddings.encoding import normalize


def sample(n=60, width=40, seed=0):
    rng = np.random.default_rng(seed)
    return normalize((rng.standard_normal((n, width)) * np.geomspace(3, 0.1, width)).astype("f4"))


def test_distances_as_scipy():
    vectors = sample()
    found = spaces.distances(vectors)
    wide = vectors.astype(np.float64)
    for name, metric in (("cosine", "cosine"), ("manhattan", "cityblock")):
        square = getattr(found, name)
        # Vectors are of length 1 to within float32.
        np.testing.assert_allclose(square, cdist(wide, wide, metric), atol=3e-7)
        np.testing.assert_array_equal(square, square.T)
        assert not square.diagonal().any()


def test_distances_of_near_and_equal_vectors():
    vectors = np.repeat(sample(2, 300), 2, axis=0)
    vectors[1, 7] += 1e-6
    found = spaces.distances(vectors)
    assert found.cosine[2, 3] == found.manhattan[2, 3] == 0
    apart = float(vectors[1, 7]) - float(vectors[0, 7])
    assert found.cosine[0, 1] == pytest.approx(apart**2 / 2, rel=1e-12, abs=0)
    assert found.manhattan[0, 1] == pytest.approx(apart, rel=1e-12, abs=0)


def test_moved_is_the_distance_row_by_row():
    one, other = sample(seed=1), sample(seed=2)
    expected = cdist(one.astype(np.float64), other.astype(np.float64), "cosine").diagonal()
    np.testing.assert_allclose(spaces.moved(one, other), expected, atol=3e-7)
    assert not spaces.moved(one, one).any()


@pytest.mark.parametrize("n", [6, 60, 1100])
def test_neighbours_as_scikit_learn(n):
    vectors = sample(n)
    found = spaces.neighbours(vectors, 5)
    oracle = NearestNeighbors(n_neighbors=5, metric="euclidean", algorithm="brute")
    apart, expected = oracle.fit(vectors.astype(np.float64)).kneighbors()
    np.testing.assert_array_equal(found.prompts, expected)
    np.testing.assert_allclose(found.cosine, apart**2 / 2, rtol=1e-6, atol=1e-12)


def test_equal_neighbours_stand_in_order():
    vectors = np.repeat(sample(3, 20), 4, axis=0)
    found = spaces.neighbours(vectors, 3)
    assert found.prompts[5].tolist() == [4, 6, 7]
    assert not found.cosine.any()


@pytest.mark.parametrize(("n", "width"), [(60, 40), (40, 900)])
def test_axes_as_scikit_learn(n, width):
    vectors = sample(n, width)
    basis = spaces.principal_axes(vectors)
    oracle = PCA(2, svd_solver="full").fit(vectors.astype(np.float64))
    np.testing.assert_allclose(basis.explained, oracle.explained_variance_ratio_, rtol=1e-9)
    points, expected = spaces.project(vectors, basis), oracle.transform(vectors)
    np.testing.assert_allclose(np.abs(points), np.abs(expected), atol=1e-9)
    for axis in basis.axes:
        assert axis[np.abs(axis).argmax()] > 0
    assert spaces.explained(vectors, basis) == pytest.approx(sum(basis.explained), rel=1e-9)


def test_axes_do_not_depend_on_how_prompts_are_turned():
    vectors = sample()
    mirrored = spaces.principal_axes(vectors[::-1].copy())
    np.testing.assert_allclose(spaces.principal_axes(vectors).axes, mirrored.axes, atol=1e-9)


def test_axes_of_few_and_equal_vectors():
    line = np.zeros((3, 4), np.float32)
    line[:, 1] = [0.5, 1, 1]
    basis = spaces.principal_axes(line)
    assert basis.explained == pytest.approx((1, 0), abs=1e-12)
    np.testing.assert_allclose(basis.axes, [[0, 1, 0, 0], [0, 0, 0, 0]], atol=1e-12)
    same = spaces.principal_axes(np.ones((3, 4), np.float32))
    assert same.explained == (0, 0)
    assert not same.axes.any()


@pytest.mark.parametrize("width", [20, 500])
def test_procrustes_as_scipy(width):
    one, other = sample(50, width, 1), sample(50, width, 2)
    expected = scipy_procrustes(one.astype(np.float64), other.astype(np.float64))[2]
    found = spaces.procrustes(spaces.scores(one), spaces.scores(other))
    assert found == pytest.approx(expected, rel=1e-9)


def test_procrustes_of_another_width():
    """The narrower space lies in the wider one."""
    one, other = sample(50, 20, 1), sample(50, 30, 2)
    padded = np.pad(one.astype(np.float64), ((0, 0), (0, 10)))
    expected = scipy_procrustes(padded, other.astype(np.float64))[2]
    found = spaces.procrustes(spaces.scores(one), spaces.scores(other))
    assert found == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("width", [20, 500])
def test_alignment_by_its_definition(width):
    """Through the centred kernels, as Kornblith et al. define it; ours is through features."""
    one, other = sample(50, width, 1).astype(np.float64), sample(50, 30, 2).astype(np.float64)
    centre = np.eye(50) - 1 / 50
    k, m = (centre @ x @ x.T @ centre for x in (one, other))
    expected = (k * m).sum() / np.sqrt((k * k).sum() * (m * m).sum())
    found = spaces.alignment(spaces.scores(one), spaces.scores(other))
    assert found == pytest.approx(expected, rel=1e-9)


def test_a_turned_space_is_the_same_space():
    vectors = sample()
    turned = 3 * vectors.astype(np.float64) @ ortho_group.rvs(40, random_state=0)
    one, other = spaces.scores(vectors), spaces.scores(turned)
    assert spaces.alignment(one, other) == pytest.approx(1, abs=1e-12)
    assert spaces.procrustes(one, other) == pytest.approx(0, abs=1e-12)


def test_spaces_without_extent_are_like_nothing():
    flat = spaces.scores(np.ones((10, 4), np.float32))
    other = spaces.scores(sample(10, 4))
    assert np.isnan(spaces.alignment(flat, other))
    assert np.isnan(spaces.procrustes(flat, other))


def test_silhouette_by_its_definition():
    """Rousseeuw's formula, prompt by prompt, and scikit-learn's mean."""
    vectors, labels = sample(30), ["a"] * 12 + ["b"] * 17 + ["c"]
    apart = cdist(vectors.astype(np.float64), vectors.astype(np.float64), "cosine")
    names = np.array(labels)
    own = []
    for row, name in enumerate(labels):
        mates = (names == name) & (np.arange(30) != row)
        if not mates.any():
            own.append(0.0)
            continue
        inner = apart[row, mates].mean()
        outer = min(apart[row, names == other].mean() for other in "abc" if other != name)
        own.append((outer - inner) / max(inner, outer))
    found = silhouette(vectors, labels)
    assert found.mean == pytest.approx(np.mean(own), abs=1e-9)
    assert found.mean == pytest.approx(silhouette_score(vectors, labels, metric="cosine"), abs=1e-5)
    assert found.categories["b"] == pytest.approx(np.mean(own[12:29]), abs=1e-9)


def test_silhouette_of_many_needs_little_memory():
    """8,000 prompts are 512 MB of distances; and in parts the same numbers."""
    vectors, labels = sample(8000, 8), ["a", "b", "c", "d"] * 2000
    tracemalloc.start()
    found = silhouette(vectors, labels)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 400e6
    expected = silhouette_score(vectors.astype(np.float64), labels, metric="cosine")
    assert found.mean == pytest.approx(expected, abs=1e-12)


def test_silhouette_needs_categories():
    assert silhouette(sample(5), ["a"] * 5) is None
    assert silhouette(sample(5), list("abcde")) is None


def test_neighbourhoods_are_found_and_stay():
    """Three clusters far apart: every point's nearest is of its own, and twice the same map."""
    rng = np.random.default_rng(0)
    centres = np.eye(30)[:3] * 5
    vectors = normalize(
        (np.repeat(centres, 30, 0) + 0.2 * rng.standard_normal((90, 30))).astype("f4")
    )
    start = spaces.project(vectors, spaces.principal_axes(vectors))
    points = neighbourhood_map(vectors, start)
    apart = cdist(points, points) + np.diag([np.inf] * 90)
    assert (apart.argmin(1) // 30 == np.arange(90) // 30).all()
    np.testing.assert_array_equal(points, neighbourhood_map(vectors, start))
    assert neighbourhood_map(vectors[:20], start[:20]) is None
