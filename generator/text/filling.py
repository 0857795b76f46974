"""A template and what fills it -> a sentence, as markup or for a terminal."""

from collections.abc import Callable, Sequence

from markupsafe import Markup

from generator.text.escaping import inert

# Makes the name of a checkpoint markup: a link where it has a page.
Naming = Callable[[str], Markup]

# As many names stand in a list; all are counted.
LISTED = 6


def fill(template: str, *names: Markup, **values: object) -> Markup:
    """`template`, which is ours, with values made inert; markup among them stays as it is."""
    inerts = {key: inert(value) for key, value in values.items()}
    return Markup(template).format(*names, **inerts)


def plain(sentence: str) -> str:
    """A sentence whose names are `inert`, or that is no markup, as a terminal shows it."""
    text = sentence.unescape() if isinstance(sentence, Markup) else sentence
    return text.replace("\N{NO-BREAK SPACE}", " ")


def joined(names: Sequence[str], naming: Naming = inert, most: int = LISTED) -> Markup:
    """`a, b and c`; of more than `most`, the first and how many there are beyond."""
    parts = [naming(each) for each in names[:most]]
    if len(names) > most:
        parts.append(inert(f"{len(names) - most} more"))
    if len(parts) < 2:
        return Markup("").join(parts)
    return Markup(", ").join(parts[:-1]) + Markup(" and ") + parts[-1]
