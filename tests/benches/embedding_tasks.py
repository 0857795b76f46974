"""What the bench of text encoders runs in processes of their own; each prints its figures.

Weights are random, in float16 files as the models were released: transformers gets them rounded
likewise.
"""

import json
import sys
import time
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

from benches.distance_tasks import Watch
from generator.embeddings.encoders import survey_encoders
from generator.embeddings.encoding import KINDS, encode, kinds_of, normalize
from generator.embeddings.loading import load_encoder
from generator.embeddings.measuring import measure_map
from generator.embeddings.prompts import MemberPath, Prompt, PromptSet, Subject
from generator.embeddings.tokens import clip_tokenizer

BATCH = 32
TURN = 1000
# What tokenizers and encoders could take differently: the padding token in a text, beyond 77.
ODD = ["hello!", "masterpiece!! cat, wow!!!", "!", "", "dog! " * 100, "a photo of a cat, " * 30]
# Width, layers, activation, projection, padding token.
SIZES = {
    "CLIP ViT-L": (768, 12, "quick_gelu", False, 49407),
    "OpenCLIP ViT-bigG": (1280, 32, "gelu", True, 0),
}


def prompts() -> list[str]:
    """10,000 different prompts of 4 to 15 tokens."""
    styles = ["photo", "oil painting", "pencil sketch", "watercolour", "statue", "film still"]
    subjects = ["cat", "dog", "red fox", "old castle", "teapot", "sailing boat", "violin", "owl"]
    places = ["", "in a forest", "on a table", "by the sea", "at night", "under a tree"]
    lights = ["", ", soft light", ", sharp focus", ", highly detailed", ", masterpiece!!, 8k"]
    counts = ["a", "one", "two", "three", "many", "no", "some"]
    parts = product(counts, styles, subjects, places, lights)
    return [" ".join(f"{c} {s} of {t} {p}{light}".split()) for c, s, t, p, light in parts][:10_000]


def model_of(name: str) -> Any:
    """transformers' own module, with random weights of a fixed seed rounded to float16."""
    width, layers, activation, projection, _ = SIZES[name]
    config = CLIPTextConfig(
        hidden_size=width,
        intermediate_size=4 * width,
        num_hidden_layers=layers,
        num_attention_heads=width // 64,
        hidden_act=activation,
        projection_dim=width,
    )
    torch.manual_seed(0)
    model = (CLIPTextModelWithProjection if projection else CLIPTextModel)(config).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(parameter.half())
    return model


def few() -> list[str]:
    """Ten of the prompts, and the odd ones."""
    return prompts()[:2000:200] + ODD


def released(model: Any, name: str) -> dict[str, torch.Tensor]:
    """The weights as the single file of the model's family spells them.

    That of Stable Diffusion 1 has transformers' names, that of SDXL those of OpenCLIP
    (`open_clip/transformer.py`): attention's three projections in one tensor, and the projection
    of the end token turned.
    """
    tensors = {key: tensor.half() for key, tensor in model.named_parameters()}
    if not any(key.startswith("text_model.") for key in tensors):
        tensors = {f"text_model.{key}": tensor for key, tensor in tensors.items()}
    if name == "CLIP ViT-L":
        spelled = tensors | {
            "text_model.embeddings.position_ids": torch.arange(77).expand(1, -1).contiguous()
        }
        return {f"cond_stage_model.transformer.{key}": each for key, each in spelled.items()}
    spelled = {
        "token_embedding.weight": tensors["text_model.embeddings.token_embedding.weight"],
        "positional_embedding": tensors["text_model.embeddings.position_embedding.weight"],
        "text_projection": tensors["text_projection.weight"].T.contiguous(),
        "logit_scale": torch.tensor(4.6052).half(),
    }
    for each in ("weight", "bias"):
        spelled[f"ln_final.{each}"] = tensors[f"text_model.final_layer_norm.{each}"]
        for layer in range(SIZES[name][1]):
            own, block = f"text_model.encoder.layers.{layer}", f"transformer.resblocks.{layer}"
            spelled[f"{block}.attn.in_proj_{each}"] = torch.cat(
                [tensors[f"{own}.self_attn.{part}_proj.{each}"] for part in "qkv"]
            )
            for theirs, ours in (
                ("attn.out_proj", "self_attn.out_proj"),
                ("ln_1", "layer_norm1"),
                ("ln_2", "layer_norm2"),
                ("mlp.c_fc", "mlp.fc1"),
                ("mlp.c_proj", "mlp.fc2"),
            ):
                spelled[f"{block}.{theirs}.{each}"] = tensors[f"{own}.{ours}.{each}"]
    return {f"conditioner.embedders.1.model.{key}": each for key, each in spelled.items()}


def write(name: str, folder: Path) -> dict[str, float]:
    """The weights as a single file of its family, and what transformers makes of some prompts."""
    model = model_of(name)
    save_file(released(model, name), folder / "model.safetensors")
    numbers = _numbers(few(), SIZES[name][4])
    with torch.inference_mode():
        out = model(input_ids=numbers, output_hidden_states=True)
    whole = out.last_hidden_state
    ends = (numbers == 49407).int().argmax(1)
    rows = torch.arange(len(ends))
    expected = {
        "last": whole[rows, ends],
        "penultimate": out.hidden_states[-2][rows, ends],
        "flattened": whole.flatten(1),
    }
    if SIZES[name][3]:
        expected["pooled"] = out.text_embeds
    save_file({key: each.contiguous() for key, each in expected.items()}, folder / "expected")
    return {}


def compare(_name: str, folder: Path) -> dict[str, float]:
    """The largest difference of ours from transformers', over all kinds of vectors."""
    (encoder,) = survey_encoders(folder / "model.safetensors").encoders
    found = encode(load_encoder(encoder), few(), kinds_of(encoder))
    expected = load_file(folder / "expected")
    return {
        "difference": max(
            float(np.abs(found[kind] - each.numpy()).max()) for kind, each in expected.items()
        )
    }


def race(name: str, folder: Path) -> dict[str, float]:
    """All prompts through transformers and through ours, in turns of a thousand.

    transformers in batches as long as their longest prompt, one vector each; ours three.
    """
    watch = Watch(children=False)
    watch.start()
    (encoder,) = survey_encoders(folder / "model.safetensors").encoders
    started = time.perf_counter()
    loaded = load_encoder(encoder)
    load = time.perf_counter() - started
    model = model_of(name)
    kinds = [kind for kind in KINDS if not kind.whole and not kind.projected]
    plain = ours = difference = 0.0
    vectors = []
    for start in range(0, len(prompts()), TURN):
        texts = prompts()[start : start + TURN]
        began = time.perf_counter()
        expected = _loop(model, texts)
        between = time.perf_counter()
        found = encode(loaded, texts, kinds, batch=BATCH)
        normed = {kind: normalize(each) for kind, each in found.items()}
        ours += time.perf_counter() - between
        plain += between - began
        difference = max(difference, float(np.abs(normed["last"] - normalize(expected)).max()))
        vectors.append(normed)
    return {
        "load": load,
        "plain": plain,
        "ours": ours,
        "peak": watch.stop(),
        "difference": difference,
        "vectors": sum(len(each["last"]) for each in vectors),
    }


def whole(_name: str, folder: Path) -> dict[str, float]:
    """A map of all prompts, from the file to what is stored: encoding, axes, neighbourhoods."""
    texts = prompts()
    subject = Subject(
        id="all_bench",
        prompts=PromptSet(
            id="all",
            name="All",
            description="",
            prompts=tuple(Prompt(text=text, category=text.split()[1]) for text in texts),
            repeated=(),
        ),
        group="bench",
        group_name="Bench",
        checkpoints=(MemberPath("model", folder / "model.safetensors"),),
    )
    watch = Watch(children=False)
    watch.start()
    started = time.perf_counter()
    measured = measure_map(subject)
    seconds = time.perf_counter() - started
    return {"seconds": seconds, "peak": watch.stop(), "prompts": len(measured.record.prompts)}


def _loop(model: Any, texts: list[str]) -> np.ndarray[Any, Any]:
    """The plain way: batches of prompts in their order, padded to the longest of each."""
    kept = []
    with torch.inference_mode():
        for start in range(0, len(texts), BATCH):
            part = texts[start : start + BATCH]
            batch = clip_tokenizer(49407)(part, padding=True, truncation=True, max_length=77)
            kept.append(model(input_ids=torch.tensor(batch["input_ids"])).pooler_output.numpy())
    return np.concatenate(kept)


def _numbers(texts: list[str], padding: int) -> torch.Tensor:
    """Token numbers (N, 77) by transformers' own padding."""
    tokenizer = clip_tokenizer(padding)
    batch = tokenizer(texts, padding="max_length", truncation=True, max_length=77)
    return torch.tensor(batch["input_ids"])


TASKS: dict[str, Callable[[str, Path], dict[str, float]]] = {
    "write": write,
    "compare": compare,
    "race": race,
    "whole": whole,
}

if __name__ == "__main__":
    print(json.dumps(TASKS[sys.argv[1]](sys.argv[2], Path(sys.argv[3]))))
