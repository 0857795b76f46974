"""`families.toml` -> the known classes of denoisers: inputs, blocks and pipelines of each."""

from collections.abc import Mapping
from typing import Any

from msgspec import field

from generator.networks.blocks import BlockRule
from generator.networks.sizes import Size
from generator.networks.tables import read_table
from generator.records import Record
from generator.records.architectures import Modality

# Conditions on a config: a key's value, or whether it is present and true.
When = dict[str, bool | int | str]
# A number, a size, or lists and mappings of these: what an argument that is not a tensor holds.
Value = Any


class Input(Record):
    """One argument of a network's `forward`: a tensor of these `sizes`, or a `value`.

    `name` can be an entry of a mapping (`added_cond_kwargs.time_ids`) or an element of a tuple
    (`image_rotary_emb.0`). With `count`, the argument is a list of so many tensors. The dtype
    `half` is that of the weights. `fill` is the value of all its elements, if the network reads
    it; integers are 1, as in a mask without padding. The input is given only `when` the config says
    so.
    """

    name: str
    sizes: tuple[Size, ...] = ()
    dtype: str = "half"
    count: Size | None = None
    fill: int | None = None
    value: Value = None
    when: When = field(default_factory=dict)


class PipelineSpec(Record):
    """How a pipeline calls a network whose config is as in `when`.

    `defaults` are fields of `PipelineDefaults`; `symbols` are further sizes, in the order in which
    they follow from each other; `inputs` replace those of the class. With `guides_with_negative`,
    the pipeline leaves its guidance out unless it is given a negative prompt, even an empty one.
    """

    class_name: str
    defaults: dict[str, int | float | str]
    guides_with_negative: bool = False
    when: When = field(default_factory=dict)
    symbols: dict[str, Size] = field(default_factory=dict)
    inputs: tuple[Input, ...] = ()


class Family(Record):
    """One class of denoisers.

    `pipelines` are tried in order. `published_inputs` are those of the published table: sizes are
    keys of the config and `batch`, `latent`, `text_tokens` and `image_tokens`, as the catalogue
    gives them. Without `blocks`, the class's lists of modules name them.
    """

    label: str
    modality: Modality = "image"
    blocks: tuple[BlockRule, ...] = ()
    inputs: tuple[Input, ...] = ()
    published_inputs: tuple[Input, ...] = ()
    pipelines: tuple[PipelineSpec, ...] = ()


class _Row(Family):
    """A family as the file has it: `blocks` names rules that several share."""

    blocks: str = ""  # type: ignore[assignment]


class _Tables(Record):
    """The file."""

    block_rules: dict[str, tuple[BlockRule, ...]]
    classes: dict[str, _Row]


def fits(when: When, config: Mapping[str, object]) -> bool:
    """Whether a config meets the conditions."""
    return all(
        bool(config.get(key)) == wanted if isinstance(wanted, bool) else config.get(key) == wanted
        for key, wanted in when.items()
    )


def _family(row: _Row, rules: Mapping[str, tuple[BlockRule, ...]]) -> Family:
    told = {name: getattr(row, name) for name in row.__struct_fields__}
    return Family(**told | {"blocks": rules[row.blocks] if row.blocks else ()})


_TABLES = read_table("networks", "families.toml", _Tables)
BLOCK_RULES = _TABLES.block_rules
FAMILIES = {name: _family(row, BLOCK_RULES) for name, row in _TABLES.classes.items()}
# Pipelines that guide only with a negative prompt (`do_true_cfg` in their sources).
GUIDED_WITH_NEGATIVE = frozenset(
    spec.class_name
    for family in FAMILIES.values()
    for spec in family.pipelines
    if spec.guides_with_negative
)
