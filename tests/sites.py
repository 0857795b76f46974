"""Rendered pages and the project's hand-written ones -> a built site."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from generator.publish.writing import OWNED_FOLDERS, OWNED_PAGES

REPOSITORY = Path(__file__).parents[1]
PAIRS = sorted(path.stem for path in (REPOSITORY / "data" / "pairs").glob("*.json"))
RECORDS = [
    json.loads(path.read_bytes()) for path in (REPOSITORY / "data" / "architectures").glob("*.json")
]
NETWORKS = len(RECORDS)
# Their names, from the fewest parameters to the most.
BY_SIZE = [
    record["name"] for record in sorted(RECORDS, key=lambda each: each["parameters"]["diffusers"])
]


def build_site(source: Path, site: Path) -> Path:
    """Build `source`, what one rendering wrote, with the hand-written pages, strictly."""
    written_by_hand = REPOSITORY / "site_src"
    shutil.copytree(
        written_by_hand,
        source,
        dirs_exist_ok=True,
        ignore=lambda folder, _: (
            OWNED_PAGES | OWNED_FOLDERS if Path(folder) == written_by_hand else ()
        ),
    )
    config = source.with_suffix(".yml")
    text = (REPOSITORY / "mkdocs.yml").read_text(encoding="utf-8")
    places = {
        "docs_dir: site_src": f"docs_dir: {source.as_posix()}",
        "custom_dir: templates/theme": f"custom_dir: {(REPOSITORY / 'templates/theme').as_posix()}",
    }
    for place, absolute in places.items():
        text = text.replace(place, absolute)
    config.write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet"]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "SITE_URL": ""}
    subprocess.run(
        [*command, "-f", str(config), "-d", str(site)], check=True, env=environment, timeout=120
    )
    return site
