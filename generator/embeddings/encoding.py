"""A text encoder and prompts -> one vector per prompt and kind of vector."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from generator.embeddings.encoders import CONVENTIONS, Encoder
from generator.embeddings.loading import LoadedEncoder, final_norm, layers, projection
from generator.embeddings.special_tokens import PLACES
from generator.embeddings.tokens import Tokens, tokenize
from generator.errors import CheckpointError, UsageError

Vectors = NDArray[np.float32]
# Takes the number of encoded prompts.
Progress = Callable[[int], None]

# Large enough to keep a GPU or all cores busy at width 1280, small enough for 0.1 GB of states.
BATCH = 32


class Pooling(NamedTuple):
    """A kind of vector: how the hidden states of a prompt's tokens become its vector.

    `layer` counts from the end: 1 is the last. `norm`: the final norm is applied; `whole`: all 77
    positions are concatenated, instead of the end token alone; `projected`: the projection follows.
    """

    id: str
    layer: int
    norm: bool
    whole: bool
    projected: bool


KINDS = (
    Pooling("last", 1, norm=True, whole=False, projected=False),
    Pooling("clip-skip-2", 2, norm=True, whole=False, projected=False),
    Pooling("penultimate", 2, norm=False, whole=False, projected=False),
    Pooling("pooled", 1, norm=True, whole=False, projected=True),
    Pooling("flattened", 1, norm=True, whole=True, projected=False),
)


def kinds_of(encoder: Encoder) -> tuple[Pooling, ...]:
    """The kinds of `encoder`; without a projection, pooled equals last layer and is left out."""
    return tuple(kind for kind in KINDS if encoder.projected or not kind.projected)


def dimensions(encoder: Encoder, kind: Pooling) -> int:
    """The length of a vector."""
    if kind.projected:
        return encoder.projected
    return encoder.width * (PLACES if kind.whole else 1)


def encode(
    loaded: LoadedEncoder,
    texts: Sequence[str],
    kinds: Sequence[Pooling],
    device: str = "cpu",
    progress: Progress = lambda _: None,
    batch: int = BATCH,
) -> dict[str, Vectors]:
    """Kind -> vectors (N, dimensions) in float32, not normalised.

    The network runs in float32 without an attention mask, as in Stable Diffusion's pipelines.
    Attention is causal, so padding does not change earlier tokens: unless a kind uses the whole
    sequence, a batch is as long as its longest prompt.

    Raises:
        CheckpointError: a prompt's vector is not finite.
        UsageError: the device cannot be used.
    """
    encoder = loaded.encoder
    tokens = tokenize(texts, CONVENTIONS[encoder.network].padding)
    found = {
        kind.id: np.empty((len(texts), dimensions(encoder, kind)), np.float32) for kind in kinds
    }
    whole = any(kind.whole for kind in kinds)
    # Sort prompts by length if the length of a batch matters.
    order = np.arange(len(texts)) if whole else np.argsort(tokens.ends, kind="stable")
    with on_device(loaded, device), torch.inference_mode():
        for start in range(0, len(texts), batch):
            rows = order[start : start + batch]
            length = PLACES if whole else int(tokens.ends[rows].max()) + 1
            states = _run(loaded, tokens, rows, length, device)
            for kind in kinds:
                found[kind.id][rows] = _take(loaded, states, tokens.ends[rows], kind)
            progress(start + len(rows))
    for name, vectors in found.items():
        if not np.isfinite(vectors).all():
            subject = f"{encoder.path}: {encoder.component}"
            raise CheckpointError(subject, "vectors", kind=name)
    return found


def normalize(vectors: Vectors) -> Vectors:
    """Vectors of Euclidean length 1, computed in float64; zero vectors stay zero."""
    lengths = np.sqrt(np.einsum("nd,nd->n", vectors, vectors, dtype=np.float64))
    return (vectors / np.where(lengths > 0, lengths, 1)[:, None]).astype(np.float32)


def require_device(device: str) -> None:
    """Raise `UsageError` unless torch can compute on `device`."""
    try:
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise UsageError(f"device {device!r}", f"cannot be used ({reason})") from error


@contextmanager
def on_device(loaded: LoadedEncoder, device: str) -> Iterator[None]:
    """Move the network's weights to `device` inside the context."""
    require_device(device)
    module: torch.nn.Module = loaded.model
    module.to(device)
    try:
        yield
    finally:
        module.to("cpu")


class _States(NamedTuple):
    """Hidden states (B, T, width) after the penultimate layer, and after the final norm."""

    before_last: torch.Tensor
    normed: torch.Tensor


def _run(
    loaded: LoadedEncoder, tokens: Tokens, rows: NDArray[np.int64], length: int, device: str
) -> _States:
    kept: list[torch.Tensor] = []

    def keep(_module: object, _inputs: object, output: torch.Tensor) -> None:
        kept.append(output)

    hook = layers(loaded.model)[-2].register_forward_hook(keep)
    try:
        numbers = torch.from_numpy(tokens.numbers[rows, :length]).to(device)
        normed = loaded.model(input_ids=numbers).last_hidden_state
    finally:
        hook.remove()
    return _States(kept[0], normed)


def _take(
    loaded: LoadedEncoder, states: _States, ends: NDArray[np.int64], kind: Pooling
) -> Vectors:
    """The vectors of one kind, of one batch."""
    hidden = states.normed if kind.layer == 1 else states.before_last
    if kind.whole:
        hidden = hidden.flatten(1)
    else:
        hidden = hidden[torch.arange(len(ends)), torch.from_numpy(ends)]
    if kind.layer > 1 and kind.norm:
        hidden = final_norm(loaded.model)(hidden)
    if kind.projected:
        hidden = projection(loaded.model)(hidden)
    vectors: Vectors = hidden.cpu().numpy()
    return vectors
