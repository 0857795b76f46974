"""A network and its components -> the whole pipeline: what has to be downloaded and loaded."""

from collections.abc import Iterable, Mapping

from generator.publish.quantities import networks as quantities
from generator.publish.reading.atlas import LoadedNetwork
from generator.records import Component, Record

# Records of components by id.
Components = Mapping[str, Component]

# Bytes of one weight as pipelines load it.
DTYPES = {"float32": 4, "float16": 2, "float8": 1}


class Companion(Record):
    """A component in its role in a pipeline; `users` is the number of networks that load it."""

    role: str
    component: Component
    users: int


def companions(
    network: LoadedNetwork, components: Components, networks: Iterable[LoadedNetwork]
) -> tuple[Companion, ...]:
    """The components of a pipeline that have a record, in the order of the catalogue."""
    known = [one for one in network.record.components if one.id in components]
    users = {one.id: len(users_of(one.id, networks)) for one in known}
    return tuple(
        Companion(role=one.role, component=components[one.id], users=users[one.id]) for one in known
    )


def users_of(component: str, networks: Iterable[LoadedNetwork]) -> tuple[LoadedNetwork, ...]:
    """The networks whose pipelines load the component with this id."""
    return tuple(
        network
        for network in networks
        if any(one.id == component for one in network.record.components)
    )


def missing_roles(network: LoadedNetwork, components: Components) -> tuple[str, ...]:
    """What the pipeline needs, but the catalogue does not have: without it there is no total."""
    record = network.record
    has_text = bool(record.defaults and record.defaults.text_tokens)
    needed = ["vae", *(["text_encoder"] if has_text else [])]
    held = {one.role for one in record.components if one.id in components}
    absent = [one.role for one in record.components if one.id not in components]
    return (*(role for role in needed if role not in held | {*absent}), *absent)


def pipeline_parameters(network: LoadedNetwork, components: Components) -> int | None:
    """Parameters of the denoiser and its companions; None if one of them is not known."""
    if missing_roles(network, components):
        return None
    ids = {one.id for one in network.record.components}
    return quantities.parameters(network) + sum(components[id_].parameters for id_ in ids)


def pipeline_bytes(network: LoadedNetwork, components: Components) -> int | None:
    """Size of all weights of the pipeline in float16, in bytes."""
    parameters = pipeline_parameters(network, components)
    return None if parameters is None else parameters * quantities.FLOAT16_BYTES
