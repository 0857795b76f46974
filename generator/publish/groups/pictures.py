"""Components of a group as they are drawn -> the static pictures of its page, with captions."""

from collections.abc import Iterator, Sequence

from generator.publish import numbers
from generator.publish.groups.canvas import drawn as markup
from generator.publish.groups.components import Drawn
from generator.publish.groups.contexts import Picture, PictureSection
from generator.publish.groups.graph import graph
from generator.publish.groups.graph_plan import Plan
from generator.publish.groups.heat_map import cell_size, heat_map, named_rows, row_titles
from generator.publish.groups.line import line_plot
from generator.publish.groups.prepared import Planned
from generator.publish.groups.scales import reach
from generator.publish.groups.strip import EVEN, block_strips, is_even, profiled
from generator.publish.words import begun, component_title


def sections(planned: Sequence[Planned]) -> Iterator[PictureSection]:
    """Sections of the page, each with a picture of every component that has one."""
    many = [one for one in planned if one.has_distances]
    chosen = {
        "map": ("Map", "Which are near one another?", many, _map),
        "spectral": ("Spectral layout", "Which are loosely joined?", many, _spectral),
        "clusters": ("Clusters", "Which belong together?", many, _clusters),
        "distances": (_distances_title(many), "How far is each one?", many, _distances),
        "blocks": (
            "Blocks",
            "Which blocks were changed?",
            [one for one in planned if one.has_blocks],
            _blocks,
        ),
    }
    for key, (title, question, components, draw) in chosen.items():
        if components:
            yield PictureSection(
                key=key,
                title=title,
                question=question,
                folded=key == "spectral",
                pictures=tuple(draw(one) for one in components),
            )


EQUAL = " So many as are “equal” hold the same: they are one point."


def base_words(drawn: Drawn) -> str:
    """From whom distances are shown, and why."""
    name = drawn.labels[drawn.base].text
    if drawn.is_reference:
        return f"{name}, the group's reference"
    return f"{name}, whose distances to the others sum to the least"


def _distances_title(planned: Sequence[Planned]) -> str:
    is_reference = planned and planned[0].drawn.is_reference
    return "Distances from the reference" if is_reference else "Distances from the middle"


def _map(planned: Planned) -> Picture:
    drawn, plan = planned.drawn, planned.plans["stress"]
    return _graph_picture(
        drawn,
        "stress",
        plan,
        "Lengths stand for L2 distances.",
    )


def _spectral(planned: Planned) -> Picture:
    return _graph_picture(
        planned.drawn,
        "spectral",
        planned.plans["spectral"],
        "Eigenvectors of the graph's Laplacian with weights 1 / distance: what is joined by few "
        "short distances comes apart. Lengths mean nothing.",
    )


def _graph_picture(drawn: Drawn, name: str, plan: Plan, meaning: str) -> Picture:
    layout = next(one for one in drawn.arrangement.layouts if one.name == name)
    title = component_title(drawn.name)
    count = len(drawn.labels)
    numbered = " Numbers are those of the table." if plan.has_numbers else ""
    same = any(len(spot.members) > 1 for panel in plan.panels for spot in panel.spots)
    return Picture(
        component=drawn.name,
        title=title,
        svg=markup(
            graph(drawn, plan),
            f"{name}-{drawn.name}",
            f"Map of {count} checkpoints by their {title}",
            f"{count} points and the minimum spanning tree. {meaning} Stress {layout.stress:.3f}.",
        ),
        caption=f"{begun(title)}, {count} checkpoints. {meaning} Stress {layout.stress:.3f}: "
        "0 is a map whose lengths are all true. The lines are the minimum spanning tree; strong "
        f"ones lead to a nearest neighbour. The ring marks {base_words(drawn)}."
        f"{EQUAL if same else ''}{numbered}",
    )


def _clusters(planned: Planned) -> Picture:
    drawn = planned.drawn
    title, count = component_title(drawn.name), len(drawn.labels)
    end, largest = reach(drawn.distances), float(drawn.distances.max())
    beyond = (
        f" Scales end at {numbers.significant(end)}: what is farther, up to "
        f"{numbers.significant(largest)}, has the last colour."
        if largest > end
        else ""
    )
    return Picture(
        component=drawn.name,
        title=title,
        svg=markup(
            heat_map(drawn),
            f"clusters-{drawn.name}",
            f"Distances of {count} checkpoints in their {title}",
            f"Heat map of {count} by {count} L2 distances, from 0 to "
            f"{numbers.significant(largest)}, beside the dendrogram of average linkage.",
            row_titles(drawn),
        ),
        caption=f"{begun(title)}: L2 distance of every checkpoint from every other; rows and "
        "columns are in the order in which neighbours are nearest. The dendrogram is that of "
        f"average linkage. Numbers are those of the table.{_unnamed(count)}{beyond}",
    )


def _unnamed(count: int) -> str:
    """How the rows that have no room for a name are identified."""
    named = len(named_rows(count, cell_size(count)))
    if named == count:
        return ""
    return f" {named} of the {count} rows have room for a name; pointing at a row tells the others."


def _distances(planned: Planned) -> Picture:
    drawn = planned.drawn
    title = component_title(drawn.name)
    return Picture(
        component=drawn.name,
        title=title,
        svg=markup(
            line_plot(drawn),
            f"distances-{drawn.name}",
            f"Distances of the {title} from one checkpoint",
            f"L2 distance of {len(drawn.labels) - 1} checkpoints from {base_words(drawn)}.",
        ),
        caption=f"{begun(title)}: L2 distance from {base_words(drawn)}; the nearest first.",
    )


def _spread(drawn: Drawn) -> str:
    if is_even(drawn):
        return f"{EVEN} The strips are blank."
    return "Where a change is spread evenly over all weights, the strip is blank."


def _blocks(planned: Planned) -> Picture:
    drawn = planned.drawn
    title, rows = component_title(drawn.name), len(profiled(drawn))
    return Picture(
        component=drawn.name,
        title=title,
        svg=markup(
            block_strips(drawn),
            f"blocks-{drawn.name}",
            f"Blocks of the {title} that carry the distance",
            f"Shares of {len(drawn.blocks.names)} blocks in the squared L2 distance of {rows} "
            f"checkpoints from {base_words(drawn)}, against their shares of the parameters.",
        ),
        caption=f"{begun(title)}: how much of the squared L2 distance from {base_words(drawn)} "
        f"each block carries, against its share of the parameters. {_spread(drawn)} Checkpoints "
        "that do not differ have none.",
    )
