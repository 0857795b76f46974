"""The shared cases: files as people have them, merges as people make them, attacks."""

import os
import sys
from pathlib import Path

import pytest
from sites import REPOSITORY

CASES = Path(os.environ.get("ATLAS_CASES", REPOSITORY.parent / "shared" / "cases")).resolve()


def writers(folder: str = "files") -> Path:
    """The folder of the writers, which can then be imported; skips if it is not there."""
    path = CASES / folder
    if not path.is_dir():
        pytest.skip(f"no shared cases at {path}", allow_module_level=True)
    if str(path) not in sys.path:
        sys.path.append(str(path))
    return path
