"""An architecture -> derived numbers: totals of blocks and kinds, FLOPs per parameter.

All are exact sums and ratios of measured values; `None` where a value is unknown.
"""

from collections.abc import Iterator, Sequence

from generator.networks.blocks import REST
from generator.networks.families import GUIDED_WITH_NEGATIVE
from generator.networks.kinds import OTHER
from generator.publish.quantities.block_groups import BlockGroup, block_groups_of
from generator.publish.reading.atlas import LoadedNetwork
from generator.records import Architecture, Block, Record, TensorSpec

FLOAT16_BYTES = 2
# Names of the denoisers' inputs for the latent image and the text embeddings.
LATENTS = ("sample", "hidden_states", "x")
TEXTS = ("encoder_hidden_states", "encoder_hidden_states_t5", "clip_text", "cap_feats")


class NetworkPart(Record):
    """A named part of a network: a group of blocks (`IN`), or a kind of parameters (`ff`)."""

    name: str
    parameters: int
    members: int


def parameters(network: LoadedNetwork) -> int:
    """Number of parameters, as counted by diffusers."""
    return network.record.parameters.diffusers


def block_groups(network: LoadedNetwork) -> tuple[BlockGroup, ...]:
    """Blocks by group, in the record's order; `REST` is last."""
    return block_groups_of(network.record.mbw.blocks)


def kinds(network: LoadedNetwork) -> tuple[NetworkPart, ...]:
    """Kinds of parameters, the largest first; `members` counts their tensors."""
    sizes: dict[str, list[int]] = {}
    for row in network.beside.rows:
        sizes.setdefault(row.kind, []).append(row.parameters)
    parts = (NetworkPart(name=n, parameters=sum(s), members=len(s)) for n, s in sizes.items())
    return tuple(sorted(parts, key=lambda part: (-part.parameters, part.name)))


def kind_share(network: LoadedNetwork, *names: str) -> float:
    """Fraction of the parameters that have one of the kinds, 0 to 1."""
    found = sum(part.parameters for part in kinds(network) if part.name in names)
    return found / parameters(network) if parameters(network) else 0.0


def known_kind_share(network: LoadedNetwork, *names: str) -> float | None:
    """`kind_share`; None if none was found, but of some neither name nor class tells a kind."""
    found = kind_share(network, *names)
    return found if found or not kind_share(network, OTHER) else None


def blocks_of_half(network: LoadedNetwork) -> tuple[Block, ...]:
    """The smallest number of blocks (without `REST`) that hold at least half of all parameters."""
    blocks = [b for b in network.record.mbw.blocks if b.name != REST]
    blocks.sort(key=lambda block: -block.parameters)
    held = 0
    for number, block in enumerate(blocks, start=1):
        held += block.parameters
        if 2 * held >= parameters(network):
            return tuple(blocks[:number])
    return tuple(blocks)


def batch(network: LoadedNetwork) -> int | None:
    """Batch size of one call by the pipeline: 2 if guidance puts both prompts into one call."""
    pipeline = network.record.pipeline
    latent = latent_of(pipeline.inputs) if pipeline else None
    return latent.shape[0] if latent and latent.shape else None


def calls(network: LoadedNetwork) -> int | None:
    """Calls of the denoiser in one guided step of the pipeline; None without a forward pass."""
    return calls_of(network.record) if network.record.pipeline else None


def calls_of(record: Architecture) -> int:
    """2 where the pipeline calls its denoiser once for each of two prompts, else 1."""
    return 2 if record.defaults and record.defaults.guidance == "two_calls" else 1


def guides_with_negative(record: Architecture) -> bool:
    """Whether its pipeline makes the second call only if it is given a negative prompt."""
    return bool(record.defaults and record.defaults.pipeline_class in GUIDED_WITH_NEGATIVE)


def flops(network: LoadedNetwork) -> int | None:
    """FLOPs of all calls in one guided step of the pipeline; None without a forward pass."""
    return flops_of(network.record)


def flops_of(record: Architecture) -> int | None:
    """The same of a record."""
    return record.pipeline.flops * calls_of(record) if record.pipeline else None


def flops_per_sample(network: LoadedNetwork) -> float | None:
    """FLOPs of one call by the pipeline, divided by its batch size."""
    pipeline, samples = network.record.pipeline, batch(network)
    return pipeline.flops / samples if pipeline and samples else None


def flops_per_parameter(network: LoadedNetwork) -> float | None:
    """FLOPs per parameter, for one sample in one call."""
    cost = flops_per_sample(network)
    return cost / parameters(network) if cost and parameters(network) else None


def latent_of(inputs: dict[str, TensorSpec]) -> TensorSpec | None:
    """The denoiser's input for the latent image."""
    return next(_of_batch(inputs, LATENTS), None)


def text_tokens(inputs: dict[str, TensorSpec]) -> int | None:
    """Number of text tokens in the denoiser's inputs, summed over the text encoders."""
    lengths = [spec.shape[1] for spec in _of_batch(inputs, TEXTS)]
    return sum(lengths) if lengths else None


def _of_batch(inputs: dict[str, TensorSpec], names: Sequence[str]) -> Iterator[TensorSpec]:
    """The inputs of these names that have a batch and more; a list with one tensor per sample
    (`x.0`, `x.1`) as if stacked."""
    for name in names:
        each = [spec for key, spec in inputs.items() if key.rpartition(".")[0] == name]
        spec = inputs.get(name)
        if spec is None and each:
            spec = TensorSpec(shape=(len(each), *each[0].shape), dtype=each[0].dtype)
        if spec and len(spec.shape) > 1:
            yield spec


def weights_bytes(network: LoadedNetwork) -> int:
    """Size of the weights in float16, in bytes."""
    return parameters(network) * FLOAT16_BYTES


def unseen_by_torchinfo(network: LoadedNetwork) -> int:
    """Number of parameters omitted from torchinfo's parameter size; 0 without a forward pass."""
    if not network.record.published:
        return 0
    seen = round(network.record.published.params_mb * 1e6 / FLOAT16_BYTES)
    return network.record.parameters.torchinfo - seen
