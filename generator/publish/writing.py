"""Generated files -> `site_src/`, beside the hand-written ones.

Rendering owns only the folders and pages named here: git ignores them, and each rendering removes
what an earlier one left in them. All other files are hand-written.
"""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath

from generator.errors import UsageError
from generator.records import Record
from generator.records.files import write_file

WRITERS = 8

OWNED_PAGES = frozenset(
    (
        *("index.md", "compare.md", "side-by-side.md", "claims.md", "what-fits.md"),
        *("memory-check.md", "reproducing.md", "methods.md", "data.md", "cite.md", "changes.md"),
        *("self-test.md", "feed.xml"),
    )
)
# One that is in every site, and hardly elsewhere.
ALWAYS_RENDERED = "reproducing.md"
OWNED_FOLDERS = frozenset(
    {
        "architectures",
        "cards",
        "checkpoints",
        "components",
        "downloads",
        "embeddings",
        "groups",
        "pairs",
        "runtime",
    }
)


class RenderReport(Record):
    """The changes by one rendering, as paths relative to `site_src/`."""

    written: tuple[str, ...]
    unchanged: tuple[str, ...]
    removed: tuple[str, ...]


def check_rendered(site_src: Path) -> None:
    """Check that what a rendering would replace or remove in `site_src` was rendered.

    Raises:
        UsageError: it is a folder of something else, such as a home with its `Downloads`.
    """
    if (site_src / ALWAYS_RENDERED).is_file():
        return
    for name in sorted(OWNED_PAGES | OWNED_FOLDERS):
        if (site_src / name).exists():
            advice = "Name a new folder; nothing was written"
            raise UsageError(str(site_src), f"has a {name} that was not rendered", advice)


def write_files(site_src: Path, files: Mapping[str, bytes]) -> RenderReport:
    """Make the generated part of `site_src` equal to `files` (path -> content).

    Raises:
        UsageError: a path lies outside the generated part.
    """
    for name in files:
        if not is_owned(name):
            raise UsageError(str(site_src / name), "is not a place for generated files")
    stale = [path for path in _owned_files(site_src) if _relative(path, site_src) not in files]
    for path in stale:
        path.unlink()
    for folder in sorted(_owned_folders(site_src), reverse=True):
        if not any(folder.iterdir()):
            folder.rmdir()
    changed = [name for name in sorted(files) if _content(site_src / name) != files[name]]
    # Mostly waiting for the disk.
    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(lambda name: write_file(site_src / name, files[name]), changed))
    return RenderReport(
        written=tuple(changed),
        unchanged=tuple(sorted(set(files) - set(changed))),
        removed=tuple(sorted(_relative(path, site_src) for path in stale)),
    )


def is_owned(name: str) -> bool:
    """Whether `name`, relative to `site_src`, is in the generated part."""
    parts = PurePosixPath(name).parts
    if not parts or ".." in parts or PurePosixPath(name).is_absolute():
        return False
    return name in OWNED_PAGES or (len(parts) > 1 and parts[0] in OWNED_FOLDERS)


def _owned_files(site_src: Path) -> list[Path]:
    inside = (path for name in OWNED_FOLDERS for path in (site_src / name).rglob("*"))
    pages = (site_src / name for name in OWNED_PAGES)
    return sorted(path for path in (*inside, *pages) if path.is_file())


def _owned_folders(site_src: Path) -> list[Path]:
    roots = [site_src / name for name in OWNED_FOLDERS if (site_src / name).is_dir()]
    return [*roots, *(path for root in roots for path in root.rglob("*") if path.is_dir())]


def _relative(path: Path, site_src: Path) -> str:
    return path.relative_to(site_src).as_posix()


def _content(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None
