"""A folder -> a small family of Stable Diffusion 1 checkpoints in it, and its true history.

The keys are those of real checkpoints, the layers are narrow: about 7 MB per file. Bytes are the
same on every machine: noise comes from a seeded generator, all sums are elementwise.
"""

import functools
import hashlib
from pathlib import Path

import msgspec
import numpy as np

from generator.checkpoints.demo.encoding import DOWN, UP, Model, Values, encode_files
from generator.checkpoints.demo.history import HISTORY, DemoCheckpoint
from generator.checkpoints.demo.shapes import demo_shapes
from generator.checkpoints.identify.components import leading_modules
from generator.networks.blocks import REST, block_of, name_blocks
from generator.networks.families import FAMILIES
from generator.records.files import write_file

TRUTH_FILE = "truth.json"
# Standard deviations of random weights, and of norms around one.
SPREAD, NORM_SPREAD = 0.1, 0.02
# Modules that adapters change, by the end of their names.
ADAPTED = ("to_q", "to_k", "to_v", "to_out.0", "q_proj", "k_proj", "v_proj", "out_proj")


def write_demo(folder: Path) -> list[Path]:
    """Write the family into `folder`, with its history in `truth.json`; return the checkpoints.

    `truth.json` holds one object per checkpoint: the fields of `DemoCheckpoint`, and `path`.
    """
    models: dict[str, Model] = {}
    truth, paths = [], []
    for descent in HISTORY:
        model = _make(descent, [models[parent] for parent in descent.parents])
        models[descent.name] = model
        files = encode_files(descent, model)
        for name, content in files.items():
            write_file(folder / name, content)
        path = descent.name if descent.layout == "diffusers" else next(iter(files))
        paths.append(folder / path)
        truth.append({**descent.truth(), "path": path})
    encoded = msgspec.json.format(msgspec.json.encode({"checkpoints": truth}), indent=1)
    write_file(folder / TRUTH_FILE, encoded + b"\n")
    return paths


def _noise(*key: str) -> np.random.Generator:
    """One generator per tensor, so that a new checkpoint changes no other."""
    seed = hashlib.sha256("/".join(key).encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(seed[:16], "little")))


def _make(descent: DemoCheckpoint, parents: list[Model]) -> Model:
    """The values of one checkpoint from those of its parents, in float32."""
    if descent.kind == "base":
        return _random(descent.name)
    first = parents[0]
    if descent.kind == "copy":
        return {part: first[part] for part in descent.components or first}
    if descent.kind == "adapter":
        return _adapter(descent, first)
    if descent.kind == "add adapter":
        return _add_adapter(descent, *parents)
    if descent.kind == "copy with EMA":
        pairs = {name: [each["denoiser"][name] for each in parents] for name in first["denoiser"]}
        return first | {"ema": {name: _mix(descent, values) for name, values in pairs.items()}}
    if descent.kind == "swap":
        return {part: parents[part in descent.components][part] for part in first}
    made = {part: dict(weights) for part, weights in first.items()}
    for part in ("denoiser", "text_encoder"):
        for name in first[part]:
            values = [parent[part][name] for parent in parents]
            made[part][name] = _combine(descent, part, name, values)
    return made


def _random(name: str) -> Model:
    model: Model = {}
    for component, shapes in demo_shapes().items():
        model[component] = {}
        for weight, shape in shapes.items():
            noise = _noise(name, component, weight).standard_normal(shape, np.float32)
            norm = "norm" in weight and weight.endswith(".weight")
            values = 1 + NORM_SPREAD * noise if norm else SPREAD * noise
            model[component][weight] = values.astype(np.float32)
    return model


def _adapter(descent: DemoCheckpoint, model: Model) -> Model:
    """Two factors for each matrix of attention: `MODULE.DOWN` and `MODULE.UP`."""
    factors: Model = {}
    for component in descent.components:
        factors[component] = {}
        for name, values in model[component].items():
            module = name.removesuffix(".weight")
            if values.ndim == 2 and module.endswith(ADAPTED):
                rows, columns = values.shape
                sides = {DOWN: (descent.rank, columns), UP: (rows, descent.rank)}
                for end, shape in sides.items():
                    noise = _noise(descent.name, component, module, end)
                    drawn = noise.standard_normal(shape, np.float32)
                    factors[component][module + end] = np.float32(SPREAD) * drawn
    return factors


def _add_adapter(descent: DemoCheckpoint, model: Model, adapter: Model) -> Model:
    """`model` + share x alpha / rank x up @ down, with an alpha of 1."""
    made = {component: dict(weights) for component, weights in model.items()}
    for component, factors in adapter.items():
        for module in [name.removesuffix(UP) for name in factors if name.endswith(UP)]:
            up, down = factors[module + UP], factors[module + DOWN]
            strength = np.float32(descent.shares[0] / len(down))
            # One column after the other: a product's order of sums depends on the machine.
            for number in range(len(down)):
                step = up[:, number, None] * down[number]
                made[component][f"{module}.weight"] = (
                    made[component][f"{module}.weight"] + strength * step
                )
    return made


def _combine(descent: DemoCheckpoint, component: str, name: str, values: list[Values]) -> Values:
    first = values[0]
    match descent.kind:
        case "fine-tune" if component in descent.components:
            noise = _noise(descent.name, component, name).standard_normal(first.shape, np.float32)
            scale = np.float32(descent.steps * (NORM_SPREAD if "norm" in name else SPREAD))
            return first + scale * noise
        case "merge":
            return _mix(descent, values)
        case "block merge":
            shares_by_block = descent.block_shares or {}
            share = np.float32(shares_by_block[_block(component, name)])
            return (np.float32(1) - share) * first + share * values[1]
        case "add difference":
            return first + np.float32(descent.shares[0]) * (values[1] - values[2])
    return first


def _mix(descent: DemoCheckpoint, values: list[Values]) -> Values:
    """The sum of shares x values."""
    mixed = np.zeros_like(values[0])
    for share, each in zip(descent.shares, values, strict=True):
        mixed += np.float32(share) * each
    return mixed


def _block(component: str, name: str) -> str:
    """The MBW block of a weight; outside the denoiser, `REST`."""
    return block_of(name, _blocks()) if component == "denoiser" else REST


@functools.cache
def _blocks() -> dict[str, str]:
    modules = leading_modules(demo_shapes()["denoiser"])
    return name_blocks(modules, FAMILIES["UNet2DConditionModel"].blocks)
