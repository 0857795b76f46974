"""HTML between the marks reaches the page untouched; all else is Markdown."""

import markdown

from generator.publish.style.raw_html import BEGIN, END

TABLE = "<table>\n\n<tr><td>*a* & _b_ <br> # c</td></tr>\n\n</table>"


def converted(text: str) -> str:
    return markdown.markdown(text, extensions=["generator.publish.style.raw_html"])


def test_marked_html_is_left_as_it_is():
    assert converted(f"*one*\n\n{BEGIN}{TABLE}{END}\n\n*two*") == (
        f"<p><em>one</em></p>\n{TABLE}\n<p><em>two</em></p>"
    )


def test_marked_html_inside_other_html_is_left_as_it_is():
    page = converted(f"<div>\n<p>before</p>\n{BEGIN}{TABLE}{END}\n</div>\n\n# Title")
    assert TABLE in page
    assert page.startswith("<div>\n<p>before</p>\n")
    assert page.endswith("<h1>Title</h1>")


def test_without_marks_a_table_in_a_paragraph_is_changed():
    inline = TABLE.replace("table>", "span>")
    assert inline not in converted(inline)
    assert inline in converted(f"{BEGIN}{inline}{END}")
