"""Networks -> the columns of their table."""

from functools import partial

from generator.publish.quantities import networks as quantities
from generator.publish.reading.atlas import LoadedNetwork
from generator.publish.tables.builders import number, scaled, share, text, titled
from generator.publish.tables.table import Column
from generator.text import columns, numbers
from generator.text.columns import NO_INPUT


def _pixels(network: LoadedNetwork, _: None) -> str | None:
    defaults = network.record.defaults
    return f"{defaults.width} × {defaults.height}" if defaults and defaults.width else None


def _latent(network: LoadedNetwork, _: None) -> str | None:
    pipeline = network.record.pipeline
    latent = quantities.latent_of(pipeline.inputs) if pipeline else None
    return numbers.shape(latent.shape) if latent else None


def _pipeline_class(network: LoadedNetwork, _: None) -> str | None:
    return network.record.defaults.pipeline_class if network.record.defaults else None


def _at_published_inputs(field: str, network: LoadedNetwork, _: None) -> float | None:
    published = network.record.published
    return getattr(published, field) if published else None


def _share(key: str, *kinds: str, hidden: bool = False) -> Column[LoadedNetwork, None]:
    """The share of the parameters of some kinds."""
    return share(key, lambda n, _: quantities.kind_share(n, *kinds), hidden=hidden)


NETWORK_COLUMNS: tuple[Column[LoadedNetwork, None], ...] = titled(
    columns.of("networks"),
    text("name", "record.name", link=lambda n, _: f"architectures/{n.id}.html"),
    text("family", "record.family"),
    number("parameters", "record.parameters.diffusers"),
    number("mbw_blocks", "record.mbw.count"),
    number(
        "flops", lambda n, _: quantities.flops(n), scaled(1e12, 3), unit="TFLOP", raw_unit="FLOP"
    ),
    number(
        "flops_per_sample",
        lambda n, _: quantities.flops_per_sample(n),
        scaled(1e12, 3),
        unit="TFLOP",
        raw_unit="FLOP",
        missing=NO_INPUT,
    ),
    number(
        "flops_per_parameter",
        lambda n, _: quantities.flops_per_parameter(n),
        scaled(1, 0),
        unit="FLOP",
        raw_unit="FLOP",
        missing=NO_INPUT,
    ),
    text("image", _pixels, unit="px", raw_unit="px", hidden=True),
    number("batch", lambda n, _: quantities.batch(n), missing=NO_INPUT, hidden=True),
    number(
        "text_tokens",
        lambda n, _: quantities.text_tokens(n.record.pipeline.inputs if n.record.pipeline else {}),
        missing=NO_INPUT,
        hidden=True,
    ),
    number(
        "weights",
        lambda n, _: quantities.weights_bytes(n),
        scaled(1e9, 2),
        unit="GB",
        raw_unit="bytes",
    ),
    _share("attention_share", "attn1", "attn2"),
    _share("feed_forward_share", "ff", hidden=True),
    _share("norm_share", "norm"),
    _share("convolution_share", "conv", hidden=True),
    number("half_blocks", lambda n, _: len(quantities.blocks_of_half(n)), hidden=True),
    number("tensors", lambda n, _: len(n.beside.rows), hidden=True),
    number("torchinfo_shared", "record.parameters.torchinfo_shared_activations", hidden=True),
    *(
        number(
            key,
            partial(_at_published_inputs, field),
            scaled(divisor, 2),
            unit=unit,
            raw_unit=raw,
            hidden=True,
        )
        for key, field, divisor, unit, raw in (
            ("forward_backward", "forward_backward_mb", 1, "MB", "MB"),
            ("total", "total_gb", 1, "MB / 1024", "MB / 1024"),
            ("mult_adds", "mult_adds", 1e9, "G", "multiply-adds"),
        )
    ),
    text("latent", _latent, missing=NO_INPUT, hidden=True),
    text("class_name", "record.class_name", hidden=True),
    text("pipeline_class", _pipeline_class, hidden=True),
    text("id", hidden=True),
)
