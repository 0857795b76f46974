"""Narrow networks of real classes, with real inputs of one call."""

import diffusers
import torch
import transformers


def sd3():
    network = diffusers.SD3Transformer2DModel(
        sample_size=64,
        num_layers=4,
        attention_head_dim=32,
        num_attention_heads=8,
        joint_attention_dim=128,
        caption_projection_dim=256,
        pooled_projection_dim=64,
        pos_embed_max_size=96,
        qk_norm="rms_norm",
    )
    return network, {
        "hidden_states": torch.randn(2, 16, 64, 64),
        "encoder_hidden_states": torch.randn(2, 77, 128),
        "pooled_projections": torch.randn(2, 64),
        "timestep": torch.ones(2),
    }


def flux():
    network = diffusers.FluxTransformer2DModel(
        num_layers=3,
        num_single_layers=4,
        attention_head_dim=32,
        num_attention_heads=8,
        joint_attention_dim=128,
        pooled_projection_dim=64,
        guidance_embeds=True,
        axes_dims_rope=(8, 12, 12),
    )
    return network, {
        "hidden_states": torch.randn(1, 1024, 64),
        "encoder_hidden_states": torch.randn(1, 77, 128),
        "pooled_projections": torch.randn(1, 64),
        "timestep": torch.ones(1),
        "guidance": torch.ones(1),
        "img_ids": torch.zeros(1024, 3),
        "txt_ids": torch.zeros(77, 3),
    }


def pixart():
    network = diffusers.PixArtTransformer2DModel(
        num_attention_heads=8,
        attention_head_dim=32,
        num_layers=4,
        sample_size=64,
        cross_attention_dim=256,
        caption_channels=128,
        use_additional_conditions=False,
    )
    return network, {
        "hidden_states": torch.randn(2, 4, 64, 64),
        "encoder_hidden_states": torch.randn(2, 77, 128),
        "timestep": torch.ones(2),
        "added_cond_kwargs": {"resolution": None, "aspect_ratio": None},
    }


def aura_flow():
    network = diffusers.AuraFlowTransformer2DModel(
        sample_size=64,
        num_mmdit_layers=2,
        num_single_dit_layers=4,
        attention_head_dim=32,
        num_attention_heads=8,
        joint_attention_dim=128,
        caption_projection_dim=256,
        pos_embed_max_size=4096,
    )
    return network, {
        "hidden_states": torch.randn(2, 4, 64, 64),
        "encoder_hidden_states": torch.randn(2, 77, 128),
        "timestep": torch.ones(2),
    }


def hunyuan_dit():
    network = diffusers.HunyuanDiT2DModel(
        num_attention_heads=4,
        attention_head_dim=64,
        in_channels=4,
        hidden_size=256,
        num_layers=6,
        sample_size=64,
        patch_size=2,
        cross_attention_dim=128,
        cross_attention_dim_t5=128,
        pooled_projection_dim=64,
        text_len=77,
        text_len_t5=32,
        use_style_cond_and_image_meta_size=False,
    )
    return network, {
        "hidden_states": torch.randn(2, 4, 64, 64),
        "timestep": torch.ones(2),
        "encoder_hidden_states": torch.randn(2, 77, 128),
        "text_embedding_mask": torch.ones(2, 77),
        "encoder_hidden_states_t5": torch.randn(2, 32, 128),
        "text_embedding_mask_t5": torch.ones(2, 32),
        "image_rotary_emb": (torch.randn(1024, 64), torch.randn(1024, 64)),
    }


def wan():
    network = diffusers.WanTransformer3DModel(
        num_attention_heads=4,
        attention_head_dim=64,
        num_layers=4,
        text_dim=128,
        ffn_dim=768,
        freq_dim=64,
    )
    return network, {
        "hidden_states": torch.randn(1, 16, 5, 32, 32),
        "timestep": torch.ones(1),
        "encoder_hidden_states": torch.randn(1, 64, 128),
    }


def clip():
    config = transformers.CLIPTextConfig(
        hidden_size=256, intermediate_size=1024, num_hidden_layers=4, num_attention_heads=4
    )
    tokens = torch.arange(77).repeat(8, 1)
    return transformers.CLIPTextModel(config), {"input_ids": tokens, "output_hidden_states": True}


def t5():
    config = transformers.T5Config(
        d_model=256, d_ff=1024, num_layers=4, num_heads=4, feed_forward_proj="gated-gelu"
    )
    return transformers.T5EncoderModel(config), {"input_ids": torch.arange(256).repeat(4, 1)}


NETWORKS = [sd3, flux, pixart, aura_flow, hunyuan_dit, wan, clip, t5]


def on_meta(value):
    if isinstance(value, torch.Tensor):
        return value.to("meta")
    if isinstance(value, dict):
        return {name: on_meta(inner) for name, inner in value.items()}
    return tuple(map(on_meta, value)) if isinstance(value, tuple) else value
