"""Numbers -> text: exact with grouping in tables, three significant digits in prose.

A missing number is an en dash, never 0.
"""

import math
from collections.abc import Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from fractions import Fraction

MISSING = "\N{EN DASH}"

DIGITS = 3
# Significant digits of distances in tables: their relative error is at most one millionth.
MEASURED_DIGITS = 7
# SI prefixes, and the usual suffixes for numbers of parameters.
SI = ((1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"), (1, ""))
COUNTS = ((1e9, "B"), (1e6, "M"), (1e3, "k"), (1, ""))
TIMES = "\N{MULTIPLICATION SIGN}"
# Smaller numbers have more zeros than a reader can count.
SMALLEST = 1e-4
# Number of characters kept at the end of a name that is cut.
NAME_END = 8
# Endings of weight files.
ENDINGS = (".safetensors", ".ckpt", ".pt", ".pth", ".bin")
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def grouped(number: int | None) -> str:
    """Every digit: `859,520,964`."""
    return MISSING if number is None else f"{number:,}"


def fixed(number: float | Decimal | None, decimals: int) -> str:
    """With a set number of decimals: `31,557.00`."""
    return MISSING if number is None else _signed(f"{number:z,.{decimals}f}")


def significant(number: float | None, digits: int = DIGITS) -> str:
    """Three significant digits, no exponent: `92.6`, `0.803`, `1,610`."""
    if number is None:
        return MISSING
    if number == 0:
        return "0"
    rounded = float(f"{number:.{digits - 1}e}")
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(rounded))))
    return _signed(f"{rounded:,.{decimals}f}")


def at_least(number: float, decimals: int = DIGITS) -> str:
    """A lower bound, rounded down: 0.0287 is `0.028`, as "0.029 or more" would be false."""
    return fixed(_shortest(number).quantize(Decimal(1).scaleb(-decimals), ROUND_FLOOR), decimals)


def at_most(number: float, decimals: int = DIGITS) -> str:
    """An upper bound, rounded up: 0.0123 is `0.013`, and 0.00002 is `0.001`."""
    return fixed(_shortest(number).quantize(Decimal(1).scaleb(-decimals), ROUND_CEILING), decimals)


def raised(number: float) -> float:
    """An upper bound of any size, rounded up to three digits: 0.00123456 is 0.00124."""
    exact = _shortest(number)
    return float(exact.quantize(Decimal(1).scaleb(exact.adjusted() - DIGITS + 1), ROUND_CEILING))


def _shortest(number: float) -> Decimal:
    """The number as it would be written: 0.35 is not a little less."""
    return Decimal(repr(float(number)))


def precise(number: float | None) -> str:
    """Four significant digits, with an exponent if far from 1: `0.01234`, `1.234e-07`."""
    return MISSING if number is None else _signed(f"{number:.4g}")


def small(number: float | None, digits: int = DIGITS) -> str:
    """Three significant digits of a number that may be tiny: `3.68`, `0.00498`, `1.23 × 10⁻⁷`."""
    if number is None:
        return MISSING
    if number == 0 or abs(number) >= SMALLEST:
        return significant(number, digits)
    figures, exponent = f"{number:.{digits - 1}e}".split("e")
    power = _power_of_ten(int(exponent))
    return _signed(f"{figures}\N{NO-BREAK SPACE}{TIMES}\N{NO-BREAK SPACE}{power}")


def measured(number: float | None) -> str:
    """A distance in a table, as exactly as it is known: `2,164.585`, `1.234567 × 10⁻⁷`."""
    return small(number, MEASURED_DIGITS)


def round_number(number: float) -> str:
    """A round number on an axis of many powers of ten: `0.02`, `500`, `2 × 10⁻⁷`."""
    if number == 0 or SMALLEST <= abs(number) < 1 / SMALLEST:
        return f"{number:,.6g}"
    digits, exponent = f"{number:e}".split("e")
    power = _power_of_ten(int(exponent))
    return (
        power
        if float(digits) == 1
        else f"{float(digits):g}\N{NO-BREAK SPACE}{TIMES}\N{NO-BREAK SPACE}{power}"
    )


def _signed(text: str) -> str:
    """A number with a minus sign, which is as wide as a plus, in place of the hyphen."""
    return text.replace("-", "\N{MINUS SIGN}")


def _power_of_ten(exponent: int) -> str:
    return f"10{str(exponent).translate(SUPERSCRIPTS)}"


def cosine(number: float | None) -> str:
    """Seven significant digits, and more if it would be rounded to 1 but is not 1."""
    if number is None:
        return MISSING
    texts = (f"{number:.{digits}g}" for digits in (7, 10, 13))
    exact = (text for text in texts if abs(float(text)) != 1 or abs(number) == 1)
    return _signed(next(exact, repr(number)))


def count(number: int | None) -> str:
    """A number of parameters in prose: `860 M`, `2.57 B`."""
    return _scaled(number, COUNTS, "")


def quantity(number: float | None, unit: str) -> str:
    """With an SI prefix: `1.61 TFLOP`."""
    return _scaled(number, SI, unit)


def tick(number: float, prefixes: Sequence[tuple[float, str]]) -> str:
    """A round number on an axis: `500 M`, `2 B`."""
    size, prefix = _prefix(number, prefixes)
    return _with_unit(f"{number / size:g}", prefix)


def share(part: float, whole: float) -> str:
    """Part of a whole in per cent: `29.0 %`."""
    return MISSING if not whole else f"{percent(part, whole, 1)}\N{NO-BREAK SPACE}%"


def percent(part: float, whole: float, decimals: int) -> str:
    """The share in per cent, without the sign: `2.86`. Rounded once, from the exact ratio."""
    if not whole:
        return MISSING
    hundredths = round(Fraction(part) / Fraction(whole) * 100 * 10**decimals)
    return fixed(Decimal(hundredths).scaleb(-decimals), decimals)


def times(ratio: float) -> str:
    """A factor: `2.37×`."""
    return f"{significant(ratio)}{TIMES}"


def shape(sizes: Sequence[int]) -> str:
    """Sizes of a tensor: `2 × 4 × 64 × 64`; `scalar` without dimensions."""
    return f"\N{NO-BREAK SPACE}{TIMES}\N{NO-BREAK SPACE}".join(map(str, sizes)) or "scalar"


def shortened(text: str, longest: int) -> str:
    """A long name, cut in the middle: both ends distinguish names."""
    if len(text) <= longest:
        return text
    head = (longest - 1) // 2
    return f"{text[:head]}…{text[len(text) - (longest - 1 - head) :]}"


def name_parts(name: str) -> tuple[str, str, str]:
    """Start, end and ending of a file name: `demo-merge-h`, `alf`, `.safetensors`.

    If there is no room for all, the end is more useful than the ending, and both are more useful
    than the middle.
    """
    stem, ending = name, ""
    for known in ENDINGS:
        if name.endswith(known) and name != known:
            stem, ending = name.removesuffix(known), known
    kept = min(len(stem) // 2, NAME_END)
    return stem[: len(stem) - kept], stem[len(stem) - kept :], ending


def printed(text: str) -> str:
    """A figure printed elsewhere, with all its digits, grouped."""
    whole, point, decimals = text.partition(".")
    return f"{int(whole):,}{point}{decimals}"


def rounded_as(number: float, printed: str) -> str:
    """`number` at the precision of another printed figure."""
    step = Decimal(1).scaleb(Decimal(printed).as_tuple().exponent)  # type: ignore[arg-type]
    return str(Decimal(repr(number)).quantize(step, rounding=ROUND_HALF_EVEN))


def _scaled(number: float | None, prefixes: Sequence[tuple[float, str]], unit: str) -> str:
    if number is None:
        return MISSING
    # Rounded first, so that 999.9 k becomes 1 M.
    size, prefix = _prefix(float(f"{number:.{DIGITS - 1}e}"), prefixes)
    exact = isinstance(number, int) and size == 1
    return _with_unit(str(number) if exact else significant(number / size), prefix + unit)


def _prefix(number: float, prefixes: Sequence[tuple[float, str]]) -> tuple[float, str]:
    return next((pair for pair in prefixes if abs(number) >= pair[0]), prefixes[-1])


def _with_unit(text: str, unit: str) -> str:
    return f"{text}\N{NO-BREAK SPACE}{unit}" if unit else text
