"""Components -> their list, and a page for each: its size, and the networks that load it."""

from collections.abc import Iterator

from generator.publish.downloads import Download
from generator.publish.pages.context import Context
from generator.publish.pages.site import Site
from generator.publish.quantities.pipelines import DTYPES, users_of
from generator.publish.reading.atlas import COMPONENTS
from generator.publish.tables.components import COMPONENT_COLUMNS
from generator.publish.tables.table import Table, table
from generator.records import Architecture, Component, Record


class ComponentsPage(Context):
    """The table of all components; `shared` is the one that most networks load."""

    TEMPLATE = "components.md"

    table: Table
    networks: int
    shared: Component | None
    sharers: int


class UsingNetwork(Record):
    """A network that loads the component, and the roles in which it does."""

    network: Architecture
    roles: tuple[str, ...]


class ComponentPage(Context):
    """One component; `sizes` are its bytes by dtype, and `same` have as many parameters."""

    TEMPLATE = "component.md"

    component: Component
    sizes: dict[str, int]
    users: tuple[UsingNetwork, ...]
    same: tuple[Component, ...]
    downloads: tuple[Download, ...]


def pages(site: Site) -> Iterator[tuple[str, Context]]:
    """The index and a page per component."""
    networks, components = site.atlas.networks, site.atlas.components
    users = {one.id: users_of(one.id, networks) for one in components}
    ordered = sorted(components, key=lambda one: (-len(users[one.id]), -one.record.parameters))
    first = ordered[0].record if ordered else None
    yield (
        f"{COMPONENTS.name}/index.md",
        ComponentsPage(
            table=table(COMPONENT_COLUMNS, ordered, networks, [one.id for one in ordered]),
            networks=len(networks),
            shared=first,
            sharers=len(users[first.id]) if first else 0,
        ),
    )
    for one in components:
        record = one.record
        yield (
            f"{COMPONENTS.name}/{one.id}.md",
            ComponentPage(
                component=record,
                sizes={name: record.parameters * size for name, size in DTYPES.items()},
                users=tuple(
                    UsingNetwork(
                        network=network.record,
                        roles=tuple(
                            each.role for each in network.record.components if each.id == one.id
                        ),
                    )
                    for network in users[one.id]
                ),
                same=tuple(
                    other.record
                    for other in components
                    if other.id != one.id
                    and other.record.class_name == record.class_name
                    and other.record.parameters == record.parameters
                ),
                downloads=site.downloads.own[COMPONENTS.name][one.id],
            ),
        )
