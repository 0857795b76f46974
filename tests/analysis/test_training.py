"""The order of one training, from whole distances."""

import numpy as np
import pytest

from generator.analysis.lineage.training import training_order


def distances(points):
    rows = np.array(points, dtype=np.float64)
    return ((rows[:, None] - rows[None]) ** 2).sum(2)


def steps(seed, count, dimensions=4000):
    """The base, and a training that goes on in new directions, and a little in the last one."""
    random = np.random.default_rng(seed)
    points, last = [np.zeros(dimensions)], np.zeros(dimensions)
    for _ in range(count):
        last = random.normal(size=dimensions) + 0.15 * last
        points.append(points[-1] + last)
    return points


@pytest.mark.parametrize("seed", range(5))
def test_a_training_is_put_in_order(seed):
    points = steps(seed, 6)
    shuffled = np.random.default_rng(seed).permutation(range(1, 7))
    squared = distances([points[0], *(points[each] for each in shuffled)])
    order = training_order(squared, 0, range(1, 7))
    assert [shuffled[each - 1] for each in order] == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("seed", range(5))
def test_with_one_mix_or_sibling_it_is_no_training(seed):
    points = steps(seed, 6)
    random = np.random.default_rng(100 + seed)
    others = {
        "mix": (points[2] + points[5]) / 2,
        "mix with the base": 0.7 * points[4],
        "sibling": points[3] + random.normal(size=4000),
        "mix with what is missing": (points[6] + random.normal(size=4000)) / 2,
    }
    for what, other in others.items():
        assert training_order(distances([*points, other]), 0, range(1, 8)) == [], what


@pytest.mark.parametrize("seed", range(5))
def test_mixes_made_one_after_another_are_no_training(seed):
    random = np.random.default_rng(seed)
    points = [np.zeros(4000), random.normal(size=4000)]
    for _ in range(5):
        points.append((points[-1] + random.normal(size=4000)) / 2)
    assert training_order(distances(points), 0, range(1, 7)) == []


def test_few_or_unknown_distances_tell_no_order():
    points = steps(0, 6)
    squared = distances(points)
    assert training_order(squared, 0, range(1, 4)) == []
    squared[2, 5] = squared[5, 2] = np.inf
    assert training_order(squared, 0, range(1, 7)) == []
