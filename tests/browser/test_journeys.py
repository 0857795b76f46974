"""Questions of readers, from the home page, with the number of clicks that each answer takes."""

import json

import pytest
from sites import REPOSITORY

PHONE = {"width": 390, "height": 850}
SMALLEST_TEXT = 11
SIZES = """
place => [...place.querySelectorAll('li, li *')]
  .filter(each => each.getClientRects().length && each.textContent.trim())
  .map(each => parseFloat(getComputedStyle(each).fontSize))
"""


class Reader:
    """Someone on the home page who counts clicks; choosing from a list or typing is one."""

    def __init__(self, page):
        self.page = page
        self.clicks = 0

    def follow(self, name, place="main"):
        """Click a link whose text begins with `name`."""
        self.click(self.page.locator(f"{place} a:visible").filter(has_text=name).first)
        self.page.wait_for_load_state()

    def click(self, target):
        target.click()
        self.clicks += 1

    def choose(self, target, value):
        target.select_option(value)
        self.clicks += 1

    def type(self, target, text):
        target.fill(text)
        self.clicks += 1

    def tab(self, name):
        self.follow(name, ".md-tabs")


@pytest.fixture
def reader(open_page):
    return Reader(open_page("index.html"))


def record(kind, name):
    return json.loads((REPOSITORY / "data" / kind / f"{name}.json").read_bytes())


def test_what_fits_12_gb(reader):
    reader.follow("What fits on my card?")
    reader.choose(reader.page.locator("[data-atlas-cards] select"), "12")
    told = reader.page.locator("[data-atlas-cards] output").inner_text()
    cells = reader.page.locator("[data-atlas-table=fits] tbody td:visible").all_inner_texts()
    assert int(told.split()[0]) == sum(cell.startswith("all on the GPU") for cell in cells) > 0
    assert "card=12" in reader.page.url
    assert reader.clicks == 2


def test_what_was_merged_into_a_named_member(reader):
    reader.tab("Families")
    reader.follow("AstolfoMix, merged by block")
    table = reader.page.locator("[data-atlas-table=mbw-candidates]")
    reader.type(table.get_by_label("Filter rows"), "16b-AstolfoMix-10b11b")
    # Its name says what it was made of.
    named = reader.page.locator("th", has_text="16b-AstolfoMix-10b11b")
    row = table.locator("tbody tr:visible", has=named).first
    for parent in ("10b-AstolfoMix", "11b-AstolfoMix"):
        assert parent in row.inner_text()
    assert reader.clicks == 3


def test_the_place_of_a_checkpoint_in_its_tree(reader):
    reader.tab("Families")
    group = record("groups", "pony1")
    reader.follow(group["about"]["title"])
    tree = reader.page.locator("#lineage ~ section, #lineage ~ div").first
    assert tree.locator("text").filter(has_text="ponyDiffusionV6XL").count()
    assert reader.clicks == 2


def test_sdxl_beside_flux(reader):
    reader.tab("Networks")
    reader.follow("Side by side")
    for number, name in enumerate(("sdxl", "flux")):
        reader.choose(reader.page.locator("[data-atlas-beside] select").nth(number), name)
    assert reader.page.url.endswith("networks=sdxl,flux")
    facts = reader.page.locator("[data-atlas-beside] table").inner_text()
    for name in ("sdxl", "flux"):
        assert f"{record('architectures', name)['parameters']['diffusers']:,}" in facts
    assert reader.clicks == 4


def test_the_parameters_of_out03(open_page, searched):
    reader = Reader(open_page("index.html", searched))
    reader.click(reader.page.locator(".md-search__input"))
    reader.page.keyboard.type("OUT03", delay=20)
    reader.click(reader.page.locator(".md-search-result__link").first)
    reader.page.wait_for_load_state()
    reader.click(reader.page.get_by_role("link", name="OUT03", exact=True))
    reader.page.wait_for_load_state()
    blocks = record("architectures", "sd1")["mbw"]["blocks"]
    (parameters,) = (one["parameters"] for one in blocks if one["name"] == "OUT03")
    row = reader.page.locator("tr:target")
    assert f"{parameters:,}" in row.inner_text()
    assert reader.clicks == 3


def test_the_download_of_a_matrix(reader):
    reader.tab("Families")
    reader.follow(record("groups", "aobp")["about"]["title"])
    with reader.page.expect_download() as waiting:
        reader.follow("Distances, as atlas matrix writes them")
    matrix = json.loads(waiting.value.path().read_bytes())
    assert matrix["members"] == record("groups", "aobp")["members"]
    assert reader.clicks == 3


def test_how_to_cite_a_number(reader):
    reader.follow("Cite", ".md-footer")
    assert "@software{" in reader.page.locator("[data-atlas-copy]").inner_text()
    assert reader.page.get_by_role("link", name="MIT licence").is_visible()
    assert reader.clicks == 1


def test_a_file_by_its_autov2_hash(reader):
    autov2 = record("checkpoints", "demo-base")["sources"][0]["autov2"]
    reader.tab("Checkpoints")
    table = reader.page.locator("[data-atlas-table=checkpoints]")
    reader.type(table.get_by_label("Filter rows"), autov2)
    (row,) = reader.page.locator("[data-atlas-table=checkpoints] tbody tr:visible").all()
    assert "demo-base.safetensors" in row.inner_text()
    assert reader.clicks == 2


def test_the_diagram_of_flux_on_a_phone(open_page):
    reader = Reader(open_page("index.html", viewport=PHONE))
    reader.follow("What is this network made of?")
    reader.follow("FLUX.1-dev")
    reader.follow("Diagrams")
    stack = reader.page.locator(".atlas-stack")
    assert stack.is_visible()
    assert "DOUBLE00" in stack.inner_text()
    assert min(stack.evaluate(SIZES)) >= SMALLEST_TEXT
    assert stack.bounding_box()["width"] <= PHONE["width"]
    assert reader.clicks == 3


def test_how_to_add_yours(reader):
    reader.follow("How to add yours")
    assert reader.page.locator("code").filter(has_text="atlas add").first.is_visible()
    assert reader.clicks == 1
