"""What comes out of a mould is what the template draws, whoever reads it and whatever people have typed."""

import re

import pytest

from lti_tool.access import Role
from lti_tool.boards import moulds
from tests.factories.house import Browser, House

LINES = "NICE NG185\nhttps://doi.org/10.1056/NEJMoa2107038\nA ward folder"
FORMULA = "%(author)s 100% %s <b>&amp;"


def articles(browser: Browser, path: str) -> dict[str, str]:
    """The posts of a page by public id, whitespace apart."""
    page = re.sub(r"\s+", " ", browser.get(path).get_data(as_text=True)).replace("> <", "><")
    found = re.findall(r'<article class="[^"]*" id="([^"]+)".*?</article>', page)
    bodies = re.findall(r"<article.*?</article>", page)
    return dict(zip(found, (re.sub(r" ?([<>]) ?", r"\1", body) for body in bodies), strict=True))


@pytest.mark.parametrize("pseudonymous", [False, True], ids=["named", "hidden names"])
def test_every_post_reads_as_the_template_alone_would_draw_it(house: House, monkeypatch, pseudonymous):
    trust = house.trust()
    course = house.course(trust)
    sam, priya, odd = (
        house.person(trust, name, {course.id: Role.LEARNER}) for name in ("Sam Okafor", "Priya Nadar", FORMULA)
    )
    helen = house.person(trust, "Dr Helen Marsh", {course.id: Role.TUTOR})
    board = house.board(course, helen, moderated=False, pseudonymous=pseudonymous)
    question = house.question(sam, course, board, FORMULA, FORMULA)
    path = f"/threads/{house.facts(sam, course, question).thread_public_id}"
    at = {person.name: house.browser(person, course) for person in (sam, priya, odd, helen)}
    plain = [house.answer(person, course, question, FORMULA) for person in (sam, priya, odd, helen, priya)]
    sourced = {"text": FORMULA, "do": "send", "once": "A" * 16}
    for number, (level, references) in enumerate([("guideline", LINES), ("local", ""), ("trial", FORMULA)]):
        form = sourced | {"once": f"{number:016}", "level": level, "references": references}
        assert at[priya.name].post(f"{path}/reply", form).status_code == 303
    for person, post, word in ((sam, plain[1], "useful"), (odd, plain[1], "same"), (helen, plain[2], "agree")):
        at[person.name].post(f"{path}/reactions", {"react": f"{post}:{word}"})
    for post in plain[3:4]:
        at[helen.name].post(f"/posts/{post}/edit", {"text": "Better.", "do": "send", "seen": "1", "once": "B" * 16})
    at[priya.name].post(f"/posts/{plain[4]}/withdraw")
    at[helen.name].post(f"/posts/{plain[1]}/endorse")

    for browser in at.values():
        from_moulds = articles(browser, path)
        with monkeypatch.context() as patch:
            patch.setattr(moulds, "_is_plain", lambda _post: False)
            drawn = articles(browser, path)
        assert plain[4] not in drawn or browser is at[priya.name], "it is withdrawn"
        assert len(drawn) >= 8
        assert from_moulds == drawn
    assert "%(" not in articles(at[sam.name], path)[plain[1]].replace("%(author)s 100", "")
