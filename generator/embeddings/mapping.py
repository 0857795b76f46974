"""Vectors of all encoders -> the map of each, and its comparison with its reference."""

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np

from generator.embeddings.clusters import neighbourhood_map, silhouette
from generator.embeddings.collecting import Spool, UsedEncoder
from generator.embeddings.encoders import CONVENTIONS
from generator.embeddings.encoding import KINDS, Pooling
from generator.embeddings.spaces import (
    Basis,
    alignment,
    explained,
    moved,
    neighbours,
    principal_axes,
    procrustes,
    project,
)
from generator.records import EncoderSpace, Likeness, Omission
from generator.records.omissions import NoCounterpart, PairsLeftOut
from generator.records.point_tables import Points

NEIGHBOURS = 5
MOST_MOVED = 10
# Up to this many encoders, all pairs are compared.
ALL_PAIRS = 24


def find_references(encoded: Sequence[UsedEncoder]) -> list[int]:
    """For each encoder, the first one with the same conventions and sizes, which may be itself.

    The projection does not matter: some files of CLIP ViT-L have it, others do not.
    """
    first: dict[tuple[object, ...], int] = {}
    return [
        first.setdefault((CONVENTIONS[each.network], each.width, each.layers), number)
        for number, each in enumerate(one.encoder for one in encoded)
    ]


def comparable(encoded: Sequence[UsedEncoder], references: Sequence[int]) -> list[UsedEncoder]:
    """The encoders with the kinds of vectors that can be compared with their references'."""
    projected = [encoded[reference].encoder.projected for reference in references]
    return [
        each._replace(
            kinds=tuple(
                kind for kind in each.kinds if not kind.projected or each.encoder.projected == width
            )
        )
        for each, width in zip(encoded, projected, strict=True)
    ]


def incomparable(encoded: Sequence[UsedEncoder], references: Sequence[int]) -> list[Omission]:
    """The vectors that `comparable` leaves out."""
    kept = comparable(encoded, references)
    return [
        NoCounterpart(
            kind=kind.id,
            component=before.members[0].component,
            checkpoint=before.members[0].checkpoint,
            reference_component=encoded[reference].members[0].component,
            reference_checkpoint=encoded[reference].members[0].checkpoint,
            width=before.encoder.projected,
            reference_width=encoded[reference].encoder.projected,
        )
        for before, after, reference in zip(encoded, kept, references, strict=True)
        for kind in before.kinds
        if kind not in after.kinds
    ]


def map_space(
    number: int,
    reference: int,
    kind: Pooling,
    spool: Spool,
    bases: dict[int, Basis],
    categories: Sequence[str],
) -> tuple[EncoderSpace, Points]:
    """The results for one kind of vectors of one encoder; `bases` are those of references."""
    vectors = spool.vectors(number, kind)
    own = principal_axes(vectors)
    shared = bases.setdefault(reference, own)
    apart = moved(vectors, spool.vectors(reference, kind))
    near = neighbours(vectors, min(NEIGHBOURS, len(vectors) - 1))
    parted = silhouette(vectors, categories)
    coordinates = project(vectors, own)
    # Slow, so only for the first kind of references.
    tsne = (
        neighbourhood_map(vectors, coordinates)
        if number == reference and kind == KINDS[0]
        else None
    )
    farthest = np.argsort(-apart, kind="stable")[:MOST_MOVED]
    space = EncoderSpace(
        encoder=number,
        kind=kind.id,
        dimensions=vectors.shape[1],
        explained=own.explained,
        shared=explained(vectors, shared),
        moved_mean=float(apart.mean()),
        moved_largest=float(apart.max()),
        most_moved=tuple(int(prompt) for prompt in farthest if apart[prompt] > 0),
        silhouette=parted.mean if parted else None,
        silhouettes=parted.categories if parted else {},
    )
    points = Points(
        number,
        kind.id,
        coordinates,
        project(vectors, shared),
        apart,
        tsne,
        near.prompts,
        near.cosine,
    )
    return space, points


def pairs_compared(
    n: int, references: Sequence[int]
) -> tuple[list[tuple[int, int]], Omission | None]:
    """The pairs of `n` encoders whose spaces are compared, and what is omitted.

    All of them; where those are too many, each encoder with its reference, and references with one
    another, whatever their networks.
    """
    every = list(combinations(range(n), 2))
    if n <= ALL_PAIRS:
        return every, None
    main = set(references)
    kept = [(a, b) for a, b in every if references[b] == a or {a, b} <= main]
    omitted = len(every) - len(kept)
    return kept, PairsLeftOut(count=omitted, pairs=len(every), most=ALL_PAIRS)


def compare_all(
    encoded: Sequence[UsedEncoder], pairs: Sequence[tuple[int, int]], spool: Spool
) -> Iterator[Likeness]:
    """CKA and Procrustes of `pairs` of encoders, by kind."""
    for kind in KINDS:
        for a, b in pairs:
            if not (kind in encoded[a].kinds and kind in encoded[b].kinds):
                continue
            one, other = spool.scores(a, kind), spool.scores(b, kind)
            cka, disparity = alignment(one, other), procrustes(one, other)
            yield Likeness(
                kind=kind.id,
                a=a,
                b=b,
                cka=cka if cka == cka else None,
                procrustes=disparity if disparity == disparity else None,
            )
