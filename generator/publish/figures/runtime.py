"""The script that draws interactive figures, with the notices that its licences require.

It is Vega-Embed with Vega-Lite and Vega, which vl-convert contains and bundles offline.
"""

from collections.abc import Iterable
from hashlib import sha256
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

import vl_convert

from generator.publish.figures.figure import VEGA_LITE
from generator.publish.figures.page_script import FOLDER

RUNTIME_FILE = f"{FOLDER}/vega.js"
# Defines no other global name on the page.
_CODE = "window.atlasVega = vegaEmbed;"

_NOTICE = files("generator.publish.figures").joinpath("runtime_notice.txt").read_text("utf-8")


def runtime_file(names: Iterable[str], site_src: Path) -> dict[str, bytes]:
    """Address -> content of the runtime, if a script of a page is among the `names`."""
    if not any(name.startswith(FOLDER) for name in names):
        return {}
    # Bundling takes a second, so the result of an earlier rendering is reused if it is the same.
    written = site_src / RUNTIME_FILE
    found = written.read_bytes() if written.is_file() else b""
    head, _, rest = found.partition(b"\n")
    same = rest.startswith(_NOTICE.encode()) and head == _stamp(rest)
    return {RUNTIME_FILE: found if same else _bundled()}


def _bundled() -> bytes:
    bundle = vl_convert.javascript_bundle(_CODE, vl_version=VEGA_LITE)
    rest = f'{_NOTICE}(function () {{\n"use strict";\n{bundle}\n}})();\n'.encode()
    return _stamp(rest) + b"\n" + rest


def _stamp(rest: bytes) -> bytes:
    """The first line of the runtime: its ingredients, and a digest of the other lines."""
    made = f"vl-convert {version('vl-convert-python')}, Vega-Lite {VEGA_LITE}, {_CODE}"
    return f"/*! {made} {sha256(rest).hexdigest()}".encode()
