"""Peaks that were read on a card, beside what is predicted."""

from generator.publish.reading.memory import read_measured
from generator.vram.request import Options, Sizes

TABLE = """
network width height frames batch dtype strategy vae without weights task stage allocated reserved
sdxl 1024 768 1 1 bfloat16 group-offload - - - - denoise 300 390
sdxl 1024 768 1 1 bfloat16 group-offload - - - - decode 260 790
sdxl 1024 768 9 2 bfloat16 resident tiling one+two fp8 from-image decode 900 950
"""


def test_a_run_has_its_settings_its_largest_stage_and_all_that_torch_reserved(tmp_path):
    path = tmp_path / "runs.tsv"
    table = TABLE.strip().replace(" -", " ").replace(" ", "\t")
    path.write_text(f"# NVIDIA H200; versions\n{table}\n")
    grouped, whole = read_measured(path)
    assert (grouped.bytes, grouped.reserved, grouped.gpu) == (300, 790, "NVIDIA H200")
    assert grouped.options == Options(dtype="bfloat16", strategy="group-offload")
    assert grouped.sizes == Sizes(width=1024, height=768, frames=1, batch=1)
    assert (whole.bytes, whole.reserved, whole.hopper) == (900, 950, True)
    assert whole.sizes == Sizes(width=1024, height=768, frames=9, batch=2)
    assert whole.options == Options(
        dtype="bfloat16", vae_tiling=True, without=("one", "two"), weights="fp8", from_image=True
    )
    assert whole.described == "tiling, denoiser in fp8, from-image, without one, without two"
