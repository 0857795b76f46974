"""A map of prompts, worked by hand and by keyboard."""

import json
import re
from io import BytesIO

import msgspec
import pytest
from made_maps import enlarged, make_map
from PIL import Image
from sites import REPOSITORY

from generator.publish.figures.maps.movement import movement_map
from generator.publish.figures.maps.scripts import script_files
from generator.publish.figures.page_script import page_script
from generator.publish.reading.loaded import read_all
from generator.publish.reading.maps import EMBEDDINGS
from generator.records import store

RECORD = json.loads((REPOSITORY / "data" / "embeddings" / "words_demo.json").read_text())
PAGE = "embeddings/words_demo.html"
READY = "#map[data-shown]"
VIEW = "#map .atlas-live .atlas-scroll"
# The mark around the prompt that is selected.
RING = f"{VIEW} path[stroke-width='2']"
TIP = "#vg-tooltip-element"


@pytest.fixture
def page(open_page):
    page = open_page(PAGE)
    page.locator(READY).wait_for()
    return page


def shown(page) -> int:
    return int(page.locator("#map").get_attribute("data-shown"))


def search(page, text: str) -> None:
    box = page.get_by_label("Search a prompt")
    box.fill(text)
    box.press("Enter")


def place_of(page, prompt: str) -> tuple[float, float]:
    """Where a prompt is drawn, relative to the map."""
    search(page, prompt)
    page.locator(RING).wait_for()
    ring, field = (page.locator(each).bounding_box() for each in (RING, VIEW))
    middle = ring["x"] + ring["width"] / 2, ring["y"] + ring["height"] / 2
    return middle[0] - field["x"], middle[1] - field["y"]


def reloaded(page, select: str, value: str) -> None:
    before = page.locator("#map").get_attribute("data-shows")
    page.get_by_label(select, exact=True).select_option(value)
    page.wait_for_function(
        "before => document.querySelector('#map').dataset.shows !== before", arg=before
    )


def test_hovering_tells_the_prompt(page):
    x, y = place_of(page, "origami")
    page.locator(VIEW).hover(position={"x": x, "y": y})
    tip = page.locator(f"{TIP}.visible")
    tip.wait_for()
    assert tip.locator("td.value").all_inner_texts() == ["origami", "styles"]
    page.locator("h1").hover()
    tip.wait_for(state="detached")


@pytest.mark.parametrize("beside", [0, 9])
def test_clicking_on_a_point_or_beside_it_selects_it(page, beside):
    """Only what was searched is shown, so that no other is nearer."""
    x, y = place_of(page, "origami")
    x += beside
    page.locator(VIEW).focus()
    page.keyboard.press("Escape")
    page.locator(RING).wait_for(state="detached")
    page.locator(VIEW).click(position={"x": x, "y": y})
    page.locator(RING).wait_for()
    assert page.locator(".atlas-map__detail strong").inner_text() == "origami"


def test_long_and_turning_prompts(browser, address):
    """The tip stays small, and no prompt turns the words behind it."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    long = "w" * 3999 + "\u202e"

    def with_a_long_one(route):
        answer = route.fetch()
        body = answer.text().replace('"origami"', json.dumps(long))
        route.fulfill(response=answer, body=body)

    page.route("**/head.js", with_a_long_one)
    page.goto(address + PAGE)
    page.locator(READY).wait_for()
    x, y = place_of(page, "wwww")
    page.locator(VIEW).hover(position={"x": x, "y": y})
    tip, detail = page.locator(f"{TIP}.visible"), page.locator(".atlas-map__detail")
    tip.wait_for()
    assert len(tip.inner_text()) < 120
    assert tip.bounding_box()["height"] < 100
    assert detail.bounding_box()["height"] < 200
    assert detail.locator("strong bdi").get_attribute("title") == long
    cell = tip.locator("td.value").first
    assert cell.inner_text().startswith("wwww")
    assert cell.evaluate("cell => getComputedStyle(cell).unicodeBidi") == "isolate"
    place = detail.locator("p").first
    turning = place.evaluate(
        "place => [...place.childNodes].filter((child) => child.nodeType === Node.TEXT_NODE)"
        ".some((child) => child.textContent.includes('\u202e'))"
    )
    assert not turning
    assert place.locator("bdi").first.inner_text().startswith("wwww")
    context.close()


def test_searching_and_selecting(page):
    search(page, "horse")
    assert page.locator("#map .atlas-bar [role=status]").first.inner_text() == "5 of 200 prompts"
    assert shown(page) == 5
    detail = page.locator(".atlas-map__detail").inner_text()
    assert detail.startswith("horse · animals")
    assert "Nearest:" in detail
    page.get_by_label("Search a prompt").press("Enter")
    assert not page.locator(".atlas-map__detail").inner_text().startswith("horse ·")


def test_filtering_categories(page):
    assert shown(page) == len(RECORD["prompts"])
    button = page.get_by_role("button", name="colours")
    button.click()
    assert button.get_attribute("aria-pressed") == "false"
    assert shown(page) == len(RECORD["prompts"]) - 25
    button.click()
    assert shown(page) == len(RECORD["prompts"])


def test_filtering_searches_again(page):
    """What is hidden is neither found nor selected."""
    search(page, "horse")
    status = page.locator("#map .atlas-bar [role=status]").first
    page.locator(RING).wait_for()
    page.get_by_role("button", name="animals").click()
    assert status.inner_text() == "4 of 200 prompts"
    page.locator(RING).wait_for(state="detached")
    assert page.locator(".atlas-map__detail strong").count() == 0
    page.get_by_label("Search a prompt").press("Enter")
    assert "· animals" not in page.locator(".atlas-map__detail").inner_text()
    kept = page.locator(".atlas-map__detail strong").inner_text()
    page.get_by_role("button", name="animals").click()
    assert status.inner_text() == "5 of 200 prompts"
    assert page.locator(".atlas-map__detail strong").inner_text() == kept


def test_choosing_encoder_vectors_and_axes(page):
    moved = page.locator("#map").get_attribute("data-shows")
    assert moved.endswith(".last.shared")
    reloaded(page, "Vectors", "flattened")
    reloaded(page, "Encoder", "0")
    assert page.locator("#map").get_attribute("data-shows") == "0.flattened.shared"
    assert page.get_by_label("Axes", exact=True).locator("option[value=tsne]").is_disabled()
    reloaded(page, "Vectors", "last")
    reloaded(page, "Axes", "tsne")
    assert shown(page) == len(RECORD["prompts"])


def test_a_twin_has_no_movement_and_another_encoder_does(page):
    twins = RECORD["encoders"][0]["members"]
    assert {member["checkpoint"] for member in twins} >= {"demo-base", "demo-frozen-text-encoder"}
    search(page, "teapot")
    assert "moved by" in page.locator(".atlas-map__detail").inner_text()
    reloaded(page, "Encoder", "0")
    assert "moved by" not in page.locator(".atlas-map__detail").inner_text()


def test_a_page_that_opens_on_a_reference_has_no_movement(browser, address):
    """Its points are asked for twice at once, as its own and as its reference's."""
    context = browser.new_context()
    page = context.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))

    def on_the_reference(route):
        answer = route.fetch()
        opened = re.sub('data-atlas-encoder="[0-9]+"', 'data-atlas-encoder="0"', answer.text())
        route.fulfill(response=answer, body=opened)

    page.route(f"**/{PAGE}", on_the_reference)
    page.goto(address + PAGE)
    page.locator(READY).wait_for()
    assert page.locator("#map").get_attribute("data-shows") == "0.last.shared"
    search(page, "teapot")
    detail = page.locator(".atlas-map__detail").inner_text()
    assert "Nearest:" in detail
    assert "moved by" not in detail
    assert "in the reference" not in detail
    assert sum(url.endswith("/0.last.js") for url in asked) == 1
    context.close()


def test_with_the_keyboard(page):
    canvas = page.locator(VIEW)
    canvas.focus()
    canvas.press("ArrowRight")
    first = page.locator(".atlas-map__detail strong").inner_text()
    canvas.press("ArrowRight")
    assert page.locator(".atlas-map__detail strong").inner_text() != first
    canvas.press("ArrowLeft")
    assert page.locator(".atlas-map__detail strong").inner_text() == first
    canvas.press("Escape")
    assert page.locator(".atlas-map__detail strong").count() == 0


def test_zooming(page):
    before = place_of(page, "violin")
    page.get_by_role("button", name="Zoom in").click()
    after = place_of(page, "violin")
    assert after != before
    page.get_by_role("button", name="Show the whole figure").click()
    assert place_of(page, "violin") == pytest.approx(before, abs=0.1)


def test_many_prompts_are_drawn_on_a_canvas(browser, address, tmp_path):
    """Ten thousand in the place of those of the page: still they are drawn, told and selected."""
    record, files, _ = make_map("x")
    store.write_result(tmp_path / "embeddings", record, files, "made")
    mapped, _ = enlarged(read_all(tmp_path, EMBEDDINGS)[0], 10_000)
    of_the_page = msgspec.structs.replace(mapped.record, id="words_demo")
    mapped = mapped._replace(record=of_the_page)
    figure = movement_map(mapped, "last", 0, 1)
    scripts = script_files(mapped) | page_script(PAGE.replace(".html", ".md"), [figure])
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))

    def made(route):
        route.fulfill(body=scripts[route.request.url.removeprefix(address)])

    page.route(re.compile("/embeddings/words_demo(/.*)?\\.js$"), made)
    page.goto(address + PAGE)
    page.locator(READY).wait_for()
    canvas = page.locator(f"{VIEW} canvas")
    assert canvas.get_attribute("role") == "img"
    before = canvas.screenshot()
    assert len(set(Image.open(BytesIO(before)).convert("L").tobytes())) > 20
    assert shown(page) == 10_000
    search(page, "prompt 4321")
    assert page.locator(".atlas-map__detail strong").inner_text() == "prompt 4321"
    # Only what was searched is shown, and only it is told and selected: where both axes, whose
    # middles are those of the map, have one scale.
    page.locator(VIEW).press("Escape")
    assert page.locator(".atlas-map__detail strong").count() == 0
    own = mapped.beside.points[0, "last"].own
    low, high = own.min(axis=0), own.max(axis=0)
    unit = ((high - low) / (1160 - 28, 520 - 34)).max() / 0.92
    x, y = (own[4321] - (low + high) / 2) / unit
    place = {"x": 24 + (1160 - 28) / 2 + x, "y": 4 + (520 - 34) / 2 - y + 8}
    canvas.hover(position=place)
    page.locator(f"{TIP}.visible").wait_for()
    told = page.locator(f"{TIP} td.value").first.inner_text()
    canvas.click(position=place)
    assert page.locator(".atlas-map__detail strong").inner_text() == told == "prompt 4321"
    page.get_by_label("Search a prompt").fill("")
    page.locator(VIEW).press("ArrowRight")
    assert page.locator(".atlas-map__detail strong").inner_text() != told
    assert not complaints
    context.close()


def test_without_javascript_the_picture_is_there(open_page):
    page = open_page(PAGE, java_script_enabled=False)
    drawing = page.locator("#map svg.atlas-chart:visible")
    assert drawing.locator("g title").count() == len(RECORD["prompts"])
    assert drawing.locator("path[transform*=rotate]").count() > 0
    assert page.locator(".atlas-bar").count() == 0


def test_from_disk(open_page, public_site):
    page = open_page(PAGE, base=public_site.as_uri() + "/")
    page.locator(READY).wait_for()
    assert shown(page) == len(RECORD["prompts"])


def test_first_words_say_that_the_encoders_are_toys(page):
    lead = page.locator(".atlas-lead").inner_text()
    assert lead.startswith("These text encoders are untrained")
