"""Pairs of small checkpoints with real key names, compared, and stored as `atlas measure` does."""

import msgspec
import numpy as np
from safetensors.numpy import save_file

from generator.analysis.findings.of_pairs import explain_pair
from generator.distances.pair import compare
from generator.publish.reading.loaded import Loaded
from generator.publish.reading.pairs import LoadedPair
from generator.records import Comparison, Pair, TensorDistance, store
from generator.records.tables import write_rows

UNET = "model.diffusion_model."
BLOCK = f"{UNET}input_blocks.1.1.transformer_blocks.0."
SHAPES = {
    f"{UNET}input_blocks.0.0.weight": (8, 4, 3, 3),
    f"{UNET}input_blocks.0.0.bias": (8,),
    f"{BLOCK}attn1.to_q.weight": (8, 8),
    f"{BLOCK}attn2.to_k.weight": (8, 16),
    f"{BLOCK}ff.net.2.weight": (8, 32),
    f"{UNET}middle_block.0.in_layers.0.weight": (8,),
    f"{UNET}out.2.weight": (4, 8, 3, 3),
    "first_stage_model.decoder.conv_in.weight": (8, 4, 3, 3),
    "first_stage_model.decoder.conv_in.bias": (8,),
    "first_stage_model.encoder.conv_in.weight": (8, 3, 3, 3),
}


def tensors(seed=0) -> dict[str, np.ndarray]:
    noise = np.random.default_rng(seed)
    return {name: noise.standard_normal(s).astype(np.float32) for name, s in SHAPES.items()}


def compared(folder, a, b, names=("a", "b")) -> Comparison:
    paths = [folder / f"{name}.safetensors" for name in names]
    for path, held in zip(paths, (a, b), strict=True):
        save_file(held, path)
    return compare(*paths)


def held(comparison: Comparison, identity="pair", name="A pair", a="a", b="b") -> LoadedPair:
    bare = msgspec.structs.replace(comparison, tensors=())
    verdicts = explain_pair(comparison).verdicts
    pair = Pair(id=identity, name=name, a=a, b=b, comparison=bare, verdicts=verdicts)
    return Loaded(pair, comparison.tensors, {})


def write(data, one: LoadedPair) -> None:
    files = {f"{one.record.id}.tensors.parquet": write_rows(TensorDistance, one.beside)}
    store.write_result(data / "pairs", one.record, files, "made")
