"""Components of a group as they are drawn -> the static pictures of its page, with captions."""

from collections.abc import Iterator, Sequence

from generator.publish.figures.groups.canvas import drawn as markup
from generator.publish.figures.groups.graph import graph
from generator.publish.figures.groups.heat_map import heat_map, row_titles
from generator.publish.figures.groups.line import line_plot
from generator.publish.figures.groups.strip import block_strips, profiled
from generator.publish.pages.groups.captions import (
    base_words,
    clusters_caption,
    dendrogram_beside,
    distances_caption,
    map_caption,
    strips_caption,
)
from generator.publish.pages.groups.contexts import Picture, PictureSection
from generator.publish.pages.groups.prepared import Planned
from generator.text import numbers
from generator.text.captions import MEANINGS
from generator.text.words import component_title


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


def _distances_title(planned: Sequence[Planned]) -> str:
    is_reference = planned and planned[0].drawn.is_reference
    return "Distances from the reference" if is_reference else "Distances from the middle"


def _map(planned: Planned) -> Picture:
    return _graph_picture(planned, "stress")


def _spectral(planned: Planned) -> Picture:
    return _graph_picture(planned, "spectral")


def _graph_picture(planned: Planned, name: str) -> Picture:
    drawn, plan = planned.drawn, planned.plans[name]
    title = component_title(drawn.name)
    count = len(drawn.labels)
    return Picture(
        component=drawn.name,
        title=title,
        svg=markup(
            graph(drawn, plan),
            f"{name}-{drawn.name}",
            f"Map of {count} checkpoints by their {title}",
            f"{count} points and the minimum spanning tree. {MEANINGS[name]}",
        ),
        caption=map_caption(drawn, name, plan),
    )


def _clusters(planned: Planned) -> Picture:
    drawn = planned.drawn
    title, count = component_title(drawn.name), len(drawn.labels)
    return Picture(
        component=drawn.name,
        title=title,
        svg=markup(
            heat_map(drawn),
            f"clusters-{drawn.name}",
            f"Distances of {count} checkpoints in their {title}",
            f"Heat map of {count} by {count} L2 distances, from 0 to "
            f"{numbers.significant(float(drawn.distances.max()))}, beside the dendrogram of "
            "average linkage.",
            row_titles(drawn),
        ),
        caption=clusters_caption(drawn, "l2", drawn.distances, dendrogram_beside),
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
        caption=distances_caption(drawn, "l2", drawn.distances[drawn.base]),
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
            f"checkpoints from {base_words(drawn)}, against their shares of the parameters.",
        ),
        caption=strips_caption(drawn),
    )
