"""The known networks of weight files, with their canonical keys, as tables.

Keys are those of diffusers and transformers. A network is recognised by its keys, and networks with
the same keys by landmarks: a few tensors whose shapes differ between them and show changes (nine
input channels: an inpainting model).
"""

from typing import NamedTuple

from generator.networks.key_patterns import expand
from generator.networks.weight_names import (
    AURAFLOW_TRANSFORMER,
    CLIP_TABLES,
    FLUX_TRANSFORMER,
    HUNYUAN_TRANSFORMER,
    QK_NORM,
    REFINER_UNET,
    SD1_UNET,
    SDXL_UNET,
    T5,
    UNUSED_CLIP,
    VAE,
    clip_names,
    layer_23_names,
    mmdit_names,
)


class Network(NamedTuple):
    """One network: `class_name` is the diffusers class whose block rules apply, if any.

    `optional` names may be absent. `copies` are allowed but do not count as weights: fixed tables,
    tied copies, unused layers. `landmarks` are shapes by name.
    """

    id: str
    component: str
    label: str
    names: str
    landmarks: dict[str, tuple[int, ...]]
    class_name: str = ""
    optional: str = ""
    copies: str = ""

    def required(self) -> frozenset[str]:
        """All names that must be present."""
        return frozenset(expand(self.names))

    def allowed(self) -> frozenset[str]:
        """All further names that may be present."""
        return frozenset(expand(f"{self.optional} {self.copies}"))

    def not_weights(self) -> frozenset[str]:
        """The names that do not count as weights."""
        return frozenset(expand(self.copies))


SPATIAL_IN = "down_blocks.1.attentions.0.proj_in.weight"
CROSS_K = "down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k.weight"
TOKENS = "text_model.embeddings.token_embedding.weight"
UNET_CLASS = "UNet2DConditionModel"
FIXED_POSITIONS = "pos_embed.pos_embed"

NETWORKS = (
    Network(
        "sd1",
        "denoiser",
        "Stable Diffusion 1 UNet",
        SD1_UNET,
        {"conv_in.weight": (320, 4, 3, 3), SPATIAL_IN: (640, 640, 1, 1), CROSS_K: (640, 768)},
        UNET_CLASS,
    ),
    Network(
        "sd2",
        "denoiser",
        "Stable Diffusion 2 UNet",
        SD1_UNET,
        {"conv_in.weight": (320, 4, 3, 3), SPATIAL_IN: (640, 640), CROSS_K: (640, 1024)},
        UNET_CLASS,
    ),
    Network(
        "sdxl",
        "denoiser",
        "Stable Diffusion XL UNet",
        SDXL_UNET,
        {"conv_in.weight": (320, 4, 3, 3), CROSS_K: (640, 2048)},
        UNET_CLASS,
    ),
    Network(
        "sdxl-refiner",
        "denoiser",
        "Stable Diffusion XL refiner UNet",
        REFINER_UNET,
        {"conv_in.weight": (384, 4, 3, 3), CROSS_K: (768, 1280)},
        UNET_CLASS,
    ),
    Network(
        "sd3",
        "denoiser",
        "Stable Diffusion 3 Medium MMDiT",
        mmdit_names(24),
        {"pos_embed.proj.weight": (1536, 16, 2, 2)},
        "SD3Transformer2DModel",
        copies=FIXED_POSITIONS,
    ),
    Network(
        "sd35",
        "denoiser",
        "Stable Diffusion 3.5 Large MMDiT",
        f"{mmdit_names(38)} transformer_blocks.{{0..37}}.{QK_NORM}",
        {"pos_embed.proj.weight": (2432, 16, 2, 2)},
        "SD3Transformer2DModel",
        copies=FIXED_POSITIONS,
    ),
    Network(
        "sd35-medium",
        "denoiser",
        "Stable Diffusion 3.5 Medium MMDiT",
        f"""{mmdit_names(24)} transformer_blocks.{{0..23}}.{QK_NORM}
            transformer_blocks.{{0..12}}.attn2.{{to_q,to_k,to_v,to_out.0}}.{{weight,bias}}
            transformer_blocks.{{0..12}}.attn2.{{norm_q,norm_k}}.weight""",
        {"pos_embed.proj.weight": (1536, 16, 2, 2)},
        "SD3Transformer2DModel",
        copies=FIXED_POSITIONS,
    ),
    Network(
        "flux",
        "denoiser",
        "FLUX.1 transformer",
        FLUX_TRANSFORMER,
        {"x_embedder.weight": (3072, 64), "context_embedder.weight": (3072, 4096)},
        "FluxTransformer2DModel",
        # FLUX.1-schnell was distilled without guidance.
        optional="time_text_embed.guidance_embedder.linear_{1,2}.{weight,bias}",
    ),
    Network(
        "auraflow",
        "denoiser",
        "AuraFlow transformer",
        AURAFLOW_TRANSFORMER,
        {"pos_embed.proj.weight": (3072, 16), "context_embedder.weight": (3072, 2048)},
        "AuraFlowTransformer2DModel",
    ),
    Network(
        "hunyuan-dit",
        "denoiser",
        "Hunyuan-DiT transformer",
        HUNYUAN_TRANSFORMER,
        {"pos_embed.proj.weight": (1408, 4, 2, 2)},
        "HunyuanDiT2DModel",
        # Dropped in version 1.2.
        optional="time_extra_emb.style_embedder.weight",
        copies=FIXED_POSITIONS,
    ),
    Network(
        "kl-f8",
        "vae",
        "Autoencoder of SD1, SD2 and SDXL, 4 channels",
        f"{VAE} {{quant_conv,post_quant_conv}}.{{weight,bias}}",
        {"decoder.conv_in.weight": (512, 4, 3, 3)},
    ),
    Network(
        "kl-f8-16",
        "vae",
        "Autoencoder of SD3 and FLUX.1, 16 channels",
        VAE,
        {"decoder.conv_in.weight": (512, 16, 3, 3)},
    ),
    Network(
        "clip-l",
        "text_encoder",
        "OpenAI CLIP ViT-L/14",
        clip_names(12),
        {TOKENS: (49408, 768)},
        copies=UNUSED_CLIP,
    ),
    Network(
        "clip-l-projection",
        "text_encoder",
        "OpenAI CLIP ViT-L/14 with its projection",
        clip_names(12, "text_projection.weight"),
        {TOKENS: (49408, 768)},
        copies=CLIP_TABLES,
    ),
    Network(
        "open-clip-h",
        "text_encoder",
        "OpenCLIP ViT-H/14",
        clip_names(23),
        {TOKENS: (49408, 1024)},
        # SD2 takes the output of the layer before the last.
        copies=f"{UNUSED_CLIP} {layer_23_names()}",
    ),
    Network(
        "open-clip-g",
        "text_encoder",
        "OpenCLIP ViT-bigG/14",
        clip_names(32, "text_projection.weight"),
        {TOKENS: (49408, 1280)},
        copies=CLIP_TABLES,
    ),
    Network(
        "t5-xxl",
        "text_encoder",
        "T5 v1.1 XXL encoder",
        T5,
        {"shared.weight": (32128, 4096)},
        copies="encoder.embed_tokens.weight",
    ),
    Network(
        "pile-t5-xl",
        "text_encoder",
        "Pile-T5 XL encoder",
        T5,
        {"shared.weight": (32128, 2048)},
        copies="encoder.embed_tokens.weight",
    ),
    Network(
        "mt5-xl",
        "text_encoder",
        "mT5 XL encoder",
        T5,
        {"shared.weight": (250112, 2048)},
        copies="encoder.embed_tokens.weight",
    ),
)
