"""Findings, lineage and merges on the pages of groups: what is shown is what was found."""

import html
import json
import re
from collections import Counter
from xml.etree import ElementTree

import msgspec
import pytest
from drawn_texts import overlapping, place_of, text_boxes
from markupsafe import Markup

from generator.catalog.entries import ArchiveEntry, Catalog
from generator.pipeline import archives
from generator.pipeline.results import Resources
from generator.pipeline.running import ignore_progress, run
from generator.publish.figures.figure import static_svg
from generator.publish.figures.groups.labels import labels
from generator.publish.figures.groups.lineage_tree import lineage_tree
from generator.publish.figures.groups.prepared import prepare
from generator.publish.figures.groups.recipe_bars import recipe_bars
from generator.publish.pages.group_lineage import heritage, naming
from generator.publish.pages.self_test import known_histories
from generator.publish.quantities.identity import identity_rows, rounded_classes
from generator.publish.reading.groups import GROUPS
from generator.publish.reading.loaded import read_all
from generator.records import Finding
from generator.records.findings import GROUP_KINDS, PAIR_KINDS, Copies, Descent
from generator.text.findings import GROUP_TEXTS, PAIR_TEXTS, SECTIONS, group_sentence, pair_sentence

HOSTILE = "<script>alert(1)</script> {{7*7}} \u202e\x00 " + "long" * 40


@pytest.fixture(scope="module")
def archive(published, tmp_path_factory):
    """118 published checkpoints, imported."""
    return imported(published, tmp_path_factory.mktemp("data"), "pony1")


def imported(published, folder, name):
    files = (str(published / "matrices" / f"{name}.json"),)
    entry = ArchiveEntry(id=name, name=name, files=files)
    plan = archives.plan(Catalog(folder=folder, archives=(entry,)), folder, force=False)
    (made,) = run(archives.KIND, folder, plan.tasks, Resources(), lambda _: ignore_progress)
    assert made.error is None
    (measured,) = read_all(folder, GROUPS)
    return prepare(measured, ())


@pytest.fixture(params=["demo", pytest.param("archive", marks=pytest.mark.slow)])
def group(request):
    return request.getfixturevalue(request.param)


def trees(prepared):
    called = dict(zip(prepared.group.members, prepared.labels, strict=True))
    for component in prepared.group.components:
        if component.lineage:
            figure = lineage_tree("tree", component.name, "Tree", component.lineage, called)
            for svg in ElementTree.fromstring(f"<both>{static_svg(figure)}</both>"):
                yield component.lineage, called, svg


def test_no_name_covers_another_or_leaves_the_tree(group):
    for _, _, svg in trees(group):
        _, _, width, height = map(float, svg.get("viewBox").split())
        boxes = text_boxes(svg)
        assert overlapping(boxes) == []
        for name, (left, top, right, bottom) in boxes:
            assert left >= -0.5, name
            assert right <= width + 0.5, name
            assert top >= -0.5, name
            assert bottom <= height + 0.5, name


def test_branches_are_as_long_as_the_distances(group):
    for lineage, called, svg in trees(group):
        at = {}
        for text in svg.iter("text"):
            if text.find("title") is not None:
                at[text.find("title").text] = place_of(text)[0]
        place = {
            node.name: at[", ".join(called[each].whole for each in (node.name, *node.copies))]
            for node in lineage.nodes
        }
        steps = [
            (place[node.name] - place[node.parents[0]], node.distances[0])
            for node in lineage.nodes
            if node.parents
        ]
        if not steps:
            continue
        scale = max(steps)[0] / max(steps)[1]
        for drawn, distance in steps:
            assert drawn == pytest.approx(scale * distance, abs=0.2)
        # The line of a mix of two leads to the nearest.
        mixes = [node for node in lineage.nodes if len(node.parents) == 2]
        assert all(node.distances[0] <= 1.01 * min(node.distances) for node in mixes)
        marks = sum(1 for tag in ("path", "circle") for each in svg.iter(tag))
        assert marks == len(lineage.nodes)


def test_who_is_related_to_nobody_stands_apart(demo):
    for lineage, _, svg in trees(demo):
        if not any(node.parents for node in lineage.nodes):
            continue
        assert lineage.unrelated == ("demo-stranger",)
        tops = {text: box[1] for text, box in text_boxes(svg)}
        (apart,) = (top for text, top in tops.items() if text == "Unrelated")
        below = {text for text, top in tops.items() if top > apart}
        assert below == {"demo-stranger.safetensors"} or below == {"demo-stranger"}


def test_nothing_is_called_a_parent_where_it_is_not_known_who_came_first(archive, demo):
    def words(prepared):
        found = heritage(prepared)
        drawn = "".join(static_svg(tree.figure) + tree.caption for tree in found.trees)
        told = "".join(each.sentence for each in (*found.findings, *found.more, *found.merges))
        rules = "".join(each.reason for each in found.unmixed)
        written = re.sub("<[^>]*>|No root is known", " ", drawn + told + rules)
        return set(re.findall(r"\b(?:roots?|parents?|descends?|child|from the root)\b", written))

    assert words(archive) == set()
    assert {"root", "parent"} <= words(demo)


def test_a_chain_has_arrows_only_where_it_is_known_who_came_first():
    def sentence(rule):
        figures = Descent(rule=rule, certainty=1.5)
        finding = Finding(kind="chain", component="vae", subjects=tuple("abcd"), figures=figures)
        return group_sentence(finding, Markup)

    assert "a → b → c → d" in sentence("declared")
    assert "a – b – c – d" in sentence("centre")
    assert "parent" not in sentence("centre")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["21b", "main", "pony1", "sdxl0"])
def test_the_tree_starts_at_the_middle_of_the_figures(published, tmp_path, name):
    prepared = imported(published, tmp_path, name)
    lineages = {one.name: one.lineage for one in prepared.group.components}
    captions = {one.component: one.caption for one in heritage(prepared).trees}
    for drawn in prepared.drawn:
        middle = prepared.group.members[drawn.labels[drawn.base].number - 1]
        lineage = lineages[drawn.name]
        (node,) = (each for each in lineage.nodes if middle in (each.name, *each.copies))
        if len(node.parents) > 1:
            assert "is the most central but may be a mix of others" in captions[drawn.name]
            assert "so the tree starts at" in captions[drawn.name]
        else:
            assert [root.name for root in lineage.roots] == [node.name]


def test_bars_are_as_long_as_the_weights(demo):
    called = dict(zip(demo.group.members, demo.labels, strict=True))
    denoiser = next(one for one in demo.group.components if one.name == "denoiser")
    recipe = next(one for one in denoiser.recipes if one.by_block and one.verdict == "merge")
    figure = recipe_bars("bars", "Bars", recipe, called)
    expected = sorted(
        weight for block in recipe.blocks for weight in block.weights if weight > 0.001
    )
    for specification in (figure.wide, figure.narrow):
        rects = (each for each in specification["layer"] if each["mark"]["type"] == "rect")
        bars = [row for each in rects for row in each["data"]["values"] if "weight" in row]
        lengths = [(bar["y"], bar["x2"] - bar["x"]) for bar in bars]
        whole = max(sum(length for at, length in lengths if at == y) for y, _ in lengths)
        assert sorted(length / whole for _, length in lengths) == pytest.approx(expected, abs=2e-3)


def test_every_kind_of_finding_has_its_sentence():
    assert GROUP_TEXTS.keys() == set(GROUP_KINDS)
    assert PAIR_TEXTS.keys() == set(PAIR_KINDS)
    texts = (*GROUP_TEXTS.values(), *PAIR_TEXTS.values())
    assert {anchor for each in texts for anchor in each.sections} == set(SECTIONS)


@pytest.mark.parametrize("kind", ["groups", "pairs"])
def test_findings_lead_to_sections_that_are_there(public_pages, kind):
    every = sorted((public_pages / kind).glob("*.md"))
    pages = [path for path in every if "#findings" in path.read_text()]
    assert pages
    for path in pages:
        text = path.read_text(encoding="utf-8")
        items = re.findall(
            r"<li[^>]*>(.*?)</li>", text.partition("{#findings}")[2].partition("\n## ")[0]
        )
        assert items
        for item in items:
            evidence = html.unescape(item).partition(' <a class="headerlink"')[0]
            (anchor,) = re.findall(r'<a href="#([\w-]+)">[^<]+</a>$', evidence)
            assert re.search(rf'\{{:? ?#{anchor}\}}|\{{: #{anchor} \}}|id="{anchor}"', text), anchor


def test_long_names_are_cut_in_sentences_and_whole_on_hover(demo):
    name = "start" + "x" * 5000 + "end"
    label = msgspec.structs.replace(demo.labels[0], text=name, whole=name)
    changed = demo._replace(labels=(label, *demo.labels[1:]))
    shown = naming(changed)(demo.group.members[0])
    assert f'title="{name}"' in shown
    text = re.sub("<[^>]*>", "", shown)
    assert len(text) < 100
    assert text.startswith("start")
    assert text.endswith("end")


def test_a_merge_with_one_weight_tells_between_which_bounds_it_is_the_same(demo):
    merges = [each for each in demo.group.findings if each.kind == "merge"]
    denoiser = next(one for one in demo.group.components if one.name == "denoiser")
    for finding in (each for each in merges if each.component == "denoiser"):
        (recipe,) = (each for each in denoiser.recipes if each.target == finding.subjects[0])
        shares = [block.weights[-1] for block in recipe.blocks]
        assert finding.figures.least == min(shares)
        assert finding.figures.most == max(shares)
        text = group_sentence(finding, str.upper)
        bounds = list(dict.fromkeys(f"{each:.2f}" for each in (min(shares), max(shares))))
        if len(bounds) == 1:
            assert text.endswith(f" has the same weight, {bounds[0]}, in all {len(shares)} blocks.")
        else:
            assert f" In all {len(shares)} blocks, the weight of " in text
            assert text.endswith(f" is {' to '.join(bounds)}.")


def test_sentences_of_the_committed_data_are_whole(atlas):
    sentences = [
        group_sentence(finding, str.upper)
        for measured in atlas.groups
        for finding in measured.record.findings
    ] + [
        pair_sentence(finding, str.upper)
        for held in atlas.pairs
        for finding in held.record.findings
    ]
    assert len(sentences) > 20
    for sentence in sentences:
        assert sentence.endswith(".")
        assert not re.search(r"[{}]|None|nan", sentence), sentence


def test_findings_say_what_is_true_of_the_demo_family(demo):
    found = heritage(demo)
    both = (*found.findings, *found.more)
    text = "\n".join(re.sub("<[^>]*>", "", each.sentence) for each in both)
    assert "demo-merge-half is a merge: 0.50 × demo" in text.replace("&#45;", "-")
    shown = text.replace("&#45;", "-").replace("&#40;", "(").replace("&#41;", ")")
    assert "demo-branch-b + 0.80 × (demo-tune-3 − demo-base)" in shown
    assert "20 members hold 4 different VAEs" in shown


def test_names_from_files_are_inert(demo):
    members = [f"{HOSTILE}{n}" for n in range(len(demo.group.members))]
    called = dict(zip(demo.group.members, labels(members, {}), strict=True))
    denoiser = next(one for one in demo.group.components if one.name == "denoiser")
    tree = lineage_tree("tree", "denoiser", "Tree", denoiser.lineage, called)
    bars = recipe_bars("bars", "Bars", denoiser.recipes[0], called)
    figures = Copies(how="float16", members=2)
    finding = Finding(kind="copies", component=HOSTILE, subjects=(), figures=figures)
    drawings = map(static_svg, (tree, bars))
    for markup in (*drawings, group_sentence(finding, lambda name: name)):
        assert "<script" not in markup
        assert "{{" not in markup


def test_the_known_history_is_scored_by_counting(committed, atlas):
    (history,) = known_histories(one.record for one in atlas.groups)
    record = json.loads((committed / "groups" / "demo.json").read_text())
    for score, component in zip(history.scores, ("denoiser", "vae", "text_encoder"), strict=True):
        (found,) = (one for one in record["components"] if one["name"] == component)
        rights = Counter(row["right"] for row in found["history"]["rows"])
        assert (score.component, score.right) == (component, rights[True])
        holders = {"denoiser": 20, "vae": 20, "text_encoder": 19}
        assert score.members == rights.total() == holders[component]
    assert history.weight_error < 0.01


def test_identity_counts_digests(atlas):
    checkpoints = [held.record for held in atlas.checkpoints]
    for row in identity_rows(checkpoints):
        parts = [
            part for each in checkpoints for part in each.components if part.name == row.component
        ]
        assert row.holders == len(parts)
        assert row.contents == len({part.blake3 for part in parts})
        assert row.rounded <= row.contents
    denoisers = {row.component: row.rounded for row in identity_rows(checkpoints)}["denoiser"]
    # 16, less the copies of one fine-tune in float16 and in bfloat16.
    assert denoisers == 14
    assert {each.format for each in rounded_classes(checkpoints)} == {"float16", "bfloat16"}


def test_what_files_say_stands_beside_what_their_weights_say(demo):
    shown = heritage(demo).declared
    assert {each.recipe.checkpoint for each in shown} == {
        each.checkpoint for each in demo.group.declared
    }
    assert all("agree:" in each.sentence for each in shown)
    denied = msgspec.structs.replace(
        demo.group.declared[0],
        check=msgspec.structs.replace(demo.group.declared[0].check, verdict="contradicts"),
    )
    group = msgspec.structs.replace(
        demo.group, declared=(denied, msgspec.structs.replace(denied, check=None))
    )
    changed = demo._replace(loaded=demo.loaded._replace(record=group))
    contradicted, unchecked = (each.sentence for each in heritage(changed).declared)
    assert "contradict this" in contradicted
    assert "cannot be checked" in unchecked
