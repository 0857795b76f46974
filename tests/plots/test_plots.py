"""Figures of `--plot`: their formats, the same bytes each time, and texts that do not overlap."""

import itertools

import msgspec
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from verbs import atlas

from generator.cli.plotting import lineage_figure, matrix_figure, recipe_figure, write_plot
from generator.plots.style import LONGEST_NAME, name_of, styled
from generator.records import (
    ComponentDistances,
    ComponentLineage,
    FamilyLineage,
    Lineage,
    LineageNode,
    Matrix,
    NamedBlock,
    NamedMix,
    NamedRecipe,
)

COUNTS = (2, 17, pytest.param(60, marks=pytest.mark.slow))
STARTS = {".png": b"\x89PNG", ".pdf": b"%PDF", ".svg": b"<?xml"}


def names(count: int) -> list[str]:
    odd = ["$\\frac{1}{2", "two\nlines", "森の<b>", "a" * 300, "größe_^{x}"]
    return [f"{number} {odd[number % 5]}" for number in range(count)]


def matrix_of(count: int) -> Matrix:
    points = np.random.default_rng(0).normal(size=(count, 5))
    l2 = np.sqrt(((points[:, None] - points[None]) ** 2).sum(axis=2)).tolist()
    square = tuple(map(tuple, l2))
    same = tuple((False,) * count for _ in range(count))
    held = {"vae": ComponentDistances(l2=square, identical=same)}
    return Matrix(members=tuple(names(count)), components=held, blocks={}, excluded=())


def lineage_of(count: int) -> FamilyLineage:
    called = names(count)
    nodes = [LineageNode(name=called[0], copies=(), relation="root", parents=(), distances=())]
    for number in range(1, count):
        parents = sorted({called[number // 2], called[number // 3]})
        nodes.append(
            LineageNode(
                name=called[number],
                copies=("copy",) * (number % 2),
                relation="descends" if len(parents) == 1 else "mix",
                parents=tuple(parents),
                distances=(1.0 + number,) * len(parents),
            )
        )
    lineage = Lineage(roots=(), nodes=tuple(nodes), left_out=("other",))
    component = ComponentLineage(name="denoiser", lineage=lineage)
    return FamilyLineage(members=tuple(called), components=(component,), findings=(), declared=())


def recipe_of(count: int) -> NamedRecipe:
    parents = names(count)
    rng = np.random.default_rng(1)

    def weights() -> dict[str, float | None]:
        return dict(zip(parents, rng.dirichlet(np.full(count, 0.2)).tolist(), strict=True))

    labels = [f"DOUBLE{number:02}" for number in range(19)] + ["REST"]
    return NamedRecipe(
        target="target",
        parents=tuple(parents),
        component="denoiser",
        verdict="none",
        unique=True,
        whole=NamedMix(weights=weights(), residual=0.2),
        blocks=tuple(NamedBlock(name=name, weights=weights(), residual=None) for name in labels),
    )


MAKERS = {
    "matrix": (matrix_of, matrix_figure),
    "lineage": (lineage_of, lineage_figure),
    "recipe": (recipe_of, recipe_figure),
}


def written(path, kind: str, count: int) -> bytes:
    record, draw = MAKERS[kind]
    write_plot(path, names(count), lambda: draw(record(count)))
    return path.read_bytes()


@pytest.mark.parametrize("suffix", STARTS)
@pytest.mark.parametrize("kind", MAKERS)
def test_the_suffix_decides_and_the_bytes_are_the_same(tmp_path, kind, suffix):
    path = tmp_path / f"mit Leerzeichen ü{suffix}"
    first = written(path, kind, 5)
    assert first.startswith(STARTS[suffix])
    path.unlink()
    assert written(path, kind, 5) == first


def texts_of(figure) -> list:
    """Boxes of the texts of a figure, in pixels, of tick labels and free texts apart."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    renderer = canvas.get_renderer()
    groups = []
    for axes in figure.axes:
        for texts in (axes.get_xticklabels(), axes.get_yticklabels(), axes.texts):
            groups.append([text.get_window_extent(renderer) for text in texts if text.get_text()])
    groups += [
        [text.get_window_extent(renderer) for text in legend.get_texts()]
        for legend in figure.legends
    ]
    return groups


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("kind", MAKERS)
def test_texts_do_not_overlap(kind, count):
    with styled():
        record, draw = MAKERS[kind]
        figure = draw(record(count))
        groups = texts_of(figure)
    # Of many parents of a mix, the lightest are one.
    assert sum(map(len, groups)) >= (min(count, 14) if kind == "recipe" else count)
    for boxes in groups:
        for one, other in itertools.combinations(boxes, 2):
            # Lines may share a pixel at their edges.
            assert not one.padded(-0.5).overlaps(other.padded(-0.5))


@pytest.mark.parametrize(("count", "told"), [(5, 5), (14, 14), (15, 13), (90, 13)])
def test_the_heaviest_parents_are_told_apart_and_the_others_added_up(count, told):
    # Published names begin so.
    parents = [f"_x{number}" for number in range(count)]
    # As rivals: the later, the heavier; one in seven with the other sign.
    sizes = np.arange(1, count + 1) * np.where(np.arange(count) % 7, 1, -1)
    weights = dict(zip(parents, (sizes / sizes.sum()).tolist(), strict=True))
    recipe = msgspec.structs.replace(
        recipe_of(2),
        parents=tuple(parents),
        whole=NamedMix(weights=weights, residual=0.0),
        blocks=(),
    )
    with styled():
        figure = recipe_figure(recipe)
    upper = figure.axes[0]
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert labels[:told] == parents[::-1][:told]
    assert labels[told:] == (
        [f"{count - told} more, their weights added up"] if count > told else []
    )
    tops = [bar.get_y() + bar.get_height() for bar in upper.patches]
    assert max(tops) == pytest.approx(sum(max(each, 0) for each in weights.values()))
    assert min(tops) == pytest.approx(min(0, sum(min(each, 0) for each in weights.values())))


def test_letters_that_no_font_has_are_numbers(tmp_path, capsys):
    # Cuneiform and hieroglyphs: none of the fonts that are looked for has them.
    odd = "model \U00012000 \U00013000"
    with styled():
        assert name_of(odd) == r"model \U00012000 \U00013000"
        assert len(name_of(odd * 20)) <= LONGEST_NAME
        assert name_of("größe α Ж") == "größe α Ж"
    write_plot(tmp_path / "letters.svg", [odd], lambda: matrix_figure(matrix_of(3)))
    assert r"such as \U00012000" in capsys.readouterr().err
    write_plot(tmp_path / "letters.svg", ["plain"], lambda: matrix_figure(matrix_of(3)))
    assert capsys.readouterr().err == ""


def test_nothing_to_draw_is_said(tmp_path, capsys):
    path = tmp_path / "none.png"
    alone = msgspec.structs.replace(matrix_of(2), components={})
    write_plot(path, (), lambda: matrix_figure(alone))
    assert not path.exists()
    assert "no figure" in capsys.readouterr().err


def test_a_figure_of_each_verb(family, tmp_path):
    base, one, two = (family / f"demo-{name}.safetensors" for name in ("base", "tune-1", "tune-2"))
    verbs = {
        "compare": (base, one),
        "matrix": (base, one, two),
        "recipe": (one, base, two),
        "lineage": (base, one, two),
    }
    for verb, arguments in verbs.items():
        path = tmp_path / f"{verb}.svg"
        assert atlas(verb, *arguments, "--plot", path).returncode == 0
        assert path.read_bytes().startswith(STARTS[".svg"])


@pytest.mark.parametrize("name", ["figure.jpg", "figure"])
def test_an_unknown_suffix_is_refused_before_anything_is_read(tmp_path, name):
    path = tmp_path / name
    done = atlas("compare", tmp_path / "nowhere", tmp_path / "nowhere", "--plot", path)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert "Use .png, .pdf or .svg" in done.stderr
    assert not path.exists()


def test_a_long_name_is_cut_after_its_suffix():
    assert name_of("short.safetensors", 20) == "short.safetensors"
    assert name_of("realisticVisionV60B1_v51VAE.safetensors", 20) == "realistic…0B1_v51VAE"
    assert name_of("a version, not a suffix, 1.5", 20).endswith(" 1.5")
