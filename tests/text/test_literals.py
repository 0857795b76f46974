"""No page asserts a figure that nobody computes.

Every literal number of a template or sentence, and every comparison in a sentence that no value is
filled into, is listed here with its reason; a number that the program holds, too, is compared.
"""

import importlib
import math
import pkgutil
import re

import pytest
from literals import FILLED, Hit, comparisons, numbers, texts

import generator.analysis
from generator.architectures.counts import SUMMARY_DEPTH
from generator.embeddings import clusters, mapping, measuring
from generator.publish.tables.prompts import MOST_TOKENS
from generator.records import checkpoints, point_tables
from generator.text.findings import SMALLEST_SHOWN

TEXTS = list(texts())
# Signs of formulas, of what is counted from 0, and of choices.
PLAIN = {"0", "1", "2"}
YEAR = re.compile(r"(?:19|20)\d\d")
# The rules of the lineage: their numbers are constants of the room `analysis`.
RULES = ("## Lineage and recipes", "### How often it is right")

# Phrase, with the number in a group -> the value that the program uses.
HELD = {
    r"to depth (3)": SUMMARY_DEPTH,
    r"64 KiB from byte (1,048,576)": checkpoints.AUTOV1_START,
    r"(64) KiB from": checkpoints.AUTOV1_SIZE // 1024,
    r"up to (512) prompts": measuring.MOST_IN_TABLE,
    r"fit in (524,288) pairs": measuring.MOST_PAIRS,
    r"perplexity (30)": clusters.PERPLEXITY,
    r"with (50) or more prompts": clusters.FEWEST_FOR_TSNE,
    r"up to (24) encoders": mapping.ALL_PAIRS,
    r"coordinates have (5) decimals": point_tables.DECIMALS,
    r"of t-SNE: (3)\)": point_tables.TSNE_DECIMALS,
    r"at most (77) tokens": MOST_TOKENS,
    r"longer than (77) tokens": MOST_TOKENS,
    r"all (77) positions": MOST_TOKENS,
    r"below (0\.001)": 2 * SMALLEST_SHOWN,
}
# Phrase -> why its number may stand there.
REASONS = {
    r"MB(?: in MB)?,? / 1024|divided by 1024|sum by 1024": "the unit of the published table",
    r"\(10\^[6−]+ ?6? ?bytes\)|gigabyte \(10\^9 bytes\)|10\^6": "definition of a unit",
    r"below 10\^−6 against float64": "the precision that test_inventory asserts",
    r"first (?:8|10|12) digits|First (?:8|10|12) digits": "definition of AutoV1, AutoV2, AutoV3",
    r"in use: 10 for a float32": "the stored significand bits of float16",
    r"from 1/4 to 4": "the ends of the scale, asserted in the tests of the strip",
    r"1/2048": "half a unit in the last place of float16",
    r"at 0\.1, the root mean square error of lengths is a tenth": "definition of the stress",
    r"counts 0 to 76": "CLIP's position ids",
    r"first 200; all": "the slice beside it in the template",
    r"“\(3 equal\)” marks three": "an example",
    r"version 0\.33": "the release of diffusers that changed it",
    r"Stable Diffusion (?:1|2|3(?:\.5)?)": "a name",
    r"\(\d+ input channels\)": "the shape by which the variant is recognised",
    r"the factor is 13 or more|others it is at most 9": "asserted in test_published_groups",
    r"are at 0\.87 of the distance|only 1\.15 times farther": "geometry: sqrt(3)/2 and 2/sqrt(3)",
    r"six blocks, 3,000 numbers per block in families, and 20 to 3,000": "sizes in `simulated`",
    r"3 to 40 members|between 0\.2 and 0\.8|3 to 12 fine-tunes|by 8 degrees": "the simulation",
    r"distances from 0\.0001 to 0\.2": "the simulation",
    r"\(a\) \| 0\.0|, a\) \| 0\.0": "Python for sd-mecha: what has no weight is that of A",
    r"^02$": "a format",
}
# Phrase -> why its comparison is true of any record.
TRUE = {
    r"smallest first|nearest first": "the order of the rows",
    r"half-precision": "a name",
    r"Higher at the same size": "how to read an axis",
    r"stronger tint means a larger distance|filled bar is longer, the block differs more than": (
        "how to read a figure"
    ),
    r"closer to another": "definition of the silhouette",
    r"Which checkpoints are nearest to each other": "a question",
    r"the number of parameters times the batch": "a product",
    r"no longer counts": "an idiom",
    r"the nearest one is named": "what the record holds",
    r"wider, narrower or": "what such a variant may be",
    r"coarser dtype than|is larger than what it holds": "definition of the anomaly",
    r"makes the file larger": "a file with a component more",
    r"lead to a nearest neighbour|neighbours are nearest by L2": "definition of tree and order",
    r"how many times as large the former is": "definition of the strip",
    r"a tenth more or less than its part": "asserted where the sentence is chosen",
    r"The first has the smallest norm": "the rule of the root that the record names",
    r"divided by the largest distance|doubles the batch|DOUBLE": "definition",
    r"counted modules more than once": "said only where the count is larger",
    r"at least as many parameters as one on": "the blocks are the largest, by their order",
    r"occurs twice|^twice$": "what the reader found",
    r"These are the smallest that come as near": "what the solver returns",
    r"^(?:least|most|nearest)$": "the name of a field",
}
# Files whose comparisons are all of one kind.
WHOLE = {
    "methods.md": "definitions",
    "columns.toml": "definitions of columns",
    "lineage.py": "each sentence belongs to one rule that the record names",
}


def covered(hit: Hit, phrases) -> bool:
    return any(
        match.start() <= hit.start and hit.stop <= match.end()
        for phrase in phrases
        for match in re.finditer(phrase, hit.text)
    )


def constants() -> set[float]:
    """All numbers that modules of the room `analysis` name."""
    found: set[float] = set()
    for module in pkgutil.walk_packages(generator.analysis.__path__, "generator.analysis."):
        for name, value in vars(importlib.import_module(module.name)).items():
            if name.isupper() and isinstance(value, int | float):
                found |= {float(value), math.sqrt(abs(value)), 100 * float(value)}
    return found


def is_rule(hit: Hit) -> bool:
    """Whether a number of the Methods page is one of the rules of lineage, and a constant."""
    start, stop = (hit.text.find(heading) for heading in RULES)
    literal = hit.text[hit.start : hit.stop]
    digits = len(literal.replace(".", "").lstrip("0"))
    found = {float(f"{one:.{digits}g}") for one in constants()}
    return start < hit.start < stop and float(literal) in found


def test_every_literal_number_has_a_reason():
    bare = []
    for text in TEXTS:
        for hit in numbers(text):
            literal = hit.text[hit.start : hit.stop]
            known = literal in PLAIN or YEAR.fullmatch(literal)
            if not (known or covered(hit, [*HELD, *REASONS]) or is_rule(hit)):
                bare.append(str(hit))
    assert not bare


def test_every_comparison_is_made_of_values_or_has_a_reason():
    bare = [
        str(hit)
        for text in TEXTS
        if text.file not in WHOLE
        for hit in comparisons(text)
        if not covered(hit, TRUE)
    ]
    assert not bare


@pytest.mark.parametrize("phrase", HELD)
def test_a_number_that_the_program_holds_is_the_same(phrase):
    found = [match for text in TEXTS for match in re.finditer(phrase, text.text)]
    assert found
    assert {float(match[1].replace(",", "")) for match in found} == {float(HELD[phrase])}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("An EMA copy doubles the size.", 1),
        (f"One step costs {FILLED} times as much.", 0),
        ("It is 199 times faster.", 2),
    ],
)
def test_a_planted_comparison_is_found(text, found):
    planted = TEXTS[0]._replace(text=text)
    assert len(list(comparisons(planted))) == found


def test_a_planted_number_is_found():
    planted = TEXTS[0]._replace(text=f"{FILLED} is 199 times faster, in 32 records")
    assert [hit.text[hit.start : hit.stop] for hit in numbers(planted)] == ["199", "32"]
