"""A context -> the text of its page, through Jinja with every value escaped."""

import json
import re
from functools import cache, partial
from pathlib import Path

import jinja2
import msgspec
from markupsafe import Markup

from generator.networks.palette import block_colour, by_colour, component_colour
from generator.networks.tables import read_table
from generator.publish.figures.block_links import with_block_links
from generator.publish.figures.figure import static_svg, wide_svg
from generator.publish.pages.context import Context
from generator.publish.quantities import networks as quantities
from generator.publish.reading.checkpoints import identity
from generator.publish.style import raw_html
from generator.publish.style.tooltips import with_tooltips
from generator.publish.tables.markup import body_rows, cut, marked
from generator.publish.tables.prompts import isolated
from generator.text import coded, escaping, memory, networks, numbers, pairs, words
from generator.text.anomalies import anomaly_title
from generator.text.inspection import headline
from generator.text.vectors import VECTORS

# Id of a network -> what people call it.
SEARCH_NAMES = read_table("networks", "search_names.toml", dict[str, tuple[str, ...]])


def search_tags(network: str, of: str = "") -> Markup:
    """What the search finds the page of a network by, beside its title, as a list in YAML; for a
    page about one thing `of` it, each name with that."""
    names = SEARCH_NAMES.get(network, ())
    return Markup("[{}]").format(
        Markup(", ").join(escaping.quoted(f"{name} {of}".strip()) for name in names)
    )


def search_boost(name: str, users: int = 0) -> float:
    """Weight of the page of a name in the search: a shorter name comes before a longer one that
    has all of its words, and among equals one with more `users`."""
    words = len(re.findall(r"[^\s,()/-]+", name) or [name])
    return round(8 * (1 + 0.1 / words + 0.001 * users), 3)


# Jinja's own `tojson` returns markup, which would bypass the escaping.
FILTERS = {
    "json": partial(json.dumps, ensure_ascii=False),
    "static_svg": static_svg,
    "wide_svg": wide_svg,
    "with_block_links": with_block_links,
    "body_rows": body_rows,
    "cut": cut,
    "marked": marked,
    "grouped": numbers.grouped,
    "fixed": numbers.fixed,
    "count": numbers.count,
    "quantity": numbers.quantity,
    "significant": numbers.significant,
    "shape": numbers.shape,
    "shortened": numbers.shortened,
    "isolated": isolated,
    "times": numbers.times,
    "at_most": numbers.at_most,
    "gib": memory.gib,
    "quoted": escaping.quoted,
    "linked": escaping.linked,
    "latent": quantities.latent_of,
    "text_tokens": quantities.text_tokens,
    "field": getattr,
    "measured": numbers.measured,
    "cosine": numbers.cosine,
    "printed": numbers.printed,
    "colour": block_colour,
    "by_colour": by_colour,
    "component_colour": component_colour,
    "component": words.component_title,
    "network": words.network_title,
    "identity": identity,
    "few": words.few,
    "norm_reason": words.norm_reason_text,
    "file_kind": words.kind_title,
    "headline": headline,
    "diagram": words.diagram_title,
    "anomaly": anomaly_title,
    "anomaly_text": coded.anomaly_text,
    "left_out": coded.left_out_text,
    "omission": coded.omission_text,
    "reason": coded.reason_text,
    "vectors": VECTORS.__getitem__,
    "verdict": pairs.verdict_text,
    "verdict_words": pairs.verdict_words,
    "begun": words.begun,
    "counted": words.counted,
    "role": networks.role_title,
    "boost": search_boost,
    "search_tags": search_tags,
    "modality": networks.MODALITIES.__getitem__,
    "get_item": dict.get,
}
# The pages about all networks, with their titles.
NETWORK_PAGES = (
    ("compare.html", "Table"),
    ("architectures/index.html", "Gallery"),
    ("side-by-side.html", "Side by side"),
    ("components/index.html", "Components"),
    ("claims.html", "Claims"),
    ("reproducing.html", "Published table"),
)


@cache
def environment(templates: Path) -> jinja2.Environment:
    """The environment of all templates in the folder `templates`, each compiled once.

    Autoescaping stays on for what Jinja itself joins; `finalize` also escapes every printed value
    for Markdown.
    """
    jinja = jinja2.Environment(
        loader=jinja2.FileSystemLoader(templates, encoding="utf-8"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=escaping.inert,
        # `{#` starts the id of a Markdown heading.
        comment_start_string="{%#",
        comment_end_string="#%}",
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    jinja.filters.update(FILTERS)
    jinja.globals.update(share=numbers.share, percent=numbers.percent, MISSING=numbers.MISSING)
    jinja.globals.update(NETWORK_PAGES=NETWORK_PAGES)
    jinja.globals.update(quantities=quantities, RAW=raw_html.BEGIN, END_RAW=raw_html.END)
    return jinja


def fill(jinja: jinja2.Environment, context: Context) -> str:
    """The template of `context`, filled with it."""
    names = (field.name for field in msgspec.structs.fields(context))
    values = {name: getattr(context, name) for name in names}
    return with_tooltips(jinja.get_template(context.TEMPLATE).render(values))
