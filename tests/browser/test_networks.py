"""Pages about networks: side by side, search by name, and the blocks on a phone."""

import json

import pytest
from sites import REPOSITORY
from texts_on_screen import SMALLEST_TEXT

PHONE = {"width": 390, "height": 850}


def column(page, number: int) -> dict[str, str]:
    """The texts of one network, by the titles of the rows."""
    rows = page.locator("[data-atlas-beside] tbody tr:not(.atlas-grid__group):visible").all()
    found = {}
    for row in rows:
        head, *cells = row.locator("th, td").all_inner_texts()
        found[head.split(" TFLOP")[0].split(" GB")[0]] = cells[number]
    return found


def shown(page) -> list[str]:
    return page.locator("[data-atlas-beside] thead th").all_inner_texts()[1:]


def config(name: str) -> dict:
    path = REPOSITORY / "data" / "architectures" / f"{name}.json"
    return json.loads(path.read_bytes())["config"]


def test_two_networks_of_the_address_are_side_by_side(open_page):
    page = open_page("side-by-side.html?networks=sdxl,flux")
    assert shown(page) == ["Stable Diffusion XL", "FLUX.1-dev"]
    assert column(page, 0)["Parameters"] == "2,567,463,684"
    assert column(page, 1)["Parameters"] == "11,901,408,320"
    for number, name in enumerate(["sdxl", "flux"]):
        facts = column(page, number)
        for key, value in config(name).items():
            assert json.loads(facts[key]) == value
    page.get_by_label("Only what differs").check()
    left, right = column(page, 0), column(page, 1)
    assert all(left[key] != right[key] for key in left)
    assert page.url.endswith("side-by-side.html?networks=sdxl,flux&rows=different")


def test_another_network_is_chosen_added_and_removed(open_page):
    page = open_page("side-by-side.html?networks=sdxl,flux")
    page.get_by_label("Network 1").select_option("sd1")
    assert shown(page) == ["Stable Diffusion 1.5", "FLUX.1-dev"]
    page.get_by_role("button", name="Add a network").click()
    page.get_by_label("Network 3").select_option("sd35")
    assert shown(page)[2] == "Stable Diffusion 3.5 Large"
    assert "networks=sd1,flux,sd35" in page.url
    page.get_by_role("button", name="Remove FLUX.1-dev").click()
    assert shown(page) == ["Stable Diffusion 1.5", "Stable Diffusion 3.5 Large"]


def test_an_unknown_network_of_the_address_is_left_out(open_page):
    page = open_page("side-by-side.html?networks=flux,%3Cimg%20src=x%3E,flux")
    assert len(shown(page)) == 2
    assert shown(page)[0] == "FLUX.1-dev"


def test_without_scripts_two_networks_that_people_compare_are_side_by_side(open_page):
    page = open_page("side-by-side.html", java_script_enabled=False)
    names = shown(page)
    facts = [column(page, number) for number in range(2)]
    assert names == ["Stable Diffusion XL", "FLUX.1-dev"]
    page = open_page("side-by-side.html")
    assert shown(page) == names
    assert [column(page, number) for number in range(2)] == facts


@pytest.mark.parametrize("network", ["sd1", "flux"])
def test_a_phone_has_the_blocks_from_top_to_bottom(open_page, network):
    page = open_page(f"architectures/{network}.html", viewport=PHONE)
    assert page.locator(".atlas-diagram:visible").count() == 0
    stack = page.locator(".atlas-stack")
    sizes = stack.evaluate(
        "list => [...list.querySelectorAll('*')].map(e => parseFloat(getComputedStyle(e).fontSize))"
    )
    assert min(sizes) >= SMALLEST_TEXT
    assert stack.evaluate("list => list.scrollWidth - list.clientWidth") <= 0
    record = json.loads((REPOSITORY / "data" / "architectures" / f"{network}.json").read_bytes())
    boxes = stack.locator("li:not(.atlas-stack__tensor)").all_inner_texts()
    counts = [int(box.split()[1]) if " blocks of " in box else 1 for box in boxes]
    assert sum(counts) == len(record["mbw"]["blocks"])


def test_a_desk_has_the_diagrams(open_page):
    page = open_page("architectures/flux.html", java_script_enabled=False)
    assert page.locator(".atlas-diagram:visible").count() == 3
    assert not page.locator(".atlas-stack").is_visible()
