"""One architecture of the catalogue -> its record and files."""

import csv
import io
from pathlib import Path
from typing import NamedTuple

from generator.architectures.counts import (
    at_published_inputs,
    count_flops,
    count_parameters,
    share_activations,
    summarize,
)
from generator.architectures.diagrams.making import draw_diagrams
from generator.architectures.diagrams.trace import trace
from generator.architectures.interception import intercept
from generator.architectures.network import (
    build_network,
    describe,
    make_arguments,
    quiet_libraries,
    read_config,
)
from generator.catalog.reading import ArchitectureEntry
from generator.networks.blocks import block_of, block_table, kind_of, name_blocks
from generator.networks.families import pipeline_defaults
from generator.records import Architecture, NetworkComponent, ParameterRow, PipelineInputs
from generator.records.versions import NETWORKS, library_versions


class MeasuredArchitecture(NamedTuple):
    """A record, and its files by name."""

    record: Architecture
    files: dict[str, bytes]


def measure_architecture(entry: ArchitectureEntry, folder: Path) -> MeasuredArchitecture:
    """Measure the network of `entry`; the path of its config is relative to `folder`.

    Raises:
        ConfigError: the config does not build a network of a known family.
    """
    subject = str(folder / entry.config)
    config = read_config(folder / entry.config)
    with quiet_libraries():
        network = build_network(config, subject)
        arguments = make_arguments(network, entry.sizes, subject)
        summary = summarize(network, arguments)
        intercepted = intercept(network, subject)
        published_flops = count_flops(network, arguments)
        flops = count_flops(network, intercepted.arguments)
    parameters = dict(network.module.named_parameters())
    sizes = {path: tensor.numel() for path, tensor in parameters.items()}
    modules = (path for path, _ in network.module.named_modules())
    blocks = name_blocks(modules, network.family.blocks)
    rows = [
        ParameterRow(
            name=path,
            block=block_of(path, blocks),
            kind=kind_of(path),
            shape="x".join(map(str, tensor.shape)),
            parameters=sizes[path],
        )
        for path, tensor in parameters.items()
    ]
    with quiet_libraries():
        traced = trace(network, arguments, blocks)
        diagrams, files = draw_diagrams(entry.id, entry.name, network, traced, blocks, rows)
        # Last, because it changes the module.
        share_activations(network.module)
        sharing = summarize(network, arguments)
    record = Architecture(
        id=entry.id,
        name=entry.name,
        repo=entry.repo,
        family=network.family.label,
        class_name=config["_class_name"],
        modality=entry.modality,
        year=entry.year,
        license=entry.license,
        claim=entry.claim,
        origin=entry.origin,
        note=entry.note,
        config=config,
        ignored_keys=network.ignored_keys,
        parameters=count_parameters(network, summary, sharing),
        mbw=block_table(sizes, blocks),
        published=at_published_inputs(arguments, summary, published_flops),
        pipeline=PipelineInputs(
            pipeline_class=intercepted.spec.class_name,
            inputs=describe(intercepted.arguments),
            height=intercepted.height,
            width=intercepted.width,
            flops=flops,
        ),
        defaults=pipeline_defaults(intercepted.spec, network.config),
        components=tuple(
            NetworkComponent(id=identity, role=role) for role, identity in entry.components.items()
        ),
        diagrams=diagrams,
        versions=library_versions(NETWORKS, entry.id),
    )
    return MeasuredArchitecture(
        record,
        files
        | {
            f"{entry.id}.parameters.csv": _as_csv(rows),
            f"{entry.id}.torchinfo.txt": (summary.text + "\n").encode(),
        },
    )


def _as_csv(rows: list[ParameterRow]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, ParameterRow.__struct_fields__, lineterminator="\n")
    writer.writeheader()
    writer.writerows({field: getattr(row, field) for field in writer.fieldnames} for row in rows)
    return text.getvalue().encode()
