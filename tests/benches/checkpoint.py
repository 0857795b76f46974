"""A full-size SDXL file: its header, then everything, beside the system's hash of the file."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from benches.files import base_noise, sdxl, write_float16
from benches.running import ATLAS, run
from generator.records import Figure


def bench(folder: Path) -> Iterator[Figure]:
    """Time and memory of `atlas inspect`, and how they compare with a plain SHA-256."""
    path = folder / "sdxl.safetensors"
    write_float16(path, sdxl(), base_noise())
    empty = run([*ATLAS, "--version"])
    header = run([*ATLAS, "inspect", str(path)])
    # Read once before anything is timed, so that all find it in the page cache.
    run([sys.executable, "-c", "import sys; open(sys.argv[1], 'rb').read(1)", str(path)])
    hashed = run(_hash_command(path))
    full = run([*ATLAS, "inspect", "--full", str(path)])
    size = f"SDXL, {path.stat().st_size / 1e9:.2f} GB"
    yield Figure(
        name=f"{size}: inspect, header, beyond start-up",
        value=header.seconds - empty.seconds,
        unit="s",
    )
    yield Figure(name=f"{size}: SHA-256 by the system", value=hashed.seconds, unit="s")
    yield Figure(name=f"{size}: inspect, all", value=full.seconds, unit="s")
    yield Figure(
        name=f"{size}: inspect, all, over SHA-256",
        value=full.seconds / hashed.seconds,
        unit="times",
    )
    yield Figure(name=f"{size}: inspect, all, memory", value=full.gigabytes, unit="GB")


def _hash_command(path: Path) -> list[str]:
    if shutil.which("sha256sum"):
        return ["sha256sum", str(path)]
    code = "import hashlib, sys; hashlib.file_digest(open(sys.argv[1], 'rb'), 'sha256')"
    return [sys.executable, "-c", code, str(path)]
