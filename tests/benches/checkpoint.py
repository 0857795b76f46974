"""A full-size SDXL file: its header, then everything, beside the system's hash of the file."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from benches.files import base_noise, sdxl, write_float16
from benches.running import ATLAS, run
from generator.records import Measurement


def bench(folder: Path) -> Iterator[Measurement]:
    """Time and memory of `atlas inspect`, beside a plain SHA-256."""
    path = folder / "sdxl.safetensors"
    write_float16(path, sdxl(), base_noise())
    empty = run([*ATLAS, "--version"])
    header = run([*ATLAS, "inspect", str(path)])
    # Read once before anything is timed, so that all find it in the page cache.
    run(_hash_command(path))
    hashed = run(_hash_command(path))
    full = run([*ATLAS, "inspect", "--full", str(path)])
    size = f"SDXL, {path.stat().st_size / 1e9:.2f} GB, in the page cache"
    yield Measurement(name=f"{size}: atlas --version", value=empty.seconds, unit="s")
    yield Measurement(name=f"{size}: atlas inspect", value=header.seconds, unit="s")
    yield Measurement(name=f"{size}: sha256sum", value=hashed.seconds, unit="s")
    yield Measurement(name=f"{size}: atlas inspect --full", value=full.seconds, unit="s")
    yield Measurement(
        name=f"{size}: memory of atlas inspect --full", value=full.gigabytes, unit="GB"
    )


def _hash_command(path: Path) -> list[str]:
    if shutil.which("sha256sum"):
        return ["sha256sum", str(path)]
    code = "import hashlib, sys; hashlib.file_digest(open(sys.argv[1], 'rb'), 'sha256')"
    return [sys.executable, "-c", code, str(path)]
