"""Tables wider than a line -> tables that fit it: long texts cut, columns in several parts."""

from collections.abc import Iterator, Sequence

from generator.text.numbers import shortened

Rows = Sequence[tuple[str, ...]]
GAP = "  "
# Characters that a cut text keeps.
SHORTEST = 16


def fitted(rows: Rows, width: int | None) -> Iterator[str]:
    """Lines of the `rows`, each column as wide as its longest text; `width` None is no limit.

    The longest texts of a column are cut in the middle first. If that is not enough, the columns
    are shown in several parts, each with the first column.
    """
    if width is None:
        yield from _lines(rows, _widths(rows))
        return
    whole = _widths(rows)
    for number, part in enumerate(_parts(_cut(whole, width), width)):
        if number:
            yield ""
        # Where a part has room left, less is cut.
        widths = _cut([whole[column] for column in part], width)
        yield from _lines(
            [
                tuple(shortened(row[k], w) for k, w in zip(part, widths, strict=True))
                for row in rows
            ],
            widths,
        )


def _widths(rows: Rows) -> list[int]:
    return [max(map(len, column)) for column in zip(*rows, strict=True)]


def _lines(rows: Rows, widths: Sequence[int]) -> Iterator[str]:
    for row in rows:
        yield GAP.join(map(str.ljust, row, widths)).rstrip()


def _cut(widths: Sequence[int], width: int) -> list[int]:
    """Widths with the widest made narrower until all fit, or none is wider than `SHORTEST`."""
    found = list(widths)
    excess = sum(found) + len(GAP) * (len(found) - 1) - width
    while excess > 0 and max(found) > SHORTEST:
        widest = found.index(max(found))
        following = max([SHORTEST, *(each for each in found if each < found[widest])])
        step = min(excess, found[widest] - min(following, found[widest] - 1))
        found[widest] -= step
        excess -= step
    return found


def _parts(widths: Sequence[int], width: int) -> Iterator[list[int]]:
    """Numbers of the columns of each part; a part has the first column and at least one more."""
    part, used = [0], widths[0]
    for column in range(1, len(widths)):
        needed = len(GAP) + widths[column]
        if used + needed > width and len(part) > 1:
            yield part
            part, used = [0], widths[0]
        part.append(column)
        used += needed
    yield part
