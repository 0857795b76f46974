"""A verb of the command line, run from outside."""

import subprocess
import sys
from typing import Any


def atlas(*arguments: object, **options: Any) -> subprocess.CompletedProcess:
    """Run `atlas` with `arguments` in a process of its own; its output is text."""
    return subprocess.run(
        [sys.executable, "-m", "generator.cli", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        **options,
    )
