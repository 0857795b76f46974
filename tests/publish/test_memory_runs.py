"""Peaks that were read on a card, beside what is predicted."""

from generator.publish.reading.memory import read_measured

TABLE = """# NVIDIA H200; versions
network\tdtype\tsize\tbatch\tstrategy\tvae\twithout\tstage\tallocated\treserved
sdxl\tbfloat16\t1024\t1\tgroup-offload\t\t\tdenoise\t300\t390
sdxl\tbfloat16\t1024\t1\tgroup-offload\t\t\tdecode\t260\t790
sdxl\tbfloat16\t1024\t1\tresident\t\t\tdecode\t900\t950
"""


def test_a_run_has_its_largest_stage_and_all_that_torch_reserved(tmp_path):
    path = tmp_path / "runs.tsv"
    path.write_text(TABLE)
    found = {run.options.strategy: (run.bytes, run.reserved) for run in read_measured(path)}
    assert found == {"group-offload": (300, 790), "resident": (900, 950)}
