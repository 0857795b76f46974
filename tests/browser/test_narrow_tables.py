"""Tables on a phone: those of few rows are lists, and two networks side by side fit."""

import pytest

PHONE = {"width": 390, "height": 850}
EXCESS = "place => place.scrollWidth - place.clientWidth"


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("checkpoints/demo-base.html", "Components of the checkpoint"),
        ("checkpoints/demo-base.html", "Hashes of each file"),
        ("checkpoints/demo-base.html", "Where each component comes from"),
        ("pairs/demo-block-merge.html", "Components of both checkpoints"),
        ("side-by-side.html", "Networks side by side"),
        ("methods.html", "Figures of the bench lineage"),
    ],
)
def test_it_fits(open_page, name, label):
    page = open_page(name, viewport=PHONE)
    assert page.get_by_role("region", name=label).evaluate(EXCESS) <= 0


def test_each_value_of_a_list_has_its_head_beside_it(open_page):
    page = open_page("checkpoints/demo-base.html", viewport=PHONE)
    place = page.get_by_role("region", name="Components of the checkpoint")
    heads = place.locator("thead th").all_text_contents()
    row = place.locator("tbody tr").first
    shown = row.evaluate(
        "row => [...row.querySelectorAll('td')].map(td => getComputedStyle(td, '::before').content)"
    )
    assert [f'"{" ".join(head.split())}"' for head in heads[1:]] == shown


@pytest.mark.parametrize("name", ["compare.html", "memory-check.html", "reproducing.html"])
def test_a_desk_of_1280_pixels_has_all_columns(open_page, name):
    page = open_page(name)
    places = page.locator(".atlas-scroll:has(> table)").all()
    assert places
    assert [one.get_attribute("aria-label") for one in places if one.evaluate(EXCESS) > 0] == []
