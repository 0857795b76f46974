"""Where the pages of groups have their controls and figures."""

READY = "body[data-atlas-ready]"
# The figures of the lineage and of the sections: not those of the merges.
LIVE = ".atlas-group[data-atlas-place] > .atlas-live:visible"
STATIC = ".atlas-group[data-atlas-place] > .atlas-static:visible"


def figure(page, key):
    return page.locator(f"[data-atlas-place={key}]")


def control_of(page, name):
    """In the bar of the page: tables below have filters of like names."""
    return page.locator("[data-atlas-controls]").get_by_label(name, exact=True)


def choose(page, control, value=None, **option):
    control_of(page, control).select_option(value, **option)
    page.locator(READY).wait_for(state="attached")


def highlight(page, name):
    control_of(page, "Highlight").fill(name)
