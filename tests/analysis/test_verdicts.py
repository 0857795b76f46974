"""Whether two checkpoints differ, told truly: every state is brought about by real files."""

import msgspec
import numpy as np
import pytest
from made_pairs import UNET, compared, tensors

from generator.analysis.findings.of_pairs import explain_pair
from generator.analysis.findings.verdicts import judge
from generator.records import Excluded
from generator.records.reasons import NotAWeight, OtherNetwork, UnknownComponent
from generator.text.pairs import (
    answer,
    answer_of_all,
    asides,
    headline,
    verdict_text,
    verdict_words,
)
from generator.text.words import listed

VAE = "first_stage_model."
LARGE = f"{UNET}out.2.weight"


def judged(folder, a, b, layouts=({}, {})):
    found = judge(compared(folder, a, b), *layouts)
    return {one.component: one for one in found}, answer(found), headline(found)


def test_identical(tmp_path):
    found, said, short = judged(tmp_path, tensors(), tensors())
    assert {one.state for one in found.values()} == {"identical"}
    assert said == "Nothing differs. The denoiser and the VAE are identical."
    assert short == "nothing"


def test_the_same_values_in_another_dtype(tmp_path):
    coarse = {name: values.astype(np.float16) for name, values in tensors().items()}
    fine = {name: values.astype(np.float32) for name, values in coarse.items()}
    found, said, short = judged(tmp_path, coarse, fine)
    assert {one.state for one in found.values()} == {"equal"}
    assert said.startswith("They differ by their dtypes alone.")
    assert short == "dtypes alone"


def test_rounding(tmp_path):
    rounded = {name: values.astype(np.float16) for name, values in tensors().items()}
    found, said, short = judged(tmp_path, tensors(), rounded)
    assert {one.state for one in found.values()} == {"float16"}
    assert said.startswith("They differ by rounding alone.")
    assert "equal after rounding to float16" in said
    assert short == "rounding"


def test_equal_but_for_what_cannot_be_compared_is_not_called_identical(tmp_path):
    b = tensors()
    b[LARGE].flat[0] = np.nan
    _, said, short = judged(tmp_path, tensors(), b)
    assert "The VAE is identical." in said
    assert "The denoiser is identical in what could be compared." in said
    assert short == "nothing that could be compared"


def test_one_component_differs_and_how_much(tmp_path):
    a, b = tensors(), tensors()
    for name in b:
        if name.startswith(UNET):
            b[name] = b[name] * np.float32(1.5)
    found, said, short = judged(tmp_path, a, b)
    assert found["vae"].state == "identical"
    assert (found["denoiser"].differing, found["denoiser"].tensors) == (7, 7)
    exact = [(a[n].astype(float) - b[n]).ravel() for n in a if n.startswith(UNET)]
    distance = np.linalg.norm(np.concatenate(exact))
    assert f"Only the denoiser differs, in all 7 tensors (L2\xa0{distance:.3g})." in said
    assert "The VAE is identical." in said
    assert short == "denoiser"


def test_partly_changed_and_where(tmp_path):
    a, b = tensors(), tensors()
    b[f"{VAE}decoder.conv_in.weight"] = b[f"{VAE}decoder.conv_in.weight"] + np.float32(1)
    found, said, _ = judged(tmp_path, a, b)
    assert found["vae"].within == ("DECODER",)
    assert "Only the VAE differs, in 1 of 3 tensors, all in DECODER (L2\xa017.0)." in said
    # 288 weights differ by 1, of 296 in the decoder's convolutions and 512 in all.
    there, everywhere = np.sqrt(288 / 296), np.sqrt(288 / 512)
    assert f"most in conv of DECODER: by {there:.3g} per weight" in said
    assert f"{there / everywhere:.3g} times as much as in all of it" in said


def test_what_only_one_has(tmp_path):
    a, b = tensors(), tensors()
    for name in list(b):
        if name.startswith(VAE):
            del b[name]
    found, said, short = judged(tmp_path, a, b)
    assert (found["vae"].state, found["vae"].tensors) == ("only_a", 3)
    assert "Only A has the VAE." in said
    assert short == "only what one has alone"
    found, said, _ = judged(tmp_path, b, a)
    assert (found["vae"].state, found["vae"].tensors) == ("only_b", 3)
    assert "Only B has the VAE." in said


def test_a_tensor_that_only_one_has_and_another_shape(tmp_path):
    a, b = tensors(), tensors()
    del b[f"{VAE}decoder.conv_in.bias"]
    b[f"{VAE}encoder.conv_in.weight"] = b[f"{VAE}encoder.conv_in.weight"][:4].copy()
    found, said, _ = judged(tmp_path, a, b)
    assert found["vae"].state == "identical"
    assert asides(found["vae"]) == ["1 tensor only in A", "1 tensor of another shape"]
    assert "identical in what could be compared" in verdict_text(found["vae"])
    assert "The VAE also has 1 tensor only in A and 1 tensor of another shape." in said


def test_nothing_comparable_in_a_component(tmp_path):
    a, b = tensors(), tensors()
    for name in b:
        if name.startswith(VAE):
            b[name] = np.concatenate([b[name], b[name]])
    found, said, _ = judged(tmp_path, a, b)
    assert found["vae"].state == "not_compared"
    assert "The VAE is not comparable: 3 tensors of another shape." in said


def test_nan_is_never_zero_nor_identical_to_another(tmp_path):
    a, b = tensors(), tensors()
    a[LARGE] = a[LARGE].copy()
    a[LARGE][0, 0, 0, 0] = np.nan
    found, said, _ = judged(tmp_path, a, b)
    assert found["denoiser"].tensors == 6
    assert verdict_text(found["denoiser"]) == "identical in what could be compared"
    assert said.startswith("Nothing that could be compared differs.")
    assert "The denoiser also has 1 tensor not comparable." in said


def test_another_network(tmp_path):
    comparison = compared(tmp_path, tensors(), tensors())
    summary = comparison.summary
    reason = OtherNetwork(network="sdxl", usual_network="sd1")
    components = {name: one for name, one in summary.components.items() if name != "denoiser"}
    excluded = (Excluded(checkpoint="b", tensor="denoiser", reason=reason),)
    changed = msgspec.structs.replace(
        comparison,
        summary=msgspec.structs.replace(summary, components=components, excluded=excluded),
    )
    found = judge(changed, {}, {})
    assert found[0].state == "not_compared"
    assert "Stable Diffusion XL instead of Stable Diffusion 1" in answer(found)


def test_renamed_keys_are_told_from_the_layouts(tmp_path):
    layouts = {"vae": "original"}, {"vae": "renamed"}
    found, said, short = judged(tmp_path, tensors(), tensors(), layouts)
    assert found["vae"].layouts == ("original", "renamed")
    words = "identical; its keys are named “original” in A, “renamed” in B"
    assert verdict_words(found["vae"]) == words
    assert found["denoiser"].layouts is None
    assert "name the keys of the VAE differently" in said
    assert short == "names of keys"


def coarse(values):
    return values.astype(np.float16)


@pytest.mark.parametrize(
    ("before", "after", "state", "kind"),
    [
        (np.copy, np.copy, "identical", "identical"),
        (coarse, lambda values: coarse(values).astype(np.float32), "equal", "other_dtypes"),
        (np.copy, coarse, "float16", "precision"),
        (np.copy, lambda values: values * np.float32(1.5), "differs", "all_changed"),
        (np.copy, lambda values: values * np.float32(-1), "differs", "unrelated"),
        (lambda values: values * np.float32(np.nan), np.copy, "not_compared", None),
        (lambda values: values * np.float32(np.nan),) * 2 + ("not_compared", None),
    ],
)
def test_findings_say_what_the_verdict_says(tmp_path, before, after, state, kind):
    pair = [
        {name: change(values) for name, values in tensors().items()} for change in (before, after)
    ]
    explained = explain_pair(compared(tmp_path, *pair))
    assert {each.state for each in explained.verdicts} == {state}
    for verdict in explained.verdicts:
        kinds = {each.kind for each in explained.findings if each.component == verdict.component}
        assert kinds - {"concentrated_in_block", "concentrated_in_kind"} == ({kind} - {None})
    same = {"same", "same_in_both"} & {each.kind for each in explained.findings}
    assert bool(same) == (headline(explained.verdicts) == "nothing")


def test_the_farthest_of_all(tmp_path):
    near, far = tensors(), tensors()
    near[LARGE] = near[LARGE] + np.float32(0.1)
    far[LARGE] = far[LARGE] + np.float32(1)
    found = [
        (name, judge(compared(tmp_path, tensors(), other), {}, {}))
        for name, other in (("same", tensors()), ("near", near), ("far", far))
    ]
    said = answer_of_all(found)
    assert said.startswith("3 pairs of checkpoints")
    assert "2 differ by more than rounding, 1 do not" in said
    assert "the denoiser of “far”" in said


@pytest.mark.parametrize(("words", "said"), [("a", "a"), ("ab", "a and b"), ("abc", "a, b and c")])
def test_lists_in_words(words, said):
    assert listed(list(words)) == said


def test_nothing_but_tensors_of_unknown_names(tmp_path):
    one = {"a": np.ones((8, 8), np.float32), "decay": np.array(0.9, np.float32)}
    found, said, short = judged(tmp_path, one, one | {"a": one["a"] + 1})
    assert {each.state for each in found.values()} == {"not_compared"}
    assert "dtypes" not in said
    assert short == "nothing that could be compared"
    reasons = {
        each.tensor: each.reason
        for each in compared(tmp_path, one, one | {"a": one["a"] + 1}).summary.excluded
    }
    assert reasons == {"other/a": UnknownComponent(), "other/decay": NotAWeight(dtype="float32")}
    assert judged(tmp_path, one, one)[2] == "nothing"
    # A tensor that only one of them has is not all of this component.
    half = judged(tmp_path, one, one | {"b": one["a"]})
    assert {each.state for each in half[0].values()} == {"not_compared"}
