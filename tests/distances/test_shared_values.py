"""Values of the weights that all of some files share, chunk by chunk."""

import numpy as np
import torch
from weight_files import UNET, write

from generator.distances.shared_values import shared_values

NAMES = [f"{UNET}input_blocks.0.0.weight", f"{UNET}out.2.weight"]
VAE = "first_stage_model.decoder.conv_in.bias"


def test_values_of_the_weights_that_all_have(tmp_path):
    """Not of another component, of one file alone, or of two shapes."""
    made = []
    for number in range(3):
        torch.manual_seed(number)
        tensors = {name: torch.randn(8, 4, 3, 3) for name in NAMES} | {VAE: torch.randn(16)}
        tensors[f"{UNET}middle_block.0.in_layers.0.weight"] = torch.randn(4 + number)
        made.append(tensors)
    made[1][f"{UNET}middle_block.1.norm.weight"] = torch.ones(4)
    paths = [write(tmp_path / f"{number}.safetensors", each) for number, each in enumerate(made)]
    for most in (None, 10):
        found = {each.name: each for each in shared_values(paths, "denoiser", most)}
        assert {name: each.block for name, each in found.items()} == {
            "conv_in.weight": "IN00",
            "conv_out.weight": "REST",
        }
        for name, each in zip(NAMES, found.values(), strict=True):
            values = np.array([tensors[name].double().numpy().ravel() for tensors in made])
            np.testing.assert_array_equal(each.values, values[:, :most])
    (vae,) = shared_values(paths, "vae")
    assert (vae.name, vae.values.shape) == ("decoder.conv_in.bias", (3, 16))


def test_what_is_not_finite_is_left_out(tmp_path):
    tensors = {name: torch.ones(8, 4, 3, 3) for name in NAMES}
    paths = [write(tmp_path / "a.safetensors", tensors)]
    tensors[NAMES[0]][0, 0, 0, 0] = float("nan")
    paths.append(write(tmp_path / "b.safetensors", tensors))
    assert [each.name for each in shared_values(paths, "denoiser")] == ["conv_out.weight"]
