"""Small weight files with real key names, and what their distances are by the book."""

import numpy as np
import torch
from safetensors.torch import save_file

UNET = "model.diffusion_model."
# One of each: a large tensor of several tiles, one of less than a chunk, one element, none.
SHAPES = {
    f"{UNET}input_blocks.0.0.weight": (32, 4, 3, 3),
    f"{UNET}input_blocks.1.1.transformer_blocks.0.attn1.to_q.weight": (320, 128),
    f"{UNET}input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight": (270, 1000),
    f"{UNET}middle_block.0.in_layers.0.weight": (1,),
    f"{UNET}output_blocks.11.0.in_layers.2.weight": (0, 3),
    f"{UNET}out.2.weight": (4, 32, 3, 3),
    "first_stage_model.decoder.conv_in.weight": (16, 4, 3, 3),
    "first_stage_model.decoder.conv_in.bias": (16,),
}
COMPONENT = {"model": "denoiser", "first_stage_model": "vae", "cond_stage_model": "text_encoder"}


def write(path, tensors, metadata=None):
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, path, metadata)
    return path


def family(count, dtype, seed=0, spread=0.1, shapes=None):
    """Checkpoints around a common ancestor."""
    generator = torch.Generator().manual_seed(seed)
    shapes = shapes or SHAPES
    base = {name: torch.randn(shape, generator=generator) for name, shape in shapes.items()}
    return [
        {
            name: (tensor + spread * torch.randn(tensor.shape, generator=generator)).to(dtype)
            for name, tensor in base.items()
        }
        for _ in range(count)
    ]


def write_family(folder, members):
    return [write(folder / f"m{n}.safetensors", each) for n, each in enumerate(members)]


def vector(tensors, component):
    """All values of a component in float64."""
    chosen = [
        tensors[name].to(torch.float64).flatten().numpy()
        for name in sorted(tensors)
        if COMPONENT.get(name.split(".")[0]) == component and tensors[name].is_floating_point()
    ]
    return np.concatenate(chosen)


def expected(a, b):
    """Every metric of two vectors, in float64."""
    difference = a - b
    return {
        "l2": np.linalg.norm(difference),
        "l1": np.abs(difference).sum(),
        "l0": np.count_nonzero(difference),
        "cosine": a @ b / (np.linalg.norm(a) * np.linalg.norm(b)),
    }
