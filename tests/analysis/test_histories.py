"""Random histories of families: nothing false is said of them, and the judge can find fault."""

import numpy as np
import pytest
from families import claims, load
from histories import Family, history, sums_of

from generator.analysis.lineage.descent import LineageResult, descent

# As many as a test can take; `make bench` counts more.
SEEDS = range(12)


def said_of(family: Family, reference: str = "") -> LineageResult:
    """What the program says of a family; `reference` is declared, if it is there."""
    sums = sums_of(family)
    total = sums.add_up("denoiser").squared
    copies = sorted({tuple(np.flatnonzero(row == 0).tolist()) for row in total})
    root = family.here.index(reference) if reference in family.here else -1
    dtypes = [{family.models[name].dtype: 1} for name in family.here]
    return descent(sums, "denoiser", copies, root, dtypes)


@pytest.fixture(scope="module")
def judge():
    found = load("judge")
    if found is None:
        pytest.skip("no judge beside the shared cases")
    return found.judge


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_false_is_said_of_a_random_history(judge, seed):
    family = history(seed)
    judged, _ = judge(family.truth, claims(said_of(family, "m00" if seed % 2 else "")))
    assert [each for each in judged if each["verdict"] == "wrong"] == []


def test_the_judge_finds_fault_with_a_reversed_history(judge):
    family = history(1)
    child, parent = next(
        (name, model.origin["from"])
        for name, model in family.models.items()
        if name in family.here and model.origin.get("from") in family.here
    )
    right, wrong = (
        {"claim": "parent", "member": a, "parent": b} for a, b in ((child, parent), (parent, child))
    )
    assert [each["verdict"] for each in judge(family.truth, [right, wrong])[0]] == [
        "right",
        "wrong",
    ]


def test_sums_are_those_of_the_files():
    family = history(3)
    sums = sums_of(family)
    total = sums.add_up("denoiser").squared
    values = np.array([family.models[name].values for name in family.here])
    expected = [[np.square(one - other).sum() for other in values] for one in values]
    np.testing.assert_allclose(total, expected, rtol=1e-9)
