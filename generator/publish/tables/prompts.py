"""Prompts of a map -> the columns of their table, and of the table of categories."""

from collections.abc import Iterable

from markupsafe import Markup

from generator.publish.figures.maps.marks import shown
from generator.publish.reading.maps import LoadedMap, encoder_name, farthest, space_of
from generator.publish.tables import builders as make
from generator.publish.tables.table import Column
from generator.text import numbers
from generator.text.escaping import inert

LONGEST_PROMPT = 40
# The context length of CLIP text encoders.
MOST_TOKENS = 77


def isolated(text: str, longest: int | None = None) -> Markup:
    """Text with isolated writing direction, shortened in the middle if longer than `longest`."""
    if longest is None or len(text) <= longest:
        return Markup("<bdi>{}</bdi>").format(inert(text))
    short = numbers.shortened(text, longest)
    return Markup('<bdi title="{}">{}</bdi>').format(inert(text), inert(short))


def in_order(texts: Iterable[str]) -> Markup:
    """Prompts separated by commas."""
    return Markup(", ").join(isolated(text, LONGEST_PROMPT) for text in texts)


def silhouette_columns(mapped: LoadedMap) -> tuple[Column[str, LoadedMap], ...]:
    """The columns of the table of categories, with a silhouette for each reference."""
    record = mapped.record

    def column(reference: int) -> Column[str, LoadedMap]:
        several = len(record.references) > 1
        name = encoder_name(record.encoders[reference])
        silhouettes = space_of(mapped, reference, record.kinds[0]).silhouettes
        return make.number(
            f"silhouette{reference}",
            name if several else "Silhouette",
            f"Silhouette of the category in {name}",
            lambda category, _: silhouettes[category],
            make.scaled(1, 3),
        )

    category: Column[str, LoadedMap] = make.text(
        "category",
        "Category",
        "Category of prompts",
        lambda name, _: name,
        shown=lambda name, _: isolated(name),
    )
    return (category, *map(column, record.references))


def prompt_columns(mapped: LoadedMap) -> tuple[Column[int, LoadedMap], ...]:
    """The columns of the table of prompts, whose rows are prompt numbers.

    For each reference: the distance of each prompt in the encoder that moved most, and its
    neighbours there.
    """
    record, kind = mapped.record, mapped.record.kinds[0]
    several = len(record.references) > 1

    def text(row: int) -> str:
        return shown(record.prompts[row].text)

    def moved(reference: int, encoder: int) -> Column[int, LoadedMap]:
        points = mapped.beside.points[encoder, kind].moved
        where = f" in {encoder_name(record.encoders[encoder])}" if several else ""
        return make.number(
            f"moved_{reference}" if several else "moved",
            f"Moved{where}",
            "Cosine distance from the reference to the same prompt in the encoder that moved most",
            lambda row, _: float(points[row]),
            numbers.precise,
        )

    def nearest(reference: int) -> Column[int, LoadedMap]:
        neighbours = mapped.beside.points[reference, kind].neighbours
        where = f" in {encoder_name(record.encoders[reference])}" if several else ""
        return make.text(
            f"nearest_{reference}" if several else "nearest",
            f"Nearest{where}, in order",
            "The prompts at the smallest cosine distances",
            lambda row, _: ", ".join(map(text, neighbours[row])),
            shown=lambda row, _: in_order(map(text, neighbours[row])),
            wraps=True,
        )

    found = ((each, farthest(mapped, each, kind)) for each in record.references)
    columns: tuple[Column[int, LoadedMap], ...] = (
        make.text(
            "prompt",
            "Prompt",
            "Its text",
            lambda row, _: text(row),
            shown=lambda row, _: isolated(text(row), LONGEST_PROMPT),
        ),
        make.text(
            "category",
            "Category",
            "Category of prompts",
            lambda row, _: record.prompts[row].category,
            shown=lambda row, _: isolated(record.prompts[row].category),
        ),
        make.number(
            "tokens",
            "Tokens",
            "Start and end included; two counts where tokenizers differ",
            lambda row, _: max(record.prompts[row].tokens),
            shown=lambda row, _: " or ".join(map(str, sorted(set(record.prompts[row].tokens)))),
            note=lambda row, _: (
                f"cut at {MOST_TOKENS}" if max(record.prompts[row].tokens) > MOST_TOKENS else ""
            ),
        ),
        *(moved(each, encoder) for each, encoder in found if encoder is not None),
        *map(nearest, record.references),
    )
    return columns
