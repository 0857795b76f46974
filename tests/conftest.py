"""Fixtures for all tests: what is made once and looked at by many."""

import gc
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from shared import made_once
from sites import REPOSITORY, build_site
from threadpoolctl import threadpool_limits

from generator.checkpoints.demo.making import TRUTH_FILE, write_demo
from generator.checkpoints.inventory.measuring import measure_checkpoint
from generator.records import Checkpoint, store

# Networks as torch builds them, browsers, the command line, whole runs, figures by matplotlib; what
# looks at the whole public site, and at published distances of 118 checkpoints. Elsewhere, a test
# that takes three seconds of a processor is marked by itself.
SLOW_ROOMS = {"architectures", "browser", "cli", "pipeline", "plots"}
SLOW_FIXTURES = {"public_pages", "public_site", "traced", "archive", "large"}


def pytest_collection_modifyitems(items: list[pytest.Function]) -> None:
    """Mark as slow what lies in the slow rooms or asks for a slow fixture."""
    for item in items:
        room = item.path.relative_to(Path(__file__).parent).parts[0]
        if room in SLOW_ROOMS or SLOW_FIXTURES & set(item.fixturenames):
            item.add_marker(pytest.mark.slow)


def pytest_collection_finish() -> None:
    """What has been loaded stays: no collection of garbage needs to look at it again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _no_waiting_for_the_disk() -> Iterator[None]:
    """What tests write need not outlive the machine."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _handle: None)
        yield


@pytest.fixture(scope="session", autouse=True)
def _one_thread_each() -> Iterator[None]:
    """Tests run side by side, one process per core: threads of a product would wait for others.

    All that brings threads is loaded when the tests have been collected.
    """
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="session")
def published() -> Path:
    """Folder of real published data, which lies beside the repository or is not there."""
    told = os.environ.get("ATLAS_PUBLISHED")
    folder = Path(told or REPOSITORY.parent / "shared" / "published")
    if not folder.is_dir():
        message = f"no published data at {folder}"
        if os.environ.get("CI") == "true" and told != "sample":
            pytest.fail(message)
        pytest.skip(message)
    return folder


@pytest.fixture(scope="session")
def published_sample() -> Path:
    """The few published files that are kept in the repository; see its README."""
    return REPOSITORY / "tests" / "published"


@pytest.fixture(scope="session")
def committed() -> Path:
    """The `data/` that the public site is made of."""
    return REPOSITORY / "data"


@pytest.fixture(scope="session")
def templates() -> Path:
    return REPOSITORY / "templates"


@pytest.fixture(scope="session")
def family(tmp_path_factory) -> Path:
    """The demo family of checkpoints, to be read or copied."""
    return made_once(tmp_path_factory, "family", write_demo)


@pytest.fixture(scope="session")
def family_records(tmp_path_factory, family) -> dict[str, Checkpoint]:
    """What is measured of each checkpoint of the family, by its name, in the order of its truth."""
    truth = json.loads((family / TRUTH_FILE).read_text())["checkpoints"]

    def make(folder: Path) -> None:
        for each in truth:
            record, _, files = measure_checkpoint(family / each["path"], each["name"])
            store.write_result(folder, record, files, "made")

    folder = made_once(tmp_path_factory, "family-records", make)
    names = (each["name"] for each in truth)
    return {name: store.read_result(folder / f"{name}.json", Checkpoint) for name in names}


RENDER = """
import sys
from pathlib import Path
from generator.publish.check import check
from generator.publish.render import render

data, templates, folder = map(Path, sys.argv[1:])
render(data, templates, folder / "site_src")
(folder / "modules.txt").write_text("\\n".join(sys.modules))
"""


@pytest.fixture(scope="session")
def public_pages(tmp_path_factory, committed, templates) -> Path:
    """The pages rendered from the committed data, by a process that did nothing else.

    Beside them, in `modules.txt`, is what it had loaded in the end.
    """

    def make(folder: Path) -> None:
        subprocess.run([sys.executable, "-c", RENDER, committed, templates, folder], check=True)

    return made_once(tmp_path_factory, "pages", make) / "site_src"


@pytest.fixture(scope="session")
def public_site(tmp_path_factory, public_pages) -> Path:
    """The public site: those pages, built."""

    def build(folder: Path) -> None:
        source = shutil.copytree(public_pages, folder / "site_src")
        build_site(source, folder / "site")

    return made_once(tmp_path_factory, "site", build) / "site"
