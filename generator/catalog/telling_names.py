"""Path of a checkpoint -> names for its id, the shortest that tells it from others first.

Libraries give the file of every model the same name; its folders then tell more.
"""

from collections.abc import Iterator
from pathlib import Path

# Stems that diffusers, transformers and PEFT write.
COMMON_STEMS = frozenset(
    ["model", "pytorch_model", "diffusion_pytorch_model", "pytorch_lora_weights", "adapter_model"]
)
# Folders of a pipeline, which are alike in every model.
COMMON_FOLDERS = frozenset(
    ["unet", "transformer", "transformer_2", "prior", "decoder", "vae", "safety_checker"]
).union(
    f"{kind}{number}" for kind in ("text_encoder", "image_encoder") for number in ("", "_2", "_3")
)
MOST_FOLDERS = 3


def telling_names(path: Path, stem: str) -> Iterator[str]:
    """Its `stem`, then its folders too: `style`, `portraits-style`; where the stem is common, the
    folders alone: `sdxl`, `sdxl-vae`."""
    folders = list(path.absolute().parts[1:-1])[-MOST_FOLDERS:]
    is_common = stem.split(".")[0] in COMMON_STEMS
    fewest = 0
    if is_common and folders:
        fewest = min(2 if folders[-1] in COMMON_FOLDERS else 1, len(folders))
    for count in range(fewest, len(folders) + 1):
        parts = folders[len(folders) - count :]
        yield "-".join(parts if is_common and parts else (*parts, stem))
