"""What pages tell of who wrote something where nobody may know, to those who might find out."""

import re

from sqlalchemy import select, update

from lti_tool.access import Role
from lti_tool.core import clock
from lti_tool.journal import JournalLine
from lti_tool.people import Enrolment
from tests.factories.leaks import (
    FIRST,
    LAST,
    NAME,
    NUMBER,
    WORDS,
    Played,
    Scene,
    is_page,
    posts_in,
    rows_that_name_her,
    without_noise,
)

LOOKS = {"gr-post", "gr-post--waiting", "gr-post--endorsed", "gr-post--superseded", "gr-panel"}


def test_no_page_that_holds_something_of_hers_holds_a_trace_of_her(played: Played) -> None:
    hers = [each for each in played.seen if played.is_hers(each.path + each.text)]
    for each in hers:
        assert not played.told_by(f"{each.path}\n{each.head}\n{each.text}"), (each.who, each.path)
    reached = {who: sum(each.who == who for each in hers) for who in played.watchers}
    assert min(reached["peer"], reached["tutor"], reached["second tutor"]) > 15, "the crawler has lost its way"
    assert reached["education administrator"] > 5
    found = {each.path.split("?")[0] for each in hers if each.who == "of another course" and "200" in each.head}
    assert found <= {f"/courses/{played.elsewhere.public_id}/search"}, "where the words are those that were typed"
    assert played.of(path="/people", holds=LAST), "what is looked for would be found where it stands"


def test_flash_messages_after_a_tutors_edit(scene: Scene) -> None:
    thread = scene.ask("May I ask this?", "It is about a dose.")
    first = scene.newest()
    words = {"title": "May one ask this?", "text": "It is about the dose."}
    told = [scene.decide(first, "redact", **words).text]
    for verb, given in (("approve", {}), ("return", {"note": "Say more."}), ("reject", {"reason": "topic"})):
        told.append(scene.decide(scene.reply(thread, "And then?"), verb, **given).text)
    told.append(scene.at(scene.helen).post(f"/posts/{first}/remove", {"reason": "spam"}, follow_redirects=True).text)
    for page in told:
        assert re.search('class="gr-(told|undo)"', page)
        assert not scene.told_by(page)


def test_notification_text(played: Played) -> None:
    told = {who: played.of(who, path="/inbox")[0].text for who in ("peer", "tutor")}
    assert "A new reply to your reply" in told["peer"]
    assert "speaks to you" in told["tutor"]
    assert not any(played.told_by(page) for page in told.values())


def test_ics_people(scene: Scene) -> None:
    scene.house.teaching(scene.helen, scene.course)
    author, phone = scene.at(scene.author), f"/courses/{scene.course.public_id}/teaching/phone"
    author.post(phone, {"once": "A" * 16})
    address = re.search(r"/calendar/[\w-]+\.ics", author.get(phone).text)
    assert address
    calendar = scene.house.app.test_client().get(address[0]).text
    assert "BEGIN:VEVENT" in calendar
    assert not re.search("ATTENDEE|ORGANIZER|CONTACT", calendar)
    assert not scene.told_by(calendar)


def test_per_person_counters_completion_and_grade_timing(scene: Scene) -> None:
    """Nothing that tells of people by name changes when somebody posts."""
    pages = [f"/courses/{scene.course.public_id}/{page}" for page in ("people", "cohorts", "boards/new")]
    tutor = scene.at(scene.helen)
    before = [tutor.get(page) for page in pages]
    assert [answer.status_code for answer in before] == [200, 200, 200]
    assert LAST in before[0].text
    thread = scene.ask("Is this counted?", "I hope not.")
    scene.decide(scene.newest(), "approve")
    scene.reply(thread, "It is not.")
    for page, was in zip(pages, before, strict=True):
        assert without_noise(tutor.get(page).text) == without_noise(was.text)


def test_timestamps_the_page_says_honestly_that_the_vle_logs_launches(played: Played) -> None:
    author = played.at(played.author)
    for path in (f"/boards/{played.board}/ask", played.thread, f"/posts/{played.question}/edit"):
        page = author.get(path).text
        assert "the VLE notes when you opened Grand Round" in page
        assert "Your words may give you away" in page


def test_read_receipts(scene: Scene) -> None:
    thread = scene.ask("Who has read this?", "Nobody can say.")
    scene.decide(scene.newest(), "approve")
    tutor, peer = scene.at(scene.helen), scene.at(scene.peer)
    [who.get(thread) for who in (tutor, peer)]
    before = [without_noise(who.get(thread).text) for who in (tutor, peer)]
    scene.at(scene.author).get(thread)
    assert [without_noise(who.get(thread).text) for who in (tutor, peer)] == before
    assert rows_that_name_her(scene, "read_marks") == []


def test_search_by_author(played: Played) -> None:
    alias = next((mark for mark in played.found if " " in mark), "Somebody")
    peer, path = played.at(played.peer), f"/courses/{played.course.public_id}/search"
    assert played.of("peer", path=f"search?q={WORDS[0]}", holds=played.thread.rsplit("/", 1)[-1])
    asked = [FIRST, LAST, NAME, alias, str(NUMBER), played.author.public_id]
    pages = [peer.get(path, query_string={"q": words}).text for words in asked]
    pages.append(peer.get(path, query_string={"q": "anything", "author": played.author.public_id}).text)
    for page in pages:
        assert "/threads/" not in page
        assert "Nothing" in page


def test_moderation_log_and_revisions(played: Played) -> None:
    course = f"/courses/{played.course.public_id}"
    log = played.of("peer", path=f"{course}/log")[0].text
    assert "Rejected" in log
    assert not played.is_hers(log.replace("Somebody", "")), "the public log holds no word, post or alias either"
    paths = [f"{course}/decisions", f"/posts/{played.question}/versions", f"{course}/figures", f"{course}/waiting"]
    for path in paths:
        answer = played.at(played.helen).get(path)
        assert answer.status_code == 200
        assert not played.told_by(answer.text)
    with played.house.database.within(played.trust.id).reading() as db:
        lines = db.scalars(select(JournalLine).where(JournalLine.subject.like("post:%"))).all()
        told = [f"{line.actor} {line.verb} {line.subject} {line.details}" for line in lines]
    assert len({line.verb for line in lines}) > 7
    assert not played.told_by("\n".join(told))


def test_small_groups_are_told_to_the_author_before_sending(scene: Scene) -> None:
    said = "So few people belong here that they may guess who wrote it."
    thread = scene.ask("How many are we?", "Let us see.")
    paths = (f"/boards/{scene.board}/ask", thread, f"/posts/{scene.newest()}/edit")
    scene.decide(scene.newest(), "approve")
    assert all(said in scene.at(scene.author).get(path).text for path in paths)
    for number in range(3):
        scene.house.person(scene.trust, f"Learner {number}", {scene.course.id: Role.LEARNER})
    assert all(said not in scene.at(scene.author).get(path).text for path in paths)


def test_x_wrote_quotes(played: Played) -> None:
    quoting = [
        each for each in played.of("peer") if "quote=1" in each.path and f"reply_to={played.answer}" in each.path
    ]
    box = re.search(r"<textarea[^>]*>(.*?)</textarea>", quoting[0].text, re.DOTALL)
    assert box
    assert WORDS[2] in box[1]
    assert re.match(r"> \[A reply\]\(\S+\) wrote:\n", box[1].lstrip()), "a link, and neither a name nor an alias"
    assert not [mark for mark in played.found if " " in mark and mark in box[1]]
    assert not played.told_by(quoting[0].text)


def test_mention_lists(played: Played) -> None:
    pages = [played.at(played.peer).get(path).text for path in (played.thread, f"/boards/{played.board}/ask")]
    for page in pages:
        assert "@tutors tells the tutors." in page
        assert "full name" not in page
        assert "<datalist" not in page
        assert not played.told_by(page)
    for said in (FIRST[:4], LAST, "@" + FIRST):
        offered = played.at(played.peer).get(f"/boards/{played.board}/people", query_string={"said": said})
        assert offered.status_code == 200
        assert "data-mention" not in offered.text


def test_avatars_initials_and_colours(played: Played) -> None:
    for each in played.of(holds="gr-post"):
        images = re.findall(r"<img[^>]*>", each.text)
        assert all(f'src="{played.picture}"' in image or "/files/" in image for image in images)
        assert not re.search(r"<svg|<canvas|\sstyle=|avatar|gravatar", each.text)
        looks = set(" ".join(re.findall(r'<article class="([^"]*)"', each.text)).split())
        assert looks <= LOOKS, "a post looks as its state does, whoever wrote it"
        assert not re.search(r"(?<![\w-])Z\.? ?Q\.?(?![\w-])", each.text)


def test_html_comments_data_attributes_and_json(played: Played) -> None:
    pages = [each for each in played.seen if is_page(each) and played.is_hers(each.text)]
    for each in pages:
        assert "<!--" not in each.text
        hidden = re.findall(r'\sdata-[\w-]+="([^"]*)"|\s(?:id|name|value)="([^"]*)"', each.text)
        told = " ".join(one or other for one, other in hidden)
        assert not played.told_by(told)
        assert "application/json" not in each.text
    assert len(pages) > 50


def test_presence(scene: Scene) -> None:
    """Whether somebody is here just now changes no page of anybody else."""
    course = f"/courses/{scene.course.public_id}"
    scene.ask("Who is here?", "Nobody can say.")
    scene.decide(scene.newest(), "approve")
    paths = (f"{course}/", f"{course}/boards", f"/boards/{scene.board}")
    readers = [scene.at(person) for person in (scene.peer, scene.helen)]
    before = [without_noise(reader.get(path).text) for reader in readers for path in paths]
    for path in paths:
        scene.at(scene.author).get(path)
    assert [without_noise(reader.get(path).text) for reader in readers for path in paths] == before
    assert not any(re.search(r"\bonline\b|last seen|active now|typing", page, re.IGNORECASE) for page in before)


def test_reaction_lists(played: Played) -> None:
    page = played.of("peer", path=played.thread)[0].text
    assert re.search(r'value="[\w-]{16}:useful"', page)
    assert "1" in page
    assert not played.told_by(page)
    for table in ("post_reactions", "post_tallies", "poll_votes"):
        assert rows_that_name_her(played, table) == []


def test_deleted_user_placeholders(scene: Scene) -> None:
    thread = scene.ask("Shall I stay?", "I may leave.")
    question = scene.newest()
    scene.decide(question, "approve")
    gone = scene.reply(thread, "Never mind.")
    scene.decide(gone, "approve")
    scene.at(scene.author).post(f"/posts/{gone}/withdraw")
    reader = scene.at(scene.peer)
    reader.get(thread)
    before = posts_in(reader.get(thread).text)
    assert "Withdrawn by its author." in before
    with scene.house.database.within(scene.trust.id).transaction() as db:
        db.execute(update(Enrolment).where(Enrolment.person_id == NUMBER).values(left_at=clock.now()))
    assert posts_in(reader.get(thread).text) == before, "who leaves the course leaves no hole"
    assert not scene.told_by(before)
