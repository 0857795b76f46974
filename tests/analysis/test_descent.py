"""Lineage and recipes of families whose history is known."""

import networkx as nx
import numpy as np
import pytest
from simulated import BLOCKS, alone, family, grams_of, score, unrelated

from generator.analysis.lineage.descent import descent

SIZE = 3000


def random_models(seed, steps, size=SIZE):
    """A base, and as many fine-tunes of it as there are `steps`, each in a direction of its own."""
    random = np.random.default_rng(seed)
    base = random.normal(0, 0.1, (len(BLOCKS), size))
    return [base, *(base + random.normal(0, 0.1 * step, base.shape) for step in steps)]


def explain(models, copies=None, reference=-1, **options):
    return descent(grams_of(models, **options), "denoiser", copies or alone(len(models)), reference)


def claimed(found):
    return {each.target: each for each in found.recipes if each.verdict != "none"}


def parents(found):
    return {node.name: node.parents for node in found.lineage.nodes}


@pytest.mark.parametrize("dtype", [np.float64, np.float16])
def test_a_merge_and_its_weights(dtype):
    models = random_models(0, [0.05, 0.08, 0.1])
    models.append((0.3 * models[1] + 0.7 * models[2]).astype(dtype))
    recipe = claimed(explain(models))["m4"]
    assert (recipe.form, recipe.verdict) == ("mix", "merge")
    assert dict(zip(recipe.parents, recipe.weights, strict=True)) == pytest.approx(
        {"m1": 0.3, "m2": 0.7}, abs=1e-3
    )
    rounding = np.linalg.norm(models[-1] - (0.3 * models[1] + 0.7 * models[2]))
    apart = np.linalg.norm(models[1] - models[2])
    assert recipe.residual == pytest.approx(rounding / apart, abs=1e-4)
    assert not recipe.by_block


@pytest.mark.parametrize(
    ("shares", "expected"),
    [
        ((0.3, 0.7), ("m2", "m1")),
        ((0.7, 0.3), ("m1", "m2")),
        ((0.499, 0.501), ("m1", "m2")),
        ((0.2, 0.3, 0.5), ("m3", "m2", "m1")),
    ],
)
def test_parents_of_a_mix_come_by_weight_everywhere(shares, expected):
    models = random_models(13, [0.05, 0.08, 0.1])
    models.append(sum(w * each for w, each in zip(shares, models[1:], strict=False)))
    found = explain(models)
    (node,) = (each for each in found.lineage.nodes if each.name == "m4")
    (recipe,) = (each for each in found.recipes if each.target == "m4")
    assert node.parents == recipe.parents == expected
    if len(shares) == 2:
        # The tree hangs it from the nearest.
        assert node.distances[0] == pytest.approx(min(node.distances), rel=0.01)


@pytest.mark.parametrize("dtype", [np.float64, np.float16])
def test_a_merge_by_block_and_the_weights_of_all_blocks(dtype):
    models = random_models(1, [0.05, 0.08, 0.1])
    shares = np.array([0, 0.2, 0.45, 0.5, 0.9, 1])[:, None]
    models.append(((1 - shares) * models[1] + shares * models[2]).astype(dtype))
    recipe = claimed(explain(models))["m4"]
    assert recipe.by_block
    place = recipe.parents.index("m2")
    assert [block.name for block in recipe.blocks] == list(BLOCKS)
    found = [block.weights[place] for block in recipe.blocks]
    assert found == pytest.approx(shares[:, 0].tolist(), abs=0.01)


@pytest.mark.parametrize("others_have_it", [False, True])
def test_blocks_that_several_members_have_are_from_none_of_them(others_have_it):
    models = random_models(1, [0.05, 0.08, 0.1])
    from_second = np.array([name == "REST" for name in BLOCKS])[:, None]
    target = np.where(from_second, models[2], models[1])
    if others_have_it:
        # Another swap, which took the same block from the same model.
        models.append(np.where(from_second, models[2], models[3]))
    recipe = claimed(explain([*models, target], reference=0)).get(f"m{len(models)}")
    assert recipe is None if others_have_it else {*recipe.parents} == {"m1", "m2"}


def test_an_added_difference():
    models = random_models(2, [0.05, 0.08, 0.1])
    models.append((models[1] + 0.8 * (models[2] - models[0])).astype(np.float16))
    recipe = claimed(explain(models))["m4"]
    assert recipe.form == "add difference"
    assert recipe.parents == ("m1", "m2", "m0")
    assert recipe.weights == pytest.approx((1, 0.8, -0.8), abs=1e-3)


def test_a_merge_of_three():
    models = random_models(3, [0.05, 0.08, 0.1, 0.06])
    models.append(0.5 * models[1] + 0.3 * models[2] + 0.2 * models[3])
    recipe = claimed(explain(models))["m5"]
    assert recipe.parents == ("m1", "m2", "m3")
    assert recipe.weights == pytest.approx((0.5, 0.3, 0.2), abs=1e-4)


def test_what_lies_on_the_way_to_a_descendant_is_an_interpolation():
    models = random_models(4, [0.05, 0.08])
    models.append(0.4 * models[0] + 0.6 * models[1])
    assert claimed(explain(models))["m3"].verdict == "interpolation"


def test_a_sum_that_a_missing_model_explains_as_well_is_no_merge():
    base, one, other, third, missing = random_models(6, [0.05, 0.08, 0.06, 0.07])
    toward = 0.6 * missing + 0.4 * base
    target = 0.5 * one + 0.5 * missing
    # target = 0.5 one + 0.83 toward - 0.33 base: as exact, but not how it was made.
    assert claimed(explain([base, one, other, third, toward, target], reference=0)) == {}
    found = claimed(explain([base, one, other, third, missing, target], reference=0))
    assert found["m5"].verdict == "merge"


def test_of_several_sums_of_as_many_members_none_is_called_the_merge():
    base, one, other, third = random_models(7, [0.05, 0.08, 0.06])
    middle = 0.5 * base + 0.5 * one
    target = 0.3 * base + 0.3 * one + 0.4 * other
    # 0.6 middle + 0.4 other, of fewer members, is told; 0.3 one + 0.3 base + ... is not.
    found = claimed(explain([base, one, other, third, middle, target], reference=0))
    assert (found["m5"].verdict, {*found["m5"].parents}) == ("merge", {"m4", "m2"})
    target = 0.4 * base + 0.2 * one + 0.4 * other
    found = claimed(explain([base, one, other, third, middle, target], reference=0))
    assert found["m5"].verdict == "between"


def test_blocks_have_weights_of_their_own_only_where_one_weight_does_not_do():
    base, one, other, third, missing = random_models(8, [0.05, 0.08, 0.06, 0.0007])
    near = other + missing - base
    target = (0.5 * one + 0.5 * near).astype(np.float16)
    coarse = [each.astype(np.float16) for each in (base, one, other, third)]
    assert not any(each.by_block for each in claimed(explain([*coarse, target])).values())


def test_what_took_values_from_a_model_is_not_its_parent():
    base, one, *others = random_models(9, [0.05, 0.08, 0.06])
    child = one + np.random.default_rng(9).normal(0, 0.004, base.shape)
    took = np.where(np.random.default_rng(10).random(base.shape) < 0.5, one, child)
    found = explain([base, one, *others, child, took], reference=0)
    assert parents(found)["m4"] != ("m5",)
    assert parents(explain([base, one, *others, child], reference=0))["m4"] == ("m1",)


def test_a_fine_tune_of_a_merge_descends_from_the_merge():
    models = random_models(5, [0.05, 0.08, 0.1])
    models.append((models[1] + models[2]) / 2)
    models.append(models[4] + np.random.default_rng(9).normal(0, 0.002, models[0].shape))
    found = explain(models)
    assert set(claimed(found)) == {"m4"}
    assert parents(found) == {
        "m0": (),
        "m1": ("m0",),
        "m2": ("m0",),
        "m3": ("m0",),
        "m4": ("m1", "m2"),
        "m5": ("m4",),
    }


def test_no_root_is_told_if_a_single_relative_may_have_come_from_elsewhere():
    base, one, other = random_models(5, [0.05, 0.08])
    middle = (one + other) / 2
    child = one + np.random.default_rng(9).normal(0, 0.005, base.shape)
    # From the first fine-tune, its child and its sibling stand at a right angle, as from the base.
    for models in ([base, one, other, middle], [one, child, other]):
        found = explain(models)
        assert [each.rule for each in found.lineage.roots] == ["centre"]
        assert {each for each, above in parents(found).items() if len(above) == 1} == set()
    assert parents(explain([base, one, other, middle]))["m3"] == ("m1", "m2")
    # Norms of many more values exclude it.
    base, one, other = random_models(5, [0.05, 0.08], size=200_000)
    assert [each.rule for each in explain([base, one, other]).lineage.roots] == ["norms"]


def test_parents_are_not_hung_on_their_merge():
    # The merge is nearer to both than they are to their base.
    models = random_models(6, [0.1, 0.1])
    models.append((models[1] + models[2]) / 2)
    found = parents(explain(models))
    assert found["m1"] == found["m2"] == ("m0",)


@pytest.mark.parametrize("seed", range(5))
def test_without_merges_it_is_the_minimum_spanning_tree(seed):
    random = np.random.default_rng(seed)
    models = random_models(seed, [])
    for _ in range(9):
        step = random.normal(0, 0.1 * random.uniform(0.02, 0.1), models[0].shape)
        models.append(models[random.integers(len(models))] + step)
    sums = grams_of(models)
    lengths = np.sqrt(sums.floats["squared"].sum(0))
    tree = nx.minimum_spanning_tree(nx.from_numpy_array(lengths))
    found = descent(sums, "denoiser", alone(10), 0).lineage
    edges = {frozenset((node.name, each)) for node in found.nodes for each in node.parents}
    assert edges == {frozenset((f"m{a}", f"m{b}")) for a, b in tree.edges}
    for node in found.nodes:
        for parent, distance in zip(node.parents, node.distances, strict=True):
            assert distance == pytest.approx(lengths[int(node.name[1:]), int(parent[1:])])


def test_the_root_is_the_declared_one_or_found_by_norms_or_nothing_but_the_centre():
    models = random_models(7, [0.05, 0.05, 0.05])
    rules = [
        explain(models, reference=2).lineage.roots[0],
        explain(models).lineage.roots[0],
        explain(models, norms=False).lineage.roots[0],
    ]
    assert [(root.name, root.rule) for root in rules] == [
        ("m2", "declared"),
        ("m0", "norms"),
        ("m0", "centre"),
    ]
    own, others = models[0], np.stack(models[1:])
    growth = (others**2).sum((1, 2)) - (own**2).sum()
    growth /= ((others - own) ** 2).sum((1, 2))
    assert rules[1].support == pytest.approx(np.clip(growth, -1, 1).mean())
    assert rules[2].support is None


def test_the_middle_is_that_of_all_members_each_counted():
    models = random_models(7, [0.05, 0.05])
    assert explain(models, norms=False).lineage.roots[0].name == "m0"
    models += [models[2]] * 3
    copies = [[0], [1], [2, 3, 4, 5]]
    (root,) = explain(models, copies, norms=False).lineage.roots
    assert (root.name, root.rule) == ("m2", "centre")
    # So does what lies between others, and nothing is claimed to come from it.
    mixed = [*models[:3], 0.5 * models[1] + 0.5 * models[2]]
    found = explain(mixed, norms=False)
    assert claimed(found)["m3"].verdict == "between"
    lengths = np.sqrt([[((a - b) ** 2).sum() for a in mixed] for b in mixed])
    assert found.lineage.roots[0].name == f"m{lengths.sum(1).argmin()}"
    assert set(parents(found).values()) == {()}


def test_strangers_are_families_of_their_own():
    models = [*random_models(8, [0.05]), *random_models(9, [0.05])]
    # Of two that are related, nothing shows which came first, unless it is declared.
    found = explain(models).lineage
    assert found.roots == ()
    assert found.starts == ("m0", "m2")
    ties = {node.name: node.tied_to for node in found.nodes}
    assert ties == {"m0": (), "m1": ("m0",), "m2": (), "m3": ("m2",)}
    declared = explain(models, reference=0)
    assert parents(declared) == {"m0": (), "m1": ("m0",), "m2": (), "m3": ()}
    alone = explain([*models[:2], models[2]], reference=0).lineage
    assert alone.unrelated == ("m2",)


def test_copies_are_one_node_with_several_names():
    models = random_models(10, [0.05, 0.05])
    models.append(models[1])
    found = explain(models, copies=[[0], [1, 3], [2]]).lineage
    assert {node.name: node.copies for node in found.nodes} == {"m0": (), "m1": ("m3",), "m2": ()}


def test_certainty_is_the_distance_to_the_next_best_over_that_to_the_parent():
    models = random_models(11, [0.05])
    models.append(models[1] + np.random.default_rng(1).normal(0, 0.002, models[0].shape))
    node = explain(models, reference=0).lineage.nodes[-1]
    assert (node.name, node.parents, node.runner_up) == ("m2", ("m1",), "m0")
    ratio = np.linalg.norm(models[2] - models[0]) / np.linalg.norm(models[2] - models[1])
    assert node.certainty == pytest.approx(ratio)


def test_histories_are_recovered():
    totals = np.zeros(5)
    for members in (3, 6, 12, 25, 40):
        made = family(members, members)
        # Where all descend from one child of the base, nothing but the reference shows the base.
        result = explain([each.values for each in made], reference=0)
        found = score(made, result)
        totals += found[:5]
        assert found.weight_error < 0.01
    edges, edges_found, merges, merges_found, false_merges = totals
    assert merges > 10
    assert edges_found / edges > 0.95
    # Of a mix of relatives, it is not always clear which of the three came last.
    assert merges_found / merges > 0.85
    assert false_merges == 0


@pytest.mark.parametrize("seed", range(60))
def test_no_merge_is_claimed_of_unrelated_fine_tunes(seed):
    assert not claimed(explain(unrelated(seed, 20)))


def test_the_check_above_can_fail():
    # In a space of one dimension, everything lies between others.
    groups = ([each[:1] for each in unrelated(seed, 1)] for seed in range(30))
    assert any(claimed(explain(models)) for models in groups)


def test_a_model_with_an_adapter_is_not_the_root_of_those_without():
    random = np.random.default_rng(3)
    base, one, other = random_models(11, [0.05, 0.08], size=60_000)
    adapter = np.zeros_like(base)
    adapter[1:3] = random.normal(0, 0.004, adapter[1:3].shape)
    for models in ([one, other, one + adapter], [one, other, one + adapter, other + adapter]):
        found = explain([base + adapter, *models])
        assert not any(each.rule == "norms" and each.name == "m0" for each in found.lineage.roots)


def test_of_two_strengths_of_one_adapter_that_rounding_hides_none_is_a_parent():
    base, one, other, third, adapter = random_models(21, [0.05, 0.08, 0.06, 0.03])
    # On one block only, as adapters are.
    change = np.where(np.arange(len(BLOCKS))[:, None] == 1, adapter - base, 0)
    weak, weaker = (other + share * change for share in (0.42, 0.4))
    merge = 0.7 * one + 0.3 * weak

    def mix_of(*models):
        rounded = [each.astype(np.float16).astype(np.float64) for each in models]
        return claimed(explain(rounded, reference=0))

    whole = mix_of(base, one, weak, third, merge)["m4"]
    assert whole.parents == ("m1", "m2")
    apart = np.linalg.norm(weak - weaker) / np.linalg.norm(weak)
    # Half a unit in the last place of float16, at most.
    assert apart < 2.0**-11
    assert "m5" not in mix_of(base, one, weak, weaker, third, merge)


@pytest.mark.parametrize("factor", [1.0, 1.4])
def test_what_was_trained_is_no_sum_with_its_training_moved_to_the_root(factor):
    base, one, other, third = random_models(22, [0.05, 0.08, 0.06])
    child = one + other - base
    models = [each.astype(np.float16).astype(np.float64) for each in (base, one, third, child)]
    # It is rounded last, from the files of the others.
    moved = (models[0] + factor * (models[3] - models[1])).astype(np.float16).astype(np.float64)
    assert "m3" not in claimed(explain([*models, moved], reference=0))
