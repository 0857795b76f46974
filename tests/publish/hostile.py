"""Checkpoints, a group and pairs whose every text attacks the page it is shown on."""

from pathlib import Path

import msgspec
import numpy as np
from made_groups import make_group, write_group
from made_pairs import BLOCK, UNET, compared, held, tensors, write
from safetensors.numpy import save_file
from scipy.spatial.distance import pdist, squareform

from generator.checkpoints.inventory.measuring import measure_checkpoint
from generator.records import Excluded, RefusedCheckpoint, RefusedCheckpoints, store
from generator.records.reasons import NotAWeight, Unreadable

HOSTILE = "<script>alert(1)</script>{{7*7}}[a](javascript:x)|`b`\"'><img src=x onerror=y>"
# The same without a slash, as the name of a file may have it; and a right-to-left override.
FILE_NAME = "<script>{{7*7}}[a](javascript:x)|`b`\"'><img src=x onerror=y>\u202e" + "x" * 60
TURNING = f"{HOSTILE}\u202e"
IN_CONV = f"{UNET}input_blocks.0.0."
VAE = "first_stage_model.quant_conv."
LARGE = f"{BLOCK}attn2.to_k.weight"


def weights(seed: int, vae: int) -> dict[str, np.ndarray]:
    """A denoiser made from `seed`, and a VAE from another."""
    noise, same = np.random.default_rng(seed), np.random.default_rng(vae)
    return {
        f"{IN_CONV}weight": noise.standard_normal((8, 4, 3, 3)).astype(np.float32),
        f"{IN_CONV}bias": noise.standard_normal(8).astype(np.float32),
        f"{VAE}weight": same.standard_normal((8, 8, 1, 1)).astype(np.float32),
        f"{VAE}bias": same.standard_normal(8).astype(np.float32),
    }


def add_measured(data: Path, path: Path, identity: str) -> None:
    """Measure the checkpoint at `path` into `data`."""
    measured = measure_checkpoint(path, identity)
    store.write_result(data / "checkpoints", measured.record, measured.files, "made")


def add_checkpoints(data: Path, folder: Path) -> None:
    """Three checkpoints, of which the first two have one VAE, and one that was refused.

    Their files are written into `folder`.
    """
    for identity, name, content in (
        ("first", f"{FILE_NAME}.safetensors", weights(1, vae=7)),
        ("second", "second.safetensors", weights(2, vae=7)),
        ("third", "third.safetensors", weights(3, vae=8)),
    ):
        save_file(content, folder / name, metadata={HOSTILE: HOSTILE * 20})
        add_measured(data, folder / name, identity)
    reason = Unreadable(fault="not_opened", found={"why": HOSTILE})
    refused = RefusedCheckpoints(checkpoints=(RefusedCheckpoint(name=HOSTILE, reason=reason),))
    store.write_result(data / "checkpoints", refused, {}, "made")


def distances(members: int, seed: int = 0) -> np.ndarray:
    return squareform(pdist(np.random.default_rng(seed).standard_normal((members, 4))))


def add_group(data: Path) -> None:
    """A group of five imported members, of whom the last has no VAE, and the one before shares no
    tensor of it with the others."""
    names = [f"={TURNING}{n}.safetensors" for n in range(5)]
    vae = distances(5, seed=1)
    vae[3:, :3] = vae[:3, 3:] = np.nan
    vae[3, 4] = vae[4, 3] = vae[4, 4] = np.nan
    parts = {("denoiser", "IN00"): distances(5), ("denoiser", "MID"): distances(5, 2)}
    group, sums = make_group("hostile", names, parts | {("vae", "REST"): vae}, reference=names[0])
    lacking = Unreadable(fault="lacks", found={"name": TURNING})
    excluded = (
        Excluded(checkpoint=names[4], tensor="vae", reason=lacking),
        *(
            Excluded(
                checkpoint=name, tensor=f"denoiser/{TURNING}", reason=NotAWeight(dtype="int64")
            )
            for name in names[1:3]
        ),
    )
    sums = sums._replace(head=msgspec.structs.replace(sums.head, excluded=excluded))
    reason = Unreadable(fault=TURNING, found={TURNING: TURNING})
    refused = (RefusedCheckpoint(name=TURNING, reason=reason),)
    write_group(data, msgspec.structs.replace(group, name=TURNING, refused=refused), sums)


def differing() -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Two checkpoints: one tensor differs, one has NaN, one is only in the second."""
    a, b = tensors(), tensors()
    b[LARGE] = b[LARGE] + np.float32(0.5)
    b[f"{UNET}{HOSTILE}"] = np.ones(3, np.float32)
    a[f"{UNET}out.2.weight"][0, 0, 0, 0] = np.nan
    return a, b


def add_pairs(data: Path, folder: Path) -> None:
    """A pair of which one checkpoint is measured, and one that is identical.

    Their files are written into `folder`.
    """
    comparison = compared(folder, *differing(), names=("first", "second"))
    add_measured(data, folder / "first.safetensors", "first")
    named = msgspec.structs.replace(comparison, b=f"{HOSTILE}.safetensors")
    write(data, held(named, "hostile", HOSTILE, "first", "second"))
    same = compared(folder, tensors(), tensors(), names=("third", "fourth"))
    write(data, held(same, "same", "Same", "third", "fourth"))
