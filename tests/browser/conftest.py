"""The public site, built from the committed data, served on this machine to a real browser."""

import os
import shutil
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Request, sync_playwright
from serving import serving

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
# Seconds for a page to have all that it asks for.
PATIENCE = 30
RESTED = """
new Promise(rested => {
  const frame = next => requestAnimationFrame(() => requestIdleCallback(next));
  frame(() => frame(rested));
})
"""


@pytest.fixture(scope="session")
def address(public_site) -> Iterator[str]:
    """Address of the served site, with a slash at its end."""
    with serving(public_site) as address:
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


def settle(page: Page, pending: set[Request]) -> None:
    """Wait until two frames are drawn, scripts rest and nothing that was asked for is on its way.

    Playwright's `networkidle` waits half a second more, on every page.
    """
    deadline = time.monotonic() + PATIENCE
    page.evaluate(RESTED)
    while pending:
        assert time.monotonic() < deadline, [request.url for request in pending]
        page.wait_for_timeout(10)
        page.evaluate(RESTED)


@pytest.fixture
def open_page(browser, address):
    """Open a page of the site; what the browser complains of, or fetches elsewhere, fails."""
    contexts, complaints = [], []

    def open_page(name: str, base: str = address, **options):
        options = {"viewport": {"width": 1280, "height": 900}, **options}
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda said: complaints.append(said.text) if said.type in ("error", "warning") else 0,
        )
        page.on(
            "request",
            lambda request: (
                complaints.append(f"fetches {request.url}")
                if not request.url.startswith((base, "blob:", "data:"))
                else 0
            ),
        )
        pending: set[Request] = set()
        page.on("request", lambda request: pending.add(request))
        page.on("requestfinished", lambda request: pending.discard(request))
        page.on("requestfailed", lambda request: pending.discard(request))
        page.goto(base + name)
        if options.get("java_script_enabled", True):
            settle(page, pending)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []
