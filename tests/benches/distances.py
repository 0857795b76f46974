"""Distances of full-size UNets: ours beside reading the files and beside a plain pairwise baseline.

Everything is timed within its process, after what it imports: the start of an interpreter is left
out. Ours still pays for the start of its two workers, which is told apart.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benches.files import base_noise, fine_tuned, sd1_unet, write_float16
from generator.records import Figure

WORKERS = 2
REPEATS = 5
# Of what takes minutes.
LONG_REPEATS = 2
FEW, MANY = 5, 10
NARROW_FEW, NARROW_MANY = 5, 40
# As many as the largest published group, of tensors so small that only their number counts.
CROWD = 118
# One task's worth of weights and a little more: as many tensors as it takes for both workers.
NARROW_SHAPES = {f"model.diffusion_model.input_blocks.{n}.0.weight": (2048, 2048) for n in range(9)}


def bench(folder: Path) -> Iterator[Figure]:
    """Five SD1-size float16 UNets, then ten; then narrow ones and many, for the memory."""
    noise, shapes = base_noise(), sd1_unet()
    paths = [folder / f"{number:02}.safetensors" for number in range(MANY)]
    for number, path in enumerate(paths[:FEW]):
        write_float16(path, shapes, fine_tuned(noise, number))
    size = sum(path.stat().st_size for path in paths[:FEW])
    title = f"{FEW} SD1 UNets, {size / 1e9:.1f} GB"
    read = _best("read", paths[:FEW])
    ours = _best("matrix", paths[:FEW])
    memory = _best("memory", paths[:FEW], "worker")
    plain = _best("baseline", paths[:FEW], repeats=LONG_REPEATS)
    half = _best("half_baseline", paths[:FEW], repeats=LONG_REPEATS)
    for number, path in enumerate(paths[FEW:], start=FEW):
        write_float16(path, shapes, fine_tuned(noise, number))
    _measure("read", paths)
    more = _best("matrix", paths)
    for path in paths:
        path.unlink()
    started = ours["workers_started"]
    yield Figure(name=f"{title}: reading them", value=read["seconds"], unit="s")
    yield Figure(
        name=f"{title}: every pair by torch.dist, in float32", value=plain["seconds"], unit="s"
    )
    yield Figure(name=f"{title}: memory of that", value=plain["peak"] / 1e9, unit="GB")
    yield Figure(
        name=f"{title}: every pair by torch.dist, in float16", value=half["seconds"], unit="s"
    )
    error = abs(half["l2"] / plain["l2"] - 1)
    yield Figure(name=f"{title}: error of that", value=100 * error, unit="%")
    yield Figure(name=f"{title}: atlas matrix", value=ours["seconds"], unit="s")
    yield Figure(name=f"{title}: of which its workers start", value=started, unit="s")
    steady = ours["seconds"] - started
    yield Figure(
        name="Faster than every pair in float32", value=plain["seconds"] / steady, unit="times"
    )
    yield Figure(
        name="Faster than every pair in float16", value=half["seconds"] / steady, unit="times"
    )
    yield Figure(name="Slower than reading the files", value=steady / read["seconds"], unit="times")
    yield Figure(
        name=f"{MANY} files over {FEW}", value=more["seconds"] / ours["seconds"], unit="times"
    )
    yield Figure(
        name=f"{MANY} files over {FEW}, without the start of workers",
        value=(more["seconds"] - more["workers_started"]) / steady,
        unit="times",
    )
    yield Figure(
        name="Memory of a worker beyond an interpreter", value=memory["worker"] / 1e6, unit="MB"
    )
    yield from _narrow(folder, noise)
    yield from _crowd(folder, noise, shapes)


def _narrow(folder: Path, noise: Any) -> Iterator[Figure]:
    paths = [folder / f"narrow-{number:02}.safetensors" for number in range(NARROW_MANY)]
    for number, path in enumerate(paths):
        write_float16(path, NARROW_SHAPES, fine_tuned(noise, number))
    few = _best("memory", paths[:NARROW_FEW], "worker")
    many = _best("memory", paths, "worker")
    buffers = many["buffers"] - few["buffers"]
    yield Figure(
        name=f"Memory of a worker, {NARROW_MANY} checkpoints over {NARROW_FEW}, beyond its buffers",
        value=(many["worker"] - few["worker"] - buffers) / 1e6,
        unit="MB",
    )
    yield Figure(
        name=f"Buffers of {NARROW_MANY} checkpoints over {NARROW_FEW}",
        value=buffers / 1e6,
        unit="MB",
    )


def _crowd(folder: Path, noise: Any, shapes: Mapping[str, Any]) -> Iterator[Figure]:
    """Checkpoints of a UNet's blocks and kinds, with next to nothing in them."""
    paths = [folder / f"crowd-{number:03}.safetensors" for number in range(CROWD)]
    for number, path in enumerate(paths):
        write_float16(path, dict.fromkeys(shapes, (4,)), fine_tuned(noise[:4096], number))
    yield Figure(
        name=f"Memory of all else, {CROWD} checkpoints, beyond an interpreter",
        value=_best("memory", paths, "parent")["parent"] / 1e6,
        unit="MB",
    )


def _best(
    task: str, paths: Sequence[Path], what: str = "seconds", repeats: int = REPEATS
) -> dict[str, float]:
    """The run of a few that took least: whatever else the machine does only ever adds."""
    return min((_measure(task, paths) for _ in range(repeats)), key=lambda found: found[what])


def _measure(task: str, paths: Sequence[Path]) -> dict[str, float]:
    """Run one task of `distance_tasks` in a process of its own."""
    command = [sys.executable, "-m", "benches.distance_tasks", task, *map(str, paths)]
    done = subprocess.run(
        command, stdout=subprocess.PIPE, check=True, cwd=Path(__file__).parents[1]
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found
