"""How tools for block-weighted merging name the blocks of a network, and where they put the rest.

Our `REST` is what lies outside the blocks: time and text embeddings, last norm and projection. The
tools' BASE is the text encoder.

Sources: `blockfromkey` in scripts/mergers/mergers.py and the README of
https://github.com/hako-mikan/sd-webui-supermerger; convert_sd1_blocks.py and convert_sdxl_blocks.py
of https://github.com/ljleb/sd-mecha; comfy_extras/nodes_model_merging_model_specific.py of
https://github.com/comfyanonymous/ComfyUI.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from generator.networks.blocks import REST

# The tools' name of the middle block, and of the text encoder.
MIDDLE, BASE = "M00", "BASE"


class UNetRule(NamedTuple):
    """One UNet: the block that the last norm and projection (`out.`) go with; and the one that
    `time_embed` goes with, None where supermerger does not merge it.

    In older versions of supermerger, `time_embed` goes with IN00.
    """

    out: str
    supermerger_time: str | None


class ComfyNode(NamedTuple):
    """A node: the pattern and the number of its inputs by prefix of our blocks, in its order, and
    its inputs for parts of `REST` before and after them."""

    name: str
    blocks: Mapping[str, tuple[str, int]]
    before: tuple[str, ...]
    after: tuple[str, ...]


# By the number of IN blocks: Stable Diffusion 1 and 2, and SDXL.
SD_SIDE, XL_SIDE = 12, 9
UNETS = {
    SD_SIDE: UNetRule(out="OUT11", supermerger_time="OUT11"),
    XL_SIDE: UNetRule(out="OUT08", supermerger_time=None),
}
SD3_BEFORE = ("pos_embed.", "x_embedder.", "context_embedder.", "y_embedder.", "t_embedder.")
COMFY_NODES = (
    ComfyNode(
        "ModelMergeSD1",
        {
            "IN": ("input_blocks.{}.", 12),
            "MID": ("middle_block.{}.", 3),
            "OUT": ("output_blocks.{}.", 12),
        },
        ("time_embed.", "label_emb."),
        ("out.",),
    ),
    ComfyNode(
        "ModelMergeSDXL",
        {
            "IN": ("input_blocks.{}", 9),
            "MID": ("middle_block.{}", 3),
            "OUT": ("output_blocks.{}", 9),
        },
        ("time_embed.", "label_emb."),
        ("out.",),
    ),
    ComfyNode(
        "ModelMergeSD3_2B", {"BLOCK": ("joint_blocks.{}.", 24)}, SD3_BEFORE, ("final_layer.",)
    ),
    ComfyNode(
        "ModelMergeSD35_Large", {"BLOCK": ("joint_blocks.{}.", 38)}, SD3_BEFORE, ("final_layer.",)
    ),
    ComfyNode(
        "ModelMergeAuraflow",
        {"DOUBLE": ("double_layers.{}.", 4), "SINGLE": ("single_layers.{}.", 32)},
        (
            *("init_x_linear.", "positional_encoding", "cond_seq_linear.", "register_tokens"),
            "t_embedder.",
        ),
        ("modF.", "final_linear."),
    ),
    ComfyNode(
        "ModelMergeFlux1",
        {"DOUBLE": ("double_blocks.{}.", 19), "SINGLE": ("single_blocks.{}.", 38)},
        ("img_in.", "time_in.", "guidance_in", "vector_in.", "txt_in."),
        ("final_layer.",),
    ),
)


def unet_side(blocks: Iterable[str]) -> int | None:
    """The number of IN blocks of a UNet whose merge tools are known; else None."""
    names = {*blocks}
    for side in UNETS:
        if names == {*_numbered("IN", side), "MID", *_numbered("OUT", side), REST}:
            return side
    return None


def comfy_node(blocks: Iterable[str]) -> ComfyNode | None:
    """The node for a network with these blocks, if there is one."""
    names = {*blocks}
    for node in COMFY_NODES:
        if names == {block for _, block in comfy_inputs(node)}:
            return node
    return None


def comfy_inputs(node: ComfyNode) -> list[tuple[str, str]]:
    """The inputs of a node in its order, each with our block."""
    inner = [
        (pattern.format(number), prefix if prefix == "MID" else f"{prefix}{number:02}")
        for prefix, (pattern, count) in node.blocks.items()
        for number in range(count)
    ]
    before, after = ([(name, REST) for name in names] for names in (node.before, node.after))
    return [*before, *inner, *after]


def _numbered(prefix: str, count: int) -> list[str]:
    return [f"{prefix}{number:02}" for number in range(count)]
