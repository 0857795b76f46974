"""Names of tensors: which component, what wraps them, and which tensors store them elsewhere.

The names are those of published files, typed by hand.
"""

import pytest

from generator.checkpoints.formats.index import Tensor
from generator.checkpoints.keys.pieces import Piece, cut_tensors, whole_piece
from generator.checkpoints.keys.sections import has_section, section_of
from generator.checkpoints.keys.stored_names import StoredTensor, stored_tensors
from generator.checkpoints.keys.wrappers import unwrap
from generator.networks.renames import KeyLayout

# Of tensors that are put in another order in memory.
LARGEST_REORDERED = 134_217_728

IN_SECTIONS = {
    "denoiser": [
        "model.diffusion_model.|input_blocks.0.0.weight",
        "unet/|conv_in.weight",
        "transformer/|proj_out.bias",
    ],
    "vae": [
        "first_stage_model.|decoder.conv_in.weight",
        "vae.|encoder.conv_in.weight",
        "vae/|quant_conv.weight",
    ],
    "text_encoder": [
        "cond_stage_model.transformer.|text_model.embeddings.position_ids",
        "cond_stage_model.model.|ln_final.weight",
        "conditioner.embedders.0.transformer.|text_model.final_layer_norm.bias",
        "text_encoders.clip_l.transformer.|text_model.final_layer_norm.bias",
        "text_encoders.pile_t5xl.transformer.|shared.weight",
        "text_encoder/|text_model.final_layer_norm.bias",
    ],
    "text_encoder_2": [
        "conditioner.embedders.1.model.|logit_scale",
        "conditioner.embedders.0.model.|ln_final.bias",
        "text_encoders.clip_g.transformer.|text_projection.weight",
        "text_encoders.mt5xl.transformer.|shared.weight",
        "text_encoder_2/|text_projection.weight",
    ],
    "text_encoder_3": [
        "text_encoders.t5xxl.transformer.|shared.weight",
        "text_encoder_3/|shared.weight",
    ],
    "ema": ["model_ema.|diffusion_modelinput_blocks00weight"],
    "other": ["|model_ema.decay", "|model_ema.num_updates"],
}

BARE = {
    "denoiser": """
        input_blocks.0.0.weight middle_block.0.in_layers.0.weight output_blocks.11.0.skip.weight
        time_embed.0.weight label_emb.0.0.weight out.2.bias
        down_blocks.0.resnets.0.norm1.weight up_blocks.0.resnets.0.norm1.weight
        mid_block.attentions.0.norm.weight conv_in.weight conv_norm_out.bias conv_out.bias
        time_embedding.linear_1.weight add_embedding.linear_1.weight class_embedding.weight
        joint_blocks.0.x_block.attn.qkv.weight double_blocks.0.img_attn.qkv.weight
        single_blocks.0.linear1.weight double_layers.0.attn.w1q.weight
        single_layers.0.attn.w1q.weight joint_transformer_blocks.0.norm1.linear.weight
        transformer_blocks.0.norm1.linear.weight single_transformer_blocks.0.norm.linear.weight
        blocks.0.attn1.Wqkv.weight blocks.39.attn2.q_proj.weight blocks.0.norm1.weight
        blocks.0.norm3.weight blocks.0.default_modulation.1.weight blocks.0.mlp.fc1.weight
        blocks.0.ff.net.0.weight blocks.20.skip_linear.weight
        img_in.weight txt_in.weight time_in.in_layer.weight vector_in.in_layer.weight
        guidance_in.in_layer.weight final_layer.linear.weight final_linear.weight modF.1.weight
        x_embedder.proj.weight t_embedder.mlp.0.weight y_embedder.mlp.0.weight
        context_embedder.weight extra_embedder.0.weight style_embedder.weight
        text_embedder.linear_1.weight mlp_t5.0.weight pooler.q_proj.weight
        pos_embed pos_embed.proj.weight cond_seq_linear.weight init_x_linear.weight
        time_step_proj.linear_1.weight time_text_embed.timestep_embedder.linear_1.weight
        time_extra_emb.pooler.q_proj.weight norm_out.linear.weight proj_out.weight
        register_tokens positional_encoding text_embedding_padding
    """,
    "vae": """
        encoder.conv_in.weight decoder.conv_out.weight encoder.norm_out.weight
        encoder.down.0.block.0.norm1.weight encoder.down_blocks.0.resnets.0.norm1.weight
        decoder.mid.attn_1.q.weight decoder.up.3.block.0.norm1.weight
        decoder.up_blocks.0.resnets.0.norm1.weight quant_conv.weight post_quant_conv.bias
    """,
    "text_encoder": """
        text_model.encoder.layers.0.mlp.fc1.weight text_projection text_projection.weight
        transformer.resblocks.0.attn.in_proj_weight token_embedding.weight positional_embedding
        ln_final.weight logit_scale embeddings.token_embedding.weight
        embeddings.position_embedding.weight encoder.layers.0.mlp.fc1.weight
        final_layer_norm.weight shared.weight encoder.block.0.layer.0.layer_norm.weight
        encoder.final_layer_norm.weight encoder.embed_tokens.weight
    """,
    "other": """
        input_blocks.weight down_block.0.weight blocks.0.attn3.weight blocks.attn1.weight
        my_input_blocks.0.weight z_embedder.weight pos_embedding.weight register_tokens.0
        encoder.weight decoder.layers.0.weight quant_conv2.weight positional_embedding.0
        logit_scale.0 embeddings.word.weight encoder.blocks.0.weight lora_unet_x.alpha
    """,
}


@pytest.mark.parametrize(
    ("component", "name"), [(c, name) for c, names in IN_SECTIONS.items() for name in names]
)
def test_the_start_of_a_name_tells_its_component(component, name):
    prefix, inner = name.split("|")
    assert has_section(prefix + inner)
    assert section_of(prefix + inner) == (component, inner)
    assert not has_section(f"my.{prefix}{inner}")


@pytest.mark.parametrize(
    ("encoder", "component"),
    [
        # Those that a pipeline has alone or first, then those beside them.
        ("qwen25_7b", "text_encoder"),
        ("gemma2_2b", "text_encoder"),
        ("llama", "text_encoder_2"),
        ("byt5_small", "text_encoder_2"),
        ("jina_clip_2", "text_encoder_2"),
    ],
)
def test_text_encoders_by_their_names_in_comfyui(encoder, component):
    inner = "model.norm.weight"
    assert section_of(f"text_encoders.{encoder}.transformer.{inner}") == (component, inner)


@pytest.mark.parametrize(
    ("component", "name"), [(c, name) for c, names in BARE.items() for name in names.split()]
)
def test_names_without_a_start_tell_it_themselves(component, name):
    assert not has_section(name)
    assert section_of(name) == (component, name)


KNOWN, OTHER = "input_blocks.0.0.weight", "layers.0.weight"
SURE = ["module", "model.model", "diffusion_model", "control_model", "unet", "transformer", "net"]
MAYBE = ["model", "base_model.model", "state_dict", "ema_model", "unet_ema", "ema", "autoencoder"]


@pytest.mark.parametrize("wrapper", SURE)
def test_what_programs_put_before_all_names_is_taken_off(wrapper):
    names = [f"{wrapper}.{KNOWN}", f"{wrapper}.{OTHER}"]
    assert unwrap(names) == ([KNOWN, OTHER], (wrapper,))
    assert unwrap(names[1:]) == ([OTHER], (wrapper,))
    # Not of all.
    assert unwrap([*names, OTHER]) == ([*names, OTHER], ())
    assert unwrap([OTHER, *names]) == ([OTHER, *names], ())


@pytest.mark.parametrize("wrapper", MAYBE)
def test_words_that_networks_use_too_are_taken_off_if_most_names_are_known_then(wrapper):
    names = [f"{wrapper}.{KNOWN}", f"{wrapper}.{OTHER}", f"{wrapper}.conv_in.weight"]
    assert unwrap(names) == ([KNOWN, OTHER, "conv_in.weight"], (wrapper,))
    # A half is not most.
    assert unwrap(names[:2]) == (names[:2], ())
    assert unwrap([names[1]]) == ([names[1]], ())


def test_wrappers_are_taken_off_from_outside_to_inside():
    names = [f"module.model.unet.{name}" for name in (KNOWN, "conv_in.weight")]
    assert unwrap([names[0]]) == (["model.unet." + KNOWN], ("module",))
    names = [f"module.ema.{name}" for name in (KNOWN, "conv_in.weight")]
    assert unwrap(names) == ([KNOWN, "conv_in.weight"], ("module", "ema"))
    compiled = ["module._orig_mod.mid._orig_mod.conv.weight", "module.conv_in.weight"]
    assert unwrap(compiled) == (
        ["mid.conv.weight", "conv_in.weight"],
        ("_orig_mod", "module"),
    )


@pytest.mark.parametrize(
    "marker", ["v_pred", "ztsnr", "edm_mean", "edm_std", "edm_vpred.sigma_max", "scaled_fp8"]
)
def test_marks_of_a_training_are_not_wrapped(marker):
    assert unwrap([marker, f"unet.{KNOWN}"]) == ([marker, KNOWN], ("unet",))
    assert unwrap([marker]) == ([marker], ())


def test_names_that_tell_their_component_are_not_unwrapped():
    names = ["model.conv_in.weight", f"model.diffusion_model.{KNOWN}", "model.conv_out.weight"]
    assert unwrap(names) == (names, ())
    assert unwrap([]) == ([], ())


LAYOUT = KeyLayout(
    name="elsewhere",
    signature=r"^old\.",
    renames="""
        old.#.qkv.* -> new.#.{q,k,v}.*
        old.#.all.* -> new.#.{one,two}.* : 1:3
        old.#.half.* -> new.#.shift.* : swapped
        old.#.turned -> new.#.matrix : flipped
        old.#.conv.* -> new.#.linear.* : matrix
    """,
    modules={
        "out.1.1": "attention",
        "out.1.1.conv": "up.conv",
        "out.1.2.conv": "up.conv",
        "old_name": "new_name",
    },
)


def cut(sizes):
    """The layout's name, the pieces, and what is stored twice, of float32 tensors by name."""
    tensors = [
        Tensor(name=name, dtype="float32", shape=shape, file=0, offset=0, nbytes=nbytes)
        for name, (shape, nbytes) in sizes.items()
    ]
    return cut_tensors({name: n for n, name in enumerate(sizes)}, tensors, [LAYOUT]), tensors


FIRST = {"old.9.qkv.bias": ((3,), 12)}
FIRST_PIECES = [
    Piece(f"new.9.{name}.bias", 0, (1,), 4 * place, 4, "same") for place, name in enumerate("qkv")
]


@pytest.mark.parametrize(
    ("name", "shape", "nbytes", "pieces"),
    [
        (
            "old.2.all.weight",
            (8, 5),
            160,
            [
                Piece("new.2.one.weight", 1, (2, 5), 0, 40, "same"),
                Piece("new.2.two.weight", 1, (6, 5), 40, 120, "same"),
            ],
        ),
        # Rows that cannot be divided, no rows, no shape, and bytes that are not whole per row.
        ("old.2.all.weight", (6, 5), 120, None),
        ("old.2.all.weight", (0, 5), 0, None),
        ("old.2.all.weight", (), 4, None),
        ("old.2.all.weight", (8, 5), 159, None),
        ("old.2.half.weight", (6, 2), 48, [("new.2.shift.weight", (6, 2), "swapped")]),
        ("old.2.half.weight", (5, 2), 40, None),
        ("old.2.half.weight", (), 4, None),
        ("old.2.turned", (3, 5), 60, [("new.2.matrix", (5, 3), "flipped")]),
        ("old.2.turned", (3, 5), LARGEST_REORDERED, [("new.2.matrix", (5, 3), "flipped")]),
        ("old.2.turned", (3, 5), LARGEST_REORDERED + 1, None),
        ("old.2.turned", (3,), 12, None),
        ("old.2.turned", (3, 5, 1), 60, None),
        ("old.2.conv.weight", (4, 3, 1, 1), 48, [("new.2.linear.weight", (4, 3), "same")]),
        ("old.2.conv.weight", (4, 1, 1), 16, [("new.2.linear.weight", (4, 1), "same")]),
        ("old.2.conv.weight", (4, 3, 3, 1), 144, [("new.2.linear.weight", (4, 3, 3), "same")]),
        (
            "old.2.conv.weight",
            (4, 3),
            LARGEST_REORDERED * 2,
            [("new.2.linear.weight", (4, 3), "same")],
        ),
        ("old_name.weight", (2,), 8, [("new_name.weight", (2,), "same")]),
        ("old_names.weight", (2,), 8, [("old_names.weight", (2,), "same")]),
    ],
)
def test_a_tensor_is_cut_as_its_form_says_or_stays_whole(name, shape, nbytes, pieces):
    (layout, found, repeated), tensors = cut(FIRST | {name: (shape, nbytes)})
    assert (layout, repeated) == ("elsewhere", [])
    assert found[:3] == FIRST_PIECES
    if pieces is None:
        assert found[3:] == [whole_piece(name, 1, tensors[1])]
        assert found[3] == Piece(name, 1, shape, 0, nbytes, "same")
    else:
        assert found[3:] == [
            each if isinstance(each, Piece) else Piece(each[0], 1, each[1], 0, nbytes, each[2])
            for each in pieces
        ]


def test_what_is_stored_twice_is_told_and_without_a_layout_all_is_whole():
    twice = FIRST | {"new.9.k.bias": ((1,), 4), "new.8.k.bias": ((1,), 4)}
    (_, found, repeated), tensors = cut(twice)
    assert found == [*FIRST_PIECES, whole_piece("new.8.k.bias", 2, tensors[2])]
    assert repeated == [1]
    (layout, found, repeated), tensors = cut({"new.9.k.bias": ((1,), 4)})
    assert (layout, found, repeated) == ("", [whole_piece("new.9.k.bias", 0, tensors[0])], [])


def test_names_are_found_backwards():
    names = [f"new.0.{name}.weight" for name in "vkq"]
    names += ["new.1.shift.bias", "new.1.matrix", "new_name.weight", "plain.weight"]
    assert stored_tensors(names, LAYOUT) == [
        StoredTensor("old.0.qkv.weight", tuple(f"new.0.{n}.weight" for n in "qkv"), "same"),
        StoredTensor("old.1.turned", ("new.1.matrix",), "flipped"),
        StoredTensor("old.1.half.bias", ("new.1.shift.bias",), "swapped"),
        StoredTensor("old_name.weight", ("new_name.weight",), "same"),
        StoredTensor("plain.weight", ("plain.weight",), "same"),
    ]


@pytest.mark.parametrize(("more", "place"), [([], "out.1.1"), (["attention.q.weight"], "out.1.2")])
def test_an_upsampler_is_behind_an_attention_if_there_is_one(more, place):
    found = {each.weights: each.name for each in stored_tensors(["up.conv.bias", *more], LAYOUT)}
    assert found["up.conv.bias",] == f"{place}.conv.bias"
