"""Name of a tensor in a file -> its component, and its name within the component."""

import re
from typing import NamedTuple


class KeyPrefix(NamedTuple):
    """Names that start with `prefix` belong to `component`; the rest is the name within it."""

    prefix: str
    component: str


# The text encoders of pipelines that have one, and those beside it, by their names in ComfyUI.
COMFY_ENCODERS = {
    "text_encoder": """
        t5base umt5xxl umt5base hydit_clip gemma2_2b gemma3_1b gemma3_4b gemma3_12b qwen25_3b
        qwen25_7b qwen3_06b qwen3_2b qwen3_4b qwen3_8b mistral3_24b ministral3_3b
    """,
    "text_encoder_2": "llama byt5_small jina_clip_2",
}
SECTIONS = (
    # Single files of the original implementations and their successors.
    KeyPrefix("model.diffusion_model.", "denoiser"),
    KeyPrefix("first_stage_model.", "vae"),
    KeyPrefix("vae.", "vae"),
    KeyPrefix("pretransform.model.", "vae"),
    KeyPrefix("conditioner.conditioners.", "other"),
    KeyPrefix("cond_stage_model.transformer.", "text_encoder"),
    KeyPrefix("cond_stage_model.model.", "text_encoder"),
    KeyPrefix("conditioner.embedders.0.transformer.", "text_encoder"),
    KeyPrefix("conditioner.embedders.1.model.", "text_encoder_2"),
    # SDXL's refiner has only the second text encoder.
    KeyPrefix("conditioner.embedders.0.model.", "text_encoder_2"),
    KeyPrefix("text_encoders.clip_l.transformer.", "text_encoder"),
    KeyPrefix("text_encoders.clip_g.transformer.", "text_encoder_2"),
    KeyPrefix("text_encoders.t5xxl.transformer.", "text_encoder_3"),
    KeyPrefix("text_encoders.pile_t5xl.transformer.", "text_encoder"),
    KeyPrefix("text_encoders.mt5xl.transformer.", "text_encoder_2"),
    # Single files that ComfyUI saves.
    *(
        KeyPrefix(f"text_encoders.{encoder}.transformer.", component)
        for component, encoders in COMFY_ENCODERS.items()
        for encoder in encoders.split()
    ),
    KeyPrefix("model_ema.decay", "other"),
    KeyPrefix("model_ema.num_updates", "other"),
    KeyPrefix("model_ema.", "ema"),
    # Folders of diffusers pipelines.
    KeyPrefix("unet/", "denoiser"),
    KeyPrefix("transformer/", "denoiser"),
    KeyPrefix("prior/", "denoiser"),
    KeyPrefix("decoder/", "denoiser"),
    KeyPrefix("vae/", "vae"),
    KeyPrefix("vqgan/", "vae"),
    KeyPrefix("movq/", "vae"),
    KeyPrefix("text_encoder/", "text_encoder"),
    KeyPrefix("text_encoder_2/", "text_encoder_2"),
    KeyPrefix("text_encoder_3/", "text_encoder_3"),
)

STARTS = tuple(section.prefix for section in SECTIONS)
# Files of one component have no prefix. The first pattern that matches the start of a name counts.
BARE = tuple(
    (component, re.compile(pattern))
    for component, pattern in (
        (
            "denoiser",
            r"(input_blocks|middle_block|output_blocks|time_embed|label_emb|out)\.\d"
            r"|(down_blocks|up_blocks|mid_block|conv_in|conv_norm_out|conv_out)\."
            r"|(time_embedding|add_embedding|class_embedding)\."
            r"|(joint_blocks|double_blocks|single_blocks|double_layers|single_layers)\.\d"
            r"|(joint_transformer_blocks|transformer_blocks|single_transformer_blocks)\.\d"
            r"|blocks\.\d+\.(attn[12]|norm[123]|default_modulation|mlp|ff|skip_\w+)\."
            r"|(img_in|txt_in|time_in|vector_in|guidance_in|final_layer|final_linear|modF)\."
            r"|(x|t|y|context|extra|style|text)_embedder\.|mlp_t5\.|pooler\.|pos_embed\b"
            r"|(cond_seq_linear|init_x_linear|time_step_proj|time_text_embed|time_extra_emb)\."
            r"|(norm_out|proj_out)\.|(register_tokens|positional_encoding|text_embedding_padding)$",
        ),
        (
            "vae",
            r"(encoder|decoder)\.(conv_|norm_out|down|mid|up)|(post_)?quant_conv\.",
        ),
        (
            "text_encoder",
            r"text_model\.|text_projection|transformer\.resblocks\.|token_embedding\."
            r"|positional_embedding$|ln_final\.|logit_scale$"
            r"|embeddings\.(token|position)|encoder\.layers\.\d+\.(self_attn|layer_norm\d|mlp)\."
            r"|final_layer_norm\."
            r"|shared\.|encoder\.(block\.\d|final_layer_norm\.|embed_tokens\.)",
        ),
    )
)


def has_section(name: str) -> bool:
    """Whether the start of a tensor's name says which component it is of."""
    return name.startswith(STARTS)


def section_of(name: str) -> tuple[str, str]:
    """Component of the tensor `name`, and its name within it; `other` if no rule matches."""
    if has_section(name):
        section = next(each for each in SECTIONS if name.startswith(each.prefix))
        inner = name.removeprefix(section.prefix)
        return section.component, inner if section.component != "other" else name
    for component, pattern in BARE:
        if pattern.match(name):
            return component, name
    return "other", name
