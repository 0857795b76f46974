"""Weights that bitsandbytes packed in 4 bits -> one tensor each, its scales inside it.

Source: `functional.QuantState.as_dict` of bitsandbytes.
"""

import math
from collections.abc import Mapping

import msgspec

from generator.checkpoints.formats.dtypes import is_float
from generator.checkpoints.formats.files import shown
from generator.checkpoints.formats.index import Tensor
from generator.checkpoints.formats.quantised.notes import LARGEST_NOTE, decoded_note
from generator.checkpoints.formats.quantised.packed import packed, part_of
from generator.checkpoints.formats.quantised.packing import Fetch, HalfCodes, Nested
from generator.errors import CheckpointError

BNB_STATE = ".quant_state.bitsandbytes__"
BNB_PARTS = (".absmax", ".quant_map", ".nested_absmax", ".nested_quant_map")


class BnbState(msgspec.Struct, frozen=True):
    """What bitsandbytes writes as JSON beside a weight of 4 bits."""

    quant_type: str
    blocksize: int
    shape: tuple[int, ...]
    nested_blocksize: int = 0
    nested_offset: float = 0.0


def pack_halves(
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
        state = decoded_note(fetch(note.file, note.offset, note.nbytes), BnbState)
    shape = state.shape if state else (elements,)
    if math.prod(shape) != elements or any(size < 0 for size in shape):
        raise CheckpointError(subject, "quant_shape", tensor=shown(name), shape=shape)
    used = {state_name} | {name + part for part in parts}
    codes = _half_codes(state, parts, elements) if state else None
    reader = "halves" if codes else ""
    return packed(tensor, name, shape, format_[:40], reader, codes, values=2), used


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
