"""Each term of the glossary is explained once on each page that uses it, and all are on Methods."""

import re
from html.parser import HTMLParser

import pytest

from generator.publish.style.tooltips import with_tooltips
from generator.text.glossary import GLOSSARY

PROSE, NOT_PROSE = (
    {"p", "dd", "figcaption"},
    {"a", "button", "code", "script", "style", "svg", "var"},
)


class Page(HTMLParser):
    """Text of the prose, the tooltips in it, and all text, entities resolved.

    A tooltip does not cut the prose that it stands in.
    """

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.cut = True
        self.prose: list[str] = []
        self.text: list[str] = []
        self.titles: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.cut |= tag != "abbr"
        if tag not in {"br", "img", "link", "meta", "input", "hr"}:
            self.open.append(tag)
        if tag == "abbr":
            self.titles.append(dict(attrs)["title"])

    def handle_endtag(self, tag):
        self.cut |= tag != "abbr"
        if tag in self.open:
            while self.open.pop() != tag:
                pass

    def handle_data(self, data):
        self.text.append(data)
        if PROSE & set(self.open) and not NOT_PROSE & set(self.open):
            if self.cut:
                self.prose.append("")
            self.prose[-1] += data
            self.cut = False


@pytest.fixture(scope="module")
def pages(public_pages) -> dict[str, str]:
    """Every page of the public site, by its path."""
    return {
        path.relative_to(public_pages).as_posix(): path.read_text(encoding="utf-8")
        for path in public_pages.rglob("*.md")
    }


def test_each_term_is_explained_once_on_each_page_that_uses_it(pages):
    explained = set()
    for path, content in pages.items():
        page = Page(content)
        for term in GLOSSARY:
            tooltips = page.titles.count(term.meaning)
            spelled_out = sum(term.meaning in text for text in page.text)
            # A term split by another tag than its own tooltip is no use of it.
            used = any(re.search(term.pattern, text) for text in page.prose)
            expected = 1 if used or path == "methods.md" else 0
            assert tooltips + spelled_out == expected, (path, term.name)
            explained |= {term.name} if tooltips else set()
    # The check can fail only where terms are used; most are, on the public site.
    assert explained >= {"MBW block", "denoiser", "L2", "RMS", "FLOP", "kind"}


def test_all_terms_are_on_methods(pages):
    terms = re.search(r"## Terms \{#terms\}(.*?)\n## ", pages["methods.md"], re.DOTALL)[1]
    page = Page(terms)
    assert {term.name for term in GLOSSARY} <= set(page.text)
    assert all(f"{term.meaning}." in page.text for term in GLOSSARY)


def test_only_the_first_use_in_prose_gets_a_tooltip():
    page = with_tooltips(
        '<h2>L2</h2><td>L2</td><p class="L2">By <a href="x">L2</a>, <code>L2</code>, L2 and L2.</p>'
        "<dd>L2 and RMS</dd>"
    )
    assert page.count("<abbr") == 2
    assert ", <abbr title=" in page
    assert page.index(">L2</abbr> and L2.</p>") < page.index(">RMS</abbr>")


@pytest.mark.parametrize(
    ("prose", "explained"),
    [
        ("each residual block", 0),
        ("Its residual is 0.01", 1),
        ("of one kind only", 0),
        ("blocks and kinds", 1),
        ("87.9 TFLOP", 1),
        ("the latent image", 1),
        ("latency", 0),
    ],
)
def test_a_word_with_another_meaning_gets_none(prose, explained):
    assert with_tooltips(f"<p>{prose}</p>").count("<abbr") == explained
