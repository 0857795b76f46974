"""The cards of the home page, recomputed from the JSON files alone."""

import json

import msgspec
import pytest

from generator.publish.atlas import read_atlas
from generator.publish.findings import findings


@pytest.fixture(scope="module")
def atlas(committed):
    return read_atlas(committed)


@pytest.fixture(scope="module")
def raw(committed):
    paths = (committed / "architectures").glob("*.json")
    return {path.stem: json.loads(path.read_bytes()) for path in paths}


def test_the_headlines_are_true(atlas, raw):
    cards = findings(atlas)
    assert [card.figure for card in cards] == [
        "2.37×",
        f"{raw['auraflow']['pipeline']['flops'] / raw['sd1']['pipeline']['flops']:.1f}×",
        # Hunyuan-DiT and SDXL both run at a batch of 2.
        f"{raw['hunyuan-dit']['pipeline']['flops'] / raw['sdxl']['pipeline']['flops']:.2f}×",
        "33.4\xa0%",
        "4 of 19",
        "46 of 48",
    ]
    assert "859,520,964 parameters, not 2.04\xa0B" in cards[0].claim
    blocks = sorted(raw["sdxl"]["mbw"]["blocks"], key=lambda b: -b["parameters"])[:4]
    assert sum(b["parameters"] for b in blocks) * 2 >= raw["sdxl"]["parameters"]["diffusers"]
    assert all(block["name"] in cards[4].claim for block in blocks)


def test_without_networks_there_is_nothing_to_say(atlas):
    assert findings(msgspec.structs.replace(atlas, networks=())) == ()


def test_a_network_that_nobody_published_is_not_said_to_agree(atlas):
    def renamed(network):
        architecture = msgspec.structs.replace(network.architecture, id="new")
        return msgspec.structs.replace(network, architecture=architecture)

    assert "published figure" in findings(atlas)[0].because
    changed = msgspec.structs.replace(atlas, networks=tuple(map(renamed, atlas.networks)))
    assert not [card for card in findings(changed) if "published" in card.claim + card.because]


def test_one_network_is_compared_with_none(atlas):
    alone = msgspec.structs.replace(atlas, networks=atlas.networks[-1:])
    assert all("as much as" not in card.claim for card in findings(alone))
