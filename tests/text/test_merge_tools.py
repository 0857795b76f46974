"""Weights as merge tools take them, against the tools' own mappings, typed by hand."""

import json
import re

import pytest

from generator.errors import UsageError
from generator.text.merge_tools import BlockMix, comfy, known_blocks, mecha, supermerger, tool_texts

# The order of the fields, from the README of
# https://github.com/hako-mikan/sd-webui-supermerger#merge-block-weight, whose MID is M00 elsewhere.
SD1_FIELDS = [
    "BASE",
    "IN00",
    "IN01",
    "IN02",
    "IN03",
    "IN04",
    "IN05",
    "IN06",
    "IN07",
    "IN08",
    "IN09",
    "IN10",
    "IN11",
    "M00",
    "OUT00",
    "OUT01",
    "OUT02",
    "OUT03",
    "OUT04",
    "OUT05",
    "OUT06",
    "OUT07",
    "OUT08",
    "OUT09",
    "OUT10",
    "OUT11",
]
SDXL_FIELDS = [
    "BASE",
    "IN00",
    "IN01",
    "IN02",
    "IN03",
    "IN04",
    "IN05",
    "IN06",
    "IN07",
    "IN08",
    "M00",
    "OUT00",
    "OUT01",
    "OUT02",
    "OUT03",
    "OUT04",
    "OUT05",
    "OUT06",
    "OUT07",
    "OUT08",
]
# Key of a single-file checkpoint -> the tool's block, and ours. From `blockfromkey` in
# https://github.com/hako-mikan/sd-webui-supermerger/blob/main/scripts/mergers/mergers.py and from
# https://github.com/ljleb/sd-mecha, convert_sd1_blocks.py and convert_sdxl_blocks.py.
SD1_KEYS = {
    "model.diffusion_model.input_blocks.0.0.weight": ("IN00", "IN00"),
    "model.diffusion_model.input_blocks.11.0.in_layers.0.weight": ("IN11", "IN11"),
    "model.diffusion_model.middle_block.1.proj_in.weight": ("M00", "MID"),
    "model.diffusion_model.output_blocks.0.0.in_layers.0.weight": ("OUT00", "OUT00"),
    "model.diffusion_model.output_blocks.11.1.proj_out.weight": ("OUT11", "OUT11"),
    "cond_stage_model.transformer.text_model.final_layer_norm.weight": ("BASE", "encoder"),
}
SDXL_KEYS = {
    "model.diffusion_model.input_blocks.8.1.proj_in.weight": ("IN08", "IN08"),
    "model.diffusion_model.middle_block.0.in_layers.0.weight": ("M00", "MID"),
    "model.diffusion_model.output_blocks.8.0.in_layers.0.weight": ("OUT08", "OUT08"),
    "conditioner.embedders.0.transformer.text_model.final_layer_norm.weight": ("BASE", "encoder"),
}
# Inputs of the nodes, from comfy_extras/nodes_model_merging_model_specific.py of
# https://github.com/comfyanonymous/ComfyUI; `ratio` there is the share of model1.
COMFY_SD1 = {
    "time_embed.": "REST",
    "label_emb.": "REST",
    "input_blocks.0.": "IN00",
    "input_blocks.11.": "IN11",
    "middle_block.0.": "MID",
    "middle_block.1.": "MID",
    "middle_block.2.": "MID",
    "output_blocks.0.": "OUT00",
    "output_blocks.11.": "OUT11",
    "out.": "REST",
}
COMFY_SDXL = {
    "label_emb.": "REST",
    "input_blocks.8": "IN08",
    "middle_block.2": "MID",
    "output_blocks.8": "OUT08",
    "out.": "REST",
}
COMFY_FLUX = {
    "img_in.": "REST",
    "guidance_in": "REST",
    "double_blocks.18.": "DOUBLE18",
    "single_blocks.0.": "SINGLE00",
    "single_blocks.37.": "SINGLE37",
    "final_layer.": "REST",
}


def numbered(**counts):
    return [f"{prefix}{n:02}" for prefix, count in counts.items() for n in range(count)]


SD1 = ["REST", "MID", *numbered(IN=12, OUT=12)]
SDXL = ["REST", "MID", *numbered(IN=9, OUT=9)]
FLUX = ["REST", *numbered(DOUBLE=19, SINGLE=38)]


def mix(blocks, **more):
    """Another share of the second parent in every block, and in the text encoder."""
    shares = {block: number / 100 for number, block in enumerate(blocks, start=1)}
    weights = {block: (1 - share, share) for block, share in shares.items()}
    given = {"encoder": (0.1, 0.9)} | more
    return BlockMix(parents=("one", "other"), blocks=weights, **given)


def share(made, block):
    return made.encoder[1] if block == "encoder" else made.blocks[block][1]


def supermerger_alpha(text):
    (line,) = (line for line in text.splitlines() if line.startswith("alpha: "))
    return [float(part) for part in line.removeprefix("alpha: ").split(",")]


@pytest.mark.parametrize(
    ("blocks", "fields", "keys", "length"),
    [(SD1, SD1_FIELDS, SD1_KEYS, 26), (SDXL, SDXL_FIELDS, SDXL_KEYS, 20)],
    ids=["sd1", "sdxl"],
)
def test_supermerger_gives_each_key_its_weight(blocks, fields, keys, length):
    made = mix(blocks)
    alpha = supermerger_alpha(supermerger(made).text)
    assert len(alpha) == len(fields) == length
    for theirs, ours in keys.values():
        assert alpha[fields.index(theirs)] == pytest.approx(share(made, ours), abs=5e-5)


def test_supermerger_says_where_the_rest_goes():
    """`time_embed` and `out.` of SD1 go with OUT11; SDXL's `time_embed` stays that of A."""
    notes = " ".join(supermerger(mix(SD1)).notes)
    assert "merges out with OUT11" in notes
    assert "merges time_embed with OUT11" in notes
    notes = " ".join(supermerger(mix(SDXL)).notes)
    assert "merges out with OUT08" in notes
    assert "keeps time_embed and label_emb of A" in notes
    even = dict.fromkeys(SD1, (0.7, 0.3))
    assert not supermerger(BlockMix(("a", "b"), even, encoder=(1.0, 0.0))).notes


def test_supermerger_takes_three():
    three = dict.fromkeys(SD1, (0.5, 0.3, 0.2))
    text = supermerger(BlockMix(("a", "b", "c"), three, encoder=(0.5, 0.3, 0.2))).text
    assert text.splitlines()[0] == "Triple sum: A = a, B = b, C = c"
    assert text.splitlines()[1:] == [
        "alpha: " + ",".join(["0.3"] * 26),
        "beta: " + ",".join(["0.2"] * 26),
    ]
    added = dict.fromkeys(SD1, (1.0, 0.8, -0.8))
    text = supermerger(BlockMix(("a", "b", "c"), added, same_encoder=True, difference=True)).text
    assert text.splitlines() == [
        "Add difference: A = a, B = b, C = c",
        "alpha: " + ",".join(["0", *["0.8"] * 25]),
    ]


@pytest.mark.parametrize(
    ("blocks", "fields", "keys"),
    [(SD1, SD1_FIELDS, SD1_KEYS), (SDXL, SDXL_FIELDS, SDXL_KEYS)],
    ids=["sd1", "sdxl"],
)
def test_mecha_gives_each_key_its_weight(blocks, fields, keys):
    made = mix(blocks)
    written = mecha(made)
    named = json.loads(re.search(r"\{.*\}", written.text)[0])
    assert set(named) == set(fields)
    for theirs, ours in keys.values():
        assert named[theirs] == pytest.approx(share(made, ours), abs=5e-5)
    assert 'a = sd_mecha.model("one")' in written.text
    assert "weighted_sum(a, b, alpha=blocks)" in written.text
    # `time_embed` goes with BASE, and `out.` with the last block.
    notes = " ".join(written.notes)
    assert "merges time_embed with BASE" in notes
    assert f"merges out with OUT{11 if blocks is SD1 else '08'}" in notes


@pytest.mark.parametrize(
    ("blocks", "node", "count", "inputs"),
    [
        (SD1, "ModelMergeSD1", 30, COMFY_SD1),
        (SDXL, "ModelMergeSDXL", 24, COMFY_SDXL),
        (FLUX, "ModelMergeFlux1", 63, COMFY_FLUX),
    ],
)
def test_comfy_gives_each_input_the_share_of_model1(blocks, node, count, inputs):
    made = mix(blocks)
    written = json.loads(comfy(made).text)
    assert written["class_type"] == node
    assert len(written["inputs"]) == count
    for name, block in inputs.items():
        assert written["inputs"][name] == pytest.approx(made.blocks[block][0], abs=5e-5)
    assert comfy(made).notes[0].startswith("model1 is one, model2 is other")


def test_what_a_tool_cannot_take_is_refused():
    beyond = mix(SD1)
    beyond.blocks["IN00"] = (1.2, -0.2)
    with pytest.raises(UsageError, match="from 0 to 1"):
        comfy(beyond)
    with pytest.raises(UsageError, match="Stable Diffusion UNets"):
        supermerger(mix(FLUX))
    with pytest.raises(UsageError, match="no merge node"):
        comfy(mix(["REST", *numbered(BLOCK=40)]))
    three = BlockMix(("a", "b", "c"), dict.fromkeys(SD1, (0.5, 0.3, 0.2)))
    with pytest.raises(UsageError, match="two models"):
        mecha(three)
    assert [each.tool for each in tool_texts(three)] == ["supermerger"]
    assert not list(tool_texts(mix(["REST"])))


def test_unknown_weights_are_told_and_equal_blocks_filled():
    assert "BASE, the text encoder, is 0 (that of A): its weights are not known." in (
        supermerger(mix(SD1, encoder=None)).notes
    )
    filled = known_blocks((0.25, 0.75), {"IN00": (None, None), "MID": (0.5, 0.5)})
    assert filled == {"IN00": [0.25, 0.75], "MID": [0.5, 0.5]}
    with pytest.raises(UsageError, match="equal"):
        known_blocks((None, None), {"IN00": (None, None)})
