"""Diffusion Atlas: measure diffusion networks and checkpoints, publish them as a site.

From Python: `generator.inspect, compare, matrix, recipe, lineage`, which are loaded when they are
first used; see `generator.api`.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from generator.api import CheckpointDistances, compare, inspect, lineage, matrix, recipe

__all__ = ["CheckpointDistances", "compare", "inspect", "lineage", "matrix", "recipe"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever has this name
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from generator import api

    return getattr(api, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
