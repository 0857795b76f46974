"""Canonical keys of all weights of the known networks, as patterns.

For braces see `key_patterns`; `@` stands for the repeated block.
"""

UNET_ENDS = """
    {conv_in,time_embedding.linear_1,time_embedding.linear_2,conv_norm_out,conv_out}.{weight,bias}
"""
RESNET = "{norm1,conv1,time_emb_proj,norm2,conv2}.{weight,bias}"
# A spatial transformer, outside and inside its blocks.
SPATIAL = "{norm,proj_in,proj_out}.{weight,bias}"
SPATIAL_BLOCK = """
    @.{norm1,norm2,norm3,attn1.to_out.0,attn2.to_out.0,ff.net.0.proj,ff.net.2}.{weight,bias}
    @.{attn1,attn2}.{to_q,to_k,to_v}.weight
"""


def spatial_names(place: str, depth: int) -> str:
    """The names of spatial transformers at `place` with `depth` blocks each."""
    blocks = f"{place}.transformer_blocks.{{0..{depth - 1}}}"
    return f"{place}.{SPATIAL} {SPATIAL_BLOCK.replace('@', blocks)}"


SD1_UNET = f"""
    {UNET_ENDS}
    down_blocks.{{0..3}}.resnets.{{0,1}}.{RESNET}
    down_blocks.{{1,2}}.resnets.0.conv_shortcut.{{weight,bias}}
    down_blocks.{{0..2}}.downsamplers.0.conv.{{weight,bias}}
    {spatial_names("down_blocks.{0..2}.attentions.{0,1}", 1)}
    mid_block.resnets.{{0,1}}.{RESNET}
    {spatial_names("mid_block.attentions.0", 1)}
    up_blocks.{{0..3}}.resnets.{{0..2}}.{RESNET}
    up_blocks.{{0..3}}.resnets.{{0..2}}.conv_shortcut.{{weight,bias}}
    up_blocks.{{0..2}}.upsamplers.0.conv.{{weight,bias}}
    {spatial_names("up_blocks.{1..3}.attentions.{0..2}", 1)}
"""

SDXL_UNET = f"""
    {UNET_ENDS}
    add_embedding.linear_{{1,2}}.{{weight,bias}}
    down_blocks.{{0..2}}.resnets.{{0,1}}.{RESNET}
    down_blocks.{{1,2}}.resnets.0.conv_shortcut.{{weight,bias}}
    down_blocks.{{0,1}}.downsamplers.0.conv.{{weight,bias}}
    {spatial_names("down_blocks.1.attentions.{0,1}", 2)}
    {spatial_names("down_blocks.2.attentions.{0,1}", 10)}
    mid_block.resnets.{{0,1}}.{RESNET}
    {spatial_names("mid_block.attentions.0", 10)}
    up_blocks.{{0..2}}.resnets.{{0..2}}.{RESNET}
    up_blocks.{{0..2}}.resnets.{{0..2}}.conv_shortcut.{{weight,bias}}
    up_blocks.{{0,1}}.upsamplers.0.conv.{{weight,bias}}
    {spatial_names("up_blocks.0.attentions.{0..2}", 10)}
    {spatial_names("up_blocks.1.attentions.{0..2}", 2)}
"""

REFINER_UNET = f"""
    {UNET_ENDS}
    add_embedding.linear_{{1,2}}.{{weight,bias}}
    down_blocks.{{0..3}}.resnets.{{0,1}}.{RESNET}
    down_blocks.{{1,2}}.resnets.0.conv_shortcut.{{weight,bias}}
    down_blocks.{{0..2}}.downsamplers.0.conv.{{weight,bias}}
    {spatial_names("down_blocks.{1,2}.attentions.{0,1}", 4)}
    mid_block.resnets.{{0,1}}.{RESNET}
    {spatial_names("mid_block.attentions.0", 4)}
    up_blocks.{{0..3}}.resnets.{{0..2}}.{RESNET}
    up_blocks.{{0..3}}.resnets.{{0..2}}.conv_shortcut.{{weight,bias}}
    up_blocks.{{0..2}}.upsamplers.0.conv.{{weight,bias}}
    {spatial_names("up_blocks.{1,2}.attentions.{0..2}", 4)}
"""

MMDIT_ENDS = """
    {pos_embed.proj,context_embedder,norm_out.linear,proj_out}.{weight,bias}
    time_text_embed.{timestep_embedder,text_embedder}.linear_{1,2}.{weight,bias}
"""
# The last block's text stream ends in its attention.
MMDIT_BLOCK = """
    @.{norm1,norm1_context}.linear.{weight,bias}
    @.attn.{to_q,to_k,to_v,add_q_proj,add_k_proj,add_v_proj,to_out.0}.{weight,bias}
    @.{ff.net.0.proj,ff.net.2}.{weight,bias}
"""
MMDIT_CONTEXT = "{attn.to_add_out,ff_context.net.0.proj,ff_context.net.2}.{weight,bias}"
QK_NORM = "attn.{norm_q,norm_k,norm_added_q,norm_added_k}.weight"


def mmdit_names(blocks: int) -> str:
    """The names of an MMDiT with that many joint blocks."""
    every = MMDIT_BLOCK.replace("@", f"transformer_blocks.{{0..{blocks - 1}}}")
    return f"{MMDIT_ENDS} {every} transformer_blocks.{{0..{blocks - 2}}}.{MMDIT_CONTEXT}"


FLUX_TRANSFORMER = """
    {context_embedder,x_embedder,norm_out.linear,proj_out}.{weight,bias}
    time_text_embed.{timestep_embedder,text_embedder}.linear_{1,2}.{weight,bias}
    transformer_blocks.{0..18}.{norm1,norm1_context}.linear.{weight,bias}
    transformer_blocks.{0..18}.attn.{norm_q,norm_k,norm_added_q,norm_added_k}.weight
    transformer_blocks.{0..18}.attn.{to_q,to_k,to_v,to_out.0}.{weight,bias}
    transformer_blocks.{0..18}.attn.{add_q_proj,add_k_proj,add_v_proj,to_add_out}.{weight,bias}
    transformer_blocks.{0..18}.{ff,ff_context}.net.{0.proj,2}.{weight,bias}
    single_transformer_blocks.{0..37}.{norm.linear,proj_mlp,proj_out}.{weight,bias}
    single_transformer_blocks.{0..37}.attn.{norm_q,norm_k}.weight
    single_transformer_blocks.{0..37}.attn.{to_q,to_k,to_v}.{weight,bias}
"""

AURAFLOW_TRANSFORMER = """
    register_tokens pos_embed.pos_embed pos_embed.proj.{weight,bias} context_embedder.weight
    time_step_proj.linear_{1,2}.{weight,bias} norm_out.linear.weight proj_out.weight
    joint_transformer_blocks.{0..3}.{norm1,norm1_context}.linear.weight
    joint_transformer_blocks.{0..3}.attn.{to_q,to_k,to_v,to_out.0}.weight
    joint_transformer_blocks.{0..3}.attn.{add_q_proj,add_k_proj,add_v_proj,to_add_out}.weight
    joint_transformer_blocks.{0..3}.{ff,ff_context}.{linear_1,linear_2,out_projection}.weight
    single_transformer_blocks.{0..31}.norm1.linear.weight
    single_transformer_blocks.{0..31}.attn.{to_q,to_k,to_v,to_out.0}.weight
    single_transformer_blocks.{0..31}.ff.{linear_1,linear_2,out_projection}.weight
"""

HUNYUAN_TRANSFORMER = """
    text_embedding_padding text_embedder.linear_{1,2}.{weight,bias} pos_embed.proj.{weight,bias}
    time_extra_emb.{timestep_embedder,extra_embedder}.linear_{1,2}.{weight,bias}
    time_extra_emb.pooler.positional_embedding
    time_extra_emb.pooler.{q_proj,k_proj,v_proj,c_proj}.{weight,bias}
    {norm_out.linear,proj_out}.{weight,bias}
    blocks.{0..39}.{norm1.norm,norm1.linear,norm2,norm3,ff.net.0.proj,ff.net.2}.{weight,bias}
    blocks.{0..39}.{attn1,attn2}.{norm_q,norm_k,to_q,to_k,to_v,to_out.0}.{weight,bias}
    blocks.{21..39}.{skip_norm,skip_linear}.{weight,bias}
"""

VAE_RESNET = "{norm1,conv1,norm2,conv2}.{weight,bias}"
VAE = f"""
    {{encoder,decoder}}.{{conv_in,conv_norm_out,conv_out}}.{{weight,bias}}
    {{encoder,decoder}}.mid_block.attentions.0.{{group_norm,to_q,to_k,to_v,to_out.0}}.{{weight,bias}}
    {{encoder,decoder}}.mid_block.resnets.{{0,1}}.{VAE_RESNET}
    encoder.down_blocks.{{0..3}}.resnets.{{0,1}}.{VAE_RESNET}
    encoder.down_blocks.{{1,2}}.resnets.0.conv_shortcut.{{weight,bias}}
    encoder.down_blocks.{{0..2}}.downsamplers.0.conv.{{weight,bias}}
    decoder.up_blocks.{{0..3}}.resnets.{{0..2}}.{VAE_RESNET}
    decoder.up_blocks.{{2,3}}.resnets.0.conv_shortcut.{{weight,bias}}
    decoder.up_blocks.{{0..2}}.upsamplers.0.conv.{{weight,bias}}
"""

CLIP_LAYER = """
    {layer_norm1,layer_norm2,mlp.fc1,mlp.fc2}.{weight,bias}
    self_attn.{q_proj,k_proj,v_proj,out_proj}.{weight,bias}
"""
CLIP_TABLES = "text_model.embeddings.position_ids logit_scale attn_mask"
UNUSED_CLIP = f"{CLIP_TABLES} text_projection.weight text_projection.bias"


def clip_names(layers: int, projection: str = "") -> str:
    """The names of a CLIP text encoder."""
    each = " ".join(
        f"text_model.encoder.layers.{{0..{layers - 1}}}.{n}" for n in CLIP_LAYER.split()
    )
    return f"""
        text_model.embeddings.{{token_embedding,position_embedding}}.weight
        text_model.final_layer_norm.{{weight,bias}}
        {each} {projection}
    """


def layer_23_names() -> str:
    """The names of the last of OpenCLIP ViT-H's 24 layers."""
    return " ".join(f"text_model.encoder.layers.23.{name}" for name in CLIP_LAYER.split())


T5 = """
    shared.weight encoder.final_layer_norm.weight
    encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight
    encoder.block.{0..23}.layer.0.SelfAttention.{q,k,v,o}.weight
    encoder.block.{0..23}.layer.1.DenseReluDense.{wi_0,wi_1,wo}.weight
    encoder.block.{0..23}.layer.{0,1}.layer_norm.weight
"""
