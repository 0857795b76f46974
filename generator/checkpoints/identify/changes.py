"""An adapter's factors -> the changes of the weights that it makes, as weights to be compared.

A change is `alpha / rank * up @ down`, whatever the rank, the spelling and the layout. It is a
packed tensor under the name of the weight that it changes: rows are multiplied when they are read.
"""

import functools
import math
from collections.abc import Mapping

import msgspec

from generator.checkpoints.formats.dtypes import BY_NAME, is_float
from generator.checkpoints.formats.index import Tensor, TensorIndex
from generator.checkpoints.formats.quantised.packing import LowRank, Packing
from generator.checkpoints.formats.quantised.schemes import pack, part_of
from generator.checkpoints.identify.adapters import AdapterModule, group_modules
from generator.checkpoints.identify.components import (
    NETWORK_KINDS,
    Component,
    Weight,
    make_component,
    make_weights,
)
from generator.checkpoints.identify.recognition import Recognition
from generator.checkpoints.keys.pieces import cut_tensors
from generator.checkpoints.keys.stored_names import stored_tensors
from generator.networks.families import FAMILIES
from generator.networks.known import NETWORKS
from generator.networks.layouts import layouts_of
from generator.records import Record

# Names of the two factors of a change, and of another two that theirs are multiplied with.
FACTORS = (("up", "down"), ("w1_a", "w1_b"))
SECOND = ("w2_a", "w2_b")
# Algorithms whose changes are known without the weights that they change.
READ = frozenset({"lora", "locon", "loha"})
ENCODERS = {
    "text_encoder": ("clip-l", "open-clip-h", "t5-xxl"),
    "text_encoder_2": ("open-clip-g", "t5-xxl"),
    "text_encoder_3": ("t5-xxl",),
}


class Changes(Record):
    """The changes of an adapter: an index of packed tensors, their components and weights."""

    index: TensorIndex
    components: tuple[Component, ...]
    weights: tuple[Weight, ...]


def changes_of(index: TensorIndex, base: str) -> Changes:
    """The changes that the adapter `index` makes to the network `base` and its text encoders."""
    stored = {tensor.name: tensor for tensor in index.tensors}
    groups: dict[str, dict[str, int]] = {}
    tensors: list[Tensor] = []
    for module in group_modules(stored):
        change = _change(module, stored)
        if change:
            names = _known_names(module.component, base)
            name = names.get(module.name.replace(".", "_"), module.name)
            groups.setdefault(module.component, {})[f"{name}.weight"] = len(tensors)
            tensors.append(change)
    components, weights = [], []
    for component, members in sorted(groups.items()):
        kind = NETWORK_KINDS[component]
        _, pieces, _ = cut_tensors(members, tensors, layouts_of(kind))
        network = NETWORKS.get(base) if component == "denoiser" else None
        recognition = Recognition(
            network=base if component == "denoiser" else "",
            similarity=1.0,
            missing=(),
            extra=(),
            differences=(),
            required=network.required() if network else frozenset(),
            blocks=FAMILIES[network.class_name].blocks if network and network.class_name else (),
        )
        components.append(make_component(component, "", recognition, is_change=True))
        weights += make_weights(component, pieces, recognition, tensors)
    packed = msgspec.structs.replace(index, tensors=tuple(tensors))
    return Changes(index=packed, components=tuple(components), weights=tuple(weights))


@functools.cache
def _known_names(component: str, base: str) -> Mapping[str, str]:
    """Modules of a component in any layout, by their names with underscores for dots."""
    networks = (base,) if component == "denoiser" else ENCODERS.get(component, ())
    found: dict[str, str] = {}
    for network in (NETWORKS[id_] for id_ in networks if id_ in NETWORKS):
        names = [name for name in network.required() if name.endswith(".weight")]
        for layout in layouts_of(NETWORK_KINDS[component]):
            names += [each.name for each in stored_tensors(network.required(), layout)]
        for name in names:
            module = name.removesuffix(".weight")
            found.setdefault(module.replace(".", "_"), module)
    return found


def _change(module: AdapterModule, stored: Mapping[str, Tensor]) -> Tensor | None:
    """The change of one module; None if it has no factors."""
    held = {role: stored[name] for role, name in module.tensors.items() if name in stored}
    if "diff" in held:
        return held["diff"]
    pair = next(((held[up], held[down]) for up, down in FACTORS if {up, down} <= held.keys()), None)
    if pair is None:
        return None
    up, down = pair
    rank, columns = down.shape[0] if down.shape else 0, math.prod(down.shape[1:])
    second = tuple(held[role] for role in SECOND if role in held)
    fits = _fit(up, down, rank) and len(up.shape) > 1 and up.elements == up.shape[0] * rank
    if second:
        fits = fits and len(second) == 2 and _fit(*second, rank)
        fits = fits and second[1].elements == down.elements
    alpha = held.get("alpha")
    codes = LowRank(
        dtype=up.dtype,
        rank=max(rank, 1),
        columns=columns,
        down=part_of(down),
        second_up=part_of(second[0]) if len(second) == 2 else None,
        second_down=part_of(second[1]) if len(second) == 2 else None,
        alpha=part_of(alpha) if alpha and alpha.elements == 1 else None,
    )
    readable = fits and module.algorithms <= READ and "mid" not in held and columns > 0
    packing = Packing(
        format="+".join(sorted(module.algorithms)),
        reader="low_rank" if readable else "",
        values=max(columns, 1),
        size=rank * BY_NAME[up.dtype].bits // 8,
        nbytes=up.span,
        codes=codes,
    )
    return pack(up, packing, (up.shape[0] if up.shape else 1, *down.shape[1:]))


def _fit(up: Tensor, down: Tensor, rank: int) -> bool:
    """Whether two factors can be read and multiplied."""
    plain = all(is_float(each.dtype) and each.strides is None for each in (up, down))
    return plain and rank > 0 and down.shape[0] == rank and up.elements % rank == 0
