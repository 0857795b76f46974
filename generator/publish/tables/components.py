"""Components, and claims about networks -> the columns of their tables."""

from collections.abc import Sequence

from generator.publish.quantities.claims import ClaimedCount
from generator.publish.quantities.networks import FLOAT16_BYTES
from generator.publish.quantities.pipelines import users_of
from generator.publish.reading.atlas import LoadedComponent, LoadedNetwork
from generator.publish.tables.builders import GB, code, number, quantity, share, text, titled
from generator.publish.tables.table import Column
from generator.text import columns
from generator.text.columns import NO_SOURCE
from generator.text.networks import EXPLANATIONS, NOT_EXPLAINED, VERDICTS, explanation_text
from generator.text.networks import role_title as kind_title
from generator.text.words import begun

# All networks: how many of them load a component.
Networks = Sequence[LoadedNetwork]

COMPONENT_COLUMNS: tuple[Column[LoadedComponent, Networks], ...] = titled(
    columns.of("companions"),
    text("name", "record.name", link=lambda c, _: f"{c.id}.html"),
    number("parameters", "record.parameters"),
    quantity("weights", lambda c, _: c.record.parameters * FLOAT16_BYTES, GB),
    number("users", lambda c, networks: len(users_of(c.id, networks))),
    text("kind", "record.kind", lambda kind: begun(kind_title(kind)), choices=True),
    code("class_name", "record.class_name"),
    text("library", "record.library", choices=True),
    text("dtype", "record.dtype", missing=NO_SOURCE, hidden=True),
    text("id", hidden=True),
)


def _because(row: ClaimedCount, networks: Networks) -> str | None:
    records = {network.id: network.record for network in networks}
    known = EXPLANATIONS.get(row.id)
    if known is None or row.verdict != "explained":
        return None
    other = records.get(known.beside)
    return explanation_text(
        known, (other.name, other.parameters.diffusers) if other is not None else None
    )


CLAIM_COLUMNS: tuple[Column[ClaimedCount, Networks], ...] = titled(
    columns.of("claims"),
    text("name", link=lambda row, _: row.address),
    # First on narrow screens, too: what people come for.
    text("verdict", "verdict", VERDICTS.__getitem__, choices=True),
    text("claim", "claim.text"),
    number("parameters"),
    share("deviation"),
    text("kind", "kind", lambda kind: begun(kind_title(kind)), choices=True, hidden=True),
    text("because", _because, wraps=True, missing=NOT_EXPLAINED),
    text("source", "claim.source", wraps=True),
)
