"""Path of a checkpoint -> its CLIP text encoders, from headers; and the others, with reasons.

No config is downloaded: a table here holds what weights do not show (activation, padding).
"""

import re
from pathlib import Path
from typing import NamedTuple

from generator.checkpoints.formats.files import shown
from generator.checkpoints.formats.index import SourceFile, TensorIndex
from generator.checkpoints.formats.opening import open_checkpoint
from generator.checkpoints.identify.components import FoundComponent, Weight
from generator.checkpoints.identify.contents import Contents, identify
from generator.checkpoints.identify.reading import Source, locate
from generator.embeddings.special_tokens import END, PLACES
from generator.errors import CheckpointError
from generator.networks.known import NETWORKS
from generator.records import Record

TEXT_ENCODERS = ("text_encoder", "text_encoder_2", "text_encoder_3")
# Width of an attention head in every released CLIP text encoder (Radford et al. 2021, table 20).
HEAD_WIDTH = 64

PREFIX = "text_model."
TOKENS = "text_model.embeddings.token_embedding.weight"
POSITIONS = "text_model.embeddings.position_embedding.weight"
HIDDEN = "text_model.encoder.layers.0.mlp.fc1.weight"
PROJECTION = "text_projection.weight"
LAYER = re.compile(r"text_model\.encoder\.layers\.(\d+)\.")


class Convention(NamedTuple):
    """Properties of a text encoder that its weights do not show.

    `padding` is the token after the end of a prompt: CLIP ViT-L's tokenizer pads with the end
    token, those of SD2 and of SDXL's second encoder with token 0, "!".
    """

    activation: str
    padding: int


# By network. Sources: `text_encoder/config.json` and `tokenizer/special_tokens_map.json` of
# stable-diffusion-v1-5, stable-diffusion-2-1 and stable-diffusion-xl-base-1.0.
CONVENTIONS = {
    "clip-l": Convention("quick_gelu", END),
    "clip-l-projection": Convention("quick_gelu", END),
    "open-clip-h": Convention("gelu", 0),
    "open-clip-g": Convention("gelu", 0),
}


class Encoder(Record):
    """A CLIP text encoder of a checkpoint: its sizes, and the positions of its weights.

    `projected` is the width of the projection, 0 without one. `sources` holds the weights that are
    used, by canonical key.
    """

    path: Path
    component: str
    network: str
    width: int
    hidden: int
    layers: int
    heads: int
    vocabulary: int
    projected: int
    files: tuple[SourceFile, ...]
    sources: dict[str, Source]
    shapes: dict[str, tuple[int, ...]]


class Survey(NamedTuple):
    """The text encoders of a checkpoint: usable ones, and by component, refused ones with the
    reason, and those that are not CLIP's with the nearest network, empty if unknown."""

    encoders: tuple[Encoder, ...]
    refused: dict[str, CheckpointError]
    left_out: dict[str, str]


def survey_encoders(path: Path) -> Survey:
    """The text encoders of the checkpoint at `path`.

    Raises:
        CheckpointError: the checkpoint is refused as a whole.
    """
    index = open_checkpoint(path)
    contents = identify(index)
    encoders: list[Encoder] = []
    refused: dict[str, CheckpointError] = {}
    left_out: dict[str, str] = {}
    for component in contents.components:
        if component.name not in TEXT_ENCODERS:
            continue
        if component.nearest not in CONVENTIONS:
            left_out[component.name] = component.nearest
            continue
        try:
            encoders.append(_describe(index, contents, component))
        except CheckpointError as error:
            refused[component.name] = error
    return Survey(tuple(encoders), refused, left_out)


def _describe(index: TensorIndex, contents: Contents, component: FoundComponent) -> Encoder:
    """Raises `CheckpointError` if names or sizes are not those of the network."""
    subject = f"{index.path}: {component.name}"
    network = NETWORKS[component.nearest]
    if component.missing or component.extra:
        raise CheckpointError(
            subject,
            "other_weights",
            network=network.id,
            missing=len(component.missing),
            extra=len(component.extra),
            name=shown((*component.missing, *component.extra)[0]),
        )
    required = network.required()
    used = {
        weight.name: weight
        for weight in contents.weights
        if weight.component == component.name and weight.name in required
    }
    for weight in used.values():
        if not weight.is_weight:
            raise CheckpointError(subject, "dtype", tensor=shown(weight.name), dtype=weight.dtype)
    vocabulary, width = _matrix(subject, used[TOKENS])
    positions, _ = _matrix(subject, used[POSITIONS])
    hidden, _ = _matrix(subject, used[HIDDEN])
    if vocabulary <= END:
        raise CheckpointError(subject, "tokens", count=vocabulary, expected=END + 1)
    if positions != PLACES:
        raise CheckpointError(subject, "positions", count=positions, expected=PLACES)
    heads = max(1, width // HEAD_WIDTH)
    if not width or width % heads:
        raise CheckpointError(subject, "heads", width=width, heads=heads)
    projected = _matrix(subject, used[PROJECTION])[0] if PROJECTION in used else 0
    return Encoder(
        path=index.path,
        component=component.name,
        network=network.id,
        width=width,
        hidden=hidden,
        layers=1 + max(int(match[1]) for match in map(LAYER.match, used) if match),
        heads=heads,
        vocabulary=vocabulary,
        projected=projected,
        files=index.files,
        sources={name: locate(used[name], index.tensors[used[name].tensor]) for name in used},
        shapes={name: weight.shape for name, weight in used.items()},
    )


def _matrix(subject: str, weight: Weight) -> tuple[int, int]:
    if len(weight.shape) != 2:
        raise CheckpointError(subject, "not_a_matrix", tensor=shown(weight.name))
    return weight.shape[0], weight.shape[1]
