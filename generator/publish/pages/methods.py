"""Versions, anomaly codes and benchmarks -> the page that defines every number."""

from collections.abc import Iterator
from typing import Any

from generator.publish.pages.context import Context
from generator.publish.pages.site import Site
from generator.publish.quantities.versions import library_versions
from generator.publish.tables.networks import NETWORK_COLUMNS
from generator.publish.tables.table import Column
from generator.records import Architecture, Bench
from generator.text.anomalies import ANOMALIES
from generator.text.benches import between_sentence, ratio_sentences
from generator.text.glossary import GLOSSARY, Term
from generator.text.hashing import BLAKE3_EXAMPLE, BLAKE3_PRINTED

# The network whose blocks merge tools are named after.
LANDMARK = "sd1"


class Methods(Context):
    """The definition of every number, the `versions` in all records, the `anomalies` with their
    meanings, the `landmark` network with the best-known blocks, and the `benches` measured by `make
    bench`, with sentences about the `ratios` of their rows, and one on simulated models `between`
    others. `blake3_example` is Python that prints `blake3_printed`."""

    TEMPLATE = "methods.md"

    glossary: tuple[Term, ...]
    anomalies: dict[str, str]
    versions: tuple[tuple[str, tuple[str, ...]], ...]
    columns: tuple[Column[Any, Any], ...]
    networks: int
    landmark: Architecture | None
    benches: dict[str, Bench]
    ratios: dict[str, tuple[str, ...]]
    between: str
    blake3_example: str
    blake3_printed: str


def pages(site: Site) -> Iterator[tuple[str, Context]]:
    """The page `methods.md`, with the library versions of all records."""
    yield (
        "methods.md",
        Methods(
            versions=library_versions(site.atlas.networks),
            columns=NETWORK_COLUMNS,
            networks=len(site.atlas.networks),
            landmark=next((one for one in site.atlas.architectures if one.id == LANDMARK), None),
            anomalies={code: text.meaning for code, text in ANOMALIES.items()},
            glossary=GLOSSARY,
            benches=site.atlas.benches,
            between=between_sentence(site.atlas.benches.get("lineage")),
            ratios={
                name: tuple(ratio_sentences(bench)) for name, bench in site.atlas.benches.items()
            },
            blake3_example=BLAKE3_EXAMPLE,
            blake3_printed=BLAKE3_PRINTED,
        ),
    )
