"""What the lines about a file tell beside its network: sizes, variants, parts, dtypes."""

import msgspec
import pytest
from networks import denoiser
from weight_indexes import index_of

from generator.checkpoints.identify.contents import identify
from generator.checkpoints.inventory.record import UNREAD, describe
from generator.networks.known import NETWORKS
from generator.records.checkpoints import LeftOutFile
from generator.text.inspection import describe as describe_lines
from generator.text.inspection import headline

WAN = ("patch_embedding.weight", "head.modulation", "blocks.0.self_attn.q.weight")


def lora(modules, rank=4):
    factors = {}
    for name, (inputs, outputs) in modules.items():
        factors[f"diffusion_model.{name}.lora_A.weight"] = (rank, inputs)
        factors[f"diffusion_model.{name}.lora_B.weight"] = (outputs, rank)
    return factors


def wan_queries(layers, width):
    return {f"blocks.{layer}.self_attn.q": (width, width) for layer in range(layers)}


def flux2_lines(width):
    return {f"single_blocks.{block}.linear1": (width, 9 * width) for block in range(20)}


# Widths and layers of the published configurations.
@pytest.mark.parametrize(
    ("modules", "base", "size"),
    [
        (wan_queries(40, 5120), "wan", "14B"),
        (wan_queries(30, 1536), "wan", "1.3B"),
        (wan_queries(30, 3072), "wan", "5B"),
        (flux2_lines(3072), "flux2", "klein 4B"),
        (flux2_lines(4096), "flux2", "klein 9B"),
        (flux2_lines(6144), "flux2", "dev"),
    ],
)
def test_an_adapter_tells_the_size_of_its_network(modules, base, size):
    index = index_of(lora(modules))
    contents = identify(index)
    assert (contents.base_model, contents.adapter.sizes) == (base, (size,))


@pytest.mark.parametrize(
    ("module", "base"),
    [
        ("blocks.0.attn.wq", "krea2"),
        ("blocks.0.attn.qkv_proj", "minimax-h3"),
        ("content_mode_blocks.image.0.q_proj", "flux3"),
        ("layers.0.attention.o", "ideogram4"),
        ("layers.0.cross_attn.q_proj", "ace-step"),
    ],
)
def test_adapters_in_the_names_of_the_authors(module, base):
    assert identify(index_of(lora({module: (640, 640)}))).base_model == base


@pytest.mark.parametrize(
    ("prefix", "module", "width", "encoders"),
    [
        ("lora_unet_", "double_blocks_0_img_attn_qkv", 3072, ("text_encoder_2",)),
        ("lora_unet_", "joint_blocks_23_context_block_attn_qkv", 1536, ("text_encoder_3",)),
    ],
)
def test_t5_has_the_place_that_it_has_in_the_pipeline(prefix, module, width, encoders):
    t5 = "lora_te3_encoder_block_0_layer_0_SelfAttention_q"
    shapes = {
        f"{name}.lora_{end}.weight": shape
        for name, size in ((prefix + module, width), (t5, 4096))
        for end, shape in (("down", (4, size)), ("up", (3 * size if size == width else size, 4)))
    }
    assert identify(index_of(shapes)).adapter.encoders == encoders


def test_an_adapter_of_a_network_in_one_size_tells_none():
    modules = {f"double_blocks.{b}.img_attn.qkv": (3072, 9216) for b in range(19)}
    assert identify(index_of(lora(modules))).adapter.sizes == ()


@pytest.mark.parametrize(
    ("name", "variant"),
    [
        ("img_emb.emb_pos", "first_last_frame"),
        ("ref_conv.weight", "reference"),
        ("control_adapter.conv.weight", "camera"),
        ("vace_patch_embedding.weight", "vace"),
        ("pose_patch_embedding.weight", "animate"),
        ("casual_audio_encoder.encoder.final_linear.weight", "speech_to_video"),
        ("audio_proj.audio_proj_glob_1.layer.weight", "humo"),
        ("patch_embedding_pose.weight", "scail"),
    ],
)
def test_variants_of_wan_are_told_by_a_weight(name, variant):
    shapes = dict.fromkeys(WAN, (16, 16, 1, 2, 2))
    assert identify(index_of(shapes)).variants == ()
    assert identify(index_of({**shapes, name: (16, 16, 2, 2)})).variants == (variant,)


FLUX2 = {
    "double_stream_modulation_img.lin.weight": (18432, 3072),
    "double_blocks.0.img_attn.qkv.weight": (9216, 3072),
    "single_stream_modulation.lin.weight": (9216, 3072),
}
FLUX1 = {
    "transformer_blocks.0.qkv_proj_context.weight": (9216, 3072),
    "single_transformer_blocks.0.qkv_proj.weight": (9216, 3072),
}


@pytest.mark.parametrize(
    ("shapes", "embedder", "variant"),
    [
        (FLUX2, "time_in.in_layer.weight", "klein"),
        (FLUX1, "time_text_embed.timestep_embedder.linear_1.weight", "without_guidance"),
    ],
)
def test_a_part_of_a_network_does_not_tell_what_the_whole_lacks(shapes, embedder, variant):
    assert identify(index_of(shapes)).variants == ()
    assert identify(index_of({**shapes, embedder: (3072, 256)})).variants == (variant,)


def test_nunchakus_factors_tell_rank_and_network():
    layer = "transformer_blocks.0.mlp_context_fc1"
    shapes = {f"{layer}.lora_down": (3072, 16), f"{layer}.lora_up": (12288, 16)}
    contents = identify(index_of(shapes))
    assert (contents.base_model, contents.adapter.rank) == ("flux", (16,))


def test_models_of_a_pipeline_in_one_file_are_its_parts():
    names = [f"transformer.{name}" for name in WAN]
    vae = ["vae.decoder.layers.1.weight", "vae.encoder.layers.0.weight"]
    contents = identify(index_of(dict.fromkeys([*names, *vae], (16, 16, 1, 2, 2))))
    assert [part.name for part in contents.components] == ["denoiser", "vae"]
    assert (contents.architecture, contents.prefixes) == ("wan", ())
    assert contents.missing == ("text_encoder",)


def test_each_component_of_no_known_network_is_named():
    """Whatever is known of those before it."""
    unet = {f"unet.{name}": each.shape for name, each in denoiser("sd1").named_parameters()}
    index = index_of(unet | dict.fromkeys(["vae.x.weight", "text_encoder.x.weight"], (4, 4)))
    contents = identify(index)
    assert contents.components[0].network == "sd1"
    found = describe(index, contents, UNREAD).record.anomalies
    named = {each.component for each in found if each.code == "no_network"}
    assert named == {"vae", "text_encoder"}


def dtypes_told(shapes):
    index = index_of(shapes)
    contents = identify(index)
    found = describe(index, contents, UNREAD).record.anomalies
    return [each.dtypes for each in found if each.code == "mixed_dtypes"]


@pytest.mark.parametrize(
    ("more", "told"),
    [
        # Norms and biases stay wide, and so do some matrices of quantised files.
        ({"blocks.0.norm3.weight": ("F32", (16,))}, []),
        ({"blocks.0.self_attn.k.weight": ("F32", (16, 16))}, [("float16", "float32")]),
        ({"blocks.0.self_attn.k.weight": ("F8_E4M3", (16, 16))}, []),
    ],
)
def test_matrices_of_several_dtypes_are_odd(more, told):
    assert dtypes_told(dict.fromkeys(WAN, (16, 16)) | more) == told


@pytest.mark.parametrize(
    ("width", "line"),
    [
        (768, "text encoder, clip-l, CLIP ViT-L"),
        # CLIP ViT-B/32 has as many layers, and the same names.
        (512, "text encoder, clip-l, CLIP ViT-L, with other layer shapes"),
    ],
)
def test_a_text_encoder_of_another_width_is_not_called_the_usual_one(width, line):
    names = dict.fromkeys(NETWORKS["clip-l"].required(), (width,))
    names["text_model.embeddings.token_embedding.weight"] = (49408, width)
    index = index_of(names)
    assert headline(describe(index, identify(index), UNREAD).record) == line


def test_an_adapter_has_no_table_of_its_only_component():
    index = index_of(lora(wan_queries(40, 5120)))
    lines = list(describe_lines(describe(index, identify(index), UNREAD).record))
    assert lines[0].endswith("LoRA for Wan video transformer (14B), rank 4")
    assert not any(line.startswith("component") for line in lines)


def test_an_approximate_decoder_is_a_vae():
    convolutions = [(4, 8, 7), (8, 16, 5), (16, 32, 3), (32, 64, 3)]
    convolutions += [(64, 32, 3), (32, 16, 3), (16, 8, 3), (8, 3, 3)]
    shapes = {
        f"conv{number}.weight": (outputs, inputs, side, side)
        for number, (inputs, outputs, side) in enumerate(convolutions, start=1)
    }
    contents = identify(index_of(shapes))
    assert (contents.kind, contents.components[0].network) == ("vae", "vae-approx")


def test_of_many_files_that_were_left_out_the_first_are_named():
    index = index_of(dict.fromkeys(WAN, (16, 16)))
    record = describe(index, identify(index), UNREAD).record
    files = tuple(LeftOutFile(name=f"x{n}.bin", reason="no_component") for n in range(3000))
    lines = list(describe_lines(msgspec.structs.replace(record, left_out=files)))
    assert len(lines) < 40
    assert "2,988 more" in lines[-1]
