"""Files in the layouts of their authors and of ComfyUI are named as what they are.

The names were typed by hand from the authors' code, and from ComfyUI's `model_detection.py` and
`sd.py`, which recognise networks by them; shapes are given where they matter.
"""

import pytest
from test_kinds_of_files import told, weights
from weight_indexes import index_of

from generator.checkpoints.identify.contents import identify
from generator.networks.key_patterns import expand

DENOISERS = {
    "hunyuan-image": {
        "img_in.proj.weight": (3584, 64, 1, 1),
        "txt_in.individual_token_refiner.blocks.{0,1}.norm1.weight": (3584,),
        "double_blocks.{0,1}.img_attn_{q,k,v}.weight": (8, 8),
        "single_blocks.{0,1}.linear1_{q,k,v,mlp}.weight": (8, 8),
    },
    "hunyuan-image-refiner": {
        "img_in.proj.weight": (3328, 128, 1, 1, 1),
        "txt_in.individual_token_refiner.blocks.{0,1}.norm1.weight": (3328,),
        "double_blocks.{0,1}.img_attn_{q,k,v}.weight": (8, 8),
        "single_blocks.{0,1}.linear2.fc.weight": (8, 8),
    },
    "hunyuan-video-15": {
        "img_in.proj.weight": (2048, 65, 1, 1, 1),
        "txt_in.individual_token_refiner.blocks.{0,1}.norm1.weight": (2048,),
        "byt5_in.fc{1,2,3}.weight vision_in.proj.1.weight": (8, 8),
        "cond_type_embedding.weight": (3, 2048),
        "vision_in.proj.0.weight": (1152,),
        "double_blocks.{0,1}.img_attn_{q,k,v}.weight": (8, 8),
    },
    "krea2": {
        "first.weight tmlp.0.weight tproj.1.weight txtmlp.1.weight last.linear.weight": (8, 8),
        "txtfusion.projector.weight blocks.{0,1}.attn.{wq,wk,wv,wo,gate}.weight": (8, 8),
    },
    "anima": {
        "net.x_embedder.proj.1.weight net.blocks.{0,1}.mlp.layer{1,2}.weight": (8, 8),
        "net.blocks.{0,1}.adaln_modulation_cross_attn.{1,2}.weight": (8, 8),
        "net.llm_adapter.blocks.0.cross_attn.q_proj.weight": (8, 8),
    },
    "cosmos": {
        "net.x_embedder.proj.1.weight net.blocks.block{0,1}.blocks.0.block.attn.to_q.0.weight": (
            8,
            8,
        ),
        "net.extra_pos_embedder.pos_emb_{h,w,t}": (8, 8),
    },
    "chroma-radiance": {
        "distilled_guidance_layer.in_proj.weight double_blocks.{0,1}.img_attn.qkv.weight": (8, 8),
        "img_in_patch.weight": (8, 3, 16, 16),
        "nerf_blocks.0.norm.scale": (8,),
    },
    "longcat-image": {
        "img_in.weight double_blocks.{0,1}.img_attn.qkv.weight": (8, 8),
        "double_blocks.{0,1}.img_attn.norm.key_norm.scale": (8,),
        "txt_in.weight": (3072, 3584),
    },
    "ovis-image": {
        "img_in.weight txt_in.weight double_blocks.{0,1}.img_attn.qkv.weight": (8, 8),
        "double_blocks.{0,1}.img_mlp.{gate_proj,up_proj,down_proj}.weight": (8, 8),
    },
    "z-image-pixel": {
        "cap_embedder.1.weight": (3840, 2560),
        "noise_refiner.0.attention.qkv.weight layers.{0,1}.attention.qkv.weight": (8, 8),
        "dec_net.cond_embed.weight": (8, 8),
        "cap_pad_token cap_embedder.0.weight": (8,),
    },
    "ming-image": {
        "cap_embedder.1.weight": (3840, 2560),
        "cap_embedder.0.weight noise_refiner.0.attention.k_norm.weight": (8,),
        "noise_refiner.0.attention.qkv.weight layers.{0,1}.attention.qkv.weight": (8, 8),
    },
    "newbie": {
        "cap_embedder.1.weight": (2304, 2304),
        "cap_embedder.0.weight clip_text_pooled_proj.0.weight": (8,),
        "noise_refiner.0.attention.qkv.weight layers.{0,1}.attention.qkv.weight": (8, 8),
    },
    "lumina-next": {
        "pad_token cap_embedder.0.weight": (8,),
        "cap_embedder.1.weight layers.{0,1}.attention.{wq,wk,wv,wo,wk_y,wv_y}.weight": (8, 8),
    },
    "cogvideox": {
        "patch_embed.{proj,text_proj}.weight blocks.{0,1}.norm{1,2}.linear.weight": (8, 8),
    },
    "mage-flow": {
        "txt_norm.weight": (2560,),
        "img_in.weight transformer_blocks.{0,1}.attn.to_{q,k,v}.weight": (8, 8),
        "transformer_blocks.{0,1}.img_mlp.net.0.proj.weight": (8, 8),
        "proj_out.weight": (128, 8),
    },
    "lens": {
        "txt_norm.weight transformer_blocks.{0,1}.attn.norm_added_q.weight": (8,),
        "img_in.weight transformer_blocks.{0,1}.img_mlp.{w1,w2,w3}.weight proj_out.weight": (8, 8),
    },
    "ideogram4": {
        "embed_image_indicator.weight input_proj.weight layers.{0,1}.attention.qkv.weight": (8, 8),
    },
    "boogu-image": {
        "double_stream_layers.0.img_instruct_attn.processor.img_to_q.weight": (8, 8),
        "time_caption_embed.timestep_embedder.linear_1.bias": (8,),
        "noise_refiner.0.attn.to_q.weight x_embedder.weight": (8, 8),
    },
    "ace-step": {
        "encoder.lyric_encoder.layers.0.input_layernorm.weight": (8,),
        "decoder.layers.{0,1}.self_attn_norm.weight": (8,),
        "decoder.layers.{0,1}.self_attn.q_proj.weight": (8, 8),
    },
    "seedvr2": {
        "blocks.{0..31}.mlp.all.proj_in_gate.weight vid_in.proj.weight txt_in.weight": (8, 8),
    },
    "hunyuan3d": {
        "latent_in.weight cond_in.weight double_blocks.{0,1}.img_attn.qkv.weight": (8, 8),
    },
    "hunyuan3d-21": {
        "x_embedder.weight t_embedder.mlp.{0,2}.weight blocks.{0,1}.attn1.to_q.weight": (8, 8),
        "blocks.{0,1}.attn1.{q,k}_norm.weight": (8,),
    },
    "hidream-o1": {"t_embedder1.mlp.0.weight x_embedder.proj1.weight": (8, 8)},
    "segmind-vega": {
        "label_emb.0.0.weight input_blocks.{7,8}.1.transformer_blocks.{0,1}.attn1.to_q.weight": (
            8,
            8,
        ),
        "input_blocks.{7,8}.1.transformer_blocks.{0,1}.norm1.weight": (8,),
        "input_blocks.{7,8}.0.in_layers.2.weight": (8, 8, 3, 3),
    },
}
# Stable Audio Open as it is published: the names of its denoiser, of its autoencoder and of the
# numbers of seconds.
STABLE_AUDIO = {
    "model.model.{pre,post}process_conv.weight": (64, 64, 1),
    "model.model.timestep_features.weight": (128, 1),
    "model.model.to_{timestep,global,cond}_embed.{0,2}.weight": (8, 8),
    "model.model.transformer.project_{in,out}.weight": (8, 8),
    "model.model.transformer.rotary_pos_emb.inv_freq": (16,),
    "model.model.transformer.layers.{0,1}.{pre,ff}_norm.{gamma,beta}": (8,),
    "model.model.transformer.layers.{0,1}.cross_attend_norm.{gamma,beta}": (8,),
    "model.model.transformer.layers.{0,1}.self_attn.to_qkv.weight": (24, 8),
    "model.model.transformer.layers.{0,1}.{self,cross}_attn.to_out.weight": (8, 8),
    "model.model.transformer.layers.{0,1}.cross_attn.to_q.weight": (8, 8),
    "model.model.transformer.layers.{0,1}.cross_attn.to_kv.weight": (16, 8),
    "model.model.transformer.layers.{0,1}.ff.ff.0.proj.weight": (64, 8),
    "model.model.transformer.layers.{0,1}.ff.ff.2.weight": (8, 32),
    "pretransform.model.decoder.layers.1.layers.0.beta": (8,),
    "pretransform.model.encoder.layers.1.layers.0.layers.0.beta": (8,),
    "conditioner.conditioners.seconds_{start,total}.embedder.embedding.1.weight": (8, 8),
}


def test_stable_audio_is_a_denoiser_and_an_autoencoder():
    """The denoiser's names become those of diffusers' class."""
    shapes = {name: shape for names, shape in STABLE_AUDIO.items() for name in expand(names)}
    contents = identify(index_of(shapes))
    assert (contents.kind, contents.architecture) == ("checkpoint", "stable-audio")
    assert contents.missing == ("text_encoder",)
    networks = {part.name: part.nearest for part in contents.components}
    assert networks == {"denoiser": "stable-audio", "vae": "oobleck", "other": ""}
    theirs = weights("StableAudioDiTModel", num_layers=2)
    ours = {each.name for each in contents.weights if each.component == "denoiser"}
    assert {name for name in theirs if not name.endswith("bias")} <= ours


AUTOENCODERS = {
    "taehv": {"decoder.{1,8,14,20}.weight": (8, 8, 3, 3), "decoder.22.bias": (3,)},
    "wan-vae": {
        "conv1.weight conv2.weight": (32, 32, 1, 1, 1),
        "decoder.middle.0.residual.0.gamma": (384, 1, 1, 1),
        "decoder.head.2.weight": (3, 96, 3, 3, 3),
    },
    "wan22-vae": {
        "decoder.middle.0.residual.0.gamma": (1024, 1, 1, 1),
        "decoder.upsamples.0.upsamples.0.residual.2.weight": (8, 8, 3, 3, 3),
        "decoder.head.2.weight": (12, 256, 3, 3, 3),
    },
    "qwen-image-21-vae": {
        "decoder.middle.0.residual.0.gamma": (1024, 1, 1, 1),
        "decoder.upsamples.0.upsamples.0.residual.2.weight": (8, 8, 1, 3, 3),
        "decoder.head.2.weight": (4, 256, 1, 3, 3),
    },
    "hunyuan-image-vae": {
        "decoder.conv_in.weight": (1024, 64, 3, 3),
        "decoder.mid.block_1.conv1.weight": (8, 8, 3, 3),
    },
    "hunyuan-video-15-vae": {
        "decoder.conv_in.weight": (1024, 32, 3, 3, 3),
        "decoder.mid.block_1.conv1.weight": (8, 8, 3, 3, 3),
    },
    "mochi-vae": {
        "decoder.blocks.2.blocks.3.stack.5.weight": (8, 8, 3, 3, 3),
        "encoder.layers.4.layers.1.attn_block.attn.qkv.weight": (8, 8),
    },
    "cosmos-vae": {"decoder.unpatcher3d.wavelets encoder.patcher3d.wavelets": (2,)},
    "svd-vae": {
        "decoder.mid.block_1.mix_factor": (1,),
        "decoder.conv_in.weight": (512, 4, 3, 3),
        "decoder.mid.block_1.conv1.weight": (8, 8, 3, 3),
    },
    "ltx-vae": {"decoder.up_blocks.0.res_blocks.0.conv1.conv.weight": (1024, 1024, 3, 3, 3)},
    "seedvr2-vae": {"decoder.up_blocks.2.upsamplers.0.upscale_conv.weight": (8, 8, 1, 1, 1)},
    "hunyuan3d-vae": {"geo_decoder.cross_attn_decoder.ln_1.{weight,bias}": (8,)},
    "kl-f4": {
        "{encoder,decoder}.mid.block_1.conv1.weight": (8, 8, 3, 3),
        "encoder.down.{0..2}.block.{0,1}.conv1.weight": (8, 8, 3, 3),
        "decoder.up.{0..2}.block.{0..2}.conv1.weight": (8, 8, 3, 3),
        "post_quant_conv.weight": (4, 4, 1, 1),
        "decoder.conv_in.weight": (512, 4, 3, 3),
    },
}
TEXT_ENCODERS = {
    "chatglm3-6b": {
        "embedding.word_embeddings.weight": (65024, 4096),
        "encoder.layers.{0,1}.self_attention.query_key_value.weight": (8, 8),
    },
    "bert": {
        "bert.embeddings.{word_embeddings,token_type_embeddings}.weight": (47020, 1024),
        "bert.encoder.layer.{0,1}.attention.self.query.weight": (8, 8),
    },
    "ministral-3b": {
        "model.embed_tokens.weight": (131072, 3072),
        "model.layers.{0,1}.self_attn.q_proj.weight": (8, 8),
    },
    "qwen3-vl-8b": {
        "model.embed_tokens.weight": (151936, 4096),
        "model.layers.{0,1}.self_attn.q_norm.weight": (128,),
        "visual.deepstack_merger_list.0.norm.weight": (8,),
    },
    "umt5-xxl": {
        "token_embedding.weight": (256384, 4096),
        "blocks.{0,1}.pos_embedding.embedding.weight blocks.{0,1}.attn.q.weight": (8, 8),
    },
}


def spread(patterns):
    """Names and shapes, of patterns and shapes."""
    return {name: shape for key, shape in patterns.items() for name in expand(key)}


@pytest.mark.parametrize("prefix", ["", "model.diffusion_model."])
@pytest.mark.parametrize("network", DENOISERS)
def test_denoisers(network, prefix):
    shapes = {prefix + name: shape for name, shape in spread(DENOISERS[network]).items()}
    if prefix:
        shapes = {name.replace(f"{prefix}net.", prefix): shape for name, shape in shapes.items()}
    assert told(shapes) == ("checkpoint", network, "")


@pytest.mark.parametrize("prefix", ["", "first_stage_model.", "vae."])
@pytest.mark.parametrize("network", AUTOENCODERS)
def test_autoencoders(network, prefix):
    shapes = {prefix + name: shape for name, shape in spread(AUTOENCODERS[network]).items()}
    assert told(shapes) == ("vae", network, "")


@pytest.mark.parametrize("network", TEXT_ENCODERS)
def test_text_encoders(network):
    assert told(spread(TEXT_ENCODERS[network])) == ("text encoder", network, "")


def svdquant(stem, outputs, inputs):
    """One matrix as nunchaku stores it, with the low-rank part that its codes lack."""
    return {
        f"{stem}.qweight": ("I8", (outputs, inputs // 2)),
        f"{stem}.wscales": ("BF16", (inputs // 64, outputs)),
        f"{stem}.proj_down": ("BF16", (inputs, 32)),
        f"{stem}.proj_up": ("BF16", (outputs, 32)),
        f"{stem}.smooth_factor": ("BF16", (inputs,)),
        f"{stem}.smooth_factor_orig": ("BF16", (inputs,)),
    }


def test_svdquant_is_counted_as_the_networks_weights_and_never_read_as_numbers():
    stored = {
        "x_embedder.weight": ("BF16", (256, 64)),
        "transformer_blocks.0.norm1.linear.qweight": ("I32", (6 * 256 // 4, 256 // 2)),
        "transformer_blocks.0.norm1.linear.wscales": ("BF16", (4, 6 * 256)),
        "transformer_blocks.0.norm1.linear.wzeros": ("BF16", (4, 6 * 256)),
    }
    for stem in ("transformer_blocks.0.qkv_proj_context", "single_transformer_blocks.0.qkv_proj"):
        stored |= svdquant(stem, 3 * 256, 256)
    contents = identify(index_of(stored))
    assert (contents.architecture, contents.components[0].layout) == ("flux", "nunchaku")
    assert {weight.name: weight.elements for weight in contents.weights} == {
        "x_embedder.weight": 256 * 64,
        "transformer_blocks.0.norm1.linear.weight": 6 * 256 * 256,
        "transformer_blocks.0.qkv_proj_context.weight": 3 * 256 * 256,
        "single_transformer_blocks.0.qkv_proj.weight": 3 * 256 * 256,
    }
    assert {weight.is_readable for weight in contents.weights if weight.quantisation} == {False}


LATER = weights("WanTransformer3DModel", num_layers=8, num_attention_heads=1, ffn_dim=8)


@pytest.mark.parametrize(
    "lost",
    [
        {"blocks.3.attn1.to_k.weight"},
        {"blocks.6.ffn.net.2.bias"},
        {name for name in LATER if name.startswith("blocks.2.")},
    ],
)
def test_what_a_block_lacks_is_told_by_name(lost):
    shapes = {name: shape for name, shape in LATER.items() if name not in lost}
    contents = identify(index_of(shapes))
    (component,) = contents.components
    assert (contents.architecture, component.network) == ("wan", "wan")
    assert set(component.missing) == lost
    assert component.extra == ()


@pytest.mark.parametrize(
    "lost",
    [
        set(),
        # The first and the last block often differ by design,
        {"blocks.0.attn1.to_k.weight", "blocks.7.attn2.to_k.weight"},
        # and so may several.
        {"blocks.2.norm2.bias", "blocks.4.norm2.bias"},
    ],
)
def test_what_blocks_may_lack_by_design_is_not_missing(lost):
    shapes = {name: shape for name, shape in LATER.items() if name not in lost}
    assert identify(index_of(shapes)).components[0].missing == ()


def test_far_numbers_of_blocks_cost_nothing():
    names = {f"blocks.{number}.weight{kind}": (1,) for number in (0, 9998) for kind in range(999)}
    assert identify(index_of(LATER | names)).components[0].missing == ()
