"""`make bench`: time and memory of what is measured, with the machine it was measured on.

A benchmark, not a test: the figures depend on the machine, and what else it does meanwhile.
"""

import json
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import psutil
from checkpoints.networks import autoencoder, denoiser, parameters, text_encoder

from generator.checkpoints.layouts import OPEN_CLIP, UNET_ORIGINAL, VAE_ORIGINAL
from generator.checkpoints.renames import Layout
from generator.checkpoints.spelling import spell_back

DATA = Path(__file__).parents[1] / "data"
ATLAS = [sys.executable, "-m", "generator.cli"]
# Random float16 values that are written again and again: hashing and statistics do not care.
NOISE_BYTES = 1 << 26


class Run(NamedTuple):
    """Wall time in seconds and the most memory in bytes of one command."""

    seconds: float
    peak: int


def run(command: Sequence[str]) -> Run:
    """Run a command; memory is that of it and its children, looked at twenty times a second.

    Memory that processes share is counted once, where the system can tell.
    """
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    root, peak = psutil.Process(process.pid), 0
    while process.poll() is None:
        try:
            members = [root, *root.children(recursive=True)]
            memories = [member.memory_full_info() for member in members]
            peak = max(peak, sum(getattr(memory, "pss", memory.rss) for memory in memories))
        except psutil.Error:
            pass
        time.sleep(0.05)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed")
    return Run(time.perf_counter() - started, peak)


def bench_architectures(folder: Path) -> None:
    """All architectures from nothing, diagrams included."""
    (folder / "catalog.toml").write_bytes((DATA / "catalog.toml").read_bytes())
    shutil.copytree(DATA / "configs", folder / "configs")
    took = run([*ATLAS, "measure", "--only", "architectures", "--data", str(folder)])
    print(f"all architectures, diagrams included: {took.seconds:.1f} s, {_gigabytes(took)}")


def bench_checkpoint(folder: Path) -> None:
    """A full-size SDXL file: its header, then everything, beside the system's hash of the file."""
    path = folder / "sdxl.safetensors"
    write_sdxl(path)
    size = path.stat().st_size
    empty = run([*ATLAS, "--version"])
    header = run([*ATLAS, "inspect", str(path)])
    # Read once before anything is timed, so that all find it in the page cache.
    run([sys.executable, "-c", "import sys; open(sys.argv[1], 'rb').read(1)", str(path)])
    hashed = run(_hash_command(path))
    full = run([*ATLAS, "inspect", "--full", str(path)])
    print(f"SDXL, {size / 1e9:.2f} GB, float16")
    print(f"  inspect, header: {header.seconds - empty.seconds:.2f} s beyond start-up")
    print(f"  SHA-256 by the system: {hashed.seconds:.1f} s")
    ratio = full.seconds / hashed.seconds
    print(f"  inspect, all: {full.seconds:.1f} s ({ratio:.2f} times), {_gigabytes(full)}")


def write_sdxl(path: Path) -> None:
    """A file with the names and shapes of SDXL's original release, float16."""
    clip_l, clip_g = parameters(text_encoder("clip-l")), parameters(text_encoder("open-clip-g"))
    shapes = (
        _spelled("model.diffusion_model.", parameters(denoiser("sdxl")), UNET_ORIGINAL)
        | _spelled("first_stage_model.", parameters(autoencoder()), VAE_ORIGINAL)
        | {f"conditioner.embedders.0.transformer.{n}": tuple(t.shape) for n, t in clip_l.items()}
        | _spelled("conditioner.embedders.1.model.", clip_g, OPEN_CLIP, last=31)
    )
    header: dict[str, object] = {}
    end = 0
    for name, shape in shapes.items():
        start, end = end, end + 2 * int(np.prod(shape, dtype=np.int64))
        header[name] = {"dtype": "F16", "shape": shape, "data_offsets": [start, end]}
    encoded = json.dumps(header).encode()
    noise = np.random.default_rng(0).standard_normal(NOISE_BYTES // 2).astype(np.float16).tobytes()
    with path.open("wb") as file:
        file.write(len(encoded).to_bytes(8, "little") + encoded)
        for left in range(end, 0, -NOISE_BYTES):
            file.write(noise[:left])


def _spelled(
    prefix: str, tensors: Mapping[str, object], layout: Layout, last: int = 0
) -> dict[str, tuple[int, ...]]:
    """Names in `layout`, with shapes; weights that it fuses lie below one another."""
    shapes = {}
    for stored in spell_back(tensors, layout, last):
        first, *_ = parts = [tuple(tensors[name].shape) for name in stored.weights]
        shapes[prefix + stored.name] = (sum(part[0] for part in parts), *first[1:])
    return shapes


def _hash_command(path: Path) -> list[str]:
    if shutil.which("sha256sum"):
        return ["sha256sum", str(path)]
    code = "import hashlib, sys; hashlib.file_digest(open(sys.argv[1], 'rb'), 'sha256')"
    return [sys.executable, "-c", code, str(path)]


def _gigabytes(took: Run) -> str:
    return f"{took.peak / 1e9:.2f} GB at most"


BENCHES = {"architectures": bench_architectures, "checkpoint": bench_checkpoint}


def main() -> None:
    """Run all benches, or those named on the command line."""
    affinity = getattr(psutil.Process(), "cpu_affinity", None)
    cores = len(affinity()) if affinity else psutil.cpu_count()
    print(f"{platform.system()} {platform.machine()}, {cores} cores, {platform.python_version()}")
    for name in sys.argv[1:] or BENCHES:
        with tempfile.TemporaryDirectory() as folder:
            BENCHES[name](Path(folder))


if __name__ == "__main__":
    main()
