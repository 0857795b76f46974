"""Checkpoints with the same component, by digests that are given by hand."""

import pytest

from generator.records import Checkpoint, CheckpointComponent
from generator.records.identities import component_of, identity_classes


def component(name, blake3, float16=None, bfloat16=None):
    fields = dict.fromkeys(CheckpointComponent.__struct_fields__)
    known = {
        "name": name,
        "blake3": blake3,
        "blake3_float16": float16,
        "blake3_bfloat16": bfloat16,
    }
    return CheckpointComponent(**fields | known)


def checkpoint(identity, *components):
    fields = dict.fromkeys(Checkpoint.__struct_fields__)
    return Checkpoint(**fields | {"id": identity, "components": components, "files": {}})


# `half` and `brain` are copies of `full`, `again` is the same file twice.
FULL = checkpoint("full", component("denoiser", "f", "h", "b"), component("vae", "v"))
AGAIN = checkpoint("again", component("denoiser", "f", "h", "b"))
HALF = checkpoint("half", component("denoiser", "h", "h"))
BRAIN = checkpoint("brain", component("denoiser", "b", None, "b"))
OTHER = checkpoint("other", component("vae", "w"), component("denoiser", "o", "p", "q"))
UNMEASURED = checkpoint("unmeasured", component("denoiser", None, None, None))


def found(*checkpoints):
    return [(each.component, each.how, each.members) for each in identity_classes(checkpoints)]


def test_classes_by_bytes_come_first_and_are_of_all():
    assert found(FULL, OTHER, AGAIN) == [
        ("denoiser", "bytes", ("full", "again")),
        ("denoiser", "bytes", ("other",)),
        ("vae", "bytes", ("full",)),
        ("vae", "bytes", ("other",)),
    ]


def test_copies_in_half_precision_are_of_different_bytes():
    classes = found(HALF, FULL, AGAIN, BRAIN, OTHER)
    assert [each for each in classes if each[1] != "bytes"] == [
        ("denoiser", "float16", ("half", "full", "again")),
        ("denoiser", "bfloat16", ("full", "again", "brain")),
    ]


@pytest.mark.parametrize("checkpoints", [(FULL, AGAIN), (FULL, OTHER), (HALF, OTHER)])
def test_equal_bytes_and_unequal_values_are_no_copies(checkpoints):
    assert {how for _, how, _ in found(*checkpoints)} == {"bytes"}


def test_what_was_not_measured_is_in_no_class():
    assert found(UNMEASURED) == []
    assert found(UNMEASURED, FULL)[0] == ("denoiser", "bytes", ("full",))


def test_a_component_by_name():
    assert component_of(FULL, "vae").blake3 == "v"
    assert component_of(FULL, "text_encoder") is None
