"""`data/` and `templates/` -> the generated part of `site_src/`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from markupsafe import Markup

from generator.processes import worker_pools
from generator.publish.feed import FEED, feed
from generator.publish.figures.card import card
from generator.publish.figures.page_script import page_script
from generator.publish.figures.runtime import runtime_file
from generator.publish.figures.svg_files import svg_files
from generator.publish.pages.kinds import all_pages
from generator.publish.pages.map_views import page_assets
from generator.publish.pages.site import read_site
from generator.publish.quantities.versions import versions_text
from generator.publish.style.front_matter import field, with_fields
from generator.publish.style.templating import environment, fill
from generator.publish.tables.rows_script import rows_script
from generator.publish.writing import RenderReport, write_files
from generator.text.escaping import inert

CARDS = "cards"
# A card in the making: waits for it.
Waiting = Callable[[], bytes]


def render(
    data: Path,
    templates: Path,
    site_src: Path,
    workers: int = 1,
    progress: Callable[[int], None] = lambda _: None,
) -> RenderReport:
    """Write all generated pages and downloads; equal data give equal bytes.

    With more than one of `workers`, other processes draw the cards meanwhile. `progress` gets the
    number of pages made so far.

    Raises:
        DamagedRecord: a file of `data` is missing or does not match its record; nothing is written.
        UsageError: the published table cannot be used; nothing is written.
    """
    site = read_site(data, _changelog(templates.parent))
    files = {file.path: file.content for file in site.downloads.all}
    files |= page_assets(site.atlas.maps)
    files[FEED] = feed(site.changelog)
    jinja = environment(templates)
    measured = inert(versions_text(site.atlas.networks))
    with _card_maker(workers) as make:
        cards: dict[str, Waiting] = {}
        for count, (path, context) in enumerate(all_pages(site), 1):
            page = fill(jinja, context)
            told: dict[str, str] = {"measured": measured}
            if drawing := context.picture():
                title, description = (field(page, name) for name in ("title", "description"))
                told["image"] = f"{CARDS}/{path.removesuffix('.md')}.png"
                cards[told["image"]] = make(title, description, drawing)
            files[path] = with_fields(page, told).encode()
            files |= svg_files(path, context.linked())
            files |= page_script(path, context.figures()) | rows_script(path, context.tables())
            progress(count)
        files |= {name: wait() for name, wait in cards.items()}
    files |= runtime_file(files, site_src)
    return write_files(site_src, files)


@contextmanager
def _card_maker(workers: int) -> Iterator[Callable[[str, str, Markup], Waiting]]:
    """Starts a card: in other processes, because drawing one holds up all of this one."""
    if workers == 1:
        yield lambda *parts: partial(card, *parts)
        return
    # This process is as busy as one of them.
    with worker_pools(workers - 1) as new_pool:
        pool = new_pool()
        yield lambda *parts: pool.submit(card, *parts).result


def _changelog(program: Path) -> str:
    """What changed in this program, if it was installed with its changelog."""
    path = program / "CHANGELOG.md"
    return path.read_text(encoding="utf-8") if path.is_file() else "# Changes\n"
