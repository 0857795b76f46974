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
from generator.analysis.arrangement import numerics
from generator.analysis.findings import of_groups
from generator.analysis.lineage import (
    angles,
    candidates,
    claims,
    lines,
    masked,
    missing_roots,
    roots,
    rounding,
    search,
    sums_by_block,
    sums_of_steps,
)
from generator.architectures.counts import SUMMARY_DEPTH
from generator.distances import products, ranks
from generator.embeddings import clusters, mapping, measuring
from generator.publish.figures.groups import distances
from generator.publish.tables.prompts import MOST_TOKENS
from generator.records import checkpoints
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
    r"at most (77) tokens": MOST_TOKENS,
    r"longer than (77) tokens": MOST_TOKENS,
    r"all (77) positions": MOST_TOKENS,
    r"below (0\.001)": 2 * SMALLEST_SHOWN,
    r"a (thousand) times nearer to each other than to": products.NEAR**-0.5,
    r"Only the (four) nearest of each form": search.SHORTLIST,
    r"only if they leave less than a (tenth) of the parents": search.PROMISING**0.5,
    r"simpler explanation has a residual at least (ten) times": search.GAIN,
    r"is not (ten) times nearer than a simpler": search.GAIN,
    r"at most (half) as many as there are members": search.FITTING_OF_MEMBERS,
    r"to the mix is below (half) of the parents": search.LARGEST_IN_PART**0.5,
    r"in at least (half) of the parts": claims.SMALLEST_FITTING,
    r"(Four) or more members of a family without": lines.FEWEST,
    r"at most (three) times the residual distance of the mix": lines.FARTHEST,
    r"at most (half) the distance to its neighbour": lines.STEEPEST,
    r"differ by at most (2\.5) times this": rounding.WITHIN,
    r"up to (eight) members added": sums_of_steps.MOST,
    r"a mix of up to (five) members": sums_by_block.MOST_BY_BLOCK,
    r"but for (twice) the expected rounding": sums_of_steps.EXACT,
    r"off by more than (ten) times the rounding": sums_of_steps.NEEDED,
    r"than one true root in (twenty) has by chance": 1 / missing_roots.OF_ALL,
    r"not more than one in a (thousand);": 1 / missing_roots.OF_TWO,
    r"only if at least (three) relatives": missing_roots.FEWEST_WAYS,
    r"the same rank, up to (128)": ranks.LARGEST,
    r"if they are (1\.5) times larger than": ranks.ABOVE,
    r"a rank of at most (half) of its smaller side": ranks.LOW,
    r"more than (four) times as far as the third quartile": distances.FAR,
    r"options differ by more than (eight) steps": masked.APART,
    r"dtype are within (one) step": masked.WITHIN,
    r"Up to (four) models besides the base": masked.MOST_OTHERS,
    r"up to (three) for each member": candidates.SHOWN,
    r"and (three) standard deviations of chance": roots.SURE,
    r"within (four) standard deviations": angles.SURE,
    r"(Four) or more models in one line of descent": of_groups.SHORTEST_CHAIN,
    r"not (ten) times nearer than a simpler": search.GAIN,
    r"to (nine) significant digits": numerics.DIGITS,
}
IN_WORDS = {
    **{"tenth": 0.1, "half": 0.5, "one": 1, "twice": 2, "three": 3, "four": 4, "five": 5, "six": 6},
    **{"seven": 7, "eight": 8, "nine": 9, "ten": 10, "twelve": 12, "dozen": 12, "twenty": 20},
    **{"hundred": 100, "thousand": 1000},
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
    r"Stable Diffusion (?:1|2|3(?:\.5)?)|Kandinsky 5": "a name",
    r"\(\d+ input channels\)": "the shape by which the variant is recognised",
    r"the factor is 13 or more|others it is at most 9": "asserted in test_published_groups",
    r"are at 0\.87 of the distance|only 1\.15 times farther": "geometry: sqrt(3)/2 and 2/sqrt(3)",
    r"six blocks, 3,000 numbers per block in families, and 20 to 3,000": "sizes in `simulated`",
    r"3 to 40 members|between 0\.2 and 0\.8|3 to 12 fine-tunes|by 8 degrees": "the simulation",
    r"distances from 0\.0001 to 0\.2": "the simulation",
    r"3 to 40 files of 40 tensors, 288,000 numbers in all|trained by 0\.5 to 10 %|Up to 40 %": (
        "the simulation"
    ),
    r"by 5 %, arc and chord differ by at most 1 %": "an eighth of 0.05 sqrt(2), at right angles",
    r"Martinsson and Tropp, 2011": "a year",
    r"\(a\) \| 0\.0|, a\) \| 0\.0": "Python for sd-mecha: what has no weight is that of A",
    r"^02$|^>?(?:14|20)$": "a format",
    r"boost: [48]": "the weight of a page in the search",
    r"within 5 %|within 10 %|[Mm]ore than (?:5|10) % off": "what the page counts by",
    r"A 12 GB card runs": "the card whose numbers the template takes",
    r"eight small networks agree with this within 0\.5 %": "what test_memory asserts",
    r"counted four ways|sum of the three in MB|the last three cases": "they stand beside it",
    r"array without spaces of four elements|have three elements": "definition of the digest",
    r"\(three fifths\)|merges of three|sums of two to eight": "the simulation",
    r"Choose two to four of": "the limit of the script `beside.js`",
    r"or one of these three was made|which of the three came first": "those that are named",
    r"takes two or three models|supermerger` takes three": "the methods of these tools",
    r"within about 10 % of what is reserved": "as measured on the cards of the page",
    r"--card 12": "an example",
    r"384 × 384 × 1,536": "the shape of that table in diffusers",
    r"^(?:8|12|16|24|32|48|80) GB$": "the memory of cards, each a column",
}
# Phrase -> why its comparison is true of any record.
TRUE = {
    r"smallest first|nearest first|largest first": "the order of the rows",
    r"and else which is nearest": "the column of the table below it",
    r"The darker a point, the farther from .+ most central member": "drawn.py: else the medoid",
    r"with a name, more than 10 % off": "what the figure names by",
    r"each times a factor|more than one option occurs": "what such a merge is",
    r"it is declared in half of the others": "the simulation",
    r"has a lower rank than what was added": "singular values within rounding do not count",
    r"that is true of most matrices that differ": "asserted where the component is listed",
    r"so small that rounding swallows most": "a condition",
    r"Random histories are nearer to what people make": "more methods, dtypes and lost files",
    r"half-precision": "a name",
    r"Higher at the same size": "how to read an axis",
    r"stronger tint means a larger distance|filled bar is longer, the block differs more than": (
        "how to read a figure"
    ),
    r"closer to another": "definition of the silhouette",
    r"Which checkpoints are nearest to each other": "a question",
    r"the distances tell, and else which is nearest": "what the column holds",
    r"The darker a point, the farther|or else from its most central member": "what colours mean",
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
    r"at (?:most|least) \d[\d.]*": "its number is compared as all numbers are",
    r"with parameters, counted twice": "definition of the published figure",
    r"calls the denoiser twice per step costs twice as much": "a product",
    r"error of a distance is at most one millionth": "what test_matrix asserts",
    r"Nor may it be much smaller than chance|clearly better": "a rule of the lineage",
    r"more than twice the distance to its own mix": "a rule of the lineage",
    r"holds more values of the root than rounding|may not be more than one true": (
        "a rule of the lineage"
    ),
    r"largest not more than one in a|in part from each in most parts": "a rule of the lineage",
    r"without one of the parents, no exact sum of as few|other than of members on one line": (
        "a rule of the lineage"
    ),
    r"Nor does one more member make the sum clearly nearer|where that is more than rounding": (
        "a rule of the lineage"
    ),
    r"only 1\.15 times farther": "geometry: 2/sqrt(3)",
    r"simpler than many real ones": "what the simulation leaves out is listed after it",
    r"one block or half of the blocks trained": "the simulation",
    r"cuDNN needs less there|float32 needs less": "its measured values are beside it",
    r"Quantised weights need less": "fewer bits",
    r"^nearest mixes$|^smaller sizes$": "a name, and advice",
    r"on a scale of doublings": "how to read a figure",
    r"lower case|longer prompts are cut": "what the tokenizer does",
    r"square root of twice the cosine distance": "geometry of unit vectors",
    r"is not mapped twice": "an idiom",
    r"narrower space counts as a subspace of the wider one": "definition",
    r"what guidance does not double": "a product",
    r"Blocks with half|that hold half of the parameters": "definition of a column",
    r"^The least value$|in at least one element|by more than rounding": "definition of a column",
    r"^Moved most$|the encoder that moved most": "the name of a column",
    r"Least certain: the": "the smallest ratio of the record",
}
# Files that define, where a superlative says what is chosen.
DEFINING = {"methods.md", "columns.toml", "lineage.py"}
CHOOSES = re.compile(r"best|(?:near|larg|small|wid|fast|short|few|farth)est", re.IGNORECASE)


def value(literal: str) -> float:
    known = IN_WORDS.get(literal.lower())
    return float(literal.replace(",", "")) if known is None else known


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
    digits = len(str(value(literal)).replace(".", "").strip("0"))
    found = {float(f"{one:.{digits}g}") for one in constants()}
    return start < hit.start < stop and value(literal) in found


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
        for hit in comparisons(text)
        if not (text.file in DEFINING and CHOOSES.fullmatch(hit.text[hit.start : hit.stop]))
        if not covered(hit, [*TRUE, *HELD])
    ]
    assert not bare


@pytest.mark.parametrize("phrase", HELD)
def test_a_number_that_the_program_holds_is_the_same(phrase):
    found = [match for text in TEXTS for match in re.finditer(phrase, text.text)]
    assert found
    held = pytest.approx(HELD[phrase], rel=1e-12)
    assert all(value(match[1]) == held for match in found)


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
