"""A component's tensors in any layout -> pieces under their canonical keys."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from generator.checkpoints.formats.index import Tensor
from generator.networks.renames import (
    KeyLayout,
    Rename,
    choose_layout,
    parse_renames,
    replace_module,
)

# Limit for tensors that are reordered in memory. The largest known one is FLUX.1's
# `final_layer.adaLN_modulation`: 75 MB in float32.
LARGEST_REORDERED = 128 * 2**20


class Piece(NamedTuple):
    """One weight of tensor number `tensor`, before the network is known.

    It is `nbytes` bytes from byte `start` of the tensor, which stores them in `form`; `shape` is
    the canonical shape.
    """

    name: str
    tensor: int
    shape: tuple[int, ...]
    start: int
    nbytes: int
    form: str


def cut_tensors(
    members: Mapping[str, int], tensors: Sequence[Tensor], layouts: Sequence[KeyLayout]
) -> tuple[str, list[Piece], list[int]]:
    """Cut the tensors of one component (name -> number) into pieces.

    Returns the layout's name (empty if none of `layouts` fits), the pieces, and the numbers of
    tensors without a piece because another tensor already stores the same weight.
    """
    layout, last = choose_layout(list(members), layouts)
    renames = parse_renames(layout.renames, last) if layout else []
    pieces: dict[str, Piece] = {}
    repeated: list[int] = []
    for name, number in members.items():
        tensor = tensors[number]
        cut = _cut(name, number, tensor, layout, renames)
        if any(piece.name in pieces for piece in cut):
            repeated.append(number)
        else:
            pieces |= {piece.name: piece for piece in cut}
    return layout.name if layout else "", list(pieces.values()), repeated


def whole_piece(name: str, number: int, tensor: Tensor) -> Piece:
    """A tensor as one weight."""
    return Piece(name, number, tensor.shape, 0, tensor.nbytes, "same")


def _cut(
    name: str, number: int, tensor: Tensor, layout: KeyLayout | None, renames: list[Rename]
) -> list[Piece]:
    """The weights of a tensor; the whole tensor if it cannot be cut."""
    if layout is None:
        return [whole_piece(name, number, tensor)]
    moved = replace_module(name, layout.modules)
    for rename in renames:
        names = rename.apply(moved)
        if names is not None:
            return _divide(names, rename, number, tensor) or [whole_piece(name, number, tensor)]
    return [whole_piece(moved, number, tensor)]


def _divide(names: tuple[str, ...], rename: Rename, number: int, tensor: Tensor) -> list[Piece]:
    """The tensor's rows as the weights `names`; empty if it does not have this form."""
    shape, form = tensor.shape, rename.form
    if form == "matrix":
        while len(shape) > 2 and shape[-1] == 1:
            shape = shape[:-1]
        form = "same"
    elif form == "flipped":
        shape = shape[::-1]
    odd = form == "swapped" and (not shape or shape[0] % 2)
    if odd or (form == "flipped" and len(shape) != 2):
        return []
    if form != "same" and tensor.nbytes > LARGEST_REORDERED:
        return []
    if len(names) == 1:
        return [Piece(names[0], number, shape, 0, tensor.nbytes, form)]
    if not shape or not shape[0] or shape[0] % sum(rename.parts) or tensor.nbytes % shape[0]:
        return []
    unit = shape[0] // sum(rename.parts)
    row = tensor.nbytes // shape[0]
    pieces, start = [], 0
    for name, part in zip(names, rename.parts, strict=True):
        rows = part * unit
        pieces.append(Piece(name, number, (rows, *shape[1:]), start, rows * row, form))
        start += rows * row
    return pieces
