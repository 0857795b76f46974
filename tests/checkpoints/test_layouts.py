"""Against diffusers: its networks on the meta device, and its own converters of single files."""

import json
import re
import warnings
from pathlib import Path

import networks
import pytest
import torch
from diffusers.loaders import single_file_utils as converters
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

from generator.checkpoints.formats.index import Tensor, TensorIndex
from generator.checkpoints.identify.contents import identify
from generator.checkpoints.identify.reading import canonical, locate
from generator.checkpoints.keys.stored_names import stored_tensors
from generator.networks.families import FAMILIES
from generator.networks.known import NETWORKS
from generator.networks.layouts import LAYOUTS
from generator.networks.signatures import SIGNATURES
from generator.records import ShapeDifference

LAST_WORDS = ("weight", "bias")
RECORDS = Path(__file__).parents[2] / "data" / "architectures"
DENOISERS = ("sd1", "sd2", "sdxl", "sd3", "sd35", "flux", "auraflow", "hunyuan-dit")
ORIGINALS = {
    "sd1": (LAYOUTS["unet-original"], converters.convert_ldm_unet_checkpoint),
    "sd2": (LAYOUTS["unet-original"], converters.convert_ldm_unet_checkpoint),
    "sdxl": (LAYOUTS["unet-original"], converters.convert_ldm_unet_checkpoint),
    "sd3": (LAYOUTS["sd3-original"], converters.convert_sd3_transformer_checkpoint_to_diffusers),
    "sd35": (LAYOUTS["sd3-original"], converters.convert_sd3_transformer_checkpoint_to_diffusers),
    "flux": (LAYOUTS["flux-original"], converters.convert_flux_transformer_checkpoint_to_diffusers),
    "auraflow": (
        LAYOUTS["auraflow-original"],
        converters.convert_auraflow_transformer_checkpoint_to_diffusers,
    ),
}


def index_of(tensors):
    """An index of tensors that lie one behind the other in a file that is not there."""
    entries, offset = [], 0
    for name, tensor in tensors.items():
        size = tensor.numel() * tensor.element_size()
        entries.append(
            Tensor(
                name=name,
                dtype=str(tensor.dtype).removeprefix("torch."),
                shape=tuple(tensor.shape),
                file=0,
                offset=offset,
                nbytes=size,
            )
        )
        offset += size
    return TensorIndex(path=Path("model.safetensors"), files=(), tensors=tuple(entries))


def original(state, layout, last=0):
    """A state dict in the original layout. The converters tell whether it is right."""
    tensors = {}
    for stored in stored_tensors(state, layout, last):
        tensor = torch.cat([state[name] for name in stored.weights])
        if not state[stored.weights[0]].ndim:
            tensor = state[stored.weights[0]]
        if stored.form == "matrix" and tensor.ndim == 2:
            tensor = tensor[..., None, None]
        if stored.form == "swapped":
            tensor = torch.cat(tensor.chunk(2)[::-1])
        if stored.form == "flipped":
            tensor = tensor.T.contiguous()
        tensors[stored.name] = tensor
    return tensors


def shapes(tensors):
    return {name: tuple(tensor.shape) for name, tensor in tensors.items() if tensor is not None}


def last_block(id_):
    return {"sd3": 23, "sd35": 37}.get(id_, 0)


@pytest.mark.parametrize("id_", DENOISERS)
def test_the_blocks_are_those_of_the_architecture_page(id_):
    contents = identify(index_of(networks.denoiser(id_).state_dict()))
    assert (contents.architecture, contents.components[0].differences) == (id_, ())
    counted = {}
    for weight in contents.weights:
        if weight.is_weight:
            counted[weight.block] = counted.get(weight.block, 0) + weight.elements
    blocks = json.loads((RECORDS / f"{id_}.json").read_text())["mbw"]["blocks"]
    assert counted == {block["name"]: block["parameters"] for block in blocks}


@pytest.mark.parametrize("id_", DENOISERS)
def test_the_kinds_are_those_of_the_architecture_page(id_):
    lines = (RECORDS / f"{id_}.parameters.csv").read_text().splitlines()[1:]
    expected = {tuple(line.split(",")[:3]) for line in lines}
    contents = identify(index_of(networks.denoiser(id_).state_dict()))
    found = {(each.name, each.block, each.kind) for each in contents.weights if each.is_weight}
    assert found == expected


@pytest.mark.parametrize("id_", ORIGINALS)
def test_names_and_shapes_agree_with_diffusers_converter(id_):
    layout, convert = ORIGINALS[id_]
    module = networks.denoiser(id_)
    state = module.state_dict()
    tensors = original(state, layout, last_block(id_))
    options = {"config": dict(module.config)} if layout is LAYOUTS["unet-original"] else {}
    prefix = "" if id_ == "auraflow" else "model.diffusion_model."
    converted = convert({f"{prefix}{name}": each for name, each in tensors.items()}, **options)
    assert shapes(converted) == shapes(state)

    contents = identify(index_of({f"model.diffusion_model.{n}": t for n, t in tensors.items()}))
    assert contents.architecture == id_
    assert contents.components[0].layout == "original"
    assert {weight.name: weight.shape for weight in contents.weights} == shapes(state)


def test_hunyuan_dit_original_names_give_the_whole_network():
    state = networks.denoiser("hunyuan-dit").state_dict()
    tensors = original(state, LAYOUTS["hunyuan-original"])
    # As in Tencent's `pytorch_model_ema.pt`.
    assert {"blocks.0.attn1.Wqkv.weight", "blocks.39.attn2.kv_proj.bias", "mlp_t5.2.bias"} <= set(
        tensors
    )
    contents = identify(index_of(tensors))
    assert contents.architecture == "hunyuan-dit"
    assert {weight.name: weight.shape for weight in contents.weights} == shapes(state)


# Tencent's name -> diffusers' names, whose rows it holds one behind the other. Typed from
# scripts/convert_hunyuandit_to_diffusers.py of diffusers; other names are the same in both.
HUNYUAN_BLOCK = {
    "attn1.Wqkv": ("attn1.to_q", "attn1.to_k", "attn1.to_v"),
    "attn1.q_norm": ("attn1.norm_q",),
    "attn1.k_norm": ("attn1.norm_k",),
    "attn1.out_proj": ("attn1.to_out.0",),
    "attn2.kv_proj": ("attn2.to_k", "attn2.to_v"),
    "attn2.q_proj": ("attn2.to_q",),
    "attn2.q_norm": ("attn2.norm_q",),
    "attn2.k_norm": ("attn2.norm_k",),
    "attn2.out_proj": ("attn2.to_out.0",),
    # "switch norm 2 and norm 3"
    "norm2": ("norm3",),
    "norm3": ("norm2",),
    "norm1": ("norm1.norm",),
    "default_modulation.1": ("norm1.linear",),
    "mlp.fc1": ("ff.net.0.proj",),
    "mlp.fc2": ("ff.net.2",),
}
HUNYUAN = {
    "pooler.k_proj": ("time_extra_emb.pooler.k_proj",),
    "pooler.q_proj": ("time_extra_emb.pooler.q_proj",),
    "pooler.v_proj": ("time_extra_emb.pooler.v_proj",),
    "pooler.c_proj": ("time_extra_emb.pooler.c_proj",),
    "t_embedder.mlp.0": ("time_extra_emb.timestep_embedder.linear_1",),
    "t_embedder.mlp.2": ("time_extra_emb.timestep_embedder.linear_2",),
    "x_embedder.proj": ("pos_embed.proj",),
    "mlp_t5.0": ("text_embedder.linear_1",),
    "mlp_t5.2": ("text_embedder.linear_2",),
    "extra_embedder.0": ("time_extra_emb.extra_embedder.linear_1",),
    "extra_embedder.2": ("time_extra_emb.extra_embedder.linear_2",),
    "final_layer.linear": ("proj_out",),
    **{
        f"blocks.{block}.{old}": tuple(f"blocks.{block}.{name}" for name in new)
        for block in range(40)
        for old, new in HUNYUAN_BLOCK.items()
    },
}


def test_hunyuan_dit_values_agree_with_the_names_of_diffusers_script():
    expected = numbered(narrow("hunyuan-dit").state_dict())
    left, tensors = dict(expected), {}
    for old, new in HUNYUAN.items():
        for word in LAST_WORDS:
            tensors[f"{old}.{word}"] = torch.cat([left.pop(f"{name}.{word}") for name in new])
    # Scale and shift, which the script swaps; and names without a last word.
    for word in LAST_WORDS:
        scale, shift = left.pop(f"norm_out.linear.{word}").chunk(2)
        tensors[f"final_layer.adaLN_modulation.1.{word}"] = torch.cat([shift, scale])
    for old in ("pooler.positional_embedding", "style_embedder.weight"):
        tensors[old] = left.pop(f"time_extra_emb.{old}")
    assert {re.sub(r"\d+", "#", name) for name in left} == {
        "text_embedding_padding",
        *(f"blocks.#.skip_{name}.{word}" for name in ("linear", "norm") for word in LAST_WORDS),
    }
    assert_same(read(tensors | left, identify(index_of(tensors | left))), expected)


def numbered(state):
    """The same names and small shapes of one's own numbers, so that no two values are equal."""
    start = 0
    result = {}
    for name, tensor in state.items():
        result[name] = torch.arange(start, start + tensor.numel()).reshape(tensor.shape)
        start += tensor.numel()
    return result


def read(tensors, contents):
    """Canonical key -> values, as the weights of `contents` state."""
    stored, entries = list(tensors.values()), index_of(tensors).tensors
    result = {}
    for weight in contents.weights:
        raw = stored[weight.tensor].contiguous().numpy().tobytes()
        part = canonical(locate(weight, entries[weight.tensor]), raw)
        values = torch.frombuffer(bytearray(part), dtype=stored[weight.tensor].dtype)
        result[weight.name] = values.reshape(weight.shape)
    return result


def assert_same(found, expected):
    assert set(found) == set(expected)
    for name, tensor in expected.items():
        assert torch.equal(found[name], tensor), name


# Narrow networks of the same classes, small enough to compare every value.
def narrow(id_):
    import diffusers

    config = json.loads((networks.CONFIGS / f"{id_}.json").read_text())
    changes = {
        "sd1": {
            "block_out_channels": [8, 16, 16, 16],
            "norm_num_groups": 8,
            "cross_attention_dim": 8,
        },
        "sdxl": {
            "block_out_channels": [64, 64, 64],
            "cross_attention_dim": 8,
            "addition_time_embed_dim": 4,
            "projection_class_embeddings_input_dim": 8,
        },
        "sd3": {
            "attention_head_dim": 4,
            "num_attention_heads": 2,
            "caption_projection_dim": 8,
            "joint_attention_dim": 8,
            "pooled_projection_dim": 8,
            "pos_embed_max_size": 4,
        },
        "auraflow": {
            "attention_head_dim": 8,
            "num_attention_heads": 1,
            "caption_projection_dim": 8,
            "joint_attention_dim": 8,
            "pos_embed_max_size": 16,
        },
        "hunyuan-dit": {
            "attention_head_dim": 16,
            "num_attention_heads": 1,
            "hidden_size": 16,
            "cross_attention_dim": 8,
            "cross_attention_dim_t5": 8,
            "pooled_projection_dim": 8,
            "text_len": 3,
            "text_len_t5": 2,
        },
    }[id_]
    return getattr(diffusers, config["_class_name"]).from_config({**config, **changes})


@pytest.mark.parametrize("id_", ["sd1", "sdxl", "sd3", "auraflow"])
def test_values_agree_with_diffusers_converter(id_):
    layout, convert = ORIGINALS[id_]
    module = narrow(id_)
    tensors = original(numbered(module.state_dict()), layout, last_block(id_))
    options = {"config": dict(module.config)} if layout is LAYOUTS["unet-original"] else {}
    converted = convert(
        dict(tensors)
        if not options
        else {f"model.diffusion_model.{name}": tensor for name, tensor in tensors.items()},
        **options,
    )
    found = read(tensors, identify(index_of(tensors)))
    assert_same(found, {name: each for name, each in converted.items() if each is not None})


def test_flux_values_agree_with_diffusers_converter():
    """The converter cuts at FLUX.1's real width, so only the columns can be fewer."""
    state = {
        name: tensor.new_empty((tensor.shape[0], *(1 for _ in tensor.shape[1:])))
        for name, tensor in networks.denoiser("flux").state_dict().items()
    }
    tensors = original(numbered(state), LAYOUTS["flux-original"])
    converted = converters.convert_flux_transformer_checkpoint_to_diffusers(dict(tensors))
    assert_same(read(tensors, identify(index_of(tensors))), converted)


# Few blocks at the width at which the converters cut; of every tensor but the first side, one.
TWO = {"num_layers": 2}
DOUBLE_AND_SINGLE = {"num_layers": 2, "num_single_layers": 2}
CASCADE = {
    "in_channels": 4,
    "out_channels": 4,
    "timestep_ratio_embedding_dim": 8,
    "conditioning_dim": 8,
    "block_out_channels": (8, 8),
    "num_attention_heads": (1, 1),
    "down_num_layers_per_block": (1, 1),
    "up_num_layers_per_block": (1, 1),
    "down_blocks_repeat_mappers": (1, 1),
    "up_blocks_repeat_mappers": (1, 1),
    "clip_text_pooled_in_channels": 8,
}
BLOCK_TYPES = ("SDCascadeResBlock", "SDCascadeTimestepBlock", "SDCascadeAttnBlock")
STAGE_C = {"clip_text_in_channels": 8, "clip_image_in_channels": 8, "switch_level": (False,)}
SINGLE_FILES = (
    ("wan", "WanTransformer3DModel", TWO, "wan_transformer_to_diffusers"),
    (
        "wan",
        "WanTransformer3DModel",
        {**TWO, "image_dim": 8, "added_kv_proj_dim": 5120},
        "wan_transformer_to_diffusers",
    ),
    (
        "wan",
        "WanVACETransformer3DModel",
        {**TWO, "vace_layers": [0, 1]},
        "wan_transformer_to_diffusers",
    ),
    ("ltx", "LTXVideoTransformer3DModel", TWO, "ltx_transformer_checkpoint_to_diffusers"),
    ("ltx2", "LTX2VideoTransformer3DModel", TWO, "ltx2_transformer_to_diffusers"),
    (
        "hunyuan-video",
        "HunyuanVideoTransformer3DModel",
        {**DOUBLE_AND_SINGLE, "guidance_embeds": True},
        "hunyuan_video_transformer_to_diffusers",
    ),
    ("qwen-image", "QwenImageTransformer2DModel", TWO, None),
    (
        "z-image",
        "ZImageTransformer2DModel",
        {"n_layers": 2, "n_refiner_layers": 1, "dim": 256, "n_heads": 2, "n_kv_heads": 2},
        "z_image_transformer_checkpoint_to_diffusers",
    ),
    (
        "flux2",
        "Flux2Transformer2DModel",
        DOUBLE_AND_SINGLE,
        "flux2_transformer_checkpoint_to_diffusers",
    ),
    ("lumina2", "Lumina2Transformer2DModel", TWO, "lumina2_to_diffusers"),
    (
        "chroma",
        "ChromaTransformer2DModel",
        DOUBLE_AND_SINGLE,
        "chroma_transformer_checkpoint_to_diffusers",
    ),
    ("sana", "SanaTransformer2DModel", TWO, "sana_transformer_to_diffusers"),
    (
        "hidream",
        "HiDreamImageTransformer2DModel",
        {**DOUBLE_AND_SINGLE, "patch_size": 2, "caption_channels": [8, 8], "llama_layers": [0, 1]},
        "hidream_transformer_to_diffusers",
    ),
    (
        "qwen-image-21",
        "QwenImage21Transformer2DModel",
        TWO,
        "qwen_image21_transformer_checkpoint_to_diffusers",
    ),
    ("mochi", "MochiTransformer3DModel", {}, "mochi_transformer_checkpoint_to_diffusers"),
    (
        "krea2",
        "Krea2Transformer2DModel",
        {**TWO, "num_text_layers": 2},
        "krea2_transformer_checkpoint_to_diffusers",
    ),
    (
        "cosmos",
        "CosmosTransformer3DModel",
        {**TWO, "extra_pos_embed_type": "learnable"},
        "cosmos_transformer_checkpoint_to_diffusers",
    ),
    (
        "cosmos",
        "CosmosTransformer3DModel",
        {**TWO, "extra_pos_embed_type": None},
        "cosmos_transformer_checkpoint_to_diffusers",
    ),
    (
        "stable-cascade",
        "StableCascadeUNet",
        {**CASCADE, **STAGE_C},
        "stable_cascade_unet_single_file_to_diffusers",
    ),
    (
        "stable-cascade",
        "StableCascadeUNet",
        {**CASCADE, "effnet_in_channels": 8, "block_types_per_layer": (BLOCK_TYPES,) * 2},
        "stable_cascade_unet_single_file_to_diffusers",
    ),
)
# NVIDIA's files have it before all names, and diffusers tells versions by it.
PREFIXES = {"cosmos": "net."}
# What the single files hold beside it, and diffusers drops.
DROPPED = {"sana": {"pos_embed": (1, 4, 8), "y_embedder.y_embedding": (3, 8)}}


class Kept(dict):
    """A file that keeps what is taken out: the converter of Cosmos takes all, then looks at it."""

    def pop(self, key, *default):
        return self.get(key, *default)


def made_of(class_name, config):
    """Numbered values of a network of diffusers, by its own names."""
    import diffusers

    with torch.device("meta"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        state = getattr(diffusers, class_name)(**config).state_dict()
    narrow = {
        n: torch.empty((*each.shape[:1], *(1 for _ in each.shape[1:]))) for n, each in state.items()
    }
    return numbered(narrow)


@pytest.mark.parametrize(("id_", "class_name", "config", "converter"), SINGLE_FILES)
def test_single_files_have_the_names_and_values_of_diffusers(id_, class_name, config, converter):
    state = made_of(class_name, config)
    in_diffusers = identify(index_of(state))
    renames = [each.renames for each in SIGNATURES[id_].layouts if each.renames]
    is_second = "effnet_in_channels" in config or config.get("extra_pos_embed_type", "") is None
    renames = renames[1:] if is_second else renames
    last = 47 if id_ == "mochi" else 0
    tensors = original(state, LAYOUTS[renames[0]], last) if renames else state
    extra = {name: torch.zeros(shape) for name, shape in DROPPED.get(id_, {}).items()}
    convert = getattr(converters, f"convert_{converter}") if converter else dict
    tensors = {PREFIXES.get(id_, "") + name: each for name, each in tensors.items()}
    kept = Kept if id_ == "cosmos" else dict
    converted = convert(kept({**tensors, **extra}))
    assert set(converted) == set(state)

    contents = identify(index_of(tensors))
    layout = "original" if renames else "diffusers"
    assert [(c.name, c.network, c.layout) for c in contents.components] == [
        ("denoiser", id_, layout)
    ]
    assert_same(read(tensors, contents), converted)
    # Both files compare block by block.
    assert_same(read(state, in_diffusers), converted)
    places = [
        {w.name: (w.block, w.kind) for w in each.weights} for each in (in_diffusers, contents)
    ]
    assert places[0] == places[1]
    assert len({block for block, _ in places[0].values()}) > 2


# ComfyUI's names of HunyuanVideo, typed from `HunyuanVideo.process_unet_state_dict` of its
# `comfy/supported_models.py`.
COMFY = (
    ("_attn_q_norm.weight", "_attn.norm.query_norm.scale"),
    ("_attn_k_norm.weight", "_attn.norm.key_norm.scale"),
    (".q_norm.weight", ".norm.query_norm.scale"),
    (".k_norm.weight", ".norm.key_norm.scale"),
    ("_attn_qkv.", "_attn.qkv."),
    ("_attn_proj.", "_attn.proj."),
    ("mlp.fc1.", "mlp.0."),
    ("mlp.fc2.", "mlp.2."),
    ("c_embedder.linear_1.", "c_embedder.in_layer."),
    ("c_embedder.linear_2.", "c_embedder.out_layer."),
    ("t_embedder.mlp.0.", "t_embedder.in_layer."),
    ("t_embedder.mlp.2.", "t_embedder.out_layer."),
    ("modulation.linear.", "modulation.lin."),
    ("_mod.linear.", "_mod.lin."),
)


def test_hunyuan_video_in_comfyuis_names():
    state = made_of("HunyuanVideoTransformer3DModel", DOUBLE_AND_SINGLE)
    named = {}
    for name, tensor in original(state, LAYOUTS["hunyuan-video-original"]).items():
        for old, new in COMFY:
            name = name.replace(old, new)
        named[f"model.diffusion_model.{name}"] = tensor
    assert "model.diffusion_model.double_blocks.1.txt_attn.norm.key_norm.scale" in named
    contents = identify(index_of(named))
    assert contents.architecture == "hunyuan-video"
    assert_same(read(named, contents), state)


# Names of Tencent's files, typed from `convert_hunyuan_image_to_diffusers.py` and
# `convert_hunyuan_video1_5_to_diffusers.py` of diffusers.
LATER_HUNYUAN = {
    "hunyuan-image": (
        "HunyuanImageTransformer2DModel",
        {**DOUBLE_AND_SINGLE, "guidance_embeds": True, "use_meanflow": True, "text_embed_2_dim": 8},
        """
        byt5_in.layernorm.bias byt5_in.fc3.weight time_in.mlp.2.bias time_r_in.mlp.0.weight
        guidance_in.mlp.2.weight single_blocks.1.linear1_mlp.weight single_blocks.0.linear1_q.bias
        single_blocks.1.linear2.fc.weight single_blocks.0.modulation.linear.weight
        """,
    ),
    "hunyuan-video-15": (
        "HunyuanVideo15Transformer3DModel",
        TWO,
        """
        byt5_in.fc1.weight cond_type_embedding.weight vision_in.proj.0.weight vision_in.proj.4.bias
        time_in.mlp.0.weight vision_in.proj.1.weight vision_in.proj.3.bias
        """,
    ),
}
LATER_BLOCK = """
    double_blocks.1.img_attn_q.weight double_blocks.1.txt_attn_v.bias
    double_blocks.0.txt_attn_k_norm.weight double_blocks.1.img_mod.linear.weight
    double_blocks.0.img_mlp.fc1.bias
    txt_in.individual_token_refiner.blocks.1.self_attn_qkv.weight txt_in.input_embedder.bias
"""


@pytest.mark.parametrize("id_", LATER_HUNYUAN)
def test_later_networks_of_tencent_in_its_names(id_):
    class_name, config, typed = LATER_HUNYUAN[id_]
    state = made_of(class_name, config)
    tensors = original(state, LAYOUTS[f"{id_}-original"])
    assert set(typed.split()) | set(LATER_BLOCK.split()) <= set(tensors)
    contents = identify(index_of(tensors))
    assert (contents.architecture, contents.components[0].layout) == (id_, "original")
    assert_same(read(tensors, contents), state)


# The author's names -> diffusers' names, whose rows they hold one behind the other. Typed from
# scripts/convert_pixart_{alpha,sigma}_to_diffusers.py of diffusers.
PIXART = {
    "x_embedder.proj": ("pos_embed.proj",),
    "y_embedder.y_proj.fc1": ("caption_projection.linear_1",),
    "y_embedder.y_proj.fc2": ("caption_projection.linear_2",),
    "t_embedder.mlp.0": ("adaln_single.emb.timestep_embedder.linear_1",),
    "t_embedder.mlp.2": ("adaln_single.emb.timestep_embedder.linear_2",),
    "csize_embedder.mlp.0": ("adaln_single.emb.resolution_embedder.linear_1",),
    "csize_embedder.mlp.2": ("adaln_single.emb.resolution_embedder.linear_2",),
    "ar_embedder.mlp.0": ("adaln_single.emb.aspect_ratio_embedder.linear_1",),
    "ar_embedder.mlp.2": ("adaln_single.emb.aspect_ratio_embedder.linear_2",),
    "t_block.1": ("adaln_single.linear",),
    "final_layer.linear": ("proj_out",),
    **{
        f"blocks.{block}.{old}": tuple(f"transformer_blocks.{block}.{name}" for name in new)
        for block in range(2)
        for old, new in {
            "attn.qkv": ("attn1.to_q", "attn1.to_k", "attn1.to_v"),
            "attn.proj": ("attn1.to_out.0",),
            "cross_attn.q_linear": ("attn2.to_q",),
            "cross_attn.kv_linear": ("attn2.to_k", "attn2.to_v"),
            "cross_attn.proj": ("attn2.to_out.0",),
            "mlp.fc1": ("ff.net.0.proj",),
            "mlp.fc2": ("ff.net.2",),
        }.items()
    },
}


@pytest.mark.parametrize("conditions", [True, False])
def test_pixart_values_agree_with_the_names_of_diffusers_scripts(conditions):
    expected = made_of(
        "PixArtTransformer2DModel",
        {**TWO, "caption_channels": 8, "use_additional_conditions": conditions},
    )
    left, tensors = dict(expected), {}
    for old, new in PIXART.items():
        for word in LAST_WORDS:
            if f"{new[0]}.{word}" in left:
                tensors[f"{old}.{word}"] = torch.cat([left.pop(f"{name}.{word}") for name in new])
    tensors["final_layer.scale_shift_table"] = left.pop("scale_shift_table")
    for block in range(2):
        table = left.pop(f"transformer_blocks.{block}.scale_shift_table")
        tensors[f"blocks.{block}.scale_shift_table"] = table
    assert not left
    contents = identify(index_of(tensors))
    assert contents.architecture == "pixart"
    assert_same(read(tensors, contents), expected)


def test_autoencoder_values_agree_with_diffusers_converter():
    import diffusers

    module = diffusers.AutoencoderKL(
        block_out_channels=(8, 16, 24, 24),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        layers_per_block=2,
        norm_num_groups=8,
    )
    tensors = original(numbered(module.state_dict()), LAYOUTS["vae-original"])
    assert tensors["encoder.mid.attn_1.q.weight"].ndim == 4
    named = {f"first_stage_model.{name}": tensor for name, tensor in tensors.items()}
    converted = converters.convert_ldm_vae_checkpoint(dict(named), dict(module.config))
    contents = identify(index_of(named))
    assert (contents.components[0].name, contents.components[0].network) == ("vae", "kl-f8")
    assert_same(read(named, contents), converted)


def test_values_of_an_old_autoencoder_agree_with_diffusers_own_loading():
    """Its attention as diffusers named it before 0.18."""
    import diffusers

    module = diffusers.AutoencoderKL(
        block_out_channels=(8, 16, 24, 24),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        layers_per_block=2,
        norm_num_groups=8,
    )
    # Typed from that version's `AttentionBlock`.
    old = {"to_q": "query", "to_k": "key", "to_v": "value", "to_out.0": "proj_attn"}
    tensors = {}
    for name, tensor in numbered(module.state_dict()).items():
        start, attention, inner = name.partition(".attentions.0.")
        part, _, word = inner.rpartition(".")
        tensors[f"{start}{attention}{old.get(part, part)}.{word}" if attention else name] = tensor
    assert "decoder.mid_block.attentions.0.proj_attn.bias" in tensors
    loaded = dict(tensors)
    module._fix_state_dict_keys_on_load(loaded)
    contents = identify(index_of(tensors))
    assert (contents.components[0].network, contents.components[0].layout) == (
        "kl-f8",
        "diffusers, old attention",
    )
    assert_same(read(tensors, contents), loaded)


def test_values_of_a_text_encoder_without_the_prefix():
    """As transformers 5 names it itself; with the prefix where another module holds it."""
    config = CLIPTextConfig(
        hidden_size=8,
        intermediate_size=16,
        num_hidden_layers=12,
        num_attention_heads=2,
        projection_dim=8,
        vocab_size=20,
    )
    with_prefix = set(CLIPTextModelWithProjection(config).state_dict()) - {"text_projection.weight"}
    tensors = numbered(CLIPTextModel(config).state_dict())
    assert "encoder.layers.11.self_attn.k_proj.bias" in tensors
    contents = identify(index_of(tensors))
    assert contents.components[0].layout == "renamed"
    found = read(tensors, contents)
    assert set(found) == with_prefix
    assert_same(found, {f"text_model.{name}": tensor for name, tensor in tensors.items()})


@pytest.mark.parametrize(
    ("prefix", "component"),
    [
        ("conditioner.embedders.1.model.", "text_encoder_2"),
        ("conditioner.embedders.0.model.", "text_encoder_2"),
    ],
)
def test_open_clip_values_agree_with_diffusers_converter(prefix, component):
    config = CLIPTextConfig(
        hidden_size=8,
        intermediate_size=16,
        num_hidden_layers=32,
        num_attention_heads=2,
        projection_dim=8,
        vocab_size=20,
    )
    module = CLIPTextModelWithProjection(config)
    state = {n: t for n, t in module.state_dict().items() if not n.endswith("position_ids")}
    tensors = original(numbered(state), LAYOUTS["open-clip"])
    named = {f"{prefix}{name}": tensor for name, tensor in tensors.items()}
    assert f"{prefix}transformer.resblocks.31.attn.in_proj_weight" in named
    converted = converters.convert_open_clip_checkpoint(module, named, prefix)
    contents = identify(index_of(named))
    first = contents.components[0]
    assert (first.name, first.network) == (component, "open-clip-g")
    assert_same(read(named, contents), converted)


def test_sd2_leaves_out_what_diffusers_leaves_out():
    state = networks.parameters(networks.text_encoder("open-clip-h"))
    extra = {n.replace("layers.0.", "layers.23."): t for n, t in state.items() if "layers.0." in n}
    projection = {"text_projection.weight": torch.empty(1024, 1024, device="meta")}
    tensors = original({**state, **extra, **projection}, LAYOUTS["open-clip"])
    named = {f"cond_stage_model.model.{name}": tensor for name, tensor in tensors.items()}
    named["cond_stage_model.model.logit_scale"] = torch.empty((), device="meta")
    contents = identify(index_of(named))
    assert contents.components[0].network == "open-clip-h"
    assert {each.name for each in contents.weights if each.is_weight} == set(state)


@pytest.mark.parametrize(
    "id_", [i for i, each in NETWORKS.items() if each.component == "text_encoder"]
)
def test_recognises_text_encoders(id_):
    tensors = networks.parameters(networks.text_encoder(id_))
    contents = identify(index_of(tensors))
    assert contents.components[0].network == id_
    counted = sum(weight.elements for weight in contents.weights if weight.is_weight)
    assert counted == sum(tensor.numel() for tensor in tensors.values())


@pytest.mark.parametrize(("channels", "id_"), [(4, "kl-f8"), (16, "kl-f8-16")])
def test_recognises_autoencoders(channels, id_):
    module = networks.autoencoder(channels, quant_conv=channels == 4)
    component = identify(index_of(dict(module.named_parameters()))).components[0]
    assert (component.network, component.differences) == (id_, ())


def test_a_missing_block_renames_no_other():
    state = networks.denoiser("sd1").state_dict()
    kept = {n: t for n, t in state.items() if not n.startswith("down_blocks.1.")}
    contents = identify(index_of(kept))
    assert (contents.architecture, contents.nearest) == ("unknown", "sd1")
    removed = set(state) - set(kept)
    assert set(contents.components[0].missing) == removed
    blocks = {weight.name: weight.block for weight in contents.weights}
    assert blocks["down_blocks.2.resnets.0.conv1.weight"] == "IN07"


def test_extra_names_are_told():
    state = {**networks.denoiser("sd1").state_dict(), "conv_in.extra": torch.empty(1)}
    contents = identify(index_of(state))
    assert contents.architecture == "unknown"
    assert contents.components[0].extra == ("conv_in.extra",)


def test_inpainting_is_told_by_its_inputs():
    state = dict(networks.denoiser("sd1").state_dict())
    state["conv_in.weight"] = torch.empty(320, 9, 3, 3, device="meta")
    contents = identify(index_of(state))
    assert contents.architecture == "sd1"
    assert contents.components[0].differences == (
        ShapeDifference(name="conv_in.weight", shape=(320, 9, 3, 3), usual=(320, 4, 3, 3)),
    )


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("lora_unet_down_blocks_0_attentions_0_proj_in.lora_up.weight", "lora"),
        ("unet.down_blocks.0.attn1.to_q.lora_A.weight", "lora"),
        ("control_model.input_blocks.0.0.weight", "controlnet"),
        ("emb_params", "embedding"),
        ("something.else", ""),
    ],
)
def test_says_what_a_file_is_that_is_no_model(name, kind):
    contents = identify(index_of({name: torch.empty(2)}))
    assert (contents.architecture, contents.kind) == ("", kind)


def test_every_tensor_is_in_the_result_even_if_names_collide():
    names = ["vae.a", "first_stage_model.a", "encoder.mid.attn_1.q.weight", "odd" + ".x" * 5000]
    names += [
        "encoder.mid_block.attentions.0.q.weight",
        "encoder.mid_block.attentions.0.to_q.weight",
    ]
    contents = identify(index_of({name: torch.empty(2, 2) for name in names}))
    assert {weight.tensor for weight in contents.weights} == set(range(len(names)))
    assert "first_stage_model.a" in contents.duplicates


def test_block_rules_are_those_of_the_networks():
    """More classes are measured than recognised in a file; each recognised one has its rules."""
    known = [*NETWORKS.values(), *SIGNATURES.values()]
    assert {one.class_name for one in known if one.class_name} <= set(FAMILIES)
    denoisers = [one for one in NETWORKS.values() if one.component == "denoiser"]
    assert len(denoisers) > 5
    assert all(one.class_name for one in denoisers)
