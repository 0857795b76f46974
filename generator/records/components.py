"""Components: the networks that a pipeline loads beside the denoiser."""

from typing import Any, Literal

from generator.records.base import Count, ResultRecord
from generator.records.origins import Claim, Origin

ComponentKind = Literal["text_encoder", "image_encoder", "vae"]


class Component(ResultRecord):
    """A text encoder, image encoder or VAE with its config, counted without weights.

    `library` has the class. `dtype` is that of the published weights, null if unknown;
    `dtype_source` says it. `ignored_keys` are keys of the config that the class does not have.
    """

    name: str
    kind: ComponentKind
    class_name: str
    library: Literal["diffusers", "transformers"]
    claim: Claim | None = None
    origin: Origin | None = None
    note: str = ""
    dtype: str | None = None
    dtype_source: str = ""
    config: dict[str, Any]
    ignored_keys: tuple[str, ...] = ()
    parameters: Count
    versions: dict[str, str]
    schema: Literal[1] = 1
