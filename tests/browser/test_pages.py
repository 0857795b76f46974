"""Every kind of page, on a desk and on a phone, in both colour schemes."""

import pytest
from sites import NETWORKS, PAIRS
from standards import COLOURS, violations

PAGES = (
    "index.html",
    "compare.html",
    "architectures/index.html",
    "architectures/sd1.html",
    "architectures/flux.html",
    "architectures/sd1.memory.html",
    "what-fits.html",
    "side-by-side.html",
    "components/index.html",
    "components/t5-xxl.html",
    "claims.html",
    "memory-check.html",
    "self-test.html",
    "cite.html",
    "changes.html",
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


# Pages of a thousand rows, and others of a kind: one look has to do.
LOOKED_AT_ONCE = (
    "architectures/sd1.parameters.html",
    "checkpoints/demo-base.tensors.html",
    f"pairs/{PAIRS[0]}.tensors.html",
    *(f"pairs/{name}.html" for name in PAIRS[1:]),
)
SCHEME = "document.body.dataset.mdColorScheme"
# The theme fades from one scheme to the other.
FADED = "Promise.all(document.getAnimations().map(each => each.finished))"


def check(page):
    assert page.evaluate(OVERFLOW) <= 0
    assert page.evaluate(BROKEN_IMAGES) == []
    assert page.locator("h1").count() == 1
    assert violations(page) == []


@pytest.mark.parametrize("name", PAGES)
def test_page_on_a_desk(open_page, name):
    page = open_page(name)
    assert page.evaluate(SCHEME) == "default"
    check(page)
    # Of what is looked at, only the colours are others.
    page.locator("label[for=__palette_1]").evaluate("label => label.click()")
    page.evaluate(FADED)
    assert page.evaluate(SCHEME) == "slate"
    assert violations(page, COLOURS) == []


@pytest.mark.parametrize("name", PAGES + LOOKED_AT_ONCE)
def test_page_on_a_phone(open_page, name):
    page = open_page(name, viewport={"width": 390, "height": 850}, color_scheme="dark")
    assert page.evaluate(SCHEME) == "slate"
    check(page)


FAINT = "element => (element.style.color = '#bbb')"


@pytest.mark.parametrize(
    ("place", "fault", "rule"),
    [
        (
            "tbody tr:nth-child(5) td:nth-child(3)",
            FAINT,
            "color-contrast",
        ),
        (".atlas-lead", FAINT, "color-contrast"),
        (
            "tbody tr:nth-child(5) td",
            "td => (td.innerHTML = '<a href=\"#\"></a>')",
            "link-name",
        ),
        ("tbody tr:nth-child(5) td", "cell => cell.append(new Image())", "image-alt"),
    ],
)
def test_the_looks_above_find_one_fault_among_many_alike(open_page, place, fault, rule):
    page = open_page("compare.html")
    page.locator(place).first.evaluate(fault)
    before = page.locator("main").inner_html()
    assert {found.partition(":")[0] for found in violations(page)} == {rule}
    assert page.locator("main").inner_html() == before


def test_a_page_for_every_network_is_reached_from_the_table(open_page):
    page = open_page("compare.html")
    links = page.locator("tbody th a").all()
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


def test_search_finds_networks_but_not_their_tensors(open_page, searched):
    page = open_page("index.html", searched)
    page.locator(".md-search__input").first.click()
    page.keyboard.type("Hunyuan", delay=20)
    page.locator(".md-search-result__item").first.wait_for(timeout=10_000)
    index = page.request.get(page.url.rsplit("/", 1)[0] + "/search/search_index.json").json()
    places = {entry["location"].split("#")[0] for entry in index["docs"]}
    assert "architectures/flux.html" in places
    assert not [place for place in places if "parameters" in place or "tensors" in place]


def test_search_finds_pairs_but_not_the_rows_of_their_tables(open_page, searched):
    page = open_page("index.html", searched)
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
    page.get_by_role("link", name="What is this network made of?").click()
    page.wait_for_load_state()
    page.get_by_role("button", name="Parameters").click()
    assert page.locator("th[aria-sort]").count() == 1
    page.get_by_role("link", name="FLUX.1-dev", exact=True).first.click()
    page.wait_for_load_state()
    assert page.locator("h1").inner_text() == "FLUX.1-dev"
    assert page.locator("svg.atlas-diagram").count() == 3
