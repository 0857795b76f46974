"""The history of the demo family, as a table: who descends from whom, and how.

Each entry is one checkpoint, made from earlier ones. `steps` is the size of a fine-tune, in
standard deviations of its parent's weights.
"""

from typing import Any

from generator.networks.blocks import REST
from generator.records import Record


class DemoCheckpoint(Record):
    """How one checkpoint of the family is made.

    kind            parents      result
    base            none         random weights
    fine-tune       1            noise times `steps` is added to every weight of `components`
    merge           2 or more    sum of `shares` x parents, over all weights
    block merge     2            the same with the second parent's share by block; the text encoder
                                 has the share of `REST`
    add difference  3: A, B, C   A + shares[0] x (B - C)
    swap            2            `components` of the second parent, the rest of the first
    copy            1            the same values in another file: `dtype`, `layout`; only those of
                                 `components`, if there are any
    copy with EMA   2            the first parent, with an EMA copy of its denoiser: the sum of
                                 shares x parents
    adapter         1            a LoRA of `rank` for the parent: changes of attention in
                                 `components`
    add adapter     2            the first parent + shares[0] x the change of the second, an adapter

    Fine-tunes and merges have their first parent's VAE.
    """

    name: str
    kind: str
    parents: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    steps: float = 0.0
    shares: tuple[float, ...] = ()
    block_shares: dict[str, float] | None = None
    dtype: str = "float32"
    layout: str = "original"
    rank: int = 0

    def truth(self) -> dict[str, Any]:
        """The entry as in `truth.json`."""
        return {field: getattr(self, field) for field in self.__struct_fields__}


TRAINED = ("denoiser", "text_encoder")


def _fine_tune(
    name: str, parent: str, steps: float, components: tuple[str, ...] = TRAINED
) -> DemoCheckpoint:
    return DemoCheckpoint(
        name=name, kind="fine-tune", parents=(parent,), components=components, steps=steps
    )


# Shares of the second parent in a block merge: small on the input side, large on the output side, a
# common way to change the style but not the composition.
BLOCK_SHARES = (
    {f"IN{number:02}": number / 20 for number in range(12)}
    | {"MID": 0.5}
    | {f"OUT{number:02}": 0.6 + number / 30 for number in range(12)}
    | {REST: 0.25}
)

HISTORY = (
    DemoCheckpoint(name="demo-base", kind="base"),
    _fine_tune("demo-tune-1", "demo-base", 0.05),
    _fine_tune("demo-tune-2", "demo-tune-1", 0.05),
    _fine_tune("demo-tune-3", "demo-tune-2", 0.05),
    _fine_tune("demo-branch-a", "demo-tune-1", 0.08),
    _fine_tune("demo-branch-b", "demo-base", 0.1),
    _fine_tune("demo-frozen-text-encoder", "demo-base", 0.06, ("denoiser",)),
    DemoCheckpoint(
        name="demo-merge-half",
        kind="merge",
        parents=("demo-tune-3", "demo-branch-b"),
        shares=(0.5, 0.5),
    ),
    DemoCheckpoint(
        name="demo-merge-blocks",
        kind="block merge",
        parents=("demo-tune-3", "demo-branch-a"),
        block_shares=BLOCK_SHARES,
    ),
    DemoCheckpoint(
        name="demo-merge-add-difference",
        kind="add difference",
        parents=("demo-branch-b", "demo-tune-3", "demo-base"),
        shares=(0.8,),
    ),
    DemoCheckpoint(name="demo-stranger", kind="base"),
    DemoCheckpoint(
        name="demo-vae-swapped",
        kind="swap",
        parents=("demo-tune-2", "demo-stranger"),
        components=("vae",),
    ),
    DemoCheckpoint(name="demo-float16", kind="copy", parents=("demo-tune-3",), dtype="float16"),
    DemoCheckpoint(name="demo-bfloat16", kind="copy", parents=("demo-tune-3",), dtype="bfloat16"),
    DemoCheckpoint(
        name="demo-renamed-text-encoder",
        kind="copy",
        parents=("demo-branch-a",),
        layout="renamed text encoder",
    ),
    DemoCheckpoint(
        name="demo-diffusers", kind="copy", parents=("demo-branch-b",), layout="diffusers"
    ),
    DemoCheckpoint(
        name="demo-ema",
        kind="copy with EMA",
        parents=("demo-tune-2", "demo-tune-1"),
        shares=(0.9, 0.1),
        layout="ckpt",
    ),
    DemoCheckpoint(
        name="demo-gguf",
        kind="copy",
        parents=("demo-branch-b",),
        components=("denoiser",),
        dtype="Q8_0",
        layout="gguf",
    ),
    DemoCheckpoint(
        name="demo-scaled-float8",
        kind="copy",
        parents=("demo-merge-half",),
        dtype="float8_e4m3fn",
        layout="scaled float8",
    ),
    DemoCheckpoint(
        name="demo-vae-alone",
        kind="copy",
        parents=("demo-stranger",),
        components=("vae",),
        layout="vae",
    ),
    DemoCheckpoint(
        name="lora-style",
        kind="adapter",
        parents=("demo-frozen-text-encoder",),
        components=("denoiser",),
        layout="kohya",
        rank=2,
    ),
    DemoCheckpoint(
        name="lora-detail",
        kind="adapter",
        parents=("demo-base",),
        components=TRAINED,
        layout="peft",
        rank=4,
    ),
    DemoCheckpoint(
        name="demo-lora-baked",
        kind="add adapter",
        parents=("demo-frozen-text-encoder", "lora-style"),
        shares=(0.8,),
    ),
)
