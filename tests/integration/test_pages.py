"""Every page, drawn from a filled house: complete, small, without anything that the CSP would refuse."""

import re
from html.parser import HTMLParser

import pytest

from tests.factories.house import House
from tests.factories.pages import PageVisit, Term, all_pages, open_page

LARGEST_PAGE = 30_000
NEEDS_A_LABEL = {"input", "select", "textarea"}


class Outline(HTMLParser):
    """What a page is made of, as far as the tests ask."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.title = ""
        self.is_in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.is_in_title = tag == "title"

    def handle_data(self, data: str) -> None:
        self.title += data if self.is_in_title else ""

    def handle_endtag(self, tag: str) -> None:
        self.is_in_title = False

    def all(self, *names: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag in names]


def read(html: str) -> Outline:
    outline = Outline()
    outline.feed(html)
    outline.close()
    return outline


@pytest.fixture
def visits(house: House) -> list[PageVisit]:
    return list(all_pages(Term(house)))


@pytest.mark.sql
def test_every_page_is_whole(visits: list[PageVisit]) -> None:
    """One walk over all pages: filling the house costs more than looking at a page."""
    for visit in visits:
        answer = open_page(visit)
        assert answer.status_code == visit.status, visit.name
        html = answer.get_data(as_text=True)
        outline = read(html)
        assert len(outline.all("h1")) == 1, visit.name
        assert len(outline.all("main")) == 1, visit.name
        assert outline.title.strip().endswith("– Grand Round"), visit.name
        assert len(outline.title) > len("– Grand Round") + 2, visit.name
        assert len(html.encode()) <= LARGEST_PAGE, visit.name
        check_nothing_inline(visit.name, html, outline)
        check_forms(visit.name, outline)
        check_ids(visit.name, outline)


def check_nothing_inline(name: str, html: str, outline: Outline) -> None:
    for tag, attributes in outline.tags:
        assert not [key for key in attributes if key == "style" or key.startswith("on")], (name, tag)
        assert tag != "script" or attributes.get("src", "").startswith("/static/"), name
        assert tag != "style", name
    assert "<script>alert" not in html, name


def check_forms(name: str, outline: Outline) -> None:
    """Every POST form carries the CSRF field, and every field a person fills in has a label."""
    posts = [form for form in outline.all("form") if form.get("method") == "post"]
    fields = [field for field in outline.all("input") if field.get("name") == "csrf_token"]
    assert len(fields) == len(posts), name
    assert all(form["action"] for form in outline.all("form")), name
    labelled = {label.get("for") for label in outline.all("label")}
    for field in outline.all(*NEEDS_A_LABEL):
        if field.get("type") != "hidden":
            assert field.get("id") in labelled, (name, field)


def check_ids(name: str, outline: Outline) -> None:
    """An id stands once, and what refers to one finds it."""
    ids = [attributes["id"] for _tag, attributes in outline.tags if "id" in attributes]
    assert len(ids) == len(set(ids)), (name, sorted(i for i in ids if ids.count(i) > 1))
    for _tag, attributes in outline.tags:
        for key in ("aria-describedby", "aria-labelledby", "for"):
            for wanted in (attributes.get(key) or "").split():
                assert wanted in ids, (name, key, wanted)


def test_refused_form_leads_to_its_fields(visits: list[PageVisit]) -> None:
    """The error summary names each field, and the title says that something is wrong."""
    wrong = [visit for visit in visits if visit.status == 400]
    assert len(wrong) >= 5
    for visit in wrong:
        html = open_page(visit).get_data(as_text=True)
        outline = read(html)
        assert outline.title.strip().startswith("Error:"), visit.name
        links = re.findall(r'<li><a href="#([A-Za-z_0-9-]+)">', html)
        ids = {attributes.get("id") for _tag, attributes in outline.tags}
        assert links, visit.name
        assert set(links) <= ids, visit.name


def test_a_page_of_an_author_without_a_name_does_not_name_them(visits: list[PageVisit]) -> None:
    by_name = {visit.name: open_page(visit).get_data(as_text=True) for visit in visits}
    for name in ("board-hidden-names", "ask", "thread-waiting"):
        assert "Sam Okafor" not in by_name[name], name
        assert "on this board" in by_name[name], name


def test_what_somebody_typed_is_shown_as_words(visits: list[PageVisit]) -> None:
    html = open_page(next(visit for visit in visits if visit.name == "queue-item")).get_data(as_text=True)
    assert "New &lt;script&gt;alert(1)&lt;/script&gt;?" in html
    assert "&lt;b&gt;x&lt;/b&gt;" in html
