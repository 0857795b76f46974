"""Single rules of the lineage, each at its edge: rule numbers are those of `claims`."""

from types import SimpleNamespace

import msgspec
import numpy as np
import pytest
from scipy.sparse.csgraph import minimum_spanning_tree
from simulated import BLOCKS, alone, grams_of

from generator.analysis.lineage import rooted
from generator.analysis.lineage.affine import space_of
from generator.analysis.lineage.angles import Parts, angles
from generator.analysis.lineage.between import find_between
from generator.analysis.lineage.claims import accept, failed_rule, order, passes, ranked
from generator.analysis.lineage.copies import copies
from generator.analysis.lineage.lines import different_lines, find_lines
from generator.analysis.lineage.members import members_of
from generator.analysis.lineage.norms import norm_dips, norm_grows
from generator.analysis.lineage.roots import Start
from generator.analysis.lineage.search import MIX, Candidate, mixes
from generator.analysis.lineage.ties import spanning_ties
from generator.records import Checkpoint, IdentityClass, store
from generator.records.pairwise_sums import Totals


def candidate(left, parents=(0, 1), **changes):
    """A mix at the squared distance `left` from its target, of parents at distance 1."""
    good = Candidate(parents, MIX, (0.5, 0.5), left, left, 1.0, 1.0, 1.0)
    return good._replace(**changes)


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"left_by_block": 0.0026}, "residual"),
        ({"left_by_block": 0.0024}, ""),
        ({"left_by_block": 0.0024, "simpler": 0.23}, "simpler"),
        ({"left_by_block": 0.0024, "simpler": 0.25}, ""),
        # Rounding: nothing is nearer than 2e-6 of the squared distance of the parents.
        ({"left_by_block": 0.0, "simpler": 1e-4}, "simpler"),
        ({"left_by_block": 0.0, "simpler": 3e-4}, ""),
        ({"fitting": 0.49}, "parts"),
        ({"fitting": 0.5}, ""),
        ({"alone": False}, "plane"),
        ({"left_by_block": 0.0, "alone": False, "unique": False}, "plane"),
        ({"left_by_block": 0.01, "fitting": 0.0, "alone": False}, "residual"),
    ],
)
def test_the_rules_about_one_mix_at_their_bounds(changes, rule):
    """Rules 1, 3, 4 and 6: 0.05 of the distance of the parents, and a tenth of any simpler way."""
    mix = candidate(1e-3, **changes)
    assert failed_rule(mix) == rule
    assert passes(mix) is (rule == "")
    assert mix.residual == np.sqrt(mix.left_by_block)


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
@pytest.mark.parametrize(("height", "alone"), [(0.0, False), (0.04, False), (0.2, True)])
def test_a_mix_of_three_is_alone_in_their_plane(scale, height, alone):
    """Rule 6: within 0.05 of their distance, in any unit."""
    points = scale * np.array(
        [[0, 0, 0], [1, 0, 0], [0, 1, 0], [0.3, 0.3, 0], [2, 2, height]], np.float64
    )
    squared = ((points[:, None] - points) ** 2).sum(2)
    found = mixes(space_of(squared[None]), 3)
    (mix,) = (each for each in found if set(each.parents) == {0, 1, 2})
    assert mix.alone is alone
    assert dict(zip(mix.parents, mix.weights, strict=True)) == pytest.approx(
        {0: 0.4, 1: 0.3, 2: 0.3}
    )


def test_four_members_are_enough_for_a_mix_of_three():
    points = np.array([[0, 0], [1, 0], [0, 1], [0.3, 0.3]], np.float64)
    squared = ((points[:, None] - points) ** 2).sum(2)
    assert {0, 1, 2} in [set(each.parents) for each in mixes(space_of(squared[None]), 3)]


@pytest.mark.parametrize("ends", [(0, 1), (1, 0)])
@pytest.mark.parametrize(
    ("places", "order"),
    [([0, 4, 1, 2, 3], (0, 2, 3, 4, 1)), ([1, 4, 0, 3, 2], (1, 3, 4, 0, 2))],
)
def test_a_line_begins_at_the_end_of_the_smaller_number(places, order, ends):
    """Whichever of the parents was found first."""
    points = np.array(places, np.float64)[:, None]
    total = ((points[:, None] - points) ** 2).sum(2)
    (line,) = find_lines(total, range(5), [(3, *ends)])
    assert line.members == order
    assert line.deviation == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(
    ("other", "on_it"),
    [
        # The target is 0.3 beside the line: three times as far is on it,
        ((10, 0.8), True),
        ((10, 1.0), False),
        # unless a neighbour on it is nearer than twice that: then it is a variant of this one.
        ((21, 0.8), False),
    ],
)
def test_a_line_may_be_as_uneven_as_its_mix(other, on_it):
    points = np.array([(0, 0), (40, 0), (20, 0.3), (30, 0.7), other])
    total = ((points[:, None] - points) ** 2).sum(2)
    (line,) = find_lines(total, range(5), [(2, 0, 1)])
    assert set(line.members) == {0, 1, 2, 3, *([4] if on_it else [])}
    assert line.deviation == pytest.approx((0.8 if on_it else 0.7) / 40)


def test_a_rounded_copy_is_the_twin_of_the_nearest():
    squared = np.array([(0, 9, 4), (9, 0, 2), (4, 2, 0)], np.float64)
    close = np.array([(0, 0, 1), (0, 0, 1), (1, 1, 0)], bool)
    members = SimpleNamespace(squared=squared, close=close, noise=np.array([0.0, 0.0, 1.0]))
    assert rooted.twins_of(members, range(3)) == {2: 1}


def test_the_next_is_tried_where_the_likeliest_root_is_none(monkeypatch):
    """Seen from a sibling, all others share the way back to the root."""
    random = np.random.default_rng(6)
    root = random.normal(0, 0.1, (len(BLOCKS), 2000))
    models = [root, *(root + random.normal(0, 0.01, root.shape) for _ in range(5))]
    members = members_of(grams_of(models), "denoiser", alone(6))
    starts = [Start(each, "norms", 1.0) for each in (2, 0)]
    monkeypatch.setattr(rooted, "possible_roots", lambda *_: starts)
    found = rooted.with_root(members, range(6), range(6), -1)
    assert found.start == starts[1]
    assert found.parents == dict.fromkeys(range(1, 6), 0)


@pytest.mark.parametrize("unit", [2.0**-8, 2.0**8])
def test_the_root_does_not_depend_on_the_unit_of_weights(unit):
    """Two of its children share a step from a model that is lost: norms tell the root."""
    random = np.random.default_rng(8)
    root, *steps = random.normal(0, 0.01, (7, len(BLOCKS), 2000))
    root *= 10
    shared, *own = steps
    models = np.array(
        [root, root + shared + own[0], root + shared + own[1], *(root + each for each in own[2:])]
    )

    def found(values):
        members = members_of(grams_of(values), "denoiser", alone(len(models)))
        return rooted.with_root(members, range(6), range(6), -1)

    assert found(models).start.member == 0
    assert found(unit * models).start == found(models).start
    assert found(unit * models).parents == found(models).parents


def test_the_best_meets_most_rules_and_few_parents_come_first():
    far, near = candidate(0.01), candidate(0.0001)
    parts, nearest = candidate(0.001, fitting=0.0), candidate(0.00001, simpler=0.0)
    assert ranked([far, nearest, parts])[0] == parts
    assert ranked([parts, near, candidate(0.0002)])[0] == near
    three = candidate(0.00009, (0, 1, 2))
    assert order([three, far, near]) == [near, three]
    # More parents must halve the residual: a quarter of its square.
    assert order([candidate(0.000026, (0, 1, 2)), near])[0] == near
    assert order([candidate(0.000024, (0, 1, 2)), near])[0] == candidate(0.000024, (0, 1, 2))
    # Of equally near ones, the parents that are farther apart.
    wide = candidate(0.0002, span=2.0)
    assert order([near, wide]) == [wide, near]


@pytest.mark.parametrize(("left", "rule"), [(3e-6, ""), (3e-5, "many")])
def test_among_many_fitting_pairs_only_an_exact_mix_is_claimed(left, rule):
    """Rule 5. A mix in float32 leaves at most 1e-5 of the squared distance of its parents."""
    assert failed_rule(candidate(left, unique=False)) == rule
    assert failed_rule(candidate(left)) == ""


@pytest.mark.parametrize(
    ("times", "claimed"), [(0.5, False), (1.5, False), (1.9, False), (2.1, True)]
)
def test_a_mix_nearer_than_twice_its_residual_to_another_mix_is_its_child(times, claimed):
    """Rule 7: it may be a fine-tune of the other."""
    total = np.full((5, 5), 1.0)
    left = 1e-3
    total[2, 3] = total[3, 2] = times**2 * left
    found = accept(total, {2: [candidate(left)]}, {3: candidate(0.0, (0, 4))})
    assert (2 in found) is claimed
    assert 3 in found


def test_on_a_line_with_others_no_place_is_claimed():
    """Rule 8. Each is between any two around it."""
    random = np.random.default_rng(1)
    base, step = random.normal(0, 0.1, (2, len(BLOCKS), 500))
    models = [base + place * step for place in (0, 0.3, 0.6, 1)]

    def found(count):
        members = members_of(grams_of(models[:count]), "denoiser", [[n] for n in range(count)])
        return find_between(members, range(count), 0)

    assert set(found(3).claims) == {1}
    assert found(4).claims == {}
    assert [line.members for line in different_lines(found(4).lines)] == [(0, 1, 2, 3)]


def test_ties_are_the_shortest_way_to_the_start():
    """Against SciPy's minimum spanning tree."""
    points = np.random.default_rng(2).normal(size=(12, 5))
    squared = ((points[:, None] - points[None]) ** 2).sum(-1)
    tree = minimum_spanning_tree(np.sqrt(squared)).tocoo()
    expected = {frozenset(pair) for pair in zip(tree.row.tolist(), tree.col.tolist(), strict=True)}
    ties = spanning_ties(squared, 3, range(12))
    assert {frozenset(pair) for pair in ties.items()} == expected
    assert 3 not in ties
    assert spanning_ties(np.full((2, 2), np.inf), 0, [0, 1]) == {}


def of_parts(vectors, parts=20):
    """P parts of members that are known as vectors."""
    split = np.split(np.array(vectors), parts, axis=1)
    squared = np.array([((each[:, None] - each[None]) ** 2).sum(-1) for each in split])
    dimensions = np.full(parts, float(split[0].shape[1]))
    return Parts(squared, dimensions, np.zeros((parts, len(vectors))))


def test_a_right_angle_in_the_whole_is_none_where_the_parts_differ():
    random = np.random.default_rng(3)
    step, other = random.normal(size=(2, 4000))
    # Against the step in half of the parts, along it in the others.
    twisted = step * np.repeat([1, -1], 2000)
    pruned = step * (np.abs(step) > 1)
    found = angles(of_parts([0 * step, step, other, twisted, pruned]), 0, 1, 0)
    assert found.right.tolist() == [False, False, True, False, False]
    assert abs(found.cosine[3]) < 0.05
    cosine = step @ other / np.linalg.norm(step) / np.linalg.norm(other)
    assert found.cosine[2] == pytest.approx(cosine)
    # What was pruned away is at a right angle by construction, so not independent.
    rest = angles(of_parts([0 * step, pruned, step, other + pruned]), 1, 0, 1)
    assert rest.cosine[2] == pytest.approx(0, abs=1e-9)
    assert rest.right.tolist() == [False, False, False, True]


def totals(norms, elements):
    """Of two points at distance 1 with these squared norms."""
    squared = np.array([[0.0, 1.0], [1.0, 0.0]])
    nothing = np.zeros((2, 2), np.int64)
    return Totals(
        squared,
        np.repeat(np.array(norms, np.float64)[:, None], 2, 1),
        np.zeros((2, 2)),
        np.full((2, 2), elements),
        nothing,
        nothing,
    )


# Of independent directions, the growth of a norm has a deviation of 2 sqrt(1.3 / elements).
@pytest.mark.parametrize(
    ("elements", "sure"), [(10**6, True), (1300, True), (1150, False), (600, False), (100, False)]
)
def test_norms_decide_only_beyond_three_standard_deviations_of_chance(elements, sure):
    """At 1,150 elements, three of them are more than what is left from a growth of 0.3 to 0.5, and
    from 0.7 to the same distance from 1."""
    deviation = 2 * np.sqrt(1.3 / elements)
    assert (0.3 + 3 * deviation <= 0.5) is np.bool_(sure)
    assert norm_dips(totals([1.0, 1.3], elements), 0, 1) is sure
    assert norm_dips(totals([1.3, 1.0], elements), 0, 1) is sure
    assert norm_grows(totals([0.6, 1.3], elements), 0, 1) is sure


def test_unknown_norms_decide_nothing():
    unknown = totals([1.0, np.nan], 10**9)
    assert not norm_dips(unknown, 0, 1)
    assert not norm_grows(unknown, 0, 1)


# Of one weight; those of quantised blocks with their scales.
BITS = {"float32": 32, "float16": 16, "bfloat16": 16, "Q8_0": 8.5, "Q4_0": 4.5}


def test_of_equal_members_the_most_precise_stands_for_all(committed):
    """Then those that are known as parents, then the first."""
    base = store.load(committed / "checkpoints" / "demo-base.json", Checkpoint).record
    component = base.components[0]

    def record(name, dtype):
        size = round(component.parameters * BITS[dtype] / 8)
        part = msgspec.structs.replace(component, dtypes={dtype: component.parameters}, nbytes=size)
        return msgspec.structs.replace(base, id=name, components=(part,))

    dtypes = {"four": "Q4_0", "half": "float16", "again": "float16", "full": "float32"}
    dtypes |= {"brain": "bfloat16", "eight": "Q8_0"}
    records = {name: record(name, dtype) for name, dtype in dtypes.items()}
    names = tuple(dtypes)
    sums = grams_of(np.zeros((len(names), 1, 1)), names=names)
    classes = [IdentityClass(component=component.name, how="float16", members=names)]

    def ordered(**options):
        (found,) = copies(sums, component.name, classes, records, **options)
        return [names[number] for number in found]

    assert ordered() == ["full", "half", "again", "brain", "eight", "four"]
    assert ordered(known={"again"}) == ["full", "again", "half", "brain", "eight", "four"]
