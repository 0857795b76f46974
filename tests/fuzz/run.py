"""Fuzz every reader of files from outside: `python tests/fuzz/run.py [--inputs N] [--seed S]`.

A fault is an exception outside the error tree, or an input that is read here and not by the oracle.
Each is printed with the seed that makes it again; the exit code is 1 if there is one.
"""

import argparse
import random
import sys
import tempfile
import time
import traceback
from pathlib import Path

from targets import STRICTER, targets

from generator.errors import AtlasError

REPOSITORY = Path(__file__).parents[2]
SHOWN = 20


def fault(name, target, path, seed):
    """What is wrong with the input of `seed`; empty if nothing is."""
    content = target.make(random.Random(f"{name} {seed}"))
    path.write_bytes(content)
    try:
        found = target.read(path)
    except AtlasError:
        return ""
    except Exception:  # noqa: BLE001 -- whatever it is, it is a fault
        return traceback.format_exc(limit=-3)
    try:
        target.oracle(path, content, found)
    except Exception as error:  # noqa: BLE001 -- an oracle raises anything
        reasons = STRICTER.get(name, ())
        if not any(reason in str(error) for reason in reasons):
            return f"read here, but not by the oracle: {error!r}"
    return ""


def fuzz(inputs, seed, folder, repository=REPOSITORY):
    """Faults by (target, seed), of `inputs` inputs from `seed` on."""
    faults, known = {}, targets(folder, repository)
    total = sum(target.share for target in known.values())
    for name, target in known.items():
        place = folder / name
        place.mkdir(exist_ok=True)
        for number in range(seed, seed + inputs * target.share // total):
            wrong = fault(name, target, place / target.name, number)
            if wrong:
                faults[name, number] = wrong
    return faults


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    start = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        faults = fuzz(options.inputs, options.seed, Path(folder))
    for (name, number), wrong in list(faults.items())[:SHOWN]:
        print(f"{name}, seed {number}: {wrong}")
    spent = time.process_time() - start
    print(f"{options.inputs:,} inputs, {len(faults)} faults, {spent:.0f} s of CPU")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
