"""A Markdown extension: HTML between two marks reaches the page as it is, without being parsed.

Tables and drawings are most of a page, and Markdown and MkDocs would each take them apart tag by
tag, which is most of the time of a build. `mkdocs.yml` names this module as an extension.
"""

import re

from markdown import Extension, Markdown
from markdown.preprocessors import Preprocessor
from markupsafe import Markup

# Texts from records cannot contain the marks: their signs are escaped.
BEGIN, END = Markup("<!--as-it-is-->"), Markup("<!--/as-it-is-->")
_REGION = re.compile(f"{re.escape(BEGIN)}(.*?){re.escape(END)}", re.DOTALL)
# After Markdown has normalised white space, and before MkDocs and Markdown parse HTML (21, 20).
_PRIORITY = 25


class _Stash(Preprocessor):
    def run(self, lines: list[str]) -> list[str]:
        stash = self.md.htmlStash
        return _REGION.sub(lambda found: stash.store(found[1].strip()), "\n".join(lines)).split(
            "\n"
        )


class RawHtml(Extension):
    """Keeps marked HTML aside while Markdown converts the rest of a page."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 -- Markdown's name
        """Add the step that keeps it aside."""
        md.preprocessors.register(_Stash(md), "atlas_raw_html", _PRIORITY)


def makeExtension(**_: object) -> RawHtml:  # noqa: N802 -- Markdown's name
    """The extension; it has no options."""
    return RawHtml()
