"""Mixes from distances alone, against least squares on the vectors themselves."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from generator.analysis.lineage.affine import (
    all_differences,
    all_pairs,
    all_triples,
    nearest_difference,
    nearest_mix,
    space_of,
    to_difference,
    to_line,
    to_segment,
    to_triangle,
)

SEEDS = st.integers(0, 10_000)


def points(seed, members, size=20):
    return np.random.default_rng(seed).normal(size=(members, size))


def squares(vectors):
    return ((vectors[:, None] - vectors[None]) ** 2).sum(-1)


def least_squares(target, parents):
    """Weights that sum to 1, and the squared distance, by NumPy's solver on the vectors."""
    first, *others = parents
    span = np.stack([other - first for other in others], axis=1)
    rest = np.linalg.lstsq(span, target - first, rcond=None)[0]
    weights = np.array([1 - rest.sum(), *rest])
    return weights, float(((weights @ parents - target) ** 2).sum())


@given(SEEDS, st.integers(2, 5))
@settings(max_examples=50, deadline=None)
def test_mix_is_that_of_least_squares(seed, parents):
    vectors = points(seed, parents + 1)
    weights, left = nearest_mix(squares(vectors), 0, range(1, parents + 1))
    want, want_left = least_squares(vectors[0], vectors[1:])
    assert weights == pytest.approx(want, abs=1e-9)
    assert left == pytest.approx(want_left, rel=1e-9)


@given(SEEDS)
@settings(max_examples=30, deadline=None)
def test_difference_is_that_of_least_squares(seed):
    target, a, b, c = vectors = points(seed, 4)
    weights, left = nearest_difference(squares(vectors), 0, (1, 2, 3))
    w = (target - a) @ (b - c) / ((b - c) @ (b - c))
    assert weights == pytest.approx([1, w, -w])
    assert left == pytest.approx(((a + w * (b - c) - target) ** 2).sum())


@given(SEEDS)
@settings(max_examples=20, deadline=None)
def test_every_pair_triple_and_difference_at_once_is_each_by_itself(seed):
    vectors = points(seed, 6)
    blocks = np.stack([squares(vectors[:, :8]), squares(vectors[:, 8:])])
    total = blocks.sum(0)
    pairs = space_of(blocks)
    weight, left, simpler = all_pairs(pairs, 0)
    for n, pair in enumerate(zip(pairs.one, pairs.other, strict=True)):
        if 0 not in pair:
            assert [1 - weight[n], weight[n]] == pytest.approx(nearest_mix(total, 0, pair)[0])
            by_block = [nearest_mix(block, 0, pair) for block in blocks]
            if all(((weights >= 0) & (weights <= 1)).all() for weights, _ in by_block):
                assert left[n] == pytest.approx(sum(each for _, each in by_block))
            assert simpler[n] == pytest.approx(blocks[:, 0, list(pair)].min(1).sum())
    triples = np.array([(1, 2, 3), (2, 4, 5), (1, 3, 5)])
    weights, left = all_triples(pairs, 0, *triples.T)
    for n, triple in enumerate(triples):
        assert weights[n] == pytest.approx(nearest_mix(total, 0, triple)[0])
        by_block = sum(nearest_mix(block, 0, triple)[1] for block in blocks)
        assert left[n] == pytest.approx(by_block)
    weight, left = all_differences(pairs, 0, 5)
    for n, (b, c) in enumerate(zip(pairs.one, pairs.other, strict=True)):
        want, want_left = nearest_difference(total, 0, (5, b, c))
        assert weight[n] == pytest.approx(want[1])
        assert left[n] == pytest.approx(want_left)


def nearest_within(target, parents):
    """Squared distance to the simplex of the parents, by a solver that knows nothing of it."""
    count = len(parents)
    done = minimize(
        lambda weights: ((weights @ parents - target) ** 2).sum(),
        np.full(count, 1 / count),
        bounds=[(0, 1)] * count,
        constraints={"type": "eq", "fun": lambda weights: weights.sum() - 1},
        options={"ftol": 1e-14, "maxiter": 500},
    )
    return done.fun


@given(SEEDS)
@settings(max_examples=20, deadline=None)
def test_distances_to_segments_lines_triangles_and_differences(seed):
    # In few dimensions, so that the nearest point is as often on an edge as inside.
    target, a, b, c = vectors = points(seed, 4, size=3)
    squared = squares(vectors)[None]
    assert to_segment(squared, 0, 1, 2) == pytest.approx(nearest_within(target, vectors[1:3]))
    assert to_triangle(squared, 0, 1, 2, 3) == pytest.approx(
        nearest_within(target, vectors[1:]), abs=1e-6
    )
    direction = (b - a) / np.linalg.norm(b - a)
    across = target - a - (target - a) @ direction * direction
    assert to_line(squared, 0, 1, 2) == pytest.approx(across @ across)
    weights = np.linspace(0, 1.5, 3001)[:, None]
    tried = ((a + weights * (b - c) - target) ** 2).sum(1).min()
    assert to_difference(squared, 0, (1, 2, 3), 1.5) == pytest.approx(tried, abs=1e-5)


def test_parents_that_do_not_differ_have_no_weights():
    vectors = np.stack([points(0, 1)[0], *[points(1, 1)[0]] * 3])
    weights, left = nearest_mix(squares(vectors), 0, (1, 2))
    assert np.isnan(weights).all()
    assert left == pytest.approx(squares(vectors)[0, 1])
    assert np.isnan(nearest_difference(squares(vectors), 0, (1, 2, 3))[0][1])


def test_three_on_one_line_have_no_weights_of_three():
    vectors = points(0, 3)
    vectors = np.stack([*vectors, (vectors[1] + vectors[2]) / 2])
    blocks = squares(vectors)[None]
    weights, left = all_triples(space_of(blocks), 0, np.array([1]), np.array([2]), np.array([3]))
    assert np.isnan(weights).any()
    assert np.isinf(left).all()
