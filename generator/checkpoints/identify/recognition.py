"""Names and shapes of one component -> its network, or the nearest known one."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from generator.networks.blocks import BlockRule, missing_in_blocks
from generator.networks.families import FAMILIES
from generator.networks.known import NETWORKS, Network
from generator.networks.signatures import SignatureMatch
from generator.records import ShapeDifference

Shape = tuple[int, ...]
# Below, a component is not called near to a network: a UNet shares a few names with any other.
NEAR = 0.5


class Recognition(NamedTuple):
    """The nearest network, and how the component differs from it.

    The component is that network if nothing is `missing` or `extra`. `differences` lists the
    landmarks of another shape: the network was widened, narrowed, or given other inputs.
    `similarity` is the Jaccard index of the names. `required` are all names of the network and
    `not_weights` those that do not count as weights, where they are known; `blocks` are its rules.
    A network known `by_signature` stays it whatever is missing.
    """

    network: str
    similarity: float
    missing: tuple[str, ...]
    extra: tuple[str, ...]
    differences: tuple[ShapeDifference, ...]
    required: frozenset[str] = frozenset()
    not_weights: frozenset[str] = frozenset()
    blocks: Sequence[BlockRule] = ()
    by_signature: bool = False

    @property
    def exact(self) -> bool:
        """Whether the component has the signature, or exactly the names of the network."""
        return self.by_signature or (not self.missing and not self.extra)

    @property
    def nearest(self) -> str:
        """The network, if it is near; else empty."""
        return self.network if self.similarity >= NEAR else ""


class _Score(NamedTuple):
    """Compared from left to right; larger is nearer."""

    similarity: float
    landmarks: int
    names: int


def recognise(kind: str, shapes: Mapping[str, Shape]) -> Recognition | None:
    """The nearest network of `kind` (`denoiser`, `vae`, `text_encoder`) by names, then landmarks.

    None if no network shares a name. Similarity is the Jaccard index of the names, without optional
    ones.
    """
    best: tuple[_Score, Network] | None = None
    for network in (each for each in NETWORKS.values() if each.component == kind):
        required = network.required()
        counted = shapes.keys() - network.allowed()
        similarity = len(counted & required) / len(counted | required)
        score = _Score(similarity, _landmarks(network, shapes), len(required))
        if similarity and (best is None or score > best[0]):
            best = score, network
    return None if best is None else compare(best[1], shapes, best[0].similarity)


def compare(network: Network, shapes: Mapping[str, Shape], similarity: float = 0.0) -> Recognition:
    """How a component with these names and shapes differs from `network`."""
    required = network.required()
    return Recognition(
        network=network.id,
        similarity=similarity,
        missing=tuple(sorted(required - shapes.keys())),
        extra=tuple(sorted(shapes.keys() - required - network.allowed())),
        differences=tuple(
            ShapeDifference(name=name, shape=shapes[name], usual=shape)
            for name, shape in network.landmarks.items()
            if name in shapes and shapes[name] != shape
        ),
        required=required,
        not_weights=network.not_weights(),
        blocks=FAMILIES[network.class_name].blocks if network.class_name else (),
    )


def by_signature(match: SignatureMatch, names: Iterable[str] = ()) -> Recognition:
    """A network whose signature fits. Of its other names, those are missing that a block lacks
    and all others have; what is outside of its blocks is not checked."""
    signature = match.signature
    blocks = FAMILIES[signature.class_name].blocks if signature.class_name else signature.blocks
    missing = tuple(missing_in_blocks(names))
    return Recognition(match.id, 1.0, missing, (), (), blocks=blocks, by_signature=True)


def _landmarks(network: Network, shapes: Mapping[str, Shape]) -> int:
    """Two points for a landmark of the same shape, one for the same number of dimensions."""
    pairs = ((shape, shapes.get(name, ())) for name, shape in network.landmarks.items())
    return sum((here == there) + (len(here) == len(there)) for here, there in pairs)
