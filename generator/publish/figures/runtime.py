"""The script that draws interactive figures, with the notices that its licences require.

It is Vega-Embed with Vega-Lite and Vega, which vl-convert contains and bundles offline.
"""

from collections.abc import Iterable
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

import vl_convert

from generator.publish.figures.figure import VEGA_LITE
from generator.publish.figures.page_script import FOLDER

RUNTIME_FILE = f"{FOLDER}/vega.js"
# Defines no other global name on the page.
_CODE = "window.atlasVega = vegaEmbed;"

_NOTICE = """This file holds, bundled by vl-convert (Copyright 2023 Jon Mease, BSD-3-Clause):

BSD-3-Clause
  Vega, Vega-Lite, Vega-Embed, Vega-Tooltip, Vega-Themes and their parts
    Copyright (c) 2015-2025, University of Washington Interactive Data Lab. All rights reserved.
ISC
  D3 and TopoJSON: Copyright 2010-2025 Mike Bostock
  Delaunator: Copyright 2017-2025 Mapbox
  semver: Copyright Isaac Z. Schlueter and contributors
MIT
  lodash: Copyright OpenJS Foundation and other contributors
  fast-json-patch: Copyright 2013-2020 Joachim Wester
  json-stringify-pretty-compact: Copyright 2014-2025 Simon Lydell

BSD-3-Clause: Redistribution and use in source and binary forms, with or without modification, are
permitted provided that the following conditions are met: 1. Redistributions of source code must
retain the above copyright notice, this list of conditions and the following disclaimer. 2.
Redistributions in binary form must reproduce the above copyright notice, this list of conditions
and the following disclaimer in the documentation and/or other materials provided with the
distribution. 3. Neither the name of the copyright holder nor the names of its contributors may be
used to endorse or promote products derived from this software without specific prior written
permission.

THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS" AND ANY EXPRESS OR
IMPLIED WARRANTIES, INCLUDING, BUT NOT LIMITED TO, THE IMPLIED WARRANTIES OF MERCHANTABILITY AND
FITNESS FOR A PARTICULAR PURPOSE ARE DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT HOLDER OR
CONTRIBUTORS BE LIABLE FOR ANY DIRECT, INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR CONSEQUENTIAL
DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR SERVICES; LOSS OF USE,
DATA, OR PROFITS; OR BUSINESS INTERRUPTION) HOWEVER CAUSED AND ON ANY THEORY OF LIABILITY, WHETHER
IN CONTRACT, STRICT LIABILITY, OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT
OF THE USE OF THIS SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.

ISC: Permission to use, copy, modify, and/or distribute this software for any purpose with or
without fee is hereby granted, provided that the above copyright notice and this permission notice
appear in all copies. THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES
WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS. IN
NO EVENT SHALL THE AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT, INDIRECT, OR CONSEQUENTIAL DAMAGES OR
ANY DAMAGES WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN ACTION OF
CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF OR IN CONNECTION WITH THE USE OR
PERFORMANCE OF THIS SOFTWARE.

MIT: Permission is hereby granted, free of charge, to any person obtaining a copy of this software
and associated documentation files (the "Software"), to deal in the Software without restriction,
including without limitation the rights to use, copy, modify, merge, publish, distribute,
sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions: The above copyright notice and this
permission notice shall be included in all copies or substantial portions of the Software. THE
SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT
LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM,
DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT
OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
*/
"""


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
