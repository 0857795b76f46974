"""Measured memory of networks, and peaks that were measured on GPUs, here and by others."""

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from generator.networks.memory import MEMORY
from generator.publish.reading.loaded import Loaded, ResultFolder
from generator.records import Record
from generator.records.memory import PartMemory
from generator.vram.answer import Prediction
from generator.vram.request import Options, Sizes

PEAKS_FILE, RUNS_FILE = "published_peaks.csv", "gpu_memory.tsv"
GIB = 2**30

LoadedMemory = Loaded[PartMemory, None]
MEMORY_RECORDS = ResultFolder("memory", PartMemory, lambda *_: None)


class MeasuredPeak(Record):
    """One peak of a GPU: bytes that torch allocated or reserved, or of an unknown kind.

    `described` is how its source describes the run, `not_compared` why it cannot be compared.
    `hopper`: the GPU has the larger workspace of matrix products. `reserved` is what torch reserved
    in the whole run, 0 if that was not read.
    """

    network: str
    options: Options
    sizes: Sizes
    bytes: int
    metric: str
    gpu: str
    hopper: bool
    described: str = ""
    source: str = ""
    not_compared: str = ""
    reserved: int = 0

    def ours(self, told: Prediction) -> int:
        """The predicted bytes of the same kind."""
        overheads = MEMORY.overheads
        if self.metric == "reserved":
            return told.peak.high - overheads.context
        more = overheads.matrix_workspace_hopper - overheads.matrix_workspace
        return told.peak.low + (more if self.hopper else 0)


def read_peaks(path: Path) -> tuple[MeasuredPeak, ...]:
    """Peaks that others published; empty without the file."""
    return tuple(_peak(row) for row in _rows(path, ","))


def read_measured(path: Path) -> tuple[MeasuredPeak, ...]:
    """The table of `tests/benches/gpu_memory.py`: the largest stage of each run."""
    if not path.exists():
        return ()
    with path.open(encoding="utf-8") as file:
        card = file.readline().removeprefix("#").partition(";")[0].strip()
    found: dict[tuple[str, ...], MeasuredPeak] = {}
    for row in _rows(path, "\t"):
        key = tuple(value for name, value in row.items() if name not in STAGE)
        peak = _run(row, card)
        before = found.get(key, peak)
        most = max(before, peak, key=lambda one: one.bytes)
        reserved = max(before.reserved, peak.reserved)
        found[key] = msgspec.structs.replace(most, reserved=reserved)
    return tuple(found.values())


STAGE = ("stage", "allocated", "reserved")


def _rows(path: Path, delimiter: str) -> Iterator[dict[str, str]]:
    if path.exists():
        with path.open(encoding="utf-8", newline="") as file:
            lines: Iterable[str] = (line for line in file if not line.startswith("#"))
            yield from csv.DictReader(lines, delimiter=delimiter)


def _peak(row: dict[str, str]) -> MeasuredPeak:
    return MeasuredPeak(
        network=row["network"],
        options=Options(
            dtype=row["dtype"],
            strategy=row["strategy"],
            weights=row["weights"] or None,
            encoder_weights=row["encoder_weights"] or None,
            vae_dtype=row["vae_dtype"] or None,
            vae_slicing=row["vae"] == "slicing",
            vae_tiling=row["vae"] == "tiling",
            attention="baddbmm" if row["attention"] == "baddbmm" else "fused",
        ),
        sizes=_sizes(row),
        bytes=round(float(row["gib"]) * GIB),
        metric=row["metric"],
        gpu=row["gpu"],
        hopper=row["gpu"].startswith(("H100", "H200")),
        described=row["described"],
        source=row["source"],
        not_compared=row["not_compared"],
    )


def _sizes(row: dict[str, str]) -> Sizes:
    return Sizes(
        width=int(row["width"]),
        height=int(row["height"]),
        frames=int(row["frames"]),
        batch=int(row["batch"]),
    )


def _run(row: dict[str, str], card: str) -> MeasuredPeak:
    without = tuple(filter(None, row["without"].split("+")))
    given = [row["vae"], row["weights"] and f"denoiser in {row['weights']}", row["task"]]
    return MeasuredPeak(
        network=row["network"],
        options=Options(
            dtype=row["dtype"],
            strategy=row["strategy"],
            weights=row["weights"] or None,
            vae_slicing=row["vae"] == "slicing",
            vae_tiling=row["vae"] == "tiling",
            without=without,
            from_image=row["task"] == "from-image",
        ),
        sizes=_sizes(row),
        bytes=int(row["allocated"]),
        reserved=int(row["reserved"]),
        metric="allocated",
        gpu=card,
        hopper="H100" in card or "H200" in card,
        described=", ".join(filter(None, (*given, *(f"without {role}" for role in without)))),
    )
