"""The modules of each MBW block: one small table per diffusers class.

The rules apply to module paths of diffusers, both of measured networks and of weight files.
"""

from typing import NamedTuple


class BlockRule(NamedTuple):
    """Module paths whose start matches `pattern` belong to a block named `prefix`NN.

    The captured numbers order the blocks of a prefix; NN is the position in this order. `last` puts
    the module after all others with the same captured numbers (a downsampler ends its stage);
    `joins` adds it to the previous block (an upsampler) instead of starting a new one.
    """

    pattern: str
    prefix: str
    last: bool = False
    joins: bool = False


BLOCK_RULES: dict[str, tuple[BlockRule, ...]] = {
    # The numbering of the original implementation (`input_blocks.N`, `output_blocks.N`): the first
    # convolution is IN00, each residual block with its attention is one block, and so is each
    # downsampler; an upsampler belongs to the residual block before it.
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

# Blocks of the other components, which have no MBW blocks.
COMPANION_RULES: dict[str, tuple[BlockRule, ...]] = {
    "vae": (
        BlockRule(r"(?:encoder|quant_conv)$", "ENCODER"),
        BlockRule(r"(?:decoder|post_quant_conv)$", "DECODER"),
    ),
    "text_encoder": (
        BlockRule(r"(?:text_model\.encoder\.layers|encoder\.block)\.(\d+)$", "LAYER"),
    ),
}
