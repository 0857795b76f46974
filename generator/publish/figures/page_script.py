"""The figures of a page -> the script that holds their specifications.

It is a script, not a JSON file, because pages opened from disk cannot fetch files. It is loaded
with the runtime when the first interactive figure comes into view.
"""

from collections.abc import Iterable
from typing import Any

from generator.publish.figures.figure import CONFIG, Figure, cleaned
from generator.text.escaping import script_json

FOLDER = "runtime"


def page_script(page: str, figures: Iterable[Figure]) -> dict[str, bytes]:
    """Address -> content of the script of the page at `page` (`groups/demo.md`); empty without
    figures. Data sets shared by several specifications are written once."""
    pool: dict[str, str] = {}
    written = [_written(one, pool) for one in figures]
    if not written:
        return {}
    content = {"config": CONFIG, "figures": written}
    datasets = ",".join(f"{script_json(name)}:{values}" for values, name in pool.items())
    text = f"{script_json(content)[:-1]},{script_json('datasets')}:{{{datasets}}}}}"
    return {script_file(page): f"window.atlasFigures={text};\n".encode()}


def script_file(page: str) -> str:
    """Address of the script of a page, relative to the root of the site."""
    return f"{FOLDER}/{page.removesuffix('.md')}.js"


def _written(one: Figure, pool: dict[str, str]) -> dict[str, object]:
    found = {
        "place": one.place or one.name,
        "title": one.title,
        "choice": one.choice,
        "links": one.links,
        "captions": one.captions,
        "absent": one.absent,
        "remarks": one.remarks,
        "wide": _pooled(cleaned(one.wide), pool),
        "narrow": one.narrow and _pooled(cleaned(one.narrow), pool),
    }
    return {
        name: value for name, value in found.items() if value not in (None, {}, ("", ""), False)
    }


def _pooled(part: Any, pool: dict[str, str]) -> Any:  # noqa: ANN401 -- any part of a specification
    """A specification that refers to its data sets by their names in `pool`, which is JSON ->
    name."""
    if isinstance(part, dict):
        if part.keys() == {"values"}:
            return {"name": pool.setdefault(script_json(part["values"]), f"data{len(pool)}")}
        return {key: _pooled(value, pool) for key, value in part.items()}
    return [_pooled(value, pool) for value in part] if isinstance(part, list) else part
