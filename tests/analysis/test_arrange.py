"""How groups are drawn: against SciPy, networkx, scikit-learn and brute force, and invariances."""

import itertools
import json

import msgspec
import networkx as nx
import numpy as np
import pytest
from scipy.cluster.hierarchy import linkage
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial.distance import pdist, squareform
from sklearn.manifold import smacof

from generator.analysis.arrangement.arrange import arrange


def family(members: int, dimensions: int = 20, seed: int = 0) -> np.ndarray:
    """Distances of random points in clusters."""
    random = np.random.default_rng(seed)
    centres = random.standard_normal((3, dimensions)) * 3
    points = centres[np.arange(members) % 3] + random.standard_normal((members, dimensions))
    return squareform(pdist(points))


def layout(arrangement, name: str) -> np.ndarray:
    return np.array(next(one for one in arrangement.layouts if one.name == name).positions)


def stress(arrangement, name: str) -> float:
    return next(one for one in arrangement.layouts if one.name == name).stress


def lengths_in(arrangement, name: str) -> np.ndarray:
    return squareform(pdist(layout(arrangement, name)))


def leaves(arrangement, cluster: int) -> list[int]:
    count = len(arrangement.members)
    if cluster < count:
        return [cluster]
    merge = arrangement.merges[cluster - count]
    return leaves(arrangement, merge.left) + leaves(arrangement, merge.right)


def cophenetic(arrangement) -> np.ndarray:
    """Height at which two members become one cluster."""
    count = len(arrangement.members)
    heights = np.zeros((count, count))
    for merge in arrangement.merges:
        for a, b in itertools.product(
            leaves(arrangement, merge.left), leaves(arrangement, merge.right)
        ):
            heights[a, b] = heights[b, a] = merge.height
    return heights


def test_clusters_are_those_of_average_linkage():
    distances = family(25)
    arrangement = arrange(distances)
    expected = linkage(squareform(distances), method="average")
    assert [m.height for m in arrangement.merges] == pytest.approx(expected[:, 2], rel=1e-8)
    # By definition: the mean distance between the members of the two clusters.
    for merge in arrangement.merges:
        left, right = leaves(arrangement, merge.left), leaves(arrangement, merge.right)
        assert merge.height == pytest.approx(distances[np.ix_(left, right)].mean(), rel=1e-8)


@pytest.mark.parametrize("seed", range(6))
def test_the_order_is_that_of_the_drawn_tree_and_the_best_of_all(seed):
    distances = family(8, seed=seed)
    arrangement = arrange(distances)
    count = len(distances)
    assert leaves(arrangement, 2 * count - 2) == list(arrangement.order)

    def orders(cluster: int) -> list[list[int]]:
        if cluster < count:
            return [[cluster]]
        merge = arrangement.merges[cluster - count]
        both = itertools.product(orders(merge.left), orders(merge.right))
        return [way for one, other in both for way in (one + other, other + one)]

    def travelled(order) -> float:
        return sum(distances[a, b] for a, b in itertools.pairwise(order))

    best = min(map(travelled, orders(2 * count - 2)))
    assert travelled(arrangement.order) == pytest.approx(best, rel=1e-9)
    assert arrangement.order[0] < arrangement.order[-1]


def test_the_tree_is_as_short_as_scipys_and_joins_all():
    distances = family(30, seed=1)
    arrangement = arrange(distances)
    assert len(arrangement.tree) == 29
    total = sum(edge.length for edge in arrangement.tree)
    assert total == pytest.approx(minimum_spanning_tree(distances).sum(), rel=1e-8)
    assert nx.is_connected(nx.Graph([(edge.a, edge.b) for edge in arrangement.tree]))
    for edge in arrangement.tree:
        assert edge.length == pytest.approx(distances[edge.a, edge.b], rel=1e-8)


def test_everyone_is_led_to_the_nearest():
    distances = family(30, seed=2)
    arrangement = arrange(distances)
    assert [edge.a for edge in arrangement.nearest] == list(range(30))
    for edge in arrangement.nearest:
        others = [other for other in range(30) if other != edge.a]
        assert edge.b == min(others, key=lambda other: distances[edge.a, other])


def test_the_spectral_layout_is_that_of_networkx_but_for_signs():
    distances = family(20, seed=4)
    with np.errstate(divide="ignore"):
        weights = 1 / distances
    np.fill_diagonal(weights, 0)
    expected = nx.spectral_layout(nx.from_numpy_array(weights))
    expected = np.array([expected[member] for member in range(20)])
    positions = layout(arrange(distances), "spectral")
    for axis in (0, 1):
        sign = np.sign(positions[:, axis] @ expected[:, axis])
        assert positions[:, axis] == pytest.approx(sign * expected[:, axis], abs=2e-5)


@pytest.mark.parametrize("members", [3, 12, 60])
def test_the_stress_layout_is_as_good_as_the_best_of_many_by_smacof(members):
    distances = family(members, seed=members)
    arrangement = arrange(distances)
    _, best = smacof(distances, metric=True, n_init=8, max_iter=2000, eps=1e-9, random_state=0)
    lengths = lengths_in(arrangement, "stress")
    assert ((lengths - distances) ** 2).sum() / 2 <= best * 1.005 + 1e-6


def test_the_stress_layout_counts_identical_members_one_by_one():
    members = [0, 1, 2, 3, 4, *[5] * 12]
    distances = family(6, seed=13)[np.ix_(members, members)]
    _, best = smacof(distances, metric=True, n_init=8, max_iter=2000, eps=1e-9, random_state=0)
    lengths = lengths_in(arrange(distances), "stress")
    assert ((lengths - distances) ** 2).sum() / 2 <= best * 1.005


@pytest.mark.parametrize("name", ["spectral", "stress"])
def test_stress_is_what_the_record_says(name):
    distances = family(15, seed=5)
    arrangement = arrange(distances)
    lengths = lengths_in(arrangement, name)
    scales = np.linspace(0, 3 * distances.max() / lengths.max(), 200_001)
    wrong = scales**2 * (lengths**2).sum() - 2 * scales * (lengths * distances).sum()
    least = np.sqrt((wrong.min() + (distances**2).sum()) / (distances**2).sum())
    assert stress(arrangement, name) == pytest.approx(least, abs=1e-5)


def test_a_map_in_the_plane_is_found_again():
    distances = family(30, dimensions=2, seed=6)
    arrangement = arrange(distances)
    assert stress(arrangement, "stress") < 2e-5
    assert lengths_in(arrangement, "stress") == pytest.approx(distances, abs=1e-3)


def test_the_farthest_two_lie_level():
    distances = family(20, seed=7)
    positions = layout(arrange(distances), "stress")
    a, b = divmod(int(distances.argmax()), 20)
    assert positions[a, 1] == pytest.approx(positions[b, 1], abs=1e-3)
    assert positions[min(a, b), 0] < positions[max(a, b), 0]


def test_the_order_of_the_members_is_of_no_account():
    distances = family(24, seed=8)
    shuffled = np.random.default_rng(1).permutation(24)
    first, second = arrange(distances), arrange(distances[np.ix_(shuffled, shuffled)])
    both = np.ix_(shuffled, shuffled)
    assert cophenetic(second) == pytest.approx(cophenetic(first)[both], rel=1e-8)
    assert {frozenset((edge.a, edge.b)) for edge in first.tree} == {
        frozenset((int(shuffled[edge.a]), int(shuffled[edge.b]))) for edge in second.tree
    }
    for name in ("spectral", "stress"):
        lengths = lengths_in(first, name)[both]
        assert lengths_in(second, name) == pytest.approx(lengths, abs=1e-4 * lengths.max())


def test_the_unit_is_of_no_account():
    distances = family(24, seed=9)
    first, second = arrange(distances), arrange(1024 * distances)
    assert first.order == second.order
    assert [(edge.a, edge.b) for edge in first.tree] == [(edge.a, edge.b) for edge in second.tree]
    assert layout(second, "spectral") == pytest.approx(layout(first, "spectral"), abs=2e-5)
    expected = 1024 * layout(first, "stress")
    assert layout(second, "stress") == pytest.approx(expected, abs=1e-4 * np.abs(expected).max())


@pytest.mark.parametrize("kind", ["clusters", "equidistant", "twins"])
def test_noise_below_nine_digits_does_not_show(kind):
    distances = {
        "clusters": family(20, seed=10),
        "equidistant": np.ones((6, 6)) - np.eye(6),
        "twins": family(10, seed=11)[np.ix_([*range(10)] * 2, [*range(10)] * 2)],
    }[kind]
    noise = np.random.default_rng(2).uniform(-1e-13, 1e-13, distances.shape)
    noisy = distances * (1 + noise + noise.T)
    assert msgspec.json.encode(arrange(distances)) == msgspec.json.encode(arrange(noisy))


def test_identical_members_are_one_point_and_neighbours():
    one = family(7, seed=12)
    twice = [0, 1, 2, 3, 4, 5, 6, 2, 5, 2]
    arrangement = arrange(one[np.ix_(twice, twice)])
    for name in ("spectral", "stress"):
        positions = layout(arrangement, name)
        assert positions[2].tolist() == positions[7].tolist() == positions[9].tolist()
        assert positions[5].tolist() == positions[8].tolist()
        assert len({tuple(position) for position in positions.tolist()}) == 7
    order = list(arrangement.order)
    assert {abs(order.index(2) - order.index(n)) for n in (7, 9)} <= {1, 2}
    assert sum(edge.length == 0 for edge in arrangement.tree) == 3
    assert stress(arrangement, "stress") < 0.4


@pytest.mark.parametrize("members", [2, 3, 5])
def test_all_identical(members):
    arrangement = arrange(np.zeros((members, members)))
    assert {one.stress for one in arrangement.layouts} == {0}
    assert {place for one in arrangement.layouts for place in one.positions} == {(0.0, 0.0)}
    assert {merge.height for merge in arrangement.merges} == {0}
    assert len(arrangement.tree) == members - 1


def test_two_members():
    arrangement = arrange(np.array([[0, 4.0], [4.0, 0]]))
    assert arrangement.order == (0, 1)
    (a, b) = layout(arrangement, "stress").tolist()
    assert b[0] - a[0] == pytest.approx(4, abs=1e-3)
    assert a[1] == b[1]
    assert {one.stress for one in arrangement.layouts} == {0}


def test_nobody_to_compare():
    assert arrange(np.full((3, 3), np.nan)) is None
    assert arrange(np.zeros((1, 1))) is None
    assert arrange(np.zeros((0, 0))) is None


def test_two_architectures_the_larger_family_is_drawn():
    distances = np.full((7, 7), np.nan)
    for members in ([0, 2, 5], [1, 3, 4, 6]):
        distances[np.ix_(members, members)] = family(len(members))
    arrangement = arrange(distances)
    assert arrangement.members == (1, 3, 4, 6)
    assert sorted(arrangement.order) == [0, 1, 2, 3]


@pytest.mark.parametrize("seed", range(12))
def test_the_members_drawn_are_the_largest_comparable_set_that_comes_first(seed):
    random = np.random.default_rng(seed)
    distances = family(9, seed=seed)
    hidden = np.triu(random.random((9, 9)) < random.uniform(0.1, 0.7), 1)
    distances[hidden | hidden.T] = np.nan
    np.fill_diagonal(distances, random.choice([0, np.nan]))
    arrangement = arrange(distances)
    comparable = [
        chosen
        for size in range(2, 10)
        for chosen in itertools.combinations(range(9), size)
        if not any(np.isnan(distances[a, b]) for a, b in itertools.combinations(chosen, 2))
    ]
    largest = max(map(len, comparable))
    assert arrangement.members == min(one for one in comparable if len(one) == largest)


def test_the_tree_of_real_checkpoints_is_their_training_order(published):
    found = json.loads((published / "matrices" / "aobp.json").read_bytes())
    names, distances = found["ml"], np.array(found["dm"]["unet"])
    tree = nx.Graph([(e.a, e.b) for e in arrange(np.maximum(distances, distances.T)).tree])
    epochs = [n for n, name in enumerate(names) if "-ep" in name]
    assert len(epochs) >= 9
    path = nx.shortest_path(tree, epochs[0], epochs[-1])
    assert path == epochs
