"""`variants.toml` -> the variants of a network, how it was trained, and what it needs."""

from collections.abc import Collection, Mapping

from generator.networks.tables import read_table
from generator.records import Record

Shape = tuple[int, ...]
TEXT_ENCODERS = ("text_encoder", "text_encoder_2", "text_encoder_3")
USUAL_NEEDS = ("vae", "text_encoder")
# Of a weight (outputs, inputs, ...), the inputs.
INPUTS = 1


class Variant(Record):
    """A variant of `networks`: the weight `name` has `size` inputs, is there at all (without a
    `size`), or is `absent` though `beside` is there."""

    code: str
    networks: tuple[str, ...]
    name: str
    size: int = 0
    absent: bool = False
    beside: str = ""

    def fits(self, shapes: Mapping[str, Shape]) -> bool:
        """Whether a network with these weights is this variant."""
        shape = shapes.get(self.name)
        if self.absent or shape is None:
            return self.absent and shape is None and self.beside in shapes
        return not self.size or (len(shape) > INPUTS and shape[INPUTS] == self.size)


class VariantTables(Record):
    """The file."""

    variants: tuple[Variant, ...]
    markers: dict[str, str]
    needs: dict[str, tuple[str, ...]]


TABLES = read_table("networks", "variants.toml", VariantTables)


def variants_of(network: str, shapes: Mapping[str, Shape]) -> tuple[str, ...]:
    """Codes of the variants of `network` that a denoiser with these weights is."""
    fitting = (each for each in TABLES.variants if network in each.networks)
    return tuple(each.code for each in fitting if each.fits(shapes))


def prediction_of(names: Collection[str]) -> str:
    """What the network predicts (`v`, `edm`), by the markers among the `names`; else empty."""
    return next((kind for name, kind in TABLES.markers.items() if name in names), "")


def encoders_of(network: str) -> tuple[str, ...]:
    """The text encoders of the pipeline of `network`."""
    needs = TABLES.needs.get(network, USUAL_NEEDS)
    return tuple(name for name in needs if name in TEXT_ENCODERS)


def encoder_place(name: str, network: str) -> str:
    """Which text encoder of the pipeline of `network` an adapter's component `name` is.

    Trainers name text encoders by what they are, diffusers counts them: T5 is the third of Stable
    Diffusion 3, the second of FLUX.1.
    """
    places = encoders_of(network) if network else ()
    return places[-1] if places and name in TEXT_ENCODERS and name not in places else name


def missing_of(network: str, present: Collection[str]) -> tuple[str, ...]:
    """Components that a denoiser needs and that are not `present`.

    `text_encoder` alone stands for all text encoders if there is none.
    """
    needs = TABLES.needs.get(network, USUAL_NEEDS)
    missing = tuple(name for name in needs if name not in present)
    if any(name in present for name in TEXT_ENCODERS):
        return missing
    others = tuple(name for name in missing if name not in TEXT_ENCODERS)
    return (*others, "text_encoder")
