"""Pages of pairs, worked by hand: the tables, the strip, and all of it without scripts."""

import csv
import json
from io import StringIO
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from sites import PAIRS, REPOSITORY

from generator.publish.tables.table import WINDOW

FOLDER = REPOSITORY / "data" / "pairs"


@pytest.fixture(scope="module")
def pair() -> str:
    """The pair whose tensors differ most often."""

    def differing(name: str) -> int:
        counts = pq.read_table(FOLDER / f"{name}.tensors.parquet")["l0"].to_pylist()
        return sum(bool(count) for count in counts)

    return max(PAIRS, key=differing)


@pytest.fixture(scope="module")
def tensors(pair) -> list[dict]:
    return pq.read_table(FOLDER / f"{pair}.tensors.parquet").to_pylist()


@pytest.fixture
def page(open_page, pair):
    return open_page(f"pairs/{pair}.tensors.html")


def shown(page) -> int:
    return page.locator("tbody tr:visible").count()


def test_all_tensors_are_there_the_farthest_first(page, tensors):
    assert len(tensors) > shown(page) == WINDOW
    assert page.get_by_text(f"Rows 1 to {WINDOW} of {len(tensors):,}").is_visible()
    farthest = max((row for row in tensors if row["l2"]), key=lambda row: row["l2"])
    assert page.locator("tbody th").first.inner_text() == farthest["name"]


def test_filtering_by_text_component_block_and_kind(page, tensors):
    page.get_by_label("Filter by Component").select_option("denoiser")
    component = [row for row in tensors if row["component"] == "denoiser"]
    assert page.get_by_role("status").inner_text() == f"{len(component):,} of {len(tensors):,} rows"
    assert shown(page) == min(len(component), WINDOW)
    page.get_by_label("Filter by Block").select_option("OUT05")
    block = [row for row in component if row["block"] == "OUT05"]
    assert 0 < shown(page) == len(block)
    page.get_by_label("Filter by Kind").select_option("attn2")
    kind = [row for row in block if row["kind"] == "attn2"]
    assert 0 < shown(page) == len(kind)
    page.get_by_label("Filter rows").fill("to_k")
    assert shown(page) == sum("to_k" in row["name"] for row in kind) > 0
    status = page.get_by_role("status").inner_text()
    assert status == f"{shown(page)} of {len(tensors):,} rows"
    with page.expect_download() as caught:
        page.get_by_role("button", name="Download CSV").click()
    text = Path(caught.value.path()).read_text(encoding="utf-8")
    rows = list(csv.DictReader(StringIO(text)))
    expected = [row for row in kind if "to_k" in row["name"]]
    assert sorted(row["name"] for row in rows) == sorted(row["name"] for row in expected)
    by_name = {row["name"]: row for row in expected}
    assert all(float(row["l2"]) == by_name[row["name"]]["l2"] for row in rows)
    for label in ("Filter by Component", "Filter by Block", "Filter by Kind"):
        page.get_by_label(label).select_option("")
    page.get_by_label("Filter rows").fill("")
    assert shown(page) == WINDOW
    assert page.get_by_role("status").inner_text() == ""


def test_sorting_keeps_what_is_missing_last_and_every_window_is_reached(page, tensors):
    assert any(row["l2"] is None for row in tensors)
    after = page.get_by_role("button", name="Next 100")
    for _ in range(2):
        page.get_by_role("button", name="RMS").click()
        found = page.locator("tbody th").all_inner_texts()
        while after.is_enabled():
            after.click()
            found += page.locator("tbody th").all_inner_texts()
        assert sorted(found) == sorted(row["name"] for row in tensors)
        assert "–" in page.locator("tbody tr").last.inner_text()


def test_columns_that_are_chosen_stay_chosen_in_every_window(page):
    page.locator(".atlas-bar summary").click()
    page.locator(".atlas-bar fieldset").get_by_label("Shape").check()
    page.get_by_role("button", name="Next 100").click()
    place = page.locator("thead th[data-key=shape]").evaluate("head => head.cellIndex")
    assert page.locator("tbody tr").last.locator("th, td").nth(place).is_visible()


def test_every_cell_of_the_strip_says_its_figures(open_page, pair):
    page = open_page(f"pairs/{pair}.html", java_script_enabled=False)
    record = json.loads((FOLDER / f"{pair}.json").read_bytes())
    components = record["comparison"]["summary"]["components"]
    # A cell for each kind in a block, and two bars for each block.
    expected = sum(
        len(kinds) + 2
        for part in components.values()
        if part["total"]["l2"]
        for kinds in part["blocks_kinds"].values()
    )
    for screen in ("wide", "narrow"):
        drawn = f".atlas-chart--{screen}[aria-labelledby^=strip]"
        titles = page.locator(f"{drawn} path > title")
        assert titles.count() == expected
        assert all("RMS" in text or "exactly 0" in text for text in titles.all_text_contents())


def test_the_first_screen_holds_the_sentence_and_the_picture(open_page, pair):
    page = open_page(f"pairs/{pair}.html", viewport={"width": 1280, "height": 900})
    assert page.locator(".atlas-lead").bounding_box()["y"] < 400
    page.locator(".atlas-live svg").first.wait_for()
    strip = page.locator(".atlas-live svg").first.bounding_box()
    assert strip["y"] + strip["height"] <= 920


@pytest.mark.parametrize("name", PAIRS)
def test_without_javascript_everything_is_there(open_page, name):
    page = open_page(f"pairs/{name}.html", java_script_enabled=False)
    nothing = page.get_by_text("there is nothing to draw").count()
    assert bool(page.locator("svg[aria-labelledby^=strip]").count()) != bool(nothing)
    assert bool(nothing) == (name == "demo-renamed-text-encoder")
    assert page.locator(".atlas-bar").count() == 0
    links = [link.get_attribute("href") for link in page.locator(".atlas-files a").all()]
    assert [link.removeprefix(f"../downloads/pairs/{name}") for link in links] == [
        ".comparison.json",
        ".tensors.csv",
        ".tensors.parquet",
        ".json",
    ]
    for link in links:
        assert page.request.get(page.url.rsplit("/", 1)[0] + "/" + link).ok


def test_every_pair_is_reached_from_the_index(open_page):
    page = open_page("pairs/index.html", java_script_enabled=False)
    assert page.locator("tbody tr").count() == len(PAIRS)
    links = page.locator("svg.atlas-chart--wide a").all()
    found = [link.get_attribute("href").removesuffix(".html") for link in links]
    assert sorted(found) == PAIRS
    page.locator("tbody a").first.click()
    page.wait_for_load_state()
    assert page.locator("h1").count() == 1
