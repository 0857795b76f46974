"""Against `torch.load`: pickles of every form read the same, and none is ever executed."""

import collections
import warnings
import zipfile

import malformed
import numpy as np
import pytest
import torch

from generator.checkpoints.formats.dtypes import BY_NAME
from generator.checkpoints.formats.opening import open_checkpoint
from generator.checkpoints.identify.reading import row_major
from generator.errors import CheckpointError


def base():
    torch.manual_seed(0)
    return torch.randn(4, 6)


def shared():
    whole = base()
    return {"whole": whole, "part": whole[1:3], "column": whole[:, 2], "again": whole}


def module_state():
    module = torch.nn.Sequential(torch.nn.Conv2d(2, 3, 3), torch.nn.BatchNorm2d(3))
    return module.state_dict()


FORMS = {
    "dictionary": lambda: {"a": base(), "b": base().half()},
    "ordered dictionary": lambda: collections.OrderedDict(a=base()),
    "state dict of a module": module_state,
    "nested": lambda: {"state_dict": module_state(), "epoch": 7, "global_step": 12, "name": "x"},
    "parameters": lambda: {"a": torch.nn.Parameter(base())},
    "transposed": lambda: {"a": base().T, "b": base()[:, ::2], "c": base()[1:]},
    "channels last": lambda: {"a": torch.randn(2, 3, 4, 5).to(memory_format=torch.channels_last)},
    "shared storage": shared,
    "scalar and empty": lambda: {"a": torch.tensor(2.5), "b": torch.zeros(0, 3)},
    "bare tensor": base,
    "list": lambda: [base(), {"a": base()}],
    "integer keys": lambda: {"state": {0: {"exp_avg": base()}, 1: {"exp_avg": base()}}},
    "lightning": lambda: {
        "state_dict": {"a": base()},
        "optimizer_states": [{"state": {0: {"exp_avg": base()}}, "param_groups": [{"lr": 1e-4}]}],
        "lr_schedulers": [],
        "epoch": 3,
        "hyper_parameters": {"path": None, "flags": (1, 2.5, True)},
    },
    "numpy scalar": lambda: {"state_dict": {"a": base()}, "best": np.float64(0.25)},
    **{
        dtype.name: lambda dtype=dtype: {"a": torch.ones(3, 2).to(getattr(torch, dtype.name))}
        for dtype in BY_NAME.values()
        if dtype.raw
    },
}


def flatten(value, path=""):
    if isinstance(value, torch.Tensor):
        yield path or "tensor", value
    elif isinstance(value, dict | list | tuple):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from flatten(inner, f"{path}.{key}" if path else str(key))


@pytest.mark.parametrize("form", FORMS)
def test_reads_as_torch_does(form, tmp_path):
    path = tmp_path / "model.ckpt"
    torch.save(FORMS[form](), path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        loaded = torch.load(path, weights_only=False)
    expected = {name.removeprefix("state_dict."): tensor for name, tensor in flatten(loaded)}
    index = open_checkpoint(path)
    content = path.read_bytes()
    assert {tensor.name for tensor in index.tensors} == set(expected)
    for tensor in index.tensors:
        span = content[tensor.offset : tensor.offset + tensor.span]
        wanted = expected[tensor.name].detach().contiguous()
        assert tensor.shape == tuple(wanted.shape)
        assert f"torch.{tensor.dtype}" == str(wanted.dtype)
        raw = bytes(row_major(tensor, span))
        assert raw == wanted.flatten().view(torch.uint8).numpy().tobytes()


def test_reads_training_progress(tmp_path):
    torch.save(FORMS["nested"](), tmp_path / "a.pt")
    training = open_checkpoint(tmp_path / "a.pt").training
    assert training == {"epoch": "7", "global_step": "12", "name": "x"}


def test_protocols_of_pickle(tmp_path):
    names = []
    for protocol in (2, 3, 4, 5):
        torch.save({"a": base()}, tmp_path / "a.pt", pickle_protocol=protocol)
        names.append([tensor.name for tensor in open_checkpoint(tmp_path / "a.pt").tensors])
    assert names == [["a"]] * 4


def test_reads_an_archive_with_a_64_bit_end(tmp_path):
    path = malformed.put(tmp_path, malformed.with_64_bit_ends(1), "a.pt")
    assert zipfile.ZipFile(path).namelist() == ["archive/data.pkl", "archive/data/0"]
    assert [tensor.name for tensor in open_checkpoint(path).tensors] == ["x"]


@pytest.mark.parametrize("name", malformed.EXPLOITS)
def test_executes_nothing(name, tmp_path):
    sentinel = tmp_path / "sentinel"
    code = malformed.exploits(sentinel)[name].opcodes
    path = tmp_path / "model.ckpt"
    path.write_bytes(malformed.archive(malformed.state((b"x", malformed.tensor()), (b"y", code))))
    with pytest.raises(CheckpointError):
        open_checkpoint(path)
    assert not sentinel.exists()


def test_the_exploits_are_real(tmp_path):
    """The check above can fail: Python's own unpickler falls for the first of them."""
    import pickle

    sentinel = tmp_path / "sentinel"
    code = malformed.exploits(sentinel)["REDUCE"].opcodes
    pickle.loads(malformed.PROTO + code + b".")
    assert sentinel.exists()


@pytest.mark.parametrize(
    ("name", "code"),
    [
        (b"cos\nsystem\n", "attack"),
        (b"c__builtin__\neval\n", "attack"),
        (b"casyncio.subprocess\ncreate_subprocess_exec\n", "attack"),
        (b"ctorch.hub\nload\n", "attack"),
        (b"cnumpy.testing._private.utils\nrunstring\n", "attack"),
        (b"ctorch.nn.modules.container\nSequential\n", "import"),
        (b"ctorch.hubert\nModel\n", "import"),
        (b"cosmosis\nNet\n", "import"),
        (b"cfunctools\npartial\n", "import"),
    ],
)
def test_an_attack_is_told_from_an_unknown_class(name, code, tmp_path):
    content = malformed.state((b"x", malformed.tensor()), (b"y", name))
    path = malformed.put(tmp_path, malformed.archive(content), "model.ckpt")
    with pytest.raises(CheckpointError) as caught:
        open_checkpoint(path)
    assert caught.value.code == code
