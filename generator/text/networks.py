"""A class of denoisers -> what is known of it, in words."""

from generator.networks.families import Family

UNKNOWN = (
    "{name}, a class without a table: it will be counted, without FLOPs, and its blocks named by"
    " its lists of modules"
)
KNOWN = "{name}, a {label} called by {pipelines}"


def class_of(name: str, family: Family | None) -> str:
    """What is known of a class before it is measured."""
    if family is None:
        return UNKNOWN.format(name=name)
    pipelines = dict.fromkeys(spec.class_name for spec in family.pipelines)
    return KNOWN.format(name=name, label=family.label, pipelines=", ".join(pipelines))
