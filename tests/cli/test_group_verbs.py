"""Groups and pairs: entries of the catalogue, `atlas add --group`, what `atlas measure` keeps."""

import json
import re
import shutil
import tomllib
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from safetensors.numpy import load_file
from verbs import atlas

from generator.catalog.reading import read_catalog
from generator.cli import cli
from generator.distances import partial_results
from generator.errors import AtlasError
from generator.pipeline import checkpoints
from generator.records import Group, Pair, TensorDistance, store
from generator.records.distances import distance_matrix
from generator.records.pairwise_sums import unpack_sums
from generator.records.reasons import FileChanged, Unreadable
from generator.records.tables import read_rows

MEMBERS = ("demo-base", "demo-tune-1", "demo-branch-b")
GROUP = """
[[group]]
id = "family"
name = "A family"
members = ["demo-*"]
reference = "demo-base"
"""
PAIR = """
[[pair]]
id = "two"
name = "Two of them"
a = "demo-base"
b = "demo-tune-1"
"""


def entry(name: str) -> str:
    return f'\n[[checkpoint]]\nid = "{name}"\npath = "../files/{name}.safetensors"\n'


def make_data(folder: Path, family: Path) -> Path:
    data = folder / "data"
    for made in (data, folder / "files"):
        made.mkdir()
    for name in MEMBERS:
        shutil.copy(family / f"{name}.safetensors", folder / "files")
    write_catalog(data, MEMBERS, GROUP, PAIR)
    return data


@pytest.fixture
def data(tmp_path, family) -> Path:
    """A catalogue with a group and a pair, of which nothing is measured."""
    return make_data(tmp_path, family)


@pytest.fixture(scope="module")
def measured_once(tmp_path_factory, family) -> Path:
    folder = tmp_path_factory.mktemp("measured")
    assert measure(make_data(folder, family)) == 0
    return folder


@pytest.fixture
def measured(measured_once, tmp_path) -> Path:
    """The same catalogue, and all that is measured of it."""
    return shutil.copytree(measured_once, tmp_path / "copy") / "data"


def write_catalog(data: Path, checkpoints, *more: str) -> None:
    (data / "catalog.toml").write_text("".join(map(entry, checkpoints)) + "".join(more))


def run(*arguments) -> int:
    """Run a verb in this process: its exit code."""
    done = CliRunner().invoke(cli, list(map(str, arguments)), standalone_mode=False)
    if isinstance(done.exception, AtlasError):
        return done.exception.exit_code
    if done.exception:
        raise done.exception
    return done.return_value


def measure(data: Path, *more) -> int:
    """Measure in this process alone, which starts no others."""
    return run("measure", "--data", data, "--workers", 1, *more)


def read_group(data: Path, identity: str = "family"):
    group = store.read_result(data / "groups" / f"{identity}.json", Group)
    path = data / "groups" / f"{identity}.safetensors"
    return group, distance_matrix(unpack_sums(path.read_bytes(), str(path)))


def denoiser(path: Path) -> np.ndarray:
    """All weights of the denoiser as one vector, in float64."""
    tensors = load_file(path)
    names = sorted(name for name in tensors if name.startswith("model.diffusion_model."))
    return np.concatenate([tensors[name].ravel() for name in names]).astype(np.float64)


def snapshot(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_a_group_and_a_pair_are_measured_once(data):
    assert measure(data) == 0
    group, matrix = read_group(data)
    assert group.members == MEMBERS
    assert group.reference == "demo-base"
    vectors = [denoiser(data.parent / "files" / f"{name}.safetensors") for name in MEMBERS]
    expected = [[np.linalg.norm(a - b) for b in vectors] for a in vectors]
    np.testing.assert_allclose(matrix.components["denoiser"].l2, expected, rtol=1e-6)
    pair = store.read_result(data / "pairs" / "two.json", Pair)
    total = pair.comparison.summary.components["denoiser"].total
    assert total.l2 == pytest.approx(expected[0][1], rel=1e-6)
    rows = read_rows(TensorDistance, (data / "pairs" / "two.tensors.parquet").read_bytes())
    squares = [row.l2**2 for row in rows if row.component == "denoiser"]
    assert np.sqrt(sum(squares)) == pytest.approx(expected[0][1], rel=1e-6)
    before = {kind: snapshot(data / kind) for kind in ("groups", "pairs")}
    # What is fresh is not read.
    assert measure(data) == 0
    assert {kind: snapshot(data / kind) for kind in before} == before
    assert run("measure", "--data", data, "--force", "--workers", "2") == 0
    assert {kind: snapshot(data / kind) for kind in before} == before


def test_a_checkpoint_that_joins_leaves_the_same_bits_as_all_at_once(measured, family):
    shutil.copy(family / "demo-tune-2.safetensors", measured.parent / "files")
    write_catalog(measured, (*MEMBERS, "demo-tune-2"), GROUP, PAIR)
    assert measure(measured) == 0
    joined = snapshot(measured / "groups")
    assert measure(measured, "--only", "groups", "--force") == 0
    assert snapshot(measured / "groups") == joined


def test_a_checkpoint_whose_file_is_gone_keeps_its_place(measured, family):
    _, before = read_group(measured)
    (measured.parent / "files" / "demo-tune-1.safetensors").unlink()
    shutil.copy(family / "demo-tune-2.safetensors", measured.parent / "files")
    write_catalog(measured, (*MEMBERS, "demo-tune-2"), GROUP, PAIR)
    assert measure(measured) == 0
    group, after = read_group(measured)
    assert group.members == (*MEMBERS, "demo-tune-2")
    old, new = before.components["denoiser"].l2, after.components["denoiser"].l2
    assert tuple(row[:3] for row in new[:3]) == old
    # The two were never here together.
    assert new[1][3] is None
    assert new[0][3] > 0
    kept = snapshot(measured / "groups")
    assert measure(measured, "--force", "--only", "groups") == 0
    assert snapshot(measured / "groups") == kept
    # Once it is back, what was missing is measured.
    shutil.copy(family / "demo-tune-1.safetensors", measured.parent / "files")
    assert measure(measured) == 0
    assert read_group(measured)[1].components["denoiser"].l2[1][3] > 0


def test_a_file_that_changed_since_it_was_measured_is_left_out_by_name(measured, family):
    # A new member, so that there is something to compare; then the old name with other content.
    files = measured.parent / "files"
    shutil.copy(family / "demo-tune-2.safetensors", files)
    write_catalog(measured, (*MEMBERS, "demo-tune-2"), GROUP)
    assert measure(measured, "--only", "checkpoints") == 0
    shutil.copy(family / "demo-tune-3.safetensors", files / "demo-tune-1.safetensors")
    assert measure(measured, "--only", "groups") == 3
    group, _ = read_group(measured)
    assert "demo-tune-1" not in group.members
    assert [(one.name, one.reason) for one in group.refused] == [("demo-tune-1", FileChanged())]
    # All of it, in the right order.
    assert measure(measured) == 0
    group, matrix = read_group(measured)
    assert group.refused == ()
    vectors = [
        denoiser(measured.parent / "files" / f"{name}.safetensors") for name in group.members
    ]
    expected = [[np.linalg.norm(a - b) for b in vectors] for a in vectors]
    np.testing.assert_allclose(matrix.components["denoiser"].l2, expected, rtol=1e-6)


def test_files_that_this_machine_has_not_measured_are_compared_if_their_content_is_known(measured):
    before = snapshot(measured / "groups"), snapshot(measured / "pairs")
    (measured / "checkpoints" / checkpoints.SEEN_FILE).unlink()
    assert measure(measured, "--force", "--only", "groups", "--only", "pairs") == 0
    assert (snapshot(measured / "groups"), snapshot(measured / "pairs")) == before


def test_one_that_is_lost_on_the_way_is_named_and_tried_again(data, monkeypatch):
    path = data.parent / "files" / "demo-tune-1.safetensors"
    shutil.copy(path, data.parent / "copy")
    run_task = partial_results.run_task

    def disturb(task):
        path.write_bytes((data.parent / "copy").read_bytes())
        return run_task(task)

    write_catalog(data, MEMBERS, GROUP)
    monkeypatch.setattr(partial_results, "run_task", disturb)
    assert measure(data) == 3
    group, _ = read_group(data)
    assert group.members == ("demo-base", "demo-branch-b")
    assert [(one.name, one.reason) for one in group.refused] == [
        ("demo-tune-1", Unreadable(fault="changed"))
    ]
    monkeypatch.undo()
    assert measure(data) == 0
    assert read_group(data)[0].members == MEMBERS


def test_one_that_was_never_compared_is_named(data):
    (data.parent / "files" / "demo-tune-1.safetensors").write_bytes(b"not a checkpoint")
    assert measure(data) == 3
    group, _ = read_group(data)
    assert group.members == ("demo-base", "demo-branch-b")
    [refused] = group.refused
    assert refused.name == "demo-tune-1"
    # Without its file the pair cannot be compared, and nothing is left of it.
    assert not (data / "pairs" / "two.json").exists()


def test_fewer_than_two_members_are_refused(data):
    for name in MEMBERS[1:]:
        (data.parent / "files" / f"{name}.safetensors").unlink()
    assert measure(data) == 3
    assert not (data / "groups" / "family.json").exists()


def test_results_of_an_older_version_stay_where_they_cannot_be_made_again(measured):
    for name in MEMBERS:
        (measured.parent / "files" / f"{name}.safetensors").unlink()
    records = [*(measured / "checkpoints" / f"{name}.json" for name in MEMBERS)]
    records += [measured / "groups" / "family.json", measured / "pairs" / "two.json"]
    for path in records:
        path.write_text(re.sub('"schema": [0-9]+', '"schema": 0', path.read_text(), count=1))
    before = snapshot(measured / "checkpoints"), snapshot(measured / "groups")
    assert measure(measured) == 3
    assert (snapshot(measured / "checkpoints"), snapshot(measured / "groups")) == before
    assert (measured / "pairs" / "two.json").exists()


def test_a_group_that_left_the_catalogue_is_removed(measured):
    write_catalog(measured, MEMBERS)
    assert measure(measured) == 0
    assert snapshot(measured / "groups") == {}
    assert snapshot(measured / "pairs") == {}


def test_by_architecture(measured):
    group = '\n[[group]]\nid = "all"\nname = "All"\narchitectures = ["sd1"]\n'
    write_catalog(measured, MEMBERS, group)
    assert measure(measured) == 0
    assert read_group(measured, "all")[0].members == MEMBERS


@pytest.mark.parametrize(
    ("group", "reason"),
    [
        (GROUP.replace("demo-*", "nobody-*"), "nobody-*"),
        (GROUP.replace('"demo-base"', '"stranger"'), "stranger"),
        (GROUP.replace('members = ["demo-*"]', ""), "names no checkpoints"),
        (GROUP + "metrics = []\n", "names no metrics"),
        (GROUP + 'metrics = ["l3"]\n', "l3"),
        (GROUP + "tea = 1\n", "tea"),
        (PAIR.replace("demo-tune-1", "stranger"), "stranger"),
        (PAIR.replace("demo-tune-1", "demo-base"), "itself"),
        (GROUP + GROUP, "taken"),
    ],
)
def test_bad_entries_are_refused_by_name(data, group, reason):
    write_catalog(data, MEMBERS, group)
    [refused] = read_catalog(data).refused
    assert reason in str(refused.error)
    assert refused.error.exit_code == 3


def test_add_to_a_group(data, family):
    files = data.parent / "files"
    shutil.copy(family / "demo-ema.ckpt", files)
    assert run("add", "--data", data, "--group", "more", files / "demo-ema.ckpt", files) == 0
    groups = {one["id"]: one for one in tomllib.loads((data / "catalog.toml").read_text())["group"]}
    # One that a pattern names already is not named again.
    assert groups["family"]["members"] == ["demo-*"]
    assert groups["more"]["members"] == ["demo-ema", *sorted(MEMBERS)]
    before = (data / "catalog.toml").read_text()
    assert run("add", "--data", data, "--group", "family", files) == 0
    assert run("add", "--data", data, "--group", "more", files) == 0
    assert (data / "catalog.toml").read_text() == before
    shutil.copy(family / "demo-stranger.safetensors", files)
    assert run("add", "--data", data, "--group", "No Id", files) == 2
    assert (data / "catalog.toml").read_text() == before
    assert read_catalog(data).refused == ()


def test_an_unknown_device_and_a_scheduler_that_is_not_there(data):
    files = [data.parent / "files" / f"{name}.safetensors" for name in MEMBERS]
    done = atlas("matrix", *files, "--device", "abacus")
    assert done.returncode == 2
    assert "abacus" in done.stderr
    done = atlas("measure", "--data", data, "--device", "abacus")
    assert done.returncode == 2
    assert "abacus" in done.stderr
    assert not (data / "checkpoints").exists()
    done = atlas("matrix", *files, "--scheduler", "nowhere")
    assert done.returncode == 2
    assert "nowhere" in done.stderr


@pytest.mark.filterwarnings("default")
def test_a_cluster_gives_the_same_numbers(data, tmp_path):
    distributed = pytest.importorskip("distributed")
    files = [data.parent / "files" / f"{name}.safetensors" for name in MEMBERS]
    here, there = tmp_path / "here.json", tmp_path / "there.json"
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as cluster:
        address = cluster.scheduler_address
        done = atlas("matrix", *files, "--scheduler", address, "--output", there)
        assert done.returncode == 0, done.stderr
        assert run("matrix", *files, "--workers", 1, "--output", here) == 0
        assert json.loads(there.read_text()) == json.loads(here.read_text())


@pytest.mark.filterwarnings("default")
def test_a_cluster_without_workers_is_refused(data):
    distributed = pytest.importorskip("distributed")
    files = [data.parent / "files" / f"{name}.safetensors" for name in MEMBERS]
    with distributed.LocalCluster(n_workers=0, dashboard_address=None) as cluster:
        done = atlas("matrix", *files, "--scheduler", cluster.scheduler_address)
    assert done.returncode == 2
    assert "has no workers" in done.stderr
