"""Names and shapes of a file -> the adapter that it is: its algorithm, rank, targets and base."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from generator.networks.adapters import base_of, split_end, split_prefix
from generator.networks.blocks import KIND_RULES, kind_of
from generator.records import Adapter

Shape = tuple[int, ...]
# An adapter may hold norms and biases beside its factors, a checkpoint no factors.
LEAST_SHARE = 0.25
# The first that is found names the file: a DoRA has the factors of a LoRA, too.
ALGORITHMS = ("dora", "loha", "lokr", "locon", "oft", "glora", "ia3", "lora", "full")
# By role: the place of the rank in the shape.
RANK_PLACES = {"down": 0, "w1_b": 0, "w2_b": 0}
# kohya writes underscores for dots; kinds are told by words between dots.
SEPARATORS = re.compile(r"_(?=attn|ff_|proj_|norm|to_)")
SCALARS = ("alpha", "on_input")
# Textual inversions: widths of the text encoders that read them.
VECTOR_WIDTHS = {768: "text_encoder", 1024: "text_encoder", 1280: "text_encoder_2"}
VECTOR_NAMES = re.compile(r"^(emb_params|clip_[lg]|t5xxl|string_to_param\..*|<[^<>]*>|\*)$")
MOST_VECTORS = 8


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
            if end.part:
                stem = stem.replace("processor", f"{end.part}_attn")
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
    return base_of(
        {
            name.removesuffix(".weight").replace(".", "_"): shape[1]
            for name, shape in shapes.items()
            if len(shape) > 1
        }
    )


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
        module.name.replace(".", "_"): _inputs(module, shapes)
        for module in modules
        if module.component == "denoiser"
    }
    encoders = {
        _inputs(module, shapes) or _outputs(module, shapes)
        for module in modules
        if module.component != "denoiser" and "q_proj" in module.name
    }
    ranks = {_rank(module, shapes) for module in modules} - {0}
    named = {module.component for module in modules}
    return RecognisedAdapter(
        facts=Adapter(
            algorithm=algorithm,
            rank=tuple(sorted(ranks)),
            targets=_targets(modules),
            encoders=tuple(sorted(named - {"denoiser"})),
        ),
        kind="lora",
        base=base_of(widths, encoders),
        modules=modules,
        scalars=frozenset(
            name for module in modules for role, name in module.tensors.items() if role in SCALARS
        ),
    )


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


def _inputs(module: AdapterModule, shapes: Mapping[str, Shape]) -> int:
    """Width of the inputs of a module; 0 if its tensors do not tell it."""
    held = {role: shapes[name] for role, name in module.tensors.items()}
    for role in ("down", "w1_b", "diff"):
        if len(held.get(role, ())) > 1:
            return held[role][1]
    left = held.get("w1") or held.get("w1_b", ())
    right = held.get("w2") or held.get("w2_b", ())
    return left[1] * right[1] if len(left) > 1 and len(right) > 1 else 0


def _outputs(module: AdapterModule, shapes: Mapping[str, Shape]) -> int:
    """Width of the outputs of a module of IA3, which has nothing else; else 0."""
    shape = shapes.get(module.tensors.get("scale", ""), ())
    return shape[0] if shape else 0


def _targets(modules: Sequence[AdapterModule]) -> tuple[str, ...]:
    """The kinds of modules that are changed in the denoiser."""
    names = (SEPARATORS.sub(".", f".{module.name}.") for module in modules)
    return tuple(sorted({kind_of(name, KIND_RULES) for name in names}))


def _embedding(shapes: Mapping[str, Shape]) -> RecognisedAdapter | None:
    """A textual inversion: vectors of the widths of text encoders, by part."""
    vectors = {name: shape for name, shape in shapes.items() if VECTOR_NAMES.match(name)}
    if not vectors or len(vectors) > MOST_VECTORS:
        return None
    if any(len(shape) not in (1, 2) for shape in vectors.values()):
        return None
    counts = {shape[0] if len(shape) == 2 else 1 for shape in vectors.values()}
    widths = {shape[-1] for shape in vectors.values()}
    base = "sdxl" if 1280 in widths else {768: "sd1", 1024: "sd2"}.get(min(widths), "")
    encoders = {VECTOR_WIDTHS[width] for width in widths if width in VECTOR_WIDTHS}
    facts = Adapter(
        algorithm="textual inversion",
        encoders=tuple(sorted(encoders)),
        vectors=max(counts),
    )
    rest = frozenset(shapes.keys() - vectors.keys())
    return RecognisedAdapter(facts, "embedding", base, (), rest)
