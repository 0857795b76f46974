"""The script that draws interactive figures, with the notices that its licences require.

It is Vega-Embed with Vega-Lite and Vega, which vl-convert contains and bundles offline, and Vega's
interpreter of expressions, `vega-interpreter.js` as published (2.2.1): by itself Vega turns
expressions into code, which the site's policy for scripts does not allow.
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
_HERE = files("generator.publish.figures")
_NOTICE = _HERE.joinpath("runtime_notice.txt").read_text("utf-8")
_INTERPRETER = _HERE.joinpath("vega-interpreter.js").read_text("utf-8")
_IMPORT = "import { ascending, isString, DisallowedObjectProperties } from 'vega-util';"
_EXPORT = "export { expression as expressionInterpreter };"
# What the interpreter imports: the bundle does not offer it.
_IMPORTED = """
const isString = (value) => typeof value === "string";
const ascending = (one, other) => (one < other ? -1 : one > other ? 1 : 0);
const DisallowedObjectProperties = new Set([
  ...Object.getOwnPropertyNames(Object.prototype).filter(
    (name) => typeof Object.prototype[name] === "function",
  ),
  "__proto__",
]);
"""
# Defines no other global name on the page.
_DEFINED = """
window.atlasVega = (element, specification, options) =>
  vegaEmbed(element, specification, { ...options, ast: true, expr: expression });
"""
_CODE = _INTERPRETER.replace(_IMPORT, _IMPORTED).replace(_EXPORT, _DEFINED)


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
    made = f"vl-convert {version('vl-convert-python')}, Vega-Lite {VEGA_LITE}"
    return f"/*! {made}, {sha256(_CODE.encode() + rest).hexdigest()}".encode()
