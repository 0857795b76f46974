"""`check` finds one planted problem of each kind, and none in a sound site."""

import pytest

from generator.errors import UsageError
from generator.publish.check import check

PAGE = '<!doctype html><html><head><title>t</title></head><body id="top">{}</body></html>'
SOUND = """
<h1 id="a">&#123;&#123; a }</h1> <a href="#a">a</a> <a href="sub/other.html#b">b</a>
<a href="https://elsewhere.example">d</a> <img src="x.png?v=1" alt="">
<script src="x.js"></script><script type="application/json">{"a": "{{ b }}"}</script>
<script>__md_scope=new URL(".",location)</script><a href="sub/">c</a> <a href="caf%C3%A9.html">e</a>
"""


@pytest.fixture
def site(tmp_path):
    def write(body: str, css: str = "a{background:url('x.png')}"):
        (tmp_path / "sub").mkdir()
        (tmp_path / "index.html").write_text(PAGE.replace("{}", body), encoding="utf-8")
        other = PAGE.replace("{}", '<p id="b"><a href="../index.html#a">x</a></p>')
        (tmp_path / "sub" / "other.html").write_text(other, encoding="utf-8")
        (tmp_path / "sub" / "index.html").write_text(PAGE.replace("{}", ""), encoding="utf-8")
        (tmp_path / "café.html").write_text(PAGE.replace("{}", ""), encoding="utf-8")
        (tmp_path / "x.png").write_bytes(b"")
        (tmp_path / "x.js").write_text("")
        (tmp_path / "x.css").write_text(css)
        return tmp_path

    return write


def test_a_sound_site_has_no_problem(site):
    assert check(site(SOUND)) == []


@pytest.mark.parametrize(
    ("planted", "named"),
    [
        ('<a href="missing.html">x</a>', "missing.html"),
        ('<a href="sub/other.html#nowhere">x</a>', "#nowhere"),
        ('<a href="#nowhere">x</a>', "#nowhere"),
        ('<a href="../outside.html">x</a>', "leaves the site"),
        ('<a href="/sub/missing.html">x</a>', "missing.html"),
        ('<img src="missing.png" alt="">', "missing.png"),
        ('<img srcset="x.png 1x, missing.png 2x" alt="">', "missing.png"),
        ('<script src="https://cdn.example/x.js"></script>', "elsewhere"),
        ('<script src="//cdn.example/x.js"></script>', "elsewhere"),
        ('<link rel="stylesheet" href="https://fonts.example/x.css">', "elsewhere"),
        ('<link rel="preconnect" href="https://fonts.example">', "elsewhere"),
        ('<svg><use href="https://cdn.example/x.svg#a"/></svg>', "elsewhere"),
        ('<svg><image xlink:href="https://cdn.example/x.png"/></svg>', "elsewhere"),
        ('<p onclick="x()">x</p>', "onclick"),
        ('<svg onload="x()"></svg>', "onload"),
        ('<a href="javascript:x()">x</a>', "unsafe address"),
        ('<a href=" java&#10;script:x()">x</a>', "unsafe address"),
        ('<a href="&#106;avascript:x()">x</a>', "unsafe address"),
        ('<img src="data:image/svg+xml,x" alt="">', "unsafe address"),
        ('<svg><image href="data:image/svg+xml;base64,eA=="/></svg>', "unsafe address"),
        ('<a href="data:image/png;base64,eA==">x</a>', "unsafe address"),
        ('<form action="javascript:x()"></form>', "unsafe address"),
        ("<script>alert(1)</script>", "inline script"),
        ('<p style="background:url(https://x.example)">x</p>', "style"),
        ('<p style="width:expression(x)">x</p>', "style"),
        ('<meta http-equiv="Refresh" content="0;url=x.html">', "leads elsewhere"),
        ('<iframe srcdoc="x"></iframe>', "embeds"),
        ('<p id="c"></p><p id="c"></p>', "twice"),
        ("<p>{{ name }}</p>", "template marker"),
        ("<p>{% if %}</p>", "template marker"),
        ('<a href="http://[">x</a>', "no address"),
        ('<a href="ftp://x.example">x</a>', "scheme"),
    ],
)
def test_a_planted_problem_is_found(site, planted, named):
    problems = check(site(SOUND + planted))
    assert len(problems) == 1
    assert problems[0].page == "index.html"
    assert named in str(problems[0])
    assert "line 6" in problems[0].where


@pytest.mark.parametrize(
    ("css", "named"),
    [
        ("@import 'https://fonts.example/x.css';", "elsewhere"),
        ("a{src:url(https://fonts.example/x.woff2)}", "elsewhere"),
        ("a{background:url(missing.png)}", "missing.png"),
    ],
)
def test_a_style_sheet_fetches_nothing_from_elsewhere(site, css, named):
    (problem,) = check(site(SOUND, css))
    assert problem.page == "x.css"
    assert named in problem.what


def test_absolute_addresses_start_where_the_site_says_it_stands(site):
    head = '<link rel="canonical" href="https://host.example/atlas/index.html">'
    folder = site(SOUND + head + '<a href="/atlas/sub/other.html">x</a>')
    assert check(folder) == []
    (folder / "404.html").write_text(PAGE.replace("{}", '<a href="/sub/other.html">x</a>'))
    assert [problem.page for problem in check(folder)] == ["404.html"]


def test_a_folder_without_a_site_is_refused(tmp_path):
    with pytest.raises(UsageError, match="holds no built site"):
        check(tmp_path)
