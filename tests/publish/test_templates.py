"""What a template uses is what its context holds."""

import re

import jinja2
import msgspec
import pytest
from jinja2 import meta

from generator.publish.pages import kinds
from generator.publish.pages.context import Context
from generator.publish.style.templating import environment

# Of all modules that `kinds` names.
CONTEXTS = Context.__subclasses__()


@pytest.mark.parametrize("context", CONTEXTS, ids=lambda context: context.TEMPLATE)
def test_a_template_uses_its_context_and_nothing_else(context, templates):
    jinja = environment(templates)
    source = (templates / context.TEMPLATE).read_text(encoding="utf-8")
    used = meta.find_undeclared_variables(jinja.parse(source)) - jinja.globals.keys()
    assert used | context.DRAWN == {field.name for field in msgspec.structs.fields(context)}
    assert context.__doc__


@pytest.mark.slow
def test_every_kind_of_page_makes_some_of_the_public_site(committed_site):
    made = {
        pages.__module__: {type(context) for _, context in pages(committed_site)}
        for pages in kinds.KINDS
    }
    assert all(made.values()), made
    assert set().union(*made.values()) == set(CONTEXTS)


def test_every_template_has_a_context(templates):
    pages = {path.name for path in templates.glob("*.md")}
    assert pages == {context.TEMPLATE for context in CONTEXTS}


def test_a_name_that_is_missing_is_an_error(templates):
    with pytest.raises(jinja2.UndefinedError):
        environment(templates).from_string("{{ nothing }}").render()


def test_values_are_inert_and_markup_of_macros_is_not(templates):
    jinja = environment(templates)
    page = '{% import "macros.html" as macros %}{{ value }}{{ value | marked }}'
    written = jinja.from_string(page).render(value="<*>")
    assert "<*>" not in written
    assert written.count("&#60;&#42;&#62;") == 2
    assert "<span class=" in written


def test_what_hears_of_figures_is_loaded_before_what_draws_them(templates):
    """Scripts run in the order of the list, each as soon as it is there."""
    listed = re.findall(r"assets/[a-z-]+\.js", (templates.parent / "mkdocs.yml").read_text("utf-8"))
    sources = {name: (templates.parent / "site_src" / name).read_text("utf-8") for name in listed}
    hearing = [name for name in listed if 'addEventListener("atlas-figure"' in sources[name]]
    telling = [name for name in listed if 'new CustomEvent("atlas-figure"' in sources[name]]
    assert hearing
    assert telling
    assert listed.index(hearing[-1]) < listed.index(telling[0])
