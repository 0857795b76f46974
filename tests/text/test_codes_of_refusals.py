"""Every code with which a file is refused has a sentence, and each sentence its fields."""

import ast
import pickle
import string
from pathlib import Path

import pytest

import generator
from generator.errors import CheckpointError, UsageError
from generator.records.reasons import Unreadable
from generator.text.coded import BEGINNINGS, REASONS, error_text, reason_text
from generator.text.refusals import FORMATS, REFUSALS, Refused

PACKAGE = Path(generator.__file__).parent
# Fields that begin a sentence, and those that `Forbidden` gets from its caller.
BEGIN, GIVEN = {"part", *BEGINNINGS}, {"opcode"}
# Errors that are raised with a code, and which of their arguments it is.
PLACES = {"CheckpointError": 1, "ArchiveError": 1, "Forbidden": 0}
# Codes that are chosen before the error is raised.
CHOSEN = {"lacks", "unlisted", "overlap", "hole", "encrypted", "compressed", "flags", "path"} | {
    "impossible",
    "extreme",
}


def raised():
    """Code and names of fields of all errors raised with a literal code."""
    for path in sorted(PACKAGE.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        # Every process that collects tests gets here: it need not parse the whole package.
        if not any(f"{name}(" in text for name in PLACES):
            continue
        for node in ast.walk(ast.parse(text)):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            place = PLACES.get(node.func.id)
            if place is None or len(node.args) <= place:
                continue
            code = node.args[place]
            if isinstance(code, ast.Constant):
                fields = {keyword.arg: keyword.value for keyword in node.keywords}
                yield pytest.param(code.value, fields, id=f"{path.stem}-{node.lineno}")


RAISED = list(raised())


@pytest.mark.parametrize(("code", "fields"), RAISED)
def test_what_is_raised_has_a_sentence_with_its_fields(code, fields):
    if code == "not_weights":
        constant = fields["format"]
        assert not isinstance(constant, ast.Constant) or constant.value in FORMATS
        return
    sentence = REFUSALS[code].sentence if code in REFUSALS else REASONS[code]
    named = {name for _, name, _, _ in string.Formatter().parse(sentence) if name}
    assert named <= fields.keys() | GIVEN
    assert fields.keys() <= named | BEGIN


def test_every_sentence_is_used():
    used = {param.values[0] for param in RAISED} | CHOSEN | {"operand"}
    assert REFUSALS.keys() <= used
    assert len(used) > 40


def test_a_refusal_says_what_was_found_where():
    error = CheckpointError("a.safetensors", "hole", tensor="'x'", start=9000, expected=4)
    text = "tensor 'x' starts at 9,000 instead of 4: it leaves a hole"
    assert error_text(error) == f"a.safetensors: {text}"
    assert reason_text(Unreadable(fault=error.code, found=error.fields)) == text
    advised = CheckpointError("a.safetensors", "not_weights", format="gzip")
    assert error_text(advised) == "a.safetensors: is compressed with gzip. Unpack it"


def test_what_led_to_an_error_is_told():
    cause = CheckpointError("a", "no_tensors")
    error = UsageError("all", "cannot be read", "Give others", causes=(cause,))
    assert error_text(error) == "all: cannot be read (a: has no tensors). Give others"
    assert str(error) == "all: cannot be read (a: no_tensors). Give others"


def test_an_error_of_another_process_is_whole():
    error = CheckpointError("a", "storage", size=4, expected=16)
    copy = pickle.loads(pickle.dumps(error))
    assert (copy.subject, copy.code, copy.fields) == ("a", "storage", {"size": 4, "expected": 16})
    assert str(copy) == str(error) == "a: storage (size 4, expected 16)"
    told = UsageError("all", "is wrong", causes=(error,))
    assert error_text(pickle.loads(pickle.dumps(told))) == error_text(told)


def test_a_code_of_another_version_is_shown():
    assert reason_text(Unreadable(fault="made_of_wood")) == "made of wood"
    assert reason_text(Unreadable(fault="hole")) == "starts at \N{EN DASH} instead of" + (
        " \N{EN DASH}: it leaves a hole"
    )
    assert reason_text(Unreadable(fault="not_weights", found={"format": "wood"})) == (
        FORMATS["unknown"].sentence
    )


@pytest.mark.parametrize("code", REFUSALS)
@pytest.mark.parametrize("value", [7, "x", (1, "y"), ()])
def test_a_field_of_another_type_is_shown(code, value):
    """The fields of a record that someone changed may be anything."""
    names = [name for _, name, _, _ in string.Formatter().parse(REFUSALS[code].sentence) if name]
    assert reason_text(Unreadable(fault=code, found=dict.fromkeys(names, value)))


def test_sentences_are_of_one_form():
    for one in (*FORMATS.values(), *REFUSALS.values()):
        assert isinstance(one, Refused)
        assert one.sentence[0].islower()
        assert not one.sentence.endswith(".")
        assert not one.advice.endswith(".")
