"""The public site, built from the committed data, served on this machine to a real browser."""

import os
import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from group_pages import choose, control_of, highlight
from made_groups import make_group, published_group, write_group
from playwright.sync_api import Browser, Page, sync_playwright
from scipy.spatial.distance import pdist, squareform
from serving import Handler, serving
from shared import made_once
from sites import REPOSITORY, build_site
from tabs import DESK, Tab

from generator.publish.render import render

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def address(public_site) -> Iterator[str]:
    """Address of the served site, with a slash at its end; nothing is found there."""
    with serving(public_site) as address:
        yield address


@pytest.fixture(scope="session")
def searched(public_site) -> Iterator[str]:
    """Address of the same site, with all that can be found there."""
    with serving(public_site, Handler) as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    if executable is None:
        message = f"no browser: none of {', '.join(BROWSERS)} is installed"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield running
        running.close()


@pytest.fixture(scope="session")
def tab(browser) -> Callable[[bool], Tab]:
    """The tab whose pages may run scripts, or that where they may not."""
    return cache(lambda has_scripts: Tab(browser, has_scripts))


@pytest.fixture
def open_page(tab, address):
    """Open a page of the site; what the browser complains of, or fetches elsewhere, fails."""
    used: set[Tab] = set()

    def open_page(
        name, base=address, *, viewport=DESK, color_scheme="light", java_script_enabled=True
    ):
        one = tab(java_script_enabled)
        used.add(one)
        one.open(base, name, viewport, color_scheme)
        return one.page

    yield open_page
    assert [complaint for one in used for complaint in one.leave()] == []


@pytest.fixture(scope="session")
def large_site(tmp_path_factory, published) -> Path:
    """A site with one group, the published distances of 118 checkpoints."""

    def make(folder: Path) -> None:
        data, source = folder / "data", folder / "site_src"
        data.mkdir()
        shutil.copy(REPOSITORY / "data" / "published.toml", data)
        write_group(data, *published_group(published / "matrices", "pony1"))
        # The last of six has no distances.
        incomplete = squareform(pdist(np.random.default_rng(0).standard_normal((6, 3))))
        incomplete[5] = incomplete[:, 5] = np.nan
        write_group(data, *make_group("incomplete", list("abcdef"), {("vae", "REST"): incomplete}))
        render(data, REPOSITORY / "templates", source)
        build_site(source, folder / "site")

    return made_once(tmp_path_factory, "large", make) / "site"


@pytest.fixture(scope="session")
def large_address(large_site) -> Iterator[str]:
    with serving(large_site) as address:
        yield address


@pytest.fixture
def open_large(open_page, large_address):
    """Open the page of 118 checkpoints."""
    return lambda **options: open_page("groups/pony1.html", large_address, **options)


@pytest.fixture(scope="module")
def demo_tab(browser, address) -> Iterator[Tab]:
    """A tab that stays on the page of the demo: to open it takes longer than most looks at it."""
    tab = Tab(browser, has_scripts=True)
    tab.open(address, "groups/demo.html", DESK, "light")
    yield tab
    tab.leave()


@pytest.fixture
def demo(demo_tab) -> Iterator[Page]:
    """The page of the demo on a desk, as it opens: for tests that leave the window as it is."""
    page = demo_tab.page
    for control, value in (("Component", "denoiser"), ("Metric", "l2")):
        if control_of(page, control).input_value() != value:
            choose(page, control, value)
    highlight(page, "")
    page.mouse.move(0, 0)
    page.evaluate("location.hash = ''; scrollTo(0, 0)")
    yield page
    assert demo_tab.complaints == []
