"""Key layouts of programs other than diffusers, as tables; see `renames`.

Sources: the conversion functions of diffusers 0.42 (`loaders/single_file_utils.py`) and its scripts
`convert_hunyuandit_to_diffusers.py` and `convert_diffusers_to_original_stable_diffusion.py`.
"""

from generator.networks.renames import KeyLayout

UNET_ORIGINAL = KeyLayout(
    "original",
    r"^(?:input_blocks|middle_block|output_blocks)\.",
    """
    ?.resnets.#.in_layers.0.* -> ?.resnets.#.norm1.*
    ?.resnets.#.in_layers.2.* -> ?.resnets.#.conv1.*
    ?.resnets.#.emb_layers.1.* -> ?.resnets.#.time_emb_proj.*
    ?.resnets.#.out_layers.0.* -> ?.resnets.#.norm2.*
    ?.resnets.#.out_layers.3.* -> ?.resnets.#.conv2.*
    ?.resnets.#.skip_connection.* -> ?.resnets.#.conv_shortcut.*
    """,
    {
        f"input_blocks.{3 * stage + layer + 1}.{place}": f"down_blocks.{stage}.{kind}.{layer}"
        for stage in range(4)
        for layer in range(2)
        for place, kind in enumerate(("resnets", "attentions"))
    }
    | {
        f"output_blocks.{3 * stage + layer}.{place}": f"up_blocks.{stage}.{kind}.{layer}"
        for stage in range(4)
        for layer in range(3)
        for place, kind in enumerate(("resnets", "attentions"))
    }
    | {
        f"input_blocks.{3 * stage + 3}.0.op": f"down_blocks.{stage}.downsamplers.0.conv"
        for stage in range(3)
    }
    # After the attention, or in its place in stages without attention.
    | {
        f"output_blocks.{3 * stage + 2}.{place}.conv": f"up_blocks.{stage}.upsamplers.0.conv"
        for stage in range(3)
        for place in (1, 2)
    }
    | {
        "time_embed.0": "time_embedding.linear_1",
        "time_embed.2": "time_embedding.linear_2",
        "label_emb.0.0": "add_embedding.linear_1",
        "label_emb.0.2": "add_embedding.linear_2",
        "input_blocks.0.0": "conv_in",
        "middle_block.0": "mid_block.resnets.0",
        "middle_block.1": "mid_block.attentions.0",
        "middle_block.2": "mid_block.resnets.1",
        "out.0": "conv_norm_out",
        "out.2": "conv_out",
    },
)

SD3_ORIGINAL = KeyLayout(
    "original",
    r"^joint_blocks\.(\d+)\.",
    """
    pos_embed -> pos_embed.pos_embed
    x_embedder.proj.* -> pos_embed.proj.*
    t_embedder.mlp.0.* -> time_text_embed.timestep_embedder.linear_1.*
    t_embedder.mlp.2.* -> time_text_embed.timestep_embedder.linear_2.*
    y_embedder.mlp.0.* -> time_text_embed.text_embedder.linear_1.*
    y_embedder.mlp.2.* -> time_text_embed.text_embedder.linear_2.*
    joint_blocks.#.x_block.adaLN_modulation.1.* -> transformer_blocks.#.norm1.linear.*
    joint_blocks.#.x_block.attn.qkv.* -> transformer_blocks.#.attn.{to_q,to_k,to_v}.*
    joint_blocks.#.x_block.attn.ln_q.* -> transformer_blocks.#.attn.norm_q.*
    joint_blocks.#.x_block.attn.ln_k.* -> transformer_blocks.#.attn.norm_k.*
    joint_blocks.#.x_block.attn.proj.* -> transformer_blocks.#.attn.to_out.0.*
    joint_blocks.#.x_block.attn2.qkv.* -> transformer_blocks.#.attn2.{to_q,to_k,to_v}.*
    joint_blocks.#.x_block.attn2.ln_q.* -> transformer_blocks.#.attn2.norm_q.*
    joint_blocks.#.x_block.attn2.ln_k.* -> transformer_blocks.#.attn2.norm_k.*
    joint_blocks.#.x_block.attn2.proj.* -> transformer_blocks.#.attn2.to_out.0.*
    joint_blocks.#.x_block.mlp.fc1.* -> transformer_blocks.#.ff.net.0.proj.*
    joint_blocks.#.x_block.mlp.fc2.* -> transformer_blocks.#.ff.net.2.*
    joint_blocks.LAST.context_block.adaLN_modulation.1.* -> \
transformer_blocks.LAST.norm1_context.linear.* : swapped
    joint_blocks.#.context_block.adaLN_modulation.1.* -> transformer_blocks.#.norm1_context.linear.*
    joint_blocks.#.context_block.attn.qkv.* -> \
transformer_blocks.#.attn.{add_q_proj,add_k_proj,add_v_proj}.*
    joint_blocks.#.context_block.attn.ln_q.* -> transformer_blocks.#.attn.norm_added_q.*
    joint_blocks.#.context_block.attn.ln_k.* -> transformer_blocks.#.attn.norm_added_k.*
    joint_blocks.#.context_block.attn.proj.* -> transformer_blocks.#.attn.to_add_out.*
    joint_blocks.#.context_block.mlp.fc1.* -> transformer_blocks.#.ff_context.net.0.proj.*
    joint_blocks.#.context_block.mlp.fc2.* -> transformer_blocks.#.ff_context.net.2.*
    final_layer.adaLN_modulation.1.* -> norm_out.linear.* : swapped
    final_layer.linear.* -> proj_out.*
    """,
)

FLUX_ORIGINAL = KeyLayout(
    "original",
    r"^(?:double|single)_blocks\.\d+\.",
    """
    img_in.* -> x_embedder.*
    txt_in.* -> context_embedder.*
    time_in.in_layer.* -> time_text_embed.timestep_embedder.linear_1.*
    time_in.out_layer.* -> time_text_embed.timestep_embedder.linear_2.*
    vector_in.in_layer.* -> time_text_embed.text_embedder.linear_1.*
    vector_in.out_layer.* -> time_text_embed.text_embedder.linear_2.*
    guidance_in.in_layer.* -> time_text_embed.guidance_embedder.linear_1.*
    guidance_in.out_layer.* -> time_text_embed.guidance_embedder.linear_2.*
    double_blocks.#.img_mod.lin.* -> transformer_blocks.#.norm1.linear.*
    double_blocks.#.img_attn.qkv.* -> transformer_blocks.#.attn.{to_q,to_k,to_v}.*
    double_blocks.#.img_attn.norm.query_norm.scale -> transformer_blocks.#.attn.norm_q.weight
    double_blocks.#.img_attn.norm.key_norm.scale -> transformer_blocks.#.attn.norm_k.weight
    double_blocks.#.img_attn.proj.* -> transformer_blocks.#.attn.to_out.0.*
    double_blocks.#.img_mlp.0.* -> transformer_blocks.#.ff.net.0.proj.*
    double_blocks.#.img_mlp.2.* -> transformer_blocks.#.ff.net.2.*
    double_blocks.#.txt_mod.lin.* -> transformer_blocks.#.norm1_context.linear.*
    double_blocks.#.txt_attn.qkv.* -> \
transformer_blocks.#.attn.{add_q_proj,add_k_proj,add_v_proj}.*
    double_blocks.#.txt_attn.norm.query_norm.scale -> transformer_blocks.#.attn.norm_added_q.weight
    double_blocks.#.txt_attn.norm.key_norm.scale -> transformer_blocks.#.attn.norm_added_k.weight
    double_blocks.#.txt_attn.proj.* -> transformer_blocks.#.attn.to_add_out.*
    double_blocks.#.txt_mlp.0.* -> transformer_blocks.#.ff_context.net.0.proj.*
    double_blocks.#.txt_mlp.2.* -> transformer_blocks.#.ff_context.net.2.*
    single_blocks.#.modulation.lin.* -> single_transformer_blocks.#.norm.linear.*
    single_blocks.#.linear1.* -> \
single_transformer_blocks.#.{attn.to_q,attn.to_k,attn.to_v,proj_mlp}.* : 1:1:1:4
    single_blocks.#.norm.query_norm.scale -> single_transformer_blocks.#.attn.norm_q.weight
    single_blocks.#.norm.key_norm.scale -> single_transformer_blocks.#.attn.norm_k.weight
    single_blocks.#.linear2.* -> single_transformer_blocks.#.proj_out.*
    final_layer.adaLN_modulation.1.* -> norm_out.linear.* : swapped
    final_layer.linear.* -> proj_out.*
    """,
)

AURAFLOW_ORIGINAL = KeyLayout(
    "original",
    r"^(?:double|single)_layers\.\d+\.",
    """
    positional_encoding -> pos_embed.pos_embed
    init_x_linear.* -> pos_embed.proj.*
    cond_seq_linear.* -> context_embedder.*
    t_embedder.mlp.0.* -> time_step_proj.linear_1.*
    t_embedder.mlp.2.* -> time_step_proj.linear_2.*
    double_layers.#.modX.1.* -> joint_transformer_blocks.#.norm1.linear.*
    double_layers.#.modC.1.* -> joint_transformer_blocks.#.norm1_context.linear.*
    double_layers.#.attn.w2q.* -> joint_transformer_blocks.#.attn.to_q.*
    double_layers.#.attn.w2k.* -> joint_transformer_blocks.#.attn.to_k.*
    double_layers.#.attn.w2v.* -> joint_transformer_blocks.#.attn.to_v.*
    double_layers.#.attn.w2o.* -> joint_transformer_blocks.#.attn.to_out.0.*
    double_layers.#.attn.w1q.* -> joint_transformer_blocks.#.attn.add_q_proj.*
    double_layers.#.attn.w1k.* -> joint_transformer_blocks.#.attn.add_k_proj.*
    double_layers.#.attn.w1v.* -> joint_transformer_blocks.#.attn.add_v_proj.*
    double_layers.#.attn.w1o.* -> joint_transformer_blocks.#.attn.to_add_out.*
    double_layers.#.mlpX.c_fc1.* -> joint_transformer_blocks.#.ff.linear_1.*
    double_layers.#.mlpX.c_fc2.* -> joint_transformer_blocks.#.ff.linear_2.*
    double_layers.#.mlpX.c_proj.* -> joint_transformer_blocks.#.ff.out_projection.*
    double_layers.#.mlpC.c_fc1.* -> joint_transformer_blocks.#.ff_context.linear_1.*
    double_layers.#.mlpC.c_fc2.* -> joint_transformer_blocks.#.ff_context.linear_2.*
    double_layers.#.mlpC.c_proj.* -> joint_transformer_blocks.#.ff_context.out_projection.*
    single_layers.#.modCX.1.* -> single_transformer_blocks.#.norm1.linear.*
    single_layers.#.attn.w1q.* -> single_transformer_blocks.#.attn.to_q.*
    single_layers.#.attn.w1k.* -> single_transformer_blocks.#.attn.to_k.*
    single_layers.#.attn.w1v.* -> single_transformer_blocks.#.attn.to_v.*
    single_layers.#.attn.w1o.* -> single_transformer_blocks.#.attn.to_out.0.*
    single_layers.#.mlp.c_fc1.* -> single_transformer_blocks.#.ff.linear_1.*
    single_layers.#.mlp.c_fc2.* -> single_transformer_blocks.#.ff.linear_2.*
    single_layers.#.mlp.c_proj.* -> single_transformer_blocks.#.ff.out_projection.*
    modF.1.* -> norm_out.linear.* : swapped
    final_linear.* -> proj_out.*
    """,
)

HUNYUAN_ORIGINAL = KeyLayout(
    "original",
    r"^blocks\.\d+\.attn1\.Wqkv\.",
    # diffusers numbers the norms of a block in order of use.
    """
    x_embedder.proj.* -> pos_embed.proj.*
    mlp_t5.0.* -> text_embedder.linear_1.*
    mlp_t5.2.* -> text_embedder.linear_2.*
    t_embedder.mlp.0.* -> time_extra_emb.timestep_embedder.linear_1.*
    t_embedder.mlp.2.* -> time_extra_emb.timestep_embedder.linear_2.*
    extra_embedder.0.* -> time_extra_emb.extra_embedder.linear_1.*
    extra_embedder.2.* -> time_extra_emb.extra_embedder.linear_2.*
    style_embedder.* -> time_extra_emb.style_embedder.*
    pooler.? -> time_extra_emb.pooler.?
    blocks.#.default_modulation.1.* -> blocks.#.norm1.linear.*
    blocks.#.norm1.* -> blocks.#.norm1.norm.*
    blocks.#.norm2.* -> blocks.#.norm3.*
    blocks.#.norm3.* -> blocks.#.norm2.*
    blocks.#.attn1.Wqkv.* -> blocks.#.attn1.{to_q,to_k,to_v}.*
    blocks.#.attn2.kv_proj.* -> blocks.#.attn2.{to_k,to_v}.*
    blocks.#.attn2.q_proj.* -> blocks.#.attn2.to_q.*
    blocks.#.attn#.q_norm.* -> blocks.#.attn#.norm_q.*
    blocks.#.attn#.k_norm.* -> blocks.#.attn#.norm_k.*
    blocks.#.attn#.out_proj.* -> blocks.#.attn#.to_out.0.*
    blocks.#.mlp.fc1.* -> blocks.#.ff.net.0.proj.*
    blocks.#.mlp.fc2.* -> blocks.#.ff.net.2.*
    final_layer.adaLN_modulation.1.* -> norm_out.linear.* : swapped
    final_layer.linear.* -> proj_out.*
    """,
)

VAE_ORIGINAL = KeyLayout(
    "original",
    r"^(?:encoder|decoder)\.(?:down|mid|up)\.",
    """
    ?.resnets.#.nin_shortcut.* -> ?.resnets.#.conv_shortcut.*
    ?.attentions.0.norm.* -> ?.attentions.0.group_norm.*
    ?.attentions.0.q.* -> ?.attentions.0.to_q.* : matrix
    ?.attentions.0.k.* -> ?.attentions.0.to_k.* : matrix
    ?.attentions.0.v.* -> ?.attentions.0.to_v.* : matrix
    ?.attentions.0.proj_out.* -> ?.attentions.0.to_out.0.* : matrix
    """,
    {
        f"{half}.{old}": f"{half}.{new}"
        for half in ("encoder", "decoder")
        for old, new in {
            "norm_out": "conv_norm_out",
            "mid.block_1": "mid_block.resnets.0",
            "mid.block_2": "mid_block.resnets.1",
            "mid.attn_1": "mid_block.attentions.0",
        }.items()
    }
    | {
        f"encoder.down.{stage}.block.{layer}": f"encoder.down_blocks.{stage}.resnets.{layer}"
        for stage in range(4)
        for layer in range(2)
    }
    # The original counts the stages of the decoder from the image.
    | {
        f"decoder.up.{3 - stage}.block.{layer}": f"decoder.up_blocks.{stage}.resnets.{layer}"
        for stage in range(4)
        for layer in range(3)
    }
    | {
        f"encoder.down.{stage}.downsample": f"encoder.down_blocks.{stage}.downsamplers.0"
        for stage in range(3)
    }
    | {
        f"decoder.up.{3 - stage}.upsample": f"decoder.up_blocks.{stage}.upsamplers.0"
        for stage in range(3)
    },
)

# diffusers before 0.18.
VAE_OLD_ATTENTION = KeyLayout(
    "diffusers, old attention",
    r"\.attentions\.0\.query\.",
    """
    ?.attentions.0.query.* -> ?.attentions.0.to_q.*
    ?.attentions.0.key.* -> ?.attentions.0.to_k.*
    ?.attentions.0.value.* -> ?.attentions.0.to_v.*
    ?.attentions.0.proj_attn.* -> ?.attentions.0.to_out.0.*
    """,
)

OPEN_CLIP = KeyLayout(
    "original",
    r"^transformer\.resblocks\.",
    """
    positional_embedding -> text_model.embeddings.position_embedding.weight
    token_embedding.weight -> text_model.embeddings.token_embedding.weight
    text_projection -> text_projection.weight : flipped
    ln_final.* -> text_model.final_layer_norm.*
    transformer.resblocks.#.attn.in_proj_* -> \
text_model.encoder.layers.#.self_attn.{q_proj,k_proj,v_proj}.*
    transformer.resblocks.#.attn.out_proj.* -> text_model.encoder.layers.#.self_attn.out_proj.*
    transformer.resblocks.#.ln_1.* -> text_model.encoder.layers.#.layer_norm1.*
    transformer.resblocks.#.ln_2.* -> text_model.encoder.layers.#.layer_norm2.*
    transformer.resblocks.#.mlp.c_fc.* -> text_model.encoder.layers.#.mlp.fc1.*
    transformer.resblocks.#.mlp.c_proj.* -> text_model.encoder.layers.#.mlp.fc2.*
    """,
)

# NovelAI's models and merges of them; transformers 5 omits the prefix as well.
CLIP_WITHOUT_PREFIX = KeyLayout(
    "renamed",
    r"^(?:embeddings\.(?:token|position)_embedding\.|encoder\.layers\.)",
    "",
    {name: f"text_model.{name}" for name in ("embeddings", "encoder", "final_layer_norm")},
)

LAYOUTS = {
    "denoiser": (
        UNET_ORIGINAL,
        SD3_ORIGINAL,
        FLUX_ORIGINAL,
        AURAFLOW_ORIGINAL,
        HUNYUAN_ORIGINAL,
    ),
    "vae": (VAE_ORIGINAL, VAE_OLD_ATTENTION),
    "text_encoder": (OPEN_CLIP, CLIP_WITHOUT_PREFIX),
}
