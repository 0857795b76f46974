"""The pipelines and the settings that `gpu_memory.py` runs."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

NOTHING: Mapping[str, Any] = MappingProxyType({})


class Network(NamedTuple):
    """A pipeline and its parts: argument of the pipeline -> id of a config.

    A text encoder stands with the tokens of its tokenizer. Without, the pipeline is given
    `embeddings` (argument -> sizes of one prompt) `instead_of` text encoders, with masks of the
    dtype `mask`; those of a negative prompt, too, if it is `guided`. `extra` are further arguments
    of the pipeline, `call` of its call; other parts are None.
    """

    pipeline: str
    denoiser: tuple[str, str]
    vae: tuple[str, str] | None
    scheduler: str
    encoders: Mapping[str, tuple[str, int]] = NOTHING
    embeddings: Mapping[str, tuple[int, ...]] = NOTHING
    instead_of: tuple[str, ...] = ("text_encoder",)
    mask: str = "int64"
    guided: bool = True
    extra: Mapping[str, Any] = NOTHING
    call: Mapping[str, Any] = NOTHING


class Setting(NamedTuple):
    """One run. `vae` is empty, `slicing` or `tiling`; `without` are text encoders left out, joined
    by `+`; `weights` the format of the denoiser's; `task` is empty or `from-image`."""

    network: str
    dtype: str
    width: int
    height: int
    frames: int = 1
    batch: int = 1
    strategy: str = "resident"
    vae: str = ""
    without: str = ""
    weights: str = ""
    task: str = ""

    @property
    def left_out(self) -> str:
        """`without`, and encoders whose output is given."""
        network = NETWORKS[self.network]
        return "+".join(network.instead_of) if network.embeddings else self.without


EULER, FLOW = "EulerDiscreteScheduler", "FlowMatchEulerDiscreteScheduler"
UNCHECKED = {"requires_safety_checker": False}
CLIP_L = ("clip-l", 77)
CLIPS = {"text_encoder": ("clip-l-proj", 77), "text_encoder_2": ("openclip-bigg", 77)}
EXACT_SIZE = {"use_resolution_binning": False}
SDXL = Network(
    "StableDiffusionXLPipeline",
    ("unet", "sdxl"),
    ("vae", "vae-sdxl"),
    EULER,
    CLIPS | {"text_encoder": CLIP_L},
    extra={"add_watermarker": False},
)


def masked(tokens: int, width: int, mask: str = "prompt_attention_mask") -> dict[str, Any]:
    """Embeddings of a prompt, and the mask of its tokens."""
    return {"prompt_embeds": (tokens, width), mask: (tokens,)}


NETWORKS = {
    "sd1": Network(
        "StableDiffusionPipeline",
        ("unet", "sd1"),
        ("vae", "vae-sd1"),
        EULER,
        {"text_encoder": CLIP_L},
        extra=UNCHECKED,
    ),
    "sd2": Network(
        "StableDiffusionPipeline",
        ("unet", "sd2"),
        ("vae", "vae-sd2"),
        EULER,
        {"text_encoder": ("openclip-h", 77)},
        extra=UNCHECKED,
    ),
    "sdxl": SDXL,
    "ssd-1b": SDXL._replace(denoiser=("unet", "ssd-1b")),
    "kolors": Network(
        "KolorsPipeline",
        ("unet", "kolors"),
        ("vae", "vae-kolors"),
        EULER,
        embeddings={"prompt_embeds": (256, 4096), "pooled_prompt_embeds": (4096,)},
    ),
    "sd3": Network(
        "StableDiffusion3Pipeline",
        ("transformer", "sd3"),
        ("vae", "vae-sd3"),
        FLOW,
        CLIPS | {"text_encoder_3": ("t5-xxl", 256)},
    ),
    "sd35": Network(
        "StableDiffusion3Pipeline",
        ("transformer", "sd35"),
        ("vae", "vae-sd3"),
        FLOW,
        CLIPS | {"text_encoder_3": ("t5-xxl", 256)},
    ),
    "hunyuan-dit": Network(
        "HunyuanDiTPipeline",
        ("transformer", "hunyuan-dit"),
        ("vae", "vae-hunyuan-dit"),
        "DDPMScheduler",
        {"text_encoder": ("bert-hunyuan", 77), "text_encoder_2": ("mt5-xl", 256)},
        extra=UNCHECKED,
        call=EXACT_SIZE,
    ),
    "auraflow": Network(
        "AuraFlowPipeline",
        ("transformer", "auraflow"),
        ("vae", "vae-sdxl"),
        FLOW,
        {"text_encoder": ("pile-t5-xl", 256)},
    ),
    "flux": Network(
        "FluxPipeline",
        ("transformer", "flux"),
        ("vae", "vae-flux"),
        FLOW,
        {"text_encoder": CLIP_L, "text_encoder_2": ("t5-xxl", 512)},
        guided=False,
    ),
    "flux2-klein-4b": Network(
        "Flux2KleinPipeline",
        ("transformer", "flux2-klein-4b"),
        ("vae", "vae-flux2"),
        FLOW,
        embeddings={"prompt_embeds": (512, 7680)},
        guided=False,
        extra={"is_distilled": True},
    ),
    "chroma": Network(
        "ChromaPipeline",
        ("transformer", "chroma"),
        ("vae", "vae-flux"),
        FLOW,
        embeddings=masked(512, 4096),
        mask="bfloat16",
    ),
    "pixart-sigma": Network(
        "PixArtSigmaPipeline",
        ("transformer", "pixart-sigma"),
        ("vae", "vae-sdxl"),
        "DPMSolverMultistepScheduler",
        embeddings=masked(300, 4096),
        call=EXACT_SIZE,
    ),
    "sana-1600m": Network(
        "SanaPipeline",
        ("transformer", "sana-1600m"),
        ("vae", "dc-ae-sana"),
        FLOW,
        embeddings=masked(300, 2304),
        call=EXACT_SIZE,
    ),
    "lumina2": Network(
        "Lumina2Pipeline",
        ("transformer", "lumina2"),
        ("vae", "vae-flux"),
        FLOW,
        embeddings=masked(256, 2304),
    ),
    "cogview4": Network(
        "CogView4Pipeline",
        ("transformer", "cogview4"),
        ("vae", "vae-cogview4"),
        FLOW,
        embeddings={"prompt_embeds": (1024, 4096)},
    ),
    "qwen-image": Network(
        "QwenImagePipeline",
        ("transformer", "qwen-image"),
        ("vae", "vae-qwen-image"),
        FLOW,
        embeddings=masked(512, 3584, "prompt_embeds_mask"),
        call={"true_cfg_scale": 4.0},
    ),
    "stable-cascade-c": Network(
        "StableCascadePriorPipeline",
        ("prior", "stable-cascade-c"),
        None,
        "DDPMWuerstchenScheduler",
        {"text_encoder": ("openclip-bigg", 77)},
    ),
    "cogvideox-5b": Network(
        "CogVideoXPipeline",
        ("transformer", "cogvideox-5b"),
        ("vae", "vae-cogvideox"),
        "CogVideoXDDIMScheduler",
        embeddings={"prompt_embeds": (226, 4096)},
    ),
    "ltx-video-2b": Network(
        "LTXPipeline",
        ("transformer", "ltx-video-2b"),
        ("vae", "vae-ltx-090"),
        FLOW,
        embeddings=masked(128, 4096),
    ),
    "wan21-t2v-13b": Network(
        "WanPipeline",
        ("transformer", "wan21-t2v-13b"),
        ("vae", "vae-wan21"),
        "UniPCMultistepScheduler",
        embeddings={"prompt_embeds": (512, 4096)},
    ),
    "hunyuan-video": Network(
        "HunyuanVideoPipeline",
        ("transformer", "hunyuan-video"),
        ("vae", "vae-hunyuan-video"),
        FLOW,
        embeddings=masked(256, 4096) | {"pooled_prompt_embeds": (768,)},
        instead_of=("text_encoder", "text_encoder_2"),
        guided=False,
    ),
    "mochi": Network(
        "MochiPipeline",
        ("transformer", "mochi"),
        ("vae", "vae-mochi"),
        FLOW,
        embeddings=masked(256, 4096),
        mask="bool",
    ),
    "modelscope-t2v": Network(
        "TextToVideoSDPipeline",
        ("unet", "modelscope-t2v"),
        ("vae", "vae-sd1"),
        EULER,
        embeddings={"prompt_embeds": (77, 1024)},
    ),
}


def square(network: str, dtype: str, side: int, **more: Any) -> Setting:
    """A setting of square images."""
    return Setting(network, dtype, side, side, **more)


MODEL, GROUP, LEAF = ({"strategy": f"{each}-offload"} for each in ("model", "group", "leaf"))
# Those of one network, dtype and part left out stand together: they share the weights.
SETTINGS = (
    square("sd1", "float16", 512),
    square("sd1", "float16", 768),
    square("sd1", "float16", 1024),
    square("sd1", "float16", 512, batch=4),
    square("sd1", "float16", 512, batch=4, vae="slicing"),
    square("sd1", "float16", 512, task="from-image"),
    square("sd1", "float16", 1024, task="from-image"),
    square("sd1", "float16", 512, **MODEL),
    square("sd1", "float16", 512, **LEAF),
    square("sd1", "float32", 512),
    square("sd2", "float16", 768),
    square("sd2", "float16", 768, **MODEL),
    square("sdxl", "float16", 1024),
    square("sdxl", "float16", 1024, batch=4),
    square("sdxl", "float16", 1024, batch=4, vae="slicing"),
    square("sdxl", "float16", 1536, vae="tiling"),
    square("sdxl", "float16", 1024, task="from-image"),
    square("sdxl", "float16", 1024, **MODEL),
    square("sdxl", "float16", 1024, **LEAF),
    square("sdxl", "bfloat16", 1024),
    square("sdxl", "bfloat16", 1536),
    square("sdxl", "bfloat16", 1024, batch=2),
    square("sdxl", "bfloat16", 1024, **GROUP),
    square("ssd-1b", "float16", 1024),
    square("ssd-1b", "float16", 1024, **MODEL),
    square("kolors", "float16", 1024),
    square("sd3", "float16", 1024),
    square("sd3", "float16", 1024, **MODEL),
    square("sd3", "float16", 1024, **GROUP),
    square("sd3", "float16", 1024, without="text_encoder_3"),
    square("sd35", "bfloat16", 1024),
    square("sd35", "bfloat16", 1024, batch=2),
    square("sd35", "bfloat16", 1536),
    square("sd35", "bfloat16", 1024, **MODEL),
    square("sd35", "bfloat16", 1024, **LEAF),
    square("hunyuan-dit", "float16", 1024),
    square("hunyuan-dit", "float16", 1024, **MODEL),
    square("auraflow", "bfloat16", 1024),
    square("auraflow", "bfloat16", 1024, **MODEL),
    square("auraflow", "bfloat16", 1024, **LEAF),
    square("flux", "bfloat16", 512),
    square("flux", "bfloat16", 1024),
    square("flux", "bfloat16", 1024, batch=2),
    square("flux", "bfloat16", 1024, batch=4),
    square("flux", "bfloat16", 1024, batch=4, vae="slicing"),
    square("flux", "bfloat16", 1536),
    square("flux", "bfloat16", 2048, vae="tiling"),
    square("flux", "bfloat16", 1024, task="from-image"),
    square("flux", "bfloat16", 1024, **MODEL),
    square("flux", "bfloat16", 1024, **GROUP),
    square("flux", "bfloat16", 1024, **LEAF),
    square("flux", "bfloat16", 1024, weights="fp8"),
    square("flux", "bfloat16", 1024, weights="int8"),
    square("flux2-klein-4b", "bfloat16", 1024),
    square("chroma", "bfloat16", 1024),
    square("chroma", "bfloat16", 1024, **GROUP),
    square("pixart-sigma", "bfloat16", 1024),
    square("pixart-sigma", "bfloat16", 1024, batch=2),
    square("pixart-sigma", "bfloat16", 2048),
    square("pixart-sigma", "bfloat16", 1024, batch=4, vae="slicing"),
    square("pixart-sigma", "bfloat16", 1024, **LEAF),
    square("sana-1600m", "bfloat16", 1024),
    square("sana-1600m", "bfloat16", 2048),
    square("lumina2", "bfloat16", 1024),
    square("cogview4", "bfloat16", 1024),
    square("qwen-image", "bfloat16", 512),
    square("qwen-image", "bfloat16", 1024),
    square("qwen-image", "bfloat16", 1536),
    square("qwen-image", "bfloat16", 1024, batch=2),
    square("qwen-image", "bfloat16", 1024, weights="fp8"),
    square("stable-cascade-c", "bfloat16", 1024, without="image_encoder"),
    Setting("cogvideox-5b", "bfloat16", 720, 480, 49),
    Setting("cogvideox-5b", "bfloat16", 720, 480, 49, vae="tiling"),
    Setting("ltx-video-2b", "bfloat16", 704, 512, 161),
    Setting("ltx-video-2b", "bfloat16", 704, 512, 161, vae="tiling"),
    Setting("ltx-video-2b", "bfloat16", 768, 512, 121, **LEAF),
    Setting("wan21-t2v-13b", "bfloat16", 832, 480, 33),
    Setting("wan21-t2v-13b", "bfloat16", 832, 480, 81),
    Setting("wan21-t2v-13b", "bfloat16", 832, 480, 81, vae="tiling"),
    Setting("wan21-t2v-13b", "bfloat16", 832, 480, 81, weights="fp8"),
    Setting("wan21-t2v-13b", "bfloat16", 832, 480, 81, **GROUP),
    Setting("hunyuan-video", "bfloat16", 768, 512, 61),
    Setting("hunyuan-video", "bfloat16", 768, 512, 121, vae="tiling"),
    Setting("hunyuan-video", "bfloat16", 960, 544, 61, vae="tiling", **MODEL),
    Setting("mochi", "bfloat16", 848, 480, 19),
    Setting("mochi", "bfloat16", 848, 480, 31),
    Setting("modelscope-t2v", "float16", 256, 256, 16),
)
