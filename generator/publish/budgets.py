"""The built site -> its pages and files that are heavier than their kind may be.

A budget is what a page of the kind needs today, with room for some more: who exceeds it has put
something onto the page that belongs into a download or a script that is loaded on request.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

KB = 1000


class Budget(NamedTuple):
    """The most that a page may have: kilobytes of HTML, and elements."""

    kilobytes: int
    elements: int


# By the address of a page, the first that matches.
PAGES: tuple[tuple[str, Budget], ...] = (
    (r"index\.html", Budget(100, 1_500)),
    (r".*\.(tensors|parameters)\.html", Budget(300, 8_000)),
    (r"architectures/index\.html", Budget(300, 3_000)),
    (r"architectures/.*\.memory\.html", Budget(200, 1_500)),
    (r"architectures/.*", Budget(400, 6_000)),
    (r"groups/.*", Budget(1_000, 8_500)),
    (r"checkpoints/index\.html", Budget(300, 4_500)),
    (r"checkpoints/.*", Budget(200, 3_000)),
    (r"pairs/.*", Budget(400, 5_000)),
    (r"embeddings/.*", Budget(600, 9_000)),
    (r"components/.*", Budget(120, 2_000)),
    (r"(compare|side-by-side|what-fits|data|methods)\.html", Budget(700, 8_000)),
    (r"memory-check\.html", Budget(300, 4_000)),
    (r".*", Budget(150, 3_000)),
)
# All scripts that a page loads at once, without those of the theme; the index of the search.
SCRIPTS_KILOBYTES = 90
INDEX_KILOBYTES = 700
SCRIPTS, INDEX = "assets", "search/search_index.json"


def budget_of(page: str) -> Budget:
    """The budget of the page at an address relative to the site's root."""
    return next(budget for pattern, budget in PAGES if re.fullmatch(pattern, page))


# A file, what it has, and what it may have.
Excess = tuple[str, str, str]


def heavy_page(site: Path, page: str, elements: int) -> Iterator[Excess]:
    """What the page at an address in the built site has too much of."""
    budget = budget_of(page)
    yield from _above(page, (site / page).stat().st_size / KB, budget.kilobytes, "kB of HTML")
    yield from _above(page, elements, budget.elements, "elements")


def heavy_files(site: Path) -> Iterator[Excess]:
    """What all pages load that is too large: scripts, and the index of the search."""
    scripts = sum(path.stat().st_size for path in (site / SCRIPTS).glob("*.js"))
    yield from _above(SCRIPTS, scripts / KB, SCRIPTS_KILOBYTES, "kB of scripts")
    if (site / INDEX).is_file():
        yield from _above(INDEX, (site / INDEX).stat().st_size / KB, INDEX_KILOBYTES, "kB")


def _above(name: str, found: float, allowed: int, unit: str) -> Iterator[Excess]:
    if found > allowed:
        yield name, f"{found:,.0f} {unit}", f"{allowed:,} allowed"
