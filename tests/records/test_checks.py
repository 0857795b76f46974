"""A record that contradicts itself is refused with the name of what is wrong."""

import copy
import json
from typing import get_args

import msgspec
import pytest

from generator.records import (
    Architecture,
    Checkpoint,
    EmbeddingMap,
    Group,
    Pair,
    ParameterRow,
    TensorDistance,
    TensorRow,
)
from generator.records.arrangements import Arrangement, Edge, Layout, Merge
from generator.records.comparisons import ComponentVerdict, DistanceSum
from generator.records.findings import (
    GROUP_FIGURES,
    GROUP_KINDS,
    PAIR_FIGURES,
    PAIR_KINDS,
    Change,
    Concentration,
    GroupKind,
    Mixed,
    PairKind,
    Tensors,
)
from generator.records.lineage import Relation
from generator.records.matrices import ComponentDistances
from generator.records.recipes import NamedVerdict
from generator.records.tables import read_rows

# A committed record of each kind.
RECORDS = {
    "architecture": (Architecture, "architectures/sd1"),
    "checkpoint": (Checkpoint, "checkpoints/demo-base"),
    "pair": (Pair, "pairs/demo-one-fine-tune"),
    "group": (Group, "groups/demo"),
    "map": (EmbeddingMap, "embeddings/words_demo"),
}
SHAPES = {"name": "vae/x", "a": [1], "b": [2]}
# Kind of record, path of the changed value, the change, and what the message says.
CONTRADICTIONS = [
    ("architecture", "mbw.count", lambda n: n + 1, "mbw.count is not the number"),
    ("architecture", "mbw.blocks.1.name", lambda _: "IN00", "mbw.blocks are not all different"),
    ("architecture", "mbw.blocks.0.parameters", lambda n: n + 1, "do not sum to parameters"),
    ("architecture", "diagrams.1.name", lambda _: "schematic", "diagrams are not all different"),
    ("architecture", "files", lambda _: {}, r"diagrams names 'sd1\.schematic\.svg'"),
    ("checkpoint", "components.1.name", lambda _: "denoiser", "components are not all different"),
    ("checkpoint", "size", lambda n: n + 1, "size is not that of sources"),
    ("checkpoint", "dtypes.float32", lambda n: n + 1, "dtypes of the checkpoint do not sum"),
    ("checkpoint", "components.0.dtypes.float32", lambda n: n + 1, "dtypes of denoiser do not sum"),
    (
        "checkpoint",
        "components.0.blocks.0.parameters",
        lambda n: n + 1,
        "blocks of denoiser do not",
    ),
    (
        "checkpoint",
        "components.0.blocks.1.name",
        lambda _: "IN00",
        "blocks of denoiser are not all",
    ),
    ("checkpoint", "components.0.missing", lambda _: ["x"], "missing_count of denoiser is less"),
    ("checkpoint", "components.0.extra", lambda _: ["x"], "extra_count of denoiser is less"),
    ("pair", "b", lambda _: "demo-base", "a and b are the same"),
    ("pair", "verdicts.1.component", lambda _: "denoiser", "components of verdicts are not all"),
    ("pair", "verdicts.0.component", lambda _: "ema", "denoiser has no verdict"),
    ("pair", "findings.0.subjects", lambda names: names[:1], "is not of two"),
    ("pair", "findings.0.kind", lambda _: "precision", "finding precision has other figures"),
    ("pair", "comparison.shape_mismatch", lambda _: 2000 * [SHAPES], "shared is less than"),
    ("pair", "comparison.summary.components.denoiser.blocks_kinds.MID", None, "has not blocks"),
    ("pair", "comparison.summary.components.denoiser.kinds.ff", None, "blocks_kinds names 'ff'"),
    ("pair", "comparison.summary.components.denoiser.kinds.ff.l2", lambda n: 2 * n, "denoiser: ff"),
    ("pair", "comparison.summary.components.denoiser.blocks.MID.l0", lambda n: n + 1, "MID: l0 is"),
    (
        "pair",
        "comparison.summary.components.denoiser.total.tensors",
        lambda n: n + 1,
        "total: tens",
    ),
    ("group", "members.1", lambda _: "demo-base", "members are not all different"),
    ("group", "reference", lambda _: "zzz", "reference is not a member"),
    ("group", "metrics", lambda _: [], "metrics is empty"),
    ("group", "components.1.name", lambda _: "denoiser", "components are not all different"),
    ("group", "findings.0.kind", lambda _: "chain", "finding chain has other figures"),
    ("group", "findings.0.subjects.0", lambda _: "zzz", "finding merge names 'zzz'"),
    ("group", "findings.0.figures.weights", lambda _: [], "finding merge has no weights"),
    ("group", "findings.0.figures.weights.0", None, "are not one for each parent"),
    ("group", "declared.0.checkpoint", lambda _: "zzz", "declared names 'zzz'"),
    ("group", "declared.0.check.parents.0", lambda _: "zzz", "declared: check names 'zzz'"),
    ("group", "declared.0.check.weights.0", None, "declared: weights of demo-merge"),
    ("group", "components.0.arrangement.members.1", lambda _: 0, "members of the arrangement are"),
    ("group", "components.0.arrangement.members.0", lambda _: 99, "arrangement names 99"),
    ("group", "components.0.arrangement.order.0", None, "order is not that of the members"),
    ("group", "components.0.arrangement.merges.0", None, r"merges or tree are not N-1"),
    ("group", "components.0.arrangement.tree.0", None, r"merges or tree are not N-1"),
    ("group", "components.0.arrangement.merges.0.left", lambda _: 99, "merges names 99"),
    ("group", "components.0.arrangement.tree.0.a", lambda _: 99, "tree or nearest names 99"),
    ("group", "components.0.arrangement.nearest.0.a", lambda _: 1, "nearest is not N"),
    ("group", "components.0.arrangement.layouts.1.name", lambda _: "spectral", "layouts are not"),
    ("group", "components.0.arrangement.layouts.0.positions.0", None, "of spectral are not N"),
    ("group", "components.0.lineage.nodes.1.name", lambda _: "demo-base", "nodes of the lineage"),
    ("group", "components.0.lineage.nodes.1.name", lambda _: "zzz", "lineage names 'zzz'"),
    ("group", "components.0.lineage.roots.0.name", lambda _: "zzz", "roots names 'zzz'"),
    ("group", "components.0.recipes.0.parents", lambda _: [], "has no parents"),
    ("group", "components.0.recipes.0.parents.0", lambda _: "zzz", "recipe of .* names 'zzz'"),
    ("group", "components.0.recipes.0.weights.0", None, "has not a weight for each parent"),
    ("group", "components.0.identities.0.members.0", lambda _: "zzz", "identities names 'zzz'"),
    ("group", "components.0.history.rows.0.member", lambda _: "zzz", "history names 'zzz'"),
    ("map", "kinds", lambda _: [], "has no encoders or kinds"),
    ("map", "categories.1", lambda _: "animals", "categories are not all different"),
    ("map", "prompts.0.category", lambda _: "zzz", "prompts names 'zzz'"),
    ("map", "prompts.0.tokens", lambda _: [], "are not one for each reference"),
    ("map", "encoders.0.members", lambda _: [], "one is in no checkpoint"),
    ("map", "encoders.0.reference", lambda _: 99, "encoders: reference names 99"),
    ("map", "encoders.0.reference", lambda _: 1, "a reference has another one"),
    ("map", "spaces.0.encoder", lambda _: 99, "spaces: encoder names 99"),
    ("map", "spaces.0.kind", lambda _: "zzz", "spaces: kind names 'zzz'"),
    ("map", "spaces.0", None, "has none of"),
    ("map", "likenesses.0.a", lambda _: 99, "likenesses names"),
]


def tree_of(committed, kind):
    return json.loads((committed / f"{RECORDS[kind][1]}.json").read_bytes())


def changed(tree, path, change):
    """A copy with another value at `path`; without it, if there is no change to make."""
    result = copy.deepcopy(tree)
    *steps, last = (int(step) if step.isdecimal() else step for step in path.split("."))
    place = result
    for step in steps:
        place = place[step]
    if change is None:
        del place[last]
    else:
        place[last] = change(place[last])
    return result


def read(kind, tree):
    return msgspec.convert(tree, RECORDS[kind][0])


@pytest.mark.parametrize("kind", RECORDS)
def test_what_is_committed_does_not_contradict_itself(committed, kind):
    read(kind, tree_of(committed, kind)).check()


@pytest.mark.parametrize(
    ("kind", "path", "change", "message"),
    [pytest.param(*each, id=f"{each[0]}-{each[1]}-{n}") for n, each in enumerate(CONTRADICTIONS)],
)
def test_a_contradiction_is_named(committed, kind, path, change, message):
    record = read(kind, changed(tree_of(committed, kind), path, change))
    with pytest.raises(ValueError, match=message):
        record.check()


def test_every_kind_of_finding_has_its_figures():
    assert (get_args(PairKind), get_args(GroupKind)) == (PAIR_KINDS, GROUP_KINDS)
    assert {"merge", "chain", "same_in_all"} <= set(GROUP_KINDS)
    assert set(PAIR_FIGURES) == set(get_args(PairKind))
    assert set(GROUP_FIGURES) == set(get_args(GroupKind))


@pytest.mark.parametrize(
    ("figures", "written"),
    [
        (Mixed(weights=(0.5,), residual=0.0), {"code": "mixed", "weights": [0.5], "residual": 0.0}),
        (
            Change(changed=1, tensors=2, l2=3.0),
            {"code": "change", "changed": 1, "tensors": 2, "l2": 3.0},
        ),
        (
            Concentration(part="MID", change=0.5, parameters=0.1),
            {"code": "concentration", "part": "MID", "change": 0.5, "parameters": 0.1},
        ),
        (ComponentVerdict(component="vae", state="equal"), {"component": "vae", "state": "equal"}),
        (ComponentDistances(identical=((True,),)), {"identical": [[True]]}),
        (Tensors(tensors=1, only_b=0), {"code": "tensors", "tensors": 1, "only_b": 0}),
    ],
)
def test_figures_that_a_finding_lacks_are_not_written(figures, written):
    assert json.loads(msgspec.json.encode(figures)) == written


def test_figures_that_a_finding_lacks_are_none():
    mixed, tensors = Mixed(weights=(0.5,), residual=0.0), Tensors(tensors=1)
    assert mixed.least is mixed.most is None
    assert tensors.elements is tensors.only_a is tensors.only_b is None


def test_a_recipe_may_have_one_parent(committed):
    tree = tree_of(committed, "group")
    for recipe in tree["components"][0]["recipes"]:
        for place in (recipe, *recipe["blocks"]):
            place["weights"] = place["weights"][:1]
        recipe["parents"] = recipe["parents"][:1]
    read("group", tree).check()


TWO = Arrangement(
    members=(4, 2),
    order=(1, 0),
    merges=(Merge(left=1, right=0, height=3.0),),
    tree=(Edge(a=0, b=1, length=3.0),),
    nearest=(Edge(a=0, b=1, length=3.0), Edge(a=1, b=0, length=3.0)),
    layouts=(Layout(name="stress", positions=((0.0, 0.0), (1.0, 0.0)), stress=0.0),),
)


def test_two_members_can_be_arranged():
    TWO.check(5, "denoiser")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"members": (4,)}, "arrangement has fewer than two"),
        ({"members": (5, 2)}, "members of the arrangement names 5"),
        ({"merges": (Merge(left=0, right=0, height=3.0),)}, "merges are not all different"),
        # A cluster is merged after it was made.
        ({"merges": (Merge(left=0, right=2, height=3.0),)}, "merges names 2"),
        ({"tree": (Edge(a=1, b=1, length=0.0),)}, "tree or nearest lead nowhere"),
        ({"nearest": (TWO.nearest[0], TWO.nearest[0])}, "nearest is not N"),
        ({"layouts": 2 * TWO.layouts}, "layouts are not all different"),
    ],
)
def test_what_cannot_be_an_arrangement(change, message):
    with pytest.raises(ValueError, match=f"denoiser: {message}"):
        msgspec.structs.replace(TWO, **change).check(5, "denoiser")


NOTHING = {"tensors": 1, "elements": 4, "cosine": None, "identical": False}


@pytest.mark.parametrize(
    ("whole", "parts", "message"),
    [
        ({"l2": 5.0}, [{"l2": 3.0}, {"l2": 4.0}], None),
        ({"l2": 7.0}, [{"l2": 3.0}, {"l2": 4.0}], "l2 is not the sum"),
        ({"l1": 7.0}, [{"l1": 3.0}, {"l1": 4.0}], None),
        ({"l1": 5.0}, [{"l1": 3.0}, {"l1": 4.0}], "l1 is not the sum"),
        ({"l0": 3}, [{"l0": 3}, {}], None),
        ({"l0": 3}, [{}, {}], "l0 is missing in some"),
        ({}, [{"l0": 0}, {}], "l0 is missing in some"),
        ({}, [{}], "tensors is not the sum"),
        ({"elements": 9}, [{}, {}], "elements is not the sum"),
    ],
)
def test_sums_add_up(whole, parts, message):
    def made(figures, tensors=1):
        blank = dict.fromkeys(("l0", "l1", "l2"))
        sizes = NOTHING | {"tensors": tensors, "elements": 4 * tensors}
        return DistanceSum(**sizes | blank | figures)

    total, others = made(whole, 2), [made(part) for part in parts]
    if message is None:
        total.check(others, "x")
    else:
        with pytest.raises(ValueError, match=f"x: {message}"):
            total.check(others, "x")


def test_the_mean_of_a_difference():
    sizes = NOTHING | {"l0": None, "l1": None, "elements": 9}
    assert DistanceSum(**sizes, l2=6.0).rms == 2
    assert DistanceSum(**sizes, l2=None).rms is None
    assert DistanceSum(**sizes | {"elements": 0}, l2=0.0).rms is None


def test_tables_match_their_records(committed):
    record = read("architecture", tree_of(committed, "architecture"))
    rows = [
        ParameterRow(
            name="a", block=block.name, kind="conv", shape="1", parameters=block.parameters
        )
        for block in record.mbw.blocks
    ]
    record.check_rows(rows)
    with pytest.raises(ValueError, match="its blocks are not the record's"):
        record.check_rows(rows[1:])


@pytest.mark.parametrize(
    ("kind", "row", "message"),
    [
        ("checkpoint", TensorRow, "it has not the rows of the record's components"),
        ("pair", TensorDistance, "it has not as many rows as are shared"),
    ],
)
def test_tensors_match_their_records(committed, kind, row, message):
    record = read(kind, tree_of(committed, kind))
    rows = read_rows(row, (committed / f"{RECORDS[kind][1]}.tensors.parquet").read_bytes())
    record.check_rows(rows)
    for others in (rows[1:], (*rows, rows[0]), ()):
        with pytest.raises(ValueError, match=f"^{message}$"):
            record.check_rows(others)


def pair_and_rows(committed):
    content = (committed / f"{RECORDS['pair'][1]}.tensors.parquet").read_bytes()
    return tree_of(committed, "pair"), read_rows(TensorDistance, content)


def test_tensors_of_other_shapes_have_no_row(committed):
    tree, rows = pair_and_rows(committed)
    tree = changed(tree, "comparison.shape_mismatch", lambda _: [SHAPES])
    read("pair", changed(tree, "comparison.shared", lambda n: n + 1)).check_rows(rows)
    with pytest.raises(ValueError, match="not as many rows as are shared"):
        read("pair", tree).check_rows(rows)


def test_components_that_were_summed_have_tensors(committed):
    tree, rows = pair_and_rows(committed)
    elsewhere = [msgspec.structs.replace(row, component="zzz") for row in rows]
    with pytest.raises(ValueError, match="the record's summary names"):
        read("pair", tree).check_rows(elsewhere)


def test_tensors_with_distances_are_of_components_that_were_summed(committed):
    tree, rows = pair_and_rows(committed)
    strange = msgspec.structs.replace(rows[0], component="zzz")
    with pytest.raises(ValueError, match="not the tensors of the record's sums"):
        read("pair", tree).check_rows([strange, *rows[1:]])


NONE = {"l0": None, "l1": None, "l2": None, "cosine": None}


@pytest.mark.parametrize("named", ["zzz", "zzz/x"])
def test_tensors_without_distances_are_named_with_their_reason(committed, named):
    """By themselves, or with all of their component."""
    tree, rows = pair_and_rows(committed)
    tree = changed(tree, "comparison.shared", lambda n: n + 1)
    rows = [*rows, msgspec.structs.replace(rows[0], component="zzz", name="x", **NONE)]
    with pytest.raises(ValueError, match="zzz/x has no distance, without a reason"):
        read("pair", tree).check_rows(rows)
    entry = {"checkpoint": "", "tensor": named, "reason": {"code": "not_a_weight", "dtype": "I64"}}
    told = changed(tree, "comparison.summary.excluded", lambda listed: [*listed, entry])
    read("pair", told).check_rows(rows)


@pytest.mark.parametrize(
    ("kind", "codes"),
    [
        (
            NamedVerdict,
            "merge, interpolation, between, add difference, extrapolation, copy, whole blocks,"
            " swapped values, dropped values, elected values, adapters, none",
        ),
        (Relation, "root, descends, mix, near, related, unrelated"),
    ],
)
def test_the_codes_that_other_programs_read_are_the_promised_ones(kind, codes):
    assert ", ".join(get_args(kind)) == codes
