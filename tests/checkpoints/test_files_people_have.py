"""What `atlas inspect` says of the shared cases: names, shapes, types and kinds of real files."""

import json
import re
import subprocess
import sys

import pytest
from shared import made_once
from shared_cases import writers

from generator.checkpoints.inventory.measuring import measure_checkpoint
from generator.checkpoints.inventory.record import inspect
from generator.records.inspection import inspection_of
from generator.text.inspection import describe

# Read by `add`, `compare` or tests of folders.
ELSEWHERE = {"hub-local-dir", "hub-shards-variant"}
pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def cases(tmp_path_factory):
    maker = writers() / "make.py"

    def make(folder):
        command = [sys.executable, "-W", "ignore", maker, folder]
        subprocess.run(command, check=True, capture_output=True)

    return made_once(tmp_path_factory, "cases", make)


def close(number, fact):
    return number in {fact["parameters"], *fact.get("or_parameters", ()), *fact.get("or", ())}


def plain_or_tuple(value):
    return tuple(value) if isinstance(value, list) else value


def wrong(fact, record, text):
    """The facts that the record or the text contradicts, by name."""
    said = inspection_of(record, None)
    parts = {part.name: part for part in said.components}
    checks = {
        "kind": lambda: said.kind == fact["kind"],
        "architecture": lambda: said.architecture == fact["architecture"],
        "base": lambda: said.base_model == fact["base"],
        "network": lambda: any(fact["network"] in (p.network or "") for p in parts.values()),
        "parameters": lambda: close(said.parameters, fact),
        "tensors": lambda: said.tensors == fact["tensors"],
        "algorithm": lambda: re.search(fact["algorithm"], said.adapter.algorithm),
        "rank": lambda: said.adapter.rank == plain_or_tuple(fact["rank"]),
        "alpha": lambda: said.adapter.alpha == fact["alpha"],
        "vectors": lambda: said.adapter.vectors == fact["vectors"],
        "missing": lambda: (
            set(fact["missing"]) <= set(said.missing)
            and bool(fact["missing"]) == bool(said.missing)
        ),
        "prediction": lambda: said.prediction_type == fact["prediction"],
        "headline": lambda: fact["headline"] in text.splitlines()[0],
        "max_text": lambda: len(text) <= fact["max_text"],
        "quantisation": lambda: all(re.search(q, text, re.I) for q in fact["quantisation"]),
        "mentions": lambda: all(re.search(m, text, re.I) for m in fact["mentions"]),
        "variant": lambda: re.search(fact["variant"], text, re.I),
        "prefix": lambda: fact["prefix"] in said.prefixes,
        "hashes": lambda: all(text.count(digest) for digest in fact["hashes"].values()),
        "never": lambda: not any(word in text for word in fact["never"]),
        "components": lambda: all(
            parts[name].network == part["network"]
            and ("parameters" not in part or close(parts[name].parameters, part))
            for name, part in fact["components"].items()
        ),
    }
    return [name for name, check in checks.items() if name in fact and not check()]


def test_every_file_is_named_as_what_it_is(cases):
    failures = {}
    for case in json.loads((cases / "index.json").read_text()):
        truth = json.loads((cases / case / "truth.json").read_text())
        for fact in truth["files"]:
            if "refuse" in fact or case in ELSEWHERE:
                continue
            path = cases / case / fact["file"]
            record = measure_checkpoint(path, "").record if fact.get("full") else inspect(path)[0]
            bad = wrong(fact, record, "\n".join(describe(record)))
            if bad:
                failures[case] = bad
    assert not failures
