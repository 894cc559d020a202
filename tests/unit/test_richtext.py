"""core.richtext: what people write comes out as they meant it, and as nothing else."""

import json
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from types import FrameType

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from lti_tool.core.richtext import TAGS, clean, excerpt, is_safe_address, plain, render

HOSTILE = json.loads(Path(__file__).with_name("hostile.json").read_text(encoding="utf-8"))
TEXTS = HOSTILE["html"] + HOSTILE["markdown"]
SHARED = Path(__file__).parents[2].parent / "shared" / "data" / "xss.json"


class Reader(HTMLParser):
    """Reads HTML as a browser's tokeniser would and keeps every tag and attribute."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_comment(self, data: str) -> None:
        self.found.append(("comment", {}))

    def handle_decl(self, decl: str) -> None:
        self.found.append(("declaration", {}))

    def handle_pi(self, data: str) -> None:
        self.found.append(("instruction", {}))


def assert_harmless(html: str) -> None:
    reader = Reader()
    reader.feed(html)
    reader.close()
    for tag, attributes in reader.found:
        assert tag in TAGS, html
        if tag == "a":
            assert set(attributes) <= {"href", "rel", "target"}, html
            assert attributes.get("target") == "_blank", html
            assert attributes.get("rel") == "noopener noreferrer nofollow", html
            href = attributes.get("href")
            assert href is None or href.startswith(("http://", "https://", "mailto:")), html
        elif tag == "ol":
            assert set(attributes) <= {"start"}, html
        else:
            assert not attributes, html


@pytest.mark.parametrize("text", TEXTS)
def test_hostile_text_is_harmless_as_markdown_and_as_html(text: str) -> None:
    assert_harmless(render(text))
    assert_harmless(clean(text))


@pytest.mark.skipif(not SHARED.exists(), reason="the shared collection of hostile HTML is not beside this checkout")
def test_collected_hostile_html_is_harmless() -> None:
    texts = [text for source in json.loads(SHARED.read_text()).values() for text in source]
    assert len(texts) > 3000
    for text in texts:
        assert_harmless(render(text))
        assert_harmless(clean(text))


@given(st.text(alphabet=st.sampled_from("ab \n\t*_~`[]()<>!|-#:/\\\"'&;.x0@\u0000\u200b"), max_size=120))
def test_any_text_is_harmless_and_cleaning_again_changes_nothing(text: str) -> None:
    html = render(text)
    assert_harmless(html)
    assert clean(html) == html
    assert render(text) == html


@pytest.mark.parametrize("text", TEXTS)
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    assert clean(clean(text)) == clean(text)


def test_result_is_markup_so_that_templates_do_not_escape_it_again() -> None:
    assert isinstance(render("**x**"), Markup)
    assert render("**x**") == "<p><strong>x</strong></p>"


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("one\ntwo", "<p>one<br>\ntwo</p>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("3. c", '<ol start="3">\n<li>c</li>\n</ol>'),
        ("> q", "<blockquote>\n<p>q</p>\n</blockquote>"),
        ("~~no~~ _e_ `K+ < 3`", "<p><s>no</s> <em>e</em> <code>K+ &lt; 3</code></p>"),
        ('<b>raw</b> & "quotes"', '<p>&lt;b&gt;raw&lt;/b&gt; &amp; "quotes"</p>'),
        ("pH < 7.2 & K+ > 6", "<p>pH &lt; 7.2 &amp; K+ &gt; 6</p>"),
        ("a\u0000b\u202ec", "<p>abc</p>"),
        ("", ""),
    ],
)
def test_markdown(source: str, html: str) -> None:
    assert render(source) == html


def test_headings_stand_below_those_of_the_page() -> None:
    assert render("# a\n## b\n### c\n#### d") == "<h4>a</h4>\n<h5>b</h5>\n<h6>c</h6>\n<h6>d</h6>"
    assert render("Title\n=====") == "<h4>Title</h4>"


def test_table_has_no_style_attribute() -> None:
    html = render("| drug | dose |\n|---|--:|\n| a | 5 mg |")
    assert "<th>drug</th>" in html
    assert "<td>5 mg</td>" in html
    assert "style" not in html


LINK = '<a href="{0}" target="_blank" rel="noopener noreferrer nofollow">{0}</a>'


@pytest.mark.parametrize(
    ("source", "address", "after"),
    [
        ("see https://nice.org.uk/guidance/ng185.", "https://nice.org.uk/guidance/ng185", "."),
        ("(https://a.example/b)", "https://a.example/b", ")"),
        ("(https://a.example/x_(y))", "https://a.example/x_(y)", ")"),
        ("https://a.example/x_(y)", "https://a.example/x_(y)", ""),
        ("HTTP://a.example/ now", "HTTP://a.example/", " now"),
    ],
)
def test_an_address_that_is_written_out_becomes_a_link(source: str, address: str, after: str) -> None:
    assert LINK.format(address) + after in render(source)


@pytest.mark.parametrize(
    "source",
    ["stable.no change", "someone@trust.example", "www.nhs.uk", "https://user:word@evil.example/", "ftp://a.example/b"],
)
def test_what_only_looks_like_an_address_stays_words(source: str) -> None:
    assert "<a" not in render(source)


def test_address_in_code_or_in_a_link_is_not_linked_again() -> None:
    assert "<a" not in render("`https://a.example`")
    assert render("[https://a.example](https://b.example)").count("<a ") == 1


def test_refused_link_keeps_its_words() -> None:
    assert "press here" in render("[press here](javascript:alert(1))")


def test_pictures_are_not_fetched_from_elsewhere() -> None:
    assert "<img" not in render("![chest](https://evil.example/pixel.gif)")


@pytest.mark.parametrize(
    ("address", "is_safe"),
    [
        ("https://nice.org.uk", True),
        ("http://a.example/b?c=d&e=f#g", True),
        ("mailto:library@trust.example", True),
        ("mailto:", False),
        ("javascript:1", False),
        ("https:", False),
        ("https:///path", False),
        ("//a.example", False),
        ("/boards", False),
        ("", False),
        ("https://nhs.uk@evil.example", False),
        ("https://a.example/\u200b", False),
        ("https://a.example\\@b.example", False),
        ("http://[::1", False),
    ],
)
def test_safe_addresses(address: str, is_safe: bool) -> None:
    assert is_safe_address(address) is is_safe


def test_plain_words_for_excerpts() -> None:
    assert plain(render("# A\n\none **two**\nthree\n\n- x\n- y & z")) == "A one two three x y & z"
    assert plain(render("pre*fix*ed")) == "prefixed"
    assert plain(render("`<script>`")) == "<script>"


def test_excerpt_ends_between_words() -> None:
    assert excerpt("<p>short</p>", 10) == "short"
    assert excerpt("<p>one two three four</p>", 12) == "one two…"
    assert len(excerpt("<p>" + "x" * 50 + "</p>", 20)) <= 20


PATHOLOGICAL: dict[str, Callable[[int], str]] = {
    "opening brackets": lambda n: "[" * n,
    "link openings": lambda n: "[a](" * (n // 4),
    "picture openings": lambda n: "![[]()" * (n // 6),
    "nested emphasis": lambda n: "*a _b " * (n // 12) + "c_ d* " * (n // 12),
    "asterisks": lambda n: "*" * (n // 2) + "b" + "*" * (n // 2),
    "quotes": lambda n: "> " * (n // 2),
    "nested lists": lambda n: "- " * (n // 2),
    "backticks": lambda n: "".join("`" * i + " " for i in range(int((2 * n) ** 0.5))),
    "tags": lambda n: "<a " * (n // 3),
    "schemes": lambda n: "://" * (n // 3),
    "addresses": lambda n: "http://a" * (n // 8),
    "closing brackets": lambda n: "https://a.example/" + ")" * n,
    "table rows": lambda n: "|a|b|\n|-|-|\n" + "|x\n" * (n // 3),
    "wide table": lambda n: "|".join("a" * 100) + "\n" + "|".join("-" * 100) + "\n" + "|\n" * (n // 2),
    "lines": lambda n: "a\n" * (n // 2),
    "definitions": lambda n: "[a]:\\\n" * (n // 6),
}


def cost(source: str) -> int:
    """How many lines of Python rendering runs: unlike seconds, the same on every machine, however busy it is."""
    lines = 0

    def count(_frame: FrameType, event: str, _argument: object) -> Callable[..., object]:
        nonlocal lines
        lines += event == "line"
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        render(source)
    finally:
        sys.settrace(before)
    return lines


@pytest.mark.parametrize("name", PATHOLOGICAL)
def test_cost_grows_with_the_text_not_with_its_square(name: str) -> None:
    """Five times the text may cost about five times as much; a quadratic step would make it twenty-five."""
    make = PATHOLOGICAL[name]
    floor = cost("word " * 800)
    assert cost(make(20_000)) < 8 * max(cost(make(4_000)), floor)


def test_emphasis_within_emphasis_is_shallow_and_balanced() -> None:
    html = render("*a " * 60 + "b*" * 60)
    assert 1 <= html.count("<em>") <= 60
    assert html.count("<em>") == html.count("</em>")
