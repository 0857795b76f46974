"""Records are frozen, keyword-only and refuse unknown fields, as are all that derive from them."""

import msgspec
import pytest

from generator.networks.blocks import BlockRule
from generator.records.reasons import OneSided


def test_a_record_is_frozen_and_takes_keywords_alone():
    reason = OneSided(a="int64", b="float32")
    with pytest.raises(AttributeError):
        reason.a = "int32"
    with pytest.raises(TypeError):
        OneSided("int64", "float32")
    assert hash(reason) == hash(OneSided(a="int64", b="float32"))


def test_an_unknown_field_is_refused():
    with pytest.raises(msgspec.ValidationError, match="unknown field"):
        msgspec.json.decode(b'{"code":"one_sided","a":"x","b":"y","c":"z"}', type=OneSided)


def test_a_record_may_say_otherwise():
    assert BlockRule("mid_block$", "MID") == BlockRule(pattern="mid_block$", prefix="MID")
