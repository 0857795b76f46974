"""Tensors of a file -> the same with each quantised weight as one tensor, its scales inside it.

Names follow comfy/quant_ops.py and comfy/utils.py of ComfyUI, bitsandbytes
(`functional.QuantState.as_dict`, `nn.Int8Params`), optimum-quanto, AutoGPTQ and nunchaku.
"""

import math
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple, TypeVar

import msgspec

from generator.checkpoints.formats.dtypes import BY_NAME, FLOAT8_VALUES, is_float
from generator.checkpoints.formats.files import shown
from generator.checkpoints.formats.index import Tensor
from generator.checkpoints.formats.quantised.packing import (
    CODE_VALUES,
    VALUES,
    ByteCodes,
    Fetch,
    HalfCodes,
    Nested,
    Packing,
    Part,
)
from generator.errors import CheckpointError

Decoded = TypeVar("Decoded")
LARGEST_NOTE = 2**16


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
SPELLINGS = (
    Spelling(".weight", ".scale_weight", beside=ACTIVATIONS),
    # Scales of scales: NVFP4. Zero points: compressed-tensors.
    Spelling(
        ".weight",
        ".weight_scale",
        unread=(".weight_scale_2", ".weight_zero_point"),
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
    # SVDQuant of nunchaku: 4-bit codes beside a low-rank part, in the order of a GPU kernel.
    Spelling(
        ".qweight", ".wscales", "svdquant", unread=(*SMOOTHING, *LOW_RANK, ".wtscale", ".wcscales")
    ),
    # Zero points and orders of groups: GPTQ and AWQ.
    Spelling(".qweight", ".scales", "gptq", unread=(".qzeros", ".g_idx")),
    Spelling(".W_q", ".scale", "hqq", unread=(".zero", ".meta"), known=False),
    # Of SD.Next, a factor; of others, the reciprocal.
    Spelling(".weight", ".scale", unread=(".zero_point", ".svd_up", ".svd_down"), known=False),
    # bitsandbytes, of which the state is lost.
    Spelling(".weight", ".weight.absmax", "bnb_4bit", unread=BNB_REST, known=False),
)
# An empty tensor that says: the float8 weights of this network have scales.
MARKER = "scaled_fp8"
BNB_STATE = ".quant_state.bitsandbytes__"
BNB_PARTS = (".absmax", ".quant_map", ".nested_absmax", ".nested_quant_map")
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
}
# Scales that are powers of two, one for 32 values: the formats of the Open Compute Project.
POWERS = ("float8_e8m0fnu", "uint8")
# Sides of a square block with one scale, as DeepSeek's float8 has them.
SQUARE = 128
# Lengths of a run of columns with one scale.
RUNS = (16, 32, 64, 128, 256)


class BnbState(msgspec.Struct, frozen=True):
    """What bitsandbytes writes as JSON beside a weight of 4 bits."""

    quant_type: str
    blocksize: int
    shape: tuple[int, ...]
    nested_blocksize: int = 0
    nested_offset: float = 0.0


class QuantNote(msgspec.Struct, frozen=True):
    """The format of one layer, in `.comfy_quant` or in the file's metadata."""

    format: str = ""


class QuantNotes(msgspec.Struct, frozen=True):
    """ComfyUI's `_quantization_metadata`."""

    layers: dict[str, dict[str, object]] = {}


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
    layers = _layers(metadata)
    for name in named:
        if BNB_STATE in name:
            weight, parts = _pack_halves(name, named, fetch, subject)
            packed[weight.name] = weight
            used |= parts
        elif re.split(r"[./]", name)[-1] == MARKER:
            used.add(name)
    for spelling in SPELLINGS:
        for name in [name for name in named if name.endswith(spelling.scale)]:
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


def _layers(metadata: Mapping[str, str]) -> dict[str, dict[str, object]]:
    try:
        text = metadata.get("_quantization_metadata", "{}")
        return msgspec.json.decode(text.encode(), type=QuantNotes).layers
    except msgspec.MsgspecError:
        return {}


def _pack_bytes(
    spelling: Spelling,
    stem: str,
    named: Mapping[str, Tensor],
    layers: Mapping[str, dict[str, object]],
    fetch: Fetch,
) -> Tensor:
    tensor, scale = named[stem + spelling.weight], named[stem + spelling.scale]
    note = _note(stem, named, layers, fetch)
    format_ = spelling.format or FORMATS.get(tensor.dtype, "")
    plain = spelling.known and not any(stem + each in named for each in spelling.unread)
    plain = plain and (
        not note or (note.get("format") in PLAIN_FORMATS and note.keys() <= HARMLESS)
    )
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
        return _packed(tensor, stem + spelling.becomes, tensor.shape, format_, "bytes", codes)
    named_format = str(note.get("format", "")) if note else ""
    format_ = named_format or _unread_format(spelling, tensor, scale, format_)
    shape = tensor.shape
    if format_ in HALF_BYTES and shape:
        shape = (*shape[:-1], shape[-1] * max(BY_NAME[tensor.dtype].bits // 4, 1))
    return _packed(tensor, stem + spelling.becomes, shape, format_[:40], "", None)


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


def _note(
    stem: str,
    named: Mapping[str, Tensor],
    layers: Mapping[str, dict[str, object]],
    fetch: Fetch,
) -> dict[str, object]:
    """What the file says about the quantisation of a layer."""
    note = named.get(f"{stem}.comfy_quant")
    if note is None or note.nbytes > LARGEST_NOTE:
        return layers.get(stem, {})
    return _decoded(fetch(note.file, note.offset, note.nbytes), dict[str, object]) or {}


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


def _pack_halves(
    state_name: str, named: Mapping[str, Tensor], fetch: Fetch, subject: str
) -> tuple[Tensor, set[str]]:
    """A weight that bitsandbytes packed in 4 bits, and the names of its parts."""
    name, _, format_ = state_name.partition(BNB_STATE)
    parts = {part: named[name + part] for part in BNB_PARTS if name + part in named}
    if name not in named or not {".absmax", ".quant_map"} <= parts.keys():
        raise CheckpointError(subject, "quant_parts", tensor=shown(name))
    tensor, note = named[name], named[state_name]
    elements = 2 * tensor.nbytes
    state = None
    if note.nbytes <= LARGEST_NOTE:
        state = _decoded(fetch(note.file, note.offset, note.nbytes), BnbState)
    shape = state.shape if state else (elements,)
    if math.prod(shape) != elements or any(size < 0 for size in shape):
        raise CheckpointError(subject, "quant_shape", tensor=shown(name), shape=shape)
    used = {state_name} | {name + part for part in parts}
    codes = _half_codes(state, parts, elements) if state else None
    reader = "halves" if codes else ""
    return _packed(tensor, name, shape, format_[:40], reader, codes, values=2), used


def _half_codes(state: BnbState, parts: Mapping[str, Tensor], elements: int) -> HalfCodes | None:
    """How the codes are read; None if a part does not fit them."""
    size, table = state.blocksize, parts[".quant_map"]
    if size < 2 or size % 2 or table.elements != 16 or not is_float(table.dtype):
        return None
    count = -(-elements // size)
    absmax, nested = parts[".absmax"], None
    if state.nested_blocksize:
        nested = _nested(state, parts, count)
    if absmax.elements != count or (nested is None and not is_float(absmax.dtype)):
        return None
    return HalfCodes(table=part_of(table), scales=part_of(absmax), per_scale=size, nested=nested)


def _nested(state: BnbState, parts: Mapping[str, Tensor], count: int) -> Nested | None:
    table, scales = parts.get(".nested_quant_map"), parts.get(".nested_absmax")
    size = state.nested_blocksize
    if table is None or scales is None or size < 1 or parts[".absmax"].dtype != "uint8":
        return None
    if table.elements != 256 or scales.elements != -(-count // size):
        return None
    if not (is_float(table.dtype) and is_float(scales.dtype)):
        return None
    where, offset = part_of(scales), state.nested_offset
    return Nested(table=part_of(table), scales=where, per_scale=size, offset=offset)


def _packed(
    tensor: Tensor,
    name: str,
    shape: tuple[int, ...],
    format_: str,
    reader: str,
    codes: ByteCodes | HalfCodes | None,
    values: int = 1,
) -> Tensor:
    packing = Packing(
        format=format_,
        # Values in another order than the codes are stored in are not unpacked.
        reader="" if tensor.strides else reader,
        values=values,
        size=1,
        nbytes=tensor.span,
        codes=codes,
    )
    return pack(tensor, packing, shape, name)


def pack(tensor: Tensor, packing: Packing, shape: tuple[int, ...], name: str = "") -> Tensor:
    """`tensor` with the values that `packing` stands for, of `shape`."""
    size = math.prod(shape) * BY_NAME[VALUES].bits // 8
    return msgspec.structs.replace(
        tensor,
        name=name or tensor.name,
        dtype=VALUES,
        shape=shape,
        nbytes=size,
        strides=None,
        packing=packing,
    )


def part_of(tensor: Tensor) -> Part:
    """The position of a tensor that is a part of another."""
    return Part(
        file=tensor.file, offset=tensor.offset, dtype=tensor.dtype, elements=tensor.elements
    )


def _decoded(content: bytes, type_: type[Decoded]) -> Decoded | None:
    try:
        return msgspec.json.decode(content, type=type_)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
