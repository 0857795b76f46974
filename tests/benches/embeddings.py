"""Text encoders of full size: the same vectors as transformers', and the time of 10,000 prompts."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from generator.records import Measurement

CLIP_L, BIG_G = "CLIP ViT-L", "OpenCLIP ViT-bigG"


def bench(folder: Path) -> Iterator[Measurement]:
    """Differences at both sizes; ours beside a plain loop over transformers, in turns; a map.

    Both times are without reading the weights, which is told apart."""
    for name in (BIG_G, CLIP_L):
        _measure("write", name, folder)
        found = _measure("compare", name, folder)
        yield Measurement(
            name=f"{name}: largest difference from transformers, odd and long prompts included",
            value=found["difference"],
            unit="",
        )
    found = _measure("race", CLIP_L, folder)
    title = f"{found['vectors']:,.0f} prompts, {CLIP_L}"
    yield Measurement(
        name=f"{title}: transformers, one vector each", value=found["plain"], unit="s"
    )
    yield Measurement(name=f"{title}: ours, three vectors each", value=found["ours"], unit="s")
    yield Measurement(name=f"{title}: reading the weights", value=found["load"], unit="s")
    yield Measurement(name=f"{title}: memory of both", value=found["peak"] / 1e9, unit="GB")
    yield Measurement(
        name=f"{title}: largest difference, vectors of length 1",
        value=found["difference"],
        unit="",
    )
    found = _measure("whole", CLIP_L, folder)
    title = f"{found['prompts']:,.0f} prompts, {CLIP_L}"
    yield Measurement(name=f"{title}: a whole map", value=found["seconds"], unit="s")
    yield Measurement(name=f"{title}: memory of a whole map", value=found["peak"] / 1e9, unit="GB")


def _measure(task: str, name: str, folder: Path) -> dict[str, float]:
    """Run one task of `embedding_tasks` in a process of its own."""
    command = [sys.executable, "-m", "benches.embedding_tasks", task, name, str(folder)]
    done = subprocess.run(
        command, stdout=subprocess.PIPE, check=True, cwd=Path(__file__).parents[1]
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found
