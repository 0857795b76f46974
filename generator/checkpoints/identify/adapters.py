"""Names and shapes of a file -> the adapter that it is: its algorithm, rank, targets and base."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from generator.networks.adapters import (
    base_of_vectors,
    bases_of,
    split_end,
    split_prefix,
    vector_name,
)
from generator.networks.kinds import KIND_RULES, kind_of
from generator.networks.modules import FittingNetwork, ModuleWidths, dotted_name
from generator.networks.renames import choose_layout, parse_renames, replace_module
from generator.networks.signatures import layouts_of_network
from generator.networks.variants import encoder_place
from generator.records import Adapter

Shape = tuple[int, ...]
# An adapter may hold norms and biases beside its factors, a checkpoint no factors.
LEAST_SHARE = 0.25
# Of a network that an adapter changes, it has nearly all modules: trainers add few of their own.
MOST_MODULES = 0.9
# The first that is found names the file: a DoRA has the factors of a LoRA, too.
ALGORITHMS = ("dora", "loha", "lokr", "locon", "oft", "glora", "vera", "ia3", "lora", "full")
# By role: the place of the rank in the shape.
RANK_PLACES = {"down": 0, "w1_b": 0, "w2_b": 0, "b2": 0, "packed_up": 1}
# Tensors whose sides are the widths of the module.
INPUT_ROLES = ("down", "w1_b", "diff", "b2")
OUTPUT_ROLES = ("up", "w1_a", "diff", "b1", "scale", "outputs", "packed_up")
# kohya writes underscores for dots; kinds are told by words between dots.
SEPARATORS = re.compile(r"_(?=attn|ff_|proj_|norm|to_)")
SCALARS = ("alpha", "on_input", "rescale")
# Textual inversions: widths of the text encoders that read them.
VECTOR_WIDTHS = {
    768: "text_encoder",
    1024: "text_encoder",
    1280: "text_encoder_2",
    4096: "text_encoder_3",
}
# A file holds a few words' vectors; a word has fewer vectors than a prompt has tokens.
MOST_WORDS, MOST_VECTORS = 8, 77
# Of a textual inversion, with what its training leaves.
MOST_TENSORS = 100


class AdapterModule(NamedTuple):
    """One module that an adapter changes: `tensors` are the names of its tensors, by role."""

    component: str
    name: str
    algorithms: frozenset[str]
    tensors: dict[str, str]


class RecognisedAdapter(NamedTuple):
    """What an adapter is, and its modules. `scalars` are tensors that are not weights."""

    facts: Adapter
    kind: str
    base: str
    modules: tuple[AdapterModule, ...]
    scalars: frozenset[str]


def recognise_adapter(shapes: Mapping[str, Shape]) -> RecognisedAdapter | None:
    """The adapter with tensors of these names and shapes; None if they are of another file."""
    return _embedding(shapes) or _changes(shapes)


def group_modules(names: Iterable[str]) -> tuple[AdapterModule, ...]:
    """The modules that tensors of an adapter change, in the order of the names."""
    found: dict[str, tuple[set[str], dict[str, str]]] = {}
    for name in names:
        split = split_end(name)
        if split:
            stem, end = split
            algorithms, tensors = found.setdefault(stem, (set(), {}))
            algorithms.add(end.algorithm)
            tensors[end.role] = name
            if end.algorithm == "ia3":
                tensors["scale"] = f"{stem}.weight"
    return tuple(
        AdapterModule(*split_prefix(stem), frozenset(algorithms - {""}), tensors)
        for stem, (algorithms, tensors) in found.items()
        if algorithms - {""}
    )


def base_of_weights(shapes: Mapping[str, Shape]) -> str:
    """The network that a file with these weights is made for; empty if they do not tell it."""
    found = bases_of(
        {
            name.removesuffix(".weight").replace(".", "_"): ModuleWidths(shape[1], shape[0])
            for name, shape in shapes.items()
            if len(shape) > 1
        },
        encoders=(),
        least_share=LEAST_SHARE,
    )
    return next((each.id for each in found), "")


def _changes(shapes: Mapping[str, Shape]) -> RecognisedAdapter | None:
    modules = group_modules(shapes)
    ends = sum(len(module.tensors) for module in modules)
    if not modules or ends < LEAST_SHARE * len(shapes):
        return None
    found = {algorithm for module in modules for algorithm in module.algorithms}
    algorithm = next(each for each in ALGORITHMS if each in found)
    if algorithm == "lora" and any(_is_convolution(module, shapes) for module in modules):
        algorithm = "locon"
    widths = {
        module.name.replace(".", "_"): _widths(module, shapes)
        for module in modules
        if module.component == "denoiser"
    }
    # Norms are in fewer tables: they count where nothing else is changed.
    widths = {name: each for name, each in widths.items() if each.inputs} or widths
    encoders = {
        _widths(module, shapes).inputs or _widths(module, shapes).outputs
        for module in modules
        if module.component != "denoiser" and "q_proj" in module.name
    }
    fitting = bases_of(widths, encoders, MOST_MODULES)
    base, *also = dict.fromkeys(each.id for each in fitting) or ("",)
    ranks = {_rank(module, shapes) for module in modules} - {0}
    named = {module.component for module in modules}
    return RecognisedAdapter(
        facts=Adapter(
            algorithm=algorithm,
            rank=tuple(sorted(ranks)),
            targets=_targets(modules, base),
            encoders=tuple(sorted({encoder_place(each, base) for each in named - {"denoiser"}})),
            also_fits=tuple(also),
            sizes=_sizes(fitting, base),
        ),
        kind="lora",
        base=base,
        modules=modules,
        scalars=frozenset(
            name for module in modules for role, name in module.tensors.items() if role in SCALARS
        ),
    )


def _sizes(fitting: Sequence[FittingNetwork], base: str) -> tuple[str, ...]:
    """The sizes of `base` among the networks that fit; none if one has no name, or is all there
    is. What fits `14B` fits its variants (`14B image-to-video`) as well."""
    sizes = [each.size for each in fitting if each.id == base]
    if "" in sizes:
        return ()
    return tuple(each for each in sizes if not any(each.startswith(f"{one} ") for one in sizes))


def _is_convolution(module: AdapterModule, shapes: Mapping[str, Shape]) -> bool:
    shape = shapes.get(module.tensors.get("down", ""), ())
    return len(shape) > 2 and any(size > 1 for size in shape[2:])


def _rank(module: AdapterModule, shapes: Mapping[str, Shape]) -> int:
    """The rank of a module's factors; 0 if it has none."""
    sizes = [
        shapes[module.tensors[role]][place]
        for role, place in RANK_PLACES.items()
        if shapes.get(module.tensors.get(role, ""))
    ]
    return sizes[0] if sizes else 0


def _widths(module: AdapterModule, shapes: Mapping[str, Shape]) -> ModuleWidths:
    """ModuleWidths of the inputs and outputs of a module, as far as its tensors tell them."""
    held = {role: shapes[name] for role, name in module.tensors.items() if name in shapes}
    if len(held.get("diff", ())) == 1:
        # Of a norm.
        return ModuleWidths(0, held["diff"][0])
    if "lokr" in module.algorithms:
        left, right = (_kronecker_side(held, number) for number in (1, 2))
        return ModuleWidths(left.inputs * right.inputs, left.outputs * right.outputs)
    if len(held.get("packed_down", ())) == 2:
        return ModuleWidths(held["packed_down"][0], held.get("packed_up", (0,))[0])
    inputs = next((held[role][1] for role in INPUT_ROLES if len(held.get(role, ())) > 1), 0)
    # In Tucker form, both factors have the rank first.
    place = 1 if "t1" in held else 0
    outputs = next(
        (held[role][place] for role in OUTPUT_ROLES if len(held.get(role, ())) > place), 0
    )
    skew = held.get("skew", ())
    if len(skew) == 2 and skew[0] > 1:
        # PEFT rotates b inputs each by the b (b - 1) / 2 numbers of a skew-symmetric matrix.
        return ModuleWidths(skew[0] * ((1 + math.isqrt(1 + 8 * skew[1])) // 2), outputs)
    # Rotations of equal blocks; with butterflies (BOFT), in a first dimension more.
    blocks = held.get("rotations", ())
    return ModuleWidths(inputs, blocks[-3] * blocks[-1] if len(blocks) > 2 else outputs)


def _kronecker_side(held: Mapping[str, Shape], number: int) -> ModuleWidths:
    """Sides of one of the two matrices of a LoKr, which may be a product itself."""
    whole = held.get(f"w{number}", ())
    if len(whole) > 1:
        return ModuleWidths(whole[1], whole[0])
    up, down = held.get(f"w{number}_a", ()), held.get(f"w{number}_b", ())
    if len(up) < 2 or len(down) < 2:
        return ModuleWidths(0, 0)
    return ModuleWidths(down[1], up[1] if f"t{number}" in held else up[0])


def _targets(modules: Sequence[AdapterModule], base: str) -> tuple[str, ...]:
    """The kinds of modules that are changed in the denoiser, a network `base`."""
    changed = [module.name for module in modules if module.component == "denoiser"]
    names = [f"{dotted_name(each.replace('.', '_'), base) or each}.weight" for each in changed]
    layout, last = choose_layout(names, layouts_of_network(base, "denoiser"))
    renames = parse_renames(layout.renames, last) if layout else []
    found = set()
    for name in names:
        moved = replace_module(name, layout.modules) if layout else name
        applied = (rename.apply(moved) for rename in renames)
        for each in next(filter(None, applied), (moved,)):
            found.add(kind_of(SEPARATORS.sub(".", f".{each}"), KIND_RULES))
    return tuple(sorted(found))


def _embedding(shapes: Mapping[str, Shape]) -> RecognisedAdapter | None:
    """A textual inversion: vectors of the widths of text encoders, by part."""
    if len(shapes) > MOST_TENSORS:
        return None
    vectors = {name: shape for name, shape in shapes.items() if vector_name(name) is not None}
    if not vectors and len(shapes) == 1 and _is_word(*shapes.items()):
        vectors = dict(shapes)
    if not vectors or len(vectors) > MOST_WORDS:
        return None
    if any(len(shape) not in (1, 2) for shape in vectors.values()):
        return None
    counts = {shape[0] if len(shape) == 2 else 1 for shape in vectors.values()}
    widths = frozenset(shape[-1] for shape in vectors.values())
    base = base_of_vectors(widths)
    read = {(vector_name(name) or "", shape[-1]) for name, shape in vectors.items()}
    encoders = {encoder or VECTOR_WIDTHS.get(width, "") for encoder, width in read} - {""}
    facts = Adapter(
        algorithm="textual inversion",
        encoders=tuple(sorted({encoder_place(each, base) for each in encoders})),
        vectors=max(counts),
    )
    rest = frozenset(shapes.keys() - vectors.keys())
    return RecognisedAdapter(facts, "embedding", base, (), rest)


def _is_word(tensor: tuple[str, Shape]) -> bool:
    """Whether the only tensor of a file is called by a word and holds vectors of a text encoder."""
    name, shape = tensor
    is_plain = "." not in name and name not in ("weight", "bias")
    return is_plain and len(shape) == 2 and shape[0] <= MOST_VECTORS and shape[1] in VECTOR_WIDTHS
