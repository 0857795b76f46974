"""Codes of records and errors -> sentences: one template per code.

`{name}` is a field of the record, in words.
"""

from collections.abc import Callable, Mapping

from generator.errors import AtlasError, CodedRefusal, Field
from generator.records import Anomaly, LeftOutFile, Omission, Reason, ShapeDifference
from generator.records.reasons import Unreadable
from generator.text import numbers
from generator.text.anomalies import ANOMALIES
from generator.text.refusals import FORMATS, REFUSALS, Refused
from generator.text.vectors import VECTORS, vectors_title
from generator.text.words import (
    component_title,
    listed,
    network_title,
    quantisation_title,
    shape_text,
)

REASONS = {
    "not_in_file": "not in the file",
    "in_no_other": "not in any other checkpoint",
    "other_network": "a different network: {network} instead of {usual_network}",
    "changes_only": "an adapter holds changes of weights, which are not compared with weights",
    "not_a_weight": "not a weight ({dtype} buffer)",
    "not_unpacked": "its values ({quantisation}) cannot be read from this file alone",
    "one_sided": "a weight in one of the two only ({a} and {b})",
    "other_shape": "has shape {shape} where most have {usual}",
    "non_finite": "has NaN or infinite values",
    "too_large": "has values too large to be squared",
    "away": "its file was missing when {joined} joined",
    "only_zeros": "every distance is zero: either all are identical or none was compared; the"
    " archive does not say which",
    "same_component": "{parts} are names of the same component, and the archive does not say which"
    " one is meant",
    "unnamed_tensors": "this part adds step counters and tables to the weights without naming them",
    "unknown_part": "unknown part “{part}”",
    "no_distance": "has no distance from any other: its tensors are missing or have other names",
    "pairs_at_zero": "{count} pairs are at distance zero but not equally far from the others: they"
    " were compared partly or not at all",
    "counter_or_table": "not a weight (counter or table)",
    "unknown_component": "not part of a known component",
    "shapes_differ": "the shapes differ",
    "nothing_shared": "has no tensor in common with {other}, so the two were never compared",
    "partly_shared": "{count} of {total} tensors have no counterpart in {other}",
    "too_little_shared": "not compared: {count} of {total} tensors have no counterpart of the same"
    " shape in {other}",
    "no_text_encoder": "has no text encoder",
    "other_encoder": "not a CLIP text encoder ({network}); only those are encoded",
    "inputs_unknown": "the inputs of {class_name} are not known",
    "sizes_unknown": "its inputs cannot be sized ({detail})",
    "reads_values": "its forward pass reads values of tensors, which do not exist without weights",
    "package_missing": "its forward pass needs {package}, which is not installed",
    "forward_failed": "its forward pass fails without weights ({error}: {message})",
    "trace_too_large": "a trace of {nodes} calls is too large to be read; the limit is {most}",
    "unmeasured": "could not be measured",
    "file_gone": "its file is missing, and it was not compared before",
    "file_changed": "has changed since it was measured",
}
LEFT_OUT = {
    "another_copy": "another copy of the same component",
    "second_denoiser": "a second denoiser: inspect it by itself",
    "no_component": "not a component of the model",
    "beside_folders": "beside the diffusers folders",
}
OMISSIONS = {
    "too_many_prompts": "Distances of all pairs of prompts: more than {most} prompts",
    "distances_left_out": "{kind}, distances of all pairs of prompts in {count} of {references}"
    " references: the table would exceed {most} distances",
    "vectors_too_large": "Vectors: {numbers} numbers, more than {most}",
    "kind_too_large": "{kind} of {network}: {prompts} prompts would be {numbers} numbers, more than"
    " {most}",
    "no_counterpart": "{kind} of {component} of {checkpoint}: its reference, {reference_component}"
    " of {reference_checkpoint}, has {counterpart}",
    "pairs_left_out": "CKA and Procrustes of {count} of {pairs} pairs of encoders: beyond {most}"
    " encoders, each is compared with its reference, and references with each other",
}


# Fields that begin the sentence of a refusal, and what they name.
BEGINNINGS = {"tensor": "tensor", "member": "zip member", "matrix": "matrix"}


def reason_text(reason: Reason) -> str:
    """Why something was not compared, refused or left out: the end of a sentence."""
    if isinstance(reason, Unreadable):
        return _refused(reason.fault, reason.found).sentence
    return _say(reason.fields, REASONS[reason.code])


def anomaly_text(anomaly: Anomaly) -> str:
    """A sentence about this checkpoint; `ANOMALIES` has the meaning of its code."""
    return _say(anomaly.fields, ANOMALIES[anomaly.code].sentence)


def left_out_text(file: LeftOutFile) -> str:
    """Which file of a folder was not read, and why."""
    return f"{file.name}: {LEFT_OUT[file.reason]}"


def omission_text(omission: Omission) -> str:
    """What is missing from a map, and why."""
    return _say(omission.fields, OMISSIONS[omission.code])


def error_text(error: AtlasError) -> str:
    """The whole message: subject, reason, cause, and what to do."""
    reason, advice = error.reason, error.advice
    if isinstance(error, CodedRefusal):
        reason, advice = _refused(error.code, error.fields)
    if error.causes:
        reason += f" ({'; '.join(map(error_text, error.causes))})"
    return f"{error.subject}: {reason}" + (f". {advice}" if advice else "")


def _refused(code: str, fields: Mapping[str, Field]) -> Refused:
    """The sentence about a file, and the advice; a code of another version is shown as it is."""
    if code == "not_weights":
        found = FORMATS.get(str(fields.get("format")), FORMATS["unknown"])
    elif code in REFUSALS or code in REASONS:
        found = REFUSALS.get(code) or Refused(REASONS[code])
    else:
        return Refused(code.replace("_", " "))
    part = str(fields.get("part", "")).replace("_", " ")
    for kind, label in BEGINNINGS.items():
        part = f"{label} {fields[kind]}" if kind in fields else part
    sentence = _say(fields, found.sentence).strip()
    return Refused(f"{part} {sentence}" if part else sentence, found.advice)


def _say(fields: Mapping[str, object], template: str) -> str:
    words = {name: FIELDS.get(name, _value)(value) for name, value in fields.items()}
    if "reference_width" in fields:
        words["counterpart"] = "no projection"
        if fields["reference_width"]:
            words["counterpart"] = "a projection to {reference_width} numbers instead of {width}"
            words["counterpart"] = words["counterpart"].format(**words)
    return template.format_map(_Words(words))


class _Words(dict[str, str]):
    """The words for each field. A record of another program may lack a field."""

    def __missing__(self, name: str) -> str:
        return numbers.MISSING


def _value(value: object) -> str:
    match value:
        case int():
            return numbers.grouped(value)
        case tuple():
            return listed([*map(_value, value)])
        case ShapeDifference():
            return f"{value.name} is {shape_text(value.shape)} instead of {shape_text(value.usual)}"
    return str(value)


def _network(value: object) -> str:
    return network_title(str(value)) if value else "an unknown network"


def _shape(value: object) -> str:
    return shape_text(value) if isinstance(value, tuple) else str(value)


def _title(value: object) -> str:
    return component_title(str(value))


# The words for fields that are not plain text or numbers.
FIELDS: dict[str, Callable[[object], str]] = {
    "network": _network,
    "usual_network": _network,
    "nearest": _network,
    "shape": _shape,
    "usual": _shape,
    "component": _title,
    "reference_component": _title,
    "dtype": lambda value: quantisation_title(str(value)),
    "quantisation": lambda value: quantisation_title(str(value)),
    "kind": lambda value: vectors_title(str(value)) if value in VECTORS else str(value),
}
