"""Loops over numbers -> machine code, by Numba, kept for the next process."""

from collections.abc import Callable
from typing import Any, TypeVar

from numba import njit

Loop = TypeVar("Loop", bound=Callable[..., None])


def compiled(**options: Any) -> Callable[[Loop], Loop]:  # noqa: ANN401 - of many types
    """Compile a loop at its first call, with these `options` of Numba's.

    The machine code is kept beside the module, or in the user's cache where that cannot be
    written; where neither can be, each process compiles it again.
    """

    def decorate(loop: Loop) -> Loop:
        try:
            made: Loop = njit(cache=True, **options)(loop)
        except RuntimeError:
            made = njit(**options)(loop)
        return made

    return decorate
