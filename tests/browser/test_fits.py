"""What fits a card: the card that an address asks for, and the names that people know cards by."""

import pytest
from test_search import ASK

from generator.networks.tables import read_table
from generator.vram.answer import CARDS

NAMES = read_table("networks", "card_names.toml", dict[str, tuple[str, ...]])
# The same with the part of the page that the search leads to.
ASK_PARTS = ASK.replace('.slice(0, 3).map(([first]) => first.location.split("#")[0])', "[0]")


def chosen(page) -> str:
    return page.locator("[data-atlas-cards] select").input_value()


def heads(page) -> list[str]:
    found = page.locator("[data-atlas-table=fits] thead th[data-key^=card]:visible")
    return found.all_inner_texts()


def test_a_card_is_named_once_and_for_every_size():
    names = [name for size in NAMES.values() for name in size]
    assert len(names) == len(set(names))
    assert list(map(int, NAMES)) == list(CARDS)
    # Where a name says its size, it is that.
    assert not [
        name
        for size, found in NAMES.items()
        for name in found
        if name.endswith(" GB") and name.split()[-2] != size
    ]


def test_the_name_of_a_card_leads_to_its_size(open_page, searched):
    page = open_page("index.html", searched)
    asked = {name: f"what-fits.html#card-{size}" for size, found in NAMES.items() for name in found}
    found = page.evaluate(ASK_PARTS, list(asked))
    parts = {
        name: next(one["location"] for one in found[name] if "#" in one["location"])
        for name in asked
    }
    assert parts == asked


@pytest.mark.parametrize("place", ["what-fits.html#card-24", "what-fits.html?card=24"])
def test_the_table_shows_the_card_that_the_address_asks_for(open_page, place):
    page = open_page(place)
    assert chosen(page) == "24"
    assert [head.split()[:2] for head in heads(page)] == [["24", "GB"]]


@pytest.mark.parametrize(
    "state", ["#card-7", "?card=%3Cimg%20src=x%3E#card-%22%5D", "?card=#card-"]
)
def test_an_unknown_card_is_passed_over(open_page, state):
    page = open_page(f"what-fits.html{state}")
    assert chosen(page) == "12"
    assert page.locator("img[src=x]").count() == 0


def test_what_was_chosen_before_the_anchor_stays(open_page):
    page = open_page("what-fits.html?card=8#card-24")
    assert chosen(page) == "8"


def test_a_way_is_coloured_as_in_the_picture(open_page):
    page = open_page("what-fits.html?card=12")
    cells = page.locator("[data-atlas-table=fits] tbody td:visible .atlas-verdict").all()
    shades = {
        (each.inner_text().startswith("all on the GPU"), each.get_attribute("class"))
        for each in cells
    }
    assert shades == {(True, "atlas-verdict is-agrees"), (False, "atlas-verdict is-explained")}
