"""What the tests of publishing share: a small `data/` made by code, and the committed one, read."""

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from made_data import two_networks

from generator.publish.figures import runtime
from generator.publish.pages.site import Site, read_site
from generator.publish.reading.atlas import Atlas
from generator.publish.render import render
from generator.records import EmbeddingMap, store


@pytest.fixture(scope="session", autouse=True)
def _runtime_bundled_once() -> Iterator[None]:
    """Each rendering of an empty folder would bundle the same script again, for a second."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runtime, "_bundled", cache(runtime._bundled))
        yield


@pytest.fixture
def make_data(tmp_path) -> Callable[[str], Path]:
    """A `data/` of a test's own, with two networks whose every text is the one given."""
    return lambda text: two_networks(tmp_path / "data", text)


@pytest.fixture(scope="session")
def committed_site(committed) -> Site:
    """All that the public site is made of, read and prepared."""
    return read_site(committed)


@pytest.fixture(scope="session")
def atlas(committed_site) -> Atlas:
    """What the public site is made of, as it was read."""
    return committed_site.atlas


@pytest.fixture
def render_map(make_data, templates, tmp_path) -> Callable[[EmbeddingMap, dict[str, bytes]], Path]:
    """Render a small `data/` with one map in it: the folder of what was written."""

    def render_map(record: EmbeddingMap, files: dict[str, bytes]) -> Path:
        data = make_data("plain")
        store.write_result(data / "embeddings", record, files, "made")
        render(data, templates, tmp_path / "site_src")
        return tmp_path / "site_src"

    return render_map
