"""Pieces of one component, and its network -> the component, and its weights by block and kind."""

import math
from collections.abc import Iterable, Sequence

from generator.checkpoints.formats.dtypes import is_float
from generator.checkpoints.formats.index import Tensor
from generator.checkpoints.identify.recognition import NEAR, Recognition
from generator.checkpoints.keys.pieces import Piece
from generator.networks.blocks import (
    COMPANION_RULES,
    REST,
    block_of,
    name_blocks,
)
from generator.networks.kinds import COMPANION_KIND_RULES, KIND_RULES, kind_of
from generator.networks.renames import DEEPEST
from generator.records import Record, ShapeDifference

COMPONENTS = (
    "denoiser",
    "vae",
    "text_encoder",
    "text_encoder_2",
    "text_encoder_3",
    "ema",
    "adapter",
    "other",
)
# The type of network that a component can be.
NETWORK_KINDS = dict.fromkeys(COMPONENTS, "text_encoder") | {
    "denoiser": "denoiser",
    "ema": "denoiser",
    "vae": "vae",
    "adapter": "adapter",
    "other": "",
}


class Weight(Record):
    """A weight and the position of its values.

    Its values are `nbytes` bytes from byte `start` of tensor number `tensor` of the index, in
    row-major order and in `form` (`same`, `swapped` or `flipped`; see `renames`). `shape` is the
    canonical shape. `is_weight` is false for counters, tables, tied copies and unused layers.
    `quantisation` is the format of a quantised weight (`q4_k`), whose values `is_readable` unless
    the format is only counted.
    """

    component: str
    name: str
    block: str
    kind: str
    is_weight: bool
    dtype: str
    shape: tuple[int, ...]
    tensor: int
    start: int
    nbytes: int
    form: str = "same"
    quantisation: str = ""
    is_readable: bool = True

    @property
    def elements(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)


class FoundComponent(Record):
    """A component: the layout of its keys, and its network.

    `network` is empty unless the keys are exactly those of `nearest`, or its signature fits.
    `similarity` is that of the keys, 0 to 1. With `is_change`, the weights are changes that an
    adapter makes.
    """

    name: str
    layout: str
    network: str
    nearest: str
    similarity: float
    missing: tuple[str, ...]
    extra: tuple[str, ...]
    differences: tuple[ShapeDifference, ...]
    is_change: bool = False

    @property
    def is_near(self) -> bool:
        """Whether `nearest` is near enough to be named."""
        return bool(self.nearest) and self.similarity >= NEAR

    @property
    def near(self) -> str:
        """`nearest`, if it is near enough to be named; else empty."""
        return self.nearest if self.is_near else ""


def make_component(
    name: str, layout: str, recognition: Recognition | None, *, is_change: bool = False
) -> FoundComponent:
    """The component `name`, whose network is unknown without a `recognition`."""
    if recognition is None:
        recognition = Recognition("", 0.0, (), (), ())
    nearest = recognition.network
    return FoundComponent(
        name=name,
        layout=layout,
        network=nearest if recognition.exact else "",
        nearest=nearest,
        similarity=recognition.similarity,
        missing=recognition.missing,
        extra=recognition.extra,
        differences=recognition.differences,
        is_change=is_change,
    )


def make_weights(
    component: str,
    pieces: Iterable[Piece],
    recognition: Recognition | None,
    tensors: Sequence[Tensor],
) -> list[Weight]:
    """The weights of a component, by name."""
    kind = NETWORK_KINDS[component]
    names = {piece.name for piece in pieces}
    blocks: dict[str, str] = {}
    not_weights: frozenset[str] = frozenset()
    if recognition:
        # Include the network's own names: a block's number is its place among all of them.
        rules = recognition.blocks or COMPANION_RULES.get(kind, ())
        blocks = name_blocks(leading_modules(names | recognition.required), rules)
        not_weights = recognition.not_weights
    kind_rules = KIND_RULES if kind == "denoiser" else COMPANION_KIND_RULES
    weights = []
    for piece in sorted(pieces, key=lambda piece: piece.name):
        tensor = tensors[piece.tensor]
        weights.append(
            Weight(
                component=component,
                name=piece.name,
                block=block_of(piece.name, blocks) if _is_shallow(piece.name) else REST,
                kind=kind_of(piece.name, kind_rules) if kind else "other",
                is_weight=piece.name not in not_weights
                and component != "other"
                and is_float(tensor.dtype),
                dtype=tensor.dtype,
                shape=piece.shape,
                tensor=piece.tensor,
                start=piece.start,
                nbytes=piece.nbytes,
                form=piece.form,
                quantisation=tensor.packing.format if tensor.packing else "",
                is_readable=tensor.packing is None or bool(tensor.packing.reader),
            )
        )
    return weights


def _is_shallow(name: str) -> bool:
    return name.count(".") <= DEEPEST


def leading_modules(names: Iterable[str]) -> list[str]:
    """All modules on the way to the names, each once, outermost first."""
    found: dict[str, None] = {}
    for name in filter(_is_shallow, sorted(names)):
        parts = name.split(".")
        for length in range(1, len(parts)):
            found[".".join(parts[:length])] = None
    return list(found)
