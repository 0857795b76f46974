"""What `atlas inspect` prints of the metadata that trainers write, and of ranks that differ."""

import numpy as np
import pytest
from safetensors.numpy import save_file

from generator.checkpoints.inventory.record import inspect
from generator.text.inspection import LONGEST_TEXT, MOST_ENTRIES, describe
from generator.text.words import few

MODULE = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k"
FACTORS = {
    f"{MODULE}.lora_down.weight": np.ones((4, 768), np.float16),
    f"{MODULE}.lora_up.weight": np.ones((320, 4), np.float16),
}
HEAD = "from the file's metadata (unverified)"
KOHYA = {f"ss_{word}": "None" for word in ("adaptive_noise_scale", "bucket_info", "vae_name")} | {
    f"ss_a_setting_{number}": str(number) for number in range(80)
}
TRAINERS = {
    "kohya": {"ss_output_name": "my style", "ss_network_dim": "16", "ss_steps": "2000"},
    "musubi-tuner": {"ss_base_model_version": "wan2.1", "ss_network_alpha": "1"},
    "ai-toolkit": {"name": "my style", "training_info": '{"step": 2000, "epoch": 7}'},
    "OneTrainer": {"ot_revision": "1234abc", "modelspec.title": "my style"},
    "diffusers": {"lora_adapter_metadata": '{"transformer.r": 16}'},
}


def lines_of(metadata, tmp_path):
    save_file(FACTORS, tmp_path / "a.safetensors", metadata)
    lines = list(describe(inspect(tmp_path / "a.safetensors").record))
    return lines[lines.index(HEAD) + 1 :]


@pytest.mark.parametrize("trainer", TRAINERS)
def test_what_trainers_write_is_shown_in_a_few_lines(trainer, tmp_path):
    told = TRAINERS[trainer]
    picture = {"modelspec.thumbnail": "data:image/jpeg;base64," + "A" * 200_000}
    lines = lines_of(KOHYA | picture | told, tmp_path)
    assert len(lines) == MOST_ENTRIES + 1
    assert {f"  {key}: {text}" for key, text in told.items()} <= set(lines[: len(told)])
    assert not any("None" in line or "AAAA" in line for line in lines)
    assert max(map(len, lines)) < 2 * LONGEST_TEXT


def test_a_picture_is_not_kept(tmp_path):
    text = "data:image/jpeg;base64," + "A" * 200_000
    save_file(FACTORS, tmp_path / "a.safetensors", {"modelspec.thumbnail": text})
    (entry,) = inspect(tmp_path / "a.safetensors").record.metadata
    assert text.startswith(entry.text)
    assert len(entry.text) < 30
    assert entry.length == len(text)


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ((8,), "8"),
        ((4, 8.5), "4 and 8.5"),
        ((1, 2, 3, 4), "1, 2, 3 and 4"),
        (range(4, 65), "4 to 64"),
    ],
)
def test_many_ranks_are_told_by_their_bounds(values, text):
    assert few(values) == text
