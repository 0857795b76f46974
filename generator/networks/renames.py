"""Lines of a layout's table -> renamings, and a name -> the names and values it stands for.

A line is `OLD -> NEW` or `OLD -> NEW : FORM`. In both names `#` is a number, `*` one last word
(`weight`), `?` anything, and `LAST` the highest block number; they stand in the same order on both
sides. Braces in NEW are alternatives: the rows of OLD are cut among them. FORM says how OLD holds
its values:

    same        as NEW does (where none is given)
    1:1:1:4     cut in these proportions instead of evenly
    swapped     the two halves of the rows stand in the other order (shift and scale)
    flipped     the matrix is transposed
    matrix      as a 1 x 1 convolution: the same bytes, two dimensions of size one more
"""

import functools
import re
from collections.abc import Sequence
from typing import NamedTuple

from generator.networks.key_patterns import expand

WILDCARDS = {"#": r"(\d+)", "*": r"(\w+)", "?": r"(.+)"}
# Modules of known networks nest to 10 levels. Deeper names stay as they are: looking up every
# module on the way to a name of a million dots would never end.
DEEPEST = 24
WILDCARD = re.compile(r"[#*?]")
FORMS = ("same", "swapped", "flipped", "matrix")


class Rename(NamedTuple):
    """What is called `old` holds the values of `names`, in `parts` of its rows."""

    old: str
    names: tuple[str, ...]
    parts: tuple[int, ...]
    form: str

    def apply(self, name: str) -> tuple[str, ...] | None:
        """The new names of the tensor `name`; None if this is not its line."""
        match = _pattern(self.old).fullmatch(name)
        return match and tuple(_fill(new, match.groups()) for new in self.names)

    def revert(self, name: str) -> str | None:
        """The tensor that holds `name`; None if this is not its line."""
        matches = (_pattern(new).fullmatch(name) for new in self.names)
        return next((_fill(self.old, match.groups()) for match in matches if match), None)


class KeyLayout(NamedTuple):
    """A spelling of one component's names, used if `signature` is found in any of them.

    A number that the signature captures is that of a block. `modules` are replaced at the start of
    a name, the longest first; then the first line of `renames` that matches is applied. What
    neither touches keeps its name.
    """

    name: str
    signature: str
    renames: str
    modules: dict[str, str] = {}  # noqa: RUF012 -- a table, never changed


def parse_renames(lines: str, last: int) -> list[Rename]:
    """The renamings in a layout's table, for a component whose highest block is `last`."""
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
    """`name` with its wildcards replaced by `groups`, in their order."""
    texts = WILDCARD.split(name)
    return "".join(text + group for text, group in zip(texts, (*groups, ""), strict=True))


def replace_module(name: str, modules: dict[str, str]) -> str:
    """`name` with the longest of its leading modules that is in `modules` replaced."""
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
