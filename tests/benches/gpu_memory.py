"""Real pipelines with random weights on a GPU -> the most memory that each stage takes, as a table.

    python tests/benches/gpu_memory.py --components FOLDER --output data/gpu_memory.tsv

`FOLDER` holds the configs of text encoders and autoencoders (`ID.json`); those of the denoisers are
in `data/configs`. Nothing is fetched: weights are random, and a stand-in for the tokenizers gives
token numbers of the right count. Peaks are torch's `max_memory_allocated` and
`max_memory_reserved`, in bytes, reset before each stage. 4 minutes on an H200.

`--narrow` tries the script on a CPU: what is resident, with two layers per network, float32 and
64-pixel images.
"""

import argparse
import csv
import gc
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import diffusers
import torch
import transformers

CONFIGS = Path(__file__).parents[2] / "data" / "configs"
GUIDANCE, STEPS = 5.0, 2


class Network(NamedTuple):
    """A pipeline and its parts: argument of the pipeline -> config, and tokens of its tokenizer."""

    pipeline: str
    denoiser: tuple[str, str]
    vae: str
    encoders: dict[str, tuple[str, int]]
    scheduler: str
    extra: Mapping[str, Any] = MappingProxyType({})


WITHOUT_CHECKER = {"safety_checker": None, "feature_extractor": None}
NETWORKS = {
    "sd1": Network(
        "StableDiffusionPipeline",
        ("unet", "sd1"),
        "vae-sd1",
        {"text_encoder": ("clip-l", 77)},
        "EulerDiscreteScheduler",
        WITHOUT_CHECKER | {"requires_safety_checker": False},
    ),
    "sd2": Network(
        "StableDiffusionPipeline",
        ("unet", "sd2"),
        "vae-sd2",
        {"text_encoder": ("openclip-h", 77)},
        "EulerDiscreteScheduler",
        WITHOUT_CHECKER | {"requires_safety_checker": False},
    ),
    "sdxl": Network(
        "StableDiffusionXLPipeline",
        ("unet", "sdxl"),
        "vae-sdxl",
        {"text_encoder": ("clip-l", 77), "text_encoder_2": ("openclip-bigg", 77)},
        "EulerDiscreteScheduler",
        {"add_watermarker": False},
    ),
    "sd3": Network(
        "StableDiffusion3Pipeline",
        ("transformer", "sd3"),
        "vae-sd3",
        {
            "text_encoder": ("clip-l-proj", 77),
            "text_encoder_2": ("openclip-bigg", 77),
            "text_encoder_3": ("t5-xxl", 256),
        },
        "FlowMatchEulerDiscreteScheduler",
    ),
    "sd35": Network(
        "StableDiffusion3Pipeline",
        ("transformer", "sd35"),
        "vae-sd3",
        {
            "text_encoder": ("clip-l-proj", 77),
            "text_encoder_2": ("openclip-bigg", 77),
            "text_encoder_3": ("t5-xxl", 256),
        },
        "FlowMatchEulerDiscreteScheduler",
    ),
    "hunyuan-dit": Network(
        "HunyuanDiTPipeline",
        ("transformer", "hunyuan-dit"),
        "vae-hunyuan-dit",
        {"text_encoder": ("bert-hunyuan", 77), "text_encoder_2": ("mt5-xl", 256)},
        "DDPMScheduler",
        WITHOUT_CHECKER | {"requires_safety_checker": False},
    ),
    "auraflow": Network(
        "AuraFlowPipeline",
        ("transformer", "auraflow"),
        "vae-sdxl",
        {"text_encoder": ("pile-t5-xl", 256)},
        "FlowMatchEulerDiscreteScheduler",
    ),
    "flux": Network(
        "FluxPipeline",
        ("transformer", "flux"),
        "vae-flux",
        {"text_encoder": ("clip-l", 77), "text_encoder_2": ("t5-xxl", 512)},
        "FlowMatchEulerDiscreteScheduler",
    ),
}


class Setting(NamedTuple):
    """One run. `vae` is empty, `slicing` or `tiling`; `without` is a text encoder left out."""

    network: str
    dtype: str
    size: int
    batch: int = 1
    strategy: str = "resident"
    vae: str = ""
    without: str = ""


# Those of one network, dtype and part left out stand together: they share the weights.
SETTINGS = (
    Setting("sd1", "float16", 512),
    Setting("sd1", "float16", 768),
    Setting("sd1", "float16", 1024),
    Setting("sd1", "float16", 512, 4),
    Setting("sd1", "float16", 512, 4, vae="slicing"),
    Setting("sd1", "float16", 512, 1, "model-offload"),
    Setting("sd1", "float16", 512, 1, "leaf-offload"),
    Setting("sd1", "float32", 512),
    Setting("sd2", "float16", 768),
    Setting("sd2", "float16", 768, 1, "model-offload"),
    Setting("sdxl", "float16", 1024),
    Setting("sdxl", "float16", 1024, 4),
    Setting("sdxl", "float16", 1024, 4, vae="slicing"),
    Setting("sdxl", "float16", 1536, 1, vae="tiling"),
    Setting("sdxl", "float16", 1024, 1, "model-offload"),
    Setting("sdxl", "float16", 1024, 1, "leaf-offload"),
    Setting("sdxl", "bfloat16", 1024),
    Setting("sdxl", "bfloat16", 1536),
    Setting("sdxl", "bfloat16", 1024, 1, "group-offload"),
    Setting("sd3", "float16", 1024),
    Setting("sd3", "float16", 1024, 1, "model-offload"),
    Setting("sd3", "float16", 1024, without="text_encoder_3"),
    Setting("sd35", "bfloat16", 1024),
    Setting("sd35", "bfloat16", 1024, 2),
    Setting("sd35", "bfloat16", 1536),
    Setting("sd35", "bfloat16", 1024, 1, "model-offload"),
    Setting("hunyuan-dit", "float16", 1024),
    Setting("hunyuan-dit", "float16", 1024, 1, "model-offload"),
    Setting("auraflow", "bfloat16", 1024),
    Setting("auraflow", "bfloat16", 1024, 1, "model-offload"),
    Setting("flux", "bfloat16", 512),
    Setting("flux", "bfloat16", 1024),
    Setting("flux", "bfloat16", 1024, 2),
    Setting("flux", "bfloat16", 1536),
    Setting("flux", "bfloat16", 2048, 1, vae="tiling"),
    Setting("flux", "bfloat16", 1024, 1, "model-offload"),
)


class StandIn:
    """Takes the place of a tokenizer: as many token numbers as it is asked for, any prompt."""

    def __init__(self, length: int) -> None:
        self.model_max_length = length
        self.added_tokens_encoder: dict[str, int] = {}

    def __call__(self, text: Any, max_length: int | None = None, **_: Any) -> Any:
        count = 1 if isinstance(text, str) else len(text)
        numbers = torch.arange(3, 3 + (max_length or self.model_max_length)).repeat(count, 1)
        numbers[:, -1] = 2
        return transformers.BatchEncoding(
            {"input_ids": numbers, "attention_mask": torch.ones_like(numbers)}
        )

    def tokenize(self, text: str) -> list[str]:
        return text.split()

    def batch_decode(self, *_: Any, **__: Any) -> list[str]:
        return [""]


class Stages:
    """Marks where a stage of a pipeline ends, and keeps the largest peaks of each."""

    def __init__(self, device: str) -> None:
        self.peaks: dict[str, tuple[int, int]] = {}
        self._counts = device.startswith("cuda")
        self.reset()

    def reset(self) -> None:
        if self._counts:
            torch.cuda.synchronize()
            torch.cuda.reset_peak_memory_stats()

    def end(self, name: str) -> None:
        found = (0, 0)
        if self._counts:
            torch.cuda.synchronize()
            found = torch.cuda.max_memory_allocated(), torch.cuda.max_memory_reserved()
        earlier = self.peaks.get(name, (0, 0))
        self.peaks[name] = max(earlier[0], found[0]), max(earlier[1], found[1])
        self.reset()

    def around(self, call: Callable[..., Any], before: str, after: str) -> Callable[..., Any]:
        """`call`, before which the stage `before` ends (if one is named), and after it `after`."""

        def marked(*arguments: Any, **options: Any) -> Any:
            if before:
                self.end(before)
            made = call(*arguments, **options)
            self.end(after)
            return made

        return marked


def read_config(folder: Path, name: str, narrow: bool) -> dict[str, Any]:
    config = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    layers = ("num_layers", "num_single_layers", "num_hidden_layers", "num_mmdit_layers")
    layers += ("num_single_dit_layers",)
    if narrow:
        config |= {key: min(config[key], 2) for key in layers if key in config}
    return config


def build_encoder(config: dict[str, Any]) -> torch.nn.Module:
    kind = getattr(transformers, config["architectures"][0])
    return kind(kind.config_class.from_dict(config))


def build(
    network: Network, dtype: torch.dtype, device: str, components: Path, narrow: bool, without: str
) -> Any:
    """The pipeline of `network` with random weights on `device`."""
    torch.manual_seed(0)
    role, name = network.denoiser
    parts: dict[str, Any] = dict(network.extra)
    standard = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        with torch.device(device):
            config = read_config(CONFIGS, name, narrow)
            parts[role] = getattr(diffusers, config["_class_name"]).from_config(config)
            vae = read_config(components, network.vae, narrow)
            parts["vae"] = diffusers.AutoencoderKL.from_config(vae)
            for argument, (encoder, length) in network.encoders.items():
                tokenizer = argument.replace("text_encoder", "tokenizer")
                parts[tokenizer] = None if argument == without else StandIn(length)
                parts[argument] = None
                if argument != without:
                    parts[argument] = build_encoder(read_config(components, encoder, narrow))
    finally:
        torch.set_default_dtype(standard)
    for part in parts.values():
        if isinstance(part, torch.nn.Module):
            part.eval().requires_grad_(False).to(dtype)
            if dtype is torch.float16:
                keep_wide(part)
    scheduler = getattr(diffusers, network.scheduler)()
    pipeline = getattr(diffusers, network.pipeline)(**parts, scheduler=scheduler)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def keep_wide(part: torch.nn.Module) -> None:
    """What transformers keeps in float32 when it loads float16 (the `wo` of T5)."""
    names = getattr(part, "_keep_in_fp32_modules", None) or ()
    for name, parameter in part.named_parameters():
        if set(name.split(".")) & set(names):
            parameter.data = parameter.data.float()


def apply(pipeline: Any, setting: Setting, device: str) -> None:
    """Put the parts where the strategy wants them."""
    vae = pipeline.vae
    vae.disable_slicing()
    vae.disable_tiling()
    if setting.vae:
        getattr(vae, f"enable_{setting.vae}")()
    if setting.strategy == "resident":
        pipeline.to(device)
        return
    pipeline.to("cpu")
    if setting.strategy == "model-offload":
        pipeline.enable_model_cpu_offload(device=device)
    elif setting.strategy == "leaf-offload":
        pipeline.enable_sequential_cpu_offload(device=device)
    else:
        pipeline.enable_group_offload(
            onload_device=torch.device(device), offload_type="block_level", num_blocks_per_group=1
        )


def peaks(pipeline: Any, setting: Setting, device: str, size: int) -> dict[str, tuple[int, int]]:
    """Run the pipeline once and return bytes allocated and reserved by stage."""
    gc.collect()
    if device.startswith("cuda"):
        torch.cuda.empty_cache()
    stages = Stages(device)
    pipeline.encode_prompt = stages.around(pipeline.encode_prompt, "", "encode")
    pipeline.vae.decode = stages.around(pipeline.vae.decode, "denoise", "decode")
    options = {} if setting.network == "flux" else {"negative_prompt": "nothing"}
    if setting.network == "hunyuan-dit":
        options["use_resolution_binning"] = False
    try:
        pipeline(
            "a picture",
            height=size,
            width=size,
            num_images_per_prompt=setting.batch,
            guidance_scale=GUIDANCE,
            num_inference_steps=STEPS,
            output_type="pt",
            **options,
        )
    finally:
        del pipeline.encode_prompt, pipeline.vae.decode
    return stages.peaks


def measure(device: str, components: Path, narrow: bool, only: list[str]) -> Iterator[list[Any]]:
    """A row per setting and stage."""
    pipeline, held = None, None
    for setting in SETTINGS:
        if (only and setting.network not in only) or (narrow and setting.strategy != "resident"):
            continue
        started = time.perf_counter()
        name = "float32" if narrow else setting.dtype
        wanted = setting.network, name, setting.without
        try:
            if wanted != held:
                pipeline = None
                gc.collect()
                network = NETWORKS[setting.network]
                dtype = getattr(torch, name)
                pipeline = build(network, dtype, device, components, narrow, setting.without)
                held = wanted
            apply(pipeline, setting, device)
            found = peaks(pipeline, setting, device, 64 if narrow else setting.size)
            if setting.strategy != "resident":
                pipeline.remove_all_hooks()
                # Hooks of offloading change the modules: the next setting builds them again.
                pipeline, held = None, None
        except Exception as error:  # noqa: BLE001 - one setting that fails leaves the others
            print(f"{setting}: {type(error).__name__}: {error}", file=sys.stderr, flush=True)
            pipeline, held = None, None
            continue
        seconds = time.perf_counter() - started
        print(f"{seconds:6.1f} s  {setting}  {found}", file=sys.stderr, flush=True)
        for stage, (allocated, reserved) in found.items():
            yield [*setting, stage, allocated, reserved]


def main() -> None:
    """Measure all settings and write the table, with the card and the versions at its head."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--components", type=Path, required=True)
    options.add_argument("--output", type=Path, required=True)
    options.add_argument("--device", default="cuda")
    options.add_argument("--narrow", action="store_true")
    options.add_argument("--only", action="append", default=[], choices=NETWORKS)
    given = options.parse_args()
    card = torch.cuda.get_device_name() if given.device.startswith("cuda") else "CPU"
    versions = (torch, diffusers, transformers)
    with given.output.open("w", encoding="utf-8", newline="") as file:
        names = ", ".join(f"{each.__name__} {each.__version__}" for each in versions)
        file.write(f"# {card}; {names}; {STEPS} steps, guidance {GUIDANCE}; bytes\n")
        table = csv.writer(file, delimiter="\t", lineterminator="\n")
        table.writerow([*Setting._fields, "stage", "allocated", "reserved"])
        for row in measure(given.device, given.components, given.narrow, given.only):
            table.writerow(row)
            file.flush()


if __name__ == "__main__":
    with torch.inference_mode():
        main()
