"""Lines of a layout's table -> renames of keys, and how the values are stored.

A line is `OLD -> NEW` or `OLD -> NEW : FORM`. In both names `#` is a number, `*` the last word
(`weight`), `?` anything, and `LAST` the highest block number, in the same order on both sides.
Braces in NEW are several weights: the rows of OLD are cut among them. FORM says how OLD stores the
values:

    same        as NEW (default)
    1:1:1:4     cut in these proportions instead of evenly
    swapped     the two halves of the rows are in the other order (shift and scale)
    flipped     the matrix is transposed
    matrix      as a 1 x 1 convolution: the same bytes, two more dimensions of size 1
"""

import functools
import re
from collections.abc import Sequence
from typing import NamedTuple

from msgspec import field

from generator.networks.key_patterns import expand
from generator.records import Record

WILDCARDS = {"#": r"(\d+)", "*": r"(\w+)", "?": r"(.+)"}
# Known networks nest up to 10 levels. Deeper names are not renamed: a name with a million dots
# would take too long.
DEEPEST = 24
WILDCARD = re.compile(r"[#*?]")
FORMS = ("same", "swapped", "flipped", "matrix")


class Rename(NamedTuple):
    """Tensor `old` stores the weights `names`, in `parts` of its rows."""

    old: str
    names: tuple[str, ...]
    parts: tuple[int, ...]
    form: str

    def apply(self, name: str) -> tuple[str, ...] | None:
        """The canonical names of the tensor `name`; None if the line does not match."""
        match = _pattern(self.old).fullmatch(name)
        return match and tuple(_fill(new, match.groups()) for new in self.names)

    def revert(self, name: str) -> str | None:
        """The tensor that stores `name`; None if the line does not match."""
        matches = (_pattern(new).fullmatch(name) for new in self.names)
        return next((_fill(self.old, match.groups()) for match in matches if match), None)


class KeyLayout(Record):
    """The keys of one component in another program, used if `signature` is found in one of them.

    A number captured by the signature is a block number. `modules` are replaced at the start of a
    name, the longest first; then the first matching line of `renames` is applied, and without one
    that of the layout that this one `extends`. Other names stay as they are.
    """

    name: str
    component: str = ""
    signature: str = ""
    renames: str = ""
    modules: dict[str, str] = field(default_factory=dict)
    extends: str = ""


def parse_renames(lines: str, last: int) -> list[Rename]:
    """The renames in a layout's table, for a component whose highest block is `last`."""
    return [_parse(line.replace("LAST", str(last))) for line in lines.strip().splitlines()]


def _parse(line: str) -> Rename:
    old, _, right = line.partition("->")
    new, _, form = right.partition(" : ")
    names = tuple(expand(new.strip()))
    form = form.strip() or "same"
    parts = (1,) * len(names) if form in FORMS else tuple(map(int, form.split(":")))
    return Rename(old.strip(), names, parts, form if form in FORMS else "same")


@functools.cache
def _pattern(name: str) -> re.Pattern[str]:
    return re.compile("".join(WILDCARDS.get(char, re.escape(char)) for char in name))


def _fill(name: str, groups: Sequence[str]) -> str:
    """`name` with its wildcards replaced by `groups`, in order."""
    texts = WILDCARD.split(name)
    return "".join(text + group for text, group in zip(texts, (*groups, ""), strict=True))


def replace_module(name: str, modules: dict[str, str]) -> str:
    """`name` with its longest leading module in `modules` replaced."""
    end = len(name) if name.count(".") <= DEEPEST else 0
    while end > 0:
        if name[:end] in modules:
            return modules[name[:end]] + name[end:]
        end = name.rfind(".", 0, end)
    return name


def choose_layout(
    names: Sequence[str], layouts: Sequence[KeyLayout]
) -> tuple[KeyLayout | None, int]:
    """The first layout whose signature is in `names`, and its highest block number (else 0)."""
    for layout in layouts:
        signature = re.compile(layout.signature)
        found = [match for match in map(signature.search, names) if match]
        if found:
            numbers = (int(match[1][:6]) for match in found if signature.groups)
            return layout, max(numbers, default=0)
    return None, 0
