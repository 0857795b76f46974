"""A folder -> a small family of Stable Diffusion 1 checkpoints in it, and its true history.

The keys are those of real checkpoints, the layers are narrow: about 7 MB per file. Bytes are the
same on every machine: noise comes from a seeded generator, all sums are elementwise.
"""

import functools
import hashlib
from collections.abc import Mapping
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from generator.checkpoints.demo.history import HISTORY, DemoCheckpoint
from generator.checkpoints.demo.shapes import POSITIONS, demo_shapes
from generator.checkpoints.formats.writing import (
    EncodedTensor,
    encode_array,
    write_safetensors,
    write_torch_archive,
)
from generator.checkpoints.identify.components import leading_modules
from generator.checkpoints.keys.stored_names import stored_tensors
from generator.networks.blocks import REST, block_of, name_blocks
from generator.networks.families import FAMILIES
from generator.networks.layouts import LAYOUTS
from generator.networks.renames import KeyLayout
from generator.records.files import write_file

TRUTH_FILE = "truth.json"
# Standard deviations of random weights, and of norms around one.
SPREAD, NORM_SPREAD = 0.1, 0.02
EMA_DECAY = 0.9999
TRAINING = {"epoch": 3, "global_step": 12000}

Values = NDArray[np.float32]
# Component -> canonical name -> values.
Model = dict[str, dict[str, Values]]

ORIGINAL_PREFIXES = {
    "denoiser": "model.diffusion_model.",
    "vae": "first_stage_model.",
    "text_encoder": "cond_stage_model.transformer.",
}
DIFFUSERS_FILES = {
    "denoiser": "unet/diffusion_pytorch_model.safetensors",
    "vae": "vae/diffusion_pytorch_model.safetensors",
    "text_encoder": "text_encoder/model.safetensors",
}
POSITION_IDS = "embeddings.position_ids"
PLAIN = KeyLayout(name="diffusers")


def write_demo(folder: Path) -> list[Path]:
    """Write the family into `folder`, with its history in `truth.json`; return the checkpoints.

    `truth.json` holds one object per checkpoint: the fields of `DemoCheckpoint`, and `path`.
    """
    models: dict[str, Model] = {}
    truth, paths = [], []
    for descent in HISTORY:
        model = _make(descent, [models[parent] for parent in descent.parents])
        models[descent.name] = model
        files = _encode(descent, model)
        for name, content in files.items():
            write_file(folder / name, content)
        path = descent.name if descent.layout == "diffusers" else next(iter(files))
        paths.append(folder / path)
        truth.append({**descent.truth(), "path": path})
    encoded = msgspec.json.format(msgspec.json.encode({"checkpoints": truth}), indent=1)
    write_file(folder / TRUTH_FILE, encoded + b"\n")
    return paths


def _noise(*key: str) -> np.random.Generator:
    """One generator per tensor, so that a new checkpoint changes no other."""
    seed = hashlib.sha256("/".join(key).encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(seed[:16], "little")))


def _make(descent: DemoCheckpoint, parents: list[Model]) -> Model:
    """The values of one checkpoint from those of its parents, in float32."""
    if descent.kind == "base":
        return _random(descent.name)
    first = parents[0]
    if descent.kind == "copy":
        return first
    if descent.kind == "copy with EMA":
        pairs = {name: [each["denoiser"][name] for each in parents] for name in first["denoiser"]}
        return first | {"ema": {name: _mix(descent, values) for name, values in pairs.items()}}
    if descent.kind == "swap":
        return {part: parents[part in descent.components][part] for part in first}
    made = {part: dict(weights) for part, weights in first.items()}
    for part in ("denoiser", "text_encoder"):
        for name in first[part]:
            values = [parent[part][name] for parent in parents]
            made[part][name] = _combine(descent, part, name, values)
    return made


def _random(name: str) -> Model:
    model: Model = {}
    for component, shapes in demo_shapes().items():
        model[component] = {}
        for weight, shape in shapes.items():
            noise = _noise(name, component, weight).standard_normal(shape, np.float32)
            norm = "norm" in weight and weight.endswith(".weight")
            values = 1 + NORM_SPREAD * noise if norm else SPREAD * noise
            model[component][weight] = values.astype(np.float32)
    return model


def _combine(descent: DemoCheckpoint, component: str, name: str, values: list[Values]) -> Values:
    first = values[0]
    match descent.kind:
        case "fine-tune" if component in descent.components:
            noise = _noise(descent.name, component, name).standard_normal(first.shape, np.float32)
            scale = np.float32(descent.steps * (NORM_SPREAD if "norm" in name else SPREAD))
            return first + scale * noise
        case "merge":
            return _mix(descent, values)
        case "block merge":
            shares_by_block = descent.block_shares or {}
            share = np.float32(shares_by_block[_block(component, name)])
            return (np.float32(1) - share) * first + share * values[1]
        case "add difference":
            return first + np.float32(descent.shares[0]) * (values[1] - values[2])
    return first


def _mix(descent: DemoCheckpoint, values: list[Values]) -> Values:
    """The sum of shares x values."""
    mixed = np.zeros_like(values[0])
    for share, each in zip(descent.shares, values, strict=True):
        mixed += np.float32(share) * each
    return mixed


def _block(component: str, name: str) -> str:
    """The MBW block of a weight; outside the denoiser, `REST`."""
    return block_of(name, _blocks()) if component == "denoiser" else REST


@functools.cache
def _blocks() -> dict[str, str]:
    modules = leading_modules(demo_shapes()["denoiser"])
    return name_blocks(modules, FAMILIES["UNet2DConditionModel"].blocks)


def _encode(descent: DemoCheckpoint, model: Model) -> dict[str, bytes]:
    """The files of one checkpoint, by path in the folder."""
    if descent.layout == "diffusers":
        return _encode_folder(descent.name, model)
    text = LAYOUTS["clip-without-prefix"] if descent.layout == "renamed text encoder" else PLAIN
    layouts = {
        "denoiser": LAYOUTS["unet-original"],
        "vae": LAYOUTS["vae-original"],
        "text_encoder": text,
    }
    tensors: dict[str, EncodedTensor] = {}
    for component, prefix in ORIGINAL_PREFIXES.items():
        stored_as = _in_layout(model[component], layouts[component], descent.dtype)
        tensors |= {f"{prefix}{name}": tensor for name, tensor in stored_as.items()}
    renamed = "" if text is not PLAIN else "text_model."
    positions = encode_array(np.arange(POSITIONS, dtype=np.int64).reshape(1, POSITIONS))
    tensors[f"{ORIGINAL_PREFIXES['text_encoder']}{renamed}{POSITION_IDS}"] = positions
    if "ema" in model:
        tensors |= _averaged(model["ema"])
        return {f"{descent.name}.ckpt": write_torch_archive(tensors, TRAINING)}
    return {f"{descent.name}.safetensors": write_safetensors(tensors, _metadata(descent))}


def _in_layout(
    weights: Mapping[str, Values], layout: KeyLayout, dtype: str = "float32"
) -> dict[str, EncodedTensor]:
    """A component's tensors in `layout`, one per weight."""
    tensors = {}
    for stored in stored_tensors(weights, layout):
        values = weights[stored.weights[0]]
        if stored.form == "matrix" and values.ndim == 2:
            values = values[..., None, None]
        tensors[stored.name] = encode_array(values, dtype)
    return tensors


def _averaged(weights: Mapping[str, Values]) -> dict[str, EncodedTensor]:
    """An EMA copy as the original trainer stores it: names without dots, and two counters."""
    tensors = {
        f"model_ema.diffusion_model{name.replace('.', '')}": tensor
        for name, tensor in _in_layout(weights, LAYOUTS["unet-original"]).items()
    }
    tensors["model_ema.decay"] = encode_array(np.asarray(EMA_DECAY, np.float32))
    tensors["model_ema.num_updates"] = encode_array(np.asarray(TRAINING["global_step"], np.int32))
    return tensors


def _encode_folder(name: str, model: Model) -> dict[str, bytes]:
    files = {
        f"{name}/{path}": write_safetensors(_in_layout(model[component], PLAIN), {"format": "pt"})
        for component, path in DIFFUSERS_FILES.items()
    }
    index = {
        "_class_name": "StableDiffusionPipeline",
        "unet": ["diffusers", "UNet2DConditionModel"],
        "vae": ["diffusers", "AutoencoderKL"],
        "text_encoder": ["transformers", "CLIPTextModel"],
    }
    files[f"{name}/model_index.json"] = msgspec.json.encode(index, order="sorted") + b"\n"
    return files


def _metadata(descent: DemoCheckpoint) -> dict[str, str]:
    """Metadata as trainers and merge tools write it."""
    if "merge" in descent.kind or descent.kind == "add difference":
        recipe = {"type": descent.kind, "models": descent.parents, "shares": descent.shares}
        return {"format": "pt", "sd_merge_recipe": msgspec.json.encode(recipe).decode()}
    if descent.kind == "fine-tune":
        return {"format": "pt", "ss_base_model_name": descent.parents[0]}
    return {"format": "pt"}
