"""Families of known history, judged by the judge that comes with them: nothing false is claimed."""

import pytest
from families import FOLDER, claims, load, said_of

# Hundreds of groups, or whole families, are simulated and explained.
pytestmark = pytest.mark.slow

# Other weights than those that anybody looked at.
SEED = 11
CASES = load("cases")
NAMES = sorted(CASES.CASES) if CASES else []
# Weighted sums, by block or not, chains, differences and swaps: these are told as what they are.
TOLD = [
    "sum-half",
    "sum-95-05",
    "sum-of-3",
    "sum-of-4",
    "sum-of-5",
    "sum-of-6",
    "sum-of-8",
    "negative",
    "negative-of-3",
    "twins",
    "mbw",
    "mbw-in-out",
    "mbw-sdxl",
    "chain",
    "chain-without",
    "chain-without-last",
    "model-stock",
    "task-arithmetic",
    "add-difference-05",
    "add-difference-13",
    "add-difference-20",
    "two-differences",
    "inpainting",
    "three-ratios",
    "two-ratios-1-float16",
    "small-changes",
    "unlike-sizes",
    "sd3-sum",
    "flux-sum-bf16",
    "two-generations",
]


def test_the_families_are_there():
    if not NAMES:
        pytest.skip(f"no families at {FOLDER}")
    assert set(TOLD) <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_false_is_claimed_of_a_family(name):
    build, note, *_ = CASES.CASES[name]
    family = build(SEED)
    truth = family.truth(name, note)
    judged, _ = load("judge").judge(truth, claims(said_of(family)))
    assert [each for each in judged if each["verdict"] == "wrong"] == []
    if name in TOLD:
        merges = {each["member"] for each in judged if each["claim"] == "merge"}
        assert {each for each in merges if each.startswith("t")}
