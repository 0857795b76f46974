"""Checkpoints: weight files and what they hold."""

from typing import Literal

from generator.records.anomalies import Anomaly, ShapeDifference
from generator.records.base import Count, Record, ResultRecord
from generator.records.reasons import Reason


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
    nans: Count
    infinities: Count
    fraction_bits: Count | None


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
    shape: tuple[Count, ...]
    nbytes: Count
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
    size: Count
    format: str
    sha256: str | None
    autov1: str | None
    autov2: str | None
    autov3: str | None


class CheckpointBlock(Record, frozen=True, kw_only=True):
    """One block of a component; `BASE` is what lies outside all. `norm` as in `Figures`."""

    name: str
    parameters: Count
    norm: float | None


class CheckpointComponent(Record, frozen=True, kw_only=True):
    """One component: its layout, and which network it is.

    `network` is empty unless the names of the weights are exactly those of `nearest`; of the
    `missing` and `extra` ones the first few are listed, all are counted. `differences` are shapes
    that are not the network's. `parameters`, `dtypes` (parameters by dtype) and `blocks` count
    weights alone. `blake3` is one digest over name, dtype, shape and values of every weight: equal
    for the same component in any layout or file. `blake3_float16` and `blake3_bfloat16` are the
    same over name, shape and values rounded to that format: equal for a component and its copy in
    half precision; None where a weight is of another format of 16 bits or fewer, or was to be
    rounded and is not finite. `norm` as in `Figures`.
    """

    name: str
    layout: str
    network: str
    nearest: str
    missing: tuple[str, ...]
    missing_count: Count
    extra: tuple[str, ...]
    extra_count: Count
    differences: tuple[ShapeDifference, ...]
    tensors: Count
    parameters: Count
    nbytes: Count
    dtypes: dict[str, Count]
    blocks: tuple[CheckpointBlock, ...]
    blake3: str | None
    blake3_float16: str | None = None
    blake3_bfloat16: str | None = None
    norm: float | None


class MetadataEntry(Record, frozen=True, kw_only=True):
    """What a file says about itself: unchecked, and cut to its first `len(text)` characters."""

    group: str
    key: str
    text: str
    length: Count


class Checkpoint(ResultRecord, frozen=True, kw_only=True):
    """A weight file, sharded set or diffusers folder, and what it holds.

    `architecture` is the denoiser's network, `unknown` if it is none of the known ones (`nearest`
    is the most similar), and empty if there is no denoiser; `file_kind` then says what the file is
    where that is known (`LoRA`). `measured` tells whether the values were read, or the headers
    alone. Beside it lies `ID.tensors.parquet`, one `TensorRow` per row; `files` holds its SHA-256.
    """

    name: str
    architecture: str
    nearest: str
    file_kind: str
    format: str
    size: Count
    tensors: Count
    parameters: Count
    dtypes: dict[str, Count]
    sources: tuple[WeightFileRecord, ...]
    components: tuple[CheckpointComponent, ...]
    anomalies: tuple[Anomaly, ...]
    metadata: tuple[MetadataEntry, ...]
    training: dict[str, str]
    left_out: tuple[str, ...]
    measured: bool
    schema: Literal[2] = 2


class RefusedCheckpoint(Record, frozen=True, kw_only=True):
    """A checkpoint of the catalogue that could not be read: its file's name, and why."""

    name: str
    reason: Reason


class RefusedCheckpoints(ResultRecord, frozen=True, kw_only=True):
    """All checkpoints that the last run refused: `refused.json` among the checkpoints' records."""

    checkpoints: tuple[RefusedCheckpoint, ...]
    id: str = "refused"
    schema: Literal[2] = 2
