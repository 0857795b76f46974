"""An adapter's factors -> the changes of the weights that it makes, as weights to be compared.

Each change is a packed tensor under the name of the weight that it changes, whatever the rank, the
spelling and the layout.
"""

import functools
import re
from collections.abc import Collection, Mapping, Sequence

import msgspec

from generator.checkpoints.formats.index import Tensor, TensorIndex
from generator.checkpoints.identify.adapters import AdapterModule, group_modules
from generator.checkpoints.identify.components import (
    NETWORK_KINDS,
    FoundComponent,
    Weight,
    make_component,
    make_weights,
)
from generator.checkpoints.identify.factors import change_of_module
from generator.checkpoints.identify.peft_config import declared_scaling, peft_config
from generator.checkpoints.identify.recognition import Recognition
from generator.checkpoints.keys.pieces import cut_tensors
from generator.checkpoints.keys.stored_names import stored_tensors
from generator.networks.blocks import BlockRule
from generator.networks.families import FAMILIES
from generator.networks.known import NETWORKS
from generator.networks.layouts import layouts_of
from generator.networks.modules import dotted_name
from generator.networks.signatures import SIGNATURES, NetworkSignature, layouts_of_network
from generator.networks.variants import encoder_place
from generator.records import Record

# A number between dots; deeper or longer names are in no known network.
NUMBER = re.compile(r"(?<=\.)(\d{1,3})(?=\.)")
LONGEST_NAME, MOST_BLOCKS = 200, 128
ENCODERS = {
    "text_encoder": ("clip-l", "open-clip-h", "t5-xxl"),
    "text_encoder_2": ("open-clip-g", "t5-xxl"),
    "text_encoder_3": ("t5-xxl",),
}


class Changes(Record):
    """The changes of an adapter: an index of packed tensors, their components and weights."""

    index: TensorIndex
    components: tuple[FoundComponent, ...]
    weights: tuple[Weight, ...]


def changes_of(index: TensorIndex, base: str) -> Changes:
    """The changes that the adapter `index` makes to the network `base` and its text encoders."""
    stored = {tensor.name: tensor for tensor in index.tensors}
    groups: dict[str, dict[str, int]] = {}
    tensors: list[Tensor] = []
    config = peft_config(index.metadata)
    for module in group_modules(stored):
        name = _dotted(module, base)
        bias = module.tensors.get("diff_bias") or module.tensors.get("bias")
        change = change_of_module(module, stored, declared_scaling(config, module))
        changed = {"weight": change, "bias": stored.get(bias or "")}
        for end, change in changed.items():
            if change:
                component = encoder_place(module.component, base)
                groups.setdefault(component, {})[f"{name}.{end}"] = len(tensors)
                tensors.append(change)
    components, weights = [], []
    for component, members in sorted(groups.items()):
        kind = NETWORK_KINDS[component]
        known = base if component == "denoiser" else ""
        _, pieces, _ = cut_tensors(members, tensors, layouts_of_network(known, kind))
        network = NETWORKS.get(base) if component == "denoiser" else None
        recognition = Recognition(
            network=base if component == "denoiser" else "",
            similarity=1.0,
            missing=(),
            extra=(),
            differences=(),
            required=network.required() if network else _earlier([piece.name for piece in pieces]),
            blocks=_block_rules(base) if component == "denoiser" else (),
        )
        components.append(make_component(component, "", recognition, is_change=True))
        weights += make_weights(component, pieces, recognition, tensors)
    packed = msgspec.structs.replace(index, tensors=tuple(tensors))
    return Changes(index=packed, components=tuple(components), weights=tuple(weights))


def _dotted(module: AdapterModule, base: str) -> str:
    """The module's name, with dots where a trainer wrote underscores."""
    name = module.name.replace(".", "_")
    names = _known_names(module.component, base)
    of_table = dotted_name(name, base) if module.component == "denoiser" else None
    return names.get(name) or of_table or module.name


def _block_rules(base: str) -> Sequence[BlockRule]:
    network = NETWORKS.get(base) or SIGNATURES.get(base)
    if network is None:
        return ()
    own = network.blocks if isinstance(network, NetworkSignature) else ()
    return FAMILIES[network.class_name].blocks if network.class_name else own


def _earlier(names: Collection[str]) -> frozenset[str]:
    """A name in each block before those of `names`: blocks are numbered by their place."""
    found = set()
    for name in names:
        for match in NUMBER.finditer(name[:LONGEST_NAME]):
            if int(match[1]) < MOST_BLOCKS:
                found |= {f"{name[: match.start(1)]}{n}.x" for n in range(int(match[1]))}
    return frozenset(found)


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
