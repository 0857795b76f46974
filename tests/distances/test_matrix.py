"""Matrices of whole checkpoints, against float64 over whole components."""

import errno
import math
import os
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations, combinations_with_replacement
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from refusing import says
from weight_files import SHAPES, UNET, expected, family, vector, write, write_family

from generator.checkpoints.formats import files
from generator.distances import chunk as chunk_module
from generator.distances import matrix as matrix_module
from generator.distances import work as work_module
from generator.distances.matrix import matrix
from generator.distances.members import file_state, open_member
from generator.distances.pair import compare
from generator.distances.plan import plan
from generator.distances.sums import Sums
from generator.distances.work import run_task
from generator.errors import CheckpointError, DamagedRecord, UsageError
from generator.records import Matrix
from generator.records.pairwise_sums import pack_sums, unpack_sums
from generator.records.reasons import (
    Away,
    InNoOther,
    NonFinite,
    NotAWeight,
    NotInFile,
    OtherNetwork,
    OtherShape,
    TooLarge,
)
from generator.text.coded import error_text

GATE = 1e-6
ALL = ("l2", "l1", "l0", "cosine")
LARGE = f"{UNET}input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight"


def check(result, members):
    for component, distances in result.matrix.components.items():
        vectors = [vector(each, component) for each in members]
        for i, j in combinations_with_replacement(range(len(vectors)), 2):
            want = expected(vectors[i], vectors[j])
            for metric in ALL:
                got = getattr(distances, metric)[i][j]
                # A cosine may be 0, which nothing can be relative to.
                kind = "abs" if metric == "cosine" else "rel"
                assert got == pytest.approx(want[metric], **{"abs": 0, "rel": 0, kind: GATE})
                assert got == getattr(distances, metric)[j][i]
            for identical in (distances.identical[i][j], distances.identical[j][i]):
                assert identical == (want["l0"] == 0)


@pytest.mark.parametrize(
    "dtype",
    [
        torch.float64,
        torch.float32,
        torch.float16,
        torch.bfloat16,
        torch.float8_e4m3fn,
        torch.float8_e5m2,
    ],
)
def test_every_dtype_and_metric(tmp_path, dtype):
    members = family(4, dtype)
    members.append(dict(members[1]))
    check(matrix(write_family(tmp_path, members), ALL), members)


@pytest.mark.skipif(sys.platform != "linux", reason="no /proc names open files")
def test_each_byte_of_the_weights_is_read_once(tmp_path, monkeypatch):
    """Counted at the system call; headers are read before, to open the files."""
    members = family(3, torch.float32)
    # Near pairs are computed again, from the same bytes.
    members.append({name: tensor + 1e-6 for name, tensor in members[1].items()})
    paths = write_family(tmp_path, members)
    read = Counter()
    plain = files._read_at

    def counted(handle, buffer, offset):
        count = plain(handle, buffer, offset)
        path = str(Path(f"/proc/self/fd/{handle}").readlink())
        read.update((path, place) for place in range(offset, offset + count, 4))
        return count

    monkeypatch.setattr(files, "_read_at", counted)
    matrix(paths, ALL)
    for path, each in zip(paths, members, strict=True):
        size, end = sum(tensor.nbytes for tensor in each.values()), path.stat().st_size
        weights = range(end - size, end, 4)
        assert {read[str(path), place] for place in weights} == {1}


def test_dtypes_mixed(tmp_path):
    dtypes = (torch.float32, torch.float16, torch.bfloat16, torch.float64)
    members = [family(1, dtype, seed=n)[0] for n, dtype in enumerate(dtypes)]
    check(matrix(write_family(tmp_path, members), ALL), members)


def test_a_copy_in_a_wider_dtype_is_equal_but_not_identical(tmp_path):
    [narrow] = family(1, torch.float16)
    wide = {name: tensor.float() for name, tensor in narrow.items()}
    distances = matrix(write_family(tmp_path, [narrow, wide]), ALL).matrix.components["denoiser"]
    assert distances.l2[0][1] == distances.l0[0][1] == 0
    assert distances.cosine[0][1] == 1
    assert distances.identical[0][1] is False


def test_blocks_and_kinds_add_up(tmp_path):
    result = matrix(write_family(tmp_path, family(3, torch.float32)))
    total = result.sums.add_up("denoiser").squared
    blocks = [result.sums.add_up("denoiser", block) for block in result.sums.blocks("denoiser")]
    kinds = [result.sums.add_up("denoiser", kind=kind) for kind in result.sums.kinds("denoiser")]
    np.testing.assert_allclose(sum(each.squared for each in blocks), total, rtol=1e-14)
    np.testing.assert_allclose(sum(each.squared for each in kinds), total, rtol=1e-14)
    by_block = result.matrix.blocks["denoiser"]
    assert set(by_block) == {"REST", "IN00", "IN01", "MID", "OUT11"}
    # Its one tensor has no elements.
    assert by_block["OUT11"].l2[0][1] is None


def test_the_gram_matrix_follows_from_the_sums(tmp_path):
    members = family(4, torch.float32)
    sums = matrix(write_family(tmp_path, members)).sums
    vectors = np.array([vector(each, "vae") for each in members])
    totals = sums.add_up("vae")
    gram = (totals.norms + totals.norms.T - totals.squared) / 2
    np.testing.assert_allclose(gram, vectors @ vectors.T, rtol=1e-9, atol=1e-9)


def test_any_number_of_workers_gives_the_same_bits(tmp_path, monkeypatch):
    paths = write_family(tmp_path, family(6, torch.float16))
    plan_small(monkeypatch, 10_000)
    one = matrix(paths, ALL)
    many = matrix(paths, ALL, workers=4)
    assert msgspec.json.encode(one.matrix) == msgspec.json.encode(many.matrix)
    assert pack_sums(one.sums) == pack_sums(many.sums)
    with ThreadPoolExecutor(2) as executor:
        assert pack_sums(matrix(paths, ALL, executor=executor).sums) == pack_sums(one.sums)


def plan_small(monkeypatch, elements):
    def small(members, **settings):
        return plan(members, task_elements=elements, **settings)

    monkeypatch.setattr(matrix_module, "plan", small)


@pytest.fixture(scope="module")
def planned(tmp_path_factory):
    folder = tmp_path_factory.mktemp("planned")
    paths = write_family(folder, family(4, torch.float16))
    return [open_member(path, path.name) for path in paths]


@given(st.integers(1, 400_000), st.randoms(use_true_random=False))
@settings(max_examples=20, deadline=None)
def test_any_split_into_tasks_in_any_order_gives_the_same_bits(planned, elements, random):
    def total(tasks):
        groups = sorted({group for task in tasks for group in task.groups})
        sums = Sums(groups, len(planned), pairwise=True)
        for task in tasks:
            sums.merge(run_task(task).sums, np.arange(len(planned)))
        return {name: sums.high[name] + sums.low[name] for name in sums.high}

    whole = total(plan(planned, pairwise=True).tasks)
    tasks = list(plan(planned, pairwise=True, task_elements=elements).tasks)
    random.shuffle(tasks)
    for name, values in total(tasks).items():
        np.testing.assert_array_equal(values, whole[name])


@pytest.mark.parametrize("value", [math.nan, math.inf])
@pytest.mark.parametrize("bad", [0, 2])
def test_not_finite_in_one_tensor(tmp_path, value, bad):
    members = family(4, torch.float16)
    members[bad][LARGE][250, 7] = value
    result = matrix(write_family(tmp_path, members), ALL)
    distances = result.matrix.components["denoiser"]
    notes = [entry for entry in result.matrix.excluded if entry.reason == NonFinite()]
    assert [(note.checkpoint, note.tensor) for note in notes] == [
        (
            f"m{bad}.safetensors",
            "denoiser/down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k.weight",
        )
    ]
    rest = [{k: v for k, v in each.items() if k != LARGE} for each in members]
    for i, j in combinations(range(4), 2):
        source = rest if bad in (i, j) else members
        want = expected(vector(source[i], "denoiser"), vector(source[j], "denoiser"))
        for one, other in ((i, j), (j, i)):
            assert distances.l2[one][other] == pytest.approx(want["l2"], rel=GATE)
            assert distances.cosine[one][other] == pytest.approx(want["cosine"], abs=GATE)


def test_what_is_equal_as_far_as_it_was_compared_is_not_called_identical(tmp_path):
    members = family(1, torch.float16) * 2
    members.append({**members[0], LARGE: members[0][LARGE].clone()})
    members[2][LARGE][0, 0] = math.nan
    identical = matrix(write_family(tmp_path, members)).matrix.components["denoiser"].identical
    assert identical == ((True, True, None), (True, True, None), (None, None, True))


def test_integers_are_listed_never_summed(tmp_path):
    members = family(2, torch.float16)
    name = "cond_stage_model.transformer.text_model.embeddings.position_ids"
    for number, each in enumerate(members):
        each[name] = torch.arange(77) + number
    result = matrix(write_family(tmp_path, members))
    assert "text_encoder" not in result.matrix.components
    assert [each.reason for each in result.matrix.excluded] == [NotAWeight(dtype="int64")] * 2


def test_another_network_is_not_compared_where_it_differs(tmp_path):
    members = family(2, torch.float16)
    flux = {f"double_blocks.{n}.img_attn.proj.weight": torch.randn(8, 8) for n in range(3)}
    flux |= {name: each for name, each in members[0].items() if name.startswith("first_stage")}
    result = matrix([*write_family(tmp_path, members), write(tmp_path / "flux.safetensors", flux)])
    denoiser, vae = (result.matrix.components[name] for name in ("denoiser", "vae"))
    assert denoiser.l2[0][2] is denoiser.identical[0][2] is None
    assert denoiser.l2[0][1] > 0
    assert vae.l2[0][2] == 0
    [entry] = [e for e in result.matrix.excluded if e.checkpoint == "flux.safetensors"]
    assert entry.tensor == "denoiser"
    # So few names are near to no network that is known.
    assert entry.reason == OtherNetwork(network="", usual_network="")


def test_another_shape_is_named(tmp_path):
    members = family(3, torch.float16)
    members[1][LARGE] = members[1][LARGE][:100]
    result = matrix(write_family(tmp_path, members))
    [entry] = result.matrix.excluded
    assert entry.checkpoint == "m1.safetensors"
    assert entry.reason == OtherShape(shape=(100, 1000), usual=(270, 1000))
    assert result.matrix.components["denoiser"].identical[0][1] is False


def test_json_is_the_record(tmp_path):
    result = matrix(write_family(tmp_path, family(2, torch.float16)), ["l2"])
    tree = msgspec.json.decode(msgspec.json.encode(result.matrix))
    assert list(tree) == ["members", "components", "blocks", "excluded"]
    assert set(tree["components"]["vae"]) == {"l2", "identical"}
    assert set(tree["blocks"]["denoiser"]["MID"]) == {"l2"}
    assert msgspec.convert(tree, Matrix) == result.matrix


def test_equal_terms(tmp_path):
    """Differences that are all the same are where sums of narrow numbers go wrong."""
    members = family(1, torch.float32)
    for step in (1e-3, 0.1, 0.3, 7.7):
        members.append({name: torch.full_like(each, step) for name, each in members[0].items()})
    check(matrix(write_family(tmp_path, members), ALL), members)


class TestAddingCheckpoints:
    names = tuple(f"m{number}" for number in range(7))
    identities = tuple(f"hash{number}" for number in range(7))

    def call(self, paths, count, previous=None, identities=None, **settings):
        return matrix(
            paths[:count],
            ALL,
            names=self.names[:count],
            identities=(identities or self.identities)[:count],
            previous=previous,
            **settings,
        )

    def test_the_bits_are_those_of_one_call(self, tmp_path):
        paths = write_family(tmp_path, family(7, torch.float16))
        few = self.call(paths, 4).sums
        assert pack_sums(self.call(paths, 7, few).sums) == pack_sums(self.call(paths, 7).sums)

    def test_a_copy_and_near_ones_that_join(self, tmp_path):
        members = family(7, torch.float32)
        members[5] = members[1]
        near = family(7, torch.float32, spread=1e-5)
        members[2:5] = near[2:5]
        members[6] = near[6]
        paths = write_family(tmp_path, members)
        few = self.call(paths, 5).sums
        joined = self.call(paths, 7, few)
        assert pack_sums(joined.sums) == pack_sums(self.call(paths, 7).sums)
        check(joined, members)

    def test_what_is_left_out_stands_in_the_same_order(self, tmp_path):
        members = family(5, torch.float16)
        small = f"{UNET}middle_block.0.in_layers.0.weight"
        for number, name in ((0, small), (1, LARGE), (4, LARGE), (4, small)):
            members[number][name][0] = math.nan
        paths = write_family(tmp_path, members)
        few = self.call(paths, 3).sums
        assert len(few.head.excluded) == 2
        assert pack_sums(self.call(paths, 5, few).sums) == pack_sums(self.call(paths, 5).sums)

    def test_metrics_that_are_no_longer_asked_for(self, tmp_path):
        members = family(3, torch.float16)
        paths = write_family(tmp_path, members)
        first = self.call(paths, 2).sums
        fewer = matrix(
            paths, ("l2",), names=self.names[:3], identities=self.identities[:3], previous=first
        )
        want = expected(*(vector(members[number], "vae") for number in (1, 2)))
        assert fewer.matrix.components["vae"].l2[1][2] == pytest.approx(want["l2"], rel=GATE)
        assert "l1" not in fewer.sums.floats

    def test_a_known_one_that_can_no_longer_be_read(self, tmp_path):
        paths = write_family(tmp_path, family(4, torch.float16))
        first = self.call(paths, 3).sums
        paths[1].write_bytes(b"")
        result = self.call(paths, 4, first)
        assert [error.subject for error in result.refused] == [str(paths[1])]
        assert result.matrix.members == ("m0", "m2", "m3")
        assert result.matrix.excluded == ()

    def test_only_new_pairs_are_computed(self, tmp_path):
        paths = write_family(tmp_path, family(4, torch.float16))
        first = self.call(paths, 4).sums
        read = []
        self.call(paths, 4, first, progress=lambda *bytes_read: read.append(bytes_read))
        assert read == []

    def test_a_checkpoint_with_other_content_is_new(self, tmp_path):
        members = family(5, torch.float16)
        paths = write_family(tmp_path, members)
        first = self.call(paths, 5).sums
        members[2] = family(1, torch.float16, seed=9)[0]
        write(paths[2], members[2])
        identities = ("hash0", "hash1", "other", "hash3", "hash4")
        check(self.call(paths, 5, first, identities), members)

    def test_nothing_is_known_of_content_without_an_identity(self, tmp_path):
        members = family(3, torch.float16)
        paths = write_family(tmp_path, members)
        first = self.call(paths, 3, identities=[""] * 3).sums
        members[1] = family(1, torch.float16, seed=9)[0]
        write(paths[1], members[1])
        check(self.call(paths, 3, first, [""] * 3), members)

    def test_the_distance_to_the_only_other_is_kept_when_it_is_gone(self, tmp_path):
        members = family(2, torch.float16)
        paths = write_family(tmp_path, members)
        first = self.call(paths, 2).sums
        paths[1].unlink()
        kept = self.call(paths, 2, first).matrix.components["denoiser"]
        want = expected(vector(members[0], "denoiser"), vector(members[1], "denoiser"))
        assert kept.l2[0][1] == pytest.approx(want["l2"], rel=GATE)

    def test_a_checkpoint_that_is_gone_keeps_its_place(self, tmp_path):
        members = family(4, torch.float16)
        paths = write_family(tmp_path, members)
        first = self.call(paths, 3).sums
        paths[1].unlink()
        result = self.call(paths, 4, first)
        distances = result.matrix.components["denoiser"]
        assert result.matrix.members == self.names[:4]
        want = expected(vector(members[0], "denoiser"), vector(members[1], "denoiser"))
        assert distances.l2[0][1] == pytest.approx(want["l2"], rel=GATE)
        assert distances.l2[1][3] is None
        assert distances.l2[0][3] > 0
        assert result.refused == ()
        gap = Away(joined=("m3",))
        entries = {(e.checkpoint, e.tensor) for e in result.matrix.excluded if e.reason == gap}
        assert entries == {("m1", "denoiser"), ("m1", "vae")}

    def test_one_that_is_back_is_compared_with_all(self, tmp_path):
        members = family(4, torch.float16)
        paths = write_family(tmp_path, members)
        first = self.call(paths, 3).sums
        away = paths[1].rename(tmp_path / "away")
        second = self.call(paths, 4, first).sums
        away.rename(paths[1])
        check(self.call(paths, 4, second), members)

    def test_what_nobody_shared_before(self, tmp_path):
        """The first has a VAE that the second lacks, and the third has one again."""
        members = family(3, torch.float16)
        members[1] = {name: each for name, each in members[1].items() if name.startswith(UNET)}
        paths = write_family(tmp_path, members)
        first = self.call(paths, 2)
        assert InNoOther() in {e.reason for e in first.matrix.excluded}
        joined, whole = self.call(paths, 3, first.sums), self.call(paths, 3)
        assert pack_sums(joined.sums) == pack_sums(whole.sums)
        vae = vector(members[0], "vae")
        assert joined.sums.add_up("vae").norms[0, 0] == pytest.approx(vae @ vae, rel=GATE)
        assert {e.reason for e in joined.matrix.excluded} == {NotInFile()}


def test_pairwise_sums_survive_a_file(tmp_path):
    members = family(3, torch.float16)
    # Norms that are not the same for all partners are stored one by one.
    members[1] = {name: each for name, each in members[1].items() if name != LARGE}
    sums = matrix(write_family(tmp_path, members), ALL).sums
    content = pack_sums(sums)
    again = unpack_sums(content, "x")
    assert again.head == sums.head
    assert again.floats.keys() == sums.floats.keys()
    assert again.counts.keys() == sums.counts.keys()
    for name, array in {**sums.floats, **sums.counts}.items():
        assert array.any(), name
        np.testing.assert_array_equal({**again.floats, **again.counts}[name], array)
    assert pack_sums(again) == content
    with pytest.raises(DamagedRecord, match="holds no distances"):
        unpack_sums(content[:-5], "x")


@pytest.mark.parametrize("columns", [1, 37, 5_000])
def test_any_split_into_chunks_gives_the_same(tmp_path, monkeypatch, columns):
    members = [
        {name: each[:1] for name, each in member.items()} for member in family(3, torch.float16)
    ]
    for module in (chunk_module, work_module):
        monkeypatch.setattr(module, "CHUNK_COLUMNS", columns)
    check(matrix(write_family(tmp_path, members), ALL), members)


def test_values_whose_squares_add_up_to_too_much(tmp_path):
    """Each square is a number; hundreds of them are not."""
    members = [
        {f"{UNET}out.{n}.weight": torch.full((1,), 4.6e153, dtype=torch.float64) for n in range(12)}
        | {f"{UNET}out.12.weight": torch.full((1,), value, dtype=torch.float64)}
        for value in (1, 2, 3)
    ]
    result = matrix(write_family(tmp_path, members), ALL)
    reasons = {(entry.tensor, entry.reason) for entry in result.matrix.excluded}
    too_large = {(f"denoiser/out.{n}.weight", TooLarge()) for n in range(12)}
    assert reasons == too_large
    assert result.matrix.components["denoiser"].l2[0] == (0, 1, 2)
    comparison = compare(tmp_path / "m0.safetensors", tmp_path / "m2.safetensors")
    assert {(entry.tensor, entry.reason) for entry in comparison.summary.excluded} == too_large
    assert comparison.summary.components["denoiser"].total.l2 == 2


class TestRefusals:
    def test_too_many_open_files(self, tmp_path):
        """None of them is to blame, and none is left out."""
        resource = pytest.importorskip("resource")
        paths = write_family(tmp_path, family(40, torch.float16, shapes={f"{UNET}a.weight": (1,)}))
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (30, hard))
        try:
            with pytest.raises(UsageError, match=r"Too many open files.*Raise the limit"):
                matrix(paths)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    def test_fewer_than_two(self, tmp_path):
        [path] = write_family(tmp_path, family(1, torch.float16))
        (tmp_path / "empty").touch()
        with pytest.raises(UsageError, check=says(r"only 1 can be read .*is empty")):
            matrix([path, tmp_path / "empty"])

    def test_one_refused_the_rest_compared(self, tmp_path):
        paths = write_family(tmp_path, family(2, torch.float16))
        (tmp_path / "empty").touch()
        result = matrix([*paths, tmp_path / "empty"])
        assert result.matrix.members == ("m0.safetensors", "m1.safetensors")
        assert "is empty" in error_text(result.refused[0])

    def test_nothing_in_common(self, tmp_path):
        halves = [dict(list(SHAPES.items())[:6]), dict(list(SHAPES.items())[6:])]
        members = [family(1, torch.float16, shapes=shapes)[0] for shapes in halves]
        told = r"have no tensor in common \(m0\.safetensors: .*not in "
        with pytest.raises(UsageError, check=says(told)):
            matrix(write_family(tmp_path, members))

    @pytest.mark.parametrize("metrics", [["l3"], []])
    def test_metric(self, tmp_path, metrics):
        told = r"^metric: is (unknown: 'l3'|missing)\. Known metrics: l2, l1, l0, cosine$"
        with pytest.raises(UsageError, match=told):
            matrix([tmp_path], metrics)

    @pytest.mark.parametrize("device", ["abacus", "cuda:77", "meta", "cuda:x"])
    def test_device(self, tmp_path, device):
        with pytest.raises(UsageError, match="cannot be used"):
            matrix([tmp_path], device=device)

    def test_given_twice(self, tmp_path):
        with pytest.raises(UsageError, match=r"^b: is given twice"):
            matrix([tmp_path / name for name in "abcb"])


def test_a_file_that_is_not_there_is_told_in_the_words_of_the_system(tmp_path):
    with pytest.raises(CheckpointError) as caught:
        file_state(tmp_path / "gone.safetensors")
    assert caught.value.subject == str(tmp_path / "gone.safetensors")
    assert caught.value.code == "not_opened"
    assert caught.value.fields == {"why": os.strerror(errno.ENOENT)}
