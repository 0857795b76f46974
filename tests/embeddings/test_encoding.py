"""Vectors from weight files, against transformers run directly on the same weights."""

import numpy as np
import pytest
import torch
from text_encoders import RELEASED, make, save_folder, save_layout, state

from generator.embeddings.encoders import survey_encoders
from generator.embeddings.encoding import KINDS, encode, kinds_of, normalize
from generator.embeddings.loading import load_encoder
from generator.embeddings.tokens import tokenize
from generator.errors import UsageError

TEXTS = ["a photo of a cat", "", "red", "dog! " * 100, "日本語 <|endoftext|> x", "wow!!, smile"]
GATE = 1e-6
LAYOUTS = {
    "clip-l": ("single file", "renamed", "SDXL", "diffusers"),
    "open-clip-h": ("single file", "diffusers"),
    "open-clip-g": ("SDXL", "diffusers"),
}


@pytest.fixture(scope="module", params=list(RELEASED))
def network(request):
    return request.param, make(request.param)


def direct(model, network):
    """Every kind of vector, by transformers' own outputs and a loop over prompts."""
    tokens = tokenize(TEXTS, RELEASED[network][3]).numbers
    trunk = getattr(model, "text_model", model)
    with torch.no_grad():
        out = model(input_ids=torch.from_numpy(tokens), output_hidden_states=True)
        rows = [(n, numbers.index(49407)) for n, numbers in enumerate(tokens.tolist())]
        last = torch.stack([out.last_hidden_state[row] for row in rows])
        before = torch.stack([out.hidden_states[-2][row] for row in rows])
        found = {
            "last": last,
            "penultimate": before,
            "clip-skip-2": trunk.final_layer_norm(before),
            "flattened": out.last_hidden_state.reshape(len(TEXTS), -1),
        }
        if RELEASED[network][2]:
            found["pooled"] = out.text_embeds
        else:
            # What transformers calls pooled is the last layer's state, so it is no kind of its own.
            torch.testing.assert_close(out.pooler_output, last, rtol=0, atol=0)
    return {name: tensor.numpy() for name, tensor in found.items()}


def encoded(path, **more):
    (encoder,) = survey_encoders(path).encoders
    return encode(load_encoder(encoder), TEXTS, kinds_of(encoder), **more)


def test_every_layout_as_transformers(tmp_path, network):
    name, model = network
    expected = direct(model, name)
    digests = set()
    for layout in LAYOUTS[name]:
        folder = tmp_path / layout
        folder.mkdir()
        (encoder,) = survey_encoders(save_layout(folder, model, name, layout)).encoders
        assert encoder.network == name
        loaded = load_encoder(encoder)
        digests.add(loaded.digest)
        found = encode(loaded, TEXTS, kinds_of(encoder))
        assert found.keys() == expected.keys()
        for kind, vectors in found.items():
            assert vectors.dtype == np.float32
            np.testing.assert_allclose(vectors, expected[kind], rtol=0, atol=GATE, err_msg=kind)
    # One encoder, whatever holds it.
    assert len(digests) == 1


def test_short_batches_as_whole_ones(tmp_path, network):
    """Padding behind the end changes nothing before it, but for rounding in other products."""
    name, model = network
    path = save_layout(tmp_path, model, name, "diffusers")
    (encoder,) = survey_encoders(path).encoders
    kinds = [kind for kind in kinds_of(encoder) if not kind.whole]
    expected = direct(model, name)
    told = []
    found = encode(load_encoder(encoder), TEXTS, kinds, progress=told.append, batch=2)
    assert told == [2, 4, 6]
    for kind, vectors in found.items():
        one, other = normalize(vectors), normalize(expected[kind])
        np.testing.assert_allclose(one, other, rtol=0, atol=GATE, err_msg=kind)


def test_layers_that_nothing_uses(tmp_path):
    """SD2's single files hold 24 layers, of which the denoiser takes the 23rd's output."""
    model = make("open-clip-h")
    tensors = state(model)
    whole = dict(tensors)
    for name, tensor in tensors.items():
        if ".layers.22." in name:
            whole[name.replace(".22.", ".23.")] = torch.randn(tensor.shape)
    whole["text_projection.weight"] = torch.randn(64, 64)
    folders = [tmp_path / "24", tmp_path / "23"]
    for folder, each in zip(folders, (whole, tensors), strict=True):
        save_folder(folder, {"text_encoder": each})
    one, other = map(encoded, folders)
    for kind in one:
        np.testing.assert_array_equal(one[kind], other[kind])


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_other_dtypes_are_what_their_values_say(tmp_path, dtype):
    model = make("clip-l")
    rounded = {name: tensor.to(dtype) for name, tensor in state(model).items()}
    path = save_folder(tmp_path / "half", {"text_encoder": rounded})
    with torch.no_grad():
        for own, name in zip(model.parameters(), state(model), strict=True):
            own.copy_(rounded[name].float())
    expected = direct(model, "clip-l")
    for kind, vectors in encoded(path).items():
        np.testing.assert_allclose(vectors, expected[kind], rtol=0, atol=GATE)


def test_wide_encoders_have_heads_of_64(tmp_path):
    model = make("clip-l", width=128)
    found = encoded(save_layout(tmp_path, model, "clip-l", "single file"))
    for kind, vectors in direct(model, "clip-l").items():
        np.testing.assert_allclose(found[kind], vectors, rtol=0, atol=GATE)


def test_the_order_of_prompts_is_kept(tmp_path):
    path = save_layout(tmp_path, make("clip-l"), "clip-l", "diffusers")
    (encoder,) = survey_encoders(path).encoders
    loaded = load_encoder(encoder)
    both = encode(loaded, TEXTS, KINDS[:1])["last"]
    turned = encode(loaded, TEXTS[::-1], KINDS[:1])["last"]
    np.testing.assert_allclose(both, turned[::-1], rtol=0, atol=GATE)
    assert not np.allclose(both[0], both[1], atol=1e-3)


def test_normalized_vectors_have_length_one():
    vectors = np.random.default_rng(0).standard_normal((5, 300)).astype(np.float32)
    vectors[3] = 0
    lengths = np.linalg.norm(normalize(vectors).astype(np.float64), axis=1)
    np.testing.assert_allclose(lengths, [1, 1, 1, 0, 1], atol=1e-6)


def test_an_unknown_device_is_refused(tmp_path):
    path = save_layout(tmp_path, make("clip-l"), "clip-l", "diffusers")
    with pytest.raises(UsageError, match="nowhere"):
        encoded(path, device="nowhere")
