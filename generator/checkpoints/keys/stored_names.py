"""Canonical keys -> the tensors that store them in another layout: `renames` in reverse.

For writing the demo family and test fixtures; reading does not need it.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from generator.networks.renames import KeyLayout, parse_renames, replace_module


class StoredTensor(NamedTuple):
    """A tensor of a layout: the weights whose rows it stores, in order, and their form."""

    name: str
    weights: tuple[str, ...]
    form: str


def stored_tensors(names: Iterable[str], layout: KeyLayout, last: int = 0) -> list[StoredTensor]:
    """The tensors that store the weights `names` in `layout`; `last` is the highest block."""
    renames = parse_renames(layout.renames, last)
    names = set(names)
    stored: dict[str, StoredTensor] = {}
    for name in sorted(names):
        for rename in renames:
            moved = rename.revert(name)
            weights = rename.apply(moved) if moved else None
            if moved and weights and name in weights:
                each = StoredTensor(_module_back(moved, layout, names), weights, rename.form)
                break
        else:
            each = StoredTensor(_module_back(name, layout, names), (name,), "same")
        stored.setdefault(each.name, each)
    return list(stored.values())


def _module_back(name: str, layout: KeyLayout, names: set[str]) -> str:
    """`name` with the module name of `layout`."""
    backwards: dict[str, list[str]] = {}
    for old, new in layout.modules.items():
        backwards.setdefault(new, []).append(old)
    # An upsampler has two possible places: the first is the attention's, if there is one.
    chosen = {
        new: olds[-1] if _occupied(olds[0], layout, names) else olds[0]
        for new, olds in backwards.items()
    }
    return replace_module(name, chosen)


def _occupied(module: str, layout: KeyLayout, names: Sequence[str] | set[str]) -> bool:
    """Whether the module around `module` holds another weight."""
    around = layout.modules.get(module.rpartition(".")[0], "")
    return bool(around) and any(name.startswith(f"{around}.") for name in names)
