"""Conditions of a record -> an error that names the field, where one does not hold.

Types cannot say that counts, indices, lengths and names agree, so records have a method `check`.
Without it, a record edited by hand would fail later and elsewhere, while pages are generated.
"""

from collections.abc import Collection, Iterable, Sequence


def require(condition: bool, what: str) -> None:
    """Raise `ValueError` that `what` is wrong, unless `condition` holds."""
    if not condition:
        raise ValueError(what)


def all_different(names: Sequence[object], what: str) -> None:
    """Raise `ValueError` unless all are different."""
    require(len(set(names)) == len(names), f"{what} are not all different")


def all_in(names: Iterable[object], known: Collection[object], what: str) -> None:
    """Raise `ValueError` unless all are among the `known` ones."""
    for name in names:
        require(name in known, f"{what} names {name!r}, which is not there")
