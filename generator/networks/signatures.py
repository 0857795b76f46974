"""Tables of signatures -> networks that are recognised by a few of their keys.

For networks whose keys are not all listed in `networks.toml` (`denoisers.toml`, `companions.toml`),
and for files that are no network of a pipeline (`helpers.toml`: ControlNets, detectors;
`upscalers.toml`). What else a component holds is not checked.
"""

import functools
from collections.abc import Mapping
from typing import NamedTuple

from msgspec import field

from generator.networks.blocks import BlockRule
from generator.networks.key_patterns import expand
from generator.networks.layouts import LAYOUTS, layouts_of
from generator.networks.renames import KeyLayout
from generator.networks.tables import read_table
from generator.records import Record

ANY_SIZE = -1
Shape = tuple[int, ...]


class KeyLayoutSignature(Record):
    """One layout of a network: it `holds` all of these names, and `lacks` those. In `shapes`, -1
    stands for any size. All these names may stand behind one of the `prefixes`. `renames` is the id
    of the layout's table in `layouts.toml`, if there is one; `base` the network that the file is
    made for, if only this layout tells it."""

    name: str
    holds: str
    lacks: str = ""
    shapes: dict[str, Shape] = field(default_factory=dict)
    prefixes: tuple[str, ...] = ("",)
    renames: str = ""
    base: str = ""

    def fits(self, shapes: Mapping[str, Shape]) -> bool:
        """Whether tensors of these names and shapes are in this layout."""
        return any(self._fits_behind(prefix, shapes) for prefix in self.prefixes)

    def _fits_behind(self, prefix: str, shapes: Mapping[str, Shape]) -> bool:
        if not all(prefix + name in shapes for name in _names(self.holds)):
            return False
        if any(prefix + name in shapes for name in _names(self.lacks)):
            return False
        return all(_fits(shapes.get(prefix + name), shape) for name, shape in self.shapes.items())


class NetworkSignature(Record):
    """A network and its layouts. `kind` is that of a file that holds nothing else; `class_name` the
    diffusers class whose block rules apply, unless it has `blocks` of its own."""

    label: str
    layouts: tuple[KeyLayoutSignature, ...]
    component: str = "adapter"
    kind: str = ""
    class_name: str = ""
    blocks: tuple[BlockRule, ...] = ()


class SignatureMatch(NamedTuple):
    """A network that was recognised, and its layout."""

    id: str
    signature: NetworkSignature
    layout: KeyLayoutSignature


SIGNATURES = {
    id_: signature
    for table in ("denoisers.toml", "companions.toml", "helpers.toml", "upscalers.toml")
    for id_, signature in read_table("networks", table, dict[str, NetworkSignature]).items()
}


def match_signature(shapes: Mapping[str, Shape], component: str = "") -> SignatureMatch | None:
    """The first network of `component` (of any, by default) that fits these names and shapes."""
    matches = (
        SignatureMatch(id_, signature, layout)
        for id_, signature in SIGNATURES.items()
        if component in ("", signature.component)
        for layout in signature.layouts
        if layout.fits(shapes)
    )
    return next(matches, None)


def layouts_of_network(id_: str, component: str) -> list[KeyLayout]:
    """The layouts in which parts of the network `id_`, a `component`, can be named."""
    signature = SIGNATURES.get(id_)
    own = [layout.renames for layout in signature.layouts if layout.renames] if signature else []
    return [LAYOUTS[each] for each in own] or layouts_of(component)


@functools.cache
def _names(patterns: str) -> tuple[str, ...]:
    return tuple(expand(patterns))


def _fits(shape: Shape | None, expected: Shape) -> bool:
    return (
        shape is not None
        and len(shape) == len(expected)
        and all(want in (ANY_SIZE, size) for size, want in zip(shape, expected, strict=True))
    )
