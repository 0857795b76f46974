"""A diagram on the page of its network: names of blocks lead to the table of blocks."""

import re
from collections.abc import Collection

from markupsafe import Markup

# How a drawing marks a box with its block; of a run of blocks (`SINGLE01–37`), the first counts.
_MARK = re.compile(r'<text [^>]*font-weight="700">([A-Z]+\d*)[^<]*</text>')


def with_block_links(svg: Markup, blocks: Collection[str]) -> Markup:
    """The drawing with links to `#block-NAME` for all `blocks` that it names."""

    def linked(found: re.Match[str]) -> str:
        mark, name = found.group(0, 1)
        return f'<a href="#block-{name}">{mark}</a>' if name in blocks else mark

    # A picture has no links in it; a group has.
    return Markup(_MARK.sub(linked, svg).replace('role="img"', 'role="group"', 1))
