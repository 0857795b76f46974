"""A text encoder of a checkpoint -> transformers' module with exactly its weights, in float32."""

from contextlib import ExitStack
from typing import Any, NamedTuple

import numpy as np
import torch
from blake3 import blake3
from numpy.typing import NDArray
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

from generator.checkpoints.formats.dtypes import decode
from generator.checkpoints.formats.files import WeightFile, shown
from generator.checkpoints.identify.reading import Reader, Source
from generator.embeddings.encoders import CONVENTIONS, PREFIX, Encoder
from generator.embeddings.special_tokens import END, PLACES, START
from generator.errors import CheckpointError


class LoadedEncoder(NamedTuple):
    """A text encoder ready to be used, in float32 on the CPU.

    `digest` is over network, names, shapes and float32 values: equal for the same encoder in any
    layout or file.
    """

    encoder: Encoder
    model: torch.nn.Module
    digest: str


def load_encoder(encoder: Encoder) -> LoadedEncoder:
    """Build the network without storage and assign every weight.

    Memory: the network in float32, plus twice its largest tensor.

    Raises:
        CheckpointError: a shape is not the network's, a value is NaN or infinite (beyond float32),
            or a file cannot be read or has changed.
    """
    model = _build(encoder)
    names = _names(model)
    parameters = dict(model.named_parameters())
    _require_shapes(encoder, {names[name]: tuple(p.shape) for name, p in parameters.items()})
    digest = blake3(encoder.network.encode())
    state = {}
    with ExitStack() as stack:
        files = [stack.enter_context(WeightFile(source.path)) for source in encoder.files]
        reader = Reader(files)
        for own in parameters:
            name = names[own]
            values = _read(reader, encoder, name)
            digest.update(f"{name} {values.shape} ".encode())
            digest.update(values.reshape(-1).view(np.uint8).data)
            state[own] = torch.from_numpy(values)
        for file, source in zip(files, encoder.files, strict=True):
            file.require_unchanged(source.size, source.modified)
    model.load_state_dict(state, strict=True, assign=True)
    embeddings = _trunk(model).embeddings
    embeddings.position_ids = torch.arange(PLACES).expand((1, -1))
    return LoadedEncoder(encoder, model.eval().requires_grad_(False), digest.hexdigest())


def final_norm(model: torch.nn.Module) -> torch.nn.Module:
    """The norm after the last layer."""
    norm: torch.nn.Module = _trunk(model).final_layer_norm
    return norm


def projection(model: torch.nn.Module) -> torch.nn.Module:
    """The projection after the norm, in encoders that have one."""
    return model.get_submodule("text_projection")


def layers(model: torch.nn.Module) -> Any:  # noqa: ANN401 -- torch's own lists are untyped
    """The transformer's layers in order."""
    return _trunk(model).encoder.layers


def _trunk(model: torch.nn.Module) -> Any:  # noqa: ANN401 -- likewise
    return getattr(model, "text_model", model)


def _build(encoder: Encoder) -> torch.nn.Module:
    config = CLIPTextConfig(
        vocab_size=encoder.vocabulary,
        hidden_size=encoder.width,
        intermediate_size=encoder.hidden,
        num_hidden_layers=encoder.layers,
        num_attention_heads=encoder.heads,
        max_position_embeddings=PLACES,
        projection_dim=encoder.projected or encoder.width,
        hidden_act=CONVENTIONS[encoder.network].activation,
        bos_token_id=START,
        eos_token_id=END,
    )
    kind = CLIPTextModelWithProjection if encoder.projected else CLIPTextModel
    with torch.device("meta"):
        model: torch.nn.Module = kind(config)
    return model


def _names(model: torch.nn.Module) -> dict[str, str]:
    """The module's own names -> canonical keys. transformers 5 drops a prefix of version 4."""
    return {
        name: name if name.startswith((PREFIX, "text_projection")) else f"{PREFIX}{name}"
        for name, _ in model.named_parameters()
    }


def _require_shapes(encoder: Encoder, expected: dict[str, tuple[int, ...]]) -> None:
    subject = f"{encoder.path}: {encoder.component}"
    for name in sorted(expected.keys() ^ encoder.shapes.keys()):
        fault = "lacks" if name in expected else "unlisted"
        raise CheckpointError(subject, fault, name=shown(name))
    for name, shape in expected.items():
        if encoder.shapes[name] != shape:
            raise CheckpointError(
                subject, "shape", tensor=shown(name), shape=encoder.shapes[name], usual=shape
            )


def _read(reader: Reader, encoder: Encoder, name: str) -> NDArray[np.float32]:
    """The values of one weight in float32."""
    source: Source = encoder.sources[name]
    raw = np.empty(source.nbytes, np.uint8)
    if source.nbytes:
        reader.read(source, 0, raw.data)
    # Values beyond float32 become infinite and are refused below.
    with np.errstate(over="ignore"):
        values = decode(raw, source.dtype).astype(np.float32, copy=False)
    if not np.isfinite(values).all():
        subject = f"{encoder.path}: {encoder.component}"
        raise CheckpointError(subject, "non_finite", tensor=shown(name))
    return values.reshape(encoder.shapes[name])
