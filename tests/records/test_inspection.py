"""What a file is, as other programs read it: null where it is not known."""

import msgspec
import pytest

from generator.records import Checkpoint, store
from generator.records.checkpoints import Adapter, autov1_bytes
from generator.records.inspection import inspection_of


@pytest.fixture(scope="module")
def demo(committed):
    return store.read_result(committed / "checkpoints" / "demo-base.json", Checkpoint)


def inspected(record, **changes):
    return inspection_of(msgspec.structs.replace(record, **changes), None)


def test_a_known_network_has_no_nearest(demo):
    found = inspected(demo)
    assert (found.architecture, found.nearest) == ("sd1", None)
    assert (found.tensors, found.parameters) == (demo.tensors, demo.parameters)
    assert [(each.name, each.network) for each in found.components] == [
        (each.name, each.network or None) for each in demo.components
    ]
    assert found.weights is None
    assert inspection_of(demo, []).weights == ()


@pytest.mark.parametrize("architecture", ["", "unknown"])
def test_an_unknown_one_has_the_nearest(demo, architecture):
    found = inspected(demo, architecture=architecture, nearest="sdxl")
    assert found.architecture is None
    assert found.nearest.architecture == "sdxl"
    (denoiser,) = (each for each in demo.components if each.name == "denoiser")
    assert found.nearest.similarity == denoiser.similarity
    assert inspected(demo, architecture=architecture, nearest="").nearest is None
    alone = tuple(each for each in demo.components if each.name != "denoiser")
    assert inspected(demo, architecture="", nearest="sd1", components=alone).nearest is None


def test_what_is_empty_is_null(demo):
    names = ("kind", "base_model", "prediction_type", "quantisation")
    empty = {name: type(getattr(demo, name))() for name in names}
    found = inspected(demo, **empty, sources=())
    assert {name: getattr(found, name) for name in (*names, "hashes")} == dict.fromkeys(
        (*names, "hashes")
    )
    assert inspected(demo, base_model="x", kind="y").base_model == "x"


def test_hashes_are_by_file_where_there_are_several(demo):
    (source,) = demo.sources
    hashes = {name: getattr(source, name) for name in ("sha256", "autov1", "autov2", "autov3")}
    assert None not in hashes.values()
    assert inspected(demo).hashes == hashes
    # AutoV1 begins at byte 2^20.
    small = msgspec.structs.replace(source, name="small", size=2**20)
    assert inspected(demo, sources=(source, small)).hashes == {
        source.name: hashes,
        "small": {**hashes, "autov1": None},
    }
    unmeasured = msgspec.structs.replace(source, sha256=None)
    assert inspected(demo, sources=(unmeasured,)).hashes is None


@pytest.mark.parametrize(("values", "shown"), [((), None), ((4,), 4), ((4, 8), (4, 8))])
def test_one_rank_is_a_number(demo, values, shown):
    adapter = Adapter(algorithm="lora", rank=values, alpha=values, targets=("attn1",))
    found = inspected(demo, adapter=adapter).adapter
    assert (found.algorithm, found.rank, found.alpha) == ("lora", shown, shown)
    assert (found.targets, found.encoders, found.vectors) == (("attn1",), (), None)
    assert inspected(demo).adapter is None


@pytest.mark.parametrize(
    ("size", "hashed"),
    [
        (0, 0),
        (2**20, 0),
        (2**20 + 1, 1),
        (2**20 + 65_535, 65_535),
        (2**20 + 65_536, 65_536),
        (4_000_000_000, 65_536),
    ],
)
def test_autov1_is_of_at_most_64_kib_from_the_second_mebibyte(size, hashed):
    assert autov1_bytes(size) == hashed
