"""All architectures from nothing, diagrams included."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from benches.running import ATLAS, run
from generator.records import Measurement

DATA = Path(__file__).parents[2] / "data"


def bench(folder: Path) -> Iterator[Measurement]:
    """Time and memory of `atlas measure --only architectures`."""
    (folder / "catalog.toml").write_bytes((DATA / "catalog.toml").read_bytes())
    shutil.copytree(DATA / "configs", folder / "configs")
    took = run([*ATLAS, "measure", "--only", "architectures", "--data", str(folder)])
    yield Measurement(name="All architectures, diagrams included", value=took.seconds, unit="s")
    yield Measurement(name="All architectures, memory", value=took.gigabytes, unit="GB")
