"""The known families of denoisers, as tables: inputs and pipeline. For blocks see `block_rules`.

A family is a diffusers class. A config of a known class needs no change here; a new class needs one
entry in `FAMILIES`.

Sizes are integers or symbols: `batch`, `latent` and `text_tokens` come from the catalogue,
`image_tokens` is the number of 2 x 2 latent patches, and all others are keys of the network's
config.
"""

from typing import NamedTuple

from generator.networks.block_rules import BLOCK_RULES, BlockRule

Size = int | str


class Input(NamedTuple):
    """One argument of the network's `forward`.

    `name` can be an entry of a mapping (`added_cond_kwargs.time_ids`) or an element of a tuple
    (`image_rotary_emb.0`). The input is given only if the config's key `when` is present and true.
    """

    name: str
    sizes: tuple[Size, ...]
    dtype: str = "float16"
    when: str = ""


class PipelineSpec(NamedTuple):
    """How to call the denoiser through its real pipeline without weights.

    `prompts` are the embeddings that replace the text encoders, at the pipeline's default lengths;
    `negative`: whether classifier-free guidance needs a second set. The first pipeline of a family
    whose `when` is true in the config is used.
    """

    class_name: str
    denoiser: str
    scheduler: str
    prompts: tuple[Input, ...]
    negative: bool = True
    when: str = ""


class Family(NamedTuple):
    """One class of denoisers.

    `variants` lists config keys that change the inputs of the class, with the supported values; a
    config with another value is refused, because its inputs are unknown.
    """

    label: str
    inputs: tuple[Input, ...]
    blocks: tuple[BlockRule, ...]
    pipelines: tuple[PipelineSpec, ...]
    variants: dict[str, tuple[object, ...]] = {}  # noqa: RUF012 -- a table, never changed


# SDXL's added embedding: OpenCLIP bigG's pooled projection, and six numbers for original size, crop
# and target size.
POOLED_BIGG = 1280
TIME_IDS = 6

UNET = Family(
    label="UNet",
    inputs=(
        Input("sample", ("batch", "in_channels", "latent", "latent")),
        Input("timestep", ("batch",), "int64"),
        Input("encoder_hidden_states", ("batch", "text_tokens", "cross_attention_dim")),
        Input("added_cond_kwargs.text_embeds", ("batch", POOLED_BIGG), when="addition_embed_type"),
        Input("added_cond_kwargs.time_ids", ("batch", TIME_IDS), when="addition_embed_type"),
    ),
    blocks=BLOCK_RULES["UNet2DConditionModel"],
    pipelines=(
        PipelineSpec(
            "StableDiffusionXLPipeline",
            "unet",
            "EulerDiscreteScheduler",
            (
                Input("prompt_embeds", (1, 77, "cross_attention_dim")),
                Input("pooled_prompt_embeds", (1, POOLED_BIGG)),
            ),
            when="addition_embed_type",
        ),
        PipelineSpec(
            "StableDiffusionPipeline",
            "unet",
            "PNDMScheduler",
            (Input("prompt_embeds", (1, 77, "cross_attention_dim")),),
        ),
    ),
    variants={
        "addition_embed_type": (None, "text_time"),
        "class_embed_type": (None,),
        "encoder_hid_dim_type": (None,),
        "num_class_embeds": (None,),
        "time_cond_proj_dim": (None,),
    },
)

SD3 = Family(
    label="MMDiT",
    inputs=(
        Input("hidden_states", ("batch", "in_channels", "latent", "latent")),
        Input("encoder_hidden_states", ("batch", "text_tokens", "joint_attention_dim")),
        Input("pooled_projections", ("batch", "pooled_projection_dim")),
        Input("timestep", ("batch",), "int64"),
    ),
    blocks=BLOCK_RULES["SD3Transformer2DModel"],
    pipelines=(
        PipelineSpec(
            "StableDiffusion3Pipeline",
            "transformer",
            "FlowMatchEulerDiscreteScheduler",
            (
                # CLIP's 77 tokens followed by T5's default maximum of 256.
                Input("prompt_embeds", (1, 77 + 256, "joint_attention_dim")),
                Input("pooled_prompt_embeds", (1, "pooled_projection_dim")),
            ),
        ),
    ),
)

HUNYUAN_DIT = Family(
    label="DiT",
    inputs=(
        Input("hidden_states", ("batch", "in_channels", "latent", "latent")),
        Input("timestep", ("batch",)),
        Input("encoder_hidden_states", ("batch", "text_len", "cross_attention_dim")),
        Input("text_embedding_mask", ("batch", "text_len")),
        Input("encoder_hidden_states_t5", ("batch", "text_len_t5", "cross_attention_dim_t5")),
        Input("text_embedding_mask_t5", ("batch", "text_len_t5")),
        # Original size, target size and crop: six numbers, as in SDXL.
        Input("image_meta_size", ("batch", 6), when="use_style_cond_and_image_meta_size"),
        Input("style", ("batch",), "int64", when="use_style_cond_and_image_meta_size"),
        # The published log sums the inputs to 2.78 MB: with float32 they would be 4.22 MB.
        Input("image_rotary_emb.0", ("image_tokens", "attention_head_dim")),
        Input("image_rotary_emb.1", ("image_tokens", "attention_head_dim")),
    ),
    blocks=BLOCK_RULES["HunyuanDiT2DModel"],
    pipelines=(
        PipelineSpec(
            "HunyuanDiTPipeline",
            "transformer",
            "DDPMScheduler",
            (
                Input("prompt_embeds", (1, "text_len", "cross_attention_dim")),
                Input("prompt_embeds_2", (1, "text_len_t5", "cross_attention_dim_t5")),
                Input("prompt_attention_mask", (1, "text_len"), "int64"),
                Input("prompt_attention_mask_2", (1, "text_len_t5"), "int64"),
            ),
        ),
    ),
)

AURAFLOW = Family(
    label="MMDiT",
    inputs=(
        Input("hidden_states", ("batch", "in_channels", "latent", "latent")),
        Input("encoder_hidden_states", ("batch", "text_tokens", "joint_attention_dim")),
        Input("timestep", ("batch",)),
    ),
    blocks=BLOCK_RULES["AuraFlowTransformer2DModel"],
    pipelines=(
        PipelineSpec(
            "AuraFlowPipeline",
            "transformer",
            "FlowMatchEulerDiscreteScheduler",
            (
                Input("prompt_embeds", (1, 256, "joint_attention_dim")),
                Input("prompt_attention_mask", (1, 256), "int64"),
            ),
        ),
    ),
)

FLUX = Family(
    label="MMDiT",
    inputs=(
        Input("hidden_states", ("batch", "image_tokens", "in_channels")),
        Input("encoder_hidden_states", ("batch", "text_tokens", "joint_attention_dim")),
        Input("pooled_projections", ("batch", "pooled_projection_dim")),
        Input("timestep", ("batch",), "int64"),
        Input("img_ids", ("image_tokens", 3)),
        Input("txt_ids", ("text_tokens", 3)),
        Input("guidance", ("batch",), when="guidance_embeds"),
    ),
    blocks=BLOCK_RULES["FluxTransformer2DModel"],
    pipelines=(
        PipelineSpec(
            "FluxPipeline",
            "transformer",
            "FlowMatchEulerDiscreteScheduler",
            (
                Input("prompt_embeds", (1, 512, "joint_attention_dim")),
                Input("pooled_prompt_embeds", (1, "pooled_projection_dim")),
            ),
            # The guidance scale is an input of the network, so there is no second pass.
            negative=False,
        ),
    ),
)

FAMILIES = {
    "UNet2DConditionModel": UNET,
    "SD3Transformer2DModel": SD3,
    "HunyuanDiT2DModel": HUNYUAN_DIT,
    "AuraFlowTransformer2DModel": AURAFLOW,
    "FluxTransformer2DModel": FLUX,
}
