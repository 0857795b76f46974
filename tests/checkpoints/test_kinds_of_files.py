"""Files of networks of diffusers, and adapters for them, are named as what they are."""

import logging
import re
import warnings

import diffusers
import pytest
import torch
from weight_indexes import index_of

from generator.checkpoints.identify.anomalies import Contained, find_anomalies
from generator.checkpoints.identify.contents import identify
from generator.checkpoints.inventory.record import UNREAD, describe
from generator.networks.key_patterns import expand

SDXL = {
    "cross_attention_dim": 2048,
    "block_out_channels": (320, 640, 1280),
    "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
    "attention_head_dim": (5, 10, 20),
    "use_linear_projection": True,
    "addition_embed_type": "text_time",
    "addition_time_embed_dim": 256,
    "projection_class_embeddings_input_dim": 2816,
}
SDXL_UP = {"up_block_types": ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D")}
BRIA_LAYERS = {"num_layers": 1, "num_single_layers": 1}
MAIN_VAE = {
    "block_out_channels": (128, 256, 512, 512),
    "down_block_types": ("DownEncoderBlock2D",) * 4,
    "layers_per_block": 2,
}


SMALL = {"num_layers": 1, "num_attention_heads": 2, "attention_head_dim": 8, "patch_size": 2}
SMALL |= {"in_channels": 4, "out_channels": 4}
EASY = {"time_embed_dim": 8, "text_embed_dim": 8, "sample_height": 8, "sample_width": 8}


def weights(class_name, **config):
    """Names and shapes of a class of diffusers."""
    logging.getLogger("diffusers").setLevel(logging.ERROR)
    with torch.device("meta"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = getattr(diffusers, class_name)(**config)
    return {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}


def told(shapes):
    """Kind of a file, its network or that of its only component, and the network it is for."""
    contents = identify(index_of(shapes))
    network = contents.architecture or contents.components[0].network
    return contents.kind, network, contents.base_model


@pytest.mark.parametrize(
    ("class_name", "config", "network"),
    [
        ("WanTransformer3DModel", {"num_layers": 1}, "wan"),
        ("DreamLiteUNetModel", {}, "dreamlite"),
        ("Kandinsky6SRTransformer3DModel", {}, "kandinsky6-upscaler"),
        ("LongCatAudioDiTTransformer", {}, "longcat-audio"),
        ("MiniMaxMusic3Transformer1DModel", {}, "minimax-music3"),
        ("StableAudio3DiTModel", {}, "stable-audio-3"),
        ("UNet2DModel", {}, "ddpm"),
        ("EasyAnimateTransformer3DModel", SMALL | EASY, "easyanimate"),
        ("UniDiffuserModel", SMALL | {"sample_size": 16}, "unidiffuser"),
        ("SkyReelsV2Transformer3DModel", {"num_layers": 1}, "wan"),
        ("HunyuanVideo15Transformer3DModel", {"num_layers": 1}, "hunyuan-video-15"),
        (
            "HunyuanImageTransformer2DModel",
            {"num_layers": 1, "num_single_layers": 1},
            "hunyuan-image",
        ),
        ("LTX2VideoTransformer3DModel", {"num_layers": 1}, "ltx2"),
        ("AllegroTransformer3DModel", {"num_layers": 1}, "allegro"),
        ("CogView3PlusTransformer2DModel", {"num_layers": 1}, "cogview3"),
        ("CogView4Transformer2DModel", {"num_layers": 1, "attention_head_dim": 64}, "cogview4"),
        ("MochiTransformer3DModel", {"num_layers": 2}, "mochi"),
        ("BriaTransformer2DModel", BRIA_LAYERS, "bria"),
        ("BriaFiboTransformer2DModel", BRIA_LAYERS, "bria-fibo"),
        ("LongCatImageTransformer2DModel", BRIA_LAYERS, "longcat-image"),
        ("OvisImageTransformer2DModel", BRIA_LAYERS, "ovis-image"),
        ("GlmImageTransformer2DModel", {"num_layers": 1}, "glm-image"),
        (
            "Kandinsky5Transformer3DModel",
            {"num_text_blocks": 1, "num_visual_blocks": 1},
            "kandinsky5",
        ),
        ("PriorTransformer", {"num_layers": 1}, "kandinsky2-prior"),
        # Those that share names with a network that is better known.
        ("UNetMotionModel", {}, "animatediff"),
        ("HeliosTransformer3DModel", {"num_layers": 1}, "helios"),
        ("WanAnimate2Transformer3DModel", {"num_layers": 1}, "wan-animate-2"),
        ("MiniMaxH3Transformer3DModel", {"num_layers": 1}, "minimax-h3"),
        ("NucleusMoEImageTransformer2DModel", {}, "nucleus-image"),
        ("SanaVideoTransformer3DModel", {"num_layers": 1}, "sana-video"),
        ("QwenImage21Transformer2DModel", {"num_layers": 1}, "qwen-image-21"),
        ("Krea2Transformer2DModel", {"num_layers": 1}, "krea2"),
        ("ErnieImageTransformer2DModel", {"num_layers": 1}, "ernie-image"),
        ("Flux3Transformer2DModel", {}, "flux3"),
        ("MotifVideoTransformer3DModel", {}, "motif-video"),
        ("Kandinsky3UNet", {}, "kandinsky3"),
        ("DiTTransformer2DModel", {"num_layers": 1}, "dit"),
        ("PRXTransformer2DModel", {"depth": 1}, "prx"),
        ("UNet3DConditionModel", {}, "modelscope"),
        ("I2VGenXLUNet", {}, "i2vgen-xl"),
        (
            "UNet2DConditionModel",
            {**SDXL, **SDXL_UP, "transformer_layers_per_block": [1, 2, 4]},
            "ssd-1b",
        ),
        ("UNet2DConditionModel", {"cross_attention_dim": 768, "time_cond_proj_dim": 256}, "sd1"),
    ],
)
def test_denoisers(class_name, config, network):
    assert told(weights(class_name, **config)) == ("checkpoint", network, "")


@pytest.mark.parametrize(
    ("class_name", "config", "network"),
    [
        (
            "AutoencoderKLWan",
            {"z_dim": 48, "is_residual": True, "in_channels": 12, "out_channels": 12},
            "wan22-vae",
        ),
        ("AutoencoderKLQwenImage", {}, "wan-vae"),
        ("AutoencoderKLQwenImage21", {}, "qwen-image-21-vae"),
        ("AutoencoderKLLTX2Audio", {}, "ltx2-audio-vae"),
        ("AutoencoderVidTok", {}, "vidtok"),
        ("AutoencoderKLKVAEVideo", {}, "kvae-video"),
        ("AutoencoderKLHunyuanVideo15", {}, "hunyuan-video-15-vae"),
        ("AutoencoderKLFlux2", {}, "flux2-vae"),
        ("AutoencoderKLLTXVideo", {}, "ltx-vae"),
        ("AutoencoderKLLTX2Video", {}, "ltx-vae"),
        ("AutoencoderKLCogVideoX", {}, "cogvideox-vae"),
        ("AutoencoderKLMochi", {}, "mochi-vae"),
        ("AutoencoderKLAllegro", {}, "allegro-vae"),
        ("AutoencoderKLCosmos", {}, "cosmos-vae"),
        ("AutoencoderDC", {}, "dc-ae"),
        ("AutoencoderOobleck", {}, "oobleck"),
        ("AutoencoderKLTemporalDecoder", MAIN_VAE, "svd-vae"),
        ("ConsistencyDecoderVAE", {}, "consistency-decoder"),
        ("VQModel", {}, "vq"),
        ("AutoencoderRAE", {}, "rae"),
        ("AutoencoderSAME", {}, "same"),
    ],
)
def test_autoencoders(class_name, config, network):
    assert told(weights(class_name, **config)) == ("vae", network, "")


@pytest.mark.parametrize(
    ("class_name", "config", "kind", "base"),
    [
        ("ControlNetUnionModel", {**SDXL, "transformer_layers_per_block": 1}, "controlnet", "sdxl"),
        ("FluxControlNetModel", BRIA_LAYERS, "controlnet", "flux"),
        ("QwenImageControlNetModel", {"num_layers": 1}, "controlnet", "qwen-image"),
        ("SparseControlNetModel", {}, "controlnet", "sd1"),
        ("T2IAdapter", {"adapter_type": "full_adapter"}, "t2i adapter", "sd1"),
        (
            "T2IAdapter",
            {"adapter_type": "full_adapter_xl", "downscale_factor": 16},
            "t2i adapter",
            "sdxl",
        ),
    ],
)
def test_helpers(class_name, config, kind, base):
    shapes = weights(class_name, **config)
    assert (told(shapes)[0], told(shapes)[2]) == (kind, base)


# Real-ESRGAN saves its networks in a dictionary.
@pytest.mark.parametrize("prefix", ["", "params.", "params_ema."])
def test_upscalers_behind_the_name_of_a_dictionary(prefix):
    shapes = {"conv_first.weight": (64, 3, 3, 3), "body.0.rdb1.conv1.weight": (32, 64, 3, 3)}
    assert told({prefix + name: shape for name, shape in shapes.items()})[0] == "upscaler"


@pytest.mark.parametrize(
    ("shapes", "kind"),
    [
        (
            {
                "model.0.conv.weight": (16, 3, 3, 3),
                "model.0.bn.weight": (16,),
                "model.1.conv.weight": (32, 16, 3, 3),
                "model.22.dfl.conv.weight": (1, 16, 1, 1),
            },
            "detector",
        ),
        (
            {
                "image_encoder.pos_embed": (1, 64, 64, 768),
                "mask_decoder.iou_token.weight": (1, 256),
            },
            "detector",
        ),
        (
            {
                "conv_body_first.weight": (64, 3, 1, 1),
                "stylegan_decoder.constant_input.weight": (1, 512, 4, 4),
            },
            "face restorer",
        ),
    ],
)
def test_detectors_and_face_restorers(shapes, kind):
    assert told(shapes)[0] == kind


def text_model(width, vocabulary, *more):
    """Names of the first layer of a language model."""
    names = {"embed_tokens.weight": (vocabulary, width), "layers.0.self_attn.q_proj.weight": (8, 8)}
    return names | {f"layers.0.{name}": (width,) for name in more}


LANGUAGE_MODELS = {
    "qwen2.5-vl-7b": text_model(3584, 152064, "self_attn.q_proj.bias"),
    "qwen3-4b": text_model(2560, 151936, "self_attn.q_norm.weight"),
    "qwen3-8b": text_model(4096, 151936, "self_attn.q_norm.weight"),
    "gemma2-2b": text_model(2304, 256000, "pre_feedforward_layernorm.weight"),
    "gemma3-12b": text_model(
        3840, 262208, "pre_feedforward_layernorm.weight", "self_attn.q_norm.weight"
    ),
    "mistral-small": text_model(5120, 131072),
    "llama3-8b": text_model(4096, 128256),
}


@pytest.mark.parametrize("prefix", ["model.", "model.language_model.", "language_model.model."])
@pytest.mark.parametrize("network", LANGUAGE_MODELS)
def test_language_models(network, prefix):
    shapes = {prefix + name: shape for name, shape in LANGUAGE_MODELS[network].items()}
    shapes["visual.blocks.0.attn.qkv.weight"] = (8, 8)
    assert told(shapes)[:2] == ("text encoder", network)


def adapter(class_name, spell, only, ends=(".lora_A.weight", ".lora_B.weight"), **config):
    """A LoRA of rank 4 for the matrices of a class whose names fit `only`."""
    factors = {}
    for name, shape in weights(class_name, **config).items():
        if name.endswith(".weight") and len(shape) == 2 and re.search(only, name):
            stem = spell(name.removesuffix(".weight"))
            factors |= {stem + ends[0]: (4, shape[1]), stem + ends[1]: (shape[0], 4)}
    return factors


def dotted(name):
    return f"transformer.{name}"


def undotted(name):
    return f"lora_unet_{name.replace('.', '_')}"


@pytest.mark.parametrize(
    ("class_name", "config", "only", "base"),
    [
        ("WanTransformer3DModel", {"num_layers": 1}, "attn|ffn", "wan"),
        ("QwenImageTransformer2DModel", {}, "attn", "qwen-image"),
        ("ZImageTransformer2DModel", {"n_layers": 1}, "attention|feed", "z-image"),
        ("MochiTransformer3DModel", {"num_layers": 2}, "attn", "mochi"),
        ("HunyuanVideo15Transformer3DModel", {"num_layers": 1}, "s.0.attn", "hunyuan-video-15"),
        ("LTX2VideoTransformer3DModel", {"num_layers": 1}, "attn", "ltx2"),
        ("Flux2Transformer2DModel", BRIA_LAYERS, "attn|ff", "flux2"),
        (
            "Flux2Transformer2DModel",
            {**BRIA_LAYERS, "num_attention_heads": 24, "joint_attention_dim": 7680},
            "attn|ff",
            "flux2",
        ),
        ("FluxTransformer2DModel", BRIA_LAYERS, "single.*attn", "flux"),
        (
            "SD3Transformer2DModel",
            {"num_layers": 2, "num_attention_heads": 24, "caption_projection_dim": 1536},
            "blocks.*(attn|ff)",
            "sd3",
        ),
        ("UNet2DConditionModel", {**SDXL, **SDXL_UP}, "attn2", "sdxl"),
    ],
)
@pytest.mark.parametrize("spell", [dotted, undotted])
def test_loras(class_name, config, only, base, spell):
    assert told(adapter(class_name, spell, only, **config)) == ("lora", "", base)


# Of all blocks: HunyuanVideo has more of them.
FLUX_ATTENTION = ("FluxTransformer2DModel", {"num_layers": 1}, "single.*attn")


@pytest.mark.parametrize(
    ("class_name", "config", "only", "networks"),
    [
        (*FLUX_ATTENTION, {"flux", "chroma"}),
        (
            "ChromaTransformer2DModel",
            {"num_single_layers": 1},
            "^tr.*(attn|ff)",
            {"flux", "chroma"},
        ),
        # Chroma has no modulation.
        ("FluxTransformer2DModel", {"num_single_layers": 1}, "^tr.*attn|norm1.linear", {"flux"}),
        ("ChromaTransformer2DModel", BRIA_LAYERS, "attn|distilled", {"chroma"}),
        ("UNet2DConditionModel", {**SDXL, **SDXL_UP}, "attn2", {"sdxl", "kolors"}),
        ("UNet2DConditionModel", {"cross_attention_dim": 768}, "attn2", {"sd1"}),
        ("UNet2DConditionModel", {"cross_attention_dim": 768}, "attn1", {"sd1", "sd2"}),
        ("PixArtTransformer2DModel", {"num_layers": 1}, "attn", {"pixart", "sana"}),
    ],
)
@pytest.mark.parametrize("spell", [dotted, undotted])
def test_all_networks_that_a_lora_fits_are_named(class_name, config, only, networks, spell):
    contents = identify(index_of(adapter(class_name, spell, only, **config)))
    assert {contents.base_model, *contents.adapter.also_fits} == networks


@pytest.mark.parametrize(
    ("module", "outputs", "networks"),
    [
        # FLUX.1 has 19 and 38 blocks, HunyuanVideo 20 and 40, with these names and widths: where a
        # LoRA ends at the last one of FLUX.1, it is taken as one of all blocks.
        ("double_blocks_7_img_attn_qkv", 9216, {"flux", "chroma", "hunyuan-video"}),
        ("double_blocks_18_img_attn_qkv", 9216, {"flux", "chroma"}),
        ("double_blocks_19_img_attn_qkv", 9216, {"hunyuan-video"}),
        ("single_blocks_7_linear1", 21504, {"flux", "chroma", "hunyuan-video"}),
        ("single_blocks_37_linear1", 21504, {"flux", "chroma"}),
        ("single_blocks_39_linear1", 21504, {"hunyuan-video"}),
    ],
)
def test_a_lora_that_ends_at_the_last_block_is_of_that_network(module, outputs, networks):
    name = f"lora_unet_{module}"
    shapes = {f"{name}.lora_down.weight": (4, 3072), f"{name}.lora_up.weight": (outputs, 4)}
    contents = identify(index_of(shapes))
    assert {contents.base_model, *contents.adapter.also_fits} == networks


def test_a_narrow_unet_is_known_by_its_names():
    attention = "down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q"
    shapes = {f"{undotted(attention)}.lora_{way}.weight": (4, 4) for way in ("down", "up")}
    assert told(shapes) == ("lora", "", "sd1")
    # Not with modules of another network beside them.
    strange = undotted("down_blocks_0_temp_attentions_0_proj_in")
    shapes |= {f"{strange}.lora_{way}.weight": (4, 4) for way in ("down", "up")}
    assert told(shapes) == ("lora", "", "")


def test_a_text_encoder_tells_networks_with_the_same_modules_apart():
    shapes = adapter(FLUX_ATTENTION[0], undotted, FLUX_ATTENTION[2], **FLUX_ATTENTION[1])
    encoder = "lora_te1_text_model_encoder_layers_0_self_attn_q_proj"
    shapes |= {f"{encoder}.lora_A.weight": (4, 768), f"{encoder}.lora_B.weight": (768, 4)}
    contents = identify(index_of(shapes))
    # Chroma reads T5 alone.
    assert (contents.base_model, contents.adapter.also_fits) == ("flux", ())


def test_spellings_of_adapters():
    down, up = ((4, 768), (320, 4))
    module = "down_blocks.0.attentions.0.transformer_blocks.0.attn2"
    processors = {
        f"unet.{module}.processor.to_k_lora.down.weight": down,
        f"unet.{module}.processor.to_k_lora.up.weight": up,
    }
    assert told(processors) == ("lora", "", "sd1")
    named = {
        f"unet.{module}.to_k.lora_A.my_style.weight": down,
        f"unet.{module}.to_k.lora_B.my_style.weight": up,
    }
    assert told(named) == ("lora", "", "sd1")
    kronecker = {
        f"lora_unet_{module.replace('.', '_')}_to_k.{end}": shape
        for end, shape in {
            "lokr_w1": (4, 4),
            "lokr_w2_a": (80, 2),
            "lokr_w2_b": (2, 192),
        }.items()
    }
    assert told(kronecker) == ("lora", "", "sd1")


def pairs(names, inputs, outputs, ends=(".lora_A.weight", ".lora_B.weight")):
    """Factors of rank 4 for each of the modules that a pattern stands for."""
    sides = ((4, inputs), (outputs, 4))
    return {
        f"{name}{end}": side
        for name in expand(names)
        for end, side in zip(ends, sides, strict=True)
    }


LORAS = [
    # Trained for both, and told apart by the module of the language model alone.
    (
        "anima",
        pairs("diffusion_model.blocks.{0..27}.self_attn.q_proj", 2048, 2048)
        | pairs("diffusion_model.llm_adapter.blocks.{0..5}.self_attn.q_proj", 1024, 1024),
    ),
    ("pixart", pairs("base_model.model.transformer_blocks.{0..27}.attn{1,2}.to_q", 1152, 1152)),
    ("wan", pairs("{transformer,transformer_2}.blocks.{0..39}.attn1.to_q", 5120, 5120)),
    (
        "ace-step",
        pairs("transformer_blocks.{0..23}.attn.to_q", 2560, 2560)
        | pairs("lyric_encoder.encoders.{0..5}.self_attn.linear_q", 1024, 1024),
    ),
    ("ace-step", pairs("base_model.model.layers.{0..23}.{self,cross}_attn.q_proj", 2048, 2048)),
    (
        "stable-audio",
        pairs("diffusion_model.transformer.layers.{0..23}.self_attn.to_qkv", 1536, 4608),
    ),
    (
        "svd",
        pairs("unet.down_blocks.0.attentions.0.temporal_transformer_blocks.0.attn1.to_q", 320, 320),
    ),
    ("newbie", pairs("lora_unet_layers_{0..35}_attention_qkv", 2560, 3840)),
    # LayerDiffuse.
    (
        "sdxl",
        pairs(
            "diffusion_model.input_blocks.4.1.transformer_blocks.0.attn2.to_k.weight",
            2048,
            640,
            ("::lora::1", "::lora::0"),
        ),
    ),
    # Changes of norms alone.
    (
        "sd1",
        {
            f"lora_unet_down_blocks_{block}_resnets_0_norm1.{end}": (width,)
            for block, width in enumerate((320, 320, 640, 1280))
            for end in ("w_norm", "b_norm")
        },
    ),
    ("flux", {f"transformer.transformer_blocks.{n}.attn.norm_q.diff": (128,) for n in range(19)}),
]


@pytest.mark.parametrize(("base", "shapes"), LORAS)
def test_adapters_of_a_network(base, shapes):
    assert told(shapes) == ("lora", "", base)


def lllite(block):
    """A module of a ControlNet-LLLite for SDXL."""
    module = f"lllite_unet_{block}_1_transformer_blocks_0_attn1_to_q"
    return {f"{module}.down.0.weight": (32, 1280), f"{module}.up.0.weight": (1280, 32)}


NAMED_HELPERS = [
    ("controlnet", "sdxl", lllite("input_blocks_7")),
    ("controlnet", "sdxl", lllite("middle_block")),
    (
        "controlnet",
        "sdxl",
        {
            "lora_controlnet": (),
            "input_hint_block.0.weight": (16, 3, 3, 3),
            "zero_convs.0.0.weight": (320, 320, 1, 1),
            "label_emb.0.0.down": (256, 2816),
        },
    ),
    (
        "controlnet",
        "wan",
        {
            "vace_patch_embedding.weight": (5120, 96, 1, 2, 2),
            "vace_blocks.0.before_proj.weight": (5120, 5120),
            "vace_blocks.0.self_attn.q.weight": (5120, 5120),
        },
    ),
    (
        "motion module",
        "sdxl",
        {f"down_blocks.{n}.temporal_attentions.0.norm.weight": (320,) for n in range(3)},
    ),
    (
        "ip adapter",
        "sdxl",
        {
            "id_encoder.fuse_module.mlp1.fc1.weight": (4096, 4096),
            "lora_weights.unet.mid_block.attn1.to_q_lora.down.weight": (64, 640),
            "lora_weights.unet.mid_block.attn1.to_q_lora.up.weight": (640, 64),
        },
    ),
    ("ip adapter", "sd35", {f"ip_adapter.{n}.to_k_ip.weight": (2432, 2432) for n in range(38)}),
    ("ip adapter", "kolors", {f"ip_adapter.{n}.to_k_ip.weight": (640, 4096) for n in (1, 3)}),
]


@pytest.mark.parametrize(("kind", "base", "shapes"), NAMED_HELPERS)
def test_helpers_by_their_names(kind, base, shapes):
    assert (told(shapes)[0], told(shapes)[2]) == (kind, base)


@pytest.mark.parametrize(
    ("base", "encoders", "shapes"),
    [
        (
            "sdxl",
            ("text_encoder", "text_encoder_2"),
            {"text_encoders_0": (2, 768), "text_encoders_1": (2, 1280)},
        ),
        ("flux", ("text_encoder", "text_encoder_2"), {"clip_l": (2, 768), "t5": (2, 4096)}),
        ("sdxl", ("text_encoder_2",), {"clip_g_out": (2, 1280)}),
        ("sd1", ("text_encoder",), {"<s0>": (768,), "<s1>": (768,)}),
        # A word without brackets, alone in its file.
        ("sd1", ("text_encoder",), {"sks": (1, 768)}),
        ("z-image", (), {"qwen3_4b": (2, 2560)}),
    ],
)
def test_names_of_embeddings(base, encoders, shapes):
    contents = identify(index_of(shapes))
    assert (contents.kind, contents.base_model) == ("embedding", base)
    assert contents.adapter.encoders == encoders


@pytest.mark.parametrize("name", ["weight", "bias", "a.b"])
def test_one_matrix_is_no_embedding(name):
    assert told({name: (4, 768)})[0] != "embedding"


def test_embeddings_are_for_the_encoders_that_they_hold():
    assert told({"clip_l": (4, 768), "t5xxl": (4, 4096)})[2] == "flux"
    assert told({"clip_l": (4, 768), "clip_g": (4, 1280), "t5xxl": (4, 4096)})[2] == "sd3"


@pytest.mark.parametrize("prefix", ["model.", "ema_model.", "unet_ema.", "state_dict."])
def test_prefixes_before_a_known_network(prefix):
    shapes = weights("UNet2DConditionModel", cross_attention_dim=768)
    contents = identify(index_of({prefix + name: shape for name, shape in shapes.items()}))
    assert (contents.architecture, contents.prefixes) == ("sd1", (prefix.rstrip("."),))


@pytest.mark.parametrize(
    "prefix", ["model.", "dit.", "student.", "generator_ema.model.", "any.name.at.", "x.y.z.w."]
)
def test_any_prefix_before_a_network_with_a_signature(prefix):
    shapes = weights("WanTransformer3DModel", num_layers=1)
    contents = identify(index_of({prefix + name: shape for name, shape in shapes.items()}))
    if prefix.count(".") > 3:
        assert contents.architecture != "wan"
    else:
        assert (contents.architecture, contents.prefixes) == ("wan", (prefix.rstrip("."),))


def test_a_prefix_before_names_of_no_network_stays():
    shapes = {f"head.{number}.weight": (8, 8) for number in range(8)}
    assert identify(index_of(shapes)).prefixes == ()


def test_a_lost_scale_of_a_scaled_float8_file_is_told():
    shapes = {
        "double_blocks.0.img_attn.qkv.weight": ("F8_E4M3", (96, 32)),
        "double_blocks.0.img_attn.qkv.scale_weight": ("F32", ()),
        "double_blocks.0.txt_attn.qkv.weight": ("F8_E4M3", (96, 32)),
        "double_blocks.0.txt_attn.proj.bias": ("F8_E4M3", (96,)),
    }
    index = index_of(shapes)
    contents = identify(index)
    rows = describe(index, contents, UNREAD).rows
    found = find_anomalies(Contained(index, contents, rows, {}, ()))
    (lost,) = [anomaly for anomaly in found if anomaly.code == "missing_scale"]
    assert set(lost.tensors) == {"double_blocks.0.txt_attn.qkv.weight"}
    complete = shapes | {"double_blocks.0.txt_attn.qkv.scale_weight": ("F32", ())}
    index = index_of(complete)
    rows = describe(index, identify(index), UNREAD).rows
    found = find_anomalies(Contained(index, identify(index), rows, {}, ()))
    assert "missing_scale" not in {anomaly.code for anomaly in found}
