"""Pages of groups as a reader sees and works them: 17 checkpoints, 118, and six of whom one is not
drawn."""

import csv
import io
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from made_groups import make_group, published_group, write_group
from playwright.sync_api import Page
from scipy.spatial.distance import pdist, squareform
from serving import serving
from shared import made_once
from sites import REPOSITORY, build_site
from standards import violations
from tabs import DESK, Tab
from test_pages import OVERFLOW

from generator.publish.figures.pixels import MARKED
from generator.publish.reading.groups import GROUPS
from generator.publish.reading.loaded import read_all
from generator.publish.render import render
from generator.records.distances import distance_matrix
from generator.text.words import METRICS

SMALLEST_TEXT = 11
READY = "body[data-atlas-ready]"
# The figures of the lineage and of the sections: not those of the merges.
LIVE = ".atlas-group[data-atlas-place] > .atlas-live:visible"
STATIC = ".atlas-group[data-atlas-place] > .atlas-static:visible"

# Boxes on the screen of all texts of a drawing, and their sizes, in pixels.
TEXTS = """
svg => {
  const frame = svg.getBoundingClientRect();
  return [...svg.querySelectorAll('text')].filter(text => text.textContent).map(text => {
    const box = text.getBBox();
    const matrix = text.getScreenCTM();
    const corners = [[box.x, box.y], [box.x + box.width, box.y + box.height]]
      .map(([x, y]) => new DOMPoint(x, y).matrixTransform(matrix));
    const [x, y] = ['x', 'y'].map(axis => corners.map(corner => corner[axis]));
    const turned = Math.abs(matrix.b) > Math.abs(matrix.a);
    return {
      name: text.lastChild.textContent,
      box: [Math.min(...x), Math.min(...y), Math.max(...x), Math.max(...y)],
      inside: Math.min(...x) >= frame.left - 4 && Math.max(...x) <= frame.right + 4
        && Math.min(...y) >= frame.top - 4 && Math.max(...y) <= frame.bottom + 4,
      size: parseFloat(getComputedStyle(text).fontSize)
        * Math.hypot(matrix.a, turned ? matrix.b : 0),
    };
  });
}
"""


# Texts of a heat map below its columns.
BELOW = """
svg => {
  const cells = svg.querySelector('image').getBoundingClientRect();
  return [...svg.querySelectorAll('text')].map(text => text.getBoundingClientRect())
    .filter(box => box.top > cells.bottom && box.left < cells.right && box.right > cells.left)
    .length;
}
"""


@pytest.fixture(scope="session")
def large_site(tmp_path_factory, published) -> Path:
    """A site with one group, the published distances of 118 checkpoints."""

    def make(folder: Path) -> None:
        data, source = folder / "data", folder / "site_src"
        data.mkdir()
        shutil.copy(REPOSITORY / "data" / "published.toml", data)
        write_group(data, *published_group(published / "matrices", "pony1"))
        # The last of six has no distances.
        incomplete = squareform(pdist(np.random.default_rng(0).standard_normal((6, 3))))
        incomplete[5] = incomplete[:, 5] = np.nan
        write_group(data, *make_group("incomplete", list("abcdef"), {("vae", "REST"): incomplete}))
        render(data, REPOSITORY / "templates", source)
        build_site(source, folder / "site")

    return made_once(tmp_path_factory, "large", make) / "site"


@pytest.fixture(scope="session")
def large_address(large_site) -> Iterator[str]:
    with serving(large_site) as address:
        yield address


@pytest.fixture
def open_large(open_page, large_address):
    """Open the page of 118 checkpoints."""
    return lambda **options: open_page("groups/pony1.html", large_address, **options)


@pytest.fixture(scope="module")
def demo_tab(browser, address) -> Iterator[Tab]:
    """A tab that stays on the page of the demo: to open it takes longer than most looks at it."""
    tab = Tab(browser, has_scripts=True)
    tab.open(address, "groups/demo.html", DESK, "light")
    yield tab
    tab.leave()


@pytest.fixture
def demo(demo_tab) -> Iterator[Page]:
    """The page of the demo on a desk, as it opens: for tests that leave the window as it is."""
    page = demo_tab.page
    for control, value in (("Component", "denoiser"), ("Metric", "l2")):
        if control_of(page, control).input_value() != value:
            choose(page, control, value)
    highlight(page, "")
    page.mouse.move(0, 0)
    page.evaluate("location.hash = ''; scrollTo(0, 0)")
    yield page
    assert demo_tab.complaints == []


def figure(page, key):
    return page.locator(f"[data-atlas-place={key}]")


def control_of(page, name):
    """In the bar of the page: tables below have filters of like names."""
    return page.locator("[data-atlas-controls]").get_by_label(name, exact=True)


def choose(page, control, value=None, **option):
    control_of(page, control).select_option(value, **option)
    page.locator(READY).wait_for(state="attached")


def highlight(page, name):
    control_of(page, "Highlight").fill(name)


def check_texts(page, drawings):
    page.evaluate("document.querySelectorAll('details').forEach(d => (d.open = true))")
    found = page.locator(".atlas-static svg.atlas-chart:visible").all()
    assert len(found) == drawings
    for drawing in found:
        texts = drawing.evaluate(TEXTS)
        assert texts
        assert min(text["size"] for text in texts) >= SMALLEST_TEXT
        assert [text["name"] for text in texts if not text["inside"]] == []
        texts.sort(key=lambda text: text["box"][1])
        for number, one in enumerate(texts):
            for other in texts[number + 1 :]:
                if other["box"][1] > one["box"][3]:
                    break
                across = min(one["box"][2], other["box"][2]) - max(one["box"][0], other["box"][0])
                down = one["box"][3] - other["box"][1]
                assert min(across, down) <= 1, (one, other)


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


def test_the_button_back_to_the_top_is_whole(demo):
    demo.evaluate("location.hash = '#members'")
    demo.mouse.wheel(0, -200)
    button = demo.locator(".md-top:not([hidden])")
    button.wait_for()
    bar = demo.locator("[data-atlas-controls]").bounding_box()
    assert button.bounding_box()["y"] >= bar["y"] + bar["height"]


def marked(page):
    """Who is marked in the table, in the line plot and above the blocks."""
    rows = page.locator("tr.is-marked th").all_inner_texts()
    on_map = page.locator(f"[data-atlas-place=map] path[fill='{MARKED}']").count()
    line = page.locator(f"[data-atlas-place=distances] path[fill='{MARKED}']").count()
    title = page.locator("[data-atlas-place=blocks] .layer_2_marks text").text_content()
    return rows, on_map > 0, line > 0, title


def test_a_checkpoint_is_highlighted_everywhere(demo):
    highlight(demo, "demo-tune-2")
    demo.locator(f"[data-atlas-place=map] [fill='{MARKED}']").first.wait_for()
    assert marked(demo) == (["demo-tune-2"], True, True, "demo-tune-2")
    # By a click on its row, once more to take it back, and by a click on its point.
    (measured,) = (one for one in read_all(REPOSITORY / "data", GROUPS) if one.id == "demo")
    number = measured.record.members.index("demo-merge-half") + 1
    row = demo.locator(f"tr[data-member='{number}']")
    row.locator("td").first.click()
    demo.wait_for_timeout(200)
    assert marked(demo) == (["demo-merge-half"], True, True, "demo-merge-half")
    assert demo.get_by_label("Highlight", exact=True).input_value() == "demo-merge-half"
    row.locator("td").first.click()
    demo.wait_for_timeout(200)
    rows, on_map, on_line, title = marked(demo)
    assert (rows, on_map, on_line) == ([], False, False)
    assert title.startswith("Median")
    figure(demo, "distances").locator(".mark-symbol path").first.click()
    assert demo.locator("tr.is-marked").count() == 1


def test_any_part_of_a_name_highlights_all_that_have_it_and_is_in_the_address(demo, open_page):
    highlight(demo, " MERGE")
    demo.locator(f"[data-atlas-place=lineage] [stroke='{MARKED}']").first.wait_for()
    merges = ["demo-merge-add-difference", "demo-merge-blocks", "demo-merge-half"]
    rows, on_map, on_line, title = marked(demo)
    assert (sorted(rows), on_map, on_line) == (merges, True, True)
    assert title.startswith("Median")
    assert demo.locator("[data-atlas-controls] [role=status]").inner_text() == "3 of 21"
    again = open_page(demo.url.rsplit("/", 2)[1] + "/" + demo.url.rsplit("/", 1)[1])
    assert sorted(again.locator("tr.is-marked th").all_inner_texts()) == merges
    again.get_by_label("Highlight", exact=True).fill("<b>nobody</b>")
    assert again.locator("tr.is-marked").count() == 0


def test_nodes_of_the_tree_lead_to_checkpoints(open_page):
    page = open_page("groups/demo.html")
    page.locator(READY).wait_for(state="attached")
    figure(page, "lineage").locator(".mark-symbol path").first.click()
    page.wait_for_url("**/checkpoints/demo-*.html")


def test_the_highlighted_point_is_the_last_that_is_drawn(demo):
    highlight(demo, "demo-tune-2")
    demo.locator(f"[data-atlas-place=distances] [fill='{MARKED}']").first.wait_for()
    for key in ("map", "distances"):
        last = figure(demo, key).locator(".mark-symbol path[fill^='#']").last
        assert last.get_attribute("fill") == MARKED
        # Its halo is of the colour of the page.
        assert last.evaluate("mark => getComputedStyle(mark).stroke") == "rgb(252, 251, 248)"


def test_who_is_highlighted_but_not_drawn_is_told(open_page, large_address):
    page = open_page("groups/incomplete.html", large_address)
    page.locator(READY).wait_for(state="attached")
    for name, told in (("f", "f is not drawn by its VAE. "), ("e", "")):
        highlight(page, name)
        for key in ("map", "clusters", "distances"):
            text = figure(page, key).locator(".atlas-live figcaption").inner_text()
            assert text.startswith(f"{told}VAE")
            assert text.endswith("Not drawn, as not all their L2 distances are known: f.")


def test_one_from_whom_distances_begin_is_told(demo):
    highlight(demo, "demo-base")
    text = figure(demo, "distances").locator(".atlas-live figcaption").inner_text()
    assert text.startswith("demo-base is where distances begin. ")


def test_the_row_of_the_highlighted_comes_into_view_and_the_page_stays(open_large):
    page = open_large()
    page.locator(READY).wait_for(state="attached")
    before = page.evaluate("scrollY")
    for number in ("68", "3"):
        name = page.locator(f"#atlas-names option[data-number='{number}']").get_attribute("value")
        highlight(page, name)
        row = page.locator(f"tr[data-member='{number}']").bounding_box()
        view = page.locator("[data-atlas-members] .atlas-scroll").bounding_box()
        head = page.locator("[data-atlas-members] thead").bounding_box()
        assert row["y"] >= view["y"] + head["height"] - 1
        assert row["y"] + row["height"] <= view["y"] + view["height"] + 1
    assert page.evaluate("scrollY") == before


def test_a_highlight_outlives_another_component(demo):
    highlight(demo, "demo-tune-2")
    choose(demo, "Component", "text_encoder")
    rows, on_map, on_line, _ = marked(demo)
    assert (rows, on_map, on_line) == (["demo-tune-2"], True, True)


def test_the_map_zooms_by_buttons(demo):
    point = figure(demo, "map").locator(".mark-symbol path").first
    whole = point.get_attribute("transform")
    figure(demo, "map").get_by_role("button", name="Zoom in").press("Enter")
    demo.wait_for_timeout(200)
    assert point.get_attribute("transform") != whole
    figure(demo, "map").get_by_role("button", name="Fit: show the whole figure").press("Enter")
    demo.wait_for_timeout(200)
    assert point.get_attribute("transform") == whole


def test_figures_follow_the_colour_scheme(open_page):
    page = open_page("groups/demo.html")
    page.locator(READY).wait_for(state="attached")
    ink = "getComputedStyle(document.querySelector('[data-atlas-place=map] .mark-text text')).fill"
    before = page.evaluate(ink)
    page.locator("label[for=__palette_1]").click()
    page.locator(READY).wait_for(state="attached")
    page.wait_for_function(f"{ink} !== '{before}'")


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


def test_where_the_runtime_fails_the_pictures_stay(browser, address):
    page = browser.new_page()
    page.route("**/runtime/vega.js", lambda route: route.abort())
    page.goto(f"{address}groups/demo.html")
    page.wait_for_load_state("networkidle")
    assert page.locator(STATIC).count() == 5
    assert page.locator(".atlas-live:visible").count() == 0
    assert page.locator("[data-atlas-controls] select:visible").count() == 0
    page.close()
