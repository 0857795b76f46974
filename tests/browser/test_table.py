"""The comparison table, worked by hand."""

import csv
import json
from io import StringIO
from pathlib import Path

import pytest
from sites import BY_SIZE, NETWORKS, RECORDS

from generator.publish.tables.table import WINDOW


@pytest.fixture
def page(open_page):
    return open_page("compare.html")


def names(page) -> list[str]:
    return page.locator("table tbody tr:visible th").all_inner_texts()


def visible_columns(page) -> list[str]:
    return [
        head.get_attribute("data-key")
        for head in page.locator("thead tr:last-child th:visible").all()
    ]


def download(page, button: str) -> str:
    with page.expect_download() as caught:
        page.get_by_role("button", name=button).click()
    return Path(caught.value.path()).read_text(encoding="utf-8")


def test_sorting_by_number_and_by_text(page):
    assert names(page)[0] == BY_SIZE[0]
    measured = [record for record in RECORDS if record["pipeline"]]
    by_flops = sorted(measured, key=lambda record: record["pipeline"]["flops"])
    flops = page.get_by_role("button", name="FLOPs per step")
    flops.click()
    assert names(page)[0] == by_flops[-1]["name"]
    assert page.locator("th[aria-sort=descending]").get_attribute("data-key") == "flops"
    flops.click()
    assert names(page)[0] == by_flops[0]["name"]
    page.get_by_role("button", name="Network").click()
    assert names(page) == sorted(names(page), key=str.casefold)
    assert page.locator("th[aria-sort]").count() == 1


def test_sorting_with_the_keyboard(page):
    page.get_by_role("button", name="Parameters").focus()
    page.keyboard.press("Enter")
    assert names(page)[0] == BY_SIZE[-1]
    page.keyboard.press("Enter")
    assert names(page)[0] == BY_SIZE[0]


def test_filtering(page):
    page.get_by_label("Filter rows").fill("SCHNELL flux")
    assert names(page) == ["FLUX.1-schnell"]
    assert page.get_by_role("status").inner_text() == f"1 of {NETWORKS} rows"
    page.get_by_label("Filter rows").fill("")
    assert len(names(page)) == NETWORKS


def test_choosing_a_value(open_page):
    page = open_page("architectures/sd1.parameters.html")
    everything = len(list(csv.reader(StringIO(download(page, "Download CSV"))))) - 1
    assert everything > len(names(page)) == WINDOW
    page.get_by_label("Filter by Block").select_option("MID")
    page.get_by_label("Filter by Kind").select_option("norm")
    rows = list(csv.DictReader(StringIO(download(page, "Download CSV"))))
    assert {(row["block"], row["kind"]) for row in rows} == {("MID", "norm")}
    assert page.get_by_role("status").inner_text() == f"{len(rows)} of {everything} rows"
    page.get_by_label("Filter by Block").select_option(label="Block: all")
    page.get_by_label("Filter by Kind").select_option(label="Kind: all")
    assert len(names(page)) == WINDOW
    assert page.get_by_text(f"Rows 1 to {WINDOW} of {everything}").is_visible()


def test_choosing_columns(page):
    assert "tensors" not in visible_columns(page)
    page.locator(".atlas-bar summary").click()
    columns = page.locator(".atlas-bar fieldset")
    columns.get_by_label("Tensors", exact=True).check()
    columns.get_by_label("Family", exact=True).uncheck()
    assert "tensors" in visible_columns(page)
    assert "family" not in visible_columns(page)
    page.keyboard.press("Escape")
    assert not page.locator(".atlas-bar fieldset").is_visible()


def test_downloading_what_is_shown(page, public_site):
    page.get_by_label("Filter rows").fill("flux.1-dev")
    rows = list(csv.reader(StringIO(download(page, "Download CSV"))))
    assert len(rows) == 2
    assert rows[0][:2] == ["name", "parameters"]
    assert rows[1][:2] == ["FLUX.1-dev", "11901408320"]
    assert "flops [FLOP]" in rows[0]
    (record,) = json.loads(download(page, "Download JSON"))
    whole = json.loads((public_site / "downloads" / "compare.json").read_text(encoding="utf-8"))
    expected = next(row for row in whole["rows"] if row["id"] == "flux")
    assert record == {key: expected[key] for key in record}


def test_titles_of_groups_span_the_columns_that_are_shown(page):
    spans = page.locator("thead [data-spans]:visible")
    assert sum(int(one.get_attribute("colspan")) for one in spans.all()) == len(
        visible_columns(page)
    )
    page.locator(".atlas-bar summary").click()
    for name in ("FLOPs per step", "FLOPs per sample", "FLOPs per parameter"):
        page.locator(".atlas-bar fieldset").get_by_label(name).uncheck()
    assert not page.locator("[data-spans='Cost of one step']").is_visible()


def test_what_is_chosen_is_in_the_address_and_comes_back_with_it(page, open_page):
    page.get_by_label("Filter rows").fill("stable")
    page.get_by_label("Filter by Family").select_option("MMDiT")
    page.get_by_role("button", name="FLOPs per step").click()
    page.locator(".atlas-bar summary").click()
    page.locator(".atlas-bar fieldset").get_by_label("Tensors", exact=True).check()
    # The plot below the table follows it.
    page.wait_for_function("document.querySelector('[data-atlas-choice=family]').value === 'MMDiT'")
    shown, columns = names(page), visible_columns(page)
    assert shown == [
        "Stable Diffusion 3.5 Large",
        "Stable Diffusion 3.5 Medium",
        "Stable Diffusion 3 Medium",
    ]
    address = page.url.rsplit("/", 1)[1]
    assert "family=MMDiT" in address
    again = open_page(address)
    assert names(again) == shown
    assert visible_columns(again) == columns
    again.get_by_label("Filter rows").fill("")
    again.get_by_label("Filter by Family").select_option("")
    assert "family=" not in again.url


def test_an_address_with_unknown_choices_shows_everything(open_page):
    page = open_page("compare.html?family=none&sort=-nothing&columns=x,y&modality=%3Cb%3E")
    assert len(names(page)) == NETWORKS
    assert names(page)[0] == BY_SIZE[0]
    assert "parameters" in visible_columns(page)


def test_a_row_is_reached_by_its_address(open_page):
    page = open_page("compare.html#row-flux")
    assert page.locator("tr:target th").inner_text() == "FLUX.1-dev"


def test_a_row_of_a_later_window_is_reached_by_its_address(open_page):
    page = open_page("architectures/sd1.parameters.html#row-conv_out.bias")
    target = page.locator("tr:target th")
    target.wait_for()
    assert target.locator("code").inner_text() == "conv_out.bias"
    target.get_by_role("link", name="Link to conv_out.bias").wait_for(state="attached")
    page.evaluate("location.hash = 'row-conv_in.bias'")
    page.locator("tr:target code", has_text="conv_in.bias").wait_for()
    assert page.locator("tbody tr").count() == WINDOW


def test_rows_that_are_chosen_are_shown_side_by_side(page):
    page.get_by_label("Choose Stable Diffusion XL to compare").check()
    assert page.locator(".atlas-bar__link:visible").count() == 0
    page.get_by_label("Choose FLUX.1-dev to compare").check()
    page.get_by_role("link", name="Compare 2 side by side").click()
    assert page.url.endswith("side-by-side.html?networks=sdxl,flux")


def test_the_head_and_the_names_stay_in_sight(open_page):
    page = open_page("compare.html", viewport={"width": 390, "height": 850})
    view = page.locator(".atlas-table__scroll")
    name = page.locator("tbody th").first
    before = name.bounding_box()["x"]
    view.evaluate("element => element.scrollBy(300, 0)")
    assert view.evaluate("element => element.scrollLeft") == 300
    assert name.bounding_box()["x"] == pytest.approx(before, abs=1)
    tall = open_page("architectures/sd1.parameters.html")
    tall.locator(".atlas-table__scroll").evaluate("element => element.scrollBy(0, 5000)")
    top = tall.locator(".atlas-table__scroll").bounding_box()["y"]
    assert tall.locator("thead th").first.bounding_box()["y"] == pytest.approx(top, abs=1)


def test_without_javascript_everything_is_there(open_page):
    page = open_page("compare.html", java_script_enabled=False)
    assert len(names(page)) == NETWORKS
    assert len(visible_columns(page)) == page.locator("thead tr:last-child th").count()
    assert page.locator(".atlas-bar:visible").count() == 0
    links = page.locator(".atlas-files a").all()
    assert [link.get_attribute("href") for link in links] == [
        "downloads/compare.csv",
        "downloads/compare.json",
    ]
