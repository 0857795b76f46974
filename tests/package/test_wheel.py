"""The wheel, installed in a fresh environment: every verb, from an empty folder.

One test, because installing takes longest; the files it looks at are written by diffusers and by
others.
"""

import contextlib
import json
import os
import subprocess
import sys
import sysconfig
from importlib.metadata import distribution
from pathlib import Path

import pytest
import torch
from diffusers import UNet2DConditionModel
from sites import REPOSITORY

pytestmark = pytest.mark.slow

# Smaller than any published network, of a class that is known.
SIZES = {
    "sample_size": 8,
    "block_out_channels": (32, 64),
    "layers_per_block": 1,
    "cross_attention_dim": 32,
    "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D"),
    "up_block_types": ("CrossAttnUpBlock2D", "UpBlock2D"),
}
NETWORK = """
[[architecture]]
id = "sd1"
name = "SD 1.5"
repo = "x/y"
config = "configs/sd1.json"
"""


class Installed:
    """An environment of its own, with nothing of the checkout, and a folder to work in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "leer und größer"
        self.folder.mkdir()
        self.venv = folder / "environment"
        # The tests' own pip installs into it: to bring one takes as long as all that is needed.
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(self.venv)], check=True)
        self.programs = self.venv / ("Scripts" if os.name == "nt" else "bin")
        kept = {key: text for key, text in os.environ.items() if not key.startswith("PYTHON")}
        self.environment = {**kept, "NO_MKDOCS_2_WARNING": "1", "PYTHONUTF8": "1"}

    def run(self, program: str, *arguments: object, code: int = 0, inside: str = ".") -> str:
        """Run a program of the environment; return what it printed."""
        done = subprocess.run(
            [str(self.programs / program), *map(str, arguments)],
            cwd=self.folder / inside,
            env=self.environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        said = done.stdout + done.stderr
        assert done.returncode == code, said
        assert "Traceback" not in said
        return said

    def install(self, wheel: str) -> None:
        """Install a wheel, with extras if its name says so, at the versions of the tests."""
        command = [sys.executable, "-m", "pip", "--python", str(self.venv)]
        command += ["install", "--quiet", "--no-compile"]
        command += ["--constraint", str(REPOSITORY / "constraints.txt"), wheel]
        subprocess.run(command, check=True, env=self.environment)

    def link(self, name: str) -> None:
        """Have an installed package without unpacking its wheel, where links may be made."""
        folder = Path(sysconfig.get_path("platlib"))
        (target,) = self.venv.glob("[Ll]ib/**/site-packages")
        with contextlib.suppress(OSError):
            for part in {file.parts[0] for file in distribution(name).files or ()} - {".."}:
                (target / part).symlink_to(folder / part)


@pytest.fixture(scope="session")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
    command += ["--no-build-isolation", "--wheel-dir", str(folder), str(REPOSITORY)]
    subprocess.run(command, check=True)
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture
def models(tmp_path) -> list[Path]:
    """Two networks and the middle between them, written by diffusers."""
    folders = []
    torch.manual_seed(0)
    base = UNet2DConditionModel(**SIZES)
    other = UNet2DConditionModel(**SIZES)
    middle = UNet2DConditionModel(**SIZES)
    with torch.no_grad():
        states = [base.state_dict(), other.state_dict()]
        for name, tensor in states[1].items():
            tensor.copy_(states[0][name] + 0.01 * torch.randn(tensor.shape))
        for name, tensor in middle.state_dict().items():
            tensor.copy_((states[0][name] + states[1][name]) / 2)
    for name, network in (("base", base), ("tuned ü", other), ("middle", middle)):
        folder = tmp_path / "models of others" / name
        network.save_pretrained(folder)
        folders.append(folder)
    return folders


def test_everything_works_from_a_wheel(wheel, models, tmp_path, published_sample):
    here = Installed(tmp_path)
    here.install(str(wheel))
    with_base_alone(here, models, published_sample)
    a_site_of_ones_own(here, wheel, models, published_sample)
    # Its files are most of what is installed, and the same as here.
    here.link("torch")
    here.install(f"{wheel}[networks]")
    assert "1 made, 0 fresh, 0 refused" in here.run("atlas", "measure", inside="mine")
    publish(here)
    assert (here.folder / "mine" / "site" / "architectures" / "sd1.html").is_file()


def with_base_alone(here: Installed, models: list[Path], published_sample: Path) -> None:
    base, tuned, middle = models
    assert "torch is not installed" in here.run("atlas", "--version")
    weights = base / "diffusion_pytorch_model.safetensors"
    for arguments in ((weights,), (base, "--full")):
        assert "denoiser" in here.run("atlas", "inspect", *arguments)
    assert "denoiser" in here.run("atlas", "compare", base, tuned)
    assert "denoiser, L2" in here.run("atlas", "matrix", *models)
    here.run("atlas", "recipe", middle, base, tuned, "--output", "recipe.json")
    weights_found = json.loads((here.folder / "recipe.json").read_text("utf-8"))["whole"]["weights"]
    assert list(weights_found.values()) == pytest.approx([0.5, 0.5], abs=1e-4)
    assert "tuned ü" in here.run("atlas", "lineage", *models)
    assert "12 GB card: does not fit" in here.run("atlas", "vram", "flux", "--card", 12)
    assert "in no site" in here.run("atlas", "import", published_sample / "matrices", code=2)
    missing = here.run("atlas", "compare", base, tuned, "--plot", "change.pdf", code=3)
    assert "pip install 'diffusion-atlas[plots]'" in missing


def a_site_of_ones_own(
    here: Installed, wheel: Path, models: list[Path], published_sample: Path
) -> None:
    here.run("atlas", "new", "mine")
    archive = published_sample / "matrices" / "21b.json"
    here.run("atlas", "add", "--site", "mine", "--group", "all", models[0].parent)
    here.run("atlas", "import", archive, inside="mine/site_src")
    said = here.run("atlas", "measure", inside="mine/data")
    assert "checkpoints: 3 made" in said
    catalog = here.folder / "mine" / "data" / "catalog.toml"
    catalog.write_text(catalog.read_text("utf-8") + NETWORK, "utf-8")
    config = REPOSITORY / "data" / "configs" / "sd1.json"
    (catalog.parent / "configs" / "sd1.json").write_bytes(config.read_bytes())
    missing = here.run("atlas", "measure", inside="mine", code=3)
    assert "pip install 'diffusion-atlas[networks]'" in missing
    render = ("render", "--site", "mine")
    assert "pip install 'diffusion-atlas[site]'" in here.run("atlas", *render)
    here.install(f"{wheel}[site,plots]")
    here.run("atlas", "matrix", *models, "--plot", "distances.pdf")
    assert (here.folder / "distances.pdf").read_bytes().startswith(b"%PDF")
    publish(here)
    assert "0 written, 0 kept" in here.run("atlas", "upgrade", inside="mine")


def publish(here: Installed) -> None:
    here.run("atlas", "render", "--site", "mine")
    here.run("mkdocs", "build", "--strict", "--quiet", inside="mine")
    assert "0 problems" in here.run("atlas", "check", inside="mine/data")
