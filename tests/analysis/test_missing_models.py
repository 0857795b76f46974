"""What a missing model may explain as well is not claimed: a share of the root, a root, a parent
on a line."""

import numpy as np
import pytest
from simulated import alone, grams_of
from test_descent import claimed, explain, random_models

from generator.analysis.lineage.descent import descent

# Values per block: so many that norms tell a root of two relatives.
MANY = 60_000
# So few that chance may be a third of a growth.
FEW = 12_000


def stored(values):
    return values.astype(np.float16).astype(np.float64)


def verdicts(found):
    return {each.target: each.verdict for each in found.recipes if each.verdict != "none"}


def test_a_share_of_the_root_may_be_that_of_a_parent():
    """Without x, p = 0.6 x + 0.4 base seems to be trained, and a mix of x, b and the base one of p,
    b and the base. If p and b have equal shares, that would be a coincidence."""
    base, x, b = random_models(51, [0.05, 0.06])
    p = 0.6 * x + 0.4 * base
    for mixed, expected in (
        (0.3 * x + 0.4 * b + 0.3 * base, "between"),
        (0.4 * p + 0.4 * b + 0.2 * base, "merge"),
    ):
        assert verdicts(explain([base, p, b, mixed], reference=0)) == {"m3": expected}


def test_a_mix_of_the_ends_of_a_line_holds_no_rounding_of_what_is_between():
    """A mix of the base, a and b is one of m, between base and a, and b, too, but for the rounding
    of m: what is left of the sum shows which of the two was made."""
    base, a, b = (stored(each) for each in random_models(52, [0.05, 0.06]))
    m = stored(0.45 * base + 0.55 * a)
    of_ends = stored(0.7 * (0.45 * base + 0.55 * a) + 0.3 * b)
    of_middle = stored(0.7 * m + 0.3 * b)
    assert verdicts(explain([base, a, b, m, of_ends], reference=0))["m4"] == "between"
    found = claimed(explain([base, a, b, m, of_middle], reference=0))["m4"]
    assert (set(found.parents), found.verdict) == ({"m3", "m2"}, "merge")


@pytest.mark.parametrize("share", [0.0, 0.25])
def test_a_root_from_which_norms_grow_too_much_lies_on_the_way(share):
    """From a mix of a with its lost base, squared norms grow to a by more than the distance."""
    base, a, other = random_models(53, [0.06, 0.09], FEW)
    start = share * a + (1 - share) * base
    child = start + other - base
    found = explain([start, a, child])
    assert [each.rule for each in found.lineage.roots] == ["centre" if share else "norms"]


@pytest.mark.parametrize("adapted", [False, True])
def test_a_coarse_copy_of_a_lost_base_shows_that_the_root_holds_an_adapter(adapted):
    base, a, b = (stored(each) for each in random_models(55, [0.05, 0.06], MANY))
    coarse = rounded(base)
    change = np.zeros(base.shape)
    change[:2] = np.random.default_rng(56).normal(0, 0.004, base[:2].shape)
    root = stored(base + change) if adapted else base
    models = [root, stored(root + a - base), b, coarse]
    dtypes = [{"float16": 1}] * 3 + [{"float8_e4m3fn": 1}]
    found = descent(grams_of(models), "denoiser", alone(4), dtypes=dtypes)
    assert [each.rule for each in found.lineage.roots] == ["centre" if adapted else "norms"]


@pytest.mark.parametrize("share", [0.0, 0.06])
def test_a_place_on_a_line_is_told_only_if_rounding_hides_no_share_of_another(share):
    base, a, other = random_models(57, [0.3, 0.3])
    mixed = rounded(0.55 * a + share * other + (0.45 - share) * base)
    dtypes = [{"float32": 1}] * 3 + [{"float8_e4m3fn": 1}]
    found = descent(grams_of([base, a, other, mixed]), "denoiser", alone(4), 0, dtypes)
    parents = {each.target: each.parents for each in found.recipes if each.verdict != "none"}
    assert parents.get("m3") != ("m1", "m0") if share else parents == {"m3": ("m1", "m0")}


@pytest.mark.parametrize("twin", [np.float16, np.float32, None])
def test_which_of_two_that_differ_by_rounding_is_a_parent_is_not_known(twin):
    """In another precision they are one model; in one precision they would be equal."""
    base, a, other = (stored(each) for each in random_models(58, [0.05, 0.06]))
    child = stored(a + other - base)
    models, dtypes = [base, a, child], [{"float16": 1}] * 3
    if twin:
        step = 3e-5 * np.random.default_rng(59).normal(size=base.shape)
        models.append((a + step).astype(twin).astype(np.float64))
        dtypes.append({np.dtype(twin).name: 1})
    found = descent(grams_of(models), "denoiser", alone(len(models)), 0, dtypes)
    (node,) = (each for each in found.lineage.nodes if each.name == "m2")
    assert node.parents == (("m0",) if twin is np.float16 else (("m3",) if twin else ("m1",)))


def rounded(values):
    """To three stored bits of the significand, as float8_e4m3fn."""
    significand, exponent = np.frexp(values)
    return np.ldexp(np.round(significand * 16) / 16, exponent)
