"""The record of a file -> the lines that `atlas inspect` prints: what it is, and what to know."""

import shutil
import sys
from collections.abc import Iterator, Sequence

from generator.networks.variants import encoders_of
from generator.records import Adapter, Checkpoint, CheckpointComponent, TensorRow
from generator.records.checkpoints import autov1_bytes, gguf_name
from generator.text.coded import anomaly_text, left_out_text
from generator.text.fitting import fitted
from generator.text.words import (
    adapter_title,
    component_title,
    few,
    kind_title,
    listed,
    network_title,
    norm_reason_text,
    quantisation_title,
    shape_text,
    variant_title,
)

# A screen has about 40 lines of about 100 characters.
LONGEST_TEXT = 100
MOST_ENTRIES = 12
MOST_NAMES = 10
BLOCKS_PER_LINE = 5
# Metadata that are shown first; pictures and workflows are only counted.
FIRST_GROUPS = ("model card", "merge recipe", "training")
# Of the hundred entries of a trainer (kohya's scripts and musubi-tuner, ai-toolkit, OneTrainer,
# diffusers), those that tell most, in this order.
FIRST_KEYS = (
    "modelspec.title",
    "modelspec.architecture",
    "name",
    "ss_output_name",
    "ss_base_model_version",
    "ss_sd_model_name",
    "ss_network_module",
    "ss_network_dim",
    "ss_network_alpha",
    "ss_network_args",
    "ss_num_train_images",
    "ss_steps",
    "ss_epoch",
    "ss_learning_rate",
    "ss_unet_lr",
    "ss_optimizer",
    "ss_resolution",
    "ss_clip_skip",
    "training_info",
    "software",
    "ot_revision",
    "modelspec.date",
    "lora_adapter_metadata",
)
# What trainers write of what was not set.
UNSET = frozenset({"", "None", "null", "{}", "[]"})
MISSING = "–"


def describe(record: Checkpoint) -> Iterator[str]:
    """What the file is, its components, hashes, anomalies and metadata."""
    yield f"{record.name}: {headline(record)}"
    size = f"{record.size:,} bytes, {record.format}, {record.tensors:,} tensors"
    # What is in no known component is not counted.
    counted = f", {record.parameters:,} parameters ({_dtypes(record.dtypes)})"
    yield size + counted if record.parameters else size
    yield from _facts(record)
    # An adapter is its only component, and its line says what the table would.
    if not record.adapter:
        yield ""
        header = ("component", "network", "layout", "tensors", "parameters", "dtypes")
        yield from columns([header, *map(_component, record.components)])
    yield from _hashes(record)
    yield from _anomalies(record)
    yield from _metadata(record)
    if record.left_out:
        yield ""
        yield "left out"
        yield from (f"  {left_out_text(file)}" for file in record.left_out[:MOST_ENTRIES])
    if len(record.left_out) > MOST_ENTRIES:
        yield f"  … {len(record.left_out) - MOST_ENTRIES:,} more"


def describe_tensors(rows: Sequence[TensorRow]) -> Iterator[str]:
    """One line per tensor: its name in the file, shape and dtype."""
    yield ""
    lines = {row.source: (row.source, row.quantisation or row.dtype) for row in rows}
    shapes: dict[str, list[str]] = {}
    for row in rows:
        shapes.setdefault(row.source, []).append(shape_text(row.shape))
    header = ("tensor", "shape", "dtype")
    body = [(source, " + ".join(shapes[source]), dtype) for source, dtype in lines.values()]
    yield from columns([header, *body])


def columns(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """Rows of texts as lines that fit the terminal; of any width where output goes elsewhere."""
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    yield from fitted(rows, width)


def headline(record: Checkpoint) -> str:
    """What the file is, in a line: `LoRA for FLUX.1, rank 16`."""
    if record.adapter:
        return adapter_title(record.adapter, record.base_model)
    parts = [part for part in record.components if part.name not in ("other", "ema")]
    if record.kind != "checkpoint":
        networks = {part.network or part.nearest: part for part in parts if part.nearest}
        kind = kind_title(record.kind) or "unknown network"
        base = [f"for {network_title(record.base_model)}"] if record.base_model else []
        # Other verbs take the ids of networks, but not those of adapters' kinds.
        ids = [network for network, part in networks.items() if part.name != "adapter"]
        named = [kind, *ids, *map(network_title, networks)]
        # A ControlNet is a kind of file and a network of one name.
        once = {word.lower(): word for word in named}
        # The names alone are those of the network: CLIP ViT-B/32 has those of ViT-L/14.
        other = ["with other layer shapes"] if any(part.differences for part in parts) else []
        return ", ".join([*once.values(), *other, *base])
    words = [_architecture(record), *map(variant_title, record.variants)]
    if record.missing:
        lacking = [component_title(name) for name in record.missing]
        # `text_encoder` stands for all of them where there is none.
        none = not any(part.name.startswith("text_encoder") for part in parts)
        several = "s" if none and len(encoders_of(record.nearest)) > 1 else ""
        words.append(f"without {listed(lacking)}{several}")
    return ", ".join(words)


def _architecture(record: Checkpoint) -> str:
    if record.architecture and record.architecture != "unknown":
        return f"{record.architecture}, {network_title(record.architecture)}"
    if record.nearest:
        return f"unknown, nearest to {record.nearest}"
    return "unknown network" if record.architecture else "checkpoint without a denoiser"


def _facts(record: Checkpoint) -> Iterator[str]:
    """What the names and markers tell, one line each."""
    if record.quantisation:
        yield f"quantisation: {', '.join(map(quantisation_title, record.quantisation))}"
    elif record.format == "gguf":
        yield f"not quantised: {', '.join(map(gguf_name, record.dtypes))}"
    if record.prediction_type:
        yield f"prediction: {record.prediction_type}"
    if record.prefixes:
        yield f"prefix before the names: {', '.join(record.prefixes)}"
    adapter = record.adapter
    if adapter and adapter.vectors is not None:
        yield f"vectors: {adapter.vectors}"
    elif adapter:
        rank, alpha = (few(each) if each else MISSING for each in (adapter.rank, adapter.alpha))
        yield f"rank: {rank}; alpha: {alpha}"
    if adapter and (adapter.targets or adapter.encoders):
        encoders = map(component_title, adapter.encoders)
        yield f"changes: {', '.join([*adapter.targets, *encoders])}"
    if adapter and adapter.blocks:
        reason = norm_reason_text(adapter.norm_reason)
        norm = f"{MISSING} ({reason})" if adapter.norm is None else f"{adapter.norm:.3g}"
        yield f"norm of the change, with alpha applied: {norm}; by block:"
        yield from _change_blocks(adapter)


def _change_blocks(adapter: Adapter) -> Iterator[str]:
    """The norms by block, several on a line."""
    components = dict.fromkeys(block.component for block in adapter.blocks)
    for component in components:
        norms = [
            f"{block.block} {MISSING if block.norm is None else f'{block.norm:.3g}'}"
            for block in sorted(adapter.blocks, key=lambda block: block.block)
            if block.component == component
        ]
        for first in range(0, len(norms), BLOCKS_PER_LINE):
            label = component_title(component) if first == 0 else ""
            line = "  ".join(text.ljust(14) for text in norms[first : first + BLOCKS_PER_LINE])
            yield f"  {label:20} {line}".rstrip()


def _component(component: CheckpointComponent) -> tuple[str, ...]:
    nearest = f"near {component.nearest}" if component.nearest else "unknown"
    if component.name in ("adapter", "other"):
        nearest = MISSING
    return (
        component.name,
        component.network or nearest,
        component.layout or MISSING,
        f"{component.tensors:,}",
        f"{component.parameters:,}" if component.parameters else MISSING,
        _dtypes(component.dtypes),
    )


def _hashes(record: Checkpoint) -> Iterator[str]:
    for source in record.sources:
        if source.sha256:
            autov1 = source.autov1 if autov1_bytes(source.size) else "– (file below 1 MiB)"
            yield ""
            yield f"{source.name}: {source.size:,} bytes"
            yield f"  SHA-256 {source.sha256}"
            yield f"  AutoV1 {autov1}  AutoV2 {source.autov2}  AutoV3 {source.autov3 or MISSING}"


def _anomalies(record: Checkpoint) -> Iterator[str]:
    if record.anomalies or any(part.missing for part in record.components):
        yield ""
        yield "anomalies"
    for anomaly in record.anomalies:
        yield f"  {anomaly.code}: {anomaly_text(anomaly)}"
    for part in record.components:
        for what, names, count in (
            ("missing", part.missing, part.missing_count),
            ("extra", part.extra, part.extra_count),
        ):
            for name in names[:MOST_NAMES]:
                yield f"    {what} in {part.name}: {cut(name)}"
            if count > MOST_NAMES:
                yield f"    … {count - MOST_NAMES:,} more {what}"


def _metadata(record: Checkpoint) -> Iterator[str]:
    """The first entries, each on one line; longer texts are cut, and pictures left out."""
    places = {key: place for place, key in enumerate(FIRST_KEYS)}
    entries = sorted(
        (entry for entry in record.metadata if entry.text not in UNSET),
        key=lambda entry: (
            places.get(entry.key, len(places)),
            entry.group not in FIRST_GROUPS,
            entry.length > LONGEST_TEXT,
        ),
    )
    texts = [(entry.key, entry.text, entry.length) for entry in entries]
    texts = [(key, text, len(text)) for key, text in record.training.items()] + texts
    if texts:
        yield ""
        yield "from the file's metadata (unverified)"
    for key, text, length in texts[:MOST_ENTRIES]:
        more = f" ({length:,} characters)" if length > LONGEST_TEXT else ""
        yield f"  {cut(key)}: {cut(text)}{more}"
    if len(texts) > MOST_ENTRIES:
        yield f"  … {len(texts) - MOST_ENTRIES:,} more"


def cut(text: str) -> str:
    """The start of a text, on one line."""
    return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}…"


def _dtypes(dtypes: dict[str, int]) -> str:
    return ", ".join(map(quantisation_title, dtypes)) or MISSING
