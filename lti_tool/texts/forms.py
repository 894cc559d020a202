"""From what was typed to what can be stored: checked, rendered and cleaned before any lock is taken."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from markupsafe import Markup

from lti_tool.confidentiality import Level, needs_second_reviewer, scan
from lti_tool.core.errors import Invalid
from lti_tool.core.language import gettext as _
from lti_tool.core.richtext import RENDER_VERSION, plain, render
from lti_tool.texts.findings import FieldFinding, Kept, look_through
from lti_tool.texts.rules import SOURCE_LENGTH, TITLE_LENGTH, kinds


@dataclass(frozen=True, slots=True)
class Prepared:
    """A text that is ready to become a revision, with what the identifier check found in it.

    `needs_review` is for the page on which it was written to say: a moderator looks, whatever the board or the author.
    """

    title: str
    source: str
    html: Markup
    render_version: int
    findings: tuple[FieldFinding, ...] = ()
    needs_review: bool = False

    @property
    def fields(self) -> dict[str, str]:
        """The words that were looked through."""
        return {"title": self.title, "text": self.source}

    @property
    def is_crowd(self) -> bool:
        """Whether so many details stand together that they may describe one person."""
        return needs_second_reviewer(each.finding for each in self.findings)

    @property
    def told(self) -> list[FieldFinding]:
        """The findings that its author is told of."""
        return [each for each in self.findings if not each.is_piece]

    def for_review(self) -> "Prepared":
        """The same, to be looked at by a moderator if there is anything to look at."""
        return replace(self, needs_review=bool(self.told))


def prepare(source: str, title: str | None = None, kept: Kept | None = None) -> Prepared:
    """Check, render, clean, and look for what may name a patient. `title` None means that this text has none.

    `kept` is what the author said to findings, by key. Findings refuse nothing here: whoever asks decides about them.
    Raises Invalid with a sentence a field.
    """
    source = _tidy(source)
    problems = (_title_problem(title) if title is not None else {}) | _text_problem(source)
    html = Markup("") if problems else render(source)
    if not problems and not plain(html).strip():
        problems = {"text": _("Nothing of this would be visible. Write it in words.")}
    if problems:
        raise Invalid(_("Not sent yet. Your text is safe."), problems)
    title = " ".join((title or "").split())
    findings = look_through({"title": title, "text": source}, kept or {})
    return Prepared(title, source, html, RENDER_VERSION, findings)


def name_nobody(fields: Mapping[str, str], allowed: Collection[str] = ()) -> dict[str, str]:
    """A sentence for each field that may not be kept as it is: it names a person, or asks for care of one now.

    For forms whose words nobody else looks at first. `allowed` are kinds of findings that may stand here.
    """
    problems = {}
    for field, words in fields.items():
        found = [finding for finding in scan(words[:SOURCE_LENGTH]) if finding.level in (Level.STOP, Level.REFUSE)]
        found = [finding for finding in found if finding.kind not in allowed]
        if found and found[0].level == Level.REFUSE:
            problems[field] = elsewhere()
        elif found:
            what = {"words": " ".join(found[0].text.split()), "kind": kinds()[found[0].kind]}
            problems[field] = _("Take out “%(words)s”. %(kind)s names one person.") % what
    return problems


def elsewhere() -> str:
    """What is said to whoever asks for care of a patient now."""
    return _("This is about care that is happening now. Use the clinical system.")


def _tidy(source: str) -> str:
    return source.replace("\r\n", "\n").replace("\x00", "").strip()


def _text_problem(source: str) -> dict[str, str]:
    if not source:
        return {"text": _("Write your text.")}
    if len(source) > SOURCE_LENGTH:
        return {"text": _("Shorten your text to %(most)d characters.") % {"most": SOURCE_LENGTH}}
    return {}


def _title_problem(title: str) -> dict[str, str]:
    if not title.strip():
        return {"title": _("Write your question in one sentence.")}
    if len(title) > TITLE_LENGTH:
        return {"title": _("Shorten your question to %(most)d characters.") % {"most": TITLE_LENGTH}}
    return {}
