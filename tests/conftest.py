"""Fixtures for all tests."""

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def published() -> Path:
    """Folder of real published data, which lies beside the repository or is not there."""
    folder = Path(os.environ.get("ATLAS_PUBLISHED", REPOSITORY.parent / "shared" / "published"))
    if not folder.is_dir():
        pytest.skip(f"no published data at {folder}")
    return folder
