"""What a file says about the quantisation of its layers, in JSON beside them or in its metadata."""

from collections.abc import Mapping
from typing import TypeVar

import msgspec

from generator.checkpoints.formats.index import Tensor
from generator.checkpoints.formats.quantised.packing import Fetch

Decoded = TypeVar("Decoded")
LARGEST_NOTE = 2**16


class QuantNotes(msgspec.Struct, frozen=True):
    """ComfyUI's `_quantization_metadata`."""

    layers: dict[str, dict[str, object]] = {}


def layers_of(metadata: Mapping[str, str]) -> dict[str, dict[str, object]]:
    """The notes in the metadata, by layer; empty if they cannot be read."""
    try:
        text = metadata.get("_quantization_metadata", "{}")
        return msgspec.json.decode(text.encode(), type=QuantNotes).layers
    except msgspec.MsgspecError:
        return {}


def note_of(
    stem: str,
    named: Mapping[str, Tensor],
    layers: Mapping[str, dict[str, object]],
    fetch: Fetch,
) -> dict[str, object]:
    """What the file says about the quantisation of a layer."""
    note = named.get(f"{stem}.comfy_quant")
    if note is None or note.nbytes > LARGEST_NOTE:
        return layers.get(stem, {})
    return decoded_note(fetch(note.file, note.offset, note.nbytes), dict[str, object]) or {}


def decoded_note(content: bytes, type_: type[Decoded]) -> Decoded | None:
    """JSON as a value of `type_`; None if it is not one."""
    try:
        return msgspec.json.decode(content, type=type_)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
