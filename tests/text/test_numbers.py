"""Numbers as text, against exact arithmetic."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.text import numbers

PREFIXES = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "P": 10**15}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (numbers.grouped(859520964), "859,520,964"),
        (numbers.grouped(None), "–"),
        (numbers.count(859520964), "860\xa0M"),
        (numbers.count(2567463684), "2.57\xa0B"),
        (numbers.count(999_600_000), "1.00\xa0B"),
        (numbers.count(7), "7"),
        (numbers.quantity(74384653418496, "FLOP"), "74.4\xa0TFLOP"),
        (numbers.quantity(803e9, "FLOP"), "803\xa0GFLOP"),
        (numbers.quantity(512, "B"), "512\xa0B"),
        (numbers.quantity(None, "FLOP"), "–"),
        (numbers.times(2.3746), "2.37×"),
        (numbers.share(1, 3), "33.3\xa0%"),
        (numbers.share(1, 0), "–"),
        (numbers.percent(340, 11901, 2), "2.86"),
        (numbers.percent(1, 0, 2), "–"),
        (numbers.measured(2164.585), "2,164.585"),
        (numbers.measured(1.23456789e-7), "1.234568\xa0×\xa010⁻⁷"),
        (numbers.measured(0), "0"),
        (numbers.measured(None), "–"),
        (numbers.tick(2e9, numbers.COUNTS), "2\xa0B"),
        (numbers.shape((2, 77)), "2\xa0×\xa077"),
        (numbers.shape(()), "scalar"),
        (numbers.printed("11127"), "11,127"),
        (numbers.printed("1265.48"), "1,265.48"),
        (numbers.cosine(1.0), "1"),
        (numbers.cosine(1 - 3e-8), "0.99999997"),
        (numbers.cosine(1 - 3.1415926e-8), "0.9999999686"),
        (numbers.cosine(1 - 3.1415926e-11), "0.9999999999686"),
        (numbers.rounded_as(31557.001216, "31557.00"), "31557.00"),
        (numbers.rounded_as(13.79755608984375, "13.80"), "13.80"),
        (numbers.rounded_as(11127.271424, "11127"), "11127"),
    ],
)
def test_format(written, expected):
    assert written == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (numbers.fixed(-1234.5, 1), "−1,234.5"),
        # Noise around zero has no sign.
        (numbers.fixed(-1e-9, 2), "0.00"),
        (numbers.significant(-0.1234), "−0.123"),
        (numbers.small(-1.234e-7), "−1.23\xa0×\xa010⁻⁷"),
        (numbers.precise(-0.0123), "−0.0123"),
        (numbers.cosine(-0.5), "−0.5"),
    ],
)
def test_negative_numbers_have_a_minus_sign(written, expected):
    assert written == expected


@pytest.mark.parametrize("name", ["demo-merge-half.safetensors", "x.ckpt", "folder", ".pt", ""])
def test_parts_of_a_name_are_all_of_it(name):
    start, end, ending = numbers.name_parts(name)
    assert start + end + ending == name
    assert len(end) == min(8, len(start + end) // 2)


@given(st.data())
def test_a_share_is_rounded_once_from_its_counts(data):
    whole = data.draw(st.integers(1, 10**12))
    part, decimals = data.draw(st.integers(0, whole)), data.draw(st.integers(0, 3))
    shown = Fraction(numbers.percent(part, whole, decimals))
    assert abs(shown - Fraction(100 * part, whole)) <= Fraction(1, 2 * 10**decimals)


@given(st.floats(min_value=1e-12, max_value=1e12))
def test_a_distance_in_a_table_is_as_exact_as_it_is_known(value):
    figures, _, power = numbers.measured(value).replace(",", "").partition("\xa0×\xa010")
    exponent = power.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))
    shown = Fraction(figures) * Fraction(10) ** int(exponent or 0)
    assert abs(shown - Fraction(value)) <= Fraction(value) / 10**6


@given(st.floats(min_value=1, max_value=9e17))
def test_three_digits_are_within_half_of_the_last(value):
    figure, _, unit = numbers.quantity(value, "FLOP").partition("\xa0")
    shown = Fraction(figure.replace(",", "")) * PREFIXES[unit.removesuffix("FLOP")]
    assert abs(shown - Fraction(value)) <= Fraction(value) * Fraction(51, 10000)


@pytest.mark.parametrize(
    ("number", "decimals", "least", "most"),
    [
        (0.0287, 3, "0.028", "0.029"),
        (0.35, 3, "0.350", "0.350"),
        (0.00002, 3, "0.000", "0.001"),
        (1.059, 2, "1.05", "1.06"),
        (2.0, 2, "2.00", "2.00"),
    ],
)
def test_bounds_are_rounded_away_from_what_they_bound(number, decimals, least, most):
    assert numbers.at_least(number, decimals) == least
    assert numbers.at_most(number, decimals) == most


@given(st.floats(1e-12, 1e12))
def test_a_raised_number_is_the_next_of_three_digits(number):
    raised = numbers.raised(number)
    assert number <= raised <= number * 1.0100001
    assert float(f"{raised:.2e}") == raised
