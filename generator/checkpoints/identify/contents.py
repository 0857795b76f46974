"""Index of a checkpoint -> its components, and every weight under its canonical key.

Canonical keys are those of diffusers and transformers. A weight is a range of rows of a tensor,
with the form in which the tensor stores them, so that the same model has the same weights whichever
program wrote the file.
"""

from collections.abc import Mapping, Sequence

import msgspec

from generator.checkpoints.formats.index import TensorIndex
from generator.checkpoints.identify.adapters import (
    RecognisedAdapter,
    base_of_weights,
    recognise_adapter,
)
from generator.checkpoints.identify.components import (
    COMPONENTS,
    NETWORK_KINDS,
    FoundComponent,
    Weight,
    make_component,
    make_weights,
)
from generator.checkpoints.identify.peft_config import declared_alphas
from generator.checkpoints.identify.recognition import Recognition, by_signature, recognise
from generator.checkpoints.identify.wrapping import wrapper_of
from generator.checkpoints.keys.pieces import Piece, cut_tensors, whole_piece
from generator.checkpoints.keys.sections import has_section, section_of
from generator.checkpoints.keys.wrappers import MARKERS, by_part, unwrap
from generator.networks.layouts import LAYOUTS, layouts_of
from generator.networks.signatures import SignatureMatch, match_signature
from generator.networks.variants import (
    TEXT_ENCODERS,
    encoders_of,
    missing_of,
    prediction_of,
    variants_of,
)
from generator.records import Adapter, Record

Shape = tuple[int, ...]
# The layout of canonical keys.
CANONICAL_LAYOUT = {"denoiser": "diffusers", "vae": "diffusers", "text_encoder": "transformers"}
# ControlNets of the first layout are saved under this name.
CONTROL = "control_model"
# A tensor without values: the network was trained to zero terminal signal-to-noise ratio.
ZERO_SNR = "ztsnr"


class Contents(Record):
    """Components and weights of a checkpoint, in the order of `COMPONENTS`, then by name.

    `kind` is that of the file (`checkpoint`, `vae`, `lora`), empty if unknown. `architecture` is
    the denoiser's network, `unknown` if it is not a known one and empty without a denoiser;
    `base_model` is the network that an adapter is made for. `prefixes` were taken off all names.
    `missing` are components that a user has to bring. `duplicates` are tensors that store a weight
    a second time; they are listed in `other`.
    """

    kind: str
    architecture: str
    nearest: str
    base_model: str = ""
    prediction_type: str = ""
    variants: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    adapter: Adapter | None = None
    components: tuple[FoundComponent, ...]
    weights: tuple[Weight, ...]
    duplicates: tuple[str, ...] = ()


def identify(index: TensorIndex) -> Contents:
    """The components and weights of `index`; every tensor is in the result."""
    names, prefixes = unwrap([tensor.name for tensor in index.tensors])
    shapes = {name: tensor.shape for name, tensor in zip(names, index.tensors, strict=True)}
    wrapper = wrapper_of(shapes)
    if wrapper:
        prefixes = (*prefixes, wrapper.rstrip("."))
        names = [name.removeprefix(wrapper) for name in names]
        shapes = {name.removeprefix(wrapper): shape for name, shape in shapes.items()}
    if len(shapes) == len(index.tensors):
        # First, as some helpers hold factors of LoRAs as well.
        match = match_signature(shapes, "adapter")
        if match:
            return _of_helper(index, names, prefixes, match)
        adapter = recognise_adapter(shapes)
        if adapter:
            return _of_adapter(index, names, prefixes, adapter)
    return _of_model(index, names, prefixes)


def _of_adapter(
    index: TensorIndex, names: list[str], prefixes: tuple[str, ...], adapter: RecognisedAdapter
) -> Contents:
    """Contents of an adapter: its tensors as they are."""
    recognition = Recognition("", 0.0, (), (), (), not_weights=adapter.scalars)
    pieces = _whole(index, names)
    return Contents(
        kind=adapter.kind,
        architecture="",
        nearest="",
        base_model=adapter.base,
        prefixes=prefixes,
        adapter=msgspec.structs.replace(
            adapter.facts, alpha=declared_alphas(index.metadata, adapter.modules)
        ),
        components=(make_component("adapter", "", None),),
        weights=tuple(make_weights("adapter", pieces, recognition, index.tensors)),
    )


def _of_helper(
    index: TensorIndex, names: list[str], prefixes: tuple[str, ...], match: SignatureMatch
) -> Contents:
    """Contents of a file that is no part of a pipeline of its own: a ControlNet, an upscaler."""
    recognition = by_signature(match)
    shapes = {name: tensor.shape for name, tensor in zip(names, index.tensors, strict=True)}
    pieces = _whole(index, names)
    return Contents(
        kind=match.signature.kind,
        architecture="",
        nearest="",
        base_model=match.layout.base or base_of_weights(shapes),
        prefixes=prefixes,
        components=(make_component("adapter", match.layout.name, recognition),),
        weights=tuple(make_weights("adapter", pieces, recognition, index.tensors)),
    )


def _whole(index: TensorIndex, names: list[str]) -> list[Piece]:
    pairs = enumerate(zip(names, index.tensors, strict=True))
    return [whole_piece(name, number, tensor) for number, (name, tensor) in pairs]


def _of_model(index: TensorIndex, names: list[str], prefixes: tuple[str, ...]) -> Contents:
    names = by_part(names)
    groups, duplicates = _group(index, names)
    components: list[FoundComponent] = []
    weights: list[Weight] = []
    architecture, nearest = "", ""
    variants: tuple[str, ...] = ()
    for name, members in groups.items():
        if not members:
            continue
        layout, pieces, repeated, recognition = _recognise(name, members, index)
        duplicates += [index.tensors[number].name for number in repeated]
        groups["other"] |= {index.tensors[number].name: number for number in repeated}
        if name == "denoiser" and CONTROL not in prefixes:
            nearest = recognition.nearest if recognition else ""
            architecture = nearest if nearest and recognition and recognition.exact else "unknown"
            variants = variants_of(nearest, {piece.name: piece.shape for piece in pieces})
        final = _place(name, nearest, groups)
        components.append(make_component(final, layout, recognition))
        weights += make_weights(final, pieces, recognition, index.tensors)
    present = {component.name for component in components}
    return Contents(
        kind="controlnet" if CONTROL in prefixes else _kind(components, names),
        architecture=architecture,
        nearest=nearest,
        prediction_type=prediction_of(names),
        variants=(*variants, *([ZERO_SNR] if ZERO_SNR in names else [])),
        prefixes=prefixes,
        missing=missing_of(nearest, present) if nearest else (),
        components=tuple(components),
        weights=tuple(weights),
        duplicates=tuple(duplicates),
    )


def _place(name: str, network: str, groups: Mapping[str, dict[str, int]]) -> str:
    """Which component of the pipeline of `network` the component `name` of a file is.

    ComfyUI names text encoders by what they are, diffusers counts them: FLUX.1's T5 is the second.
    """
    places = encoders_of(network) if network else ()
    if name not in TEXT_ENCODERS or name in places:
        return name
    free = (place for place in reversed(places) if not groups[place])
    return next(free, name)


def _kind(components: Sequence[FoundComponent], names: Sequence[str]) -> str:
    """Kind of a file with these components; empty if it is unknown.

    Many networks have an encoder or a decoder: it is part of a pipeline if it is near to one that
    is known, or if the names of the file say so.
    """
    parts = [each for each in components if each.name not in ("other", "ema")]
    present = {part.name for part in parts}
    if present and "denoiser" not in present:
        if not any(part.is_near for part in parts) and not any(map(has_section, names)):
            return ""
        if present == {"vae"}:
            return "vae"
        if all(name.startswith("text_encoder") for name in present):
            return "text encoder"
    return "checkpoint" if components and components[0].name != "other" else ""


def _recognise(
    component: str, members: dict[str, int], index: TensorIndex
) -> tuple[str, list[Piece], list[int], Recognition | None]:
    """Layout and pieces of a component, repeated tensors, and its network."""
    kind = NETWORK_KINDS[component]
    stored = {name: index.tensors[number].shape for name, number in members.items()}
    match = match_signature(stored, kind) if kind else None
    if match:
        renames = match.layout.renames
        layouts = [LAYOUTS[renames]] if renames else []
        _, pieces, repeated = cut_tensors(members, index.tensors, layouts)
        recognition = by_signature(match, [piece.name for piece in pieces])
        return match.layout.name, pieces, repeated, recognition
    layout, pieces, repeated = cut_tensors(members, index.tensors, layouts_of(kind))
    shapes = {piece.name: piece.shape for piece in pieces}
    canonical = CANONICAL_LAYOUT.get(kind, "")
    return layout or canonical, pieces, repeated, recognise(kind, shapes)


def _group(index: TensorIndex, names: list[str]) -> tuple[dict[str, dict[str, int]], list[str]]:
    """Component -> name within it -> number of the tensor; and names under a second prefix.

    Has all of `COMPONENTS` in their order, so `other` comes last.
    """
    groups: dict[str, dict[str, int]] = {component: {} for component in COMPONENTS}
    duplicates = []
    alone = _alone(index, names)
    for number, (tensor, unwrapped) in enumerate(zip(index.tensors, names, strict=True)):
        component, name = section_of(unwrapped)
        if alone and not has_section(unwrapped) and unwrapped not in MARKERS:
            component, name = alone, unwrapped
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


def _alone(index: TensorIndex, names: list[str]) -> str:
    """The component of all names outside the sections, if they are a network with a signature."""
    bare: Mapping[str, Shape] = {
        name: tensor.shape
        for name, tensor in zip(names, index.tensors, strict=True)
        if not has_section(name)
    }
    match = match_signature(bare) if bare else None
    return match.signature.component if match and match.signature.component != "adapter" else ""
