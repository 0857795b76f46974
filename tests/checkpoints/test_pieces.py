"""Tensors of one component -> the pieces that are weights; or whole, where they cannot be cut."""

import pytest

from generator.checkpoints.formats.index import Tensor
from generator.checkpoints.keys.pieces import cut_tensors, whole_piece
from generator.networks.layouts import layouts_of

FUSED = "double_blocks.0.img_attn.qkv.weight"


def cut(shape):
    """The pieces of FLUX.1's fused query, key and value, which are tensor number 5."""
    nbytes = 2 * shape[0] * shape[1]
    fused = Tensor(name=FUSED, dtype="bfloat16", shape=shape, file=0, offset=0, nbytes=nbytes)
    tensors = [fused] * 6
    members = {FUSED: 5, "single_blocks.0.linear1.weight": 0}
    _, pieces, _ = cut_tensors(members, tensors, layouts_of("denoiser"))
    return [piece for piece in pieces if piece.tensor == 5], tensors[5]


@pytest.mark.parametrize("rows", [3, 9])
def test_a_fused_tensor_is_three_weights_one_after_the_other(rows):
    pieces, _ = cut((rows, 4))
    attention = "transformer_blocks.0.attn"
    assert [(piece.name, piece.shape, piece.start, piece.nbytes) for piece in pieces] == [
        (f"{attention}.{name}.weight", (rows // 3, 4), place * 8 * rows // 3, 8 * rows // 3)
        for place, name in enumerate(("to_q", "to_k", "to_v"))
    ]


def test_a_tensor_that_cannot_be_cut_stays_whole():
    pieces, tensor = cut((7, 4))
    assert pieces == [whole_piece(FUSED, 5, tensor)]
