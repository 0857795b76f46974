"""PEFT's configuration, in the metadata of a file or beside it -> the scales of its changes.

diffusers writes it as JSON, with the name of the model in the pipeline before each key
(`transformer.lora_alpha`). It counts where a module has no tensor with its alpha; without either, a
change is not scaled. Source: huggingface/peft `tuners/lora/`.
"""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from generator.checkpoints.formats.folders import PEFT_KEY
from generator.checkpoints.formats.quantised.notes import decoded_note
from generator.checkpoints.identify.adapters import AdapterModule

# Models of a pipeline by component; without a name, the configuration is of all.
MODELS = {"denoiser": ("transformer.", "unet.", "")}


class Scaling(NamedTuple):
    """Low-rank changes are multiplied with alpha / rank, or with alpha / sqrt(rank)."""

    alpha: float
    by_root: bool

    def at(self, rank: int) -> float:
        """The factor for a change of this rank."""
        return self.alpha / (math.sqrt(rank) if self.by_root else rank)


def peft_config(metadata: Mapping[str, str]) -> Mapping[str, object]:
    """The configuration in the metadata; empty if there is none that can be read."""
    return decoded_note(metadata.get(PEFT_KEY, "{}").encode(), dict[str, object]) or {}


def declared_alphas(
    metadata: Mapping[str, str], modules: Sequence[AdapterModule]
) -> tuple[float, ...]:
    """The alphas that the metadata state for low-rank modules without a tensor of it, ascending."""
    config = peft_config(metadata)
    lacking = (each for each in modules if "down" in each.tensors and "alpha" not in each.tensors)
    scalings = [declared_scaling(config, each) for each in lacking] if config else []
    return tuple(sorted({each.alpha for each in scalings if each}))


def declared_scaling(config: Mapping[str, object], module: AdapterModule) -> Scaling | None:
    """The scaling that the configuration states for a module; None if it states none."""
    component = module.component
    models = MODELS.get(component, (f"{component}.", ""))
    model = next((each for each in models if f"{each}lora_alpha" in config), None)
    if model is None:
        return None
    alphas = config.get(f"{model}alpha_pattern")
    patterns = alphas if isinstance(alphas, dict) else {}
    # PEFT's keys are patterns; those that it writes itself are names or their ends.
    own = (alpha for end, alpha in patterns.items() if f".{module.name}".endswith(f".{end}"))
    alpha = next(own, config[f"{model}lora_alpha"])
    if not isinstance(alpha, int | float) or not math.isfinite(alpha):
        return None
    return Scaling(float(alpha), config.get(f"{model}use_rslora") is True)
