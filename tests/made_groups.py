"""Groups for tests: of published distances, as an import would make them."""

import json
from pathlib import Path

import numpy as np

from generator.analysis.arrangement.arrange import arrange
from generator.records import Group, GroupComponent, store
from generator.records.pairwise_sums import ComponentSignature, Head, PairwiseSums, pack_sums

PARTS = {
    "unet": "denoiser",
    "vae": "vae",
    "te": "text_encoder",
    "te0": "text_encoder",
    "te1": "text_encoder_2",
}
# The archives do not tell sizes.
ELEMENTS = 1000


def published_group(matrices: Path, name: str) -> tuple[Group, PairwiseSums]:
    """The distances `name.json`, all in one block; parts that are zero throughout are left out."""
    found = json.loads((matrices / f"{name}.json").read_bytes())
    parts = {
        PARTS[part]: np.maximum(distances, np.transpose(distances))
        for part, distances in found["dm"].items()
        if part in PARTS and np.any(distances)
    }
    return make_group(name, found["ml"], {(part, "REST"): l2 for part, l2 in parts.items()})


def make_group(
    name: str, members: list[str], l2: dict[tuple[str, str], np.ndarray], reference: str = ""
) -> tuple[Group, PairwiseSums]:
    """A group of members at the given distances, by component and block; NaN: not compared."""
    squared = np.array([np.nan_to_num(distances) ** 2 for distances in l2.values()])
    known = np.array([~np.isnan(distances) for distances in l2.values()])
    components = list(dict.fromkeys(component for component, _ in l2))
    sizes = {
        component: sum(
            known[place].diagonal() * ELEMENTS
            for place, key in enumerate(l2)
            if key[0] == component
        )
        for component in components
    }
    held = {
        component: {
            member: ComponentSignature(signature="same" if size else "", elements=int(size))
            for member, size in zip(members, sizes[component], strict=True)
        }
        for component in components
    }
    head = Head(
        members=tuple(members),
        identities=("",) * len(members),
        pairwise=False,
        version=1,
        groups=tuple((component, block, "other") for component, block in l2),
        held=held,
        excluded=(),
    )
    counts = {"elements": known * ELEMENTS, "different": (squared > 0) * 1}
    zeros = np.zeros_like(squared)
    sums = PairwiseSums(
        head,
        {"squared": squared, "norms": known * 1e6, "l1": zeros},
        {name: array.astype(np.int64) for name, array in (counts | {"l0": zeros}).items()},
    )
    totals = {component: sums.add_up(component) for component in components}
    group = Group(
        id=name,
        name=name,
        members=tuple(members),
        reference=reference,
        metrics=("l2", "cosine"),
        origin="imported",
        components=tuple(
            GroupComponent(
                name=component,
                arrangement=arrange(np.where(one.elements > 0, np.sqrt(one.squared), np.nan)),
            )
            for component, one in totals.items()
        ),
        refused=(),
    )
    return group, sums


def write_group(data: Path, group: Group, sums: PairwiseSums) -> None:
    """Put a group into `data`, as measuring does."""
    files = {f"{group.id}.safetensors": pack_sums(sums)}
    store.write_result(data / "groups", group, files, "made")
