"""A model of the demo family -> its files, in the format and layout that its history says."""

from collections.abc import Mapping

import msgspec
import numpy as np
from numpy.typing import NDArray

from generator.checkpoints.demo.history import DemoCheckpoint
from generator.checkpoints.demo.shapes import POSITIONS
from generator.checkpoints.formats.quantised.ggml import BY_NAME as GGML_TYPES
from generator.checkpoints.formats.writing import (
    EncodedTensor,
    encode_array,
    encode_q8_0,
    encode_scaled_float8,
    write_gguf,
    write_safetensors,
    write_torch_archive,
)
from generator.checkpoints.keys.stored_names import stored_tensors
from generator.networks.layouts import LAYOUTS
from generator.networks.renames import KeyLayout

Values = NDArray[np.float32]
# Component -> canonical name -> values. Of an adapter, names are modules and one of these ends.
Model = dict[str, dict[str, Values]]
DOWN, UP = ".lora_down.weight", ".lora_up.weight"

EMA_DECAY = 0.9999
TRAINING = {"epoch": 3, "global_step": 12000}
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
PEFT_PREFIXES = {"denoiser": "unet.", "text_encoder": "text_encoder."}
PEFT_ENDS = {DOWN: ".lora_A.weight", UP: ".lora_B.weight"}
KOHYA_PREFIXES = {"denoiser": "lora_unet_", "text_encoder": "lora_te_"}
POSITION_IDS = "embeddings.position_ids"
PLAIN = KeyLayout(name="diffusers")


def encode_files(descent: DemoCheckpoint, model: Model) -> dict[str, bytes]:
    """The files of one checkpoint, by path in the folder."""
    if descent.layout == "diffusers":
        return _encode_folder(descent.name, model)
    if descent.layout == "gguf":
        return {f"{descent.name}.gguf": _encode_gguf(model["denoiser"])}
    if descent.kind == "adapter":
        content = write_safetensors(_adapter(descent, model), _metadata(descent))
        return {f"{descent.name}.safetensors": content}
    if descent.layout == "vae":
        alone = _in_layout(model["vae"], LAYOUTS["vae-original"])
        return {f"{descent.name}.safetensors": write_safetensors(alone, {"format": "pt"})}
    text = LAYOUTS["clip-without-prefix"] if descent.layout == "renamed text encoder" else PLAIN
    layouts = {
        "denoiser": LAYOUTS["unet-original"],
        "vae": LAYOUTS["vae-original"],
        "text_encoder": text,
    }
    tensors: dict[str, EncodedTensor] = {}
    for component, prefix in ORIGINAL_PREFIXES.items():
        scaled = descent.layout == "scaled float8"
        dtype = "float16" if scaled else descent.dtype
        stored_as = _in_layout(model[component], layouts[component], dtype)
        if scaled and component == "denoiser":
            stored_as |= _scaled(model[component], layouts[component])
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


def _scaled(weights: Mapping[str, Values], layout: KeyLayout) -> dict[str, EncodedTensor]:
    """The matrices in float8 with a scale each, and ComfyUI's marker."""
    tensors = {"scaled_fp8": encode_array(np.zeros(2, np.float32), "float8_e4m3fn")}
    for stored in stored_tensors(weights, layout):
        values = weights[stored.weights[0]]
        if values.ndim == 2 and stored.form == "same":
            module = stored.name.removesuffix(".weight")
            tensors[stored.name], tensors[f"{module}.scale_weight"] = encode_scaled_float8(values)
    return tensors


def _encode_gguf(weights: Mapping[str, Values]) -> bytes:
    """A denoiser as ComfyUI-GGUF stores it: in blocks where rows hold whole ones."""
    block = GGML_TYPES["Q8_0"].values
    tensors = {}
    for stored in stored_tensors(weights, LAYOUTS["unet-original"]):
        values = weights[stored.weights[0]]
        whole = values.ndim == 2 and values.shape[1] % block == 0
        tensors[stored.name] = encode_q8_0(values) if whole else encode_array(values)
    return write_gguf(tensors, {"general.architecture": "sd1"})


def _adapter(descent: DemoCheckpoint, model: Model) -> dict[str, EncodedTensor]:
    """A LoRA in the names of PEFT, or of kohya's trainer with an alpha of 1."""
    tensors = {}
    for component, factors in model.items():
        for name, values in factors.items():
            end = DOWN if name.endswith(DOWN) else UP
            module = name.removesuffix(end)
            if descent.layout == "peft":
                module = PEFT_PREFIXES[component] + module
                tensors[module + PEFT_ENDS[end]] = encode_array(values, "float16")
            else:
                module = KOHYA_PREFIXES[component] + module.replace(".", "_")
                tensors[module + end] = encode_array(values)
                tensors[f"{module}.alpha"] = encode_array(np.asarray(1, np.float32))
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
    if descent.kind == "adapter":
        return {"ss_base_model_name": descent.parents[0], "ss_network_dim": str(descent.rank)}
    if descent.kind == "fine-tune":
        return {"format": "pt", "ss_base_model_name": descent.parents[0]}
    return {"format": "pt"}
