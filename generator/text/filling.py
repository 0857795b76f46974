"""A template and its values -> a sentence, as markup or for a terminal."""

from collections.abc import Callable, Sequence

from markupsafe import Markup

from generator.text.escaping import inert

# Turns the name of a checkpoint into markup: a link if it has a page.
Naming = Callable[[str], Markup]

# At most this many names are listed; all are counted.
LISTED = 6


def fill(template: str, *names: Markup, **values: object) -> Markup:
    """The filled template. The template is trusted; values are made inert, except markup."""
    inerts = {key: inert(value) for key, value in values.items()}
    return Markup(template).format(*names, **inerts)


def plain(sentence: str) -> str:
    """A sentence with `inert` names, or without markup, as plain text for a terminal."""
    text = sentence.unescape() if isinstance(sentence, Markup) else sentence
    return text.replace("\N{NO-BREAK SPACE}", " ")


def joined(names: Sequence[str], naming: Naming = inert, most: int = LISTED) -> Markup:
    """`a, b and c`; of more than `most`, the first ones and the number of the others."""
    parts = [naming(each) for each in names[:most]]
    if len(names) > most:
        parts.append(inert(f"{len(names) - most} more"))
    if len(parts) < 2:
        return Markup("").join(parts)
    return Markup(", ").join(parts[:-1]) + Markup(" and ") + parts[-1]
