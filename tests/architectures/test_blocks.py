"""Block and kind rules against what people typed by hand, and against the paths themselves."""

import re

import pytest
from diffusers import StableCascadeUNet
from torch import nn

from generator.architectures.blocks import network_blocks
from generator.architectures.network import BuiltNetwork
from generator.networks.blocks import REST, BlockRule, block_of, block_table, name_blocks
from generator.networks.families import FAMILIES
from generator.networks.kinds import kind_of

SD1_MARKS = {
    # The published, hand-marked diagram of SD1's UNet.
    "conv_in": "IN00",
    "down_blocks.0.resnets.0": "IN01",
    "down_blocks.0.attentions.1": "IN02",
    "down_blocks.0.downsamplers": "IN03",
    "down_blocks.1.downsamplers": "IN06",
    "down_blocks.2.resnets.1": "IN08",
    "down_blocks.2.downsamplers": "IN09",
    "down_blocks.3.resnets.0": "IN10",
    "down_blocks.3.resnets.1": "IN11",
    "mid_block": "MID",
    "up_blocks.0.resnets.0": "OUT00",
    "up_blocks.0.upsamplers": "OUT02",
    "up_blocks.1.attentions.2": "OUT05",
    "up_blocks.1.upsamplers": "OUT05",
    "up_blocks.2.upsamplers": "OUT08",
    "up_blocks.3.resnets.2": "OUT11",
}


def test_sd1_marks_are_those_of_the_published_diagram(traced):
    blocks = traced("sd1").blocks
    assert {path: blocks[path] for path in SD1_MARKS} == SD1_MARKS


@pytest.mark.parametrize(
    ("identity", "pattern", "prefix", "count"),
    [
        ("flux", r"transformer_blocks\.(\d+)", "DOUBLE", 19),
        ("flux", r"single_transformer_blocks\.(\d+)", "SINGLE", 38),
        ("auraflow", r"joint_transformer_blocks\.(\d+)", "DOUBLE", 4),
        ("auraflow", r"single_transformer_blocks\.(\d+)", "SINGLE", 32),
        ("sd3", r"transformer_blocks\.(\d+)", "BLOCK", 24),
        ("sd35", r"transformer_blocks\.(\d+)", "BLOCK", 38),
        ("hunyuan-dit", r"blocks\.(\d+)", "BLOCK", 40),
    ],
)
def test_transformer_blocks_are_named_by_their_number(traced, identity, pattern, prefix, count):
    named = {
        path: name for path, name in traced(identity).blocks.items() if re.fullmatch(pattern, path)
    }
    assert len(named) == count
    for path, name in named.items():
        assert name == f"{prefix}{int(re.fullmatch(pattern, path)[1]):02}"


@pytest.mark.parametrize("identity", ["sd1", "sd2", "sdxl"])
def test_skip_connections_pair_the_blocks_of_a_unet(traced, identity):
    """OUTnn takes the channels of its predecessor and of the IN block that mirrors it."""
    network, _, blocks, _ = traced(identity)
    module = network.module
    made = {}  # block -> channels it hands on
    for path, block in blocks.items():
        owner = module.get_submodule(path)
        if "resnets" in path:
            made[block] = owner.conv2.out_channels
        elif "downsamplers" in path:
            made[block] = owner[0].conv.out_channels
    made["IN00"] = module.conv_in.out_channels
    made["MID"] = module.mid_block.resnets[-1].conv2.out_channels
    ups = sorted({block for block in blocks.values() if block.startswith("OUT")})
    before = "MID"
    for number, block in enumerate(ups):
        mirror = f"IN{len(ups) - 1 - number:02}"
        path = next(p for p, b in blocks.items() if b == block and "resnets" in p)
        taken = module.get_submodule(path).conv1.in_channels
        assert taken == made[before] + made[mirror], block
        before = block


def test_names_are_in_network_order(traced):
    names = list(dict.fromkeys(traced("sdxl").blocks.values()))
    expected = [f"IN{n:02}" for n in range(9)] + ["MID"] + [f"OUT{n:02}" for n in range(9)]
    assert names == expected


def test_an_upsampler_joins_the_block_before_it():
    rules = FAMILIES["UNet2DConditionModel"].blocks
    blocks = name_blocks(
        ["up_blocks.0.resnets.0", "up_blocks.0.upsamplers", "up_blocks.1.resnets.0"], rules
    )
    assert blocks == {
        "up_blocks.0.resnets.0": "OUT00",
        "up_blocks.0.upsamplers": "OUT00",
        "up_blocks.1.resnets.0": "OUT01",
    }


def test_an_upsampler_without_a_residual_block_is_a_block_of_its_own():
    rules = FAMILIES["UNet2DConditionModel"].blocks
    paths = ["up_blocks.0.upsamplers", "up_blocks.1.resnets.0", "up_blocks.1.upsamplers"]
    assert name_blocks(paths, rules) == dict(zip(paths, ("OUT00", "OUT01", "OUT01"), strict=True))


def test_numbers_order_as_numbers():
    rules = (BlockRule(r"blocks\.(\d+)$", "BLOCK"),)
    blocks = name_blocks([f"blocks.{n}" for n in (10, 9, 2)], rules)
    assert blocks == {"blocks.2": "BLOCK00", "blocks.9": "BLOCK01", "blocks.10": "BLOCK02"}


def test_a_parameter_belongs_to_its_closest_named_ancestor():
    blocks = {"a": "IN00", "a.b": "IN01"}
    assert block_of("a.weight", blocks) == "IN00"
    assert block_of("a.b.c.weight", blocks) == "IN01"
    assert block_of("ab.weight", blocks) == REST


def test_a_list_is_named_by_its_own_words():
    """Without those that all such lists have in common."""
    lists = ["double_stream_blocks", "single_stream_layers", "context_refiner_stream_blocks"]
    module = nn.Module()
    for name in lists:
        parts = (nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 4)) for _ in range(2))
        setattr(module, name, nn.ModuleList(parts))
    module.double_stream_blocks.append(nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 4)))
    names = list(network_blocks(BuiltNetwork(module, None, {}, ())).values())
    assert names == [
        *("DOUBLE00", "DOUBLE01", "DOUBLE02", "SINGLE00", "SINGLE01"),
        *("CONTEXT00", "CONTEXT01"),
    ]


def test_stages_that_are_lists_have_a_block_for_each_cycle_of_classes():
    """By hand: the first stage has two, the second a downscaler before it; on the way up, the first
    has an upscaler behind it."""
    kinds = ("SDCascadeResBlock", "SDCascadeTimestepBlock")
    unet = StableCascadeUNet(
        in_channels=4,
        out_channels=4,
        timestep_ratio_embedding_dim=8,
        conditioning_dim=32,
        block_out_channels=(32, 64),
        num_attention_heads=(2, 2),
        down_num_layers_per_block=(2, 1),
        up_num_layers_per_block=(1, 2),
        down_blocks_repeat_mappers=(1, 1),
        up_blocks_repeat_mappers=(1, 1),
        block_types_per_layer=(kinds, kinds),
        clip_text_pooled_in_channels=16,
        switch_level=(True,),
    )
    assert network_blocks(BuiltNetwork(unet, None, {}, ())) == {
        **{"down_blocks.0.0": "IN00", "down_blocks.0.1": "IN00"},
        **{"down_blocks.0.2": "IN01", "down_blocks.0.3": "IN01"},
        "down_downscalers.1": "IN02",
        **{"down_blocks.1.0": "IN03", "down_blocks.1.1": "IN03"},
        **{"up_blocks.0.0": "OUT00", "up_blocks.0.1": "OUT00", "up_upscalers.0": "OUT00"},
        **{"up_blocks.1.0": "OUT01", "up_blocks.1.1": "OUT01"},
        **{"up_blocks.1.2": "OUT02", "up_blocks.1.3": "OUT02"},
    }


def test_what_no_rule_places_is_base():
    table = block_table({"blocks.0.w": 3, "head.w": 4, "token": 5}, {"blocks.0": "BLOCK00"})
    assert [(b.name, b.modules, b.parameters) for b in table.blocks] == [
        ("BLOCK00", ("blocks.0",), 3),
        ("REST", ("head", "token"), 9),
    ]
    assert table.count == 1


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q.weight", "attn1"),
        ("down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_out.0.bias", "attn2"),
        ("down_blocks.0.attentions.0.transformer_blocks.0.ff.net.0.proj.weight", "ff"),
        ("down_blocks.0.attentions.0.transformer_blocks.0.norm3.weight", "norm"),
        ("down_blocks.0.attentions.0.proj_in.weight", "proj"),
        ("down_blocks.0.resnets.0.time_emb_proj.weight", "emb"),
        ("down_blocks.0.resnets.0.conv_shortcut.weight", "conv"),
        ("conv_norm_out.weight", "norm"),
        ("time_embedding.linear_1.weight", "emb"),
        ("transformer_blocks.0.attn.norm_added_q.weight", "attn1"),
        ("transformer_blocks.0.ff_context.net.2.weight", "ff"),
        ("transformer_blocks.0.norm1_context.linear.weight", "norm"),
        ("single_transformer_blocks.3.proj_mlp.weight", "ff"),
        ("single_transformer_blocks.3.proj_out.weight", "proj"),
        ("x_embedder.weight", "emb"),
        ("single_transformer_blocks.3.attn.to_qkv_mlp_proj.weight", "proj"),
        ("single_transformer_blocks.3.attn.to_out.0.weight", "attn1"),
        ("blocks.4.ffn.net.0.proj.weight", "ff"),
        ("t_embedder.mlp.0.weight", "emb"),
        ("transformer_blocks.5.txt_mod.1.weight", "norm"),
        ("something.new", "other"),
    ],
)
def test_kinds(path, kind):
    assert kind_of(path) == kind
