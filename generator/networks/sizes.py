"""Sizes as data, like `in_channels` or `height // vae_factor * 2` -> integers.

Symbols are keys of a config and sizes of a call; operations are `+ - * //` and parentheses.
"""

import ast
import operator
from collections.abc import Callable, Mapping
from functools import cache

Size = int | str

OPERATIONS: Mapping[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
}
# No axis of a tensor is longer; beyond it, a config is wrong and would only overflow later.
LONGEST = 2**32


class MissingSize(ValueError):
    """A size that a config does not have as a number."""


def evaluate(size: Size, symbols: Mapping[str, object]) -> int:
    """The integer that `size` is with these symbols.

    Raises:
        MissingSize: a symbol is missing.
        ValueError: a symbol is not an integer, or the result is not in 1 to 2^32.
    """
    value = _value(_parsed(str(size)), symbols)
    if not 1 <= value <= LONGEST:
        raise ValueError(f"{size} is {value}, which is not a size")
    return value


@cache
def _parsed(size: str) -> ast.expr:
    return ast.parse(size, mode="eval").body


def _value(node: ast.expr, symbols: Mapping[str, object]) -> int:
    match node:
        case ast.Constant(value=int(value)):
            return value
        case ast.Name(id=name):
            found = symbols.get(name)
            if found is None:
                raise MissingSize(f"needs {name}, of which the config has no single number")
            if type(found) is not int or abs(found) > LONGEST:
                raise ValueError(f"needs an integer {name}, not {found!r}")
            return found
        case ast.BinOp(left=left, op=operation, right=right) if type(operation) in OPERATIONS:
            ends = _value(left, symbols), _value(right, symbols)
            if isinstance(operation, ast.FloorDiv) and not ends[1]:
                raise ValueError(f"divides by {ast.unparse(right)}, which is zero")
            return OPERATIONS[type(operation)](*ends)
    raise ValueError(f"{ast.unparse(node)} is not a size")
