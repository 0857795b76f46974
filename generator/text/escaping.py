"""Any text -> markup that is inert in HTML, Markdown and front matter.

Names come from files of unknown authors. A generated page passes through Jinja, Markdown and the
site's own templates; text that is safe for one of them may be an instruction to the next. So
everything except letters, digits and a few harmless signs becomes a numeric character reference: it
reads the same, and none of them sees a sign that it could act on.
"""

import json
import re

from markupsafe import Markup

# ASCII except letters, digits, space and `,./%`; and every control character or line separator,
# which could end a line, and with it a heading or a block of raw HTML.
_ACTIVE = re.compile(r"[\x00-\x1f!-$&-+\-:-@\[-`{-\x9f\u2028\u2029\ufeff]")

# What HTML or a template would act on.
_ACTIVE_IN_TITLES = re.compile(r"[\x00-\x1f\"&'<>\[\\\]`{}\x7f-\x9f\u2028\u2029\ufeff]")

# Code points that a character reference must not name: HTML replaces or drops them, with an error.
_UNNAMEABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


# Signs that turn around the text after them, and characters that XML does not allow.
_TURNING = re.compile(r"[\u202a-\u202e\u2066-\u2069]")
_NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def plain(text: str) -> str:
    """`text` for titles and files outside the pages: what turns it around is shown as a mark."""
    shown = _TURNING.sub(lambda sign: f"[U+{ord(sign[0]):04X}]", text)
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", shown)


def inert(value: object) -> Markup:
    """`value` as inert text; markup made by this program is unchanged."""
    if hasattr(value, "__html__"):
        return Markup(value)
    return _escaped(_ACTIVE, value)


def _escaped(active: re.Pattern[str], value: object) -> Markup:
    text = str(value)
    # Most text is printable, and none of these is.
    if not text.isprintable():
        text = _UNNAMEABLE.sub("\N{REPLACEMENT CHARACTER}", text)
    return Markup(active.sub(lambda sign: f"&#{ord(sign[0])};", text))


_ADDRESS = re.compile(r"https?://[^\s<>\"]+")


def linked(value: str) -> Markup:
    """`value` as inert text in which web addresses are links."""
    parts: list[Markup] = []
    end = 0
    for found in _ADDRESS.finditer(value):
        address = inert(found[0].rstrip(".,;"))
        parts += [
            inert(value[end : found.start()]),
            Markup('<a href="{0}">{0}</a>').format(address),
        ]
        end = found.start() + len(found[0].rstrip(".,;"))
    return Markup("").join([*parts, inert(value[end:])])


def quoted(value: object) -> Markup:
    """`value` as a quoted YAML string for front matter.

    MkDocs writes a title into its pages as markup, so the text is made inert first. Markdown does
    not see it, and the index of the search has it as it is: so hyphens and parentheses, at which
    words part, stay. JSON's quotes are valid in YAML.
    """
    text = value if hasattr(value, "__html__") else _escaped(_ACTIVE_IN_TITLES, plain(str(value)))
    return Markup(json.dumps(str(text), ensure_ascii=False))


# JSON is JavaScript except for two line separators; `<` could end an inline script.
_IN_SCRIPTS = str.maketrans(
    {sign: f"\\u{ord(sign):04x}" for sign in ("<", ">", "&", "\u2028", "\u2029", "\u202e")}
)


def script_json(value: object) -> str:
    """`value` as JSON that is inert inside a script, inline or not. Raises `ValueError` for NaN."""
    written = json.dumps(value, separators=(",", ":"), allow_nan=False)
    # What Markdown or a template would act on; in JSON, these pairs of signs are in texts alone.
    for first, second in ("{{", "{%", "]("):
        written = written.replace(first + second, f"{first}\\u{ord(second):04x}")
    return written.translate(_IN_SCRIPTS)
