"""Imports go one way and reach every module, and the half that publishes does not load torch."""

import ast
import collections
import importlib
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from generator.cli import VERBS

PACKAGE = Path(__file__).parents[1] / "generator"

# Each room, and the rooms it may import from; a room may always import from itself.
BASE = {"errors", "catalog", "records", "networks", "processes"}
MEASURING = {"architectures", "checkpoints", "distances", "analysis", "embeddings"}
ALLOWED = {
    "errors": set(),
    "processes": set(),
    "records": {"errors"},
    "catalog": {"errors", "records"},
    "networks": {"errors", "records"},
    "vram": {"errors", "records", "networks"},
    "architectures": BASE,
    "checkpoints": BASE,
    "distances": BASE | {"checkpoints"},
    "analysis": BASE | {"checkpoints"},
    "embeddings": BASE | {"checkpoints"},
    "text": {"errors", "records", "networks", "vram"},
    "plots": BASE | {"text", "vram"},
    "pipeline": BASE | MEASURING | {"text"},
    "publish": BASE | {"text", "vram"},
    "api": BASE | MEASURING,
    "cli": BASE | MEASURING | {"api", "text", "plots", "vram", "pipeline", "publish"},
}
# Inside the room that publishes: what is read, the numbers that follow from it, what shows both,
# and the pages made of that.
SHOWN = {"reading", "quantities", "figures", "tables"}
ALLOWED_IN_PUBLISH = {
    "reading": set(),
    "quantities": {"reading"},
    "figures": {"reading", "quantities"},
    "tables": SHOWN,
    "schema": set(),
    "files_of_results": SHOWN,
    "downloads": SHOWN | {"schema", "files_of_results"},
    "pages": SHOWN | {"schema", "downloads"},
    "style": SHOWN | {"pages"},
    "writing": set(),
    "feed": set(),
    "budgets": set(),
    "check": {"style", "budgets"},
    "render": SHOWN | {"pages", "style", "feed", "writing"},
}
# What a user may leave out.
EXTRAS = ("site", "plots", "networks", "text", "remote", "cluster")
# Rooms that are imported where an extra is needed, and files like them in other rooms.
OF_EXTRAS = {"architectures", "embeddings", "plots"}
FILES_OF_EXTRAS = {"checkpoints/formats/remote.py", "distances/gpu.py"}
BASE_MODULES = {
    "arro3-core": "arro3",
    "arro3-io": "arro3",
    "vl-convert-python": "vl_convert",
}
# What only measuring takes, of what every user has.
COMPUTING = {"blake3", "llvmlite", "networkx", "numba", "threadpoolctl"}
# Packages whose module has another name.
MODULES = {"scikit-learn": "sklearn", "mkdocs-material": "mkdocs"}
HEAVY = ("torch", "diffusers", "transformers", "torchinfo", "torchview", "pygraphviz")


def imported_by(path: Path) -> set[str]:
    """Names of the package's modules that are imported, and of what is imported from them."""
    names = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            names.append(node.module or "")
            names += [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
    return {name for name in names if name.startswith("generator.")}


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: p.stem)
def test_imports_go_one_way(path):
    parts = path.relative_to(PACKAGE).parts
    room = parts[0].removesuffix(".py")
    if room == "__init__":
        return
    assert {name.split(".")[1] for name in imported_by(path)} <= ALLOWED[room] | {room}


@pytest.mark.parametrize("path", sorted((PACKAGE / "publish").rglob("*.py")), ids=lambda p: p.stem)
def test_imports_go_one_way_where_pages_are_made(path):
    part = path.relative_to(PACKAGE / "publish").parts[0].removesuffix(".py")
    if part == "__init__":
        return
    names = [name.split(".") for name in imported_by(path)]
    found = {name[2] for name in names if name[1] == "publish" and len(name) > 2}
    assert found <= ALLOWED_IN_PUBLISH[part] | {part}


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(
        ".__init__"
    )


def test_every_module_is_reached_from_the_command_line():
    imports = {module_name(path): imported_by(path) for path in PACKAGE.rglob("*.py")}
    reached = set()
    waiting = [
        "generator.cli.__main__",
        *(f"generator.cli.{verb.module}" for verb in VERBS.values()),
    ]
    while waiting:
        name = waiting.pop()
        if name in imports and name not in reached:
            reached.add(name)
            waiting += imports[name] | {name.rpartition(".")[0]}
    assert imports.keys() - reached == set()


def loaded_by(statement: str) -> set[str]:
    code = f"import sys; {statement}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_what_plans_loads_no_torch():
    assert not loaded_by("import generator.cli.measuring") & set(HEAVY)


def test_what_is_imported_from_python_loads_no_torch():
    assert not loaded_by("import generator") & {"numpy", *HEAVY}
    assert not loaded_by("from generator import *") & set(HEAVY)


def test_help_computes_nothing():
    loaded = loaded_by(
        "from click.testing import CliRunner; import generator.cli as atlas; "
        "CliRunner().invoke(atlas.cli, ['--help'], catch_exceptions=False)"
    )
    assert loaded & {"numpy", "concurrent.futures.process", "msgspec", "rich"} == set()


@pytest.mark.parametrize("module", ["generator.cli", "generator.publish.render"])
def test_what_publishes_does_without_any_extra(module):
    project = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text(encoding="utf-8"))
    extras = project["project"]["optional-dependencies"]
    names = [re.split("[<>=]", package)[0] for key in EXTRAS for package in extras[key]]
    modules = {MODULES.get(name, name.replace("-", "_")) for name in names}
    assert not loaded_by(f"import {module}") & (modules | COMPUTING)


def needed_to_import(path: Path) -> set[str]:
    """Top-level names of all modules that a module imports when it is itself imported."""
    names = []
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom):
            names.append(node.module or "")
        elif isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
    return {name.split(".")[0] for name in names}


def test_modules_that_are_of_no_extra_need_the_base_alone():
    project = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text(encoding="utf-8"))
    packages = {re.split("[<>=]", name)[0] for name in project["project"]["dependencies"]}
    base = {BASE_MODULES.get(name, name) for name in packages} | {"generator", "markupsafe"}
    wrong = {
        path.relative_to(PACKAGE).as_posix(): needed - base - sys.stdlib_module_names
        for path in PACKAGE.rglob("*.py")
        for needed in [needed_to_import(path)]
        if path.relative_to(PACKAGE).parts[0] not in OF_EXTRAS
    }
    assert {path for path, names in wrong.items() if names} == FILES_OF_EXTRAS


def test_the_check_above_can_fail():
    assert {"numpy", "numpy.linalg"} <= loaded_by("import numpy")
    importlib.import_module("generator.architectures.measure")
    assert sys.modules.keys() >= set(HEAVY)


def test_no_two_classes_have_one_name():
    nodes = [
        node
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    ]
    names = collections.Counter(node.name for node in nodes if isinstance(node, ast.ClassDef))
    assert {name for name, count in names.items() if count > 1} == set()
