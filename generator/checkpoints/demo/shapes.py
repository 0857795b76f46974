"""Widths of a small Stable Diffusion 1 -> shape of every weight, by canonical key.

Depth, keys and skip connections are those of the real model; only the layers are narrow.
"""

from generator.networks.known import NETWORKS

Shape = tuple[int, ...]

UNET_CHANNELS = (8, 16, 32, 32)
TIME_CHANNELS = 4 * UNET_CHANNELS[0]
VAE_CHANNELS = (8, 16, 32, 32)
LATENT = 4
TEXT_WIDTH = 16
# CLIP's vocabulary, so that real prompts can be encoded.
VOCABULARY, POSITIONS = 49408, 77
IMAGE = 3


def demo_shapes() -> dict[str, dict[str, Shape]]:
    """Component -> weight -> shape."""
    rules = {
        "denoiser": ("sd1", _unet_shapes()),
        "vae": ("kl-f8", _vae_shapes()),
        "text_encoder": ("clip-l", _text_shapes()),
    }
    return {
        component: {name: _shape(name, modules) for name in sorted(NETWORKS[network].required())}
        for component, (network, modules) in rules.items()
    }


def _shape(name: str, modules: dict[str, Shape]) -> Shape:
    """Shape of a weight or bias, from the shape of its module's weight."""
    module, _, leaf = name.rpartition(".")
    return modules[module] if leaf == "weight" else modules[module][:1]


def _resnet(place: str, inputs: int, outputs: int, time: int = 0) -> dict[str, Shape]:
    shapes: dict[str, Shape] = {
        f"{place}.norm1": (inputs,),
        f"{place}.conv1": (outputs, inputs, 3, 3),
        f"{place}.norm2": (outputs,),
        f"{place}.conv2": (outputs, outputs, 3, 3),
        f"{place}.conv_shortcut": (outputs, inputs, 1, 1),
    }
    return shapes | ({f"{place}.time_emb_proj": (outputs, time)} if time else {})


def _spatial(place: str, width: int) -> dict[str, Shape]:
    block = f"{place}.transformer_blocks.0"
    shapes: dict[str, Shape] = {
        f"{place}.norm": (width,),
        f"{place}.proj_in": (width, width, 1, 1),
        f"{place}.proj_out": (width, width, 1, 1),
        # A gated unit (GEGLU): twice the hidden width.
        f"{block}.ff.net.0.proj": (8 * width, width),
        f"{block}.ff.net.2": (width, 4 * width),
    }
    for norm in ("norm1", "norm2", "norm3"):
        shapes[f"{block}.{norm}"] = (width,)
    for attention, source in (("attn1", width), ("attn2", TEXT_WIDTH)):
        shapes[f"{block}.{attention}.to_q"] = (width, width)
        shapes[f"{block}.{attention}.to_k"] = (width, source)
        shapes[f"{block}.{attention}.to_v"] = (width, source)
        shapes[f"{block}.{attention}.to_out.0"] = (width, width)
    return shapes


def _unet_shapes() -> dict[str, Shape]:
    first, time = UNET_CHANNELS[0], TIME_CHANNELS
    shapes: dict[str, Shape] = {
        "conv_in": (first, LATENT, 3, 3),
        "time_embedding.linear_1": (time, first),
        "time_embedding.linear_2": (time, time),
        "conv_norm_out": (first,),
        "conv_out": (LATENT, first, 3, 3),
    }
    # Skip connections: each output of the down blocks is also an input of an up block.
    skips = [first]
    width = first
    for stage, outputs in enumerate(UNET_CHANNELS):
        for layer in range(2):
            shapes |= _resnet(f"down_blocks.{stage}.resnets.{layer}", width, outputs, time)
            shapes |= _spatial(f"down_blocks.{stage}.attentions.{layer}", outputs)
            width = outputs
            skips.append(width)
        if stage < 3:
            shapes[f"down_blocks.{stage}.downsamplers.0.conv"] = (width, width, 3, 3)
            skips.append(width)
    for layer in range(2):
        shapes |= _resnet(f"mid_block.resnets.{layer}", width, width, time)
    shapes |= _spatial("mid_block.attentions.0", width)
    for stage, outputs in enumerate(reversed(UNET_CHANNELS)):
        for layer in range(3):
            place = f"up_blocks.{stage}.resnets.{layer}"
            shapes |= _resnet(place, width + skips.pop(), outputs, time)
            shapes |= _spatial(f"up_blocks.{stage}.attentions.{layer}", outputs)
            width = outputs
        shapes[f"up_blocks.{stage}.upsamplers.0.conv"] = (width, width, 3, 3)
    return shapes


def _vae_shapes() -> dict[str, Shape]:
    first, last = VAE_CHANNELS[0], VAE_CHANNELS[-1]
    shapes: dict[str, Shape] = {
        "encoder.conv_in": (first, IMAGE, 3, 3),
        "encoder.conv_norm_out": (last,),
        "encoder.conv_out": (2 * LATENT, last, 3, 3),
        "quant_conv": (2 * LATENT, 2 * LATENT, 1, 1),
        "post_quant_conv": (LATENT, LATENT, 1, 1),
        "decoder.conv_in": (last, LATENT, 3, 3),
        "decoder.conv_norm_out": (first,),
        "decoder.conv_out": (IMAGE, first, 3, 3),
    }
    for half in ("encoder", "decoder"):
        attention = f"{half}.mid_block.attentions.0"
        shapes[f"{attention}.group_norm"] = (last,)
        for each in ("to_q", "to_k", "to_v", "to_out.0"):
            shapes[f"{attention}.{each}"] = (last, last)
        for layer in range(2):
            shapes |= _resnet(f"{half}.mid_block.resnets.{layer}", last, last)
    ways = (
        ("encoder.down_blocks", "downsamplers", VAE_CHANNELS, 2, first),
        ("decoder.up_blocks", "upsamplers", VAE_CHANNELS[::-1], 3, last),
    )
    for place, sampler, channels, layers, width in ways:
        for stage, outputs in enumerate(channels):
            for layer in range(layers):
                inputs = outputs if layer else width
                shapes |= _resnet(f"{place}.{stage}.resnets.{layer}", inputs, outputs)
            width = outputs
            shapes[f"{place}.{stage}.{sampler}.0.conv"] = (width, width, 3, 3)
    return shapes


def _text_shapes() -> dict[str, Shape]:
    width = TEXT_WIDTH
    shapes: dict[str, Shape] = {
        "text_model.embeddings.token_embedding": (VOCABULARY, width),
        "text_model.embeddings.position_embedding": (POSITIONS, width),
        "text_model.final_layer_norm": (width,),
    }
    for layer in range(12):
        place = f"text_model.encoder.layers.{layer}"
        for each in ("q_proj", "k_proj", "v_proj", "out_proj"):
            shapes[f"{place}.self_attn.{each}"] = (width, width)
        shapes[f"{place}.mlp.fc1"] = (4 * width, width)
        shapes[f"{place}.mlp.fc2"] = (width, 4 * width)
        shapes[f"{place}.layer_norm1"] = shapes[f"{place}.layer_norm2"] = (width,)
    return shapes
