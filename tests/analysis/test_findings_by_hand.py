"""Findings of lineages and sums that were written down by hand."""

import msgspec
import numpy as np
import pytest
from simulated import grams_of

from generator.analysis.findings.concentration import BlockChange, concentration
from generator.analysis.findings.of_changes import where_it_changed
from generator.analysis.findings.of_groups import group_findings
from generator.analysis.lineage.geometry import triangles_broken, without_broken_triangles
from generator.analysis.lineage.history import compare_history
from generator.analysis.lineage.search import LARGEST_RESIDUAL
from generator.records import (
    ComponentLineage,
    DeclaredRecipe,
    Finding,
    IdentityClass,
    Lineage,
    LineageNode,
    Recipe,
    Root,
)
from generator.records.findings import (
    Concentration,
    ContentCounts,
    Copies,
    Descent,
    Families,
    Mixed,
    Nothing,
    OnLine,
    Triples,
)
from generator.records.lineage import KnownOrigin, ModelLine
from generator.records.recipes import BlockRecipe, DeclaredCheck


def sums_of(members):
    """Points of two blocks that are alike and have no triangle broken."""
    return grams_of(np.arange(members, dtype=float)[:, None, None] * np.ones((2, 3)))


def told(component=None, declared=(), sums=None, **fields):
    component = component or ComponentLineage(name="denoiser", **fields)
    return group_findings(sums or sums_of(5), [component], declared)


def finding(kind, subjects, figures, component="denoiser"):
    return Finding(kind=kind, component=component, subjects=subjects, figures=figures)


def recipe(target="m2", verdict="merge", form="mix", by_block=False, blocks=(), near=0.005):
    of_three = form == "add difference"
    return Recipe(
        target=target,
        parents=("m0", "m1", "m3") if of_three else ("m0", "m1"),
        form=form,
        verdict=verdict,
        weights=(1.0, 0.4, -0.4) if of_three else (0.6, 0.4),
        residual=0.02,
        residual_by_block=near,
        by_block=by_block,
        blocks=blocks,
        failed="residual" if verdict == "none" else "",
    )


@pytest.mark.parametrize(
    ("verdict", "form", "by_block", "kind"),
    [
        ("merge", "mix", False, "merge"),
        ("merge", "mix", True, "merge_by_block"),
        ("merge", "add difference", False, "add_difference"),
        ("merge", "add difference", True, "add_difference"),
        ("between", "add difference", False, "difference_of_any"),
        ("between", "mix", True, "between"),
        ("interpolation", "mix", True, "interpolation"),
        ("none", "mix", False, None),
    ],
)
def test_a_recipe_is_told_by_its_verdict_and_form(verdict, form, by_block, kind):
    each = recipe(verdict=verdict, form=form, by_block=by_block)
    last = each.weights[-1]
    figures = Mixed(
        weights=each.weights,
        residual=0.005 if by_block else 0.02,
        least=last,
        most=last,
        blocks=0,
    )
    expected = [finding(kind, ("m2", *each.parents), figures)] if kind else []
    assert list(told(recipes=(each,))) == expected


def test_weights_by_block_are_told_as_a_range_and_the_nearest_first():
    weights = {"IN00": 0.3, "IN01": None, "MID": 0.9, "OUT00": 0.5}
    blocks = tuple(
        BlockRecipe(
            name=name,
            weights=(None, None) if each is None else (1 - each, each),
            residual=None if each is None else 0.0,
        )
        for name, each in weights.items()
    )
    far = recipe("m2", by_block=True, blocks=blocks, near=0.009)
    near = recipe("m4", by_block=True, near=0.001)
    found = told(recipes=(far, near))
    assert [each.subjects[0] for each in found] == ["m4", "m2"]
    figures = found[1].figures
    assert (figures.least, figures.most, figures.blocks) == (0.3, 0.9, 3)


@pytest.mark.parametrize(
    ("verdict", "residual", "kind"),
    [
        ("contradicts", LARGEST_RESIDUAL, "declared_weights"),
        ("contradicts", 1.01 * LARGEST_RESIDUAL, "declared_otherwise"),
        ("agrees", LARGEST_RESIDUAL, None),
        (None, 0.0, None),
    ],
)
def test_what_a_file_says_otherwise_is_told_by_what_fits(verdict, residual, kind):
    check = verdict and DeclaredCheck(
        component="vae",
        parents=("m0", "m1"),
        form="mix",
        weights=(0.7, 0.3),
        residual=0.5,
        residual_by_block=residual,
        verdict=verdict,
    )
    said = DeclaredRecipe(
        checkpoint="m2", source="", method="", models=("a", "b"), weights="", check=check
    )
    figures = Mixed(weights=(0.7, 0.3), residual=residual)
    expected = [finding(kind, ("m2", "m0", "m1"), figures, "vae")] if kind else []
    assert list(told(declared=[said])) == expected


def same(*members, how="bytes"):
    return IdentityClass(component="denoiser", members=members, how=how)


def test_all_that_hold_the_same_are_one_finding():
    members = tuple(f"m{n}" for n in range(5))
    counts = ContentCounts(members=5, different=1)
    assert list(told(identities=(same(*members),))) == [finding("same_in_all", members, counts)]


def test_all_at_distance_zero_are_the_same_as_far_as_they_were_compared():
    members = tuple(f"m{n}" for n in range(5))
    (found,) = told(identities=(same(*members, how="distance"),))
    assert found == finding("copies", members, Copies(how="distance", members=5))


@pytest.mark.parametrize(
    ("classes", "different"),
    [
        ([same("m0", "m1")], 4),
        ([same("m0", "m1"), same("m2", "m3", how="distance")], 3),
        ([same("m0", "m1", "m2"), same("m3", "m4")], 2),
        ([same("m0", "m1", how="float16")], None),
        ([same("m0", "m1"), same("m2", "m3", how="bfloat16")], 4),
    ],
)
def test_different_ones_are_classes_and_those_in_none(classes, different):
    counted = [finding("different_ones", (), ContentCounts(members=5, different=different or 0))]
    copies = [
        finding("copies", each.members, Copies(how=each.how, members=len(each.members)))
        for each in classes
    ]
    expected = [*(counted if different else []), *copies]
    assert list(told(identities=tuple(classes))) == expected


def test_who_was_compared_with_nobody_is_not_counted():
    sums = sums_of(3)
    sums.counts["elements"][:, 2, :2] = sums.counts["elements"][:, :2, 2] = 0
    counts = ContentCounts(members=2, different=1)
    found = told(identities=(same("m0", "m1"),), sums=sums)
    assert list(found) == [finding("same_in_all", ("m0", "m1"), counts)]


def node(name, *parents, near="", certainty=2.0, relation=None):
    return LineageNode(
        name=name,
        copies=(),
        relation=relation or ("descends" if parents else "near" if near else "root"),
        parents=parents,
        near=near,
        distances=(1.0,) * max(len(parents), bool(near)),
        certainty=certainty if parents or near else None,
    )


def lineage(*nodes, rule="norms", roots=None, lines=()):
    starts = [each.name for each in nodes if not each.tied_to]
    return Lineage(
        roots=tuple(Root(name=name, rule=rule, support=None) for name in roots or starts),
        nodes=nodes,
        left_out=(),
        lines=lines,
    )


def test_a_copy_of_a_copy_counts_as_its_original():
    truth = [
        KnownOrigin(name="base", kind="base"),
        KnownOrigin(name="tune", kind="fine-tune", parents=("base",), components=("denoiser",)),
        KnownOrigin(name="copy", kind="round", parents=("tune",)),
        KnownOrigin(name="copy again", kind="rename", parents=("copy",)),
    ]
    tune = msgspec.structs.replace(node("tune", "base"), copies=("copy", "copy again"))
    found = compare_history(truth, "denoiser", lineage(node("base"), tune), ())
    assert {row.member: row.right for row in found.rows if row.member != "base"} == {
        "tune": True,
        "copy": True,
        "copy again": True,
    }


# The true origin of a member -> kind and parents by component: denoiser, text encoder, VAE.
ORIGINS = [
    ({"kind": "base"}, ["base", "base", "base"]),
    (
        {"kind": "fine-tune", "parents": ("a",), "components": ("denoiser",)},
        ["fine-tune a", "copy a", "copy a"],
    ),
    (
        {"kind": "fine-tune", "parents": ("a",), "components": ("denoiser", "text_encoder")},
        ["fine-tune a", "fine-tune a", "copy a"],
    ),
    (
        {"kind": "swap", "parents": ("a", "b"), "components": ("vae",)},
        ["copy a", "copy a", "copy b"],
    ),
    # Whose components are no news: an adapter changes the denoiser alone.
    (
        {"kind": "add adapter", "parents": ("a", "b"), "components": ("vae",)},
        ["fine-tune a", "copy a", "copy a"],
    ),
    ({"kind": "merge", "parents": ("a", "b")}, ["merge a b", "merge a b", "copy a"]),
    ({"kind": "block merge", "parents": ("a", "b")}, ["block merge a b", "merge a b", "copy a"]),
    (
        {"kind": "add difference", "parents": ("a", "b", "c"), "components": ("vae",)},
        ["add difference a b c", "add difference a b c", "copy a"],
    ),
    # Only some copies name components: those that have another dtype, say.
    (
        {"kind": "copy", "parents": ("a",), "components": ("denoiser",)},
        ["copy a", "copy a", "copy a"],
    ),
]


@pytest.mark.parametrize(("known", "expected"), ORIGINS)
def test_each_component_has_an_origin_of_its_own(known, expected):
    truth = [KnownOrigin(name=name, kind="base") for name in "abc"]
    truth.append(KnownOrigin(name="x", **known))
    unrelated = lineage(*(node(name) for name in "abcx"))
    for component, told in zip(("denoiser", "text_encoder", "vae"), expected, strict=True):
        *_, row = compare_history(truth, component, unrelated, ()).rows
        assert row.member == "x"
        assert " ".join((row.kind, *row.parents)) == told


CHAIN = [node("m0"), node("m1", "m0"), node("m2", "m1", certainty=1.05), node("m3", "m2")]


def kinds(found, *kinds):
    return [each for each in found if each.kind in kinds]


def test_a_history_without_branches_is_a_chain():
    expected = finding("chain", ("m0", "m1", "m2", "m3"), Descent(rule="norms", certainty=1.05))
    assert kinds(told(lineage=lineage(*CHAIN)), "chain", "unrelated") == [expected]
    # From the most central one, in both directions.
    centre = lineage(
        node("m1"), node("m0", near="m1"), node("m2", near="m1"), node("m3", near="m2"),
        rule="centre",
    )  # fmt: skip
    (found,) = kinds(told(lineage=centre), "chain")
    assert found.subjects == ("m3", "m2", "m1", "m0")
    assert found.figures == Descent(rule="centre", certainty=2.0)


@pytest.mark.parametrize(
    ("nodes", "more"),
    [
        # Three; not certain; a branch below, at the root, and at the root of three branches.
        (CHAIN[:3], {}),
        ([*CHAIN[:3], node("m3", "m2", certainty=1.04)], {}),
        ([*CHAIN, node("m4", "m1")], {}),
        ([*CHAIN, node("m4", "m0")], {}),
        ([*CHAIN, node("m4", "m0"), node("m5", "m0")], {"rule": "centre"}),
        # A mix, and a second root.
        ([*CHAIN[:3], node("m3", "m2", relation="mix")], {}),
        (CHAIN, {"roots": ["m0", "m1"]}),
    ],
)
def test_what_is_no_chain(nodes, more):
    assert kinds(told(lineage=lineage(*nodes, **more), sums=sums_of(6)), "chain") == []


def test_with_a_recipe_there_is_no_chain():
    assert kinds(told(lineage=lineage(*CHAIN), recipes=(recipe(),)), "chain") == []
    assert kinds(told(lineage=lineage(*CHAIN), recipes=(recipe(verdict="none"),)), "chain")


def test_a_chain_of_an_archive_has_all_distances():
    sums = sums_of(5)
    imported = sums._replace(head=msgspec.structs.replace(sums.head, origin="imported"))
    assert kinds(told(lineage=lineage(*CHAIN), sums=imported), "chain")
    imported.counts["elements"][:, 0, 4] = 0
    assert kinds(told(lineage=lineage(*CHAIN), sums=imported), "chain")
    imported.counts["elements"][:, 0, 3] = 0
    assert kinds(told(lineage=lineage(*CHAIN), sums=imported), "chain") == []


def test_families_are_told_by_size_and_lines_by_their_members():
    line = ModelLine(members=("m1", "m2", "m3", "m4"), deviation=0.001)
    nodes = [node("m0"), node("m1"), node("m2", "m1"), node("m3", "m2"), node("m4", "m1")]
    found = told(lineage=lineage(*nodes, lines=(line,)))
    assert kinds(found, "line", "chain", "unrelated") == [
        finding("line", line.members, OnLine(deviation=0.001)),
        finding("unrelated", ("m1", "m0"), Families(sizes=(4, 1))),
    ]


def stepping(name, changes):
    """Sums of a component of three blocks, each model one step of these lengths from the last."""
    places = np.cumsum(np.array([[0.0] * len(changes[0]), *changes]), axis=0)
    sums = grams_of(places[:, :, None])
    groups = tuple((name, block, "conv") for block in ("ENCODER", "DECODER", "REST"))
    return sums._replace(head=msgspec.structs.replace(sums.head, groups=groups[: len(changes[0])]))


def test_steps_add_up_to_where_a_component_changed():
    sums = stepping("denoiser", [(3, 1), (1, 1), (0, 9)])
    nodes = [node("m0"), node("m1", "m0"), node("m2", "m1"), node("m3", "m0", "m2")]
    component = ComponentLineage(name="denoiser", lineage=lineage(*nodes))
    # 9 + 1 of 12; the mix is no step.
    figures = Concentration(part="ENCODER", change=10 / 12, parameters=0.5, steps=2)
    expected = [finding("concentrated_in_block", (), figures)]
    assert list(where_it_changed(sums, component)) == expected
    assert not list(where_it_changed(sums, ComponentLineage(name="denoiser")))
    alone = ComponentLineage(name="denoiser", lineage=lineage(nodes[0]))
    assert not list(where_it_changed(sums, alone))
    # Archives do not tell numbers of elements.
    imported = sums._replace(head=msgspec.structs.replace(sums.head, origin="imported"))
    assert not list(where_it_changed(imported, component))


@pytest.mark.parametrize(("name", "told"), [("vae", True), ("denoiser", False)])
def test_a_step_of_the_decoder_alone_keeps_the_latents(name, told):
    sums = stepping(name, [(0, 2, 0), (1, 2, 0), (0, 2, 1), (0, 0, 0)])
    nodes = [node("m0"), *(node(f"m{n + 1}", f"m{n}") for n in range(4))]
    found = where_it_changed(sums, ComponentLineage(name=name, lineage=lineage(*nodes)))
    assert [each for each in found if each.kind == "decoder_only"] == (
        [finding("decoder_only", ("m0", "m1"), Nothing(), name)] if told else []
    )
    # An autoencoder may have nothing else.
    only = stepping(name, [(0, 2), (1, 2), (2, 0)])
    found = where_it_changed(only, ComponentLineage(name=name, lineage=lineage(*nodes[:4])))
    assert sum(each.kind == "decoder_only" for each in found) == told
    # Without an encoder beside it, nothing is known of the latents.
    two = sums._replace(
        head=msgspec.structs.replace(
            sums.head, groups=tuple((name, block, "conv") for block in ("LAYER", "DECODER", "REST"))
        )
    )
    found = where_it_changed(two, ComponentLineage(name=name, lineage=lineage(*nodes)))
    assert not [each for each in found if each.kind == "decoder_only"]


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        # A share of 1.5 times the size, and less.
        ({"a": (3, 2), "b": (1, 2)}, ("a", 0.75, 0.5)),
        ({"a": (2.9, 2), "b": (1.1, 2)}, None),
        # A tenth of the change, and less.
        ({"a": (1, 1), "b": (9, 99)}, ("a", 0.1, 0.01)),
        ({"a": (0.9, 1), "b": (9.1, 99)}, None),
        # Not the largest share, but the largest excess.
        ({"a": (6, 30), "b": (3, 10), "c": (1, 60)}, ("b", 0.3, 0.1)),
        ({"a": (4, 2)}, None),
        ({"a": (0, 2), "b": (0, 2)}, None),
        ({"a": (1, 0), "b": (0, 0)}, None),
    ],
)
def test_a_change_is_concentrated_where_its_share_exceeds_the_size(parts, told):
    found = concentration({name: BlockChange(*each) for name, each in parts.items()})
    expected = told and Concentration(part=told[0], change=told[1], parameters=told[2])
    assert found == expected


def squares(lengths, members):
    squared = np.zeros((members, members))
    for (one, other), length in lengths.items():
        squared[one, other] = squared[other, one] = length**2
    return squared


@pytest.mark.parametrize(
    ("longest", "broken"), [(2 * 1.0009, 0), (2 * 1.0011, 1), (9, 1), (np.inf, 0)]
)
def test_a_side_is_no_longer_than_the_others_together(longest, broken):
    squared = squares({(0, 1): 1, (1, 2): 1, (0, 2): longest}, 3)
    assert triangles_broken(squared).tolist() == [broken] * 3
    sums = sums_of(3)
    sums.floats["squared"][:] = np.where(np.isinf(squared), 0, squared) / 2
    sums.counts["elements"][:] = np.where(np.isinf(squared), 0, 1)
    expected = [finding("no_geometry", (), Triples(triples=1))] if broken else []
    assert list(told(sums=sums)) == expected


def test_members_of_the_most_broken_triangles_go_first():
    apart = dict.fromkeys([(0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3), (1, 4), (2, 4)], 1.0)
    squared = squares(apart | {(0, 4): 9.0, (3, 4): 1.0}, 5)
    # 0 and 4 are too far apart, by each of the three others.
    assert triangles_broken(squared).tolist() == [3, 1, 1, 1, 3]
    assert without_broken_triangles(squared, range(5)) == [1, 2, 3, 4]
    assert without_broken_triangles(squared, [4, 3, 0]) == [3, 0]
    assert without_broken_triangles(squared, [1, 2, 3]) == [1, 2, 3]
