"""Whom a reader highlights on the page of a group: in all figures, tables and the address."""

from group_pages import READY, choose, figure, highlight
from sites import REPOSITORY

from generator.publish.figures.pixels import MARKED
from generator.publish.reading.groups import GROUPS
from generator.publish.reading.loaded import read_all


def marked(page):
    """Who is marked in the table, in the line plot and above the blocks."""
    rows = page.locator("tr.is-marked th").all_inner_texts()
    on_map = page.locator(f"[data-atlas-place=map] path[fill='{MARKED}']").count()
    line = page.locator(f"[data-atlas-place=distances] path[fill='{MARKED}']").count()
    title = page.locator("[data-atlas-place=blocks] .layer_2_marks text").text_content()
    return rows, on_map > 0, line > 0, title


def test_a_checkpoint_is_highlighted_everywhere(demo):
    highlight(demo, "demo-tune-2")
    demo.locator(f"[data-atlas-place=map] [fill='{MARKED}']").first.wait_for()
    assert marked(demo) == (["demo-tune-2"], True, True, "demo-tune-2")
    # By a click on its row, once more to take it back, and by a click on its point.
    (measured,) = (one for one in read_all(REPOSITORY / "data", GROUPS) if one.id == "demo")
    number = measured.record.members.index("demo-merge-half") + 1
    row = demo.locator(f"tr[data-member='{number}']")
    row.locator("td").first.click()
    demo.wait_for_timeout(200)
    assert marked(demo) == (["demo-merge-half"], True, True, "demo-merge-half")
    assert demo.get_by_label("Highlight", exact=True).input_value() == "demo-merge-half"
    row.locator("td").first.click()
    demo.wait_for_timeout(200)
    rows, on_map, on_line, title = marked(demo)
    assert (rows, on_map, on_line) == ([], False, False)
    assert title.startswith("Median")
    figure(demo, "distances").locator(".mark-symbol path").first.click()
    assert demo.locator("tr.is-marked").count() == 1


def test_any_part_of_a_name_highlights_all_that_have_it_and_is_in_the_address(demo, open_page):
    highlight(demo, " MERGE")
    demo.locator(f"[data-atlas-place=lineage] [stroke='{MARKED}']").first.wait_for()
    merges = ["demo-merge-add-difference", "demo-merge-blocks", "demo-merge-half"]
    rows, on_map, on_line, title = marked(demo)
    assert (sorted(rows), on_map, on_line) == (merges, True, True)
    assert title.startswith("Median")
    assert demo.locator("[data-atlas-controls] [role=status]").inner_text() == "3 of 21"
    again = open_page(demo.url.rsplit("/", 2)[1] + "/" + demo.url.rsplit("/", 1)[1])
    assert sorted(again.locator("tr.is-marked th").all_inner_texts()) == merges
    again.get_by_label("Highlight", exact=True).fill("<b>nobody</b>")
    assert again.locator("tr.is-marked").count() == 0


def test_the_highlighted_point_is_the_last_that_is_drawn(demo):
    highlight(demo, "demo-tune-2")
    demo.locator(f"[data-atlas-place=distances] [fill='{MARKED}']").first.wait_for()
    for key in ("map", "distances"):
        last = figure(demo, key).locator(".mark-symbol path[fill^='#']").last
        assert last.get_attribute("fill") == MARKED
        # Its halo is of the colour of the page.
        assert last.evaluate("mark => getComputedStyle(mark).stroke") == "rgb(252, 251, 248)"


def test_who_is_highlighted_but_not_drawn_is_told(open_page, large_address):
    page = open_page("groups/incomplete.html", large_address)
    page.locator(READY).wait_for(state="attached")
    for name, told in (("f", "f is not drawn by its VAE. "), ("e", "")):
        highlight(page, name)
        for key in ("map", "clusters", "distances"):
            text = figure(page, key).locator(".atlas-live figcaption").inner_text()
            assert text.startswith(f"{told}VAE")
            assert text.endswith("Not drawn, as not all their L2 distances are known: f.")


def test_one_from_whom_distances_begin_is_told(demo):
    highlight(demo, "demo-base")
    text = figure(demo, "distances").locator(".atlas-live figcaption").inner_text()
    assert text.startswith("demo-base is where distances begin. ")


def test_the_row_of_the_highlighted_comes_into_view_and_the_page_stays(open_large):
    page = open_large()
    page.locator(READY).wait_for(state="attached")
    before = page.evaluate("scrollY")
    for number in ("68", "3"):
        name = page.locator(f"#atlas-names option[data-number='{number}']").get_attribute("value")
        highlight(page, name)
        row = page.locator(f"tr[data-member='{number}']").bounding_box()
        view = page.locator("[data-atlas-members] .atlas-scroll").bounding_box()
        head = page.locator("[data-atlas-members] thead").bounding_box()
        assert row["y"] >= view["y"] + head["height"] - 1
        assert row["y"] + row["height"] <= view["y"] + view["height"] + 1
    assert page.evaluate("scrollY") == before


def test_a_highlight_outlives_another_component(demo):
    highlight(demo, "demo-tune-2")
    choose(demo, "Component", "text_encoder")
    rows, on_map, on_line, _ = marked(demo)
    assert (rows, on_map, on_line) == (["demo-tune-2"], True, True)
