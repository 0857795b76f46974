"""Maps of whole groups: what coincides, what moves, what is left out, and the files."""

import io
from itertools import product

import numpy as np
import pyarrow.parquet as pq
import pytest
import torch
from safetensors.numpy import load
from scipy.spatial.distance import cdist
from text_encoders import make, save, save_folder, save_layout, spelled, state

from generator.embeddings import measuring
from generator.embeddings.encoders import survey_encoders
from generator.embeddings.encoding import KINDS, encode, normalize
from generator.embeddings.loading import load_encoder
from generator.embeddings.mapping import ALL_PAIRS, pairs_compared
from generator.embeddings.measuring import measure_map
from generator.embeddings.prompts import MemberPath, Prompt, PromptSet, Subject
from generator.errors import Refusal
from generator.networks.layouts import LAYOUTS
from generator.records.omissions import NoCounterpart, PairsLeftOut
from generator.records.point_tables import read_distances, read_points
from generator.text.coded import omission_text, reason_text

TEXTS = ["cat", "dog", "red", "blue", "a cat on a table", "", "long " * 90, "<b>x</b>"]


def prompt_set(texts=TEXTS):
    return PromptSet(
        id="set",
        name="A set",
        description="",
        prompts=tuple(Prompt(text=t, category="ab"[n % 2]) for n, t in enumerate(texts)),
        repeated=(),
    )


def measured(*checkpoints, prompts=None, **more):
    subject = Subject("set_group", prompts or prompt_set(), "group", "A group", checkpoints)
    return measure_map(subject, **more)


@pytest.fixture(scope="module")
def family(tmp_path_factory):
    """A base, twins of it in two layouts, a fine-tune, and a model with two text encoders."""
    folder = tmp_path_factory.mktemp("family")
    base = make("clip-l")
    tuned = make("clip-l")
    torch.manual_seed(5)
    with torch.no_grad():
        for parameter in tuned.parameters():
            parameter.add_(0.002 * torch.randn(parameter.shape))
    paths = {}
    for name, model, layout in (
        ("base", base, "single file"),
        ("twin", base, "renamed"),
        ("folder", base, "diffusers"),
        ("tuned", tuned, "single file"),
    ):
        (folder / name).mkdir()
        paths[name] = save_layout(folder / name, model, "clip-l", layout)
    both = spelled(
        state(make("open-clip-g")), "conditioner.embedders.1.model.", LAYOUTS["open-clip"]
    )
    first = "conditioner.embedders.0.transformer."
    both |= {f"{first}{name}": tensor for name, tensor in state(tuned).items()}
    paths["xl"] = save(folder / "xl.safetensors", both)
    return tuple(MemberPath(name, path) for name, path in paths.items())


@pytest.fixture(scope="module")
def result(family):
    return measured(*family)


def test_twins_are_one_encoder(result):
    held = [[f"{m.checkpoint}/{m.component}" for m in e.members] for e in result.record.encoders]
    assert held == [
        ["base/text_encoder", "twin/text_encoder", "folder/text_encoder"],
        ["tuned/text_encoder", "xl/text_encoder"],
        ["xl/text_encoder_2"],
    ]
    assert [encoder.reference for encoder in result.record.encoders] == [0, 0, 2]
    assert [encoder.projected for encoder in result.record.encoders] == [0, 0, 64]


def test_twins_give_the_same_bits(family):
    """One by one, not because they were taken for one."""
    found = []
    for checkpoint in family[:3]:
        (encoder,) = survey_encoders(checkpoint.path).encoders
        found.append(encode(load_encoder(encoder), TEXTS, KINDS[:1])["last"])
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_array_equal(found[0], found[2])


def test_movement_is_that_of_the_vectors(family, result):
    vectors = []
    for checkpoint in (family[0], family[3]):
        (encoder,) = survey_encoders(checkpoint.path).encoders
        raw = encode(load_encoder(encoder), TEXTS, KINDS[:1])["last"]
        vectors.append(normalize(raw).astype(np.float64))
    apart = cdist(*vectors, "cosine").diagonal()
    points = {(p.encoder, p.kind): p for p in points_of(result)}
    np.testing.assert_allclose(points[1, "last"].moved, apart, atol=1e-6, rtol=1e-4)
    assert not points[0, "last"].moved.any()
    np.testing.assert_array_equal(points[0, "last"].own, points[0, "last"].shared)
    (space,) = [s for s in result.record.spaces if (s.encoder, s.kind) == (1, "last")]
    assert space.moved_mean == pytest.approx(apart.mean(), rel=1e-3)
    assert list(space.most_moved) == np.argsort(-apart, kind="stable").tolist()
    (still,) = [s for s in result.record.spaces if (s.encoder, s.kind) == (0, "last")]
    assert (still.moved_mean, still.moved_largest, still.most_moved) == (0, 0, ())


def points_of(result):
    return read_points(result.files["set_group.points.parquet"])


def test_kinds_and_sizes(result):
    sizes = {(s.encoder, s.kind): s.dimensions for s in result.record.spaces}
    assert sizes[0, "flattened"] == 77 * 64
    assert sizes[2, "pooled"] == 64
    assert (0, "pooled") not in sizes
    assert len(sizes) == 4 + 4 + 5
    assert {(p.encoder, p.kind) for p in points_of(result)} == sizes.keys()
    kinds = list(result.record.kinds)
    assert kinds == [kind.id for kind in KINDS]


def test_prompts_are_marked(result):
    prompts = result.record.prompts
    assert [prompt.text for prompt in prompts] == TEXTS
    assert result.record.references == (0, 2)
    assert [prompts[row].tokens for row in (0, 5, 6)] == [(3, 3), (2, 2), (92, 92)]


def test_lengths_are_those_of_each_encoder(family):
    """One `!` more or less, where `!` is the padding of the second."""
    found = measured(family[-1], prompts=prompt_set(["wow!!", "wow", "cat"])).record
    assert found.encoders[1].padding == 0
    assert [prompt.tokens for prompt in found.prompts] == [(4, 5), (3, 3), (3, 3)]


def test_every_pair_of_encoders_is_compared(result):
    pairs = [(one.a, one.b) for one in result.record.likenesses if one.kind == "last"]
    assert pairs == [(0, 1), (0, 2), (1, 2)]
    near, far, _ = [one for one in result.record.likenesses if one.kind == "last"]
    assert near.cka > far.cka
    assert near.procrustes < far.procrustes


def test_beyond_some_encoders_references_are_compared():
    """Every pair that is kept, by hand, and the number of those that are not."""
    assert pairs_compared(3, [0, 0, 2]) == ([(0, 1), (0, 2), (1, 2)], None)
    pairs, note = pairs_compared(30, [0] * 20 + [20] * 10)
    expected = [(0, n) for n in range(1, 20)] + [(20, n) for n in range(21, 30)] + [(0, 20)]
    assert pairs == sorted(expected)
    assert note == PairsLeftOut(count=435 - 29, pairs=435, most=ALL_PAIRS)


def test_files_say_what_they_hold(result):
    squares = read_distances(result.files["set_group.distances.parquet"])
    kinds = ["last", "clip-skip-2", "penultimate", "flattened"]
    held = [(square.encoder, square.kind) for square in squares]
    assert sorted(held) == sorted([*product((0, 2), kinds), (2, "pooled")])
    vectors = load(result.files["set_group.vectors.safetensors"])
    for square in squares:
        if square.kind != "flattened":
            kept = vectors[f"{square.encoder}.{square.kind}"].astype(np.float64)
            np.testing.assert_allclose(square.euclidean, cdist(kept, kept), atol=2e-3)
            expected = cdist(kept, kept, "cityblock")
            np.testing.assert_allclose(square.manhattan, expected, atol=1e-2)
    assert "0.flattened" not in vectors
    rows = pq.read_table(io.BytesIO(result.files["set_group.points.parquet"]))
    assert len(rows) == 13 * len(TEXTS)


def test_distances_are_kept_as_far_as_there_is_room(family, monkeypatch):
    """Kinds in their order; what is not there is said."""
    monkeypatch.setattr(measuring, "MOST_PAIRS", 2 * len(TEXTS) * (len(TEXTS) - 1) // 2)
    found = measured(*family[:2])
    squares = read_distances(found.files["set_group.distances.parquet"])
    assert [square.kind for square in squares] == ["last", "clip-skip-2"]
    assert [note.kind for note in found.record.omitted] == [
        "penultimate",
        "flattened",
    ]


def test_twice_the_same_bytes(family, result):
    again = measured(*family)
    assert again.files == result.files
    assert again.record == result.record


def test_the_reference_comes_first(family):
    result = measured(family[3], *family[:3])
    assert result.record.encoders[0].members[0].checkpoint == "tuned"
    assert [encoder.reference for encoder in result.record.encoders] == [0, 0]


def test_a_projection_more_makes_no_other_encoder(tmp_path, family):
    """Some files of CLIP ViT-L hold one, which Stable Diffusion 1 never uses."""
    tensors = state(make("clip-l", seed=7)) | {"text_projection.weight": torch.ones(64, 64)}
    path = save_folder(tmp_path / "more", {"text_encoder": tensors})
    (encoder,) = survey_encoders(path).encoders
    assert encoder.projected == 64
    record = measured(family[0], MemberPath("more", path)).record
    assert [each.reference for each in record.encoders] == [0, 0]
    kinds = [[s.kind for s in record.spaces if s.encoder == number] for number in (0, 1)]
    assert kinds[0] == kinds[1]
    (note,) = record.omitted
    assert note == NoCounterpart(
        kind="pooled",
        component="text_encoder",
        checkpoint="more",
        reference_component="text_encoder",
        reference_checkpoint="base",
        width=64,
        reference_width=0,
    )
    assert "no projection" in omission_text(note)
    alone = measured(MemberPath("more", path)).record
    assert list(alone.kinds) == [kind.id for kind in KINDS]
    assert not alone.omitted


def test_projections_of_other_widths_are_not_compared(tmp_path):
    """And the page says so."""
    checkpoints = []
    for width in (64, 32):
        tensors = state(make("clip-l", seed=width))
        tensors["text_projection.weight"] = torch.ones(width, 64)
        path = save_folder(tmp_path / f"{width}", {"text_encoder": tensors})
        checkpoints.append(MemberPath(f"wide-{width}", path))
    record = measured(*checkpoints).record
    assert [s.encoder for s in record.spaces if s.kind == "pooled"] == [0]
    assert "to 64 numbers instead of 32" in omission_text(record.omitted[0])


def test_what_is_refused_is_named_and_the_rest_is_done(tmp_path, family):
    tensors = state(make("clip-l", seed=3))
    tensors["text_model.final_layer_norm.bias"][0] = float("nan")
    broken = save_folder(tmp_path / "broken", {"text_encoder": tensors})
    nothing = tmp_path / "nothing.safetensors"
    nothing.write_bytes(b"")
    vae = save(tmp_path / "vae.safetensors", {"decoder.conv_in.weight": torch.ones(2, 2, 3, 3)})
    result = measured(
        family[0], MemberPath("nan", broken), MemberPath("empty", nothing), MemberPath("vae", vae)
    )
    assert [one.checkpoint for one in result.record.left_out] == ["vae"]
    refused = {one.checkpoint: one for one in result.record.refused}
    assert {name: one.tensor for name, one in refused.items()} == {
        "nan": "text_encoder",
        "empty": "",
    }
    assert refused["nan"].reason.fault == "non_finite"
    assert "NaN" in reason_text(refused["nan"].reason)
    assert "is empty" in reason_text(refused["empty"].reason)
    assert not any(str(tmp_path) in str(one.reason) for one in refused.values())
    assert len(result.refused) == 2
    assert [e.members[0].checkpoint for e in result.record.encoders] == ["base"]


@pytest.mark.parametrize("value", [float("nan"), None])
def test_a_refused_second_encoder_is_called_so(tmp_path, family, value):
    """By its header, which lacks a weight, or by its values."""
    second = state(make("open-clip-g"))
    name = "text_model.final_layer_norm.bias"
    second[name] = second[name].clone()
    if value is None:
        del second[name]
    else:
        second[name][0] = value
    both = {"text_encoder": state(make("clip-l", seed=3)), "text_encoder_2": second}
    result = measured(family[0], MemberPath("xl", save_folder(tmp_path / "xl", both)))
    assert [(one.checkpoint, one.tensor) for one in result.record.refused] == [
        ("xl", "text_encoder_2")
    ]
    assert len(result.record.encoders) == 2


def test_a_group_without_text_encoders_is_refused(tmp_path):
    vae = save(tmp_path / "vae.safetensors", {"decoder.conv_in.weight": torch.ones(2, 2, 3, 3)})
    with pytest.raises(Refusal, match="text encoder"):
        measured(MemberPath("vae", vae))


def test_progress_reaches_its_end(family):
    told = []
    measured(*family[:2], progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (2 * len(TEXTS), 2 * len(TEXTS))
    assert told == sorted(told)


def test_what_is_too_large_is_left_out_and_said(monkeypatch, family):
    monkeypatch.setattr("generator.embeddings.collecting.MOST_NUMBERS", 1000)
    monkeypatch.setattr("generator.embeddings.measuring.MOST_STORED", 100)
    monkeypatch.setattr("generator.embeddings.measuring.MOST_IN_TABLE", 3)
    result = measured(family[0])
    assert result.record.kinds == ("last", "clip-skip-2", "penultimate")
    assert list(result.files) == ["set_group.points.parquet"]
    assert len(result.record.omitted) == 3
