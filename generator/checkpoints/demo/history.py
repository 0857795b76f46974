"""The history of the demo family, as a table: who descends from whom, and by what.

Each entry is one checkpoint, made from those before it. `steps` is how far a fine-tune moves, in
standard deviations of the weights it starts from.
"""

from typing import Any

from generator.records import Record


class DemoCheckpoint(Record, frozen=True, kw_only=True):
    """How one checkpoint of the family was made.

    kind            parents             what is done
    base            none                random weights
    fine-tune       1                   every weight of `components` moves by noise times `steps`
    merge           2 or more           sum of `shares` x parents, over all weights
    block merge     2                   the same, the second parent's share by block; the text
                                        encoder has that of `BASE`
    add difference  3: A, B, C          A + shares[0] x (B - C)
    swap            2                   `components` from the second parent, the rest of the first
    copy            1                   the same values in another file: `dtype`, `layout`
    copy with EMA   2                   the first parent, and a second copy of its denoiser: the
                                        sum of shares x parents

    The VAE of a fine-tune or merge is its first parent's.
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

    def truth(self) -> dict[str, Any]:
        """The entry as other programs read it."""
        return {field: getattr(self, field) for field in self.__struct_fields__}


TRAINED = ("denoiser", "text_encoder")

# Shares of the second parent in a per-block merge: the input side mostly the first's, the output
# side mostly the second's, as people do to change style but not composition.
BLOCK_SHARES = (
    {f"IN{number:02}": number / 20 for number in range(12)}
    | {"MID": 0.5}
    | {f"OUT{number:02}": 0.6 + number / 30 for number in range(12)}
    | {"BASE": 0.25}
)

HISTORY = (
    DemoCheckpoint(name="demo-base", kind="base"),
    DemoCheckpoint(
        name="demo-tune-1",
        kind="fine-tune",
        parents=("demo-base",),
        components=TRAINED,
        steps=0.05,
    ),
    DemoCheckpoint(
        name="demo-tune-2",
        kind="fine-tune",
        parents=("demo-tune-1",),
        components=TRAINED,
        steps=0.05,
    ),
    DemoCheckpoint(
        name="demo-tune-3",
        kind="fine-tune",
        parents=("demo-tune-2",),
        components=TRAINED,
        steps=0.05,
    ),
    DemoCheckpoint(
        name="demo-branch-a",
        kind="fine-tune",
        parents=("demo-tune-1",),
        components=TRAINED,
        steps=0.08,
    ),
    DemoCheckpoint(
        name="demo-branch-b",
        kind="fine-tune",
        parents=("demo-base",),
        components=TRAINED,
        steps=0.1,
    ),
    DemoCheckpoint(
        name="demo-frozen-text-encoder",
        kind="fine-tune",
        parents=("demo-base",),
        components=("denoiser",),
        steps=0.06,
    ),
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
)
