"""Every page of the house, filled: a course in mid-term with posts in each state, and who opens which page."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal

from lti_tool.access import Duty, Role
from lti_tool.boards import PostFacts, get_post_facts, reply, waiting_posts
from lti_tool.boards.actions import edit_post, withdraw_post
from lti_tool.core.ids import new_public_id
from lti_tool.moderation.actions import decide, remove, report_post
from lti_tool.moderation.forms import DecisionDraft, ReportDraft
from lti_tool.moderation.rules import Verb
from lti_tool.notifications.seals import Stop, seal_stop
from lti_tool.people import Person
from lti_tool.programme import cancel_session, change_session, get_session
from lti_tool.texts import draft_place, keep_draft, prepare
from tests.factories.cases import CaseTerm
from tests.factories.charter import charter_pages
from tests.factories.files import PDF, add, files_in, heavy_photo, photo
from tests.factories.house import Browser, House, tomorrow
from tests.factories.matters import matter_pages
from tests.factories.reader_pages import reader_pages
from tests.factories.service_pages import service_pages

LONG = """Our discharge letters do not agree. For somebody with long-standing AF and a drug-eluting stent I was taught:

1. aspirin only around the procedure,
2. then a DOAC with **clopidogrel**,
3. then the DOAC alone.

> Write the stop date in the letter.

| drug | until |
|---|---|
| clopidogrel | 12 months |
| apixaban | for life |

See https://www.nice.org.uk/guidance/ng185 and `CHA2DS2-VASc`."""


@dataclass(frozen=True)
class PageVisit:
    """One page as one person meets it."""

    name: str
    who: Browser
    path: str
    form: dict[str, str] = field(default_factory=dict)
    status: int = 200


class Term:
    """A course with people, three boards and a history."""

    def __init__(self, house: House) -> None:
        self.house = house
        trust = self.trust = house.trust()
        self.course = house.course(trust)
        self.empty_course = house.course(trust, "Renal ST3")
        both = {self.course.id: Role.LEARNER, self.empty_course.id: Role.LEARNER}
        tutor = {self.course.id: Role.TUTOR, self.empty_course.id: Role.TUTOR}
        self.sam = house.person(trust, "Sam Okafor", both)
        self.priya = house.person(trust, "Priya Nadar", {self.course.id: Role.LEARNER})
        self.helen = house.person(trust, "Dr Helen Marsh", tutor)
        self.rhys = house.person(trust, "Dr Rhys Pennant", {self.course.id: Role.TUTOR})
        self.vera = house.person(trust, "Vera Lund", {self.empty_course.id: Role.ADMINISTRATOR}, Duty.VLE_ADMINISTRATOR)
        self.named = house.board(self.course, self.helen, title="Ask cardiology")
        self.hidden = house.board(self.course, self.helen, pseudonymous=True, title="Ask without fear")
        self.open = house.board(self.course, self.helen, moderated=False, title="Local know-how")
        self._fill()

    def _fill(self) -> None:
        ask = "AF and a new stent: when does the P2Y12 inhibitor stop?"
        self.question = self._published(self.sam, self.named, ask, LONG)
        answer = self.house.answer(self.priya, self.course, self.question, "Up to 12 months, then the DOAC alone.")
        self._decide(answer, Verb.APPROVE)
        self.reply = answer
        self._decide(self._answered(self.sam, answer, "Does that hold for *apixaban* too?"), Verb.APPROVE)
        for text, verb, reason, note in (
            ("The dose was 10 mg for everybody.", Verb.REJECT, "unsafe", "Check the dose in the trial."),
            ("Ask Dr X.", Verb.RETURN, "", "Say what to ask, so that others learn from it."),
        ):
            post = self.house.answer(self.sam, self.course, self.question, text)
            self._decide(post, verb, reason, note)
        gone = self.house.answer(self.priya, self.course, self.question, "Bed 4 has the same.")
        self._decide(gone, Verb.APPROVE)
        bed = ReportDraft("patient", "It names a bed.")
        self._with(self.helen, gone, lambda db, actor, facts: remove(db, actor, facts, bed))
        taken = self.house.answer(self.priya, self.course, self.question, "I was wrong.")
        self._decide(taken, Verb.APPROVE)
        self._with(self.priya, taken, withdraw_post)
        waiting = self.house.answer(self.priya, self.course, self.question, "Does the same hold for apixaban?")
        self.waiting = waiting
        self.mine_waiting = self.house.question(self.sam, self.course, self.hidden, "Is it too late to ask?", "Really?")
        self._edited(answer, "Up to 12 months; shorten it when the bleeding risk is high.")
        reported = self._published(self.priya, self.named, "Where is the pacing box kept?", "Out of hours, I mean.")
        report = ReportDraft("patient", "It may say which ward.")
        self._with(self.sam, reported, lambda db, actor, facts: report_post(db, actor, facts, report))
        self.reported = reported
        self._published(self.priya, self.named, "Which bleep covers the cath lab on a bank holiday?", "See title.")
        self.fresh = self.house.question(
            self.priya, self.course, self.named, "New <script>alert(1)</script>?", "<b>x</b>"
        )
        with self.house.database.within(self.sam.trust_id).transaction() as db:
            draft = {"title": "When is it too late for an urgent angiogram?", "text": "On day four …"}
            place = draft_place("ask", self.named)
            keep_draft(db, self.sam.trust_id, self.sam.id, place, draft)
        self._teach()
        self.house.work()

    def _teach(self) -> None:
        """A week of teaching: a long session, one that moved, one that is cancelled, two at once."""
        room, link = "Seminar room 2, Level 3", "https://meet.example/cardiology"
        long = {"title": "Antithrombotics after PCI: who stops what, when, and who writes it into the letter"}
        outcomes = "You can say:\n\n- which drug stops\n- on which day <b>and why</b>"
        grades = {"grades": ("ST3–8", "CT/ST1–2"), "is_core": True, "cpd_points": Decimal("0.75")}
        given = long | grades | {"speaker": "Dr Rhys Pennant", "room": room, "description": outcomes}
        self.teaching = self.house.teaching(self.helen, self.course, **given)
        self.moved = self.house.teaching(self.helen, self.course, "Device check-up", room=room, speaker="Ela Birch")
        self.cancelled = self.house.teaching(self.helen, self.course, "Grand round", room="Lecture theatre A")
        with self.house.database.transaction() as db:
            actor = self.house.actor(db, self.helen, self.course)
            line = get_session(db, actor, self.moved)
            change_session(db, actor, line, replace(line.draft, room="", online_url=link), line.version)
            line = get_session(db, actor, self.cancelled)
            cancel_session(db, actor, line, "The speaker is away.", line.version)

    def _published(self, who: Person, board: str, title: str, text: str) -> str:
        post = self.house.question(who, self.course, board, title, text)
        self._decide(post, Verb.APPROVE)
        return post

    def _answered(self, who: Person, parent: str, text: str) -> str:
        with self.house.database.transaction() as db:
            actor = self.house.actor(db, who, self.course)
            question, above = (get_post_facts(db, actor, post) for post in (self.question, parent))
            return reply(db, actor, question, above, prepare(text), new_public_id()).public_id

    def _decide(self, post: str, verb: Verb, reason: str = "", note: str = "") -> None:
        def act(db, actor, facts):
            decide(db, actor, facts, DecisionDraft(verb, facts.latest, reason, note))

        self._with(self.helen, post, act)

    def _edited(self, post: str, text: str) -> None:
        def act(db, actor, facts):
            edit_post(db, actor, facts, prepare(text), facts.latest)

        self._with(self.priya, post, act)

    def _with(self, who: Person, post: str, act) -> None:
        with self.house.database.transaction() as db:
            actor = self.house.actor(db, who, self.course)
            act(db, actor, get_post_facts(db, actor, post))

    def waiting_now(self) -> list[PostFacts]:
        """What waits for a moderator."""
        with self.house.database.transaction() as db:
            return waiting_posts(db, self.house.actor(db, self.rhys, self.course))

    def thread_of(self, post: str) -> str:
        """The public id of a post's thread."""
        return self.house.facts(self.helen, self.course, post).thread_public_id


def all_pages(term: Term) -> Iterator[PageVisit]:
    """Every page in every state that looks different."""
    sam = term.house.browser(term.sam, term.course)
    helen = term.house.browser(term.helen, term.course)
    rhys = term.house.browser(term.rhys, term.course)
    priya = term.house.browser(term.priya, term.course)
    course, empty = f"/courses/{term.course.public_id}", f"/courses/{term.empty_course.public_id}"
    thread = f"/threads/{term.thread_of(term.question)}"
    waiting = f"{course}/waiting/{term.fresh}"
    seen = {"seen": "1"}
    yield PageVisit("home-learner", sam, f"{course}/")
    yield PageVisit("home-tutor", helen, f"{course}/")
    yield PageVisit("home-empty", helen, f"{empty}/")
    yield PageVisit("drafts", sam, f"{course}/drafts")
    yield PageVisit("drafts-empty", helen, f"{course}/drafts")
    yield PageVisit("rotation", sam, f"{course}/rotation")
    yield PageVisit("rotation-wrong", sam, f"{course}/rotation", {"grade": "", "site": "x" * 90}, 400)
    yield PageVisit("boards", sam, f"{course}/boards")
    yield PageVisit("boards-empty", helen, f"{empty}/boards")
    yield PageVisit("board", sam, f"/boards/{term.named}")
    yield PageVisit("board-hidden-names", sam, f"/boards/{term.hidden}")
    yield PageVisit("board-empty", helen, f"/boards/{term.open}")
    yield PageVisit("board-nothing-fits", sam, f"/boards/{term.hidden}?show=unanswered")
    yield PageVisit("board-new", helen, f"{course}/boards/new")
    yield PageVisit("board-new-wrong", helen, f"{course}/boards/new", {"title": "", "look_times": "noon"}, 400)
    for template in ("questions", "welcome"):
        yield PageVisit(f"board-new-{template}", helen, f"{course}/boards/new?template={template}")
    yield PageVisit("board-settings", helen, f"/boards/{term.named}/settings")
    yield PageVisit("board-part", helen, f"/boards/{term.named}/taking-part")
    yield PageVisit("board-part-hidden-names", helen, f"/boards/{term.hidden}/taking-part")
    yield PageVisit("board-part-wrong", helen, f"/boards/{term.named}/taking-part", {"number": "no"}, 400)
    yield PageVisit("board-export", helen, f"/boards/{term.named}/export")
    yield PageVisit("board-export-hidden-names", helen, f"/boards/{term.hidden}/export")
    yield PageVisit("board-feed", sam, f"/boards/{term.named}/feed")
    yield PageVisit("contributions", sam, f"{course}/contributions")
    yield PageVisit("contributions-empty", helen, f"{empty}/contributions")
    yield PageVisit("ask", sam, f"/boards/{term.hidden}/ask")
    yield PageVisit("ask-from-draft", sam, f"/boards/{term.named}/ask")
    again = {"do": "preview", "title": "P2Y12 and stent: stop?", "text": "x"}
    yield PageVisit("ask-similar", sam, f"/boards/{term.named}/ask", again)
    yield PageVisit("ask-preview", sam, f"/boards/{term.named}/ask", {"do": "preview", "title": "Why?", "text": LONG})
    yield PageVisit("ask-wrong", sam, f"/boards/{term.named}/ask", {"do": "send", "title": "", "text": ""}, 400)
    yield PageVisit("thread-asker", sam, thread)
    yield PageVisit("thread-tutor", helen, thread)
    yield PageVisit("thread-reply-to", sam, f"{thread}?reply_to={term.reply}")
    yield PageVisit("thread-wrong", sam, f"{thread}/reply", {"do": "send", "text": ""}, 400)
    yield PageVisit("thread-waiting", sam, f"/threads/{term.thread_of(term.mine_waiting)}")
    yield PageVisit("versions", priya, f"/posts/{term.reply}/versions")
    yield PageVisit("versions-one", sam, f"/posts/{term.question}/versions")
    duty = Duty.EDUCATION_ADMINISTRATOR
    ruth = term.house.browser(term.house.person(term.trust, "Ruth Calder", {}, duty), term.empty_course)
    yield PageVisit("words", ruth, f"{empty}/words")
    yield PageVisit("words-wrong", ruth, f"{empty}/words", {"hospitals": "St", "shapes": "####"}, 400)
    yield PageVisit("edit", sam, f"/posts/{term.question}/edit")
    yield PageVisit("supersede", helen, f"/posts/{term.reply}/supersede")
    yield PageVisit("supersede-wrong", helen, f"/posts/{term.reply}/supersede", {"do": "mark"}, 400)
    yield PageVisit("withdraw", sam, f"/posts/{term.question}/withdraw")
    yield PageVisit("report", sam, f"/posts/{term.reply}/report")
    yield PageVisit("report-wrong", sam, f"/posts/{term.reply}/report", {"note": "x"}, 400)
    yield PageVisit("remove", helen, f"/posts/{term.reply}/remove")
    yield PageVisit("queue", helen, f"{course}/waiting")
    yield PageVisit("queue-item", helen, waiting)
    yield PageVisit("queue-item-edit", helen, f"{course}/waiting/{term.reply}")
    yield PageVisit("queue-item-report", rhys, f"{course}/waiting/{term.reported}")
    yield PageVisit("decide-return", helen, waiting, seen | {"verb": "return"})
    yield PageVisit("decide-reject", helen, waiting, seen | {"verb": "reject"})
    yield PageVisit("decide-wrong", helen, waiting, seen | {"verb": "reject", "asked": "yes", "note": "n"}, 400)
    yield PageVisit("log", sam, f"{course}/log")
    yield PageVisit("log-empty", helen, f"{empty}/log")
    yield PageVisit("decisions", helen, f"{course}/decisions")
    yield PageVisit("decisions-empty", rhys, f"{course}/decisions")
    yield PageVisit("inbox", sam, f"{course}/inbox")
    yield PageVisit("inbox-empty", helen, f"{empty}/inbox")
    yield PageVisit("preferences", sam, f"{course}/inbox/settings")
    stop = seal_stop(term.house.app.extensions["settings"], Stop(term.trust.id, term.sam.id, ""))
    yield PageVisit("mail-stopped", sam, f"/mail/stop/{stop}", {"do": "all"})
    yield PageVisit("mail-stop-wrong", sam, "/mail/stop/nothing", status=404)
    yield PageVisit("search", sam, f"{course}/search")
    yield PageVisit("search-found", sam, f"{course}/search?q=inhibitor+stop")
    yield PageVisit("search-nothing", sam, f"{course}/search?q=unicorn&kind=question&since=month")
    yield PageVisit("search-empty-words", sam, f"{course}/search?q=what+is+the")
    yield PageVisit("link", sam, f"{course}/link")
    yield PageVisit("link-wrong", sam, f"{course}/link?address=nothing", status=400)
    yield PageVisit("connection-none", term.house.browser(term.vera, term.empty_course), f"{empty}/connection")
    yield PageVisit("cases-empty", sam, f"{empty}/cases")
    yield from case_pages(term)
    yield PageVisit("teaching-empty", sam, f"{empty}/teaching")
    yield PageVisit("teaching-empty-tutor", helen, f"{empty}/teaching")
    yield from pages_of_the_check(term, sam, rhys)
    yield from pages_of_files(term, sam, helen)
    yield from pages_of_moderators(term)
    yield from pages_of_teaching(term, sam, helen)
    yield from pages_of_feeds(term, sam, helen)
    for page in service_pages(term.house, term.trust, term.empty_course, term.helen):
        yield PageVisit(*page)
    team = term.house.board(term.course, term.helen, title="Ask the team")
    matters = matter_pages(term.house, term.course, term.sam, term.rhys, team)
    for page in (*reader_pages(term), *charter_pages(term.house, term.trust), *matters):
        yield PageVisit(*page)
    yield PageVisit("not-found", sam, "/threads/AAAAAAAAAAAAAAAA", status=404)
    yield PageVisit("forbidden", sam, f"{course}/waiting", status=403)


def pages_of_the_check(term: Term, sam: Browser, rhys: Browser) -> Iterator[PageVisit]:
    """Composers in which the identifier check has found something, and what a moderator sees of it."""
    ask, thread = f"/boards/{term.hidden}/ask", f"/threads/{term.thread_of(term.question)}"
    title = "When is it too late for an urgent angiogram in NSTEMI?"
    warned = (
        "Mr Thackeray came to us on 14 November with chest pain.\n\nHe stayed on **ward 7 bed 12** over the weekend, "
        "pain free, and the angiogram was on 17 November. The consultant was happy with that, I was not."
    )
    stopped = f"NHS number 999 000 0000. {warned}"
    (name, *_more) = (each.key for each in prepare(warned, title).told)
    kept = f"{name}:staff"
    yield PageVisit("ask-findings", sam, ask, {"title": title, "text": stopped}, 400)
    yield PageVisit("ask-findings-kept", sam, ask, {"title": title, "text": warned, "do": "check", "kept": kept})
    yield PageVisit("ask-nothing-found", sam, ask, {"title": title, "text": "See title.", "do": "check"})
    yield PageVisit("ask-care-now", sam, ask, {"title": title, "text": "Please review bed 6 now."}, 400)
    yield PageVisit("thread-findings", sam, f"{thread}/reply", {"text": warned}, 400)
    yield PageVisit("edit-findings", sam, f"/posts/{term.question}/edit", {"title": title, "text": warned}, 400)
    sam.post(ask, {"title": title, "text": warned, "do": "review", "kept": kept})
    waiting = next(post for post in term.waiting_now() if post.title == title)
    item = f"/courses/{term.course.public_id}/waiting/{waiting.public_id}"
    yield PageVisit("queue-item-findings", rhys, item)
    signed = {"title": title, "text": "It was for me.\n\nThanks, Sam Okafor"}
    yield PageVisit("ask-own-name", sam, ask, signed, 400)


def pages_of_files(term: Term, sam: Browser, helen: Browser) -> Iterator[PageVisit]:
    """Composers and posts with pictures and PDFs, and polls before and after a vote."""
    ask, course = f"/boards/{term.open}/ask", f"/courses/{term.course.public_id}"
    title = {"title": "Does this ECG need the cath lab tonight?", "text": "Chest pain for an hour, now gone."}
    names = ("The whole ECG: ST elevation in V2 to V4", "The rhythm strip", "Chest pain pathway, 2026")

    def chosen(who: Browser) -> list[str]:
        files: list[str] = []
        for data, name in ((heavy_photo(), "John Thackeray.jpg"), (photo(), "IMG_1.jpg"), (PDF, "guideline.pdf")):
            files = files_in(add(who, ask, data, name, files=" ".join(files), **title).text)
        return files

    files, unsent = chosen(sam), chosen(helen)
    whole = {f"alt-{file}": alt for file, alt in zip([*files, *unsent], [*names, *names], strict=True)}
    yield PageVisit("ask-with-files", helen, ask, title | whole | {"files": " ".join(unsent), "do": "preview"})
    yield PageVisit("ask-with-files-wrong", helen, ask, title | {"files": " ".join(unsent)}, 400)
    sam.post(ask, title | whole | {"files": " ".join(files)})
    waiting = next(post for post in term.waiting_now() if post.title == title["title"])
    yield PageVisit("queue-item-files", helen, f"{course}/waiting/{waiting.public_id}")
    thread = f"/threads/{waiting.thread_public_id}"
    yield PageVisit("thread-with-files", sam, thread)
    yield PageVisit("thread-with-files-large", sam, f"{thread}?picture={files[0]}")
    yield PageVisit("edit-with-files", sam, f"/posts/{waiting.public_id}/edit")
    polled = {"title": "How long do you keep clopidogrel?", "text": "After a stent.", "options": "6 months\n12 months"}
    yield PageVisit("ask-poll-wrong", sam, ask, polled | {"options": "One", "closes": "2001-01-01"}, 400)
    poll = sam.post(ask, polled | {"closes": "2099-01-01"}).headers["Location"]
    yield PageVisit("poll", helen, poll)
    yield PageVisit("poll-wrong", helen, f"{poll}/vote", {"do": "vote"}, 400)
    several = sam.post(ask, polled | {"title": "Which do you check first?", "many": "yes"}).headers["Location"]
    yield PageVisit("poll-several", sam, several)
    voters = [term.house.person_of(term.course, f"Voter {number}", Role.LEARNER) for number in range(5)]
    for number, voter in enumerate(voters):
        term.house.browser(voter, term.course).post(f"{several}/vote", {"choice": str(number // 3)})
    yield PageVisit("poll-results", term.house.browser(voters[0], term.course), several)
    sam.post(f"{poll}/vote", {"choice": "1"})
    yield PageVisit("poll-few", sam, poll)


def pages_of_moderators(term: Term) -> Iterator[PageVisit]:
    """The queue once it is worked: a claim, a second opinion, words suggested, decisions taken back, figures."""
    helen, rhys, priya = (term.house.browser(who, term.course) for who in (term.helen, term.rhys, term.priya))
    course, empty = f"/courses/{term.course.public_id}", f"/courses/{term.empty_course.public_id}"
    item, reply = f"{course}/waiting/{term.fresh}", f"{course}/waiting/{term.waiting}"
    warned = "Mr Thackeray came on 14 November. He stayed on ward 7 bed 12."
    named = term.house.answer(term.priya, term.course, term.question, warned)
    returned = {"seen": "1", "verb": "return", "asked": "yes"}
    helen.post(f"{course}/waiting/{named}", returned | {"text": "A patient came on day 1.", "note": "May I?"})
    helen.get(reply)
    yield PageVisit("thread-suggestion", priya, f"/threads/{term.thread_of(term.question)}")
    yield PageVisit("edit-suggestion", priya, f"/posts/{named}/edit?of=suggestion")
    yield PageVisit("queue-item-taken", rhys, reply)
    yield PageVisit("queue-overtaken", rhys, reply, {"seen": "1", "verb": "return", "asked": "yes", "note": "N."}, 409)
    yield PageVisit("queue-second-wrong", helen, f"{item}/second", {"who": str(term.rhys.id)}, 400)
    helen.post(f"{item}/second", {"who": str(term.rhys.id), "note": "Is that a question for this board?"})
    yield PageVisit("queue-item-handed", rhys, item)
    rhys.post(f"{course}/away", {"day": tomorrow().isoformat()})
    yield PageVisit("queue-away", helen, f"{course}/waiting")
    yield PageVisit("queue-none-ticked", helen, f"{course}/waiting/ticked", {"verb": "approve"}, 400)
    ticked = {"verb": "reject", "tick": f"{term.waiting}:1"}
    yield PageVisit("several", helen, f"{course}/waiting/ticked", ticked)
    yield PageVisit("several-wrong", helen, f"{course}/waiting/ticked", ticked | {"asked": "yes"}, 400)
    yield PageVisit("decide-redact", helen, reply, {"seen": "1", "verb": "redact"})
    undoing = term.house.browser(term.helen, term.course)
    settled = term.house.answer(term.priya, term.course, term.question, "Thank you, all of you.")
    undoing.post(f"{course}/waiting/{settled}", {"seen": "1", "verb": "reject", "reason": "topic"})
    yield PageVisit("queue-undo", undoing, f"{course}/waiting")
    back = f"{course}/decisions/{term.house.last_decision(term.trust)}/back"
    yield PageVisit("take-back", helen, back)
    yield PageVisit("take-back-wrong", helen, back, {"note": ""}, 400)
    yield PageVisit("figures", helen, f"{course}/figures")
    yield PageVisit("figures-week", helen, f"{course}/figures?period=week")
    yield PageVisit("figures-empty", helen, f"{empty}/figures?period=term")


def pages_of_teaching(term: Term, sam: Browser, helen: Browser) -> Iterator[PageVisit]:
    """Pages of the programme."""
    teaching, day = f"/courses/{term.course.public_id}/teaching", tomorrow().isoformat()
    again = {"title": "ECG clinic", "day": day, "begins": "13:15", "ends": "14:00", "room": "Seminar room 2, Level 3"}
    wrong = {"title": "", "day": "soon", "begins": "1", "ends": "2", "online_url": "meet", "cpd": "many"}
    change = f"/sessions/{term.teaching}/change"
    yield PageVisit("teaching", sam, f"{teaching}?day={day}")
    yield PageVisit("teaching-tutor", helen, f"{teaching}?day={day}")
    yield PageVisit("teaching-term", sam, f"{teaching}?day={day}&term=1&show=trust")
    yield PageVisit("session", sam, f"/sessions/{term.moved}")
    yield PageVisit("session-tutor", helen, f"/sessions/{term.teaching}")
    yield PageVisit("session-cancelled", helen, f"/sessions/{term.cancelled}")
    yield PageVisit("plan", helen, f"{teaching}/add")
    yield PageVisit("plan-clash", helen, f"{teaching}/add", again)
    yield PageVisit("plan-wrong", helen, f"{teaching}/add", wrong, 400)
    yield PageVisit("plan-change", helen, change)
    yield PageVisit("plan-older", helen, change, again | {"begins": "18:00", "ends": "19:00", "seen": "9"}, 409)
    yield PageVisit("cancel", helen, f"/sessions/{term.teaching}/cancel")
    yield PageVisit("cancel-wrong", helen, f"/sessions/{term.teaching}/cancel", {"note": ""}, 400)
    yield PageVisit("delete", helen, f"/sessions/{term.teaching}/delete")


def pages_of_feeds(term: Term, sam: Browser, helen: Browser) -> Iterator[PageVisit]:
    """Pages of calendar feeds."""
    phone, once = f"/courses/{term.course.public_id}/teaching/phone", new_public_id()
    sam.post(phone, {"once": once})
    long = "Core teaching of both hospitals, for whoever is on the wards"
    sam.post(f"{phone}/new", {"name": long, "grade": "ST3–8", "core": "yes", "course": term.course.public_id})
    yield PageVisit("phone", sam, phone)
    yield PageVisit("phone-empty", helen, phone)
    yield PageVisit("phone-new", sam, f"{phone}/new")
    yield PageVisit("phone-new-wrong", sam, f"{phone}/new", {"name": "", "grade": "none", "course": "none"}, 400)
    yield PageVisit("phone-replace", sam, f"{phone}/{once}/replace")
    yield PageVisit("phone-off", sam, f"{phone}/{once}/off")


def case_pages(term: Term) -> Iterator[PageVisit]:
    """Every page of the cases room."""
    cases = CaseTerm(term.house, term.course, term.sam, term.priya, term.helen)
    sam, priya, helen, rhys = (
        term.house.browser(person, term.course) for person in (term.sam, term.priya, term.helen, term.rhys)
    )
    course = f"/courses/{term.course.public_id}"
    here, write, whole = f"{course}/cases", f"/cases/{cases.draft}", f"/cases/{cases.whole}"
    yield PageVisit("cases", priya, here)
    yield PageVisit("cases-mine", sam, f"{here}?show=mine")
    yield PageVisit("cases-tutor", rhys, here)
    yield PageVisit("cases-nothing-fits", priya, f"{here}?speciality=renal")
    yield PageVisit("cases-other-course", sam, f"/courses/{term.empty_course.public_id}/cases")
    yield PageVisit("case-question", priya, f"{here}/{cases.unanswered}")
    yield PageVisit("case-question-wrong", priya, f"{here}/{cases.unanswered}/commit", {"answer": ""}, 400)
    yield PageVisit("case-free", priya, f"{here}/{cases.free}")
    yield PageVisit("case-free-wrong", priya, f"{here}/{cases.free}/commit", {"text": ""}, 400)
    yield PageVisit("case-reveal", priya, f"{here}/{cases.answered}")
    yield PageVisit("case-reveal-few", priya, f"{here}/{cases.few}")
    yield PageVisit("case-author", sam, f"{here}/{cases.unanswered}")
    yield PageVisit("case-tutor", helen, f"{here}/{cases.unanswered}")
    yield PageVisit("case-pending", sam, f"{here}/{cases.pending}")
    thread = cases.room.facts(term.priya, cases.answered).thread_public_id
    yield PageVisit("case-discussion", priya, f"/threads/{thread}")
    locked = cases.room.facts(term.priya, cases.unanswered).thread_public_id
    yield PageVisit("case-discussion-locked", priya, f"/threads/{locked}")
    yield PageVisit("case-new", sam, f"{here}/new")
    yield PageVisit("case-new-wrong", sam, f"{here}/new", {"note": ""}, 400)
    yield PageVisit("case-write", sam, f"{write}/write")
    yield PageVisit("case-write-returned", sam, f"/cases/{cases.returned}/write")
    for part in ("story", "question", "answer", "consent"):
        yield PageVisit(f"case-{part}", sam, f"{whole}/{part}")
    yield PageVisit("case-story-wrong", sam, f"{whole}/story", {"title": "x" * 151, "setting": "moon"}, 400)
    yield PageVisit("case-question-part-wrong", sam, f"{whole}/question", {"text": "A\nA"}, 400)
    yield PageVisit("case-answer-wrong", sam, f"{whole}/answer", {"best": "9", "note": "\n".join("ABCDEF")}, 400)
    yield PageVisit("case-consent-wrong", sam, f"{whole}/consent", {"basis": "perhaps"}, 400)
    yield PageVisit("case-send", sam, f"{whole}/send")
    yield PageVisit("case-send-incomplete", sam, f"{write}/send")
    yield PageVisit("case-send-wrong", sam, f"{write}/send", {"asks_trust": "yes"}, 400)
    doubtful = {"text": "Mrs Thackeray, a 71-year-old Somali bus driver, came to ward 7 with weak legs."}
    unsent, posted = (cases.room.begin(term.sam) for _each in range(2))
    for named in (unsent, posted):
        cases.room.write(term.sam, named, story=doubtful)
    cases.room.send(term.sam, posted)
    yield PageVisit("case-send-findings", sam, f"/cases/{unsent}/send")
    yield PageVisit("case-review-findings", rhys, f"/cases/{posted}/review")
    numbered = {"text": "NHS number 999 000 0000 came with weak legs."}
    yield PageVisit("case-story-stopped", sam, f"{whole}/story", numbered, 400)
    yield PageVisit("case-withdraw", sam, f"/cases/{cases.unanswered}/withdraw")
    yield PageVisit("case-review", rhys, f"/cases/{cases.pending}/review")
    unticked = {"verb": "tick", "seen": "1"}
    yield PageVisit("case-review-wrong", rhys, f"/cases/{cases.pending}/review", unticked, 400)
    unsaid = {"verb": "reject", "seen": "1", "note": "Not yet."}
    yield PageVisit("case-reject-wrong", rhys, f"/cases/{cases.pending}/review", unsaid, 400)
    yield PageVisit("case-consent-withdrawn", helen, f"/cases/{cases.unanswered}/consent-withdrawn")
    yield PageVisit("queue-with-cases", rhys, f"{course}/waiting")
    yield PageVisit("home-with-cases", sam, f"{course}/")
    yield PageVisit("log-with-cases", sam, f"{course}/log")


def open_page(visit: PageVisit):
    """Open the page and return the answer."""
    if visit.form:
        return visit.who.post(visit.path, visit.form)
    return visit.who.get(visit.path)
