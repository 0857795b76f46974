"""Whatever a name is, it is read and never acted on: by HTML, by Markdown, by YAML."""

from html.parser import HTMLParser

import markdown
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from generator.text.escaping import inert, quoted

HOSTILE = (
    "<script>alert(1)</script>",
    "{{7*7}} {% raw %}",
    "[a](javascript:alert(1))",
    "![a](//evil.example/x.png)",
    "a | b `c` **d** __e__ ~f~ ^g^",
    "{: onclick=alert(1) }",
    "&lt;b&gt; &#60;",
    "<https://evil.example>",
    "\n\n# heading\n\n* item",
    "\"' onmouseover='alert(1)",
    "# heading",
    "1. item",
    "<!-- -->",
    "--- \n",
    "*[HTML]: x",
    "[^1]: x",
    "\\*a\\*",
)


class Reader(HTMLParser):
    """The text that a reader sees, and the elements around it."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.elements: list[tuple[str, list]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, attrs))

    def handle_data(self, data):
        self.text += data


def read(page: str) -> Reader:
    return Reader(markdown.markdown(page, extensions=["attr_list", "tables"]))


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize(
    ("page", "elements"),
    [
        ("<p>{}</p>\n", ["p"]),
        ("x {} y\n", ["p"]),
        ("# x {} y\n", ["h1"]),
        ('<div>\n<p title="{}">x</p>\n</div>\n', ["div", "p"]),
    ],
)
def test_a_name_stays_text_in_html_and_markdown(text, page, elements):
    seen = read(page.format(inert(text)))
    assert [tag for tag, _ in seen.elements] == elements
    attributes = [attribute for _, found in seen.elements for attribute in found]
    assert attributes == ([("title", text)] if "title" in page else [])
    assert text in seen.text or "title" in page


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"])))
def test_any_text_reads_the_same(text):
    assert Reader(f"<p>{inert(text)}</p>").text == text


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"])))
def test_front_matter_holds_one_string(text):
    value = yaml.safe_load(f"title: {quoted(text)}\n")["title"]
    assert Reader(f"<p>{value}</p>").text == text
    assert "<" not in value


def test_markup_of_our_own_is_left_alone():
    once = inert("<b>")
    assert inert(once) == once


@pytest.mark.parametrize("sign", ["\u2028", "\u2029", "\ufeff"])
def test_ends_of_lines_and_byte_order_marks_are_written_as_numbers(sign):
    """Programs differ in what they take for the end of a line or the start of a file."""
    written, title = str(inert(f"a{sign}b")), str(quoted(f"a{sign}b"))
    assert sign not in written + title
    assert Reader(f"<p>{written}</p>").text == f"a{sign}b"
    assert Reader(f"<p>{yaml.safe_load(title)}</p>").text == f"a{sign}b"


def test_control_characters_are_replaced():
    assert str(inert("a\x00b\x1b\x85")) == "a\ufffdb\ufffd\ufffd"
