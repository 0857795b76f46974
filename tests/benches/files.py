"""Full-size checkpoints with the names and shapes of real ones, and values from a generator."""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from checkpoints.networks import autoencoder, denoiser, parameters, text_encoder

from generator.checkpoints.keys.stored_names import stored_tensors
from generator.networks.layouts import LAYOUTS
from generator.networks.renames import KeyLayout

# Values that are written again and again: what is measured does not care.
NOISE_VALUES = 2**25
Shapes = Mapping[str, tuple[int, ...]]


def sd1_unet() -> Shapes:
    """The denoiser of Stable Diffusion 1 in its original layout: 859,520,964 parameters."""
    return _spelled("model.diffusion_model.", parameters(denoiser("sd1")), LAYOUTS["unet-original"])


def sdxl() -> Shapes:
    """All of SDXL's original release: 3,469,763,075 weights."""
    clip_l, clip_g = parameters(text_encoder("clip-l")), parameters(text_encoder("open-clip-g"))
    return {
        **_spelled(
            "model.diffusion_model.", parameters(denoiser("sdxl")), LAYOUTS["unet-original"]
        ),
        **_spelled("first_stage_model.", parameters(autoencoder()), LAYOUTS["vae-original"]),
        **{f"conditioner.embedders.0.transformer.{n}": tuple(t.shape) for n, t in clip_l.items()},
        **_spelled("conditioner.embedders.1.model.", clip_g, LAYOUTS["open-clip"], last=31),
    }


def base_noise() -> np.ndarray:
    """Random float32 values, the same on every machine."""
    return np.random.default_rng(0).standard_normal(NOISE_VALUES, dtype=np.float32)


def fine_tuned(noise: np.ndarray, number: int) -> np.ndarray:
    """`noise`, moved by a twentieth of its spread in a direction of its own."""
    step = np.random.default_rng(number).standard_normal(len(noise), dtype=np.float32)
    return noise + np.float32(0.05) * step


def write_float16(path: Path, shapes: Shapes, values: np.ndarray) -> None:
    """A safetensors file of `shapes` in float16, filled with `values` over and over."""
    header: dict[str, object] = {}
    end = 0
    for name, shape in shapes.items():
        start, end = end, end + 2 * int(np.prod(shape, dtype=np.int64))
        header[name] = {"dtype": "F16", "shape": shape, "data_offsets": [start, end]}
    encoded = json.dumps(header).encode()
    content = values.astype(np.float16).tobytes()
    with path.open("wb") as file:
        file.write(len(encoded).to_bytes(8, "little") + encoded)
        for left in range(end, 0, -len(content)):
            file.write(content[:left])


def _spelled(
    prefix: str, tensors: Mapping[str, object], layout: KeyLayout, last: int = 0
) -> dict[str, tuple[int, ...]]:
    """Names in `layout`, with shapes; weights that it fuses lie below one another."""
    shapes = {}
    for stored in stored_tensors(tensors, layout, last):
        first, *_ = parts = [tuple(tensors[name].shape) for name in stored.weights]
        shapes[prefix + stored.name] = (sum(part[0] for part in parts), *first[1:])
    return shapes
