"""Networks -> the columns of their table."""

from generator.publish.quantities import networks as quantities
from generator.publish.reading.atlas import LoadedNetwork
from generator.publish.tables import builders as make
from generator.publish.tables.table import Column
from generator.text import numbers

NO_INPUT = "not among the inputs of this network"


def _pixels(network: LoadedNetwork, _: None) -> str:
    pipeline = network.record.pipeline
    return f"{pipeline.width} × {pipeline.height}"


def _latent(network: LoadedNetwork, _: None) -> str | None:
    latent = quantities.latent_of(network.record.pipeline.inputs)
    return numbers.shape(latent.shape) if latent else None


NETWORK_COLUMNS: tuple[Column[LoadedNetwork, None], ...] = (
    make.text(
        "name",
        "Network",
        "As people call it; links to its page",
        "record.name",
        link=lambda n, _: f"architectures/{n.record.id}.html",
    ),
    make.text(
        "family",
        "Family",
        "UNet, diffusion transformer (DiT), or one that joins text and image (MMDiT)",
        "record.family",
    ),
    make.number(
        "parameters",
        "Parameters",
        "Elements of all parameter tensors, as diffusers counts them",
        "record.parameters.diffusers",
    ),
    make.number(
        "mbw_blocks",
        "MBW blocks",
        "Blocks that merge-block-weighted tools number, REST apart",
        "record.mbw.count",
    ),
    make.number(
        "flops",
        "FLOPs per step",
        "Floating-point operations of one call of the denoiser by its pipeline at the default"
        " image size, guidance included; a multiply-add is two",
        "record.pipeline.flops",
        make.scaled(1e12, 3),
        unit="TFLOP",
        raw_unit="FLOP",
    ),
    make.number(
        "flops_per_sample",
        "FLOPs per sample",
        "The same divided by the batch: what guidance does not double",
        lambda n, _: quantities.flops_per_sample(n),
        make.scaled(1e12, 3),
        unit="TFLOP",
        raw_unit="FLOP",
        missing=NO_INPUT,
    ),
    make.number(
        "flops_per_parameter",
        "FLOPs per parameter",
        "FLOPs per sample divided by the parameters: how much work each parameter does in one"
        " step, large where weights serve many positions",
        lambda n, _: quantities.flops_per_parameter(n),
        make.scaled(1, 0),
        unit="FLOP",
        raw_unit="FLOP",
        missing=NO_INPUT,
    ),
    make.text(
        "image",
        "Image",
        "Default width × height of the pipeline",
        _pixels,
        unit="px",
        raw_unit="px",
        hidden=True,
    ),
    make.number(
        "batch",
        "Batch",
        "Samples in one call: 2 under classifier-free guidance, 1 without",
        lambda n, _: quantities.batch(n),
        missing=NO_INPUT,
        hidden=True,
    ),
    make.number(
        "text_tokens",
        "Text tokens",
        "Length of the text embeddings that the pipeline gives, all encoders together",
        lambda n, _: quantities.text_tokens(n.record.pipeline.inputs),
        missing=NO_INPUT,
        hidden=True,
    ),
    make.number(
        "weights",
        "Weights",
        "All parameters in float16, in gigabytes of 10⁹ bytes",
        lambda n, _: quantities.weights_bytes(n),
        make.scaled(1e9, 2),
        unit="GB",
        raw_unit="bytes",
    ),
    make.share(
        "attention_share",
        "Attention",
        "Share of the parameters of kinds attn1 and attn2",
        lambda n, _: quantities.kind_share(n, "attn1", "attn2"),
    ),
    make.share(
        "feed_forward_share",
        "Feed-forward",
        "Share of the parameters of kind ff",
        lambda n, _: quantities.kind_share(n, "ff"),
        hidden=True,
    ),
    make.share(
        "norm_share",
        "Norm",
        "Share of the parameters of kind norm: in transformers mostly the projections that"
        " modulate each block by the timestep (adaptive layer norm)",
        lambda n, _: quantities.kind_share(n, "norm"),
    ),
    make.share(
        "convolution_share",
        "Convolution",
        "Share of the parameters of kind conv",
        lambda n, _: quantities.kind_share(n, "conv"),
        hidden=True,
    ),
    make.number(
        "half_blocks",
        "Blocks with half",
        "The fewest MBW blocks that hold half of the parameters",
        lambda n, _: len(quantities.blocks_of_half(n)),
        hidden=True,
    ),
    make.number(
        "tensors",
        "Tensors",
        "Number of parameter tensors",
        lambda n, _: len(n.beside.rows),
        hidden=True,
    ),
    make.number(
        "torchinfo_shared",
        "torchinfo, shared activations",
        "Parameters as torchinfo counted them while diffusers shared its activation modules",
        "record.parameters.torchinfo_shared_activations",
        hidden=True,
    ),
    make.number(
        "forward_backward",
        "Forward/backward",
        "torchinfo's size of all activations at the published inputs, float16",
        "record.published.forward_backward_mb",
        make.scaled(1, 2),
        unit="MB",
        raw_unit="MB",
        hidden=True,
    ),
    make.number(
        "total",
        "Total",
        "torchinfo's inputs, activations and parameters at the published inputs; the"
        " published table calls this GB",
        "record.published.total_gb",
        make.scaled(1, 2),
        unit="MB / 1024",
        raw_unit="MB / 1024",
        hidden=True,
    ),
    make.number(
        "mult_adds",
        "torchinfo mult-adds",
        "torchinfo's own figure at the published inputs; meaningless for transformers",
        "record.published.mult_adds",
        make.scaled(1e9, 2),
        unit="G",
        raw_unit="multiply-adds",
        hidden=True,
    ),
    make.text(
        "latent",
        "Latent input",
        "Shape of the latent image that the pipeline gives to the denoiser",
        _latent,
        missing=NO_INPUT,
        hidden=True,
    ),
    make.text(
        "class_name",
        "Class",
        "The denoiser's class in diffusers",
        "record.class_name",
        hidden=True,
    ),
    make.text(
        "pipeline_class",
        "Pipeline",
        "The diffusers pipeline whose inputs were intercepted",
        "record.pipeline.pipeline_class",
        hidden=True,
    ),
    make.identity("record.id"),
)
