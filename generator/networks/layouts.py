"""`layouts.toml` -> the key layouts of programs other than diffusers; see `renames`."""

import msgspec

from generator.networks.key_patterns import expand
from generator.networks.renames import KeyLayout
from generator.networks.tables import read_table


def _expanded(layout: KeyLayout) -> KeyLayout:
    """The layout with single modules: in the file, a pattern of N old names has N new ones."""
    sides = ((expand(old), expand(new)) for old, new in layout.modules.items())
    modules = {old: new for olds, news in sides for old, new in zip(olds, news, strict=True)}
    return msgspec.structs.replace(layout, modules=modules, renames=_renames(layout))


def _renames(layout: KeyLayout) -> str:
    """All lines of a layout: its own, then those that it extends."""
    return layout.renames + (_renames(_TABLE[layout.extends]) if layout.extends else "")


_TABLE = read_table("networks", "layouts.toml", dict[str, KeyLayout])
# By id; of the layouts of a component, the first to be tried first.
LAYOUTS = {name: _expanded(layout) for name, layout in _TABLE.items()}


def layouts_of(component: str) -> list[KeyLayout]:
    """The layouts in which a component can be stored."""
    return [layout for layout in LAYOUTS.values() if layout.component == component]
