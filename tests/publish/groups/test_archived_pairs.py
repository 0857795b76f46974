"""Pages of archives that compare pairs tensor by tensor: what is known, and what is not."""

import json
import re

import msgspec
import pytest

from generator.analysis.archive.groups import read_group
from generator.analysis.explain import explain
from generator.catalog.entries import ArchiveEntry, Catalog
from generator.pipeline import archives
from generator.pipeline.results import Resources
from generator.pipeline.running import ignore_progress, run
from generator.publish.figures.groups.prepared import prepare
from generator.publish.pages.group_contents import contents
from generator.publish.pages.groups import group_page
from generator.publish.reading.groups import GROUPS
from generator.publish.reading.loaded import read_all
from generator.publish.reading.published import PrintedDistance, judge_distance, read_published
from generator.publish.style.templating import environment, fill
from generator.publish.tables.by_kind import kind_table
from generator.records.findings import Change
from generator.text.reasons import no_distance

BLOCK = "model.diffusion_model.input_blocks.1.1.transformer_blocks.0"
QUERY, CROSS = f"{BLOCK}.attn1.to_q.weight", f"{BLOCK}.attn2.to_q.weight"
NORM = f"{BLOCK}.norm1.weight"


def imported(folder, files, name):
    """The group that an import of the files makes, prepared."""
    entry = ArchiveEntry(id=name, name=name, files=tuple(map(str, files)))
    plan = archives.plan(Catalog(folder=folder, archives=(entry,)), folder, force=False)
    (made,) = run(archives.KIND, folder, plan.tasks, Resources(), lambda _: ignore_progress)
    assert made.error is None
    (measured,) = read_all(folder, GROUPS)
    return prepare(measured, ())


@pytest.fixture
def chain(tmp_path):
    """Three of six pairs of four members, whose nearest two are not in the largest clique."""
    files = []
    distances = {"a_b": (3, 4), "b_c": (5, 12), "c_d": (0, 0.5)}
    for pair, (own, cross) in distances.items():
        files.append(tmp_path / f"g_{pair}.json")
        files[-1].write_text(json.dumps({"kv": {QUERY: own, CROSS: cross, NORM: 0}}))
    return imported(tmp_path, files, "g")


def test_nearest_and_farthest_are_those_of_all_pairs(chain):
    (denoiser,) = contents(chain.matrix, chain.drawn, chain.labels)
    assert (denoiser.pairs, denoiser.known) == (6, 3)
    near, far = denoiser.nearest, denoiser.farthest
    assert {near.a.text, near.b.text, near.distance} == {"c", "d", 0.5}
    assert {far.a.text, far.b.text, far.distance} == {"b", "c", 13}


def test_a_pair_that_is_not_there_is_not_said_to_share_nothing(chain):
    reason = no_distance(chain.group, chain.matrix, 3, "denoiser", "a", "a")
    assert reason == "the distance of its denoiser from a is not in the archive"


def test_how_sure_a_parent_is_is_not_told_where_others_are_not_known(chain):
    (denoiser,) = chain.group.components
    assert [node.certainty for node in denoiser.lineage.nodes] == [None] * 4
    assert "chain" not in {each.kind for each in chain.group.findings}


def test_how_many_tensors_differ_is_a_finding(chain):
    found = {each.subjects: each for each in chain.group.findings if "changed" in each.kind}
    assert {pair: each.kind for pair, each in found.items()} == dict.fromkeys(
        [("a", "b"), ("b", "c"), ("c", "d")], "partly_changed"
    )
    assert found["a", "b"].figures == Change(changed=2, tensors=3, l2=5.0)


def test_distances_by_kind(chain):
    table = kind_table(chain, ())
    assert table.kinds == ("attn1", "attn2", "other")
    assert [[cell.l2 for cell in row.cells] for row in table.rows] == [
        [3, 4, 0],
        [5, 12, 0],
        [0, 0.5, 0],
    ]
    assert [(row.different, row.tensors) for row in table.rows] == [(2, 3), (2, 3), (1, 3)]


def test_the_printed_table_and_its_misprint_are_on_the_page(
    published, committed, templates, tmp_path
):
    files = sorted((published / "pairs").glob("bp_*.json"))
    prepared = imported(tmp_path, files, "bp")
    printed = read_published(committed / "published.toml").distances
    table = kind_table(prepared, printed)
    cells = [cell for row in table.rows for cell in row.cells]
    assert [cell.verdict for cell in cells].count("agrees") == len(cells) - 1 == 14
    (misprint,) = (cell for cell in cells if cell.verdict != "agrees")
    assert (misprint.printed, misprint.verdict) == ("8.6033", "explained")
    assert f"{misprint.l2:.4f}" == "8.0633"
    text = fill(environment(templates), group_page(prepared, (), printed))
    section = text.partition("{#by-kind}")[2].partition("</table>")[0]
    for figure in ("23.2504", "113.7759", "8.0633", "printed 8.6033", "686 of 686"):
        assert re.search(rf"(?<![\d.]){re.escape(figure)}", section), figure
    assert "5 are in the archive" in text
    # There are no figures of so few.
    assert "are left out of the figures" not in text
    assert "cannot be compared" not in text


def test_a_misprint_has_the_same_digits():
    misprint = PrintedDistance(printed="8.6033", misprint="swapped")
    assert judge_distance(misprint, 8.0633) == "explained"
    assert judge_distance(misprint, 8.6033) == "agrees"
    assert judge_distance(misprint, 8.0634) == "differs"
    assert judge_distance(msgspec.structs.replace(misprint, misprint=""), 8.0633) == "differs"


def test_published_pairs_that_differ_in_the_decoder_alone(published):
    found = explain(read_group([published / "pairs" / "sd2_sd14_sd21.json"])).findings
    (part,) = (each for each in found if each.kind == "one_part_changed")
    assert (part.component, part.figures.part) == ("vae", "DECODER")
    assert (part.figures.changed, part.figures.tensors) == (140, 248)
