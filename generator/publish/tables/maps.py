"""The columns of the table of pairs of encoders, declared as data."""

from generator.publish.tables.table import Column, Value
from generator.records import Record
from generator.text import numbers

FLAT = "all vectors of one of the two are equal"


class EncoderPair(Record, frozen=True, kw_only=True):
    """Two encoders by name and network, and how alike their vectors of one kind are."""

    kind: str
    a: str
    b: str
    networks: tuple[str, str]
    cka: float | None
    procrustes: float | None

    @property
    def both(self) -> str:
        """Their networks; one name where they are of one."""
        return " and ".join(dict.fromkeys(self.networks))


def _precise(value: Value) -> str:
    return numbers.precise(float(value)) if value is not None else ""


PAIR_COLUMNS = (
    Column(
        key="a",
        title="Encoder",
        kind="text",
        help="The first of the two, in the order of the group",
        value=lambda pair: pair.a,
    ),
    Column(
        key="b",
        title="Other encoder",
        kind="text",
        help="The second of the two",
        value=lambda pair: pair.b,
    ),
    Column(
        key="vectors",
        title="Kind of vectors",
        kind="text",
        help="How a vector is made of a prompt",
        value=lambda pair: pair.kind,
        choices=True,
    ),
    Column(
        key="cka",
        title="CKA",
        help="Linear centred kernel alignment: 1 where one space is the other but for rotation and"
        " scale, 0 where nothing of one is in the other",
        value=lambda pair: pair.cka,
        format=_precise,
        missing=FLAT,
    ),
    Column(
        key="procrustes",
        title="Procrustes",
        help="What is left after the best rotation and scaling of one, as a share of the variance:"
        " 0 where nothing is",
        value=lambda pair: pair.procrustes,
        format=_precise,
        missing=FLAT,
    ),
    Column(
        key="networks",
        title="Networks",
        kind="text",
        help="The released network of each, or of both",
        value=lambda pair: pair.both,
        choices=True,
    ),
)
