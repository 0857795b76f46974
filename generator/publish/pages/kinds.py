"""The site -> all its pages.

Each kind of page is a module with its contexts and a function `pages`, which yields the path of
each page and the context that fills its template.
"""

from collections.abc import Callable, Iterator

from generator.publish.pages import (
    about,
    architectures,
    checkpoints,
    claims,
    compare,
    components,
    data,
    groups,
    home,
    maps,
    memory,
    methods,
    pairs,
    reproducing,
    side_by_side,
)
from generator.publish.pages.context import Context
from generator.publish.pages.site import Site

KINDS: tuple[Callable[[Site], Iterator[tuple[str, Context]]], ...] = (
    home.pages,
    compare.pages,
    side_by_side.pages,
    architectures.pages,
    components.pages,
    claims.pages,
    checkpoints.pages,
    pairs.pages,
    groups.pages,
    maps.pages,
    memory.pages,
    reproducing.pages,
    methods.pages,
    data.pages,
    about.pages,
)


def all_pages(site: Site) -> Iterator[tuple[str, Context]]:
    """Path and context of every page."""
    for pages in KINDS:
        yield from pages(site)
