"""A small `data/` with two networks."""

from pathlib import Path

from sites import REPOSITORY

from generator.records import (
    Architecture,
    Block,
    BlockTable,
    Diagram,
    ParameterCounts,
    PipelineInputs,
    PublishedInputs,
    TensorSpec,
    store,
)

SVG = """<?xml version="1.0"?>
<svg xmlns="http://www.w3.org/2000/svg" class="atlas-diagram" width="200" height="80"
 viewBox="0 0 200 80" role="img" aria-labelledby="NAME-title NAME-desc">
<title id="NAME-title">A drawing</title><desc id="NAME-desc">Two nodes.</desc>
<g class="node"><rect x="1" y="1" width="90" height="40"/><text x="8" y="20">IN00</text></g>
</svg>
"""


def make_architecture(identity: str, name: str, sizes: dict[str, int]) -> Architecture:
    total = sum(sizes.values())
    latent = {"sample": TensorSpec(shape=(2, 4, 8, 8), dtype="float16")}
    return Architecture(
        id=identity,
        name=name,
        repo=name,
        family=name,
        class_name=name,
        config={name: name, "list": [1, name]},
        parameters=ParameterCounts(
            diffusers=total, torch=total, torchinfo=total, torchinfo_shared_activations=2 * total
        ),
        mbw=BlockTable(
            count=len(sizes) - 1,
            blocks=tuple(
                Block(name=block, modules=(name,), parameters=size) for block, size in sizes.items()
            ),
        ),
        published=PublishedInputs(
            inputs=latent | {name: TensorSpec(shape=(), dtype=name)},
            input_mb=0.5,
            forward_backward_mb=1.5,
            params_mb=2 * total / 1e6,
            total_gb=0.004,
            mult_adds=11,
            flops=22,
        ),
        pipeline=PipelineInputs(
            pipeline_class=name, inputs=latent, height=64, width=64, flops=10**9 * total
        ),
        diagrams=(Diagram(name="schematic", nodes=1),),
        versions={"torch": name},
    )


def two_networks(data: Path, text: str) -> Path:
    """Fill `data` with two networks whose every text is the one given."""
    for identity, sizes in (
        ("one", {"IN00": 30, "MID": 50, "OUT00": 15, "REST": 5}),
        ("two", {"BLOCK00": 400, "BLOCK01": 400, "REST": 9}),
    ):
        rows = "".join(f"{block}.weight,{block},conv,{n},{n}\n" for block, n in sizes.items())
        files = {
            f"{identity}.parameters.csv": "name,block,kind,shape,parameters\n" + rows,
            f"{identity}.torchinfo.txt": f"{text}\n├─Conv2d: 1-1 {text}\n",
            f"{identity}.schematic.svg": SVG.replace("NAME", identity),
            f"{identity}.schematic.dot": "digraph {}\n",
        }
        encoded = {name: content.encode() for name, content in files.items()}
        record = make_architecture(identity, text, sizes)
        store.write_result(data / "architectures", record, encoded, "made")
    published = (REPOSITORY / "data" / "published.toml").read_bytes()
    (data / "published.toml").write_bytes(published)
    return data
