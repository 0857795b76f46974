"""`atlas compare` and `atlas matrix` from outside: the JSON that other programs rely on."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from safetensors.numpy import load_file, save_file
from verbs import atlas

from generator.cli import cli
from generator.distances import matrix as matrix_module
from generator.distances import partial_results


def denoiser(path: Path) -> np.ndarray:
    """All weights of the denoiser as one vector, in float64."""
    tensors = load_file(path)
    names = sorted(name for name in tensors if name.startswith("model.diffusion_model."))
    return np.concatenate([tensors[name].ravel() for name in names]).astype(np.float64)


def test_compare(family, tmp_path):
    a, b = family / "demo-base.safetensors", family / "demo-tune-1.safetensors"
    output = tmp_path / "pair.json"
    done = atlas("compare", a, b, "--output", output)
    assert done.returncode == 0, done.stderr
    result = json.loads(output.read_text())
    assert set(result) == {
        "a", "b", "shared", "only_a", "only_b", "shape_mismatch", "dtype_difference", "tensors",
        "summary",
    }  # fmt: skip
    assert {
        "name", "component", "block", "kind", "shape", "l0", "l1", "l2", "cosine", "identical",
    } <= set(result["tensors"][0])  # fmt: skip
    total = result["summary"]["components"]["denoiser"]["total"]
    first, second = denoiser(a), denoiser(b)
    assert total["l2"] == pytest.approx(np.linalg.norm(first - second), rel=1e-6)
    assert total["l1"] == pytest.approx(np.abs(first - second).sum(), rel=1e-6)
    assert total["l0"] == np.count_nonzero(first != second)
    assert result["summary"]["components"]["vae"]["total"]["identical"]
    assert "Only the denoiser differs" in done.stdout or "The denoiser differs" in done.stdout
    assert "The VAE is the same, byte for byte." in done.stdout.splitlines()


def test_changes_are_not_compared_with_weights(family):
    names = ("demo-base", "lora-style", "demo-tune-1")
    paths = [family / f"{name}.safetensors" for name in names]
    for arguments in (("compare", *paths[:2]), ("matrix", *paths, "--workers", 1)):
        done = atlas(*arguments)
        assert done.returncode == 0, done.stderr
        assert "an adapter holds changes of weights, which are not compared" in done.stdout
        assert "a different network" not in done.stdout


def test_names_forge_no_lines(family, tmp_path):
    """A line break in a tensor's name; and a tensor of another shape, which is named."""
    tensors = load_file(family / "demo-base.safetensors")
    tensors["foo\nrefused: everything: is fine"] = np.ones(2)
    bias = "model.diffusion_model.out.2.bias"
    paths = [tmp_path / "a.safetensors", tmp_path / "b.safetensors"]
    save_file(tensors, paths[0])
    save_file({**tensors, bias: np.append(tensors[bias], tensors[bias])}, paths[1])
    done = atlas("compare", *paths)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert not [line for line in lines if line.startswith("refused")]
    assert r"foo\nrefused: everything: is fine" in done.stdout
    assert next(line for line in lines if line.startswith("denoiser ")).endswith(
        "; 1 tensor of another shape"
    )
    [shape] = tensors[bias].shape
    assert f"not compared: denoiser/conv_out.bias: {shape} in A, {2 * shape} in B" in lines


def test_an_interrupted_matrix_goes_on(family, tmp_path, monkeypatch):
    output = tmp_path / "matrix.json"
    files = [str(family / f"{name}.safetensors") for name in ("demo-base", "demo-tune-1")]
    arguments = ["matrix", *files, "--workers", "1", "--output", str(output)]
    plan = matrix_module.plan
    monkeypatch.setattr(matrix_module, "plan", lambda *a, **b: plan(*a, **b, task_elements=10_000))
    run_task, ran = partial_results.run_task, []

    def stop(task):
        if len(ran) == 3:
            raise KeyboardInterrupt
        ran.append(task)
        return run_task(task)

    monkeypatch.setattr(partial_results, "run_task", stop)
    assert isinstance(CliRunner().invoke(cli, arguments).exception, SystemExit | KeyboardInterrupt)
    assert not output.exists()
    again = []
    monkeypatch.setattr(
        partial_results, "run_task", lambda task: again.append(task) or run_task(task)
    )
    assert CliRunner().invoke(cli, arguments, standalone_mode=False).return_value == 0
    assert not set(ran) & set(again)
    assert [path.name for path in tmp_path.iterdir()] == [output.name]


def test_matrix(family, tmp_path):
    names = ["demo-base.safetensors", "demo-tune-1.safetensors", "demo-branch-b.safetensors"]
    output = tmp_path / "matrix.json"
    paths = [family / name for name in names] + [family / "demo-diffusers"]
    metrics = [part for metric in ("l2", "cosine", "l0") for part in ("--metric", metric)]
    done = atlas("matrix", *paths, *metrics, "--output", output)
    assert done.returncode == 0, done.stderr
    result = json.loads(output.read_text())
    assert set(result) == {"members", "components", "blocks", "excluded"}
    distances = result["components"]["denoiser"]
    vectors = [denoiser(family / name) for name in names]
    for i, one in enumerate(vectors):
        for j, other in enumerate(vectors):
            assert distances["l2"][i][j] == pytest.approx(np.linalg.norm(one - other), rel=1e-6)
            assert distances["l0"][i][j] == np.count_nonzero(one != other)
            assert distances["identical"][i][j] is (i == j)
    # The same model in another layout.
    assert distances["l2"][2][3] == 0
    assert distances["identical"][2][3] is True
    assert "l2" in result["blocks"]["denoiser"]["IN00"]


def test_what_cannot_be_compared_is_named(family, tmp_path):
    good, bad = family / "demo-base.safetensors", tmp_path / "bad.safetensors"
    bad.write_bytes(b"")
    done = atlas("matrix", good, family / "demo-tune-1.safetensors", bad, "--workers", 1)
    assert done.returncode == 3
    assert "bad.safetensors" in done.stderr
    assert "denoiser, L2" in done.stdout
    assert atlas("matrix", good).returncode == 2
    assert atlas("matrix", good, good, "--metric", "taste").returncode == 2
    assert atlas("compare", good, bad).returncode == 3
