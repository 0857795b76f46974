"""Networks, their pipelines and claims about their size -> words on pages."""

from collections.abc import Mapping, Sequence

from generator.networks.families import Family, fits
from generator.networks.tables import read_table
from generator.records import Record
from generator.text import numbers
from generator.text.words import listed

MODALITIES: dict[str, str] = {"image": "images", "video": "video", "audio": "audio"}
ROLES = {
    "denoiser": "denoiser",
    "text_encoder": "text encoder",
    "text_encoder_2": "second text encoder",
    "text_encoder_3": "third text encoder",
    "text_encoder_4": "fourth text encoder",
    "image_encoder": "image encoder",
    "vae": "VAE",
}
NOT_EXPLAINED = "none is known, or none is needed"
# What is known of a class before it is measured.
KNOWN_CLASS = "{name}, a {label}"
CALLED_BY = " called by {pipelines}"
UNKNOWN_CLASS = (
    "{name}, a class without a table: if diffusers has a denoiser of this name, it is counted"
    " without FLOPs, and its lists of modules name its blocks"
)
VERDICTS = {
    "agrees": "agrees",
    "rounded_down": "rounded down",
    "explained": "differs, explained",
    "differs": "differs",
}


class ClaimExplanation(Record):
    """Why a claim differs from the count: `text`, and a network that shows it.

    `beside` is the id of the other network, and `beside_text` says what it shows, with its `{name}`
    and `{parameters}`.
    """

    text: str
    beside: str = ""
    beside_text: str = ""


# By the id of the network or component.
EXPLANATIONS = read_table("text", "claims.toml", dict[str, ClaimExplanation])


def role_title(role: str) -> str:
    """The role of a component in a pipeline: `second text encoder`."""
    return ROLES.get(role, role)


def family_title(family: str, modality: str | None) -> str:
    """Networks of one family that make the same: `UNet, images`."""
    return f"{family}, {MODALITIES[modality]}" if modality else family


def size_class_text(low: int, high: int | None) -> str:
    """A range of numbers of parameters: `1 to 3 B`."""
    if not low:
        return f"under {numbers.tick(high or 0, numbers.COUNTS)}"
    if high is None:
        return f"{numbers.tick(low, numbers.COUNTS)} and more"
    return f"{low / 1e9:g} to {numbers.tick(high, numbers.COUNTS)}"


def missing_text(roles: Sequence[str]) -> str:
    """What a pipeline lacks in the catalogue, so that its total is unknown."""
    return f"the catalogue lacks its {listed([role_title(role) for role in roles])}"


def explanation_text(known: ClaimExplanation, beside: tuple[str, int] | None) -> str:
    """Why a claim differs; `beside` is the name and count of the network that shows it."""
    if not known.beside or beside is None:
        return known.text
    name, parameters = beside
    return (
        f"{known.text} {known.beside_text.format(name=name, parameters=numbers.count(parameters))}"
    )


def class_text(name: str, family: Family | None, config: Mapping[str, object]) -> str:
    """What is known of a class before it is measured: the pipelines that call such a config."""
    if family is None:
        return UNKNOWN_CLASS.format(name=name)
    known = KNOWN_CLASS.format(name=name, label=family.label)
    specs = [spec for spec in family.pipelines if fits(spec.when, config)]
    pipelines = dict.fromkeys(spec.class_name for spec in specs)
    return known + CALLED_BY.format(pipelines=listed([*pipelines])) if specs else known
