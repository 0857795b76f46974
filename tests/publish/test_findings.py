"""The cards of the home page, recomputed from the JSON files alone."""

import csv
import itertools
import json
import math
import re
from collections import Counter

import msgspec
import pytest

from generator.publish.pages import self_test
from generator.publish.pages.checkpoint_findings import checkpoint_findings
from generator.publish.pages.network_findings import findings
from generator.publish.reading.published import compare
from generator.publish.style.templating import environment, fill
from generator.records import Architecture
from generator.text.anomalies import ANOMALIES


@pytest.fixture(scope="module")
def raw(committed):
    paths = (committed / "architectures").glob("*.json")
    return {path.stem: json.loads(path.read_bytes()) for path in paths}


def by_link(cards, link):
    return next(card for card in cards if link in card.link)


def with_forward(raw) -> list:
    """The records of pictures that have a cost: some have no forward pass without weights."""
    return [one for one in raw.values() if one["pipeline"] and one["modality"] == "image"]


def flops(record) -> float:
    return record["pipeline"]["flops"]


def flops_per_sample(record) -> float:
    inputs = record["pipeline"]["inputs"]
    latent = inputs.get("sample") or inputs.get("hidden_states")
    batch = latent["shape"][0] if latent else sum(name.startswith("x.") for name in inputs)
    return flops(record) / batch


def ratio_of(card) -> float:
    return float(card.figure.rstrip("×").replace(",", ""))


def test_the_overcount_is_the_largest_there_is(atlas, raw):
    card = by_link(findings(atlas), "torchinfo")
    counts = [record["parameters"] for record in raw.values()]
    ratios = [one["torchinfo_shared_activations"] / one["diffusers"] for one in counts]
    worst = counts[ratios.index(max(ratios))]
    assert ratio_of(card) == pytest.approx(max(ratios), rel=0.005)
    assert f"{worst['diffusers']:,} parameters" in card.claim


def test_the_dearest_step_against_the_cheapest(atlas, raw):
    card = next(card for card in findings(atlas) if "costs as much as" in card.claim)
    cheap, dear = min(with_forward(raw), key=flops), max(with_forward(raw), key=flops)
    assert ratio_of(card) == pytest.approx(flops(dear) / flops(cheap), rel=0.005)
    assert card.claim.startswith(f"One step of {dear['name']} ")
    assert cheap["name"] in card.claim


def test_size_is_not_cost(atlas, raw):
    card = by_link(findings(atlas), "size-and-cost")
    pairs = [
        (flops_per_sample(small) / flops_per_sample(large), small["name"], large["name"])
        for small, large in itertools.permutations(with_forward(raw), 2)
        if small["parameters"]["diffusers"] < large["parameters"]["diffusers"]
    ]
    ratio, small, large = max(pairs)
    assert ratio > 1
    assert ratio_of(card) == pytest.approx(ratio, rel=0.005)
    assert card.claim.startswith(f"Size is not cost: {small} spends ")
    assert f" of {large}, which has " in card.claim


def test_the_share_of_norms(atlas, committed):
    card = by_link(findings(atlas), "#kinds")
    shares = {}
    for path in (committed / "architectures").glob("*.parameters.csv"):
        with path.open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        whole = sum(int(row["parameters"]) for row in rows)
        norms = sum(int(row["parameters"]) for row in rows if row["kind"] == "norm")
        shares[path.name.split(".")[0]] = norms / whole
    most = max(shares, key=lambda identity: shares[identity])
    assert card.figure == f"{100 * shares[most]:.1f}\xa0%"
    assert card.link == f"architectures/{most}.html#kinds"


def test_the_blocks_that_hold_half(atlas, raw):
    card = by_link(findings(atlas), "#blocks")
    record = raw[card.link.removeprefix("architectures/").removesuffix(".html#blocks")]
    blocks = [block for block in record["mbw"]["blocks"] if block["name"] != "REST"]
    blocks.sort(key=lambda block: -block["parameters"])
    count = int(card.figure.split(" of ")[0])
    assert card.figure == f"{count} of {record['mbw']['count']}"
    half = record["parameters"]["diffusers"] / 2
    assert sum(block["parameters"] for block in blocks[: count - 1]) < half
    assert sum(block["parameters"] for block in blocks[:count]) >= half
    assert all(block["name"] in card.claim for block in blocks[:count])


def test_the_agreement_is_that_of_the_table(atlas, raw):
    card = by_link([c for c in findings(atlas) if "published figures" in c.claim], "reproducing")
    measured = [row for row in atlas.published.row if row.id in raw]
    verdicts = [
        cell.verdict
        for row in measured
        for cell in compare(row, msgspec.convert(raw[row.id], Architecture))
    ]
    assert card.figure == f"{verdicts.count('agrees')} of {len(verdicts)}"


def test_findings_of_checkpoints_against_their_files(atlas, committed):
    cards = checkpoint_findings(atlas)
    records = [
        json.loads(path.read_bytes())
        for path in (committed / "checkpoints").glob("*.json")
        if path.stem != "refused"
    ]
    holders = Counter(
        (part["name"], part["blake3"])
        for record in records
        for part in record["components"]
        if part["blake3"]
    )
    assert cards[0].figure == str(len(records))
    assert by_link(cards, "#shared").figure == str(max(holders.values()))
    codes = [{each["code"] for each in record["anomalies"]} for record in records]
    told = [code for code in ANOMALIES if 0 < sum(code in one for one in codes) < len(codes)]
    holders = sum(told[0] in one for one in codes)
    assert by_link(cards, "#anomalies").figure == f"{holders} of {len(records)}"
    assert ANOMALIES[told[0]].meaning in by_link(cards, "#anomalies").because
    groups = [json.loads(path.read_bytes()) for path in (committed / "groups").glob("*.json")]
    members = max(len(group["members"]) for group in groups)
    assert by_link(cards, "groups/").figure == f"{math.comb(members, 2):,}"
    pairs = list((committed / "pairs").glob("*.json"))
    assert by_link(cards, "pairs/").figure == str(len(pairs))


def test_the_error_of_merge_weights_is_that_of_the_truth(committed, committed_site, templates):
    """The largest error of a weight in any block of a claimed merge, from the group's record."""
    record = json.loads((committed / "groups" / "demo.json").read_bytes())
    truth = {each["name"]: each for each in record["truth"]}
    errors = []
    for component in record["components"]:
        for recipe in component["recipes"]:
            known = truth[recipe["target"]]
            if recipe["verdict"] == "none" or component["name"] not in ("denoiser", "text_encoder"):
                continue
            for block in recipe["blocks"]:
                shares = known["shares"]
                if known["kind"] == "block merge":
                    name = block["name"] if component["name"] == "denoiser" else "REST"
                    shares = [1 - known["block_shares"][name], known["block_shares"][name]]
                if known["kind"] == "add difference":
                    shares = [1, shares[0], -shares[0]]
                wanted = dict(zip(known["parents"], shares, strict=True))
                got = dict(zip(recipe["parents"], block["weights"], strict=True))
                errors += [abs(got[parent] - wanted[parent]) for parent in wanted]
    assert errors
    ((_, context),) = self_test.pages(committed_site)
    said = re.search(r"is off by more than (\d\.\d+)", fill(environment(templates), context))[1]
    assert max(errors) <= float(said)


def test_without_checkpoints_there_is_nothing_to_say_of_them(atlas):
    assert (
        checkpoint_findings(msgspec.structs.replace(atlas, checkpoints=(), pairs=(), groups=()))
        == ()
    )


def test_without_networks_there_is_nothing_to_say(atlas):
    assert findings(msgspec.structs.replace(atlas, networks=())) == ()


def test_a_network_that_nobody_published_is_not_said_to_agree(atlas):
    def renamed(network):
        return network._replace(record=msgspec.structs.replace(network.record, id="new"))

    rows = {row.id for row in atlas.published.row}
    tabled = [network for network in atlas.networks if network.id in rows]
    known = msgspec.structs.replace(atlas, networks=tuple(tabled))
    assert "published figure" in findings(known)[0].because
    changed = msgspec.structs.replace(atlas, networks=tuple(map(renamed, tabled)))
    assert not [card for card in findings(changed) if "published" in card.claim + card.because]


def test_one_network_is_compared_with_none(atlas):
    alone = msgspec.structs.replace(atlas, networks=atlas.networks[-1:])
    assert all("as much as" not in card.claim for card in findings(alone))
