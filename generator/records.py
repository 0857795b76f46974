"""Everything stored in `data/`, as frozen typed records.

The field names are promises: other programs read these files. A record's `schema` grows whenever a
field changes its meaning; a record of another schema is measured again, never guessed at.
"""

from typing import Any, Literal

import msgspec


class Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of all records: immutable, keyword-only, refusing fields it does not know."""


class TensorSpec(Record, frozen=True, kw_only=True):
    """Shape and dtype (torch's name, without the `torch.` prefix) of one tensor."""

    shape: tuple[int, ...]
    dtype: str


class ParameterCounts(Record, frozen=True, kw_only=True):
    """Number of parameters of one network, counted four ways.

    `torchinfo_shared_activations` repeats torchinfo's count with the activations shared as
    diffusers before 0.33 shared them, the way the published table was made.
    """

    diffusers: int
    torch: int
    torchinfo: int
    torchinfo_shared_activations: int


class Block(Record, frozen=True, kw_only=True):
    """One MBW block, or `BASE`: its module paths in the network and the parameters in them."""

    name: str
    modules: tuple[str, ...]
    parameters: int


class BlockTable(Record, frozen=True, kw_only=True):
    """The MBW blocks in order, then `BASE`; `count` leaves `BASE` out.

    The parameters of all entries sum to `ParameterCounts.diffusers`.
    """

    count: int
    blocks: tuple[Block, ...]


class PublishedInputs(Record, frozen=True, kw_only=True):
    """What torchinfo says of one forward pass at the inputs of the published table, in float16.

    Sizes are decimal megabytes (10^6 bytes) as torchinfo prints them; `total_gb` is their sum
    divided by 1024, the unit of the published table. `mult_adds` is torchinfo's own figure, `flops`
    that of torch's FLOP counter at the same inputs.
    """

    inputs: dict[str, TensorSpec]
    input_mb: float
    forward_backward_mb: float
    params_mb: float
    total_gb: float
    mult_adds: int
    flops: int


class PipelineInputs(Record, frozen=True, kw_only=True):
    """What the diffusers pipeline hands to the denoiser in one step at the default image size.

    `height` and `width` in pixels; `flops` of that one call by torch's FLOP counter, where one
    multiply-add is two operations. A leading batch of 2 is classifier-free guidance.
    """

    pipeline_class: str
    inputs: dict[str, TensorSpec]
    height: int
    width: int
    flops: int


class Diagram(Record, frozen=True, kw_only=True):
    """One drawing of a network; `name` is the part of the file names between id and suffix."""

    name: str
    title: str
    description: str
    nodes: int


class Architecture(Record, frozen=True, kw_only=True):
    """A denoiser class with its config, measured without weights.

    Beside it lie `ID.parameters.csv` (one row per parameter tensor), `ID.torchinfo.txt`, and an
    SVG and a DOT file per diagram; `files` holds their SHA-256.
    """

    id: str
    name: str
    repo: str
    family: str
    class_name: str
    config: dict[str, Any]
    parameters: ParameterCounts
    mbw: BlockTable
    published: PublishedInputs
    pipeline: PipelineInputs
    diagrams: tuple[Diagram, ...]
    versions: dict[str, str]
    schema: Literal[1] = 1
    digest: str = ""
    files: dict[str, str] = {}
    checksum: str = ""


class ParameterRow(Record, frozen=True, kw_only=True):
    """One parameter tensor of a network: a row of `ID.parameters.csv`.

    `shape` is written as sizes joined by `x`; a scalar's is empty.
    """

    name: str
    block: str
    kind: str
    shape: str
    parameters: int


# Checkpoints -------------------------------------------------------------------------------------


class Figures(Record, frozen=True, kw_only=True):
    """Euclidean norm, mean, population standard deviation and extremes of one tensor.

    All None where a value is NaN or infinite (how many are, is counted), and for an empty tensor.
    `fraction_bits` is how many of the significand's stored bits any value uses: 10 in a float32
    tensor that was once float16; None for integers.
    """

    norm: float | None
    mean: float | None
    std: float | None
    minimum: float | None
    maximum: float | None
    nans: int
    infinities: int
    fraction_bits: int | None


class TensorRow(Record, frozen=True, kw_only=True):
    """One weight of a checkpoint under its canonical name: a row of `SLUG.tensors.parquet`.

    `source` is the name of the tensor that holds it in the file, `form` how (`same`, `swapped`,
    `flipped`). `is_weight` is false for counters, tables, tied copies and unused layers.
    `blake3` is that of the values in canonical order, little-endian. It and `figures` are None
    where only the header was read, or for dtypes that are not measured.
    """

    component: str
    name: str
    block: str
    kind: str
    is_weight: bool
    dtype: str
    shape: tuple[int, ...]
    nbytes: int
    source: str
    form: str
    blake3: str | None
    figures: Figures | None


class WeightFileRecord(Record, frozen=True, kw_only=True):
    """One file of a checkpoint. Hashes are None where only its header was read.

    The short hashes are those that web UIs show. `autov1`: the first 8 digits of the SHA-256 of
    the 64 KiB from byte 1,048,576 on, which many files share. `autov2`: the first 10 digits of
    `sha256`. `autov3`: the first 12 of the SHA-256 of a safetensors file without its header, so it
    stays when metadata is edited; None for pickles.
    """

    name: str
    size: int
    format: str
    sha256: str | None
    autov1: str | None
    autov2: str | None
    autov3: str | None


class CheckpointBlock(Record, frozen=True, kw_only=True):
    """One block of a component; `BASE` is what lies outside all. `norm` as in `Figures`."""

    name: str
    parameters: int
    norm: float | None


class CheckpointComponent(Record, frozen=True, kw_only=True):
    """One component: its layout, and which network it is.

    `network` is empty unless the names of the weights are exactly those of `nearest`; of the
    `missing` and `extra` ones the first few are listed, all are counted. `differences` tells shapes
    that are not the network's. `parameters`, `dtypes` (parameters by dtype) and `blocks` count
    weights alone. `blake3` is one digest over name, dtype, shape and values of every weight: equal
    for the same component in any layout or file. `norm` as in `Figures`.
    """

    name: str
    layout: str
    network: str
    nearest: str
    missing: tuple[str, ...]
    missing_count: int
    extra: tuple[str, ...]
    extra_count: int
    differences: tuple[str, ...]
    tensors: int
    parameters: int
    nbytes: int
    dtypes: dict[str, int]
    blocks: tuple[CheckpointBlock, ...]
    blake3: str | None
    norm: float | None


class Anomaly(Record, frozen=True, kw_only=True):
    """Something about a checkpoint that its user should know.

    `code` is stable, `message` one English sentence. `tensors` are the first few concerned, as the
    file calls them; `count` is how many there are.
    """

    code: str
    component: str
    message: str
    tensors: tuple[str, ...] = ()
    count: int = 0


class MetadataEntry(Record, frozen=True, kw_only=True):
    """What a file says about itself: unchecked, and cut to its first `len(text)` characters."""

    group: str
    key: str
    text: str
    length: int


class Checkpoint(Record, frozen=True, kw_only=True):
    """A weight file, sharded set or diffusers folder, and what it holds.

    `architecture` is the denoiser's network, `unknown` if it is none of the known ones (`nearest`
    is the most similar), and empty if there is no denoiser; `file_kind` then says what the file is
    where that is known (`LoRA`). `measured` tells whether the values were read, or the headers
    alone. Beside it lies `ID.tensors.parquet`, one `TensorRow` per row; `files` holds its SHA-256.
    """

    id: str
    name: str
    architecture: str
    nearest: str
    file_kind: str
    format: str
    size: int
    tensors: int
    parameters: int
    dtypes: dict[str, int]
    sources: tuple[WeightFileRecord, ...]
    components: tuple[CheckpointComponent, ...]
    anomalies: tuple[Anomaly, ...]
    metadata: tuple[MetadataEntry, ...]
    training: dict[str, str]
    left_out: tuple[str, ...]
    measured: bool
    schema: Literal[1] = 1
    digest: str = ""
    files: dict[str, str] = {}
    checksum: str = ""


class RefusedCheckpoint(Record, frozen=True, kw_only=True):
    """A checkpoint of the catalogue that could not be read: its file's name, and why."""

    name: str
    reason: str


class RefusedCheckpoints(Record, frozen=True, kw_only=True):
    """All checkpoints that the last run refused: `refused.json` among the checkpoints' records."""

    checkpoints: tuple[RefusedCheckpoint, ...]
    id: str = "refused"
    schema: Literal[1] = 1
    digest: str = ""
    files: dict[str, str] = {}
    checksum: str = ""


# N x N, row by row; None where two checkpoints cannot be compared.
Square = tuple[tuple[float | None, ...], ...]


class Excluded(Record, frozen=True, kw_only=True):
    """What of a checkpoint is not compared, and why: `COMPONENT/NAME`, or a whole component."""

    checkpoint: str
    tensor: str
    reason: str


class ComponentDistances(Record, frozen=True, kw_only=True, omit_defaults=True):
    """The metrics asked for, over all weights of a component that two checkpoints share.

    `identical`: both hold the same weights, in the same dtypes and bytes.
    """

    l2: Square | None = None
    l1: Square | None = None
    l0: Square | None = None
    cosine: Square | None = None
    identical: tuple[tuple[bool | None, ...], ...]


class BlockDistances(Record, frozen=True, kw_only=True):
    """L2 over the weights of one block that two checkpoints share."""

    l2: Square


class Matrix(Record, frozen=True, kw_only=True):
    """Distances of all `members`, in their order, by component, and by component and block.

    What could not be compared is None, and named in `excluded`.
    """

    members: tuple[str, ...]
    components: dict[str, ComponentDistances]
    blocks: dict[str, dict[str, BlockDistances]]
    excluded: tuple[Excluded, ...]


class ShapePair(Record, frozen=True, kw_only=True):
    """A weight (`COMPONENT/NAME`) whose shapes differ."""

    name: str
    a: tuple[int, ...]
    b: tuple[int, ...]


class DTypePair(Record, frozen=True, kw_only=True):
    """A weight (`COMPONENT/NAME`) whose dtypes differ."""

    name: str
    a: str
    b: str


class TensorDistance(Record, frozen=True, kw_only=True):
    """Distances of one tensor that two checkpoints hold in one shape.

    All None where they cannot be compared (`Comparison.summary` says why), `cosine` also where one
    of the two is zero. `identical`: the same dtype and bytes.
    """

    name: str
    component: str
    block: str
    kind: str
    shape: tuple[int, ...]
    l0: int | None
    l1: float | None
    l2: float | None
    cosine: float | None
    identical: bool


class DistanceSum(Record, frozen=True, kw_only=True):
    """Distances over `tensors` tensors taken as one vector of `elements` numbers.

    None where none of them could be compared. `identical`: all of them are.
    """

    tensors: int
    elements: int
    l0: int | None
    l1: float | None
    l2: float | None
    cosine: float | None
    identical: bool


class ComponentComparison(Record, frozen=True, kw_only=True):
    """A component that both checkpoints have.

    `total` is over its weights, of which `blocks`, `kinds` and `blocks_kinds` (block, then kind)
    are parts. `equal_in_float16` and `equal_in_bfloat16`: both hold the same weights, and all of
    them are equal once rounded to that format, to nearest, ties to even. `same_weights`: both hold
    the same weights in the same shapes.
    """

    total: DistanceSum
    blocks: dict[str, DistanceSum]
    kinds: dict[str, DistanceSum]
    blocks_kinds: dict[str, dict[str, DistanceSum]]
    same_weights: bool
    equal_in_float16: bool | None
    equal_in_bfloat16: bool | None


class ComparisonSummary(Record, frozen=True, kw_only=True):
    """A comparison, added up. `excluded`: the tensors that are not summed, and why."""

    components: dict[str, ComponentComparison]
    excluded: tuple[Excluded, ...]


class Comparison(Record, frozen=True, kw_only=True):
    """Two checkpoints, tensor by tensor, under canonical names.

    `shared` counts the names in both; those in one shape are in `tensors`, by component and name.
    Other names are `COMPONENT/NAME`.
    """

    a: str
    b: str
    shared: int
    only_a: tuple[str, ...]
    only_b: tuple[str, ...]
    shape_mismatch: tuple[ShapePair, ...]
    dtype_difference: tuple[DTypePair, ...]
    tensors: tuple[TensorDistance, ...]
    summary: ComparisonSummary
