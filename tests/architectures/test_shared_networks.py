"""Parameter counts against those counted apart from this program, and against fresh ones."""

import csv
import os
from pathlib import Path

import diffusers
import pytest
import torch
from diffusers.models.attention import AttentionModuleMixin
from diffusers.models.attention_processor import Attention
from sites import REPOSITORY

from generator.architectures.network import quiet_libraries, read_config
from generator.catalog.reading import read_catalog
from generator.records import Architecture, Component, store

DATA = REPOSITORY / "data"
NETWORKS = Path(os.environ.get("ATLAS_NETWORKS", REPOSITORY.parent / "shared" / "networks"))
CATALOG = read_catalog(DATA)
# Class -> configs of the catalogue by id.
CONFIGS: dict[str, dict[str, dict]] = {}
for _entry in CATALOG.architectures:
    _config = read_config(DATA / _entry.config)
    CONFIGS.setdefault(_config["_class_name"], {})[_entry.id] = _config


def table(name):
    """The rows of a table beside the repository; skips if it is not there."""
    if not (NETWORKS / name).is_file():
        pytest.skip(f"no {name} at {NETWORKS}")
    with (NETWORKS / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def record_of(identity):
    return store.read_result(DATA / "architectures" / f"{identity}.json", Architecture)


def test_every_count_of_a_network_is_the_one_made_apart():
    rows = table("networks.tsv")
    counted = {row["id"]: int(row["parameters"]) for row in rows}
    assert {each: record_of(each).parameters.diffusers for each in counted} == counted
    assert len(counted) == 92


def test_every_count_of_a_component_is_the_one_made_apart():
    # Ids are addresses here, and have no full stops.
    counted = {
        row["id"].replace(".", ""): int(row["parameters"]) for row in table("components.tsv")
    }
    found = {
        each: store.read_result(DATA / "components" / f"{each}.json", Component).parameters
        for each in counted
    }
    assert found == counted
    assert len(counted) == 60


def test_what_is_said_of_networks_is_what_the_table_says():
    for row in table("networks.tsv"):
        record = record_of(row["id"])
        assert record.class_name == row["class"]
        assert record.defaults.pipeline_class == row["pipeline"], row["id"]
        assert record.defaults.steps == int(row["steps"])
        # The table counts the embedding of the image that Stable Video Diffusion starts from.
        texts = 0 if row["id"] == "svd" else int(row["text_tokens"])
        assert record.defaults.text_tokens == texts
        assert record.modality == row["modality"].split("+")[0]
        assert [each.id for each in record.components] == row["components"].replace(".", "").split()
        # A claim without a source is not told.
        assert record.claim is None or record.claim.source == row["claim_source"]
        sides = row["size"].split("x")
        if len(sides) > 1 and all(side.isdecimal() for side in sides):
            assert (record.defaults.height, record.defaults.width) == (*map(int, sides[-2:]),)
        if len(sides) == 3:
            assert record.defaults.frames == int(sides[0])


def test_guidance_is_what_the_table_says():
    words = {
        "none": "none",
        "embedded": "embedded",
        "cfg, batch doubled": "batch_doubled",
        "cfg, batch tripled": "batch_tripled",
        "cfg, two calls": "two_calls",
    }
    told = {row["id"]: words[row["guidance"]] for row in table("networks.tsv")}
    assert {each: record_of(each).defaults.guidance for each in told} == told


@pytest.mark.parametrize("identity", [entry.id for entry in CATALOG.architectures])
def test_blocks_and_rest_are_the_whole_network(identity):
    record = record_of(identity)
    blocks = record.mbw.blocks
    assert sum(block.parameters for block in blocks) == record.parameters.diffusers
    assert all(block.parameters for block in blocks[:-1])
    # What is outside of the blocks is small in every network that is known.
    assert blocks[-1].name == "REST"
    assert blocks[-1].parameters < 0.07 * record.parameters.diffusers
    assert record.parameters.torch == record.parameters.torchinfo == record.parameters.diffusers


@pytest.mark.slow
@pytest.mark.parametrize(
    "class_name", sorted({record_of(e.id).class_name for e in CATALOG.architectures})
)
def test_a_fresh_count_is_the_recorded_one(class_name):
    """Of each class, by torch alone: in all, and in the modules of attention and feed-forward."""
    for entry in CATALOG.architectures:
        record = record_of(entry.id)
        if record.class_name != class_name:
            continue
        with quiet_libraries(), torch.device("meta"):
            module = getattr(diffusers, class_name).from_config(read_config(DATA / entry.config))
        counted = sum(parameter.numel() for parameter in module.parameters())
        assert counted == record.parameters.diffusers, entry.id
        held = by_module_class(module)
        for kinds, found in (({"attn1", "attn2"}, held["attention"]), ({"ff"}, held["ff"])):
            rows = [row for row in parameter_rows(entry.id) if row["kind"] in kinds]
            assert {row["name"] for row in rows} == found, entry.id


# In classes of diffusers that hold their feed-forward layers themselves, the names of these.
INLINE_FEED_FORWARD = {
    "Kandinsky3AttentionBlock": ("feed_forward",),
    "PRXBlock": ("gate_proj", "up_proj", "down_proj"),
    "SDCascadeResBlock": ("channelwise",),
}
FEED_FORWARD = ("FeedForward", "MLP", "GLUMBConv", "GLUMBTempConv", "SwiGLU")
# Matrices of attention and feed-forward in one.
PARALLEL = {"Flux2ParallelSelfAttention": ("to_qkv_mlp_proj", "to_out")}


def by_module_class(module):
    """The names of the parameters in modules whose class is one of attention, or feed-forward."""
    held = {"attention": set(), "ff": set()}
    for path, part in module.named_modules():
        name = type(part).__name__
        inner = {f"{path}.{each}" for each, _ in part.named_parameters()}
        if isinstance(part, Attention | AttentionModuleMixin) or name.endswith("Attention"):
            shared = tuple(f"{path}.{each}." for each in PARALLEL.get(name, ()))
            held["attention"] |= {each for each in inner if not each.startswith(shared or ("!",))}
        if any(word in name for word in FEED_FORWARD) and not name.endswith("Embedder"):
            held["ff"] |= inner
        for child, layer in part.named_children():
            if child in (*INLINE_FEED_FORWARD.get(name, ()), "proj_mlp"):
                held["ff"] |= {f"{path}.{child}.{each}" for each, _ in layer.named_parameters()}
    return held


def parameter_rows(identity):
    path = DATA / "architectures" / f"{identity}.parameters.csv"
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))
