"""All networks from nothing: counted alone, with diagrams, found up to date, and their memory."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from benches.running import ATLAS, run
from generator.records import Measurement

DATA = Path(__file__).parents[2] / "data"
# Builds and counts every network of the catalogue in a folder, in as many processes as cores.
COUNT = """
import sys
from multiprocessing import Pool, set_start_method
from pathlib import Path
from generator.architectures.blocks import network_blocks
from generator.architectures.network import build_network, quiet_libraries, read_config
from generator.catalog.reading import read_catalog

def count(path):
    with quiet_libraries():
        network = build_network(read_config(path), str(path))
        return sum(p.numel() for p in network.module.parameters()), len(network_blocks(network))

if __name__ == "__main__":
    set_start_method("spawn")
    folder = Path(sys.argv[1])
    paths = [folder / each.config for each in read_catalog(folder).architectures]
    with Pool() as pool:
        assert all(count for count, _ in pool.imap_unordered(count, paths))
"""


def bench(folder: Path) -> Iterator[Measurement]:
    """Time and memory of `atlas measure`, with nothing measured and with everything fresh."""
    (folder / "catalog.toml").write_bytes((DATA / "catalog.toml").read_bytes())
    shutil.copytree(DATA / "configs", folder / "configs")
    script = folder / "count.py"
    script.write_text(COUNT, encoding="utf-8")
    took = run([sys.executable, str(script), str(folder)])
    yield Measurement(name="All networks, counts and blocks alone", value=took.seconds, unit="s")
    measure = [*ATLAS, "measure", "--data", str(folder), "--only"]
    took = run([*measure, "architectures"])
    yield Measurement(name="All networks, diagrams included", value=took.seconds, unit="s")
    yield Measurement(name="All networks, memory", value=took.gigabytes, unit="GB")
    took = run([*measure, "architectures"])
    yield Measurement(name="All networks, nothing stale", value=took.seconds, unit="s")
    took = run([*measure, "memory"])
    yield Measurement(
        name="Peak memory of all networks, VAEs and encoders", value=took.seconds, unit="s"
    )
    yield Measurement(
        name="Peak memory of all networks, VAEs and encoders, memory",
        value=took.gigabytes,
        unit="GB",
    )
