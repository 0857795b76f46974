"""Every kind of page, on a desk and on a phone, in both colour schemes."""

import pytest
from sites import NETWORKS, PAIRS
from standards import violations

PAGES = (
    "index.html",
    "compare.html",
    "architectures/index.html",
    "architectures/sd1.html",
    "architectures/flux.html",
    "reproducing.html",
    "checkpoints/index.html",
    "checkpoints/demo-ema.html",
    "checkpoints/demo-diffusers.html",
    "pairs/index.html",
    f"pairs/{PAIRS[0]}.html",
    "embeddings/index.html",
    "embeddings/words_demo.html",
    "groups/index.html",
    "groups/demo.html",
    "methods.html",
    "data.html",
    "add.html",
    "404.html",
)
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
BROKEN_IMAGES = "[...document.images].filter(i => !i.naturalWidth).map(i => i.src)"


# Pages of a thousand rows, all alike: one look has to do.
LONG_PAGES = (
    "architectures/sd1.parameters.html",
    "checkpoints/demo-base.tensors.html",
    f"pairs/{PAIRS[0]}.tensors.html",
)
LOOKS = [
    *(
        (name, width, scheme)
        for name in PAGES
        for width in (1280, 390)
        for scheme in ("light", "dark")
    ),
    *((f"pairs/{name}.html", 390, "light") for name in PAIRS[1:]),
    *((name, 390, "dark") for name in LONG_PAGES),
]


@pytest.mark.parametrize(("name", "width", "scheme"), LOOKS)
def test_page(open_page, name, width, scheme):
    page = open_page(name, viewport={"width": width, "height": 850}, color_scheme=scheme)
    shown = page.evaluate("document.body.dataset.mdColorScheme")
    assert shown == {"light": "default", "dark": "slate"}[scheme]
    assert page.evaluate(OVERFLOW) <= 0
    assert page.evaluate(BROKEN_IMAGES) == []
    assert page.locator("h1").count() == 1
    assert violations(page) == []


@pytest.mark.parametrize("faint", ["tbody tr:nth-child(5) td:nth-child(4)", ".atlas-lead"])
def test_the_look_above_finds_one_faint_text(open_page, faint):
    page = open_page("compare.html")
    page.locator(faint).first.evaluate("element => (element.style.color = '#bbb')")
    assert {found.partition(":")[0] for found in violations(page)} == {"color-contrast"}


def test_a_page_for_every_network_is_reached_from_home(open_page):
    page = open_page("index.html")
    links = page.locator(".atlas-hero svg a").all()
    assert len(links) == NETWORKS
    for link in links:
        assert page.request.get(page.url.rsplit("/", 1)[0] + "/" + link.get_attribute("href")).ok


def test_the_colour_scheme_can_be_changed_and_diagrams_follow(open_page):
    page = open_page("architectures/sd1.html", color_scheme="light")
    ink = "getComputedStyle(document.querySelector('svg.atlas-diagram text')).fill"
    before = page.evaluate(ink)
    page.locator("label[for=__palette_1]").click()
    assert page.evaluate("document.body.dataset.mdColorScheme") == "slate"
    assert page.evaluate(ink) != before


def test_search_finds_networks_but_not_their_tensors(open_page):
    page = open_page("index.html")
    page.locator(".md-search__input").first.click()
    page.keyboard.type("Hunyuan", delay=20)
    page.locator(".md-search-result__item").first.wait_for(timeout=10_000)
    index = page.request.get(page.url.rsplit("/", 1)[0] + "/search/search_index.json").json()
    places = {entry["location"].split("#")[0] for entry in index["docs"]}
    assert "architectures/flux.html" in places
    assert not [place for place in places if "parameters" in place or "tensors" in place]


def test_search_finds_pairs_but_not_the_rows_of_their_tables(open_page):
    page = open_page("index.html")
    index = page.request.get(page.url.rsplit("/", 1)[0] + "/search/search_index.json").json()
    texts = [entry["text"] for entry in index["docs"] if entry["location"].startswith("pairs/")]
    assert any("differs" in text for text in texts)
    assert not any("resnets" in text for text in texts)


def test_the_title_of_home_says_what_it_is(open_page):
    title = open_page("index.html").title()
    assert title.count("Diffusion Atlas") == 1


def test_the_site_works_from_disk(open_page, public_site):
    base = public_site.as_uri() + "/"
    page = open_page("index.html", base=base)
    assert not page.locator(".md-search").is_visible()
    page.get_by_role("link", name="Compare the networks").click()
    page.wait_for_load_state()
    page.get_by_role("button", name="Parameters").click()
    assert page.locator("th[aria-sort]").count() == 1
    page.get_by_role("link", name="FLUX.1-dev").first.click()
    page.wait_for_load_state()
    assert page.locator("h1").inner_text() == "FLUX.1-dev"
    assert page.locator("svg.atlas-diagram").count() == 3
