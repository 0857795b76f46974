"""A browser's tab that goes from page to page: a new tab for each page takes twice the time."""

import time

from playwright.sync_api import Browser, ConsoleMessage, Request

# Seconds for a page to have all that it asks for.
PATIENCE = 30
RESTED = """
new Promise(rested => {
  const frame = next => requestAnimationFrame(() => requestIdleCallback(next));
  frame(() => frame(rested));
})
"""
DESK = {"width": 1280, "height": 900}


class Tab:
    """One tab, in which no page finds what another left behind."""

    def __init__(self, browser: Browser, has_scripts: bool):
        self.has_scripts = has_scripts
        self.page = browser.new_page(java_script_enabled=has_scripts)
        self.base = ""
        self.complaints: list[str] = []
        self.pending: set[Request] = set()
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._said)
        self.page.on("request", self._asked)
        self.page.on("requestfinished", lambda request: self.pending.discard(request))
        self.page.on("requestfailed", lambda request: self.pending.discard(request))

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def _asked(self, request: Request) -> None:
        self.pending.add(request)
        if not request.url.startswith((self.base, "blob:", "data:")):
            self.complaints.append(f"fetches {request.url}")

    def open(self, base: str, name: str, viewport: dict[str, int], color_scheme: str) -> None:
        """Go to page `name` of the site at `base`; all else that is fetched is a complaint."""
        self.base = base
        self.page.set_viewport_size(viewport)
        self.page.emulate_media(color_scheme=color_scheme)
        self.page.goto(base + name)
        if self.has_scripts:
            self._settle()

    def _settle(self) -> None:
        """Wait until two frames are drawn, scripts rest and nothing asked for is on its way.

        Playwright's `networkidle` waits half a second more, on every page.
        """
        deadline = time.monotonic() + PATIENCE
        self.page.evaluate(RESTED)
        while self.pending:
            assert time.monotonic() < deadline, [request.url for request in self.pending]
            self.page.wait_for_timeout(10)
            self.page.evaluate(RESTED)

    def leave(self) -> list[str]:
        """Forget the page, with what it stored and where the pointer was: all complaints of it."""
        if self.base and self.page.url.startswith(self.base):
            self.page.evaluate("localStorage.clear(), sessionStorage.clear()")
        for other in self.page.context.pages[1:]:
            other.close()
        self.page.mouse.move(0, 0)
        self.page.goto("about:blank")
        complaints = self.complaints.copy()
        self.complaints.clear()
        self.pending.clear()
        self.base = ""
        return complaints
