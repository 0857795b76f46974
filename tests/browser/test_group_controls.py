"""What a reader does on the page of a group: points, chooses, zooms, copies, takes away."""

import csv
import io
from pathlib import Path

import pytest
from group_pages import READY, choose, control_of, figure
from sites import REPOSITORY

from generator.publish.reading.groups import GROUPS
from generator.publish.reading.loaded import read_all
from generator.records.distances import distance_matrix
from generator.text.words import METRICS


def test_hovering_tells_what_a_point_is(demo):
    figure(demo, "map").locator(".mark-symbol path").first.hover()
    tip = demo.locator("#vg-tooltip-element.visible")
    tip.wait_for()
    for word in ("Checkpoint", "Nearest", "demo-"):
        assert word in tip.inner_text()


def test_hovering_tells_the_distance_of_a_cell(demo):
    cells = figure(demo, "clusters").locator("svg.marks image").first
    cells.scroll_into_view_if_needed()
    box = cells.bounding_box()
    demo.mouse.move(box["x"] + 0.4 * box["width"], box["y"] + 0.5 * box["height"])
    tip = demo.locator("#vg-tooltip-element.visible")
    tip.wait_for()
    assert "L2 distance" in tip.inner_text()


def test_merges_and_candidates_follow_the_component_that_a_reader_chose(open_page):
    page = open_page("groups/pony1.html")
    texts = page.locator("[data-atlas-of]")
    shown = page.locator("[data-atlas-of]:visible")
    assert shown.count() == texts.count()
    choose(page, "Component", "text_encoder_2")
    told = shown.all_inner_texts()
    assert told
    assert all("second text encoder" in text for text in told)
    table = page.locator("[data-atlas-table='pony1-candidates']")
    table.locator("tbody tr").first.wait_for()
    cells = table.locator("tbody tr > td:first-of-type").all_text_contents()
    assert set(cells) == {"second text encoder"}
    again = open_page("groups/pony1.html?component=vae")
    assert all("VAE" in text for text in again.locator("[data-atlas-of]:visible").all_inner_texts())


def test_choosing_a_component_and_a_metric(demo):
    demo.evaluate("document.querySelector('#spectral').open = true")
    choose(demo, "Component", "vae")
    for key in ("map", "clusters", "distances", "blocks", "spectral"):
        assert "VAE" in figure(demo, key).locator(".atlas-live figcaption").text_content()
    choose(demo, "Metric", "cosine")
    assert "1 − cosine" in figure(demo, "distances").locator("svg.marks").text_content()
    choose(demo, "Metric", "l2")
    assert "1 − cosine" not in figure(demo, "distances").locator("svg.marks").text_content()


@pytest.mark.parametrize("width", [1280, 390])
def test_captions_are_true_of_the_metric_that_is_chosen(open_page, width):
    page = open_page("groups/demo.html", viewport={"width": width, "height": 850})
    caption = page.locator("[data-atlas-place=clusters] .atlas-live figcaption")
    page.locator(READY).wait_for(state="attached")
    assert ("endrogram" in caption.inner_text()) == (width == 1280)
    for metric, words in METRICS.items():
        choose(page, "Metric", metric)
        for key in ("clusters", "distances"):
            text = figure(page, key).locator(".atlas-live figcaption").inner_text()
            assert text.startswith(f"Denoiser: {words} ")
        on_map = figure(page, "map").locator(".atlas-live figcaption").inner_text()
        assert on_map.startswith("Always by L2") == (metric != "l2")
        view = figure(page, "distances").locator(".atlas-live .atlas-scroll")
        assert view.evaluate("v => v.scrollWidth - v.clientWidth") <= 0


def test_counted_elements_are_shown_exactly(demo):
    choose(demo, "Metric", "l0")
    (measured,) = (one for one in read_all(REPOSITORY / "data", GROUPS) if one.id == "demo")
    from_base = distance_matrix(measured.beside, ("l0",)).components["denoiser"].l0[0]
    counts = {f"{count:,}" for count in from_base[1:] if count is not None}
    assert len(counts) > 1
    texts = figure(demo, "distances").locator("svg.marks text").all_text_contents()
    assert counts <= set(texts)


def test_selects_are_wide_beside_each_other_and_do_not_stick_on_a_phone(open_page):
    page = open_page("groups/demo.html", viewport={"width": 390, "height": 850})
    page.locator(READY).wait_for(state="attached")
    bar = page.locator("[data-atlas-controls]")
    # Their names are read out, and take no room.
    first, second = (bar.get_by_label(name, exact=True) for name in ("Component", "Metric"))
    boxes = [each.bounding_box() for each in (first, second)]
    assert boxes[0]["y"] == pytest.approx(boxes[1]["y"], abs=2)
    for select, box in zip((first, second), boxes, strict=True):
        text = select.evaluate(
            """select => {
                const canvas = document.createElement("canvas").getContext("2d");
                canvas.font = getComputedStyle(select).font;
                return canvas.measureText(select.selectedOptions[0].text).width;
            }"""
        )
        # Its arrow and padding take 48 px.
        assert box["width"] >= text + 48
    label = bar.locator("label", has_text="Highlight").bounding_box()
    field = control_of(page, "Highlight").bounding_box()
    assert label["x"] + label["width"] <= field["x"]
    page.evaluate("location.hash = '#members'")
    page.wait_for_timeout(100)
    assert bar.bounding_box()["y"] < 0


def test_nodes_of_the_tree_lead_to_checkpoints(open_page):
    page = open_page("groups/demo.html")
    page.locator(READY).wait_for(state="attached")
    figure(page, "lineage").locator(".mark-symbol path").first.click()
    page.wait_for_url("**/checkpoints/demo-*.html")


def test_the_map_zooms_by_buttons(demo):
    point = figure(demo, "map").locator(".mark-symbol path").first
    whole = point.get_attribute("transform")
    figure(demo, "map").get_by_role("button", name="Zoom in").press("Enter")
    demo.wait_for_timeout(200)
    assert point.get_attribute("transform") != whole
    figure(demo, "map").get_by_role("button", name="Fit: show the whole figure").press("Enter")
    demo.wait_for_timeout(200)
    assert point.get_attribute("transform") == whole


def test_downloads_are_there(demo):
    with demo.expect_download() as caught:
        demo.get_by_role("link", name="Denoiser, L2 distance (CSV)").click()
    text = Path(caught.value.path()).read_text(encoding="utf-8")
    rows = list(csv.reader(io.StringIO(text)))
    (measured,) = (one for one in read_all(REPOSITORY / "data", GROUPS) if one.id == "demo")
    assert len(rows) == len(measured.record.members) + 1
    assert rows[0][1] == "demo-base"
    assert float(rows[1][1]) == 0
    with demo.expect_download() as caught:
        place = demo.locator("[data-atlas-members]")
        place.get_by_role("button", name="Download CSV").click()
    table = Path(caught.value.path()).read_text(encoding="utf-8")
    assert table.startswith("member,number,origin,denoiser_l2,")


def test_a_recipe_is_copied_or_at_least_selected(browser, address):
    """Into the clipboard if the browser allows it; else the reader's keyboard copies it."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{address}groups/demo.html#merges")
    page.evaluate("document.querySelectorAll('details').forEach(d => (d.open = true))")
    text = page.locator("[data-atlas-copy]").first
    bar = text.locator("xpath=following-sibling::div").first
    context.grant_permissions([])
    bar.get_by_role("button", name="Copy").click()
    bar.get_by_role("button", name="Selected: copy it with your keyboard").wait_for()
    assert page.evaluate("getSelection().toString().trim()") == text.inner_text().strip()
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    bar.get_by_role("button").click()
    bar.get_by_role("button", name="Copied").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == text.text_content()
    assert copied.strip()
    context.close()
