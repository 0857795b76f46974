"""A prompt set and the checkpoints of a group -> the record of their map, and its files."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from generator.checkpoints.formats.writing import EncodedTensor as EncodedArray
from generator.checkpoints.formats.writing import encode_array, write_safetensors
from generator.embeddings.collecting import (
    Collection,
    Progress,
    RefusedMember,
    Spool,
    UsedEncoder,
    collect,
    no_progress,
)
from generator.embeddings.encoders import CONVENTIONS, TOKENS
from generator.embeddings.encoding import KINDS
from generator.embeddings.mapping import (
    comparable,
    compare_all,
    find_references,
    incomparable,
    map_space,
    pairs_compared,
)
from generator.embeddings.prompts import PromptSet, Subject
from generator.embeddings.spaces import Basis, distances
from generator.embeddings.tokens import tokenize
from generator.errors import CheckpointError, Refusal
from generator.networks.known import NETWORKS
from generator.records import (
    EmbeddingMap,
    EncoderSpace,
    Excluded,
    MappedEncoder,
    MappedPrompt,
    Omission,
)
from generator.records.omissions import DistancesLeftOut, TooManyPrompts, VectorsTooLarge
from generator.records.point_tables import PairDistances, Points, write_distances, write_points
from generator.records.reasons import Unreadable
from generator.records.versions import ENCODING, library_versions

# Heat maps and tables of more prompts are unreadable.
MOST_IN_TABLE = 512
# Stored distances of pairs of prompts, over all references and kinds: 10 bytes each.
MOST_PAIRS = 2**19
# Stored numbers of vectors, in float16: relative error 2^-11.
MOST_STORED = 4 * 2**20


class MeasuredMap(NamedTuple):
    """The record, the files beside it, and the errors of refused encoders."""

    record: EmbeddingMap
    files: dict[str, bytes]
    refused: tuple[CheckpointError, ...]


def measure_map(
    subject: Subject, device: str = "cpu", progress: Progress = no_progress
) -> MeasuredMap:
    """Encode all prompts with all text encoders, and compare the vectors.

    Checkpoints are read one after the other. Encoders of the same network and size are drawn on the
    axes of the first one, the reference.

    Raises:
        Refusal: no checkpoint has a usable text encoder.
        UsageError: the device cannot be used.
    """
    texts = [prompt.text for prompt in subject.prompts.prompts]
    with tempfile.TemporaryDirectory() as folder:
        spool = Spool(Path(folder))
        found = collect(subject.checkpoints, texts, spool, device, progress)
        if not found.encoded:
            reason = "no checkpoint has a text encoder that can be used"
            causes = tuple(one.error for one in found.refused)
            raise Refusal(subject.id, reason, causes=causes)
        return _describe(subject, found, spool)


def _describe(subject: Subject, found: Collection, spool: Spool) -> MeasuredMap:
    categories = [prompt.category for prompt in subject.prompts.prompts]
    references = find_references(found.encoded)
    omitted: list[Omission] = [*found.omitted, *incomparable(found.encoded, references)]
    found = found._replace(encoded=tuple(comparable(found.encoded, references)))
    spaces: list[EncoderSpace] = []
    points: list[Points] = []
    for kind in KINDS:
        bases: dict[int, Basis] = {}
        for number, encoded in enumerate(found.encoded):
            if kind in encoded.kinds:
                space, point = map_space(number, references[number], kind, spool, bases, categories)
                spaces.append(space)
                points.append(point)
    files = {f"{subject.id}.points.parquet": write_points(points)}
    squares = _distances(found, references, len(categories), spool, omitted)
    if squares:
        files[f"{subject.id}.distances.parquet"] = write_distances(squares)
    vectors = _vectors(found, spool, omitted)
    if vectors:
        files[f"{subject.id}.vectors.safetensors"] = write_safetensors(vectors)
    pairs, too_many = pairs_compared(len(found.encoded), references)
    if too_many:
        omitted.append(too_many)
    record = EmbeddingMap(
        id=subject.id,
        prompt_set=subject.prompts.id,
        name=subject.prompts.name,
        description=subject.prompts.description,
        group=subject.group,
        group_name=subject.group_name,
        prompts=_prompts(subject.prompts, found.encoded, references),
        categories=subject.prompts.categories,
        repeated=subject.prompts.repeated,
        encoders=tuple(
            _encoder(encoded, reference)
            for encoded, reference in zip(found.encoded, references, strict=True)
        ),
        kinds=tuple(kind.id for kind in KINDS if any(space.kind == kind.id for space in spaces)),
        spaces=tuple(spaces),
        likenesses=tuple(compare_all(found.encoded, pairs, spool)),
        refused=tuple(map(_refused, found.refused)),
        left_out=found.left_out,
        omitted=tuple(omitted),
        versions=library_versions(ENCODING, subject.id),
    )
    return MeasuredMap(record, files, tuple(one.error for one in found.refused))


def _distances(
    found: Collection, references: Sequence[int], n: int, spool: Spool, omitted: list[Omission]
) -> list[PairDistances]:
    """Distances between all pairs of `n` prompts in the references, up to `MOST_PAIRS`."""
    if n > MOST_IN_TABLE:
        omitted.append(TooManyPrompts(most=MOST_IN_TABLE))
        return []
    squares: list[PairDistances] = []
    pairs = n * (n - 1) // 2
    for kind in KINDS:
        having = [
            number for number in sorted(set(references)) if kind in found.encoded[number].kinds
        ]
        room = MOST_PAIRS // pairs - len(squares)
        if len(having) > room:
            omitted.append(
                DistancesLeftOut(
                    kind=kind.id,
                    count=len(having) - room,
                    references=len(having),
                    most=MOST_PAIRS,
                )
            )
        squares += [
            PairDistances(number, kind.id, *distances(spool.vectors(number, kind)))
            for number in having[:room]
        ]
    return squares


def _vectors(found: Collection, spool: Spool, omitted: list[Omission]) -> dict[str, EncodedArray]:
    """Vectors by `ENCODER.KIND`, in float16, except whole sequences."""
    chosen = [
        (number, kind)
        for number, encoded in enumerate(found.encoded)
        for kind in encoded.kinds
        if not kind.whole
    ]
    numbers = sum(spool.vectors(number, kind).size for number, kind in chosen)
    if numbers > MOST_STORED:
        omitted.append(VectorsTooLarge(numbers=numbers, most=MOST_STORED))
        return {}
    return {
        f"{number}.{kind.id}": encode_array(spool.vectors(number, kind), "float16")
        for number, kind in chosen
    }


def _prompts(
    prompts: PromptSet, encoded: Sequence[UsedEncoder], references: Sequence[int]
) -> tuple[MappedPrompt, ...]:
    texts = [prompt.text for prompt in prompts.prompts]
    lengths = [
        tokenize(texts, CONVENTIONS[encoded[number].encoder.network].padding).lengths.tolist()
        for number in sorted(set(references))
    ]
    return tuple(
        MappedPrompt(text=prompt.text, category=prompt.category, tokens=tokens)
        for prompt, tokens in zip(prompts.prompts, zip(*lengths, strict=True), strict=True)
    )


def _encoder(encoded: UsedEncoder, reference: int) -> MappedEncoder:
    encoder = encoded.encoder
    return MappedEncoder(
        network=encoder.network,
        layers=encoder.layers,
        width=encoder.width,
        released_width=NETWORKS[encoder.network].landmarks[TOKENS][1],
        heads=encoder.heads,
        projected=encoder.projected,
        padding=CONVENTIONS[encoder.network].padding,
        members=encoded.members,
        reference=reference,
        digest=encoded.digest,
    )


def _refused(one: RefusedMember) -> Excluded:
    """A refusal without the path on this machine."""
    reason = Unreadable(fault=one.error.code, found=one.error.fields)
    return Excluded(checkpoint=one.checkpoint, tensor=one.component, reason=reason)
