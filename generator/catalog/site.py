"""Where a site lies, and the files of this program that it is made with.

A site is a folder with `data/catalog.toml`: a checkout, or what `atlas new` has made.
"""

from pathlib import Path
from typing import NamedTuple

from generator.catalog.reading import CATALOG_FILE
from generator.errors import UsageError

_PACKAGE = Path(__file__).parents[1]
# The page that every set of templates has.
_FIRST_TEMPLATE = "home.md"


class SiteFolders(NamedTuple):
    """The folders of the site at `root`."""

    root: Path

    @property
    def data(self) -> Path:
        """The catalogue and all results."""
        return self.root / "data"

    @property
    def pages(self) -> Path:
        """What MkDocs reads."""
        return self.root / "site_src"

    @property
    def built(self) -> Path:
        """What MkDocs writes."""
        return self.root / "site"

    @property
    def templates(self) -> Path:
        """The templates of its pages: its own if it has any, else those of this program."""
        own = self.root / "templates"
        return own if (own / _FIRST_TEMPLATE).is_file() else shipped() / "templates"


def check_templates(folder: Path) -> None:
    """Raise `UsageError` unless `folder` holds templates of pages."""
    if not (folder / _FIRST_TEMPLATE).is_file():
        advice = f"Copy the program's templates, in {shipped() / 'templates'}, and change the copy"
        raise UsageError(str(folder), f"holds no templates: it has no {_FIRST_TEMPLATE}", advice)


def site_at(root: Path) -> SiteFolders:
    """The site at `root`. Raises `UsageError` if there is none."""
    if not (root / "data" / CATALOG_FILE).is_file():
        advice = "Make one with `atlas new DIR`"
        raise UsageError(str(root), f"is not a site: it has no data/{CATALOG_FILE}", advice)
    return SiteFolders(root)


def find_site(start: Path) -> SiteFolders:
    """The site that `start` lies in: the nearest one upwards.

    Raises:
        UsageError: there is none.
    """
    folder = start.resolve()
    for root in (folder, *folder.parents):
        if (root / "data" / CATALOG_FILE).is_file():
            return SiteFolders(root)
    advice = "Make one with `atlas new DIR`, or name one with --site"
    raise UsageError(str(start), f"is in no site: no data/{CATALOG_FILE} here or above", advice)


def shipped() -> Path:
    """The folder with `templates`, `site_src` and `mkdocs.yml` of this program: inside the package
    where a wheel was installed, beside it in a checkout."""
    inside = _PACKAGE / "_site"
    return inside if inside.is_dir() else _PACKAGE.parent
