"""The built site -> its problems: dead links and anchors, missing or foreign assets, unsafe markup,
and what is heavier than its budget.

All files are read locally; nothing is fetched. Addresses of other sites are allowed in links, but
not where a browser fetches them.
"""

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from generator.errors import UsageError
from generator.processes import worker_pools
from generator.publish.budgets import heavy_files, heavy_page
from generator.publish.style.markup import Attribute, Inline, Markup, Reference, decoded
from generator.records import Record

PAGES = (".html", ".svg")
# Bytes of a site that is read before other processes have started, and files that a process reads
# at a time.
SMALL, CHUNK = 2**23, 8

# The theme's inline scripts, by their first characters, and script types that only hold data. Any
# other <script> is a problem.
DATA_TYPES = frozenset({"application/json", "application/ld+json"})
THEME_SCRIPTS = (
    "__md_scope=new URL(",
    "var palette=__md_get(",
    "var target=document.getElementById(location.hash.slice(1));",
    "document.documentElement.classList",
)

# Allowed schemes of links; with others, the browser runs or embeds the content.
SCHEMES = frozenset({"", "http", "https", "mailto"})
# The only allowed content inside an address: an image in a drawing.
PIXELS = "data:image/png;base64,"
TEMPLATE_MARKERS = re.compile(r"\{\{|\{%|%\}|\}\}")
_STYLE_ADDRESS = re.compile(r"""url\(\s*["']?([^"')]+)|@import\s+["']([^"']+)""")


class Problem(Record):
    """One problem: its file, what is wrong, and where."""

    page: str
    what: str
    where: str

    def __str__(self) -> str:
        return f"{self.page}: {self.what} ({self.where})"


class Page(NamedTuple):
    """What is kept of one file: its addresses, anchors, and problems that show in it alone."""

    references: list[Reference]
    anchors: set[str]
    problems: list[Problem]


def check(
    site: Path, workers: int = 1, progress: Callable[[int, int], None] = lambda *_: None
) -> list[Problem]:
    """All problems of the site in the folder `site`, by file; `workers` processes read it.

    `progress` gets the bytes read and those in all.

    Raises:
        UsageError: there is no site in the folder.
    """
    if not (site / "index.html").is_file():
        raise UsageError(str(site), "holds no built site", "`mkdocs build` makes one")
    files = {path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()}
    names = sorted(name for name in files if name.endswith(PAGES))
    sizes = {name: (site / name).stat().st_size for name in names}
    total = sum(sizes.values())
    pages: dict[str, Page] = {}
    for name, page in _read_all(site, names, workers if total >= SMALL else 1):
        pages[name] = page
        progress(sum(sizes[each] for each in pages), total)
    base = _base_path(_markup(site, "index.html"))
    problems = [
        problem
        for name, page in pages.items()
        for problem in (*_references(name, page, pages, files, base), *page.problems)
    ]
    problems.extend(
        Problem(page=name, what=found, where=allowed) for name, found, allowed in heavy_files(site)
    )
    for path in sorted(site.rglob("*.css")):
        problems.extend(_style(path.relative_to(site).as_posix(), path, files))
    return problems


def _read_all(site: Path, names: list[str], workers: int) -> Iterator[tuple[str, Page]]:
    read = partial(_read, site)
    if workers == 1:
        yield from zip(names, map(read, names), strict=True)
        return
    with worker_pools(workers) as new_pool:
        yield from zip(names, new_pool().map(read, names, chunksize=CHUNK), strict=True)


def _read(site: Path, name: str) -> Page:
    markup = _markup(site, name)
    heavy = heavy_page(site, name, markup.elements) if name.endswith(".html") else ()
    too_much = (Problem(page=page, what=found, where=allowed) for page, found, allowed in heavy)
    return Page(markup.references, markup.anchors, [*_unsafe(name, markup), *too_much])


def _markup(site: Path, name: str) -> Markup:
    return Markup((site / name).read_text(encoding="utf-8"))


def _base_path(index: Markup) -> str:
    """Path of the site on its server, as its first page states it; `/` by default."""
    canonical = [a.line for a in index.attributes if (a.name, a.value) == ("rel", "canonical")]
    found = (r for r in index.references if r.element == "link" and r.line in canonical)
    address = next((r.address for r in found), "/")
    return urlsplit(address).path.removesuffix("index.html") or "/"


def _references(
    name: str, page: Page, pages: dict[str, Page], files: set[str], base: str
) -> Iterator[Problem]:
    for reference in page.references:
        if what := _judge(name, reference, pages, files, base):
            yield Problem(page=name, what=what, where=f"line {reference.line}")


def _judge(
    name: str, reference: Reference, pages: dict[str, Page], files: set[str], base: str
) -> str:
    """The problem of a reference; empty if there is none."""
    address = reference.address.strip()
    try:
        parts = urlsplit(address)
    except ValueError:
        return f"{address!r} is no address"
    plain = decoded(address)
    if reference.element == "image" and plain.startswith(PIXELS):
        return ""
    scheme = plain.partition(":")[0] if ":" in plain else ""
    if scheme in ("javascript", "vbscript", "data"):
        return f"unsafe address {address[:60]!r}"
    if parts.scheme or parts.netloc:
        if reference.fetched:
            return f"<{reference.element}> fetches {address} from elsewhere"
        return "" if parts.scheme in SCHEMES else f"unknown scheme in {address!r}"
    target = _resolve(name, unquote(parts.path), base)
    if target is None:
        return f"{address!r} leaves the site"
    if target not in files:
        return f"{address!r} does not exist"
    anchor = unquote(parts.fragment)
    if anchor and target in pages and anchor not in pages[target].anchors | {"__skip", "top"}:
        return f"{address!r}: no anchor #{anchor}"
    return ""


def _resolve(name: str, path: str, base: str) -> str | None:
    """The file that `path` on the page `name` refers to; None if it is outside the site."""
    if path.startswith("/"):
        if not path.startswith(base):
            return None
        steps = path[len(base) :].split("/")
    elif path:
        steps = [*name.split("/")[:-1], *path.split("/")]
    else:
        return name
    place: list[str] = []
    for step in steps:
        if step == ".." and not place:
            return None
        if step == "..":
            place.pop()
        elif step not in ("", "."):
            place.append(step)
    is_folder = not place or steps[-1] in ("", ".", "..")
    return "/".join([*place, "index.html"] if is_folder else place)


def _unsafe(name: str, markup: Markup) -> Iterator[Problem]:
    for attribute in markup.attributes:
        if what := _unsafe_attribute(attribute):
            yield Problem(page=name, what=what, where=f"line {attribute.line}")
    for script in markup.scripts:
        if what := _foreign_script(script):
            yield Problem(page=name, what=what, where=f"line {script.line}")
    for element, line in markup.embedded:
        yield Problem(page=name, what=f"<{element}> embeds a document", where=f"line {line}")
    for anchor, line in markup.repeated:
        yield Problem(page=name, what=f"the id {anchor!r} is there twice", where=f"line {line}")
    for text, line in markup.texts:
        if found := TEMPLATE_MARKERS.search(text):
            where = f"line {line}"
            yield Problem(page=name, what=f"unescaped template marker {found[0]!r}", where=where)


def _unsafe_attribute(attribute: Attribute) -> str:
    if attribute.name.startswith("on"):
        return f"event handler {attribute.name} on <{attribute.element}>"
    if attribute.name not in ("style", "http-equiv"):
        return ""
    value = decoded(attribute.value)
    if attribute.name == "style" and ("url(" in value or "expression(" in value):
        return f"a style that fetches or runs something on <{attribute.element}>"
    if attribute.name == "http-equiv" and value == "refresh":
        return "a page that leads elsewhere by itself"
    return ""


def _foreign_script(script: Inline) -> str:
    text = script.text.strip()
    if not text or script.kind in DATA_TYPES or text.startswith(THEME_SCRIPTS):
        return ""
    return f"inline script {text[:40]!r}"


def _style(name: str, path: Path, files: set[str]) -> Iterator[Problem]:
    for match in _STYLE_ADDRESS.finditer(path.read_text(encoding="utf-8")):
        address = (match[1] or match[2]).strip()
        if address.startswith(("data:", "#")):
            continue
        where = f"offset {match.start()}"
        parts = urlsplit(address)
        if parts.scheme or parts.netloc:
            yield Problem(page=name, what=f"fetches {address} from elsewhere", where=where)
        elif _resolve(name, unquote(parts.path), "/") not in files:
            yield Problem(page=name, what=f"{address!r} does not exist", where=where)
