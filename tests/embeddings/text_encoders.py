"""Text encoders that transformers makes from a seed, and checkpoints that hold them."""

import json

import torch
from safetensors.torch import save_file
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

from generator.checkpoints.keys.stored_names import stored_tensors
from generator.networks.layouts import LAYOUTS
from generator.networks.renames import KeyLayout

PLAIN = KeyLayout(name="diffusers")
# As NovelAI's models name it, by hand and not by the table that is tested.
RENAMED = KeyLayout(
    name="renamed",
    modules={
        "embeddings": "text_model.embeddings",
        "encoder": "text_model.encoder",
        "final_layer_norm": "text_model.final_layer_norm",
    },
)
# Layers, activation, projection: as the config files of the models' releases have them.
RELEASED = {
    "clip-l": (12, "quick_gelu", False, 49407),
    "open-clip-h": (23, "gelu", False, 0),
    "open-clip-g": (32, "gelu", True, 0),
}
# Where each model's single file has them, and how it spells them.
PLACES = {
    ("clip-l", "single file"): ("cond_stage_model.transformer.", PLAIN),
    ("clip-l", "renamed"): ("cond_stage_model.transformer.", RENAMED),
    ("clip-l", "SDXL"): ("conditioner.embedders.0.transformer.", PLAIN),
    ("open-clip-h", "single file"): ("cond_stage_model.model.", LAYOUTS["open-clip"]),
    ("open-clip-g", "SDXL"): ("conditioner.embedders.1.model.", LAYOUTS["open-clip"]),
}


def make(network, width=64, seed=0):
    """transformers' module with random weights; biases and norms are random as well."""
    layers, activation, projection, _ = RELEASED[network]
    config = CLIPTextConfig(
        hidden_size=width,
        intermediate_size=4 * width,
        num_hidden_layers=layers,
        num_attention_heads=max(1, width // 64),
        hidden_act=activation,
        projection_dim=width,
    )
    torch.manual_seed(seed)
    model = (CLIPTextModelWithProjection if projection else CLIPTextModel)(config).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim == 1:
                parameter.add_(0.1 * torch.randn(parameter.shape))
    return model


def state(model):
    """Canonical name -> tensor."""
    named = {name: tensor.detach() for name, tensor in model.named_parameters()}
    if any(name.startswith("embeddings.") for name in named):
        named = {f"text_model.{name}": tensor for name, tensor in named.items()}
    return named


def spelled(tensors, prefix, layout):
    """The tensors of a state in a layout: fused, turned and renamed."""
    result = {}
    for stored in stored_tensors(tensors, layout):
        tensor = torch.cat([tensors[name] for name in stored.weights])
        result[prefix + stored.name] = tensor.T if stored.form == "flipped" else tensor
    return result


def save(path, tensors):
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, path)
    return path


def save_folder(folder, components):
    """A diffusers folder with the given states, by component."""
    for component, tensors in components.items():
        (folder / component).mkdir(parents=True)
        save(folder / component / "model.safetensors", tensors)
    index = {"_class_name": "StableDiffusionPipeline"}
    index |= {name: ["transformers", "CLIPTextModel"] for name in components}
    (folder / "model_index.json").write_text(json.dumps(index))
    return folder


def save_layout(folder, model, network, layout):
    """One text encoder in a checkpoint of that layout."""
    if layout == "diffusers":
        component = "text_encoder_2" if network == "open-clip-g" else "text_encoder"
        return save_folder(folder / "pipeline", {component: state(model)})
    prefix, spelling = PLACES[network, layout]
    return save(folder / "model.safetensors", spelled(state(model), prefix, spelling))
