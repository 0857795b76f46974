"""Components of a group as they are drawn -> the static pictures of its page, with captions."""

from collections.abc import Iterator, Sequence

from generator.publish import numbers
from generator.publish.contexts import Picture, PictureSection
from generator.publish.groups.canvas import drawn as markup
from generator.publish.groups.components import Drawn
from generator.publish.groups.graph import Plan, graph
from generator.publish.groups.heat_map import heat_map
from generator.publish.groups.line import line_plot
from generator.publish.groups.prepared import Planned
from generator.publish.groups.scales import FAR, colour_end
from generator.publish.groups.strip import block_strips, profiled
from generator.publish.groups.words import component_title


def sections(planned: Sequence[Planned]) -> Iterator[PictureSection]:
    """Sections of the page, each with a picture of every component that has one."""
    chosen = {
        "map": ("Map", "Which are near one another?", planned, _map),
        "clusters": ("Clusters", "Which belong together?", planned, _clusters),
        "distances": ("Distances from one", "How far has each one gone?", planned, _distances),
        "blocks": (
            "Blocks",
            "Which blocks were changed?",
            [one for one in planned if one.has_blocks],
            _blocks,
        ),
        "spectral": ("Spectral layout", "Which are loosely joined?", planned, _spectral),
    }
    for key, (title, question, components, draw) in chosen.items():
        if components:
            yield PictureSection(
                key=key,
                title=title,
                question=question,
                pictures=tuple(draw(one) for one in components),
            )


def base_words(drawn: Drawn) -> str:
    """From whom distances are shown, and why."""
    name = drawn.labels[drawn.base].text
    if drawn.is_reference:
        return f"{name}, the group's reference"
    return f"{name}, whose distances to the others sum to the least"


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
    named = sum(placed is not None and placed.text == 0 for placed in plan.texts)
    numbered = sum(placed is not None and placed.text == 1 for placed in plan.texts)
    count = len(drawn.labels)
    room = "" if named == count else _room(named, numbered, count)
    return Picture(
        component=drawn.name,
        title=title,
        svg=markup(
            graph(drawn, plan),
            f"{name}-{drawn.name}",
            f"Map of {count} checkpoints by their {title}",
            f"{count} points and the minimum spanning tree. {meaning} Stress {layout.stress:.3f}.",
        ),
        caption=f"{title}, {count} checkpoints. {meaning} Stress {layout.stress:.3f}: 0 is a map "
        "whose lengths are all true. The lines are the minimum spanning tree; strong ones lead to "
        f"a nearest neighbour. The ring marks {base_words(drawn)}.{room}",
    )


def _room(named: int, numbered: int, count: int) -> str:
    rest = count - named - numbered
    parts = [f" There is room for the names of {named}"]
    if numbered:
        parts.append(f", and for the numbers of {numbered}, which are those of the table")
    if rest:
        parts.append(f"; {rest} have neither")
    return "".join(parts) + "."


def _clusters(planned: Planned) -> Picture:
    drawn = planned.drawn
    title, count = component_title(drawn.name), len(drawn.labels)
    end, largest = colour_end(drawn.distances), float(drawn.distances.max())
    beyond = (
        f" All distances from {numbers.significant(end)} on have the brightest colour, as a few are"
        f" more than {FAR:g} times as long as nearly all others."
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
        ),
        caption=f"{title}: L2 distance of every checkpoint from every other, rows and columns in "
        "the order in which neighbours are nearest. The dendrogram is that of average linkage. "
        f"Numbers are those of the table.{beyond}",
    )


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
        caption=f"{title}: L2 distance from {base_words(drawn)}; the nearest first.",
    )


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
            f"checkpoints from {base_words(drawn)}, beside their shares of the parameters.",
        ),
        caption=f"{title}: the share of each block in the squared L2 distance from "
        f"{base_words(drawn)}. A change that is spread evenly looks like the first row. "
        "Checkpoints that do not differ have no row.",
    )
