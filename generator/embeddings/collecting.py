"""Checkpoints of a group -> the vectors of all their text encoders, each encoder once."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from generator.embeddings.encoders import Encoder, Survey, survey_encoders
from generator.embeddings.encoding import Pooling, Vectors, dimensions, encode, kinds_of, normalize
from generator.embeddings.loading import load_encoder
from generator.embeddings.prompts import MemberPath
from generator.embeddings.spaces import scores
from generator.errors import CheckpointError
from generator.records import EncoderMember, Excluded, Omission
from generator.records.arrays import Floats
from generator.records.omissions import KindTooLarge
from generator.records.reasons import NoTextEncoder, OtherEncoder

# Takes the number of encoded prompts and the total.
Progress = Callable[[int, int], None]

# Whole sequences are kept in memory: 2^25 numbers (134 MB) are 442 prompts of SDXL's second encoder
# or 735 of CLIP ViT-L.
MOST_NUMBERS = 2**25


def no_progress(_done: int, _total: int) -> None:
    """Ignore progress."""


class UsedEncoder(NamedTuple):
    """A text encoder, all members that hold it, and the kinds of vectors kept."""

    encoder: Encoder
    digest: str
    members: tuple[EncoderMember, ...]
    kinds: tuple[Pooling, ...]


class Spool:
    """Vectors (N, d) of length 1 in float32, and their `scores`, in files of a folder.

    Only the vectors of one encoder are in memory at a time.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, encoder: int, kind: Pooling, vectors: Vectors) -> None:
        """Store the vectors of an encoder."""
        np.save(self._folder / f"{encoder}.{kind.id}.npy", vectors)
        np.save(self._folder / f"{encoder}.{kind.id}.scores.npy", scores(vectors))

    def vectors(self, encoder: int, kind: Pooling) -> Vectors:
        """The stored vectors."""
        kept: Vectors = np.load(self._folder / f"{encoder}.{kind.id}.npy")
        return kept

    def scores(self, encoder: int, kind: Pooling) -> Floats:
        """The scores of the stored vectors."""
        kept: Floats = np.load(self._folder / f"{encoder}.{kind.id}.scores.npy")
        return kept


class RefusedMember(NamedTuple):
    """A text encoder that cannot be used; a whole checkpoint if `component` is empty."""

    checkpoint: str
    component: str
    error: CheckpointError


class Collection(NamedTuple):
    """All different encoders in order of discovery, and everything that is missing.

    `refused` are damaged encoders; `left_out` are text encoders other than CLIP; `omitted` are
    vectors that would be too large.
    """

    encoded: tuple[UsedEncoder, ...]
    refused: tuple[RefusedMember, ...]
    left_out: tuple[Excluded, ...]
    omitted: tuple[Omission, ...]


def collect(
    checkpoints: Sequence[MemberPath],
    texts: Sequence[str],
    spool: Spool,
    device: str,
    progress: Progress,
) -> Collection:
    """Encode `texts` with every text encoder, one after the other.

    Encoders with the same weights are used once.
    """
    refused: list[RefusedMember] = []
    left_out: list[Excluded] = []
    found: list[tuple[str, Encoder]] = []
    for checkpoint in checkpoints:
        try:
            survey = survey_encoders(checkpoint.path)
        except CheckpointError as error:
            refused.append(RefusedMember(checkpoint.id, "", error))
            continue
        refused += [RefusedMember(checkpoint.id, *each) for each in survey.refused.items()]
        left_out += _others(checkpoint.id, survey)
        found += [(checkpoint.id, encoder) for encoder in survey.encoders]
    total = len(found) * len(texts)
    encoded: dict[str, UsedEncoder] = {}
    omitted: dict[Omission, None] = {}
    for number, (holder, encoder) in enumerate(found):
        member = EncoderMember(checkpoint=holder, component=encoder.component)
        tell = partial(_tell, progress, number * len(texts), total)
        try:
            loaded = load_encoder(encoder)
            twin = encoded.get(loaded.digest)
            if twin:
                encoded[loaded.digest] = twin._replace(members=(*twin.members, member))
            else:
                kinds = _affordable(encoder, len(texts), omitted)
                raw = encode(loaded, texts, kinds, device, tell)
                for kind in kinds:
                    spool.put(len(encoded), kind, normalize(raw[kind.id]))
                encoded[loaded.digest] = UsedEncoder(encoder, loaded.digest, (member,), kinds)
        except CheckpointError as error:
            refused.append(RefusedMember(holder, encoder.component, error))
        tell(len(texts))
    return Collection(tuple(encoded.values()), tuple(refused), tuple(left_out), tuple(omitted))


def _tell(progress: Progress, before: int, total: int, done: int) -> None:
    progress(before + done, total)


def _others(checkpoint: str, survey: Survey) -> list[Excluded]:
    if not (survey.encoders or survey.refused or survey.left_out):
        return [Excluded(checkpoint=checkpoint, tensor="text_encoder", reason=NoTextEncoder())]
    return [
        Excluded(checkpoint=checkpoint, tensor=component, reason=OtherEncoder(network=network))
        for component, network in survey.left_out.items()
    ]


def _affordable(encoder: Encoder, n: int, omitted: dict[Omission, None]) -> tuple[Pooling, ...]:
    """The kinds whose vectors fit into memory; which do not, goes into `omitted`."""
    kept = []
    for kind in kinds_of(encoder):
        numbers = n * dimensions(encoder, kind)
        if kind.whole and numbers > MOST_NUMBERS:
            left_out = KindTooLarge(
                kind=kind.id,
                network=encoder.network,
                prompts=n,
                numbers=numbers,
                most=MOST_NUMBERS,
            )
            omitted[left_out] = None
        else:
            kept.append(kind)
    return tuple(kept)
