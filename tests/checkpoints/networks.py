"""Real networks on the meta device, and their state dicts in other programs' layouts."""

import functools
import json
import logging
import warnings
from pathlib import Path

import diffusers
import torch
import transformers

CONFIGS = Path(__file__).parents[2] / "data" / "configs"


@functools.cache
def denoiser(id_):
    """The denoiser of an architecture page, without storage."""
    config = json.loads((CONFIGS / f"{id_}.json").read_text())
    logging.getLogger("diffusers").setLevel(logging.ERROR)
    with torch.device("meta"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return getattr(diffusers, config["_class_name"]).from_config(config)


@functools.cache
def autoencoder(channels=4, quant_conv=True):
    with torch.device("meta"):
        return diffusers.AutoencoderKL(
            block_out_channels=(128, 256, 512, 512),
            down_block_types=("DownEncoderBlock2D",) * 4,
            up_block_types=("UpDecoderBlock2D",) * 4,
            layers_per_block=2,
            latent_channels=channels,
            use_quant_conv=quant_conv,
            use_post_quant_conv=quant_conv,
        )


CLIP_SIZES = {
    "clip-l": (768, 12, 3072, False),
    "clip-l-projection": (768, 12, 3072, True),
    "open-clip-h": (1024, 23, 4096, False),
    "open-clip-g": (1280, 32, 5120, True),
}


@functools.cache
def text_encoder(id_):
    """A text encoder as the releases of its model have it."""
    if id_ in CLIP_SIZES:
        width, layers, hidden, projection = CLIP_SIZES[id_]
        config = transformers.CLIPTextConfig(
            hidden_size=width,
            intermediate_size=hidden,
            num_hidden_layers=layers,
            num_attention_heads=width // 64,
            projection_dim=width,
        )
        kind = (
            transformers.CLIPTextModelWithProjection if projection else transformers.CLIPTextModel
        )
    else:
        width, hidden, vocabulary = {
            "t5-xxl": (4096, 10240, 32128),
            "pile-t5-xl": (2048, 5120, 32128),
            "mt5-xl": (2048, 5120, 250112),
        }[id_]
        config_type = transformers.UMT5Config if id_ == "pile-t5-xl" else transformers.T5Config
        config = config_type(
            d_model=width,
            d_ff=hidden,
            num_layers=24,
            num_heads=width // 64,
            vocab_size=vocabulary,
            feed_forward_proj="gated-gelu",
        )
        # Pile-T5 has positions in every layer.
        is_pile = id_ == "pile-t5-xl"
        kind = transformers.UMT5EncoderModel if is_pile else transformers.T5EncoderModel
    with torch.device("meta"):
        return kind(config)


def parameters(module):
    """Name -> tensor of every parameter, with the prefix that transformers 5 dropped."""
    named = dict(module.named_parameters())
    if any(name.startswith("embeddings.") for name in named):
        named = {f"text_model.{name}": tensor for name, tensor in named.items()}
    return named
