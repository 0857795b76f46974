"""How often the lineage is right is measured, committed, and on the Methods page."""

from generator.publish.pages.site import methods
from generator.publish.style.templating import environment
from generator.text.escaping import inert
from generator.text.numbers import significant


def test_the_rates_are_committed(atlas):
    figures = {each.name: each.value for each in atlas.benches["lineage"].figures}
    alarms = [name for name in figures if name.startswith("All 1000 groups without a merge")]
    rate, bound = (figures[name] for name in sorted(alarms, key=len))
    assert 0 <= rate < bound < 1
    for members in (3, 40):
        (parents,) = (
            value
            for name, value in figures.items()
            if name.startswith(f"Recovered of 10 families of {members}: parents")
        )
        assert parents > 90


def test_the_rates_and_all_rules_are_on_the_methods_page(atlas, templates):
    context = methods(atlas, ())
    page = environment(templates).get_template(context.TEMPLATE)
    text = page.render({name: getattr(context, name) for name in context.__struct_fields__})
    for figure in atlas.benches["lineage"].figures:
        assert str(inert(figure.name)) in text
        assert str(inert(significant(figure.value))) in text
    for part in ("{#claims}", "{#rates}", "twice the distance to its own mix", "its own ancestor"):
        assert part in text
