"""Records are frozen, keyword-only and refuse unknown fields, as are all that derive from them."""

import importlib
import pkgutil

import msgspec
import pytest

import generator.records
from generator.networks.blocks import BlockRule
from generator.records.base import Record
from generator.records.checkpoints import Adapter, AdapterBlock, gguf_name
from generator.records.findings import GROUP_FIGURES, GROUP_KINDS, PAIR_FIGURES, PAIR_KINDS
from generator.records.lineage import Lineage, LineageNode
from generator.records.reasons import NonFinite, OneSided


def test_a_record_is_frozen_and_takes_keywords_alone():
    reason = OneSided(a="int64", b="float32")
    with pytest.raises(AttributeError):
        reason.a = "int32"
    with pytest.raises(TypeError):
        OneSided("int64", "float32")
    assert hash(reason) == hash(OneSided(a="int64", b="float32"))


def test_the_code_of_a_record_is_the_name_of_its_class():
    """Files of others hold them: they are never renamed."""
    assert msgspec.to_builtins(NonFinite()) == {"code": "non_finite"}
    assert OneSided(a="int64", b="float32").code == "one_sided"


def test_an_unknown_field_is_refused():
    with pytest.raises(msgspec.ValidationError, match="unknown field"):
        msgspec.json.decode(b'{"code":"one_sided","a":"x","b":"y","c":"z"}', type=OneSided)


def test_a_record_may_say_otherwise():
    assert BlockRule("mid_block$", "MID") == BlockRule(pattern="mid_block$", prefix="MID")


def records(kind=Record):
    """Those of the room of records: tests of other rooms define or load others."""
    return {each for each in all_records(kind) if each.__module__.startswith("generator.records")}


def all_records(kind=Record):
    for module in pkgutil.iter_modules(generator.records.__path__):
        importlib.import_module(f"generator.records.{module.name}")
    for each in kind.__subclasses__():
        yield each
        yield from all_records(each)


@pytest.mark.parametrize("record", sorted(records(), key=lambda each: each.__name__))
def test_a_field_without_a_value_gets_one_of_its_type(record):
    for field in msgspec.structs.fields(record):
        default = field.default
        if field.default_factory is not msgspec.NODEFAULT:
            default = field.default_factory()
        if default is not msgspec.NODEFAULT:
            msgspec.convert(msgspec.to_builtins(default), field.type)


def test_every_kind_of_finding_has_its_figures():
    assert set(GROUP_FIGURES) == set(GROUP_KINDS)
    assert set(PAIR_FIGURES) == set(PAIR_KINDS)


@pytest.mark.parametrize(
    ("dtype", "name"),
    [("float32", "F32"), ("float16", "F16"), ("bfloat16", "BF16"), ("float64", "F64")],
)
def test_plain_dtypes_have_the_names_of_ggml(dtype, name):
    gguf = pytest.importorskip("gguf")
    assert gguf_name(dtype) == gguf.GGMLQuantizationType[name].name == name
    assert gguf_name("q4_k") == "q4_k"


@pytest.mark.parametrize(
    ("algorithm", "norm", "reason"),
    [
        ("dora", None, "needs_weights"),
        ("ia3", None, "needs_weights"),
        ("lokr", None, "not_read"),
        ("lora", 1.0, ""),
    ],
)
def test_why_an_adapter_has_no_norm(algorithm, norm, reason):
    block = AdapterBlock(component="denoiser", block="MID", changes=1, norm=norm)
    assert Adapter(algorithm=algorithm, norm=norm, blocks=(block,)).norm_reason == reason
    # Of a header alone, nothing is known.
    assert Adapter(algorithm=algorithm).norm_reason == ""


def test_models_without_a_relative_are_those_that_are_called_unrelated():
    relations = ("root", "descends", "unrelated", "related", "near", "mix")
    nodes = tuple(
        LineageNode(name=each, copies=(), relation=each, parents=(), distances=())
        for each in relations
    )
    assert Lineage(roots=(), nodes=nodes, left_out=()).unrelated == ("unrelated",)
