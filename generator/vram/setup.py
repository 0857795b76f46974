"""Records of one network and its companions -> what a prediction needs, with its defaults."""

from collections.abc import Mapping

from generator.errors import UsageError
from generator.records import Architecture, PipelineDefaults, Record
from generator.records.memory import PartMemory


class Setup(Record):
    """The parts of one pipeline. `encoders` are in the order in which the pipeline calls them."""

    id: str
    name: str
    defaults: PipelineDefaults
    denoiser: PartMemory
    encoders: dict[str, PartMemory]
    vae: PartMemory | None

    @property
    def sound_samples(self) -> int:
        """Samples of the sound that the pipeline makes; 0 without, or if that is not known."""
        rate = (self.vae and self.vae.sampling_rate) or 0
        return round(rate * (self.defaults.seconds or 0))

    @property
    def unknown(self) -> tuple[str, ...]:
        """Parts of the pipeline that are not measured, so that a prediction leaves them out."""
        has_text = bool(self.defaults.text_tokens)
        has_latents = self.defaults.vae_factor not in (None, 1)
        found = [] if self.encoders or not has_text else ["text encoder"]
        return (*found, *(() if self.vae or not has_latents else ("VAE",)))


def setup_of(network: Architecture, parts: Mapping[str, PartMemory]) -> Setup:
    """The setup of a network, from the records of `data/memory/` by id.

    Raises:
        UsageError: the memory of its forward pass is not known.
    """
    denoiser = parts.get(network.id)
    if denoiser is None or network.defaults is None:
        raise UsageError(network.id, "has no measured memory", "Run `atlas measure --only memory`")
    if denoiser.missing:
        raise UsageError(network.id, f"has no simulated forward pass ({denoiser.missing.code})")
    found = {each.role: parts[each.id] for each in network.components if each.id in parts}
    return Setup(
        id=network.id,
        name=network.name,
        defaults=network.defaults,
        denoiser=denoiser,
        encoders={role: part for role, part in found.items() if role != "vae"},
        vae=found.get("vae"),
    )
