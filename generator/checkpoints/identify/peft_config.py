"""PEFT's configuration, in the metadata of a file or beside it -> the scales of its changes.

diffusers writes it as JSON, with the name of the model in the pipeline before each key
(`transformer.lora_alpha`). It counts where a module has no tensor with its alpha; without either, a
change is not scaled. Source: huggingface/peft `tuners/lora/`.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from generator.checkpoints.formats.folders import PEFT_KEY
from generator.checkpoints.formats.quantised.notes import decoded_note
from generator.checkpoints.identify.adapters import AdapterModule

PATTERNS = "alpha_pattern"
# Parts of the end of a module's name that are looked up.
MOST_PARTS = 16
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
    """The configuration in the metadata; empty if there is none that can be read. Of alphas of
    single modules, the place is kept: the first that fits counts."""
    config = decoded_note(metadata.get(PEFT_KEY, "{}").encode(), dict[str, object]) or {}
    for key, alphas in config.items():
        if key.endswith(PATTERNS) and isinstance(alphas, dict):
            config[key] = {end: (place, alpha) for place, (end, alpha) in enumerate(alphas.items())}
    return config


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
    alphas = config.get(f"{model}{PATTERNS}")
    patterns = alphas if isinstance(alphas, dict) else {}
    # PEFT's keys are patterns; those that it writes itself are names or their ends.
    own = [patterns[end] for end in _ends(module.name) if end in patterns]
    _, alpha = min(own, default=(0, config[f"{model}lora_alpha"]))
    if not isinstance(alpha, int | float) or not math.isfinite(alpha):
        return None
    return Scaling(float(alpha), config.get(f"{model}use_rslora") is True)


def _ends(name: str) -> Iterator[str]:
    """The name, and what is behind each of its last dots."""
    yield name
    parts = name.rsplit(".", MOST_PARTS)
    for first in range(1, len(parts)):
        yield ".".join(parts[first:])
