"""The columns of the comparison table, declared as data.

To add a column, add a `Column`.
"""

from collections.abc import Callable

from generator.publish.pages import quantities
from generator.publish.reading.atlas import Measured
from generator.publish.tables.table import Column, Value, grouped
from generator.text import numbers


def _scaled(divisor: float, decimals: int) -> Callable[[Value], str]:
    def scaled(value: Value) -> str:
        return numbers.fixed(float(value) / divisor, decimals) if value is not None else ""

    return scaled


def _pixels(network: Measured) -> str:
    pipeline = network.architecture.pipeline
    return f"{pipeline.width} × {pipeline.height}"


def _latent(network: Measured) -> str | None:
    latent = quantities.latent_of(network.architecture.pipeline.inputs)
    return numbers.shape(latent.shape) if latent else None


COLUMNS = (
    Column(
        key="name",
        title="Network",
        kind="text",
        help="As people call it; links to its page",
        value=lambda n: n.architecture.name,
    ),
    Column(
        key="family",
        title="Family",
        kind="text",
        help="UNet, diffusion transformer (DiT), or one that joins text and image (MMDiT)",
        value=lambda n: n.architecture.family,
    ),
    Column(
        key="parameters",
        title="Parameters",
        help="Elements of all parameter tensors, as diffusers counts them",
        value=lambda n: n.parameters,
        format=grouped,
    ),
    Column(
        key="mbw_blocks",
        title="MBW blocks",
        help="Blocks that merge-block-weighted tools number, BASE apart",
        value=lambda n: n.architecture.mbw.count,
        format=grouped,
    ),
    Column(
        key="flops",
        title="FLOPs per step",
        unit="TFLOP",
        raw_unit="FLOP",
        help="Floating-point operations of one call of the denoiser by its pipeline at the default"
        " image size, guidance included; a multiply-add is two",
        value=lambda n: n.architecture.pipeline.flops,
        format=_scaled(1e12, 3),
    ),
    Column(
        key="flops_per_sample",
        title="FLOPs per sample",
        unit="TFLOP",
        raw_unit="FLOP",
        help="The same divided by the batch: what guidance does not double",
        value=quantities.flops_per_sample,
        format=_scaled(1e12, 3),
    ),
    Column(
        key="flops_per_parameter",
        title="FLOPs per parameter",
        unit="FLOP",
        raw_unit="FLOP",
        help="FLOPs per sample divided by the parameters: how much work each parameter does in one"
        " step, large where weights serve many positions",
        value=quantities.flops_per_parameter,
        format=_scaled(1, 0),
    ),
    Column(
        key="image",
        title="Image",
        unit="px",
        raw_unit="px",
        kind="text",
        help="Default width × height of the pipeline",
        value=_pixels,
        hidden=True,
    ),
    Column(
        key="batch",
        title="Batch",
        help="Samples in one call: 2 under classifier-free guidance, 1 without",
        value=quantities.batch,
        format=grouped,
        hidden=True,
    ),
    Column(
        key="text_tokens",
        title="Text tokens",
        help="Length of the text embeddings that the pipeline gives, all encoders together",
        value=lambda n: quantities.text_tokens(n.architecture.pipeline.inputs),
        format=grouped,
        hidden=True,
    ),
    Column(
        key="weights",
        title="Weights",
        unit="GB",
        raw_unit="bytes",
        help="All parameters in float16, in gigabytes of 10⁹ bytes",
        value=quantities.weights_bytes,
        format=_scaled(1e9, 2),
    ),
    Column(
        key="attention_share",
        title="Attention",
        unit="%",
        raw_unit="fraction",
        help="Share of the parameters of kinds attn1 and attn2",
        value=lambda n: quantities.kind_share(n, "attn1", "attn2"),
        format=_scaled(0.01, 1),
    ),
    Column(
        key="feed_forward_share",
        title="Feed-forward",
        unit="%",
        raw_unit="fraction",
        help="Share of the parameters of kind ff",
        value=lambda n: quantities.kind_share(n, "ff"),
        format=_scaled(0.01, 1),
        hidden=True,
    ),
    Column(
        key="norm_share",
        title="Norm",
        unit="%",
        raw_unit="fraction",
        help="Share of the parameters of kind norm: in transformers mostly the projections that"
        " modulate each block by the timestep (adaptive layer norm)",
        value=lambda n: quantities.kind_share(n, "norm"),
        format=_scaled(0.01, 1),
    ),
    Column(
        key="convolution_share",
        title="Convolution",
        unit="%",
        raw_unit="fraction",
        help="Share of the parameters of kind conv",
        value=lambda n: quantities.kind_share(n, "conv"),
        format=_scaled(0.01, 1),
        hidden=True,
    ),
    Column(
        key="half_blocks",
        title="Blocks with half",
        help="The fewest MBW blocks that hold half of the parameters",
        value=lambda n: len(quantities.blocks_of_half(n)),
        format=grouped,
        hidden=True,
    ),
    Column(
        key="tensors",
        title="Tensors",
        help="Number of parameter tensors",
        value=lambda n: len(n.rows),
        format=grouped,
        hidden=True,
    ),
    Column(
        key="torchinfo_shared",
        title="torchinfo, shared activations",
        help="Parameters as torchinfo counted them while diffusers shared its activation modules",
        value=lambda n: n.architecture.parameters.torchinfo_shared_activations,
        format=grouped,
        hidden=True,
    ),
    Column(
        key="forward_backward",
        title="Forward/backward",
        unit="MB",
        raw_unit="MB",
        help="torchinfo's size of all activations at the published inputs, float16",
        value=lambda n: n.architecture.published.forward_backward_mb,
        format=_scaled(1, 2),
        hidden=True,
    ),
    Column(
        key="total",
        title="Total",
        unit="MB / 1024",
        raw_unit="MB / 1024",
        help="torchinfo's inputs, activations and parameters at the published inputs; the"
        " published table calls this GB",
        value=lambda n: n.architecture.published.total_gb,
        format=_scaled(1, 2),
        hidden=True,
    ),
    Column(
        key="mult_adds",
        title="torchinfo mult-adds",
        unit="G",
        raw_unit="multiply-adds",
        help="torchinfo's own figure at the published inputs; meaningless for transformers",
        value=lambda n: n.architecture.published.mult_adds,
        format=_scaled(1e9, 2),
        hidden=True,
    ),
    Column(
        key="latent",
        title="Latent input",
        kind="text",
        help="Shape of the latent image that the pipeline gives to the denoiser",
        value=_latent,
        hidden=True,
    ),
    Column(
        key="class_name",
        title="Class",
        kind="text",
        help="The denoiser's class in diffusers",
        value=lambda n: n.architecture.class_name,
        hidden=True,
    ),
    Column(
        key="pipeline_class",
        title="Pipeline",
        kind="text",
        help="The diffusers pipeline whose inputs were intercepted",
        value=lambda n: n.architecture.pipeline.pipeline_class,
        hidden=True,
    ),
    Column(
        key="id",
        title="id",
        kind="text",
        help="Part of the file names in data/",
        value=lambda n: n.architecture.id,
        hidden=True,
    ),
)
