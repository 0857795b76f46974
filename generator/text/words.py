"""Components, networks, anomalies and metrics -> their names on pages."""

from collections.abc import Iterable, Sequence

from generator.networks import known

COMPONENTS = {
    "denoiser": ("denoiser", "denoisers"),
    "vae": ("VAE", "VAEs"),
    "text_encoder": ("text encoder", "text encoders"),
    "text_encoder_2": ("second text encoder", "second text encoders"),
    "text_encoder_3": ("third text encoder", "third text encoders"),
    "ema": ("EMA copy of the denoiser", "EMA copies of the denoiser"),
    "other": ("remainder", "remainders"),
}
NETWORKS = {
    "sd1": "Stable Diffusion 1",
    "sd2": "Stable Diffusion 2",
    "sdxl": "Stable Diffusion XL",
    "sd3": "Stable Diffusion 3",
    "sd35": "Stable Diffusion 3.5",
    "hunyuan-dit": "Hunyuan-DiT",
    "auraflow": "AuraFlow",
    "flux": "FLUX.1",
    "clip-l": "CLIP ViT-L",
    "kl-f8": "KL f8",
}
# Full names of networks, also used where there is no shorter title.
LABELS = {id_: network.label for id_, network in known.NETWORKS.items()}
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
    return near + (NETWORKS.get(rest) or network_label(rest))


def network_label(name: str) -> str:
    """The full name of a network: `OpenAI CLIP ViT-L/14`."""
    return LABELS.get(name, name)


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


def listed(words: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    *others, last = words or ("",)
    return f"{', '.join(others)} and {last}" if others else last


def begun(text: str) -> str:
    """`text` with a capital letter, as the start of a sentence."""
    return text[:1].upper() + text[1:]


def counted(name: str, count: int) -> str:
    """A number of components: `2 VAEs`."""
    one, many = COMPONENTS.get(name, (name, name))
    return f"{count} {one if count == 1 else many}"
