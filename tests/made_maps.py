"""A map of prompts made by code, and what its rendered page says first."""

import html
from pathlib import Path

import msgspec
import numpy as np

from generator.records import (
    EmbeddingMap,
    EncoderMember,
    EncoderSpace,
    Excluded,
    Likeness,
    MappedEncoder,
    MappedPrompt,
)
from generator.records.omissions import NoCounterpart
from generator.records.point_tables import PairDistances, Points, write_distances, write_points
from generator.records.reasons import OtherEncoder, Unreadable

N = 12


def make_map(text, moves=(0.0, 0.25), references=(0, 0, 0, 0), widths=(16, 16, 16, 16)):
    """A map of twelve prompts, all of whose texts are the one given.

    One encoder for each of `moves`, that from its reference.
    """
    rng = np.random.default_rng(0)
    mains = sorted(set(references[: len(moves)]))
    own = rng.uniform(-1, 1, (N, 2))
    apart = np.abs(rng.uniform(0, 1, (N, N)))
    apart = np.triu(apart, 1) + np.triu(apart, 1).T
    points = [
        Points(
            encoder=number,
            kind="last",
            own=own,
            shared=own + moves[number],
            moved=np.full(N, moves[number]),
            tsne=None,
            neighbours=np.tile([1, 2], (N, 1)),
            near=np.tile([0.1, 0.2], (N, 1)),
        )
        for number in range(len(moves))
    ]
    record = EmbeddingMap(
        id="set_group",
        prompt_set="set",
        name=text,
        description=text,
        group="group",
        group_name=text,
        prompts=tuple(
            MappedPrompt(
                text=f"{text}{n}" if n else "",
                category=f"{text}{n % 3}",
                tokens=(70 + n,) * len(mains),
            )
            for n in range(N)
        ),
        categories=tuple(f"{text}{n}" for n in range(3)),
        repeated=(text,),
        encoders=tuple(
            MappedEncoder(
                network=text,
                layers=12,
                width=widths[number],
                released_width=768,
                heads=1,
                projected=0,
                padding=49407,
                members=(EncoderMember(checkpoint=f"m{number}", component="text_encoder"),),
                reference=references[number],
                digest="",
            )
            for number in range(len(moves))
        ),
        kinds=("last",),
        spaces=tuple(
            EncoderSpace(
                encoder=number,
                kind="last",
                dimensions=16,
                explained=(0.5, 0.25),
                shared=0.75,
                moved_mean=moves[number],
                moved_largest=moves[number],
                most_moved=tuple(range(5)) if moves[number] else (),
                silhouette=-0.1,
                silhouettes={f"{text}{n}": 0.1 for n in range(3)},
            )
            for number in range(len(moves))
        ),
        likenesses=tuple(
            Likeness(kind="last", a=0, b=number, cka=0.9, procrustes=None)
            for number in range(1, len(moves))
        ),
        refused=(
            Excluded(
                checkpoint=text, tensor="", reason=Unreadable(fault="lacks", found={"name": text})
            ),
        ),
        left_out=(
            Excluded(checkpoint=text, tensor="text_encoder", reason=OtherEncoder(network=text)),
        ),
        omitted=(
            NoCounterpart(
                kind="last",
                component="text_encoder",
                checkpoint=text,
                reference_component="text_encoder",
                reference_checkpoint=text,
                width=16,
                reference_width=0,
            ),
        ),
        versions={},
    )
    files = {
        "set_group.points.parquet": write_points(points),
        "set_group.distances.parquet": write_distances(
            [PairDistances(number, "last", apart, apart) for number in mains]
        ),
    }
    return record, files, apart


def enlarged(mapped, n):
    """The loaded map with `n` prompts at other places, of one category, five of them named."""
    prompts = tuple(
        MappedPrompt(text=f"prompt {row}", category=mapped.record.categories[0], tokens=(3,))
        for row in range(n)
    )
    own = np.random.default_rng(0).uniform(-1, 1, (n, 2))
    named = (3, 4, n - 3, n - 2, n - 1)
    record = msgspec.structs.replace(
        mapped.record,
        prompts=prompts,
        spaces=tuple(
            msgspec.structs.replace(space, most_moved=named) for space in mapped.record.spaces
        ),
    )
    points = {
        key: each._replace(
            own=own,
            shared=own,
            moved=np.resize(each.moved, n),
            neighbours=np.resize(each.neighbours, (n, 2)),
            near=np.resize(each.near, (n, 2)),
        )
        for key, each in mapped.beside.points.items()
    }
    return mapped._replace(record=record, beside=mapped.beside._replace(points=points)), named


def lead_of(site: Path) -> tuple[str, str]:
    """The page of the map in a rendered site, and its lead."""
    page = html.unescape((site / "embeddings" / "set_group.md").read_text(encoding="utf-8"))
    return page, page.split('class="atlas-lead">')[1].partition("</p>")[0]
