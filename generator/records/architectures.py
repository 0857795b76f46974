"""Architectures: networks measured without weights."""

from collections.abc import Sequence
from typing import Any, Literal

from generator.records.base import Count, Megabytes, Record, ResultRecord
from generator.records.checks import all_different, all_in, require
from generator.records.origins import Claim, License, Origin
from generator.records.reasons import Reason

Modality = Literal["image", "video", "audio"]
# How a pipeline applies guidance: not at all; as an input of the network; with both prompts (or
# both prompts and the image) in one call; with one call per prompt.
Guidance = Literal["none", "embedded", "batch_doubled", "batch_tripled", "two_calls"]


class TensorSpec(Record):
    """Shape and dtype (torch's name, without the `torch.` prefix) of one tensor."""

    shape: tuple[Count, ...]
    dtype: str


class ParameterCounts(Record):
    """Number of parameters of one network, counted in four ways.

    `torchinfo_shared_activations` is torchinfo's count with activations shared as in diffusers
    before 0.33, which the published table used.
    """

    diffusers: Count
    torch: Count
    torchinfo: Count
    torchinfo_shared_activations: Count


class Block(Record):
    """One MBW block, or `REST`: its module paths in the network and its number of parameters."""

    name: str
    modules: tuple[str, ...]
    parameters: Count


class BlockTable(Record):
    """The MBW blocks in order, then `REST`; `count` excludes `REST`.

    The parameters of all entries sum to `ParameterCounts.diffusers`.
    """

    count: Count
    blocks: tuple[Block, ...]


class PublishedInputs(Record):
    """torchinfo's figures for one forward pass, in float16: at the inputs of the published table
    where the catalogue gives their `sizes`, else at the pipeline's inputs.

    Sizes are decimal megabytes (10^6 bytes), as torchinfo prints them; `total_gb` is their sum
    divided by 1024, the unit of the published table. `mult_adds` is torchinfo's figure; `flops` is
    from torch's FLOP counter at the same inputs.
    """

    inputs: dict[str, TensorSpec]
    input_mb: Megabytes
    forward_backward_mb: Megabytes
    params_mb: Megabytes
    total_gb: Megabytes
    mult_adds: Count
    flops: Count


class PipelineInputs(Record):
    """Inputs that the diffusers pipeline passes to the denoiser in one call, at default size.

    `height` and `width` are in pixels, null where there is no picture; `flops` is the cost of that
    call by torch's FLOP counter (a multiply-add counts as two operations). A batch of 2 means
    classifier-free guidance.
    """

    pipeline_class: str
    inputs: dict[str, TensorSpec]
    height: Count | None
    width: Count | None
    flops: Count


class PipelineSettings(Record):
    """What one call of a pipeline depends on; null is not given, or does not apply.

    `height` and `width` are in pixels; `frames` is the length of a video, `seconds` that of audio.
    `vae_factor` is the number of pixels (or samples of audio) per latent
    along one side, `time_factor` the number of frames per latent frame.
    """

    height: Count | None = None
    width: Count | None = None
    frames: Count | None = None
    seconds: float | None = None
    steps: Count | None = None
    guidance: Guidance | None = None
    text_tokens: Count | None = None
    latent_channels: Count | None = None
    vae_factor: float | None = None
    time_factor: Count | None = None

    def given(self) -> dict[str, Any]:
        """The settings that are not null, by name."""
        settings = {name: getattr(self, name) for name in PipelineSettings.__struct_fields__}
        return {name: value for name, value in settings.items() if value is not None}


class PipelineDefaults(PipelineSettings):
    """What the diffusers pipeline does unless told otherwise: defaults, not recommendations."""

    pipeline_class: str


ComponentRole = Literal[
    "text_encoder",
    "text_encoder_2",
    "text_encoder_3",
    "text_encoder_4",
    "image_encoder",
    "vae",
]


class NetworkComponent(Record):
    """A network that a pipeline loads beside the denoiser: its role, and the id of its record."""

    id: str
    role: ComponentRole


DiagramName = Literal["schematic", "trace-depth1", "trace-depth2"]


class Diagram(Record):
    """One diagram of a network; `name` is the part of its file names between id and suffix."""

    name: DiagramName
    nodes: Count


class ParameterRow(Record):
    """One parameter tensor of a network: a row of `ID.parameters.csv`.

    `shape` is the sizes joined by `x`, empty for a scalar.
    """

    name: str
    block: str
    kind: str
    shape: str
    parameters: Count


class Architecture(ResultRecord):
    """A denoiser class with its config, measured without weights.

    `ignored_keys` are keys of the config that its class does not have. `published` and `pipeline`
    are null if the forward pass cannot be made without weights; `no_forward` has the reason.
    `no_trace` says why there is no trace among the `diagrams`.
    `defaults` is null for a class whose pipeline is unknown.

    Files beside it: `ID.parameters.csv` (one row per parameter tensor), `ID.torchinfo.txt`, and an
    SVG and a DOT file per diagram; `files` holds their SHA-256.
    """

    name: str
    repo: str
    family: str
    class_name: str
    modality: Modality | None = None
    year: Count | None = None
    year_source: str = ""
    license: License | None = None
    claim: Claim | None = None
    origin: Origin | None = None
    note: str = ""
    config: dict[str, Any]
    ignored_keys: tuple[str, ...] = ()
    parameters: ParameterCounts
    mbw: BlockTable
    published: PublishedInputs | None
    pipeline: PipelineInputs | None
    no_forward: Reason | None = None
    defaults: PipelineDefaults | None = None
    components: tuple[NetworkComponent, ...] = ()
    diagrams: tuple[Diagram, ...]
    no_trace: Reason | None = None
    versions: dict[str, str]
    schema: Literal[5] = 5

    def check(self) -> None:
        """See `ResultRecord`."""
        blocks = self.mbw.blocks
        all_different([block.name for block in blocks], "mbw.blocks")
        require(self.mbw.count == len(blocks) - 1, "mbw.count is not the number of blocks")
        total = sum(block.parameters for block in blocks)
        require(total == self.parameters.diffusers, "the blocks do not sum to parameters.diffusers")
        has_forward = self.no_forward is None
        require(has_forward == (self.published is not None), "published, without a reason")
        require(has_forward == (self.pipeline is not None), "pipeline, without a reason")
        all_different([component.role for component in self.components], "components")
        all_different([diagram.name for diagram in self.diagrams], "diagrams")
        drawn = [f"{self.id}.{diagram.name}.svg" for diagram in self.diagrams]
        all_in(drawn, self.files, "diagrams")

    def check_rows(self, rows: Sequence[ParameterRow]) -> None:
        """Raise `ValueError` if the rows of the table do not match the record."""
        sums: dict[str, int] = {}
        for row in rows:
            sums[row.block] = sums.get(row.block, 0) + row.parameters
        told = {block.name: block.parameters for block in self.mbw.blocks if block.parameters}
        require(
            {name: n for name, n in sums.items() if n} == told, "its blocks are not the record's"
        )
