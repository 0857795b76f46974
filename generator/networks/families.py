"""`families.toml` -> the known families of denoisers: inputs, blocks and pipelines of each class.

Sizes are integers or symbols: `batch`, `latent` and `text_tokens` come from the catalogue,
`image_tokens` is the number of 2 x 2 latent patches, and all others are keys of the network's
config.
"""

from collections.abc import Mapping

import msgspec
from msgspec import field

from generator.networks.blocks import BlockRule
from generator.networks.sizes import Size, evaluate
from generator.networks.tables import read_table
from generator.records import PipelineDefaults, Record


class Input(Record):
    """One argument of the network's `forward`.

    `name` can be an entry of a mapping (`added_cond_kwargs.time_ids`) or an element of a tuple
    (`image_rotary_emb.0`). The input is given only if the config's key `when` is present and true.
    """

    name: str
    sizes: tuple[Size, ...]
    dtype: str = "float16"
    when: str = ""


class PipelineSpec(Record):
    """How to call the denoiser through its real pipeline without weights.

    `defaults` are the fields of `PipelineDefaults`, with keys of the config as symbols. `prompts`
    are the embeddings that replace the text encoders, at the pipeline's default lengths;
    `negative`: whether classifier-free guidance needs a second set. The first pipeline of a family
    whose `when` is true in the config is used.
    """

    class_name: str
    defaults: dict[str, int | float | str]
    denoiser: str
    scheduler: str
    prompts: tuple[Input, ...]
    negative: bool = True
    when: str = ""


class Family(Record):
    """One class of denoisers.

    `variants` lists config keys that change the inputs of the class, with the supported values
    besides None; a config with another value is refused, because its inputs are unknown.
    """

    label: str
    inputs: tuple[Input, ...]
    blocks: tuple[BlockRule, ...]
    pipelines: tuple[PipelineSpec, ...]
    variants: dict[str, tuple[str, ...]] = field(default_factory=dict)


FAMILIES = read_table("networks", "families.toml", dict[str, Family])


def pipeline_defaults(spec: PipelineSpec, config: Mapping[str, object]) -> PipelineDefaults:
    """The defaults of a pipeline for the network of this config.

    Raises:
        ValueError: a key of the config that they need is not an integer.
    """
    told: dict[str, object] = {"pipeline_class": spec.class_name, **spec.defaults}
    for name in ("height", "width", "frames"):
        if name in spec.defaults:
            told[name] = evaluate(str(spec.defaults[name]), config)
    return msgspec.convert(told, PipelineDefaults)
