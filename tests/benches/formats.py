"""Files as people have them: a quantised network beside the same in float16, and many adapters."""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import gguf
import numpy as np
from checkpoints.networks import denoiser, parameters
from safetensors.numpy import save_file

from benches.files import Shapes, write_float16
from benches.running import ATLAS, run
from generator.records import Measurement

# Of FLUX.1 the first blocks of each kind, so that one machine holds the file in its page cache.
BLOCKS = ("transformer_blocks.0.", "single_transformer_blocks.0.", "single_transformer_blocks.1.")
ADAPTERS, RANK = 1000, 4
ADAPTED = "attn2.to_k.weight"
FUZZ, FUZZED = Path(__file__).parents[1] / "fuzz" / "run.py", (100, 3000)


def bench(folder: Path) -> Iterator[Measurement]:
    """CPU time of `atlas inspect --full` by GB of values, and of `add` and `measure` of adapters.

    CPU time, with all processes: it depends less on what else the machine does.
    """
    noise = np.random.default_rng(0).standard_normal(2**22, dtype=np.float32)
    shapes = _matrices(parameters(denoiser("flux")), BLOCKS)
    plain, quantised = folder / "a.safetensors", folder / "a.gguf"
    write_float16(plain, shapes, noise)
    _write_q4_k(quantised, shapes, noise)
    empty = run([*ATLAS, "--version"]).processor_seconds
    values = sum(2 * int(np.prod(shape)) for shape in shapes.values()) / 1e9
    subject = f"{values:.2f} GB of values of FLUX.1"
    for name, path in (("float16", plain), ("Q4_K", quantised)):
        spent = run([*ATLAS, "inspect", "--full", str(path)]).processor_seconds - empty
        yield Measurement(
            name=f"{subject} in {name}: CPU time of atlas inspect --full",
            value=spent / values,
            unit="s/GB",
        )
    yield from _adapters(folder, noise)
    yield from _hostile()


def _adapters(folder: Path, noise: np.ndarray) -> Iterator[Measurement]:
    """What `add` and `measure` of many LoRAs cost, in a site of their own."""
    site, files = folder / "site", folder / "loras"
    files.mkdir()
    run([*ATLAS, "new", str(site)])
    shapes = {
        name: shape
        for name, shape in _matrices(parameters(denoiser("sd1")), ("",)).items()
        if name.endswith(ADAPTED)
    }
    for number in range(ADAPTERS):
        save_file(_factors(shapes, noise[number:]), files / f"{number:04}.safetensors")
    here = ["--site", str(site)]
    for verb, arguments in (("add", [str(files)]), ("measure", ["--only", "checkpoints"])):
        spent = run([*ATLAS, verb, *arguments, *here]).processor_seconds
        yield Measurement(
            name=f"{ADAPTERS:,} LoRAs of {len(shapes)} modules: CPU time of atlas {verb}",
            value=spent,
            unit="s",
        )


def _hostile() -> Iterator[Measurement]:
    """What a damaged file costs the readers and the packages beside them."""
    command = [sys.executable, str(FUZZ), "--inputs"]
    few, many = (run([*command, str(inputs)]).processor_seconds for inputs in FUZZED)
    spent = 1000 * (many - few) / (FUZZED[1] - FUZZED[0])
    yield Measurement(name="Fuzzed files: CPU time of one, with its oracle", value=spent, unit="ms")


def _matrices(tensors: Mapping[str, object], starts: tuple[str, ...]) -> Shapes:
    """Names and shapes of the matrices that start so."""
    shapes = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    return {n: s for n, s in shapes.items() if n.startswith(starts) and len(s) == 2}


def _factors(shapes: Shapes, noise: np.ndarray) -> dict[str, np.ndarray]:
    found = {}
    for name, (outputs, inputs) in shapes.items():
        module = f"lora_unet_{name.removesuffix('.weight').replace('.', '_')}"
        sides = {"down": (RANK, inputs), "up": (outputs, RANK)}
        for end, side in sides.items():
            values = noise[: int(np.prod(side))].reshape(side)
            found[f"{module}.lora_{end}.weight"] = values.astype(np.float16)
    return found


def _write_q4_k(path: Path, shapes: Shapes, noise: np.ndarray) -> None:
    """A GGUF file of `shapes` in Q4_K, filled with blocks whose scales are small numbers."""
    kind = gguf.GGMLQuantizationType.Q4_K
    values, size = gguf.GGML_QUANT_SIZES[kind]
    blocks = np.random.default_rng(1).integers(0, 256, (len(noise) // values, size), np.uint8)
    # The factor and the minimum of a block are its first numbers.
    blocks[:, :4] = np.full((len(blocks), 2), 0.001, np.float16).view(np.uint8)
    writer = gguf.GGUFWriter(path, "flux")
    for name, (rows, columns) in shapes.items():
        count = rows * columns // values
        repeated = np.resize(blocks, (count, size)).reshape(rows, -1)
        writer.add_tensor(name, repeated, raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
