"""The table of modules against the measured architectures, and which networks an adapter fits."""

import csv
from pathlib import Path

import pytest

from generator.checkpoints.keys.stored_names import stored_tensors
from generator.networks.key_patterns import expand
from generator.networks.layouts import LAYOUTS
from generator.networks.modules import (
    FittingNetwork,
    ModuleWidths,
    NetworkModules,
    dotted_name,
    networks_with,
)
from generator.networks.tables import read_table
from generator.records import Record

ARCHITECTURES = Path(__file__).parents[2] / "data" / "architectures"


class Table(Record):
    networks: tuple[NetworkModules, ...]


TABLE = {
    (each.id, each.size): {
        name: ModuleWidths(*map(int, line.split()[:2]))
        for line in each.modules.strip().splitlines()
        for name in expand(" ".join(line.split()[2:]))
    }
    for each in read_table("networks", "modules.toml", Table).networks
}
# Of each, the architecture that was measured, and its other layout.
MEASURED = [
    ("sd1", "", "sd1", "unet-original"),
    ("sdxl", "", "sdxl", "unet-original"),
    ("sd35-medium", "", "sd35-medium", "sd3-original"),
    ("flux", "", "flux", "flux-original"),
    ("chroma", "", "chroma", "flux-original"),
    ("flux2", "klein 4B", "flux2-klein-4b", "flux2-original"),
    ("wan", "14B", "wan22-t2v-a14b", "wan-original"),
    ("wan", "14B image-to-video", "wan21-i2v-14b", "wan-original"),
    ("qwen-image", "", "qwen-image-edit-2511", ""),
    ("z-image", "", "z-image-turbo", "z-image-original"),
    ("hunyuan-video", "", "hunyuan-video-i2v", "hunyuan-video-original"),
    ("ltx", "2B", "ltx-video-2b", "ltx-original"),
    ("lumina2", "", "lumina2", "lumina2-original"),
    ("pixart", "", "pixart-sigma", "pixart-original"),
    ("hidream", "", "hidream-i1", ""),
    ("cogvideox", "5B", "cogvideox-5b", ""),
]


def measured(architecture):
    with (ARCHITECTURES / f"{architecture}.parameters.csv").open() as file:
        rows = [(row["name"], row["shape"].split("x")) for row in csv.DictReader(file)]
    return {
        name.removesuffix(".weight"): ModuleWidths(int(shape[1]), int(shape[0]))
        for name, shape in rows
        if name.endswith(".weight") and len(shape) > 1
    }


@pytest.mark.parametrize(("network", "size", "architecture", "layout"), MEASURED)
def test_the_table_holds_the_modules_of_the_class(network, size, architecture, layout):
    modules = measured(architecture)
    table = TABLE[network, size]
    assert modules.items() <= table.items()
    renamed = {}
    if layout:
        names = [f"{name}.weight" for name in modules]
        for stored in stored_tensors(names, LAYOUTS[layout], last=10**6):
            own = [modules[each.removesuffix(".weight")] for each in stored.weights]
            widths = ModuleWidths(own[0].inputs, sum(each.outputs for each in own))
            renamed[stored.name.removesuffix(".weight")] = widths
    assert renamed.items() <= table.items()
    # Some layouts have more than one name for a weight.
    assert len(table) <= 3 * len(modules)
    for name in (*modules, *renamed):
        found = dotted_name(name.replace(".", "_"), network)
        assert table[found] == table[name]


FLUX = {name.replace(".", "_"): widths for name, widths in measured("flux").items()}


def part(modules, *words):
    return {name: each for name, each in modules.items() if all(word in name for word in words)}


@pytest.mark.parametrize(
    "words",
    [("attn_to_q",), ("ff_net_0_proj",), ("ff_context",), ("proj_mlp",), ("single_", "attn")],
)
def test_of_all_blocks_the_network_is_known_by_their_number(words):
    found = [each.id for each in networks_with(part(FLUX, *words), 0.9)]
    assert found == ["flux", "chroma"]


@pytest.mark.parametrize(
    ("modules", "networks"),
    [
        # One feed-forward layer of this width is in four networks, modulation in fewer.
        (
            part(FLUX, "transformer_blocks_3_ff_net_0_proj"),
            {"flux", "chroma", "hunyuan-video", "cogvideox"},
        ),
        (part(FLUX, "transformer_blocks_3_norm1_linear"), {"flux", "hunyuan-video", "ovis-image"}),
        # Self-attention of 640 channels, without the text.
        (
            {"down_blocks_1_attentions_0_transformer_blocks_0_attn1_to_q": ModuleWidths(640, 640)},
            {"sd1", "sd2", "sdxl", "kolors", "ssd-1b"},
        ),
        # Of another width, or with most modules of another name, it is no known network.
        ({"transformer_blocks_3_attn_to_q": ModuleWidths(3100, 3072)}, set()),
        (part(FLUX, "_18_attn_to_q") | {f"blocks_{n}_x": ModuleWidths(9, 9) for n in "12"}, set()),
        ({f"transformer_blocks_{'9' * 5000}_attn_to_q": ModuleWidths(3072, 3072)}, set()),
    ],
)
def test_all_networks_with_the_modules_are_found(modules, networks):
    assert {each.id for each in networks_with(modules, 0.9)} == networks


@pytest.mark.parametrize(
    ("blocks", "width", "size"), [(40, 5120, "14B"), (30, 1536, "1.3B"), (30, 3072, "5B")]
)
def test_the_size_of_a_network_is_told(blocks, width, size):
    modules = {f"blocks_{n}_self_attn_q": ModuleWidths(width, width) for n in range(blocks)}
    assert networks_with(modules, 0.9)[0] == FittingNetwork("wan", size)
