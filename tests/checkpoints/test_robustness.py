"""Damaged and odd input is refused or described; nothing else ever happens."""

import contextlib
import json

import malformed
import torch
from effort import little_effort
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_layouts import index_of

from generator.checkpoints.formats.folders import PEFT_KEY
from generator.checkpoints.formats.opening import open_checkpoint
from generator.checkpoints.identify.adapters import group_modules
from generator.checkpoints.identify.contents import identify
from generator.checkpoints.identify.peft_config import declared_alphas
from generator.checkpoints.keys.wrappers import unwrap
from generator.errors import CheckpointError

RELAXED = settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
PICKLE = malformed.state((b"x", malformed.tensor()), (b"epoch", b"K\3"))


def open_or_refuse(tmp_path, content):
    path = tmp_path / "model.ckpt"
    path.write_bytes(content)
    with contextlib.suppress(CheckpointError):
        open_checkpoint(path)


@given(st.data())
@RELAXED
def test_damaged_pickles(tmp_path, data):
    pickled = bytearray(PICKLE)
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(pickled)))
        pickled[start : start + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    open_or_refuse(tmp_path, malformed.archive(bytes(pickled)))


@given(st.lists(st.tuples(st.integers(0, len(malformed.GOOD) - 1), st.integers(0, 255))))
@RELAXED
def test_damaged_archives(tmp_path, changes):
    content = bytearray(malformed.GOOD)
    for place, value in changes:
        content[place] = value
    open_or_refuse(tmp_path, bytes(content))


WORDS = [
    "model.diffusion_model",
    "unet/",
    "vae/",
    "first_stage_model",
    "cond_stage_model.model",
    "model_ema",
    "input_blocks",
    "output_blocks",
    "middle_block",
    "joint_blocks",
    "double_blocks",
    "single_blocks",
    "down_blocks",
    "up_blocks",
    "mid_block",
    "upsamplers",
    "resnets",
    "attentions",
    "transformer",
    "resblocks",
    "attn",
    "in_proj_weight",
    "text_projection",
    "x_block",
    "context_block",
    "adaLN_modulation",
    "qkv",
    "linear1",
    "encoder",
    "decoder",
    "mid",
    "attn_1",
    "q",
    "norm",
    "weight",
    "bias",
    "0",
    "1",
    "2",
    "3",
    "11",
    "99999999999999999999",
    "٣",
    "-",
    "#",
]
NAMES = st.lists(st.sampled_from(WORDS), min_size=1, max_size=9).map(".".join)
SHAPES = st.lists(st.integers(0, 6), max_size=4)


@given(st.dictionaries(NAMES, SHAPES, max_size=12))
@RELAXED
def test_any_names_and_shapes_are_described_completely(tensors):
    index = index_of({n: torch.empty(s, device="meta") for n, s in tensors.items()})
    contents = identify(index)
    assert {weight.tensor for weight in contents.weights} == set(range(len(tensors)))
    assert sum(each.nbytes for each in contents.weights) == sum(t.nbytes for t in index.tensors)
    places = [(each.component, each.name) for each in contents.weights]
    assert len(set(places)) == len(places)


def test_a_wrapper_that_never_ends_is_taken_off_a_few_times_only():
    names, prefixes = unwrap(["module." * 9000 + str(number) for number in range(200)])
    assert 0 < len(prefixes) < 20
    assert names[0].startswith("module.")


def test_alphas_of_single_modules_are_looked_up_by_the_ends_of_names(tmp_path):
    """The file is as large as its entries; modules times entries would be a hundred times more."""
    entries = {f"x{number}": number for number in range(20_000)} | {"b.to_q": 5, "to_q": 7}
    config = {"transformer.lora_alpha": 3, "transformer.alpha_pattern": entries}
    path = tmp_path / "config.json"
    path.write_text(json.dumps(config))
    factors = [f"{block}.b.to_{which}.lora_A.weight" for block in range(2000) for which in "qk"]
    modules = group_modules(factors)
    with little_effort(path):
        alphas = declared_alphas({PEFT_KEY: path.read_text()}, modules)
    assert alphas == (3.0, 5.0)
