"""Index of a checkpoint -> its components, and every weight under its canonical key.

Canonical keys are those of diffusers and transformers. A weight is a range of rows of a tensor,
with the form in which the tensor stores them, so that the same model has the same weights whichever
program wrote the file.
"""

import math
from collections.abc import Iterable

from generator.checkpoints.formats.dtypes import is_float
from generator.checkpoints.formats.index import TensorIndex
from generator.checkpoints.identify.recognition import Recognition, recognise
from generator.checkpoints.keys.pieces import Piece, cut_tensors
from generator.checkpoints.keys.sections import other_kind, section_of
from generator.networks.blocks import (
    COMPANION_KIND_RULES,
    COMPANION_RULES,
    KIND_RULES,
    REST,
    block_of,
    kind_of,
    name_blocks,
)
from generator.networks.families import FAMILIES
from generator.networks.layouts import layouts_of
from generator.networks.renames import DEEPEST
from generator.records import Record, ShapeDifference

COMPONENTS = (
    "denoiser",
    "vae",
    "text_encoder",
    "text_encoder_2",
    "text_encoder_3",
    "ema",
    "other",
)
# The type of network that a component can be.
NETWORK_KINDS = dict.fromkeys(COMPONENTS, "text_encoder") | {
    "denoiser": "denoiser",
    "ema": "denoiser",
    "vae": "vae",
    "other": "",
}
# The layout of canonical keys.
CANONICAL_LAYOUT = {"denoiser": "diffusers", "vae": "diffusers", "text_encoder": "transformers"}
# diffusers counts text encoders by pipeline: FLUX.1's T5 is the second.
RENUMBERED = {("flux", "text_encoder_3"): "text_encoder_2"}


class Weight(Record, frozen=True, kw_only=True):
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


class Component(Record, frozen=True, kw_only=True):
    """A component: the layout of its keys, and its network.

    `network` is empty unless the keys are exactly those of `nearest`.
    """

    name: str
    layout: str
    network: str
    nearest: str
    missing: tuple[str, ...]
    extra: tuple[str, ...]
    differences: tuple[ShapeDifference, ...]


class Contents(Record, frozen=True, kw_only=True):
    """Components and weights of a checkpoint, in the order of `COMPONENTS`, then by name.

    `architecture` is the denoiser's network, `unknown` if it is not a known one and empty without a
    denoiser. `file_kind` names the type of a file that is not a model (`LoRA`). `duplicates` are
    tensors that store a weight a second time; they are listed in `other`.
    """

    architecture: str
    nearest: str
    file_kind: str
    components: tuple[Component, ...]
    weights: tuple[Weight, ...]
    duplicates: tuple[str, ...]


def identify(index: TensorIndex) -> Contents:
    """The components and weights of `index`; every tensor is in the result."""
    groups, duplicates = _group(index)
    components: list[Component] = []
    weights: list[Weight] = []
    architecture, nearest = "", ""
    for name, members in groups.items():
        if not members:
            continue
        layouts = layouts_of(NETWORK_KINDS[name])
        layout, pieces, repeated = cut_tensors(members, index.tensors, layouts)
        duplicates += [index.tensors[number].name for number in repeated]
        groups["other"] |= {index.tensors[number].name: number for number in repeated}
        shapes = {piece.name: piece.shape for piece in pieces}
        recognition = recognise(NETWORK_KINDS[name], shapes)
        if name == "denoiser":
            nearest = recognition.network.id if recognition else ""
            architecture = nearest if recognition and recognition.exact else "unknown"
        final = RENUMBERED.get((nearest, name), name)
        final = name if groups[final] else final
        layout = layout or CANONICAL_LAYOUT.get(NETWORK_KINDS[name], "")
        components.append(_component(final, layout, recognition))
        weights += _weights(final, pieces, recognition, index)
    return Contents(
        architecture=architecture,
        nearest=nearest,
        file_kind="" if architecture else other_kind([tensor.name for tensor in index.tensors]),
        components=tuple(components),
        weights=tuple(weights),
        duplicates=tuple(duplicates),
    )


def _group(index: TensorIndex) -> tuple[dict[str, dict[str, int]], list[str]]:
    """Component -> name within it -> number of the tensor; and names under a second prefix.

    Has all of `COMPONENTS` in their order, so `other` comes last.
    """
    groups: dict[str, dict[str, int]] = {component: {} for component in COMPONENTS}
    duplicates = []
    for number, tensor in enumerate(index.tensors):
        component, name = section_of(tensor.name)
        if name in groups[component]:
            duplicates.append(tensor.name)
            component, name = "other", tensor.name
        groups[component][name] = number
    # EMA copies are named after the denoiser's weights, without the dots.
    copies = groups["ema"]
    undotted = {f"diffusion_model{name.replace('.', '')}": name for name in groups["denoiser"]}
    known = {name: new for name, new in undotted.items() if name in copies and new not in copies}
    groups["ema"] = {known.get(name, name): tensor for name, tensor in copies.items()}
    return groups, duplicates


def _component(name: str, layout: str, recognition: Recognition | None) -> Component:
    if recognition is None:
        return Component(
            name=name, layout=layout, network="", nearest="", missing=(), extra=(), differences=()
        )
    nearest = recognition.network.id
    return Component(
        name=name,
        layout=layout,
        network=nearest if recognition.exact else "",
        nearest=nearest,
        missing=recognition.missing,
        extra=recognition.extra,
        differences=recognition.differences,
    )


def _weights(
    component: str,
    pieces: list[Piece],
    recognition: Recognition | None,
    index: TensorIndex,
) -> list[Weight]:
    kind = NETWORK_KINDS[component]
    names = {piece.name for piece in pieces}
    blocks: dict[str, str] = {}
    not_weights: frozenset[str] = frozenset()
    if recognition:
        network = recognition.network
        # Include the network's own names: a block's number is its place among all of them.
        family = FAMILIES.get(network.class_name)
        rules = family.blocks if family else COMPANION_RULES[kind]
        blocks = name_blocks(leading_modules(names | network.required()), rules)
        not_weights = network.not_weights()
    kind_rules = KIND_RULES if kind == "denoiser" else COMPANION_KIND_RULES
    weights = []
    for piece in sorted(pieces, key=lambda piece: piece.name):
        tensor = index.tensors[piece.tensor]
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
