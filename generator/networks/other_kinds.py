"""Classes of diffusers that are no denoisers: what they are, and whose config to give instead."""

import re

from generator.records import Record

WHOSE = "Give the config.json of the transformer or UNet"


class OtherKind(Record):
    """What classes are, by the module of diffusers that keeps them, or by their `name` alone (a
    pattern, which knows most of them); and what to do."""

    told: str
    advice: str
    module: str
    name: str


OTHER_KINDS = (
    OtherKind(
        told="a scheduler", advice=WHOSE, module="diffusers.schedulers.", name=r"\w+Scheduler"
    ),
    OtherKind(
        told="a pipeline or a part of one",
        advice=WHOSE,
        module="diffusers.pipelines.",
        name=r"\w+Pipeline",
    ),
    OtherKind(
        told="an autoencoder",
        advice="VAEs are components of the catalogue",
        module="diffusers.models.autoencoders.",
        name=r"\w*Autoencoder\w*|\w+VAE|VQModel",
    ),
    OtherKind(
        told="a ControlNet",
        advice="Give the config of the network it guides",
        module="diffusers.models.controlnets.",
        name=r"\w*ControlNet\w*",
    ),
    OtherKind(
        told="an adapter",
        advice="Give the config of the network it guides",
        module="diffusers.models.adapter",
        name="T2IAdapter",
    ),
)
ELSEWHERE = OtherKind(told="another kind of network", advice=WHOSE, module="", name="")


def kind_of_module(module: str) -> OtherKind:
    """What a class is that is no denoiser, by the module that keeps it."""
    return next((kind for kind in OTHER_KINDS if module.startswith(kind.module)), ELSEWHERE)


def kind_of_name(class_name: str) -> OtherKind | None:
    """What a class is, without diffusers; None if its name does not say that it is no denoiser."""
    return next((kind for kind in OTHER_KINDS if re.fullmatch(kind.name, class_name)), None)
