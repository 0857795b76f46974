"""Findings of groups: what is said, and what is not."""

import msgspec
import numpy as np
import pytest
from simulated import BLOCKS, grams_of
from simulated_groups import strengths

from generator.analysis.explain import explain
from generator.analysis.findings.of_changes import how_much_changed
from generator.analysis.findings.of_groups import group_findings
from generator.records import IdentityClass, KnownOrigin
from generator.records.findings import Change
from generator.records.pairwise_sums import PairwiseSums

SIZE = 500


def chain(steps, seed=0):
    """A base and what was trained from it, one after the other, by steps of the given sizes."""
    random = np.random.default_rng(seed)
    models = [random.normal(0, 0.1, (len(BLOCKS), SIZE))]
    for step in steps:
        models.append(models[-1] + random.normal(0, step, models[0].shape))
    return models


def findings(models, kind, reference="m0", **options):
    found = explain(grams_of(models, **options), reference=reference).findings
    return [each for each in found if each.kind == kind]


def test_a_chain_has_four_members_and_a_sure_order():
    (found,) = findings(chain([0.01] * 4), "chain")
    assert found.subjects == ("m0", "m1", "m2", "m3", "m4")
    # Independent steps: the next best parent is sqrt(2) times as far.
    assert found.figures.certainty > 1.3
    # Any tree of three is a line.
    assert findings(chain([0.01] * 2), "chain") == []
    # A small step after a large one: it may as well have been the other way round.
    models = chain([0.01, 0.01, 0.01])
    models.append(models[-1] + 0.0001 * np.random.default_rng(9).normal(size=models[0].shape))
    assert findings(models, "chain") == []
    models = chain([0.01, 0.001, 0.01, 0.001])
    assert findings(models, "chain") == []


def test_those_that_hold_the_same_are_called_by_the_one_that_others_were_made_from():
    base, one, other = chain([0.01, 0.01])
    sums = grams_of([one, base, one, base, other])
    truth = [KnownOrigin(name="m4", kind="fine-tune", parents=("m2",))]

    def nodes(**known):
        lineage = explain(sums, **known).components["denoiser"].lineage
        return {node.name: node.copies for node in lineage.nodes}

    assert nodes() == {"m0": ("m2",), "m1": ("m3",), "m4": ()}
    assert nodes(truth=truth, reference="m3") == {"m2": ("m0",), "m3": ("m1",), "m4": ()}


@pytest.mark.parametrize(
    ("how", "counted"), [("bytes", [2]), ("distance", [2]), ("float16", []), ("bfloat16", [])]
)
def test_those_that_are_equal_after_rounding_are_different_ones(how, counted):
    sums = grams_of(chain([0.01, 0.01]))
    component = explain(sums).components["denoiser"]
    pair = IdentityClass(component="denoiser", members=("m0", "m1"), how=how)
    found = group_findings(sums, [msgspec.structs.replace(component, identities=(pair,))])
    numbers = [each.figures.different for each in found if each.kind == "different_ones"]
    assert numbers == counted
    assert [each.subjects for each in found if each.kind == "copies"] == [("m0", "m1")]


def test_what_is_between_two_and_what_is_on_one_line():
    base, one = chain([0.01])
    middle = (base + one) / 2
    (found,) = findings([base, one, middle], "between", reference="", norms=False)
    assert found.subjects[0] == "m2"
    assert set(found.subjects[1:]) == {"m0", "m1"}
    assert findings([base, one, middle], "merge", reference="", norms=False) == []
    models = strengths(np.random.default_rng(2), SIZE)
    (line,) = findings(models, "line", reference="", norms=False)
    assert line.subjects == ("m0", "m1", "m2", "m3", "m4")


def test_an_added_difference_whose_order_is_not_known():
    base = chain([])[0]
    random = np.random.default_rng(4)
    one, other = (base + random.normal(0, 0.01, base.shape) for _ in range(2))
    added = one + 0.8 * (other - base)
    models = [base, one, other, added]
    (known,) = findings(models, "add_difference")
    assert known.subjects == ("m3", "m1", "m2", "m0")
    assert findings(models, "difference_of_any") == []
    assert findings(models, "add_difference", reference="", norms=False) == []
    (unknown,) = findings(models, "difference_of_any", reference="", norms=False)
    assert set(unknown.subjects) == {"m0", "m1", "m2", "m3"}


def imported(squared, elements, different):
    """Sums of an archive that counts tensors, by block of the denoiser: B x 2 x 2 each."""
    sums = grams_of(np.zeros((2, len(squared), 1)), names=("one", "other"))
    head = msgspec.structs.replace(sums.head, origin="imported")
    pair = np.array([[0, 1], [1, 0]])
    spread = [np.array(each)[:, None, None] * pair for each in (squared, elements, different)]
    floats = sums.floats | {"squared": spread[0].astype(np.float64)}
    return PairwiseSums(head, floats, sums.counts | {"elements": spread[1], "different": spread[2]})


@pytest.mark.parametrize(
    ("different", "kind", "part"),
    [
        ([4, 5], "all_changed", ""),
        ([4, 3], "partly_changed", ""),
        ([0, 3], "one_part_changed", "IN01"),
        ([0, 0], None, ""),
    ],
)
def test_how_much_of_a_published_pair_changed(different, kind, part):
    found = list(how_much_changed(imported([9.0, 16.0], [4, 5], different), "denoiser"))
    assert [each.kind for each in found] == ([kind] if kind else [])
    for each in found:
        assert (each.component, each.subjects) == ("denoiser", ("one", "other"))
        assert each.figures == Change(changed=sum(different), tensors=9, l2=5.0, part=part)


def test_how_much_changed_is_told_of_archives_by_tensor_alone():
    sums = imported([9.0, 16.0], [4, 5], [4, 5])
    measured = sums._replace(head=msgspec.structs.replace(sums.head, origin="measured"))
    assert not list(how_much_changed(measured, "denoiser"))
    # Whole matrices count 1 for any number of tensors.
    assert not list(how_much_changed(imported([9.0], [1], [1]), "denoiser"))
