"""The published archives, where they lie beside the project."""

from pathlib import Path

import pytest

PUBLISHED = Path(__file__).parents[2] / ".." / "shared" / "published"


@pytest.fixture(scope="session")
def published() -> Path:
    """The folder of published distances."""
    if not PUBLISHED.is_dir():
        pytest.skip("the published archives are not here: ../shared/published")
    return PUBLISHED
