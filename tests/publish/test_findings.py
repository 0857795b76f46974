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
    """The records that have a cost, of pictures of the size that most of them make."""
    found = [one for one in raw.values() if one["pipeline"] and one["modality"] == "image"]
    sizes = [(one["pipeline"]["width"], one["pipeline"]["height"]) for one in found]
    commonest = max((size for size in sizes if all(size)), key=sizes.count)
    return [one for one, size in zip(found, sizes, strict=True) if size == commonest]


def flops(record) -> float:
    """Of one step: a pipeline may call its denoiser once for each prompt."""
    calls = {"two_calls": 2}.get((record["defaults"] or {}).get("guidance"), 1)
    return calls * record["pipeline"]["flops"]


def flops_per_sample(record) -> float:
    inputs = record["pipeline"]["inputs"]
    latent = inputs.get("sample") or inputs.get("hidden_states")
    batch = latent["shape"][0] if latent else sum(name.startswith("x.") for name in inputs)
    return record["pipeline"]["flops"] / batch


def ratio_of(card) -> float:
    return float(card.figure.rstrip("×").replace(",", ""))


def test_the_overcount_is_the_largest_there_is(atlas, raw):
    card = by_link(findings(atlas), "torchinfo")
    published = {row.id for row in atlas.published.row if row.cells.torchinfo_parameters}
    counts = [record["parameters"] for name, record in raw.items() if name in published]
    ratios = [one["torchinfo_shared_activations"] / one["diffusers"] for one in counts]
    worst = counts[ratios.index(max(ratios))]
    assert ratio_of(card) == pytest.approx(max(ratios), rel=0.005)
    assert f"{worst['diffusers']:,} parameters" in card.claim
    assert "as was published" in card.claim


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
    held = sum(block["parameters"] for block in blocks[:count])
    assert f"{100 * held / record['parameters']['diffusers']:.1f}\xa0%" in card.claim


def test_the_agreement_is_that_of_the_table(atlas, raw):
    card = by_link([c for c in findings(atlas) if "published figures" in c.claim], "reproducing")
    measured = [row for row in atlas.published.row if row.id in raw]
    verdicts = [
        cell.verdict
        for row in measured
        for cell in compare(row, msgspec.convert(raw[row.id], Architecture))
    ]
    assert card.figure == f"{verdicts.count('agrees')} of {len(verdicts)}"


@pytest.fixture
def without_truth(committed_site):
    """The groups as if nobody knew how their members were made."""
    return [
        one._replace(
            loaded=one.loaded._replace(record=msgspec.structs.replace(one.group, truth=()))
        )
        for one in committed_site.groups
    ]


def test_findings_of_checkpoints_against_their_files(atlas, committed, without_truth):
    cards = checkpoint_findings(atlas, without_truth)
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
    assert by_link(cards, "checkpoints/index.html").figure == str(len(records))
    assert by_link(cards, "#shared").figure == str(max(holders.values()))
    codes = [{each["code"] for each in record["anomalies"]} for record in records]
    told = [code for code in ANOMALIES if 0 < sum(code in one for one in codes) < len(codes)]
    holders = sum(told[0] in one for one in codes)
    assert by_link(cards, "#anomalies").figure == f"{holders} of {len(records)}"
    assert ANOMALIES[told[0]].meaning in by_link(cards, "#anomalies").because
    pairs = list((committed / "pairs").glob("*.json"))
    assert by_link(cards, "pairs/").figure == str(len(pairs))


def test_what_is_made_for_tests_is_no_finding(atlas, committed_site):
    cards = checkpoint_findings(atlas, committed_site.groups)
    assert cards
    known = {one.id for one in committed_site.groups if one.group.truth}
    assert known
    assert all(card.link.startswith("groups/") for card in cards)
    assert not [card for card in cards if card.link.split("/")[1].split(".")[0] in known]


def test_findings_of_groups_against_their_classes(atlas, committed, committed_site):
    """Which members are equal, from the classes that the records list."""
    cards = checkpoint_findings(atlas, committed_site.groups)
    spare, most, members = {}, {}, {}
    for path in (committed / "groups").glob("*.json"):
        group = json.loads(path.read_bytes())
        if group["truth"]:
            continue
        members[group["id"]] = len(group["members"])
        for component in group["components"]:
            sizes = [len(each["members"]) for each in component["identities"]]
            name = component["name"]
            if name == "denoiser" and sizes:
                spare[group["id"]] = sum(sizes) - len(sizes)
            most[group["id"], name] = max(sizes, default=0)
    widest = max(members, key=members.get)
    assert cards[0].figure == f"{math.comb(members[widest], 2):,}"
    renamed = next(card for card in cards if "hold the same denoiser" in card.claim)
    largest = max(spare, key=spare.get)
    assert renamed.figure == f"{spare[largest]} of {members[largest]}"
    (group, name), count = max(most.items(), key=lambda each: each[1])
    same = next(card for card in cards if "share the same" in card.claim)
    assert same.figure.startswith(f"{count} of ")
    assert same.link == f"groups/{group}.html#findings"
    assert name.replace("vae", "VAE") in same.claim


def test_weights_of_a_mix_and_the_ends_of_a_line(atlas, committed_site):
    """As their makers say: two halves, and a training from epoch 19 to 99."""
    cards = checkpoint_findings(atlas, committed_site.groups)
    assert by_link(cards, "groups/21b").figure == "0.50 : 0.50"
    line = by_link(cards, "groups/aobp")
    assert line.figure == "10"
    assert "from animefull-final-pruned to ABPModel-ep99" in line.claim


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
        checkpoint_findings(msgspec.structs.replace(atlas, checkpoints=(), pairs=(), groups=()), [])
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
