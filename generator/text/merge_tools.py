"""A mix by block -> its weights as merge tools take them, and what they cannot say."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from generator.errors import UsageError
from generator.networks.blocks import REST
from generator.networks.merge_tools import (
    BASE,
    MIDDLE,
    SD_SIDE,
    UNETS,
    comfy_inputs,
    comfy_node,
    unet_side,
)
from generator.records import Record

# Decimals of printed weights, and the smallest difference between two that is told.
DECIMALS, TOLD = 4, 0.01

Weights = Sequence[float]


class BlockMix(NamedTuple):
    """The weights of `parents` in the denoiser by block, and in the text encoder.

    `encoder` is None if they are unknown; `same_encoder`: the parents have the same one. With
    `difference`, the mix is A + w(B - C), else a sum of weights 1.
    """

    parents: tuple[str, ...]
    blocks: Mapping[str, Weights]
    encoder: Weights | None = None
    same_encoder: bool = False
    difference: bool = False


class ToolText(Record):
    """Text to copy into a tool, and sentences on what it does otherwise than the mix."""

    tool: str
    text: str
    notes: tuple[str, ...]


def known_blocks(
    whole: Sequence[float | None], blocks: Mapping[str, Sequence[float | None]]
) -> dict[str, list[float]]:
    """Weights of all blocks; where the parents are equal, those of the whole.

    Raises:
        UsageError: the parents are equal everywhere.
    """
    overall = [weight for weight in whole if weight is not None]
    if len(overall) < len(whole):
        raise UsageError("the recipe", "has no weights: the parents are equal")
    return {
        name: [given if own is None else own for own, given in zip(found, overall, strict=True)]
        for name, found in blocks.items()
    }


def supermerger(mix: BlockMix) -> ToolText:
    """Lines of weights for supermerger's text fields: alpha, and beta for a sum of three."""
    side = _unet("supermerger", mix)
    if len(mix.parents) > 3:
        raise _unfit("supermerger", "takes two or three models")
    names = ["A", "B", "C"][: len(mix.parents)]
    sums = len(mix.parents) == 3 and not mix.difference
    mode = "Triple sum" if sums else "Add difference" if mix.difference else "Weight sum"
    lines = [f"{mode}: " + ", ".join(map("{} = {}".format, names, mix.parents))]
    base, notes = _base(mix)
    for place, label in ((1, "alpha"), (2, "beta"))[: 1 + sums]:
        order = [mix.blocks[block][place] for block in _unet_blocks(side)]
        lines.append(f"{label}: " + ",".join(map(_number, [base[place], *order])))
    if any(base[1:]):
        notes.append("supermerger merges the VAE by BASE, too.")
    rule = UNETS[side]
    places = {"out": rule.out}
    if rule.supermerger_time:
        places["time_embed"] = rule.supermerger_time
    else:
        notes.append("supermerger keeps time_embed and label_emb of A.")
    return ToolText(
        tool="supermerger",
        text="\n".join(lines),
        notes=(*notes, *_moved("supermerger", mix, places)),
    )


def mecha(mix: BlockMix) -> ToolText:
    """Python for sd-mecha: a weighted sum with one weight per block."""
    side = _unet("sd-mecha", mix)
    _two("sd-mecha", mix)
    base, notes = _base(mix)
    named = {BASE: base[1]} | {
        MIDDLE if block == "MID" else block: mix.blocks[block][1] for block in _unet_blocks(side)
    }
    weights = ", ".join(f'"{name}": {_number(weight)}' for name, weight in named.items())
    a, b = map(json.dumps, mix.parents)
    text = f"""a = sd_mecha.model({a})
b = sd_mecha.model({b})
blocks = sd_mecha.convert({{{weights}}}, a) | 0.0
recipe = sd_mecha.weighted_sum(a, b, alpha=blocks)"""
    if base[1] and side == SD_SIDE:
        notes.append("sd-mecha merges the VAE by BASE, too.")
    notes += _moved("sd-mecha", mix, {"out": UNETS[side].out})
    if abs(mix.blocks[REST][1] - base[1]) >= TOLD:
        notes.append(
            f"sd-mecha merges time_embed with BASE, by {_number(base[1])}; here REST, which holds"
            f" it, has {_number(mix.blocks[REST][1])}."
        )
    return ToolText(tool="sd-mecha", text=text, notes=tuple(notes))


def comfy(mix: BlockMix) -> ToolText:
    """The inputs of ComfyUI's model-specific merge node as JSON; each is the share of model1."""
    _two("ComfyUI", mix)
    node = comfy_node(mix.blocks)
    if node is None:
        raise _unfit("ComfyUI", "has no merge node for a network with these blocks")
    inputs = {name: mix.blocks[block][0] for name, block in comfy_inputs(node)}
    if not all(0 <= value <= 1 for value in inputs.values()):
        raise _unfit("ComfyUI", "takes weights from 0 to 1")
    one, other = mix.parents
    written = ", ".join(f'"{name}": {_number(value)}' for name, value in inputs.items())
    return ToolText(
        tool="ComfyUI",
        text=f'{{"class_type": "{node.name}", "inputs": {{{written}}}}}',
        notes=(f"model1 is {one}, model2 is {other}; text encoders are merged by another node.",),
    )


TOOLS: dict[str, Callable[[BlockMix], ToolText]] = {
    "supermerger": supermerger,
    "mecha": mecha,
    "comfy": comfy,
}


def tool_texts(mix: BlockMix) -> Iterator[ToolText]:
    """The texts for all tools that can take the mix."""
    for write in TOOLS.values():
        try:
            yield write(mix)
        except UsageError:
            continue


def _unet_blocks(side: int) -> list[str]:
    numbers = range(side)
    return [*(f"IN{n:02}" for n in numbers), "MID", *(f"OUT{n:02}" for n in numbers)]


def _unet(tool: str, mix: BlockMix) -> int:
    side = unet_side(mix.blocks)
    if side is None:
        raise _unfit(tool, "names the blocks of Stable Diffusion UNets alone")
    return side


def _two(tool: str, mix: BlockMix) -> None:
    if len(mix.parents) != 2:
        raise _unfit(tool, "takes two models here", "`--as supermerger` takes three")


def _unfit(tool: str, reason: str, advice: str = "") -> UsageError:
    return UsageError(tool, reason, advice)


def _base(mix: BlockMix) -> tuple[Weights, list[str]]:
    """The weights of the text encoder; zeros, and why, if they are unknown or do not matter."""
    if mix.encoder is not None:
        return mix.encoder, []
    why = "its weights are not known"
    if mix.same_encoder:
        why = "the parents have the same one"
    return [0.0] * len(mix.parents), [f"BASE, the text encoder, is 0 (that of A): {why}."]


def _moved(tool: str, mix: BlockMix, places: Mapping[str, str]) -> list[str]:
    """A sentence for each part of `REST` that the tool merges by the weight of a block."""
    rest = mix.blocks[REST][1]
    return [
        f"{tool} merges {part} with {block}, by {_number(mix.blocks[block][1])}; here REST, which"
        f" holds it, has {_number(rest)}."
        for part, block in places.items()
        if abs(mix.blocks[block][1] - rest) >= TOLD
    ]


def _number(weight: float) -> str:
    # Adding zero turns -0.0 into 0.0.
    return f"{round(weight, DECIMALS) + 0.0:g}"
