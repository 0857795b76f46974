"""Drawings of 17 checkpoints and of 118 on all screens, with scripts and without."""

import json

import pytest
from group_pages import LIVE, READY, STATIC, choose, figure
from sites import REPOSITORY
from standards import violations
from test_pages import OVERFLOW
from texts_on_screen import SMALLEST_TEXT, TEXTS, check_texts

from generator.publish.reading.groups import GROUPS
from generator.publish.reading.loaded import read_all

# Texts of a heat map below its columns.
BELOW = """
svg => {
  const cells = svg.querySelector('image').getBoundingClientRect();
  return [...svg.querySelectorAll('text')].map(text => text.getBoundingClientRect())
    .filter(box => box.top > cells.bottom && box.left < cells.right && box.right > cells.left)
    .length;
}
"""


def test_without_scripts_no_text_of_118_checkpoints_covers_another(open_large):
    page = open_large(java_script_enabled=False)
    assert page.locator(".atlas-live").count() == 0
    assert page.locator("tr[data-member]").count() == 118
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 850})
        # Of one component: the map, the clusters and the distances.
        check_texts(page, drawings=3)


def test_without_scripts_no_text_of_the_demo_covers_another(open_page):
    page = open_page("groups/demo.html", java_script_enabled=False)
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 850})
        # Of one component, its tree, and six recipes as well.
        check_texts(page, drawings=4 + 1 + 6)


def test_it_works_from_disk(open_page, public_site):
    page = open_page("groups/demo.html", base=public_site.as_uri() + "/")
    page.locator(READY).wait_for(state="attached")
    assert page.locator(LIVE).count() == 5


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_118_checkpoints_by_the_standards(open_large, scheme):
    page = open_large(color_scheme=scheme)
    page.locator(READY).wait_for(state="attached")
    assert page.locator(LIVE).count() == 3
    assert page.locator(".atlas-static:visible").count() == 0
    assert page.evaluate(OVERFLOW) <= 0
    assert violations(page) == []


@pytest.mark.parametrize("open_one", ["open_page", "open_large"])
def test_on_a_phone_figures_are_as_wide_as_the_screen(request, open_one):
    arguments = () if open_one == "open_large" else ("groups/demo.html",)
    page = request.getfixturevalue(open_one)(*arguments, viewport={"width": 390, "height": 850})
    page.locator(READY).wait_for(state="attached")
    page.evaluate("document.querySelectorAll('details').forEach(d => (d.open = true))")
    views = page.locator(".atlas-live .atlas-scroll").all()
    assert len(views) >= 4
    for view in views:
        assert view.evaluate("v => v.scrollWidth - v.clientWidth") <= 0
        for drawing in view.locator("svg.marks").all():
            texts = drawing.evaluate(TEXTS)
            assert [text["name"] for text in texts if not text["inside"]] == []
            assert min(text["size"] for text in texts) >= SMALLEST_TEXT
    # What is no text: the marks of the line plot have most of the width.
    points = page.locator("[data-atlas-place=distances] .mark-symbol path").all()
    lefts = [point.bounding_box()["x"] for point in points]
    assert max(lefts) - min(lefts) > 100


def test_a_screen_that_turns_narrow_gets_narrow_figures(open_page):
    page = open_page("groups/demo.html")
    page.locator(READY).wait_for(state="attached")
    page.set_viewport_size({"width": 390, "height": 850})
    drawing = figure(page, "distances").locator("svg.marks")
    page.wait_for_function(
        "document.querySelector('[data-atlas-place=distances] svg.marks').clientWidth < 390"
    )
    assert "demo-tune-1" in drawing.text_content()


def test_tables_that_scroll_say_how_many_rows_they_have(open_large):
    page = open_large()
    page.locator(READY).wait_for(state="attached")
    place = page.locator("[data-atlas-members]")
    # Far from the screen, its rows have no layout.
    place.scroll_into_view_if_needed()
    place.locator(".has-below").wait_for()
    note = place.locator(".atlas-more")
    assert note.inner_text() == "118 rows: scroll to see all."
    assert "has-below" in place.locator(".atlas-scroll").get_attribute("class")
    place.locator(".atlas-scroll").evaluate("view => view.scrollTo(0, 1e6)")
    place.locator(".has-below").wait_for(state="detached")
    place.get_by_label("Filter rows").fill("kohaku")
    note.wait_for(state="hidden")


def test_no_dot_at_zero_is_cut(demo):
    """The scale begins before zero, by more than a dot is wide."""
    choose(demo, "Component", "vae")
    points = figure(demo, "distances").locator(".mark-symbol path").all()
    frame = figure(demo, "distances").locator("svg.marks .role-frame path.background").first
    left = frame.bounding_box()["x"]
    (measured,) = (one for one in read_all(REPOSITORY / "data", GROUPS) if one.id == "demo")
    folder = REPOSITORY / "data" / "checkpoints"
    records = [
        json.loads((folder / f"{each}.json").read_text()) for each in measured.record.members
    ]
    held = sum("vae" in {each["name"] for each in record["components"]} for record in records)
    assert len(points) == held - 1
    assert min(point.bounding_box()["x"] for point in points) > left


@pytest.mark.parametrize("opening", ["open_page", "open_large"])
def test_there_is_text_below_the_heat_map(request, opening):
    """The numbers of its columns, or in which order they are."""
    arguments = () if opening == "open_large" else ("groups/demo.html",)
    page = request.getfixturevalue(opening)(*arguments)
    page.locator(READY).wait_for(state="attached")
    assert figure(page, "clusters").locator("svg.marks").evaluate(BELOW) >= 1


@pytest.mark.parametrize("width", [1280, 800, 390])
def test_headings_that_are_jumped_to_are_in_view(open_page, width):
    page = open_page("groups/demo.html", viewport={"width": width, "height": 850})
    page.locator(READY).wait_for(state="attached")
    bar = page.locator("[data-atlas-controls]")
    for key in ("map", "clusters", "distances", "blocks", "members", "downloads"):
        page.locator(f".atlas-jump a[href='#{key}']").evaluate("link => link.click()")
        page.wait_for_timeout(100)
        top = page.locator(f"#{key}").bounding_box()["y"]
        covered = bar.bounding_box()
        is_clear = covered["y"] >= top or covered["y"] + covered["height"] <= top
        assert is_clear, key
        assert top >= page.locator(".md-header").bounding_box()["height"]
        assert top < 850 or key == "downloads"


def test_the_button_back_to_the_top_is_whole(demo):
    demo.evaluate("location.hash = '#members'")
    demo.mouse.wheel(0, -200)
    button = demo.locator(".md-top:not([hidden])")
    button.wait_for()
    bar = demo.locator("[data-atlas-controls]").bounding_box()
    assert button.bounding_box()["y"] >= bar["y"] + bar["height"]


def test_figures_follow_the_colour_scheme(open_page):
    page = open_page("groups/demo.html")
    page.locator(READY).wait_for(state="attached")
    ink = "getComputedStyle(document.querySelector('[data-atlas-place=map] .mark-text text')).fill"
    before = page.evaluate(ink)
    page.locator("label[for=__palette_1]").click()
    page.locator(READY).wait_for(state="attached")
    page.wait_for_function(f"{ink} !== '{before}'")


def test_where_the_runtime_fails_the_pictures_stay(browser, address):
    page = browser.new_page()
    page.route("**/runtime/vega.js", lambda route: route.abort())
    page.goto(f"{address}groups/demo.html")
    page.wait_for_load_state("networkidle")
    assert page.locator(STATIC).count() == 5
    assert page.locator(".atlas-live:visible").count() == 0
    assert page.locator("[data-atlas-controls] select:visible").count() == 0
    page.close()
