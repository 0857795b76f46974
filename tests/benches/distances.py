"""Distances of full-size UNets: ours beside reading the files and beside a plain pairwise baseline.

Times are those of whole processes, from start to end, each the least of a few: whatever else the
machine does only ever adds. All files are in the page cache.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benches.files import base_noise, fine_tuned, sd1_unet, write_float16
from benches.running import ATLAS
from generator.records import Measurement

WORKERS = 2
CAT = ["cat"]
MATRIX = [*ATLAS, "matrix", "--workers", str(WORKERS)]
REPEATS = 5
# Of what takes minutes.
LONG_REPEATS = 2
FEW, MANY = 5, 10
NARROW_FEW, NARROW_MANY = 5, 40
# As many as the largest published group, of tensors so small that only their number counts.
CROWD = 118
# One task's worth of weights and a little more: as many tensors as it takes for both workers.
NARROW_SHAPES = {f"model.diffusion_model.input_blocks.{n}.0.weight": (2048, 2048) for n in range(9)}


def bench(folder: Path) -> Iterator[Measurement]:
    """Five SD1-size float16 UNets, then ten; then narrow ones and many, for the memory."""
    noise, shapes = base_noise(), sd1_unet()
    paths = [folder / f"{number:02}.safetensors" for number in range(MANY)]
    for number, path in enumerate(paths[:FEW]):
        write_float16(path, shapes, fine_tuned(noise, number))
    yield from _few(paths[:FEW])
    memory = _best("memory", paths[:FEW], "worker")
    for number, path in enumerate(paths[FEW:], start=FEW):
        write_float16(path, shapes, fine_tuned(noise, number))
    _whole(CAT, paths)
    yield Measurement(name=f"{_title(paths)}: atlas matrix", value=_whole(MATRIX, paths), unit="s")
    for path in paths:
        path.unlink()
    yield Measurement(
        name="Memory of a worker beyond an interpreter", value=memory["worker"] / 1e6, unit="MB"
    )
    yield from _narrow(folder, noise)
    yield from _crowd(folder, noise, shapes)


def _few(paths: Sequence[Path]) -> Iterator[Measurement]:
    """Whole processes, one after the other; the pages print their ratios beside both times."""
    title = _title(paths)
    _whole(CAT, paths)
    times = {"cat": _whole(CAT, paths), "atlas matrix": _whole(MATRIX, paths)}
    plain = _best("baseline", paths, "whole", LONG_REPEATS)
    half = _best("half_baseline", paths, "whole", LONG_REPEATS)
    times["every pair once by torch.dist, in float32"] = plain["whole"]
    times["every pair once by torch.dist, in float16"] = half["whole"]
    for what, seconds in times.items():
        yield Measurement(name=f"{title}: {what}", value=seconds, unit="s")
    yield Measurement(
        name=f"{title}: memory of every pair, in float32", value=plain["peak"] / 1e9, unit="GB"
    )
    error = abs(half["l2"] / plain["l2"] - 1)
    yield Measurement(name=f"{title}: error of L2 in float16", value=100 * error, unit="%")


def _title(paths: Sequence[Path]) -> str:
    size = sum(path.stat().st_size for path in paths)
    return f"{len(paths)} SD1 UNets, {size / 1e9:.1f} GB, in the page cache"


def _narrow(folder: Path, noise: Any) -> Iterator[Measurement]:
    paths = [folder / f"narrow-{number:02}.safetensors" for number in range(NARROW_MANY)]
    for number, path in enumerate(paths):
        write_float16(path, NARROW_SHAPES, fine_tuned(noise, number))
    few = _best("memory", paths[:NARROW_FEW], "worker")
    many = _best("memory", paths, "worker")
    buffers = many["buffers"] - few["buffers"]
    yield Measurement(
        name=f"Memory of a worker, {NARROW_MANY} checkpoints over {NARROW_FEW}, beyond its buffers",
        value=(many["worker"] - few["worker"] - buffers) / 1e6,
        unit="MB",
    )
    yield Measurement(
        name=f"Buffers of {NARROW_MANY} checkpoints over {NARROW_FEW}",
        value=buffers / 1e6,
        unit="MB",
    )


def _crowd(folder: Path, noise: Any, shapes: Mapping[str, Any]) -> Iterator[Measurement]:
    """Checkpoints of a UNet's blocks and kinds, with next to nothing in them."""
    paths = [folder / f"crowd-{number:03}.safetensors" for number in range(CROWD)]
    for number, path in enumerate(paths):
        write_float16(path, dict.fromkeys(shapes, (4,)), fine_tuned(noise[:4096], number))
    yield Measurement(
        name=f"Memory of all else, {CROWD} checkpoints, beyond an interpreter",
        value=_best("memory", paths, "parent")["parent"] / 1e6,
        unit="MB",
    )


def _best(task: str, paths: Sequence[Path], what: str, repeats: int = REPEATS) -> dict[str, float]:
    """The run of a few that took least: whatever else the machine does only ever adds."""
    return min((_measure(task, paths) for _ in range(repeats)), key=lambda found: found[what])


def _measure(task: str, paths: Sequence[Path]) -> dict[str, float]:
    """Run one task of `distance_tasks` in a process of its own; `whole` is all of its time."""
    command = [sys.executable, "-m", "benches.distance_tasks", task, *map(str, paths)]
    started = time.perf_counter()
    done = subprocess.run(
        command, stdout=subprocess.PIPE, check=True, cwd=Path(__file__).parents[1]
    )
    whole = time.perf_counter() - started
    found: dict[str, float] = json.loads(done.stdout)
    return found | {"whole": whole}


def _whole(command: Sequence[str], paths: Sequence[Path]) -> float:
    """Seconds of one command over `paths`, its start included."""
    seconds = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        subprocess.run([*command, *map(str, paths)], stdout=subprocess.DEVNULL, check=True)
        seconds.append(time.perf_counter() - started)
    return min(seconds)
