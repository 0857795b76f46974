"""One architecture of the catalogue -> its record and files."""

import csv
import io
from pathlib import Path
from typing import NamedTuple

from generator.architectures.blocks import network_blocks
from generator.architectures.counts import count_parameters, share_activations, summarize
from generator.architectures.diagrams.making import draw_diagrams
from generator.architectures.diagrams.trace import trace
from generator.architectures.forward import Forward, measure_forward
from generator.architectures.kinds import parameter_kinds
from generator.architectures.network import (
    BuiltNetwork,
    build_network,
    quiet_libraries,
    read_config,
)
from generator.architectures.shapes import KnownShapes
from generator.catalog.entries import ArchitectureEntry
from generator.errors import ConfigError
from generator.networks.blocks import block_of, block_table
from generator.networks.calls import PipelineCall, find_pipeline, pipeline_call
from generator.networks.sizes import MissingSize
from generator.records import Architecture, NetworkComponent, ParameterRow, Reason
from generator.records.reasons import InputsUnknown, SizesUnknown
from generator.records.versions import NETWORKS, library_versions

# Of a class without a table.
UNKNOWN_FAMILY = "Denoiser"


class MeasuredArchitecture(NamedTuple):
    """A record, and its files by name."""

    record: Architecture
    files: dict[str, bytes]


def measure_architecture(entry: ArchitectureEntry, folder: Path) -> MeasuredArchitecture:
    """Measure the network of `entry`; the path of its config is relative to `folder`.

    Raises:
        ConfigError: the config does not build a denoiser, or its pipeline is not the entry's.
    """
    subject = str(folder / entry.config)
    config = read_config(folder / entry.config)
    with quiet_libraries():
        network = build_network(config, subject)
        call = _call(network, entry, subject)
        shapes = KnownShapes()
        with shapes:
            forward = (
                measure_forward(network, call, entry.sizes)
                if isinstance(call, PipelineCall)
                else call
            )
        blocks = network_blocks(network)
        rows = _rows(network, blocks)
        if isinstance(forward, Forward):
            summary, traced = forward.summary, trace(network, forward.arguments, blocks)
        else:
            summary, traced = summarize(network, None), None
        drawn = draw_diagrams(entry.id, entry.name, network, traced, blocks, rows)
        # Last, because it changes the module.
        sharing = summary
        if isinstance(forward, Forward) and share_activations(network.module):
            with shapes:
                sharing = summarize(network, forward.arguments)
    family = network.family
    record = Architecture(
        id=entry.id,
        name=entry.name,
        repo=entry.repo,
        family=family.label if family else UNKNOWN_FAMILY,
        class_name=config["_class_name"],
        modality=entry.modality or (family.modality if family else None),
        year=entry.year,
        year_source=entry.year_source,
        license=entry.license,
        claim=entry.claim,
        origin=entry.origin,
        note=entry.note,
        config=config,
        ignored_keys=network.ignored_keys,
        parameters=count_parameters(network, summary.parameters, sharing.parameters),
        mbw=block_table({row.name: row.parameters for row in rows}, blocks),
        published=forward.published if isinstance(forward, Forward) else None,
        pipeline=forward.pipeline if isinstance(forward, Forward) else None,
        no_forward=None if isinstance(forward, Forward) else forward,
        defaults=call.defaults if isinstance(call, PipelineCall) else None,
        components=tuple(
            NetworkComponent(id=identity, role=role) for role, identity in entry.components.items()
        ),
        diagrams=drawn.diagrams,
        no_trace=drawn.no_trace,
        versions=library_versions(NETWORKS, entry.id),
    )
    own = {
        f"{entry.id}.parameters.csv": _as_csv(rows),
        f"{entry.id}.torchinfo.txt": (summary.text + "\n").encode(),
    }
    return MeasuredArchitecture(record, drawn.files | own)


def _call(network: BuiltNetwork, entry: ArchitectureEntry, subject: str) -> PipelineCall | Reason:
    """The call by the pipeline that the entry or the config names, or why none is known."""
    spec = network.family and find_pipeline(network.family, network.config, entry.pipeline)
    if not (network.family and spec):
        if entry.pipeline:
            known = [each.class_name for each in network.family.pipelines] if network.family else []
            raise ConfigError(
                subject,
                f"{entry.pipeline} does not call this network",
                f"Pipelines of its class: {', '.join(dict.fromkeys(known)) or 'none known'}",
            )
        return InputsUnknown(class_name=type(network.module).__name__)
    try:
        return pipeline_call(network.family, spec, network.config, entry.defaults)
    except MissingSize as error:
        return SizesUnknown(detail=f"{spec.class_name} {error}")
    except ValueError as error:
        raise ConfigError(subject, f"{spec.class_name}: {error}") from error


def _rows(network: BuiltNetwork, blocks: dict[str, str]) -> list[ParameterRow]:
    kinds = parameter_kinds(network.module)
    return [
        ParameterRow(
            name=path,
            block=block_of(path, blocks),
            kind=kinds[path],
            shape="x".join(map(str, tensor.shape)),
            parameters=tensor.numel(),
        )
        for path, tensor in network.module.named_parameters()
    ]


def _as_csv(rows: list[ParameterRow]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, ParameterRow.__struct_fields__, lineterminator="\n")
    writer.writeheader()
    writer.writerows({field: getattr(row, field) for field in writer.fieldnames} for row in rows)
    return text.getvalue().encode()
