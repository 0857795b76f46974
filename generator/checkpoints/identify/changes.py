"""An adapter's factors -> the changes of the weights that it makes, as weights to be compared.

A change is `alpha / rank * up @ down`, or a Kronecker product, whatever the rank, the spelling and
the layout. It is a packed tensor under the name of the weight that it changes: rows are multiplied
when they are read.
"""

import functools
import math
import re
from collections.abc import Collection, Mapping, Sequence

import msgspec

from generator.checkpoints.formats.dtypes import is_float
from generator.checkpoints.formats.index import Tensor, TensorIndex
from generator.checkpoints.formats.quantised.packed import pack, part_of
from generator.checkpoints.formats.quantised.packing import (
    Factor,
    Kronecker,
    LowRank,
    Packing,
    Part,
)
from generator.checkpoints.identify.adapters import AdapterModule, group_modules
from generator.checkpoints.identify.components import (
    NETWORK_KINDS,
    FoundComponent,
    Weight,
    make_component,
    make_weights,
)
from generator.checkpoints.identify.peft_config import Scaling, declared_scaling, peft_config
from generator.checkpoints.identify.recognition import Recognition
from generator.checkpoints.keys.pieces import cut_tensors
from generator.checkpoints.keys.stored_names import stored_tensors
from generator.networks.blocks import BlockRule
from generator.networks.families import FAMILIES
from generator.networks.known import NETWORKS
from generator.networks.layouts import layouts_of
from generator.networks.modules import dotted_name
from generator.networks.signatures import SIGNATURES, NetworkSignature, layouts_of_network
from generator.records import Record

# Names of the two factors of a change, and of another two that theirs are multiplied with.
FACTORS = (("up", "down"), ("w1_a", "w1_b"))
SECOND = ("w2_a", "w2_b")
# Algorithms whose changes are known without the weights that they change.
READ = frozenset({"lora", "locon", "loha", "lokr"})
# Cores of convolutions in Tucker form: of a LoCon, and both of a LoHa, whose first factors are
# transposed.
CORES = ("mid", "t1", "t2")
INTEGERS = frozenset({"int8", "uint8", "int16", "int32", "int64"})
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
        change = _change(module, stored, declared_scaling(config, module))
        changed = {"weight": change, "bias": stored.get(bias or "")}
        for end, change in changed.items():
            if change:
                groups.setdefault(module.component, {})[f"{name}.{end}"] = len(tensors)
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


def _change(
    module: AdapterModule, stored: Mapping[str, Tensor], scaling: Scaling | None
) -> Tensor | None:
    """The change of one module; None if it has no tensor but scalars.

    Of an algorithm whose changes depend on the weight that is changed, its first tensor stands for
    the change and is not read; nor is a change whose alpha is no number.
    """
    held = {role: stored[name] for role, name in module.tensors.items() if name in stored}
    if "diff" in held:
        return held["diff"]
    change = _kronecker(held) if "lokr" in module.algorithms else _low_rank(held, scaling)
    if change and module.algorithms <= READ and ("alpha" not in held or _alpha(held)):
        return change
    tensor = change or next((held[role] for role in held if held[role].shape), None)
    if tensor is None:
        return None
    size = max(tensor.elements, 1)
    unread = Packing(
        format="+".join(sorted(module.algorithms)), reader="", values=size, size=1, nbytes=size
    )
    return pack(tensor, unread, tensor.shape)


def _low_rank(held: Mapping[str, Tensor], scaling: Scaling | None) -> Tensor | None:
    """The product of two factors, or of two such products; None if they do not fit."""
    pair = next(((held[up], held[down]) for up, down in FACTORS if {up, down} <= held.keys()), None)
    if pair is None:
        return None
    up, down = pair
    rank, columns = down.shape[0] if down.shape else 0, math.prod(down.shape[1:])
    cores = [held[role] for role in CORES if role in held]
    kernel = cores[0].shape[2:] if cores else down.shape[2:]
    second = tuple(held[role] for role in SECOND if role in held)
    if len(cores) not in (0, max(len(second), 1)) or len({core.shape for core in cores}) > 1:
        return None
    if not all(_is_core(core, down, rank) for core in cores):
        return None
    is_across = len(cores) > 1
    if not _fit(up, down, rank) or len(up.shape) < 2:
        return None
    outputs = up.shape[1 if is_across else 0]
    if up.elements != outputs * rank:
        return None
    if second and (len(second) < 2 or not _fit(second[0], second[1], rank)):
        return None
    if second and (second[0].elements, second[1].elements) != (up.elements, down.elements):
        return None
    codes = LowRank(
        dtype=up.dtype,
        rank=rank,
        columns=columns * (math.prod(kernel) if cores else 1),
        down=part_of(down),
        second_up=part_of(second[0]) if second else None,
        second_down=part_of(second[1]) if second else None,
        alpha=_alpha(held),
        scale=scaling.at(rank) if scaling and "alpha" not in held else 1.0,
        core=part_of(cores[0]) if cores else None,
        second_core=part_of(cores[1]) if is_across else None,
        across=part_of(up) if is_across else None,
    )
    packing = Packing(
        format="loha" if second else "lora",
        reader="low_rank",
        values=max(codes.columns, 1),
        size=up.itemsize * (1 if is_across else rank),
        nbytes=up.span // (rank if is_across else 1),
        codes=codes,
    )
    return pack(up, packing, (outputs, *down.shape[1:2], *kernel))


def _kronecker(held: Mapping[str, Tensor]) -> Tensor | None:
    """The Kronecker product of two matrices, each whole or a product; None if they do not fit."""
    left, right = _factor(held, 1), _factor(held, 2)
    if left is None or right is None:
        return None
    ranks = [side.inner for side in (left, right) if side.down]
    rows = right.part.elements // right.inner
    main = held.get("w1") or held["w1_a"]
    codes = Kronecker(
        dtype=main.dtype,
        left=left,
        right=right,
        rank=ranks[-1] if ranks else 1,
        # Without a product there is no rank, and nothing is scaled.
        alpha=_alpha(held) if ranks else None,
    )
    packing = Packing(
        format="lokr",
        reader="kronecker",
        values=rows * left.columns * right.columns,
        size=left.inner * main.itemsize,
        nbytes=main.span,
        codes=codes,
    )
    kernel = held["w2"].shape[2:] if "w2" in held else ()
    kernel = held["t2"].shape[2:] if "t2" in held else kernel
    columns = left.columns * right.columns // max(math.prod(kernel), 1)
    return pack(main, packing, (main.elements // left.inner * rows, columns, *kernel))


def _factor(held: Mapping[str, Tensor], number: int) -> Factor | None:
    """One side of a LoKr; None if its tensors do not fit."""
    whole = held.get(f"w{number}")
    if whole is not None:
        columns = math.prod(whole.shape[1:])
        readable = len(whole.shape) > 1 and columns > 0 and _is_plain(whole)
        return Factor(part=part_of(whole), inner=columns, columns=columns) if readable else None
    up, down = held.get(f"w{number}_a"), held.get(f"w{number}_b")
    if up is None or down is None or not down.shape or not _fit(up, down, down.shape[0]):
        return None
    rank, columns = down.shape[0], math.prod(down.shape[1:])
    core = held.get(f"t{number}")
    if core and not (_is_core(core, down, rank) and up.shape[:1] == (rank,)):
        return None
    return Factor(
        part=part_of(up),
        inner=rank,
        columns=columns * (math.prod(core.shape[2:]) if core else 1),
        down=part_of(down),
        core=part_of(core) if core else None,
    )


def _is_core(core: Tensor, down: Tensor, rank: int) -> bool:
    """Whether this is the core of a Tucker form of this rank, of kernels of 1 x 1 around it."""
    square = len(core.shape) > 2 and core.shape[:2] == (rank, rank) and core.elements > 0
    return square and _is_plain(core) and math.prod(down.shape[2:]) == 1


def _alpha(held: Mapping[str, Tensor]) -> Part | None:
    alpha = held.get("alpha")
    if alpha is None or alpha.elements != 1 or alpha.strides or alpha.packing:
        return None
    # Trainers also write it as an integer.
    is_number = is_float(alpha.dtype) or alpha.dtype in INTEGERS
    return part_of(alpha) if is_number else None


def _fit(up: Tensor, down: Tensor, rank: int) -> bool:
    """Whether two factors can be read and multiplied."""
    return (
        _is_plain(up, down)
        and rank > 0
        and down.shape[0] == rank
        and up.elements % rank == 0
        and down.elements > 0
    )


def _is_plain(*tensors: Tensor) -> bool:
    return all(
        is_float(each.dtype) and each.strides is None and each.packing is None for each in tensors
    )
