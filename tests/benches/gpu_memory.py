"""Real pipelines with random weights on a GPU -> the most memory that each stage takes, as a table.

    python tests/benches/gpu_memory.py --output data/gpu_memory.tsv

The configs are those of `data/configs`. Nothing is fetched: weights are random, and a stand-in for
the tokenizers gives token numbers of the right count, or the pipeline gets random embeddings. Peaks
are torch's `max_memory_allocated` and `max_memory_reserved`, in bytes, reset before each stage.

`--only NETWORK` runs some, `--seconds N` starts no setting after N seconds. `--narrow` tries the
script on a CPU: what is resident, with two layers per network, float32 and the smallest pictures.
"""

import argparse
import csv
import gc
import json
import sys
import time
from collections.abc import Callable, Iterator
from importlib import import_module
from inspect import signature
from pathlib import Path
from typing import Any

import diffusers
import torch
import transformers
from gpu_networks import NETWORKS, SETTINGS, Network, Setting

CONFIGS = Path(__file__).parents[2] / "data" / "configs"
GUIDANCE, STEPS = 5.0, 2
# Pipelines that start from an image, by those that do not.
TASKS = {
    "StableDiffusionPipeline": "StableDiffusionImg2ImgPipeline",
    "StableDiffusionXLPipeline": "StableDiffusionXLImg2ImgPipeline",
    "FluxPipeline": "FluxImg2ImgPipeline",
}


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


def read_config(name: str, narrow: bool) -> dict[str, Any]:
    path = CONFIGS / f"{name}.json"
    path = path if path.exists() else CONFIGS / "components" / path.name
    config: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    if narrow:
        layers = [key for key in config if key.startswith("num_") and key.endswith("_layers")]
        config |= {key: min(config[key], 2) for key in layers if config[key]}
    return config


def build_encoder(config: dict[str, Any]) -> torch.nn.Module:
    kind = getattr(transformers, config["architectures"][0])
    made: torch.nn.Module = kind(kind.config_class.from_dict(config))
    return made


def build_part(config: dict[str, Any]) -> torch.nn.Module:
    made: torch.nn.Module = getattr(diffusers, config["_class_name"]).from_config(config)
    return made


def build(network: Network, dtype: torch.dtype, device: str, narrow: bool, without: str) -> Any:
    """The pipeline of `network` with random weights on `device`."""
    torch.manual_seed(0)
    kind = getattr(diffusers, network.pipeline)
    taken = signature(kind.__init__).parameters.values()
    parts: dict[str, Any] = {
        each.name: None for each in taken if each.default is each.empty and each.name != "self"
    }
    parts |= network.extra
    standard = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        with torch.device(device):
            for role, name in filter(None, (network.denoiser, network.vae)):
                parts[role] = build_part(read_config(name, narrow))
            for argument, (encoder, length) in network.encoders.items():
                if argument not in without.split("+"):
                    parts[argument.replace("text_encoder", "tokenizer")] = StandIn(length)
                    parts[argument] = build_encoder(read_config(encoder, narrow))
    finally:
        torch.set_default_dtype(standard)
    for part in parts.values():
        if isinstance(part, torch.nn.Module):
            part.eval().requires_grad_(requires_grad=False).to(dtype)
            if dtype is torch.float16:
                keep_wide(part)
    parts["scheduler"] = getattr(diffusers, network.scheduler)()
    pipeline = kind(**parts)
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
    vae = getattr(pipeline, "vae", None)
    for each in ("slicing", "tiling"):
        if hasattr(vae, f"disable_{each}"):
            getattr(vae, f"disable_{each}")()
    if setting.vae:
        getattr(vae, f"enable_{setting.vae}")()
    denoiser = getattr(pipeline, NETWORKS[setting.network].denoiser[0])
    if setting.weights == "fp8":
        denoiser.enable_layerwise_casting(torch.float8_e4m3fn, getattr(torch, setting.dtype))
    elif setting.weights == "int8":
        # Needed for this alone.
        quantization = import_module("torchao.quantization")
        quantization.quantize_(denoiser, quantization.Int8WeightOnlyConfig())
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


def given(network: Network, setting: Setting, device: str) -> dict[str, Any]:
    """What the pipeline is called with, beside the size."""
    found: dict[str, Any] = {"guidance_scale": GUIDANCE if network.guided else 1.0}
    if network.embeddings and network.guided:
        # Some have another default, which excludes embeddings.
        found["negative_prompt"] = None
    for name, sizes in network.embeddings.items():
        shape = (1, *sizes)
        value = torch.randn(shape, dtype=getattr(torch, setting.dtype), device=device)
        if "mask" in name:
            value = torch.ones(shape, dtype=getattr(torch, network.mask), device=device)
        found[name] = value
        if network.guided:
            found[f"negative_{name}"] = value.clone()
    if network.encoders:
        found["prompt"] = "a picture"
        found |= {"negative_prompt": "nothing"} if network.guided else {}
        found |= {} if network.guided else {"guidance_scale": GUIDANCE}
    if setting.batch > 1:
        found["num_images_per_prompt"] = setting.batch
    if setting.task:
        found["image"] = torch.rand(1, 3, setting.height, setting.width)
    return found | network.call


def peaks(pipeline: Any, setting: Setting, device: str) -> dict[str, tuple[int, int]]:
    """Run the pipeline once and return bytes allocated and reserved by stage."""
    network = NETWORKS[setting.network]
    options = given(network, setting, device)
    if not setting.task:
        options |= {"width": setting.width, "height": setting.height}
    if setting.frames > 1:
        options["num_frames"] = setting.frames
    gc.collect()
    if device.startswith("cuda"):
        torch.cuda.empty_cache()
    stages = Stages(device)
    marked = [pipeline]
    pipeline.encode_prompt = stages.around(pipeline.encode_prompt, "", "encode")
    vae = network.vae and getattr(pipeline, network.vae[0])
    if vae:
        marked.append(vae)
        vae.decode = stages.around(vae.decode, "denoise", "decode")
        vae.encode = stages.around(vae.encode, "denoise", "encode_image")
    try:
        # More steps, of which an image to image run takes the last ones.
        steps = STEPS * 2 if setting.task else STEPS
        pipeline(num_inference_steps=steps, output_type="pt", **options)
        if not vae:
            stages.end("denoise")
    finally:
        for each in marked:
            for name in ("encode_prompt", "decode", "encode"):
                each.__dict__.pop(name, None)
    return stages.peaks


def narrowed(setting: Setting) -> Setting:
    """What is resident, at the smallest size."""
    frames = min(setting.frames, 9)
    return Setting(setting.network, "float32", 64, 64, frames, task=setting.task)


def measure(device: str, narrow: bool, only: list[str], seconds: float) -> Iterator[list[Any]]:
    """A row per setting and stage."""
    pipeline, held = None, None
    begun = time.perf_counter()
    for setting in dict.fromkeys(map(narrowed, SETTINGS) if narrow else SETTINGS):
        changed = setting.strategy != "resident" or setting.weights
        started = time.perf_counter()
        if only and setting.network not in only:
            continue
        if started - begun > seconds:
            print(f"no time for {setting}", file=sys.stderr, flush=True)
            continue
        wanted = setting.network, setting.dtype, setting.without
        network = NETWORKS[setting.network]
        try:
            if wanted != held:
                pipeline = None
                gc.collect()
                dtype = getattr(torch, setting.dtype)
                pipeline = build(network, dtype, device, narrow, setting.without)
                held = wanted
            apply(pipeline, setting, device)
            task = getattr(diffusers, TASKS[network.pipeline]) if setting.task else None
            found = peaks(task(**pipeline.components) if task else pipeline, setting, device)
            if changed:
                pipeline.remove_all_hooks()
                # Hooks of offloading change the modules: the next setting builds them again.
                pipeline, held = None, None
        except Exception as error:  # noqa: BLE001 - one setting that fails leaves the others
            print(f"{setting}: {type(error).__name__}: {error}", file=sys.stderr, flush=True)
            pipeline, held = None, None
            continue
        took = time.perf_counter() - started
        print(f"{took:6.1f} s  {setting}  {found}", file=sys.stderr, flush=True)
        for stage, (allocated, reserved) in found.items():
            yield [*setting._replace(without=setting.left_out), stage, allocated, reserved]


def main() -> None:
    """Measure all settings and write the table, with the card and the versions at its head."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--output", type=Path, required=True)
    options.add_argument("--device", default="cuda")
    options.add_argument("--narrow", action="store_true")
    options.add_argument("--only", action="append", default=[], choices=NETWORKS)
    options.add_argument("--seconds", type=float, default=float("inf"))
    asked = options.parse_args()
    card = torch.cuda.get_device_name() if asked.device.startswith("cuda") else "CPU"
    versions = (torch, diffusers, transformers)
    with asked.output.open("w", encoding="utf-8", newline="") as file:
        names = ", ".join(f"{each.__name__} {each.__version__}" for each in versions)
        file.write(f"# {card}; {names}; {STEPS} steps, guidance {GUIDANCE}; bytes\n")
        table = csv.writer(file, delimiter="\t", lineterminator="\n")
        table.writerow([*Setting._fields, "stage", "allocated", "reserved"])
        for row in measure(asked.device, asked.narrow, asked.only, asked.seconds):
            table.writerow(row)
            file.flush()


if __name__ == "__main__":
    with torch.inference_mode():
        main()
