"""Checkpoints: weight files and their contents."""

from collections import Counter
from collections.abc import Sequence
from typing import Literal

from generator.records.anomalies import Anomaly, ShapeDifference
from generator.records.base import Count, Int32, Record, ResultRecord, Share
from generator.records.checks import all_different, require
from generator.records.reasons import Reason

# AUTOMATIC1111's first hash (AutoV1) covers only this window: 64 KiB from 1 MiB on.
AUTOV1_START, AUTOV1_SIZE = 0x100000, 0x10000


def autov1_bytes(size: int) -> int:
    """Number of bytes that AutoV1 hashes in a file of `size` bytes (0 below 1 MiB)."""
    return min(max(size - AUTOV1_START, 0), AUTOV1_SIZE)


# Names of plain types in GGUF files, whose every type is named.
GGUF_NAMES = {"float32": "F32", "float16": "F16", "bfloat16": "BF16", "float64": "F64"}


def gguf_name(dtype: str) -> str:
    """The name that GGUF gives to a plain dtype."""
    return GGUF_NAMES.get(dtype, dtype)


class Figures(Record):
    """Euclidean norm, mean, population standard deviation and extremes of one tensor.

    All are None for an empty tensor, or if a value is NaN or infinite; these values are counted.
    `fraction_bits` is the number of stored significand bits in use: 10 for a float32 tensor that
    was once float16; None for integers.
    """

    norm: float | None
    mean: float | None
    std: float | None
    minimum: float | None
    maximum: float | None
    nans: Count
    infinities: Count
    fraction_bits: Int32 | None


class TensorRow(Record):
    """One weight of a checkpoint under its canonical key: a row of `ID.tensors.parquet`.

    `source` is the key of its tensor in the file; `form` is how the file stores the values (`same`,
    `swapped`, `flipped`). `is_weight` is false for counters, tables, tied copies and unused layers.
    `blake3` is the hash of the values in canonical order, little-endian. `blake3` and `figures` are
    None if only the header was read, and for dtypes that are not measured. `quantisation` is the
    format of a quantised weight (`q4_k`, `fp8_scaled`), whose values have `dtype`; else empty.
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
    quantisation: str
    blake3: str | None
    figures: Figures | None


class WeightFileRecord(Record):
    """One file of a checkpoint. Hashes are None if only its header was read.

    The short hashes are those of web UIs. `autov1`: the first 8 digits of the SHA-256 of the 64 KiB
    from byte 1,048,576 on; different files can share it. `autov2`: the first 10 digits of `sha256`.
    `autov3`: the first 12 digits of the SHA-256 of a safetensors file without its header, unchanged
    by edits of the metadata; None for pickles.
    """

    name: str
    size: Count
    format: str
    sha256: str | None
    autov1: str | None
    autov2: str | None
    autov3: str | None


class CheckpointBlock(Record):
    """One block of a component; `REST` is everything outside the blocks. `norm`: see `Figures`."""

    name: str
    parameters: Count
    norm: float | None


class CheckpointComponent(Record):
    """One component: its layout and its network.

    `network` is empty unless the keys are exactly those of `nearest`; the first 50 `missing` and
    `extra` keys are listed, and all are counted; of a network that is known by a few of its keys,
    those are missing that a block lacks and nearly all others have. `differences` are shapes that
    differ from the network's. `similarity` is the share of names that are equal in the nearest
    network and here.
    `parameters`, `dtypes` (parameters by dtype or quantisation) and `blocks` count only weights.
    `blake3` is one digest over name, dtype, shape and values of every weight: equal for the same
    component in any layout or file. `blake3_float16` and `blake3_bfloat16` are digests over name,
    shape and values rounded to that format: equal for a component and its half-precision copy; None
    if a weight has another format of 16 bits or fewer, or is not finite. `norm`: see `Figures`.
    """

    name: str
    layout: str
    network: str
    nearest: str
    similarity: Share
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


class AdapterBlock(Record):
    """Changes that an adapter makes in one block of a component: their number, and the Euclidean
    norm of all together (None if one is not read from the adapter alone)."""

    component: str
    block: str
    changes: Count
    norm: float | None


# Algorithms whose changes are known only with the weights that they change.
RELATIVE = frozenset({"dora", "ia3", "oft", "glora", "vera"})


class Adapter(Record):
    """A file that changes another network, or the words that it reads.

    `algorithm` is `lora`, `locon`, `loha`, `lokr`, `dora`, `ia3`, `oft`, `glora`, `full` (whole
    differences) or `textual inversion`. `rank` and `alpha` hold every value that occurs, ascending;
    `alpha` is that of the tensors, or of PEFT's configuration in the metadata; empty if there is
    none or the tensors were not read. `targets` are the kinds of modules changed in the denoiser,
    `encoders` the text encoders; `vectors` is the number of vectors of a textual inversion.
    `sizes` are those of the checkpoint's `base_model` (`14B`) that the changes fit, if it has
    several. `also_fits` are networks beside it that have the same modules: which of them it is made
    for is not known. `norm` is that of all changes, with alpha applied, and `blocks` those of the
    blocks; None and empty if only the header was read.
    """

    algorithm: str
    rank: tuple[Count, ...] = ()
    alpha: tuple[float, ...] = ()
    targets: tuple[str, ...] = ()
    encoders: tuple[str, ...] = ()
    vectors: Count | None = None
    also_fits: tuple[str, ...] = ()
    sizes: tuple[str, ...] = ()
    norm: float | None = None
    blocks: tuple[AdapterBlock, ...] = ()

    @property
    def norm_reason(self) -> str:
        """Why there is no norm: `needs_weights` or `not_read`; empty if there is one, or if only
        the header was read."""
        if self.norm is not None or not self.blocks:
            return ""
        return "needs_weights" if self.algorithm in RELATIVE else "not_read"


class MetadataEntry(Record):
    """One metadata entry of a file, unverified; `text` is its start, `length` its full length."""

    group: str
    key: str
    text: str
    length: Count


class LeftOutFile(Record):
    """A file of a folder that was not read: `another_copy` of a component already read, a
    `second_denoiser`, of `no_component` of the model, or `beside_folders` of components."""

    name: str
    reason: Literal["another_copy", "second_denoiser", "no_component", "beside_folders"]


class Checkpoint(ResultRecord):
    """A weight file, sharded set or diffusers folder, and its contents.

    `kind` is that of the file: `checkpoint`, `vae`, `text encoder`, `lora` (any adapter of the
    weights), `embedding`, `controlnet`, `t2i adapter`, `ip adapter`, `layout adapter`, `text
    adapter`, `motion module`, `image encoder`, `audio encoder`, `upscaler`, `frame interpolator`,
    `inpainter`, `detector`, `face restorer`; empty if unknown.
    `architecture` is the denoiser's network: `unknown` for an unknown network (`nearest` is then
    the most similar one, if one is near), empty without a denoiser. `base_model` is the network
    that an adapter is made for.
    `prediction_type` (`v`, `edm`) is told by tensors of the file; `variants` are codes
    (`inpainting`). `quantisation` lists the formats of weights that are not plain floats of 16 bits
    or more; of a GGUF file, all types. `prefixes` were taken off the names. `missing` are
    components that have to come from elsewhere. `measured`: the values were read, not only the
    headers. Beside it: `ID.tensors.parquet`, one `TensorRow` per row; `files` holds its SHA-256.
    """

    name: str
    kind: str
    architecture: str
    nearest: str
    base_model: str
    prediction_type: str
    variants: tuple[str, ...]
    quantisation: tuple[str, ...]
    prefixes: tuple[str, ...]
    missing: tuple[str, ...]
    adapter: Adapter | None
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
    left_out: tuple[LeftOutFile, ...]
    measured: bool
    schema: Literal[3] = 3

    def check(self) -> None:
        """See `ResultRecord`."""
        parts = self.components
        all_different([part.name for part in parts], "components")
        require(self.size == sum(one.size for one in self.sources), "size is not that of sources")
        counts = [("the checkpoint", self.dtypes, self.parameters)]
        counts += [(part.name, part.dtypes, part.parameters) for part in parts]
        for name, dtypes, parameters in counts:
            counted = sum(dtypes.values())
            require(counted == parameters, f"dtypes of {name} do not sum to its parameters")
        total = sum(part.parameters for part in parts)
        require(total == self.parameters, "parameters is not the sum of the components'")
        for part in parts:
            total = sum(block.parameters for block in part.blocks)
            require(total == part.parameters, f"blocks of {part.name} do not sum to its parameters")
            all_different([block.name for block in part.blocks], f"blocks of {part.name}")
            for key in ("missing", "extra"):
                listed, count = getattr(part, key), getattr(part, f"{key}_count")
                require(len(listed) <= count, f"{key}_count of {part.name} is less than are listed")

    def check_rows(self, rows: Sequence[TensorRow]) -> None:
        """Raise `ValueError` if the rows of the table do not match the record."""
        counts = Counter(row.component for row in rows)
        # One tensor of the file can hold several weights, each with a separate row.
        told = {part.name: part.tensors for part in self.components if part.tensors}
        require(counts == told, "it has not the rows of the record's components")


class RefusedCheckpoint(Record):
    """A checkpoint of the catalogue that was refused: its file name and the reason."""

    name: str
    reason: Reason


class RefusedCheckpoints(ResultRecord):
    """All checkpoints that the last run refused: `refused.json` beside the checkpoints' records."""

    checkpoints: tuple[RefusedCheckpoint, ...]
    id: str = "refused"
    schema: Literal[2] = 2
