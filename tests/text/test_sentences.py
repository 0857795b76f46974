"""Every code of the records has a sentence, whole, inert, and the same for pages and terminal."""

import types
from typing import Literal, get_args, get_origin, get_type_hints

import pytest
from markupsafe import Markup

from generator.records import Anomaly, Finding, Omission, Reason, ShapeDifference
from generator.records.findings import (
    GROUP_FIGURES,
    GROUP_KINDS,
    PAIR_FIGURES,
    PAIR_KINDS,
    Change,
    ChangesApart,
    Concentration,
    ContentCounts,
    Copies,
    Cosine,
    Descent,
    Families,
    Mixed,
    Nothing,
    OnLine,
    Ranks,
    Rounded,
    Tensors,
    Triples,
)
from generator.text.coded import anomaly_text, omission_text, reason_text
from generator.text.escaping import inert
from generator.text.filling import fill, joined, plain
from generator.text.findings import group_sentence, pair_sentence
from generator.text.vectors import VECTORS

HOSTILE = "<script>{{7*7}}`\"'"
# Fields whose text is a code of its own.
CODES = {"kind": next(iter(VECTORS)), "network": "sd1", "nearest": "sd1"}
MIX = Mixed(weights=(0.25, 0.75), residual=0.01, least=0.7, most=0.8, blocks=26)
DIFFERENCE = Mixed(weights=(1.0, 0.8, -0.8), residual=0.01)
CHANGE = Change(changed=2, tensors=3, l2=5.0, part="MID")
CONCENTRATION = Concentration(part="MID", change=0.5, parameters=0.1)
FIGURES = {
    "merge": MIX,
    "merge_by_block": MIX,
    "interpolation": MIX,
    "between": MIX,
    "declared_otherwise": MIX,
    "declared_weights": MIX,
    "add_difference": DIFFERENCE,
    "difference_of_any": DIFFERENCE,
    "line": OnLine(deviation=0.01),
    "chain": Descent(rule="norms", certainty=1.2),
    "unrelated": Families(sizes=(2, 1, 1)),
    "same_in_all": ContentCounts(members=3, different=1),
    "different_ones": ContentCounts(members=3, different=2),
    "copies": Copies(how="float16", members=3),
    "decoder_only": Nothing(),
    "one_part_changed": CHANGE,
    "partly_changed": CHANGE,
    "all_changed": CHANGE,
    "concentrated_in_block": CONCENTRATION,
    "concentrated_in_kind": CONCENTRATION,
    "no_geometry": Triples(triples=4),
}
COUNTS = Tensors(tensors=3, elements=9, only_a=1, only_b=2)
FIGURES_OF_PAIRS = dict.fromkeys(PAIR_KINDS, COUNTS) | {
    "unrelated": Cosine(tensors=3, elements=9, cosine=0.1),
    "changes_differ": ChangesApart(l2=5.0, cosine=0.1),
    "low_rank": Ranks(matrices=9, low=8, smallest=1, largest=4, kinds=("attn1", "attn2")),
    "precision": Rounded(tensors=3, elements=9, format="float16"),
    **{kind: FIGURES[kind] for kind in ("one_part_changed", "partly_changed", "all_changed")},
    "decoder_only": CHANGE,
    "concentrated_in_block": CONCENTRATION,
    "concentrated_in_kind": CONCENTRATION,
}


def example(kind):
    """A record of this class, with hostile texts."""

    def value(name, annotation):
        origin, inner = get_origin(annotation), get_args(annotation)
        if origin is dict:
            return {"name": HOSTILE}
        if origin is tuple:
            return (value(name, inner[0]),) * 2
        if origin is Literal:
            return inner[0]
        if origin in (types.UnionType,):
            return value(name, inner[0])
        if annotation is ShapeDifference:
            return ShapeDifference(name=HOSTILE, shape=(1, 2), usual=(2, 1))
        return 12345 if annotation is int else CODES.get(name, HOSTILE)

    hints = {name: value(name, hint) for name, hint in get_type_hints(kind).items()}
    return kind(**{name: hints[name] for name in kind.__struct_fields__})


@pytest.mark.parametrize(
    ("union", "say"),
    [(Reason, reason_text), (Anomaly, anomaly_text), (Omission, omission_text)],
    ids=["reasons", "anomalies", "omissions"],
)
def test_every_code_has_a_whole_sentence(union, say):
    for kind in get_args(union):
        record = example(kind)
        text = say(record)
        assert text
        assert not {"{", "}", "_"} & set(text.replace(HOSTILE, "")), text
        numbers = [each for each in kind.__struct_fields__ if get_type_hints(kind)[each] is int]
        told = [each for each in numbers if each != "count" or kind not in get_args(Anomaly)]
        assert not told or "12,345" in text


@pytest.mark.parametrize(
    ("kinds", "declared", "figures", "say"),
    [
        (GROUP_KINDS, GROUP_FIGURES, FIGURES, group_sentence),
        (PAIR_KINDS, PAIR_FIGURES, FIGURES_OF_PAIRS, pair_sentence),
    ],
    ids=["groups", "pairs"],
)
def test_every_kind_of_finding_has_a_whole_sentence(kinds, declared, figures, say):
    assert set(kinds) == figures.keys() == declared.keys()
    for kind in kinds:
        found = figures[kind]
        assert type(found) is declared[kind]
        weights = len(found.weights) if isinstance(found, Mixed) else 2
        subjects = tuple(f"{HOSTILE}{n}" for n in range(weights + 1))
        finding = Finding(kind=kind, component="vae", subjects=subjects, figures=found)
        markup = say(finding)
        assert "<" not in markup
        assert "{{" not in markup
        text = plain(markup)
        assert text.endswith(".")
        assert not {"{", "}", "_"} & set(text.replace(HOSTILE, "")), text


def test_values_are_inert_and_markup_of_our_own_stays():
    link = Markup('<a href="x">{}</a>').format(inert(HOSTILE))
    filled = fill("{0} and {name}", link, name=HOSTILE)
    assert filled.startswith('<a href="x">&#60;script')
    assert filled.count("<") == 2
    assert plain(fill("{0} and {name}", inert(HOSTILE), name=HOSTILE)) == (
        f"{HOSTILE} and {HOSTILE}"
    )
    assert plain("1\N{NO-BREAK SPACE}%") == "1 %"


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, ""), (1, "0"), (2, "0 and 1"), (3, "0, 1 and 2"), (5, "0, 1, 2 and 2 more")],
)
def test_names_in_a_list(count, text):
    assert joined([str(n) for n in range(count)], most=3) == text
