"""Prompts of a map -> the columns of their table, and of the table of categories."""

from collections.abc import Iterable, Mapping

from markupsafe import Markup

from generator.publish.figures.maps.marks import shown
from generator.publish.reading.maps import LoadedMap, encoder_name, farthest, space_of
from generator.publish.tables.builders import number, scaled, text, titled
from generator.publish.tables.table import Column
from generator.text import columns, numbers
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
    keys = {f"silhouette{one}": one for one in record.references}

    def silhouette(key: str) -> Column[str, LoadedMap]:
        silhouettes = space_of(mapped, keys[key], record.kinds[0]).silhouettes
        return number(key, lambda category, _: silhouettes[category], scaled(1, 3))

    return titled(
        columns.of_categories({key: _name(mapped, one) for key, one in keys.items()}),
        text("category", lambda name, _: name, shown=lambda name, _: isolated(name)),
        *map(silhouette, keys),
    )


def prompt_columns(mapped: LoadedMap) -> tuple[Column[int, LoadedMap], ...]:
    """The columns of the table of prompts, whose rows are prompt numbers.

    For each reference: the distance of each prompt in the encoder that moved most, and its
    neighbours there.
    """
    record, kind = mapped.record, mapped.record.kinds[0]
    ends = {f"_{one}" if len(record.references) > 1 else "": one for one in record.references}
    farthest_by_key = {f"moved{end}": farthest(mapped, one, kind) for end, one in ends.items()}
    moved = {key: one for key, one in farthest_by_key.items() if one is not None}
    nearest = {f"nearest{end}": one for end, one in ends.items()}

    def said(row: int) -> str:
        return shown(record.prompts[row].text)

    def movement(key: str) -> Column[int, LoadedMap]:
        points = mapped.beside.points[moved[key], kind].moved
        return number(key, lambda row, _: float(points[row]), numbers.precise)

    def neighbours(key: str) -> Column[int, LoadedMap]:
        found = mapped.beside.points[nearest[key], kind].neighbours
        return text(
            key,
            lambda row, _: ", ".join(map(said, found[row])),
            shown=lambda row, _: in_order(map(said, found[row])),
            wraps=True,
        )

    def where(encoders: Mapping[str, int]) -> dict[str, str]:
        several = len(ends) > 1
        return {
            key: f" in {_name(mapped, one)}" if several else "" for key, one in encoders.items()
        }

    return titled(
        columns.of_prompts(where(moved), where(nearest)),
        text(
            "prompt",
            lambda row, _: said(row),
            shown=lambda row, _: isolated(said(row), LONGEST_PROMPT),
        ),
        text(
            "category",
            lambda row, _: record.prompts[row].category,
            shown=lambda row, _: isolated(record.prompts[row].category),
        ),
        number(
            "tokens",
            lambda row, _: max(record.prompts[row].tokens),
            shown=lambda row, _: " or ".join(map(str, sorted(set(record.prompts[row].tokens)))),
            note=lambda row, _: (
                f"cut at {MOST_TOKENS}" if max(record.prompts[row].tokens) > MOST_TOKENS else ""
            ),
        ),
        *map(movement, moved),
        *map(neighbours, nearest),
    )


def _name(mapped: LoadedMap, encoder: int) -> str:
    return encoder_name(mapped.record.encoders[encoder])
