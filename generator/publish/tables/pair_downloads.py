"""Pairs -> the files about them that readers download."""

from collections.abc import Mapping
from pathlib import Path

from generator.publish.pages.context import Download
from generator.publish.pages.pairs.verdicts import verdicts
from generator.publish.reading.atlas import Atlas
from generator.publish.reading.pairs import PAIRS, HeldPair
from generator.publish.tables.downloads import FOLDER, table_csv, table_json
from generator.publish.tables.pairs import DISTANCE_COLUMNS, PAIR_COLUMNS, JudgedPair, ListedTensor
from generator.records import store
from generator.text.coded import reason_text

LABELS = {
    ".comparison.json": "The comparison, as atlas compare writes it (JSON)",
    ".tensors.csv": "Every tensor (CSV)",
    ".tensors.parquet": "Every tensor (Parquet)",
    ".json": "Record (JSON)",
}


def judge(atlas: Atlas) -> tuple[JudgedPair, ...]:
    """All pairs, with the verdicts on their components."""
    layouts = {
        held.checkpoint.id: {part.name: part.layout for part in held.checkpoint.components}
        for held in atlas.checkpoints
    }
    return tuple(JudgedPair(held=one, verdicts=verdicts(one, layouts)) for one in atlas.pairs)


def listed_tensors(held: HeldPair) -> tuple[ListedTensor, ...]:
    """The tensors of a pair, each with the reason if it was not compared."""
    reasons = {
        each.tensor: reason_text(each.reason) for each in held.pair.comparison.summary.excluded
    }

    def reason(component: str, name: str) -> str:
        return reasons.get(f"{component}/{name}") or reasons.get(component, "")

    return tuple(ListedTensor(row=row, reason=reason(row.component, row.name)) for row in held.rows)


def pair_files(data: Path, held: HeldPair) -> dict[str, bytes]:
    """Address -> content of the files of one pair."""
    identity = held.pair.id
    folder, address = data / PAIRS, f"{FOLDER}/{PAIRS}/{identity}"
    return {
        f"{address}.comparison.json": store.encode(held.comparison),
        f"{address}.tensors.csv": table_csv(DISTANCE_COLUMNS, listed_tensors(held)).encode(),
    } | {
        f"{address}{end}": (folder / f"{identity}{end}").read_bytes()
        for end in (".tensors.parquet", ".json")
    }


def list_pair(files: Mapping[str, bytes], held: HeldPair) -> tuple[Download, ...]:
    """The files of `pair_files`, with their labels."""
    start = len(f"{FOLDER}/{PAIRS}/{held.pair.id}")
    return tuple(
        Download(path=path, label=LABELS[path[start:]], size=len(content))
        for path, content in files.items()
    )


def index_files(atlas: Atlas) -> dict[str, bytes]:
    """Address -> content of the tables of all pairs."""
    if not atlas.pairs:
        return {}
    judged = judge(atlas)
    return {
        f"{FOLDER}/pairs.csv": table_csv(PAIR_COLUMNS, judged).encode(),
        f"{FOLDER}/pairs.json": table_json(PAIR_COLUMNS, judged),
    }
