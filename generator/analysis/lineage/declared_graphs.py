"""Recipes that merge tools write as programs -> the weights of the models that they load.

sd-mecha's `mecha_recipe` is a list of lines, each a value that later lines name by its number:
`model "NAME"`, `merge "weighted_sum" &0 &1 alpha=0.3`. ComfyUI's `prompt` is a graph of nodes:
`CheckpointLoaderSimple`, and `ModelMergeSimple`, whose `ratio` is the share of `model1`.
"""

import re
from collections.abc import Mapping

# Weights by model; None if some step is not a weighted sum.
Weights = dict[str, float] | None

LINE = re.compile(r'(model|merge) "([^"]*)"(.*)')
REFERENCE = re.compile(r"&(\d+)")
ALPHA = re.compile(r"\balpha=([0-9.eE+-]+)(?:\s|$)")
LOADERS = ("CheckpointLoaderSimple", "CheckpointLoader", "unCLIPCheckpointLoader")
# Deeper graphs are not read.
DEEPEST = 64


def of_mecha(text: str) -> Weights:
    """The weights of a `mecha_recipe`."""
    values: list[Weights] = []
    for line in text.splitlines():
        if not (found := LINE.match(line.strip())):
            continue
        what, name, rest = found.groups()
        if what == "model":
            values.append({name: 1.0})
            continue
        numbers = [int(each) for each in REFERENCE.findall(rest)]
        share = ALPHA.search(rest)
        known = [values[each] if each < len(values) else None for each in numbers]
        if name != "weighted_sum" or len(known) != 2 or share is None:
            values.append(None)
            continue
        values.append(_mixed(known[1], known[0], _number(share[1])))
    return values[-1] if values else None


def of_comfy(graph: Mapping[str, object]) -> Weights:
    """The weights of the model that a `prompt` saves."""
    for node in graph.values():
        if _kind(node) == "CheckpointSave":
            return _of_node(graph, _inputs(node).get("model"), DEEPEST)
    return None


def _of_node(graph: Mapping[str, object], link: object, depth: int) -> Weights:
    if not depth or not isinstance(link, list) or not link:
        return None
    node = graph.get(str(link[0]))
    inputs = _inputs(node)
    if _kind(node) in LOADERS:
        return {str(inputs["ckpt_name"]): 1.0} if "ckpt_name" in inputs else None
    if _kind(node) != "ModelMergeSimple":
        return None
    one, other = (_of_node(graph, inputs.get(key), depth - 1) for key in ("model1", "model2"))
    return _mixed(one, other, _number(inputs.get("ratio")))


def _mixed(one: Weights, other: Weights, share: float | None) -> Weights:
    """`share` of one, the rest of the other."""
    if one is None or other is None or share is None:
        return None
    names = dict.fromkeys((*other, *one))
    return {name: (1 - share) * other.get(name, 0.0) + share * one.get(name, 0.0) for name in names}


def _number(value: object) -> float | None:
    try:
        return float(value) if isinstance(value, str | int | float) else None
    except ValueError:
        return None


def _kind(node: object) -> object:
    return node.get("class_type") if isinstance(node, dict) else None


def _inputs(node: object) -> Mapping[str, object]:
    inputs = node.get("inputs") if isinstance(node, dict) else None
    return inputs if isinstance(inputs, dict) else {}
