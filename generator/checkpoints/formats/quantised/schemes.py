"""Tensors of a file -> the same with each quantised weight as one tensor, its scales inside it.

Names follow comfy/quant_ops.py and comfy/utils.py of ComfyUI, bitsandbytes
(`functional.QuantState.as_dict`, `nn.Int8Params`), optimum-quanto, AutoGPTQ and nunchaku.
"""

import math
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from generator.checkpoints.formats.dtypes import BY_NAME, FLOAT8_VALUES, is_float
from generator.checkpoints.formats.index import Tensor
from generator.checkpoints.formats.quantised.bitsandbytes import BNB_STATE, pack_halves
from generator.checkpoints.formats.quantised.notes import layers_of, note_of
from generator.checkpoints.formats.quantised.nvfp4 import NVFP4, nvfp4_codes
from generator.checkpoints.formats.quantised.packed import packed, part_of
from generator.checkpoints.formats.quantised.packing import CODE_VALUES, ByteCodes, Fetch


class Spelling(NamedTuple):
    """A weight `stem + weight` whose scales are `stem + scale`; its name becomes `stem + becomes`.

    The values are not read if the layout is not `known`, or if there is one of `unread`: tensors
    without which the values cannot be known. `beside` says nothing about them.
    """

    weight: str
    scale: str
    format: str = ""
    becomes: str = ".weight"
    unread: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    known: bool = True


ACTIVATIONS = (".scale_input", ".input_scale", ".output_scale", ".comfy_quant", ".weight_format")
SMOOTHING = (".smooth", ".smooth_orig", ".smooth_factor", ".smooth_factor_orig")
BNB_REST = (".weight.quant_map", ".weight.nested_absmax", ".weight.nested_quant_map")
LOW_RANK = (".proj_up", ".proj_down", ".lora_up", ".lora_down")
# The inputs are scaled before: the stored values are not the whole of the weight.
PRE_SCALE = ".pre_quant_scale"
# Parts of comfy_kitchen's SVDQuant, AWQ and W4A8.
KITCHEN_PARTS = (
    "proj_down",
    "proj_up",
    "smooth_factor",
    "zeros",
    "s_channel",
    "correction",
    "codebook",
)
SPELLINGS = (
    Spelling(".weight", ".scale_weight", beside=ACTIVATIONS),
    # Scales of scales: NVFP4. Zero points: compressed-tensors.
    Spelling(
        ".weight",
        ".weight_scale",
        unread=(
            ".weight_scale_2",
            ".weight_zero_point",
            PRE_SCALE,
            *(f".weight_{part}" for part in KITCHEN_PARTS),
        ),
        beside=ACTIVATIONS,
    ),
    Spelling(
        ".weight_packed",
        ".weight_scale",
        "compressed",
        unread=(".weight_shape", ".weight_zero_point", ".weight_g_idx", ".weight_global_scale"),
        beside=(*ACTIVATIONS, ".input_global_scale"),
        known=False,
    ),
    # torchao's tensors, flattened for safetensors.
    Spelling("._weight_qdata", "._weight_scale", unread=("._weight_zero_point",)),
    Spelling(".weight:qdata", ".weight:scale", unread=(".weight:zero_point",)),
    Spelling(".weight", ".weight_scale_inv", beside=ACTIVATIONS),
    Spelling(".weight", ".SCB", "int8", beside=ACTIVATIONS),
    Spelling(".weight._data", ".weight._scale", unread=(".weight._shift",), beside=ACTIVATIONS),
    Spelling(
        ".weight._data._data", ".weight._scale", "quanto", unread=(".weight._shift",), known=False
    ),
    # SVDQuant of nunchaku: 4-bit codes beside a low-rank part, in the order of a GPU kernel; of
    # modulations, with zero points.
    Spelling(
        ".qweight",
        ".wscales",
        "svdquant",
        unread=(*SMOOTHING, *LOW_RANK, ".wtscale", ".wcscales", ".wzeros"),
    ),
    # Zero points and orders of groups: GPTQ and AWQ.
    Spelling(".qweight", ".scales", "gptq", unread=(".qzeros", ".g_idx")),
    Spelling(".W_q", ".scale", "hqq", unread=(".zero", ".meta"), known=False),
    # Of SD.Next, a factor; of others, the reciprocal.
    Spelling(".weight", ".scale", unread=(".zero_point", ".svd_up", ".svd_down"), known=False),
    # bitsandbytes, of which the state is lost.
    Spelling(".weight", ".weight.absmax", "bnb_4bit", unread=BNB_REST, known=False),
)
SCALES = tuple(spelling.scale for spelling in SPELLINGS)
# An empty tensor that says: the float8 weights of this network have scales.
MARKER = "scaled_fp8"
# Formats of ComfyUI that are codes times scales, and options that do not change the values.
PLAIN_FORMATS = {"float8_e4m3fn", "float8_e5m2", "int8_tensorwise"}
HARMLESS = {"format", "full_precision_matrix_mult", "full_precision_mm"}
# Names of a quantisation by the dtype of its codes.
FORMATS = {"float8_e4m3fn": "fp8_scaled", "float8_e5m2": "fp8_scaled", "int8": "int8"}
# Formats of two values per byte that are not read.
HALF_BYTES = {
    "svdquant",
    "gptq",
    "nvfp4",
    "mxfp4",
    "compressed",
    "quanto",
    "hqq",
    "bnb_4bit",
    "torchao_int4",
    "svdquant_w4a4",
    "awq_w4a16",
    "convrot_w4a4",
    "asym_w4a8_int8",
}
# Its matrices have a column for each output, as its scales have.
TRANSPOSED = "gptq"
# Scales that are powers of two, one for 32 values: the formats of the Open Compute Project.
POWERS = ("float8_e8m0fnu", "uint8")
# Sides of a square block with one scale, as DeepSeek's float8 has them.
SQUARE = 128
# Lengths of a run of columns with one scale.
RUNS = (16, 32, 64, 128, 256)


def pack_tensors(
    tensors: Iterable[Tensor], metadata: Mapping[str, str], fetch: Fetch, subject: str
) -> list[Tensor]:
    """`tensors` with every quantised weight packed; its scales and notes are part of it.

    Raises:
        CheckpointError: a weight and its scales contradict each other.
    """
    named = {tensor.name: tensor for tensor in tensors}
    packed: dict[str, Tensor] = {}
    used: set[str] = set()
    layers = layers_of(metadata)
    for name in named:
        if BNB_STATE in name:
            weight, parts = pack_halves(name, named, fetch, subject)
            packed[weight.name] = weight
            used |= parts
        elif name.replace("/", ".").rpartition(".")[2] == MARKER:
            used.add(name)
    scales = [name for name in named if name.endswith(SCALES)]
    for spelling in SPELLINGS:
        for name in [name for name in scales if name.endswith(spelling.scale)]:
            stem = name.removesuffix(spelling.scale)
            if (
                stem + spelling.weight not in named
                or stem + spelling.weight in used | packed.keys()
            ):
                continue
            if not spelling.known and _is_wide(named[stem + spelling.weight]):
                continue
            weight = _pack_bytes(spelling, stem, named, layers, fetch)
            packed[stem + spelling.weight] = weight
            used |= {name} | {stem + each for each in (*spelling.unread, *spelling.beside)}
    return [packed.get(name, tensor) for name, tensor in named.items() if name not in used]


def _is_wide(tensor: Tensor) -> bool:
    """Whether a tensor holds values of 16 bits or more, and no codes."""
    return is_float(tensor.dtype) and tensor.dtype not in FLOAT8_VALUES


def _pack_bytes(
    spelling: Spelling,
    stem: str,
    named: Mapping[str, Tensor],
    layers: Mapping[str, dict[str, object]],
    fetch: Fetch,
) -> Tensor:
    tensor, scale = named[stem + spelling.weight], named[stem + spelling.scale]
    note = note_of(stem, named, layers, fetch)
    format_ = spelling.format or FORMATS.get(tensor.dtype, "")
    plain = spelling.known and not any(stem + each in named for each in spelling.unread)
    plain = plain and (
        not note or (note.get("format") in PLAIN_FORMATS and note.keys() <= HARMLESS)
    )
    is_nvfp4 = note.get("format") == NVFP4 and note.keys() <= HARMLESS
    if is_nvfp4 and stem + PRE_SCALE not in named:
        halves = nvfp4_codes(tensor, scale, named.get(f"{stem}.weight_scale_2"))
        if halves:
            name, sides = stem + spelling.becomes, (tensor.shape[0], halves.columns)
            return packed(tensor, name, sides, NVFP4, NVFP4, halves, values=2)
    grid = _grid(tensor.shape, scale.shape)
    if plain and grid and tensor.dtype in CODE_VALUES and is_float(scale.dtype):
        codes = ByteCodes(
            dtype=tensor.dtype,
            columns=math.prod(tensor.shape[1:]) or 1,
            down=grid[0],
            across=grid[1],
            scales=part_of(scale),
            steps=spelling.scale == ".SCB",
        )
        return packed(tensor, stem + spelling.becomes, tensor.shape, format_, "bytes", codes)
    named_format = str(note.get("format", "")) if note else ""
    format_ = named_format or _unread_format(spelling, tensor, scale, format_)
    shape = tensor.shape
    if format_ in HALF_BYTES and shape:
        shape = (*shape[:-1], shape[-1] * max(BY_NAME[tensor.dtype].bits // 4, 1))
    if format_ == TRANSPOSED and scale.shape and scale.shape[-1]:
        shape = (scale.shape[-1], math.prod(shape) // scale.shape[-1])
    return packed(tensor, stem + spelling.becomes, shape, format_[:40], "", None)


def _unread_format(spelling: Spelling, tensor: Tensor, scale: Tensor, known: str) -> str:
    """The name of a format that is not read, by the dtypes of its codes and scales."""
    if spelling.format:
        return spelling.format
    if scale.dtype in POWERS and tensor.dtype in FLOAT8_VALUES:
        return "mxfp8"
    if scale.dtype in POWERS and tensor.dtype == "uint8":
        return "mxfp4"
    if tensor.dtype == "uint8" and scale.dtype in FLOAT8_VALUES:
        return "nvfp4"
    halves = spelling.weight == "._weight_qdata" and tensor.dtype in ("uint8", "int32")
    return "torchao_int4" if halves else known or "unknown"


def _grid(shape: tuple[int, ...], scales: tuple[int, ...]) -> tuple[int, int] | None:
    """Rows and columns with one scale; None if the shapes do not say it.

    Behind the first dimension, all are columns.
    """
    rows, columns = shape[0] if shape else 1, math.prod(shape[1:])
    while len(scales) > 2 and scales[-1] == 1:
        scales = scales[:-1]
    if len(scales) > 2:
        return None
    down = _run(rows, scales[0] if scales else 1)
    across = _run(columns, scales[1] if len(scales) > 1 else 1)
    return (down, across) if down and across else None


def _run(size: int, scales: int) -> int:
    """How many of `size` places share one of `scales` scales; 0 if that is not known."""
    if scales == 1:
        return max(size, 1)
    if -(-size // SQUARE) == scales and size != scales:
        return SQUARE
    whole = size % scales == 0 if scales else False
    return size // scales if whole and size // scales in (1, *RUNS) else 0
