"""Charts on a phone: as wide as the screen, readable, no text on another."""

import pytest
from sites import PAIRS
from texts_on_screen import SMALLEST_TEXT, TEXTS

PAGES = (
    "compare.html",
    "architectures/sd1.html",
    "architectures/sdxl.html",
    "architectures/flux.html",
    "checkpoints/demo-ema.html",
    "pairs/index.html",
    # The two of that one are equal: there is nothing to draw.
    *(f"pairs/{name}.html" for name in PAIRS if name != "demo-renamed-text-encoder"),
)
CHARTS = ".atlas-scroll > svg.atlas-chart:visible"


def check_texts(drawing, smallest=SMALLEST_TEXT):
    texts = drawing.evaluate(TEXTS)
    assert texts
    assert min(text["size"] for text in texts) >= smallest
    assert [text["name"] for text in texts if not text["inside"]] == []
    for number, one in enumerate(texts):
        for other in texts[:number]:
            left, top, right, bottom = (
                choose(a, b)
                for choose, a, b in zip((max, max, min, min), one["box"], other["box"], strict=True)
            )
            assert min(right - left, bottom - top) <= 1.5, (one, other)


@pytest.mark.parametrize("name", PAGES)
def test_a_desk_has_the_wide_charts_and_a_phone_those_that_fit(open_page, name):
    page = open_page(name, java_script_enabled=False)
    assert page.locator(".atlas-chart--wide:visible").count() > 0
    assert page.locator(".atlas-chart--narrow:visible").count() == 0
    page.set_viewport_size({"width": 390, "height": 850})
    charts = page.locator(CHARTS).all()
    assert charts
    for chart in charts:
        frame = chart.locator("xpath=..")
        assert frame.evaluate("v => v.scrollWidth - v.clientWidth") <= 0
        check_texts(chart)


@pytest.mark.parametrize("name", ["index.html", "what-fits.html", "embeddings/index.html"])
def test_no_text_of_the_bars_is_on_another_on_a_phone(open_page, name):
    page = open_page(name, viewport={"width": 390, "height": 850}, java_script_enabled=False)
    bars = page.locator(":is(.atlas-answer, .atlas-question) > svg.atlas-chart").all()
    assert bars
    for one in bars:
        check_texts(one)
