"""Archives of published distances: made ones, damaged ones, and those that are published."""

import json
import math

import numpy as np
import pytest

from generator.analysis.archive import formats
from generator.analysis.archive.formats import MatrixArchive, PairArchive, pair_names, read_archive
from generator.analysis.archive.groups import read_group, sort_files
from generator.analysis.archive.tensors import sums_of_pairs
from generator.analysis.archive.zeros import read_zeros
from generator.errors import ArchiveError
from generator.records import Group, store
from generator.records.distances import distance_matrix
from generator.records.pairwise_sums import pack_sums, unpack_sums
from generator.records.reasons import (
    CounterOrTable,
    NothingShared,
    SameComponent,
    TooLittleShared,
)
from generator.text.coded import error_text

MATRIX = [[0, 1, 2], [1, 0, 2.5], [2, 2.5, 0]]
UNET = "model.diffusion_model.input_blocks.1.1.transformer_blocks.0.attn1.to_q.weight"
ENCODER = "first_stage_model.encoder.conv_in.weight"


def matrices(**changes):
    return {"ml": ["a", "b", "c"], "dm": {"unet": MATRIX}, "cm": [["x", []]]} | changes


def pairs(**changes):
    return {"kv": {UNET: 3.0, ENCODER: 0.0}, "da": [], "db": [], "err": []} | changes


def write(folder, content, name="some.json"):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return path


def changed(row, column, value):
    rows = [list(each) for each in MATRIX]
    rows[row][column] = value
    return rows


def test_matrices_are_read(tmp_path):
    archive = read_archive(write(tmp_path, matrices()))
    assert isinstance(archive, MatrixArchive)
    assert archive.members == ("a", "b", "c")
    assert np.array_equal(archive.parts["unet"], MATRIX)


def test_pairs_are_read(tmp_path):
    archive = read_archive(write(tmp_path, pairs(da=["x"]), "group_one_other.json"))
    assert isinstance(archive, PairArchive)
    assert (archive.a, archive.b) == ("one", "other")
    assert archive.only_a == ("x",)


@pytest.mark.parametrize(
    ("name", "want"),
    [
        ("g_a_b.json", ("g", "a", "b")),
        ("plain.json", ("plain", "a", "b")),
        ("g_a_a.json", ("g_a_a", "a", "b")),
        ("a_b_c_d.json", ("a_b_c_d", "a", "b")),
    ],
)
def test_names_of_a_pair(tmp_path, name, want):
    assert pair_names(tmp_path / name) == want


DAMAGED = {
    "not JSON": (b"{", "not JSON"),
    "empty": (b"", "not JSON"),
    "no text": (b"\xff\xfe{}", "not JSON"),
    "no object": (b"[]", "not an archive"),
    "neither format": ({"x": 1}, "neither 'ml' nor 'kv'"),
    "deep": (b'{"ml":' + b"[" * 100_000, "nested too deep"),
    "deep where nothing is read": (
        b'{"ml":["a","b"],"dm":{},"cm":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        "nested too deep",
    ),
    "ragged": (matrices(dm={"unet": [[0, 1, 2], [1, 0], [2, 2.5, 0]]}), "rows of 2 and 3"),
    "too few rows": (matrices(dm={"unet": MATRIX[:2]}), "2 rows of 3"),
    "too few names": (matrices(ml=["a", "b"]), "for 2 names"),
    "a name twice": (matrices(ml=["a", "b", "a"]), "'a' twice"),
    "one name": (matrices(ml=["a"], dm={"unet": [[0]]}), "at least 2 are needed"),
    "no matrix": (matrices(dm={}), "no matrix"),
    "names that are none": (matrices(ml=["a", "b", 3]), "not an archive"),
    "asymmetric": (matrices(dm={"unet": changed(0, 1, 9)}), "rows 1 and 2"),
    "negative": (matrices(dm={"unet": changed(0, 1, -1)}), "negative"),
    "from itself": (matrices(dm={"unet": changed(1, 1, 1)}), "from itself"),
    "NaN": (matrices(dm={"unet": changed(0, 1, math.nan)}), "not JSON"),
    "infinite": (matrices(dm={"unet": changed(0, 1, math.inf)}), "not JSON"),
    "too large a number": (b'{"kv":{"x":1e999}}', "not an archive"),
    "null": (matrices(dm={"unet": changed(0, 1, None)}), "not an archive"),
    "a negative distance of a tensor": (pairs(kv={UNET: -1}), "-1.0"),
    "a tensor that one lacks": (pairs(da=[UNET]), "only one of the two has"),
    "a huge distance": (matrices(dm={"unet": changed(0, 1, 1e200)}), "1e+200, which cannot"),
    "a tiny distance": (matrices(dm={"unet": changed(0, 1, 1e-320)}), "which cannot be squared"),
    "a huge distance of a tensor": (pairs(kv={UNET: 1e300}), UNET),
    "a name twice in an object": (
        b'{"ml":["a","b"],"ml":["c","d"],"dm":{"unet":[[0,1],[1,0]]}}',
        "the key 'ml' twice",
    ),
    "a tensor twice": (b'{"kv":{"model.x":1.0,"model.x":2.0}}', "the key 'model.x' twice"),
    "distances that are text": (pairs(kv={UNET: "3"}), "not an archive"),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_bad_archives_are_refused_by_name(tmp_path, name):
    content, reason = DAMAGED[name]
    path = write(tmp_path, content)
    with pytest.raises(ArchiveError) as refused:
        read_archive(path)
    assert "some.json" in refused.value.subject
    assert reason in error_text(refused.value)


def test_a_tensor_without_a_finite_distance_is_not_comparable(tmp_path):
    names = [f"model.diffusion_model.input_blocks.{n}.0.in_layers.2.weight" for n in range(1, 300)]
    known = ", ".join(f'"{name}": 0.5' for name in names)
    # The last name only looks like a number that is not JSON.
    odd = {UNET: b"NaN", "model.x": b"-Infinity", 'model."Infinity, NaN': b"null"}
    told = b", ".join(json.dumps(name).encode() + b": " + value for name, value in odd.items())
    path = tmp_path / "g_a_b.json"
    path.write_bytes(b'{"kv": {' + told + b", " + known.encode() + b"}}")
    pair = read_archive(path)
    assert set(pair.not_finite) == set(odd)
    assert set(pair.distances) == set(names)
    reasons = {each.tensor: each.reason.code for each in sums_of_pairs([pair]).head.excluded}
    assert (
        reasons.pop(next(each for each in reasons if each.startswith("denoiser/"))) == "non_finite"
    )


@pytest.mark.parametrize("content", [b'{"kv": {"a": NaNa}}', b'{"kv": {"a": NaN', b'{"x" "NaN'])
def test_what_is_no_number_stays_refused(tmp_path, content):
    with pytest.raises(ArchiveError, match="not_json"):
        read_archive(write(tmp_path, content))


def test_a_huge_file_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "huge.json"
    with path.open("wb") as file:
        file.truncate(2**40)
    with pytest.raises(ArchiveError, match=rf"too_large \(size {2**40}, limit {256 * 2**20}\)"):
        read_archive(path)
    with pytest.raises(ArchiveError, match="not_opened"):
        read_archive(tmp_path / "missing.json")


def test_zeros_are_told_apart():
    # a and b are the same. d was compared with nobody; e and c share nothing.
    matrix = np.array(
        [
            [0, 0, 2, 0, 3],
            [0, 0, 2, 0, 3],
            [2, 2, 0, 0, 0],
            [0, 0, 0, 0, 0],
            [3, 3, 0, 0, 0],
        ],
        float,
    )
    zeros = read_zeros(matrix)
    assert np.argwhere(np.triu(zeros.identical)).tolist() == [[0, 1]]
    assert np.argwhere(np.triu(zeros.not_compared)).tolist() == [
        [0, 3],
        [1, 3],
        [2, 3],
        [2, 4],
        [3, 4],
    ]
    assert not zeros.unknown.any()
    nothing = read_zeros(np.zeros((3, 3)))
    assert nothing.unknown.sum() == 6
    assert not nothing.identical.any()
    assert not nothing.not_compared.any()


def test_what_an_archive_does_not_know_is_missing(tmp_path):
    parts = {"unet": MATRIX, "te": [[0] * 3] * 3, "vae": [[0, 0, 1], [0, 0, 1], [1, 1, 0]]}
    sums = read_group([write(tmp_path, matrices(dm=parts))])
    matrix = distance_matrix(sums)
    assert set(matrix.components) == {"denoiser", "vae"}
    unet, vae = matrix.components["denoiser"], matrix.components["vae"]
    assert unet.l2 == tuple(map(tuple, MATRIX))
    assert set(sum(unet.cosine, ())) == {None}
    assert vae.identical == ((True, True, False), (True, True, False), (False, False, True))
    assert [(each.checkpoint, each.tensor) for each in sums.head.excluded] == [("", "te")]
    again = unpack_sums(pack_sums(sums), "sums")
    assert again.head == sums.head
    assert np.array_equal(again.floats["norms"], sums.floats["norms"], equal_nan=True)


def test_tensors_find_their_blocks_and_no_counter_is_summed(tmp_path):
    kv = {UNET: 3.0, ENCODER: 0.0, "model_ema.num_updates": 551602.0, "alphas_cumprod": 0.5}
    text = ["cond_stage_model.transformer.text_model.final_layer_norm.weight"]
    path = write(tmp_path, pairs(kv=kv, db=text), "g_a_b.json")
    sums = read_group([path])
    assert sums.head.groups == (("denoiser", "IN01", "attn1"), ("vae", "ENCODER", "conv"))
    assert sums.add_up("denoiser").squared[0, 1] == 9
    assert distance_matrix(sums).components["vae"].identical[0][1] is True
    left_out = {each.tensor: each.reason for each in sums.head.excluded}
    assert left_out["other/model_ema.num_updates"] == CounterOrTable()
    assert left_out["other/alphas_cumprod"] == CounterOrTable()
    assert left_out["text_encoder"] == NothingShared(other="a")


def test_pairs_make_a_group_whose_other_distances_are_not_known(tmp_path):
    files = [
        write(tmp_path, pairs(kv={UNET: 3.0}), "g_a_b.json"),
        write(tmp_path, pairs(kv={UNET: 4.0}), "g_b_c.json"),
        write(tmp_path, matrices(), "other.json"),
        write(tmp_path, b"{", "bad.json"),
    ]
    groups, refused = sort_files(files)
    assert groups == {"g": files[:2], "other": files[2:3]}
    assert [error.subject for error in refused] == ["bad.json"]
    l2 = distance_matrix(read_group(files[:2])).components["denoiser"].l2
    assert l2 == ((0, 3, None), (3, 0, 4), (None, 4, 0))
    with pytest.raises(ArchiveError, match="several_groups"):
        read_group(files[1:3])
    with pytest.raises(ArchiveError, match="no_distance_of_weights"):
        read_group([write(tmp_path, pairs(kv={"model_ema.num_updates": 1.0}))])


# BPModel by kind of layer, as published, but for one figure, which is printed with two digits in
# each other's place.
MISPRINT = 8.6033
BPMODEL = {
    ("ac", "mk0"): (23.2504, 26.0299, 96.0301),
    ("mk0", "mk3"): (16.5754, 13.6055, 51.6394),
    ("mk3", "mk5"): (8.0633, 4.6885, 20.2971),
    ("mk5", "nman"): (7.5967, 5.7737, 22.4227),
    ("ac", "nman"): (35.8125, 30.5798, 113.7759),
}


def test_the_published_table_of_bpmodel(published):
    sums = read_group(sorted((published / "pairs").glob("bp_*.json")))
    members = sums.head.members
    for (a, b), want in BPMODEL.items():
        place = members.index(a), members.index(b)
        total = sums.add_up("denoiser").squared[place]
        one, two = (
            sums.add_up("denoiser", None, kind).squared[place] for kind in ("attn1", "attn2")
        )
        got = [math.sqrt(each) for each in (one, two, total - one - two)]
        assert [round(each, 4) for each in got] == list(want)
    printed = BPMODEL["mk3", "mk5"][0]
    assert sorted(f"{printed:.4f}") == sorted(f"{MISPRINT:.4f}")


def test_two_parts_of_one_component_are_not_added(tmp_path):
    sums = read_group([write(tmp_path, matrices(dm={"unet": MATRIX, "te": MATRIX, "te0": MATRIX}))])
    assert sums.components == ["denoiser"]
    assert {each.tensor for each in sums.head.excluded} == {"te", "te0"}
    assert {each.checkpoint for each in sums.head.excluded} == {""}
    assert sums.head.excluded[0].reason == SameComponent(parts=("te", "te0"))
    # A part of zeros says nothing, and so contradicts no other.
    parts = {"unet": MATRIX, "te": [[0] * 3] * 3, "te0": MATRIX}
    assert read_group([write(tmp_path, matrices(dm=parts))]).components == [
        "denoiser",
        "text_encoder",
    ]


def vae(count):
    return [f"first_stage_model.encoder.down.0.block.{n}.conv1.weight" for n in range(count)]


@pytest.mark.parametrize("field", ["da", "db", "err"])
def test_a_component_of_which_little_was_compared_was_not(tmp_path, field):
    first, *rest = vae(248)
    kv = {UNET: 3.0, first: 0.0}
    path = write(tmp_path, pairs(kv=kv, **{field: rest}), "g_a_b.json")
    sums = read_group([path])
    assert sums.components == ["denoiser"]
    reasons = [each.reason for each in sums.head.excluded if each.tensor == "vae"]
    other = "a" if field == "db" else "b"
    assert TooLittleShared(count=247, total=248, other=other) in reasons
    # One of 248 is less than one in a hundred.
    path = write(tmp_path, pairs(kv={UNET: 3.0} | dict.fromkeys(rest, 0.0), **{field: [first]}))
    sums = read_group([path])
    assert distance_matrix(sums).components["vae"].identical[0][1] is True


def test_tensors_are_counted(tmp_path):
    kv = {UNET: 3.0, UNET.replace("to_q", "to_k"): 0.0, UNET.replace("to_q", "to_v"): 4.0}
    total = read_group([write(tmp_path, pairs(kv=kv))]).add_up("denoiser")
    assert (total.elements[0, 1], total.different[0, 1], total.squared[0, 1]) == (3, 2, 25)


def test_pairs_have_a_longer_name_where_matrices_have_theirs(tmp_path):
    files = [
        write(tmp_path, pairs(), "g_a_b.json"),
        write(tmp_path, matrices(), "g.json"),
        write(tmp_path, matrices(), "h.json"),
        write(tmp_path, pairs(), "h_a_b.json"),
        write(tmp_path, pairs(), "h_b_c.json"),
    ]
    groups, refused = sort_files(files)
    assert refused == []
    assert groups == {
        "g": [files[1]],
        "h": [files[2]],
        "g_a_b": [files[0]],
        "h-pairs": files[3:],
    }


def test_published_zeros(published):
    sums = read_group([published / "matrices" / "wdacnai.json"])
    members = sums.head.members
    known = sums.add_up("text_encoder").elements
    pruned = members.index("animefull-final-pruned.ckpt")
    assert not known[pruned].any()
    same = distance_matrix(sums).components["vae"].identical
    places = [
        members.index(name) for name in ("888886dc.ckpt", "ACertainty.ckpt", "nnai_221201.ckpt")
    ]
    assert all(same[a][b] for a in places for b in places)
    # Every distance of its text encoders is zero, and nothing tells why.
    assert read_group([published / "matrices" / "aobp.json"]).components == ["denoiser"]


def test_every_published_archive_is_read(published):
    files = sorted([*published.glob("matrices/*.json"), *published.glob("pairs/*.json")])
    assert len(files) > 10
    for path in files:
        assert read_group([path]).head.groups
    groups, refused = sort_files(files)
    assert refused == []
    assert {"sd2", "sd2_sd14_sd21", "bp"} <= groups.keys()
    assert sorted(path for paths in groups.values() for path in paths) == files


def test_parents_of_mixes_by_block_are_the_first_candidates(committed):
    """Their names say so: 16b is of 10b and 11b, 18b of 15b and 16b. Only whole distances of them
    were published, and their weights differ by block, so nothing is claimed."""
    group = store.read_result(committed / "groups" / "mbw.json", Group)
    (denoiser,) = (each for each in group.components if each.name == "denoiser")
    assert [each.target for each in denoiser.recipes if each.verdict != "none"] == []
    first = {each.target[:3]: each.parents for each in reversed(denoiser.open_candidates)}
    assert {each[:3] for each in first["16b"]} == {"10b", "11b"}
    assert {each[:3] for each in first["18b"]} == {"15b", "16b"}


def test_names_are_limited_by_the_memory_that_their_analysis_takes(tmp_path, monkeypatch):
    path = write(tmp_path, matrices())
    count = len(read_archive(path).members)
    needed = np.empty((count,) * 3).nbytes
    monkeypatch.setattr(formats, "free_memory", lambda: needed)
    read_archive(path)
    monkeypatch.setattr(formats, "free_memory", lambda: needed - 1)
    with pytest.raises(ArchiveError) as refused:
        read_archive(path)
    assert refused.value.code == "too_many"
    assert refused.value.fields["limit"] == count - 1


def test_free_memory_is_less_than_all():
    assert 0 < formats.free_memory() < 2**50
