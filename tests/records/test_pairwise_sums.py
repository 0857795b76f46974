"""Pairwise sums of made vectors, and the distances that follow from them, against NumPy."""

import json

import msgspec
import numpy as np
import pytest
import safetensors.numpy

from generator.errors import DamagedRecord
from generator.records import Excluded
from generator.records.distances import METRICS, cosine, distance_matrix, distances
from generator.records.pairwise_sums import (
    ComponentSignature,
    Head,
    PairwiseSums,
    Totals,
    have_gaps,
    in_order,
    names_of,
    pack_sums,
    reorder,
    unpack_sums,
)
from generator.records.reasons import Away, NonFinite, NotInFile

SIZE = 30
GROUPS = (
    ("denoiser", "IN00", "attn1"),
    ("denoiser", "IN00", "ff"),
    ("denoiser", "MID", "ff"),
    ("vae", "REST", "conv"),
)
# The last has no VAE, and the second equals the first.
NAMES = ("a", "copy", "b", "c")
WITHOUT_VAE = 3


@pytest.fixture(scope="module")
def vectors():
    """Groups x members x values; NaN where a member has none."""
    made = np.random.default_rng(0).standard_normal((len(GROUPS), len(NAMES), SIZE))
    made[:, 1] = made[:, 0]
    # Some values are shared, so that counts of differences differ from counts of elements.
    made[:, 2, :7] = made[:, 0, :7]
    made[3, WITHOUT_VAE] = np.nan
    return made


@pytest.fixture(scope="module")
def sums(vectors):
    count = len(NAMES)
    shape = (len(GROUPS), count, count)
    floats = {name: np.zeros(shape) for name in ("squared", "norms", "l1")}
    counts = {name: np.zeros(shape, np.int64) for name in ("elements", "different", "l0")}
    for group, one, other in np.ndindex(shape):
        a, b = vectors[group, one], vectors[group, other]
        if np.isnan(a + b).any():
            continue
        floats["squared"][group, one, other] = ((a - b) ** 2).sum()
        floats["norms"][group, one, other] = (a**2).sum()
        floats["l1"][group, one, other] = np.abs(a - b).sum()
        counts["elements"][group, one, other] = SIZE
        counts["different"][group, one, other] = counts["l0"][group, one, other] = (a != b).sum()
    same = ComponentSignature(signature="s", elements=SIZE)
    head = Head(
        members=NAMES,
        identities=("1", "2", "3", "4"),
        pairwise=True,
        version=7,
        groups=GROUPS,
        held={
            "denoiser": {
                name: ComponentSignature(signature="s", elements=3 * SIZE) for name in NAMES
            },
            "vae": dict.fromkeys(NAMES[:WITHOUT_VAE], same),
        },
        excluded=(
            Excluded(checkpoint="b", tensor="denoiser/x", reason=NonFinite()),
            Excluded(checkpoint="c", tensor="vae", reason=NotInFile()),
        ),
    )
    return PairwiseSums(head, floats, counts)


def whole(vectors, chosen):
    return np.concatenate([vectors[place] for place in chosen], axis=1)


def test_every_metric_over_a_component(sums, vectors):
    found = distance_matrix(sums).components["denoiser"]
    rows = whole(vectors, [0, 1, 2])
    for one, a in enumerate(rows):
        for other, b in enumerate(rows):
            assert found.l2[one][other] == pytest.approx(np.linalg.norm(a - b), rel=1e-12, abs=0)
            assert found.l1[one][other] == pytest.approx(np.abs(a - b).sum(), rel=1e-12, abs=0)
            assert found.l0[one][other] == (a != b).sum()
            cosine = a @ b / np.linalg.norm(a) / np.linalg.norm(b)
            assert found.cosine[one][other] == pytest.approx(cosine, abs=1e-12)
            assert found.identical[one][other] == (one == other or {one, other} == {0, 1})
    assert found.cosine[0][1] == 1


def test_only_what_is_asked_for(sums):
    assert METRICS == ("l2", "l1", "l0", "cosine")
    found = distance_matrix(sums, ["l0"])
    assert found.components["denoiser"].l2 is found.components["denoiser"].cosine is None
    assert found.components["denoiser"].l0 is not None
    assert found.members == NAMES
    assert found.excluded == sums.head.excluded


def test_blocks_and_kinds(sums, vectors):
    found = distance_matrix(sums)
    assert sums.components == list(found.components) == ["denoiser", "vae"]
    assert {name: list(blocks) for name, blocks in found.blocks.items()} == {
        "denoiser": ["IN00", "MID"],
        "vae": ["REST"],
    }
    assert sums.kinds("denoiser") == ["attn1", "ff"]
    expected = {
        ("IN00", None): [0, 1],
        ("MID", None): [2],
        (None, "ff"): [1, 2],
        ("IN00", "ff"): [1],
        (None, None): [0, 1, 2],
    }
    for (block, kind), places in expected.items():
        rows = whole(vectors, places)
        totals = sums.add_up("denoiser", block, kind)
        assert totals.squared[0, 2] == pytest.approx(((rows[0] - rows[2]) ** 2).sum(), rel=1e-12)
        assert totals.norms[2, 0] == pytest.approx((rows[2] ** 2).sum(), rel=1e-12)
        assert totals.elements[0, 2] == SIZE * len(places)
    assert found.blocks["denoiser"]["MID"].l2[0][2] == pytest.approx(
        np.linalg.norm(vectors[2, 0] - vectors[2, 2])
    )


def test_what_was_not_compared_is_missing(sums):
    found = distance_matrix(sums).components["vae"]
    for metric in METRICS:
        square = getattr(found, metric)
        assert square[0][WITHOUT_VAE] is square[WITHOUT_VAE][0] is None
    assert found.identical[0][WITHOUT_VAE] is found.identical[WITHOUT_VAE][WITHOUT_VAE] is None
    assert found.l2[0][0] == 0
    square = distances(sums, "vae")
    assert np.isnan(square[0, WITHOUT_VAE])
    assert square[0, 1] == 0


def test_identical_takes_the_same_weights_and_all_of_them(sums):
    def identical(**changes):
        held = {**sums.head.held, "denoiser": {**sums.head.held["denoiser"], **changes}}
        other = sums._replace(head=msgspec.structs.replace(sums.head, held=held))
        return distance_matrix(other).components["denoiser"].identical[0][1]

    assert identical() is True
    assert identical(copy=ComponentSignature(signature="t", elements=3 * SIZE)) is False
    more = ComponentSignature(signature="s", elements=3 * SIZE + 1)
    # The same names, but one tensor of each was left out.
    assert identical(a=more, copy=more) is None


def test_a_zero_vector_has_no_angle(sums):
    nothing = {name: np.zeros_like(array) for name, array in sums.floats.items()}
    found = distance_matrix(PairwiseSums(sums.head, nothing, sums.counts)).components["denoiser"]
    assert found.cosine[0] == (None, None, None, None)
    assert found.l2[0] == (0, 0, 0, 0)


@pytest.mark.parametrize("members", [("b", "a"), ("c", "copy", "a", "b"), NAMES])
def test_members_in_another_order(sums, members):
    found = reorder(sums, members)
    places = [NAMES.index(name) for name in members]
    assert found.head.members == members
    assert found.head.identities == tuple(str(place + 1) for place in places)
    assert [entry.checkpoint for entry in found.head.excluded] == [
        name for name in members if name in ("b", "c")
    ]
    for arrays, old in ((found.floats, sums.floats), (found.counts, sums.counts)):
        for name, array in arrays.items():
            np.testing.assert_array_equal(array, old[name][:, places][:, :, places])


def test_omissions_are_told_once_and_in_order():
    entries = [
        Excluded(checkpoint=name, tensor=tensor, reason=NotInFile())
        for name, tensor in (("b", "vae/z"), ("a", "vae/y"), ("a", "denoiser/z"), ("b", "vae/z"))
    ]
    found = in_order(entries, ["b", "a"])
    assert [(entry.checkpoint, entry.tensor) for entry in found] == [
        ("b", "vae/z"),
        ("a", "denoiser/z"),
        ("a", "vae/y"),
    ]


def test_gaps_are_of_those_that_were_away(sums):
    assert have_gaps(sums.head) == set()
    away = Excluded(checkpoint="a", tensor="vae", reason=Away(joined=("b",)))
    head = msgspec.structs.replace(sums.head, excluded=(*sums.head.excluded, away))
    assert have_gaps(head) == {"a"}


@pytest.mark.parametrize("own_norms", [True, False])
def test_a_file_gives_the_same_sums(sums, own_norms):
    if not own_norms:
        norms = sums.floats["norms"].copy()
        norms[0, 0, 2] += 1
        sums = sums._replace(floats=sums.floats | {"norms": norms})
    content = pack_sums(sums)
    found = unpack_sums(content, "x")
    assert found.head == sums.head
    assert pack_sums(found) == content
    for arrays, old in ((found.floats, sums.floats), (found.counts, sums.counts)):
        assert arrays.keys() == old.keys()
        for name, array in arrays.items():
            assert array.dtype == old[name].dtype
            np.testing.assert_array_equal(array, old[name])


def test_what_is_the_same_for_all_partners_is_stored_once(sums):
    """Counts in the narrowest type, symmetric arrays by half, norms and elements by checkpoint."""
    counts = sums.counts | {"elements": np.minimum(sums.counts["elements"], 1)}
    stored = safetensors.numpy.load(pack_sums(sums._replace(counts=counts)))
    pairs = len(NAMES) * (len(NAMES) + 1) // 2
    shapes = {name: (len(GROUPS), pairs) for name in (*sums.floats, *sums.counts)}
    assert {name: array.shape for name, array in stored.items()} == {
        **shapes,
        "norms": (len(GROUPS), len(NAMES)),
        "elements": (len(GROUPS), len(NAMES)),
    }
    assert {name: stored[name].dtype.name for name in counts} == dict.fromkeys(counts, "uint8")


def test_a_pair_that_shares_less_than_either_has_is_stored_as_a_pair(sums):
    elements = sums.counts["elements"].copy()
    elements[0, 1, 2] = elements[0, 2, 1] = SIZE - 1
    content = pack_sums(sums._replace(counts=sums.counts | {"elements": elements}))
    np.testing.assert_array_equal(unpack_sums(content, "x").counts["elements"], elements)


def test_sums_without_l1_and_l0(sums):
    assert names_of(pairwise=True) == (["squared", "norms", "l1"], ["elements", "different", "l0"])
    assert names_of(pairwise=False) == (["squared", "norms"], ["elements", "different"])
    fewer = PairwiseSums(
        msgspec.structs.replace(sums.head, pairwise=False),
        {name: sums.floats[name] for name in ("squared", "norms")},
        {name: sums.counts[name] for name in ("elements", "different")},
    )
    found = unpack_sums(pack_sums(fewer), "x")
    assert found.floats.keys() == {"squared", "norms"}
    assert not found.add_up("vae").l1.any()
    assert found.add_up("vae").l0.shape == (4, 4)


@pytest.mark.parametrize("cut", [0, 7, 8, 100, -5])
def test_a_damaged_file_is_refused(sums, cut):
    with pytest.raises(DamagedRecord, match="x: holds no distances"):
        unpack_sums(pack_sums(sums)[:cut], "x")


@pytest.mark.parametrize("shape", [(4, 3), (4, 4, 3), (3, 4)])
def test_norms_of_another_shape_are_refused(sums, shape):
    content = pack_sums(sums)
    arrays = safetensors.numpy.load(content) | {"norms": np.zeros(shape)}
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    other = safetensors.numpy.save(arrays, metadata=header["__metadata__"])
    with pytest.raises(DamagedRecord, match=r"no distances \(norms of another shape\)"):
        unpack_sums(other, "x")


def test_there_is_no_angle_to_nothing():
    """However its neighbour's length is rounded."""
    lengths = np.append(np.random.default_rng(0).uniform(0, 3, 50), 0)
    norms = np.repeat(lengths[:, None], len(lengths), 1)
    apart = norms + norms.T
    none = np.zeros(apart.shape, np.int64)
    found = cosine(Totals(apart, norms, apart, none, none, none))
    assert np.isnan(found[-1]).all()
    assert np.isnan(found[:, -1]).all()
    assert (np.abs(found[:-1, :-1]) <= 1).all()
