"""The public site, built from the committed data, served on this machine to a real browser."""

import os
import shutil
from collections.abc import Callable, Iterator
from functools import cache

import pytest
from playwright.sync_api import Browser, sync_playwright
from serving import Handler, serving
from tabs import DESK, Tab

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
