"""Networks -> the columns of their table.

The context of a row are the records of all components, by id.
"""

from generator.publish.quantities import networks as quantities
from generator.publish.quantities import pipelines
from generator.publish.quantities.pipelines import Components
from generator.publish.reading.atlas import LoadedNetwork
from generator.publish.tables.builders import (
    GB,
    Getter,
    Unit,
    group,
    number,
    quantity,
    share,
    text,
    titled,
)
from generator.publish.tables.table import Column
from generator.text import columns, numbers
from generator.text.coded import reason_text
from generator.text.columns import NO_INPUT, NO_MODALITY, NO_PICTURE, NO_SOURCE
from generator.text.networks import MODALITIES, missing_text, size_class_text

NetworkColumn = Column[LoadedNetwork, Components]

# The classes of size that readers filter by: their lower ends, in parameters.
SIZE_CLASSES = (0, 10**9, 3 * 10**9, 8 * 10**9, 15 * 10**9)


def _size_class(network: LoadedNetwork, _: Components) -> int:
    return max(low for low in SIZE_CLASSES if low <= quantities.parameters(network))


def _size_class_shown(network: LoadedNetwork, components: Components) -> str:
    low = _size_class(network, components)
    return size_class_text(low, next((high for high in SIZE_CLASSES if high > low), None))


def _pixels(network: LoadedNetwork, _: Components) -> str | None:
    defaults = network.record.defaults
    return f"{defaults.width} × {defaults.height}" if defaults and defaults.width else None


def _latent(network: LoadedNetwork, _: Components) -> str | None:
    pipeline = network.record.pipeline
    latent = quantities.latent_of(pipeline.inputs) if pipeline else None
    return numbers.shape(latent.shape) if latent else None


def _no_cost(network: LoadedNetwork, _: Components) -> str:
    reason = network.record.no_forward
    return reason_text(reason) if reason else NO_INPUT


def _no_total(network: LoadedNetwork, components: Components) -> str:
    return missing_text(pipelines.missing_roles(network, components))


def _cost(
    key: str, value: Getter[LoadedNetwork, Components], unit: Unit, *, hidden: bool = False
) -> NetworkColumn:
    """A figure of the forward pass."""
    return quantity(key, value, unit, missing=_no_cost, hidden=hidden)


def _share(key: str, *kinds: str, hidden: bool = False) -> NetworkColumn:
    """The share of the parameters of some kinds."""
    return share(
        key,
        lambda n, _: quantities.known_kind_share(n, *kinds),
        hidden=hidden,
        missing=columns.UNKNOWN_KIND,
    )


FLOP = Unit("FLOP", 1, 0, "FLOP")
TFLOP = Unit("TFLOP", 1e12, 3, "FLOP")
GIGA = Unit("G", 1e9, 2, "multiply-adds")
# Units of the published table.
MB = Unit("MB", 1, 2, "MB")
PUBLISHED_GB = Unit("MB / 1024", 1, 2, "MB / 1024")
GROUPS = columns.GROUPS["networks"]

# First what people come for: a narrow screen shows three columns beside the name.
NETWORK_COLUMNS: tuple[NetworkColumn, ...] = titled(
    columns.of("networks"),
    text("name", "record.name", link=lambda n, _: f"architectures/{n.id}.html"),
    *group(
        GROUPS["size"],
        number("parameters", "record.parameters.diffusers"),
        quantity("pipeline_weights", pipelines.pipeline_bytes, GB, missing=_no_total),
        quantity("weights", lambda n, _: quantities.weights_bytes(n), GB, hidden=True),
        number(
            "pipeline_parameters", pipelines.pipeline_parameters, missing=_no_total, hidden=True
        ),
        number("size_class", _size_class, shown=_size_class_shown, choices=True, hidden=True),
    ),
    *group(
        GROUPS["cost"],
        _cost("flops", lambda n, _: quantities.flops(n), TFLOP),
        _cost("flops_per_sample", lambda n, _: quantities.flops_per_sample(n), TFLOP),
        _cost(
            "flops_per_parameter",
            lambda n, _: quantities.flops_per_parameter(n),
            FLOP,
            hidden=True,
        ),
    ),
    *group(
        GROUPS["identity"],
        text(
            "modality",
            "record.modality",
            MODALITIES.__getitem__,
            choices=True,
            missing=NO_MODALITY,
        ),
        text("family", "record.family", choices=True),
        number("year", "record.year", str, choices=True, missing=NO_SOURCE),
        text("license", "record.license.name", missing=NO_SOURCE, hidden=True),
        text("class_name", "record.class_name", hidden=True),
    ),
    *group(
        GROUPS["parts"],
        number("mbw_blocks", "record.mbw.count"),
        number("half_blocks", lambda n, _: len(quantities.blocks_of_half(n)), hidden=True),
        _share("attention_share", "attn1", "attn2"),
        _share("feed_forward_share", "ff", hidden=True),
        _share("norm_share", "norm", hidden=True),
        _share("convolution_share", "conv", hidden=True),
        number("tensors", lambda n, _: len(n.beside.rows), hidden=True),
    ),
    *group(
        GROUPS["inputs"],
        text("image", _pixels, unit="px", raw_unit="px", missing=NO_PICTURE, hidden=True),
        number("frames", "record.defaults.frames", missing=NO_PICTURE, hidden=True),
        number("batch", lambda n, _: quantities.batch(n), missing=_no_cost, hidden=True),
        number("calls", lambda n, _: quantities.calls(n), missing=_no_cost, hidden=True),
        number(
            "text_tokens",
            lambda n, _: quantities.text_tokens(
                n.record.pipeline.inputs if n.record.pipeline else {}
            ),
            missing=_no_cost,
            hidden=True,
        ),
        text("latent", _latent, missing=_no_cost, hidden=True),
        text("pipeline_class", "record.defaults.pipeline_class", missing=NO_SOURCE, hidden=True),
    ),
    *group(
        GROUPS["torchinfo"],
        number("torchinfo_shared", "record.parameters.torchinfo_shared_activations", hidden=True),
        _cost("forward_backward", "record.published.forward_backward_mb", MB, hidden=True),
        _cost("total", "record.published.total_gb", PUBLISHED_GB, hidden=True),
        _cost("mult_adds", "record.published.mult_adds", GIGA, hidden=True),
        text("id", hidden=True),
    ),
)
