"""An adapter is measured again when the configuration beside it changes: it scales the changes."""

import json

import numpy as np
from safetensors.numpy import save_file
from verbs import atlas

from generator.records import Checkpoint, store

ENTRY = """
[[checkpoint]]
id = "adapter"
path = "../adapter"
"""
LAYER = "base_model.model.transformer_blocks.0.attn.to_q"


def measured(data):
    done = atlas("measure", "--data", data, "--workers", 1, "--only", "checkpoints")
    assert done.returncode == 0, done.stderr
    return done.stderr, store.read_result(data / "checkpoints" / "adapter.json", Checkpoint)


def test_an_edited_configuration_makes_the_record_stale(tmp_path):
    data = tmp_path / "data"
    folder = tmp_path / "adapter"
    data.mkdir()
    folder.mkdir()
    (data / "catalog.toml").write_text(ENTRY)
    factor = np.eye(4, dtype=np.float32)
    tensors = {f"{LAYER}.lora_A.weight": factor, f"{LAYER}.lora_B.weight": factor}
    save_file(tensors, folder / "adapter_model.safetensors")
    config = folder / "adapter_config.json"
    config.write_text(json.dumps({"lora_alpha": 4}))
    _, first = measured(data)
    assert "0 made, 1 fresh" in measured(data)[0]
    config.write_text(json.dumps({"lora_alpha": 8}))
    told, second = measured(data)
    assert "1 made, 0 fresh" in told
    # Alpha / rank is 1, then 2; the product of the factors has the norm 2.
    assert [each.adapter.norm for each in (first, second)] == [2.0, 4.0]
    assert first.digest != second.digest
