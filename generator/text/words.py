"""Components, networks, anomalies and metrics -> their names on pages."""

from collections.abc import Iterable, Sequence

from generator.networks import known, signatures
from generator.records import Adapter

COMPONENTS = {
    "denoiser": ("denoiser", "denoisers"),
    "vae": ("VAE", "VAEs"),
    "text_encoder": ("text encoder", "text encoders"),
    "text_encoder_2": ("second text encoder", "second text encoders"),
    "text_encoder_3": ("third text encoder", "third text encoders"),
    "ema": ("EMA copy of the denoiser", "EMA copies of the denoiser"),
    "adapter": ("adapter", "adapters"),
    "other": ("remainder", "remainders"),
}
# Full names of networks, also used where there is no shorter title.
LABELS = {id_: each.label for id_, each in signatures.SIGNATURES.items()} | {
    id_: network.label for id_, network in known.NETWORKS.items()
}
# Kinds of files.
KINDS = {
    "checkpoint": "checkpoint",
    "vae": "VAE",
    "text encoder": "text encoder",
    "controlnet": "ControlNet",
    "t2i adapter": "T2I adapter",
    "ip adapter": "IP-Adapter",
    "layout adapter": "layout adapter",
    "text adapter": "text adapter",
    "motion module": "motion module",
    "image encoder": "image encoder",
    "upscaler": "upscaler",
    "audio encoder": "audio encoder",
    "frame interpolator": "frame interpolator",
    "inpainter": "inpainter",
    "detector": "detector",
    "face restorer": "face restorer",
    "embedding": "embedding (textual inversion)",
    "hypernetwork": "hypernetwork",
    "lora": "LoRA",
}
# Ranks and alphas that are listed one by one.
MOST_LISTED = 4
NORM_REASONS = {
    "needs_weights": "it depends on the weights that are changed",
    "not_read": "some of the factors are not read",
}
ALGORITHMS = {
    "lora": "LoRA",
    "locon": "LoCon",
    "loha": "LoHa",
    "lokr": "LoKr",
    "dora": "DoRA",
    "ia3": "IA3",
    "oft": "OFT",
    "glora": "GLoRA",
    "vera": "VeRA",
    "full": "full differences of weights",
    "textual inversion": "embedding (textual inversion)",
}
VARIANTS = {
    "inpainting": "inpainting (9 input channels)",
    "edit": "InstructPix2Pix (8 input channels)",
    "depth": "with a depth map (5 input channels)",
    "upscaler": "upscaler (7 input channels)",
    "fill": "Fill: inpainting (384 input channels)",
    "control": "Canny or Depth control (128 input channels)",
    "without_guidance": "without guidance (schnell)",
    "guidance_input": "with guidance as an input (LCM)",
    "unclip": "unCLIP (reads images)",
    "image_to_video": "image to video",
    "first_last_frame": "first and last frame",
    "reference": "with a reference image (Fun-Control)",
    "camera": "with camera control",
    "vace": "VACE",
    "animate": "Animate",
    "speech_to_video": "speech to video",
    "humo": "HuMo",
    "scail": "SCAIL",
    "layered": "Layered",
    "klein": "without guidance (klein)",
    "ztsnr": "zero-terminal SNR (ztsnr)",
}
QUANTISATIONS = {
    "fp8_scaled": "fp8 scaled",
    "int8": "int8 with scales",
    "nf4": "nf4 (bitsandbytes)",
    "fp4": "fp4 (bitsandbytes)",
    "svdquant": "SVDQuant (Nunchaku)",
    "svdquant_w4a4": "SVDQuant",
    "awq_w4a16": "AWQ",
    "convrot_w4a4": "int4 (ConvRot)",
    "asym_w4a8_int8": "int4 (W4A8)",
    "int8_tensorwise": "int8 with scales",
    "nvfp4": "NVFP4",
    "mxfp4": "MXFP4",
    "mxfp8": "MXFP8",
    "torchao_int4": "int4 (torchao)",
    "hqq": "HQQ",
    "gptq": "GPTQ or AWQ",
    "compressed": "compressed-tensors",
    "quanto": "int4 (quanto)",
}
DIAGRAMS = {
    "schematic": "schematic",
    "trace-depth1": "trace, depth 1",
    "trace-depth2": "trace, depth 2",
}
METRICS = {
    "l2": "L2 distance",
    "l1": "L1 distance",
    "l0": "L0 (elements that differ)",
    "cosine": "1 − cosine",
}


def component_title(name: str) -> str:
    """A component in the singular: `VAE`."""
    return COMPONENTS.get(name, (name, name))[0]


def network_title(name: str) -> str:
    """The usual name of a network: `Stable Diffusion 1`, `near FLUX.1`."""
    near = "near " if name.startswith("near ") else ""
    rest = name.removeprefix(near)
    network = known.NETWORKS.get(rest)
    return near + (network.title if network and network.title else network_label(rest))


def network_label(name: str) -> str:
    """The full name of a network: `OpenAI CLIP ViT-L/14`."""
    return LABELS.get(name, name)


def kind_title(kind: str) -> str:
    """The kind of a file: `VAE`; empty if unknown."""
    return KINDS.get(kind, kind)


def adapter_title(adapter: Adapter, base: str) -> str:
    """What an adapter is: `LoRA for FLUX.1, rank 16`."""
    name = ALGORITHMS.get(adapter.algorithm, adapter.algorithm)
    sizes = f" ({listed(adapter.sizes, 'or')})" if adapter.sizes else ""
    networks = [network_title(each) for each in (base, *adapter.also_fits) if each]
    networks[:1] = [each + sizes for each in networks[:1]]
    words = [f"{name} for {listed(networks, 'or')}" if base else f"{name}, for an unknown network"]
    if adapter.rank:
        words.append(f"rank {few(adapter.rank)}")
    if adapter.vectors is not None:
        words.append(f"{adapter.vectors} vector{'s' * (adapter.vectors != 1)}")
    return ", ".join(words)


def norm_reason_text(code: str) -> str:
    """Why the norm of an adapter's change is missing; empty for an empty code."""
    return NORM_REASONS.get(code, "")


def few(values: Sequence[float]) -> str:
    """All of a few values, or the bounds of more: `4, 8 and 16`, `2 to 64`."""
    if len(values) > MOST_LISTED:
        return bounds(values[0], values[-1])
    return listed([f"{value:g}" for value in values])


def bounds(least: float, most: float) -> str:
    """`4 to 16`, or `4` if both are equal."""
    return f"{least:g} to {most:g}" if most > least else f"{least:g}"


def variant_title(code: str) -> str:
    """A variant of a network: `inpainting (9 input channels)`."""
    return VARIANTS.get(code, code)


def quantisation_title(code: str) -> str:
    """A format of stored weights: `fp8 scaled`, `Q4_K`, `float16`."""
    return QUANTISATIONS.get(code, code)


def diagram_title(kind: str, network: str) -> str:
    """One diagram of a network: `FLUX.1-dev: trace, depth 1`."""
    return f"{network}: {DIAGRAMS[kind]}"


def shape_text(shape: Sequence[int]) -> str:
    """The shape of a tensor: `320x4x3x3`; `scalar` for no dimensions."""
    return "x".join(map(str, shape)) or "scalar"


def order_components(names: Iterable[str]) -> list[str]:
    """Components in the usual order: the denoiser first."""
    order = list(COMPONENTS)
    return sorted(
        names, key=lambda name: (order.index(name) if name in order else len(order), name)
    )


def listed(words: Sequence[str], before_last: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`; with another word than `and`, `a or b`."""
    *others, last = words or ("",)
    return f"{', '.join(others)} {before_last} {last}" if others else last


def begun(text: str) -> str:
    """`text` with a capital letter, as the start of a sentence."""
    return text[:1].upper() + text[1:]


def tensors(count: int) -> str:
    """A number of tensors: `1 tensor`, `1,131 tensors`."""
    return f"{count:,} {'tensor' if count == 1 else 'tensors'}"


def counted(name: str, count: int) -> str:
    """A number of components: `2 VAEs`."""
    one, many = COMPONENTS.get(name, (name, name))
    return f"{count} {one if count == 1 else many}"
