"""Hostile texts, in every kind of record at once, are only read."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from hostile import HOSTILE, add_checkpoints, add_group, add_pairs
from made_data import two_networks
from made_groups import make_group, write_group
from shared import made_once
from sites import REPOSITORY, build_site

from generator.publish.check import check
from generator.publish.render import render


@pytest.fixture(scope="session")
def pages(tmp_path_factory) -> Path:
    """The pages of a `data/` that also has a group in which nothing can be compared."""

    def make(folder: Path) -> None:
        data = two_networks(folder / "data", f"{HOSTILE}\n# c")
        add_pairs(data, folder)
        # In the place of the one of that name in a pair.
        add_checkpoints(data, folder)
        add_group(data)
        nothing = {("denoiser", "MID"): np.full((2, 2), np.nan)}
        write_group(data, *make_group("none", ["a", "b"], nothing))
        render(data, REPOSITORY / "templates", folder / "site_src")

    return made_once(tmp_path_factory, "hostile-pages", make) / "site_src"


@pytest.fixture(scope="session")
def site(tmp_path_factory, pages) -> Path:
    """Those pages, built."""

    def build(folder: Path) -> None:
        build_site(shutil.copytree(pages, folder / "site_src"), folder / "site")

    return made_once(tmp_path_factory, "hostile-site", build) / "site"


def test_no_page_hands_on_what_a_browser_or_a_template_would_run(pages):
    found = list(pages.rglob("*.md"))
    names = {path.relative_to(pages).as_posix() for path in found}
    kinds = ("architectures/one", "checkpoints/first", "groups/hostile", "pairs/hostile")
    assert names >= {f"{name}.md" for name in kinds}
    for path in found:
        text = path.read_text(encoding="utf-8")
        for live in ("<script>", "{{7*7}}", "](javascript", "<img"):
            assert live not in text, path


@pytest.mark.slow
def test_the_site_is_whole(site):
    assert check(site) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", ["architectures/one", "groups/hostile", "pairs/hostile"])
def test_no_text_is_an_element(site, name):
    page = (site / f"{name}.html").read_text(encoding="utf-8")
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "49" not in page.partition("<h1>")[2].partition("</h1>")[0]


@pytest.mark.slow
def test_figures_are_loaded_when_they_come_into_view_and_not_before(site):
    assert not [one for one in site.rglob("*.html") if "vega.js" in one.read_text(encoding="utf-8")]
    assert (site / "runtime" / "groups" / "hostile.js").is_file()


@pytest.mark.slow
def test_nothing_to_compare_is_still_a_page(pages, site):
    assert "<svg" not in (pages / "groups" / "none.md").read_text(encoding="utf-8")
    assert (site / "groups" / "none.html").is_file()
