"""Text encoders and prompt sets that cannot be used, each refused by name."""

import pytest
import torch
from refusing import says
from text_encoders import make, save_folder, state

from generator.embeddings.encoders import survey_encoders
from generator.embeddings.encoding import KINDS, encode
from generator.embeddings.loading import load_encoder
from generator.embeddings.prompts import read_prompts
from generator.errors import CatalogError, CheckpointError
from generator.text.coded import error_text
from generator.text.words import network_title

NORM = "text_model.final_layer_norm.weight"
FC1 = "text_model.encoder.layers.3.mlp.fc1.weight"
TOKENS = "text_model.embeddings.token_embedding.weight"
PLACES = "text_model.embeddings.position_embedding.weight"


@pytest.fixture(scope="module")
def weights():
    return state(make("clip-l"))


def with_value(tensor, value):
    changed = tensor.clone()
    changed.view(-1)[0] = value
    return changed


def refusal(folder, tensors):
    survey = survey_encoders(save_folder(folder / "model", {"text_encoder": tensors}))
    if survey.refused:
        assert not survey.encoders
        return error_text(survey.refused["text_encoder"])
    with pytest.raises(CheckpointError) as error:
        load_encoder(survey.encoders[0])
    return error_text(error.value)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda w: {n: t for n, t in w.items() if n != FC1}, [FC1, "lacks"]),
        (lambda w: w | {"text_model.extra.weight": torch.ones(3)}, ["text_model.extra.weight"]),
        (lambda w: w | {FC1: torch.ones(256, 63)}, [FC1, "256x63", "256x64"]),
        (lambda w: w | {NORM: torch.ones(64, 1)}, [NORM]),
        (lambda w: w | {FC1: with_value(w[FC1], float("nan"))}, [FC1, "NaN"]),
        (lambda w: w | {NORM: with_value(w[NORM], float("inf"))}, [NORM, "infinite"]),
        (lambda w: w | {NORM: w[NORM].double() * 1e300}, [NORM, "infinite"]),
        (lambda w: w | {NORM: torch.ones(64, dtype=torch.int64)}, [NORM, "int64"]),
        (lambda w: w | {TOKENS: torch.ones(512, 64)}, ["512", "49,408"]),
        (lambda w: w | {TOKENS: torch.ones(49408)}, [TOKENS, "not a matrix"]),
        (lambda w: w | {PLACES: torch.ones(248, 64)}, ["248", "77"]),
    ],
)
def test_bad_weights(tmp_path, weights, change, named):
    message = refusal(tmp_path, change(weights))
    assert all(part in message for part in ["text_encoder", *named]), message


def test_a_truncated_file(tmp_path, weights):
    path = save_folder(tmp_path / "model", {"text_encoder": weights})
    (encoder,) = survey_encoders(path).encoders
    file = path / "text_encoder" / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-1000])
    with pytest.raises(CheckpointError, match=r"model\.safetensors"):
        load_encoder(encoder)


def test_vectors_that_overflow(tmp_path, weights):
    """Finite weights may still give what is not finite."""
    huge = weights | {
        NORM: torch.full((64,), 3e38),
        "text_model.final_layer_norm.bias": weights["text_model.final_layer_norm.bias"] + 3e38,
    }
    path = save_folder(tmp_path / "model", {"text_encoder": huge})
    (encoder,) = survey_encoders(path).encoders
    with pytest.raises(CheckpointError, check=says("NaN or infinite")):
        encode(load_encoder(encoder), ["cat", "dog"], KINDS[:1])


def test_other_text_encoders_are_named(tmp_path):
    """T5 is out of scope, which is no fault of the file."""
    names = ["shared.weight", "encoder.final_layer_norm.weight"]
    names += ["encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight"]
    for block in range(24):
        start = f"encoder.block.{block}.layer"
        names += [f"{start}.0.SelfAttention.{each}.weight" for each in "qkvo"]
        names += [f"{start}.1.DenseReluDense.{each}.weight" for each in ("wi_0", "wi_1", "wo")]
        names += [f"{start}.{each}.layer_norm.weight" for each in (0, 1)]
    tensors = {name: torch.ones(2, 2) for name in names}
    survey = survey_encoders(save_folder(tmp_path / "model", {"text_encoder": tensors}))
    assert not survey.encoders
    assert not survey.refused
    assert "T5" in network_title(survey.left_out["text_encoder"])


def prompts(folder, text):
    path = folder / "set.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_prompts_are_kept_as_they_are(tmp_path):
    hostile = "<script>alert(1)</script> {{ 7*7 }} \u202e"
    rows = [("cat", "a"), (hostile, "b"), ("", "b"), ("cat", "a"), ("cat", "b"), ("Cat", "a")]
    text = 'name = "Set"\n' + "".join(
        f"[[prompt]]\ntext = '{each}'\ncategory = '{category}'\n" for each, category in rows
    )
    found = read_prompts(prompts(tmp_path, text))
    assert [prompt.text for prompt in found.prompts] == ["cat", hostile, "", "Cat"]
    assert found.categories == ("a", "b")
    assert len(found.repeated) == 2
    assert "prompt 4" in found.repeated[0]
    assert "category 'a'" in found.repeated[1]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("name = ", "TOML"),
        ("prompt = []", "name"),
        ('name = "x"', "prompt"),
        ('name = "x"\nprompt = [{ text = "a" }]', "category"),
        ('name = "x"\nprompt = [{ text = 3, category = "a" }]', "text"),
        ('name = "x"\nprompt = [{ text = "a", category = "" }]', "category"),
        ('name = "x"\nprompt = [{ text = "a", category = "a", weight = 2 }]', "weight"),
        ('name = "x"\n' + '[[prompt]]\ntext = "a"\ncategory = "b"\n' * 5, "fewer than 3"),
    ],
)
def test_bad_prompt_sets(tmp_path, text, reason):
    with pytest.raises(CatalogError, match=reason) as error:
        read_prompts(prompts(tmp_path, text))
    assert "set.toml" in str(error.value)


def test_a_prompt_set_that_is_not_there(tmp_path):
    with pytest.raises(CatalogError, match="cannot be read"):
        read_prompts(tmp_path / "none.toml")
