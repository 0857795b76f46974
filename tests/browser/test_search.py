"""The site's own search, asked as its page asks it, for every name and for what people call it."""

import json
from pathlib import Path

import pytest

# The worker of the theme, with the index of the site: the first pages for each question.
ASK = """
async questions => {
  const config = JSON.parse(document.getElementById("__config").textContent);
  const index = await (await fetch(new URL("search/search_index.json", location.href))).json();
  const worker = new Worker(new URL(config.search, location.href));
  const ask = (type, data) => new Promise(done => {
    worker.onmessage = message => done(message.data.data);
    worker.postMessage({ type, data });
  });
  await ask(0, { ...index, options: { suggest: true } });
  const found = {};
  for (const question of questions) {
    const { items } = await ask(2, question);
    found[question] = items.slice(0, 3).map(([first]) => first.location.split("#")[0]);
  }
  worker.terminate();
  return found;
}
"""
KINDS = {"architectures", "components", "checkpoints", "groups"}
# Bytes of the index, which each search loads.
LARGEST_INDEX = 700_000


@pytest.fixture(scope="module")
def results(public_site):
    index = json.loads((public_site / "downloads" / "index.json").read_bytes())
    return [one for one in index["results"] if one["kind"] in KINDS]


@pytest.fixture
def ask(open_page, searched):
    page = open_page("index.html", searched)
    return lambda questions: page.evaluate(ASK, questions)


def test_every_name_finds_its_page_first(ask, results):
    found = ask([one["name"] for one in results])
    assert {one["kind"] for one in results} == KINDS
    assert [one["name"] for one in results if found[one["name"]][:1] != [one["page"]]] == []


def test_the_title_of_every_group_finds_it_first(ask, results, committed):
    pages = {one["id"]: one["page"] for one in results if one["kind"] == "groups"}
    records = (json.loads((committed / "groups" / f"{id}.json").read_bytes()) for id in pages)
    titles = {one["about"]["title"] or one["name"]: pages[one["id"]] for one in records}
    found = ask(list(titles))
    assert {title: found[title][0] for title in titles} == titles


@pytest.mark.parametrize(
    ("question", "pages"),
    [
        ("vram", {"what-fits.html"}),
        ("merge", {"groups/mbw.html", "groups/am0.html"}),
        ("OUT03", {"methods.html"}),
        ("T5", {"components/t5-xxl.html"}),
        ("12 gb", {"what-fits.html"}),
        ("flux vram", {"architectures/flux.memory.html"}),
        ("sdxl", {"architectures/sdxl.html"}),
        ("sd 1.5", {"architectures/sd1.html"}),
        ("sd3.5", {"architectures/sd35.html"}),
        ("wan 14b", {"architectures/wan21-t2v-14b.html"}),
        ("qwen", {"architectures/qwen-image.html"}),
        ("pony", {"groups/pony1.html"}),
        ("text encoder", {"components/index.html"}),
        ("hash", {"methods.html"}),
        ("civitai", {"checkpoints/index.html"}),
        ("3060", {"what-fits.html"}),
        ("download", {"data.html"}),
        ("add my model", {"add.html"}),
    ],
)
def test_words_of_the_field_lead_to_their_page(ask, question, pages):
    assert set(ask([question])[question][:1]) <= pages
    assert ask([question])[question]


def test_the_index_is_small_and_holds_no_figures(public_site):
    path: Path = public_site / "search" / "search_index.json"
    assert path.stat().st_size < LARGEST_INDEX
    texts = [one["text"] for one in json.loads(path.read_bytes())["docs"]]
    assert not [text for text in texts if "Stress 0" in text or "torchinfo summary (text)" in text]
