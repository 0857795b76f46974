"""Which modules of a denoiser form which MBW block: one small table per diffusers class.

The tables belong to the networks of the architecture pages and to the weight files alike, so they
need neither. What they are applied to are module paths in diffusers' names.
"""

from typing import NamedTuple


class BlockRule(NamedTuple):
    """Module paths matching `pattern` (at their start) belong to a block named `prefix`NN.

    The numbers that the pattern captures order the blocks of one prefix; the place in that order
    is NN. `last` puts the module after all others with the same captured numbers (a downsampler
    ends its stage); `joins` adds it to the block before instead of opening one (an upsampler).
    """

    pattern: str
    prefix: str
    last: bool = False
    joins: bool = False


BLOCK_RULES: dict[str, tuple[BlockRule, ...]] = {
    # The numbering of the original implementation (`input_blocks.N`, `output_blocks.N`): the first
    # convolution is IN00, every residual block with its attention is one block, a downsampler is a
    # block of its own, an upsampler belongs to the residual block before it.
    "UNet2DConditionModel": (
        BlockRule(r"conv_in$", "IN"),
        BlockRule(r"down_blocks\.(\d+)\.(?:resnets|attentions)\.(\d+)$", "IN"),
        BlockRule(r"down_blocks\.(\d+)\.downsamplers$", "IN", last=True),
        BlockRule(r"mid_block$", "MID"),
        BlockRule(r"up_blocks\.(\d+)\.(?:resnets|attentions)\.(\d+)$", "OUT"),
        BlockRule(r"up_blocks\.(\d+)\.upsamplers$", "OUT", last=True, joins=True),
    ),
    "SD3Transformer2DModel": (BlockRule(r"transformer_blocks\.(\d+)$", "BLOCK"),),
    "HunyuanDiT2DModel": (BlockRule(r"blocks\.(\d+)$", "BLOCK"),),
    "AuraFlowTransformer2DModel": (
        BlockRule(r"joint_transformer_blocks\.(\d+)$", "DOUBLE"),
        BlockRule(r"single_transformer_blocks\.(\d+)$", "SINGLE"),
    ),
    "FluxTransformer2DModel": (
        BlockRule(r"transformer_blocks\.(\d+)$", "DOUBLE"),
        BlockRule(r"single_transformer_blocks\.(\d+)$", "SINGLE"),
    ),
}

# The other components have no MBW blocks; theirs are named here, by component.
COMPANION_RULES: dict[str, tuple[BlockRule, ...]] = {
    "vae": (
        BlockRule(r"(?:encoder|quant_conv)$", "ENCODER"),
        BlockRule(r"(?:decoder|post_quant_conv)$", "DECODER"),
    ),
    "text_encoder": (
        BlockRule(r"(?:text_model\.encoder\.layers|encoder\.block)\.(\d+)$", "LAYER"),
    ),
}
