"""From what was typed to what can be stored: checked, rendered and cleaned before any lock is taken."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from lti_tool.confidentiality import Level, needs_second_reviewer
from lti_tool.core.errors import Invalid
from lti_tool.core.language import gettext as _
from lti_tool.core.richtext import RENDER_VERSION, plain, render
from lti_tool.files import ALT_LENGTH
from lti_tool.texts.evidence import NOTHING_SAID, Evidence
from lti_tool.texts.findings import FieldFinding, Kept, look_through, without_known
from lti_tool.texts.rules import SOURCE_LENGTH, TITLE_LENGTH, elsewhere, kinds

Known = Callable[[str], Sequence[tuple[int, int]]]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that is to hang on a text, and what it shows in its author's words."""

    public_id: str
    alt: str
    is_picture: bool = True
    is_doubtful: bool = False

    @property
    def field(self) -> str:
        """What the field of its words is called in a form."""
        return f"alt-{self.public_id}"


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
    evidence: Evidence = NOTHING_SAID
    files: tuple[Attachment, ...] = ()
    options: str = ""

    @property
    def fields(self) -> dict[str, str]:
        """The words that were looked through."""
        return words_of(self.title, self.source, self.files, self.options)

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
        return replace(self, needs_review=bool(self.told) or any(file.is_doubtful for file in self.files))

    def standing_on(self, evidence: Evidence) -> "Prepared":
        """The same with what it stands on."""
        return replace(self, evidence=evidence)


def prepare(
    source: str,
    title: str | None = None,
    kept: Kept | None = None,
    files: tuple[Attachment, ...] = (),
    options: str = "",
    known: Known = lambda _words: (),
) -> Prepared:
    """Check, render, clean, and look for what may name a patient. `title` None means that this text has none.

    `kept` is what the author said to findings, by key; `known` says where in words a colleague is mentioned: to warn of
    that name would be wrong. Findings refuse nothing here: whoever asks decides about them.
    What the files show, and a poll's options, are looked through with the rest. Raises Invalid with a sentence a field.
    """
    source = _tidy(source)
    problems = (_title_problem(title) if title is not None else {}) | _text_problem(source)
    problems |= {file.field: words for number, file in enumerate(files, 1) if (words := _alt_problem(file, number))}
    html = Markup("") if problems else render(source)
    if not problems and not plain(html).strip():
        problems = {"text": _("Nothing of this would be visible. Write it in words.")}
    if problems:
        raise Invalid(_("Not sent yet. Your text is safe."), problems)
    title = " ".join((title or "").split())
    fields = words_of(title, source, files, options)
    findings = without_known(look_through(fields, kept or {}), {name: known(words) for name, words in fields.items()})
    return Prepared(title, source, html, RENDER_VERSION, findings, files=files, options=options)


def words_of(title: str, source: str, files: tuple[Attachment, ...], options: str) -> dict[str, str]:
    """All words of a text by the fields in which they were typed."""
    poll = {"options": options} if options else {}
    return {"title": title, "text": source} | {file.field: file.alt for file in files} | poll


def name_nobody(fields: Mapping[str, str], allowed: Collection[str] = (), kept: Kept | None = None) -> dict[str, str]:
    """A sentence for each field that may not be kept as it is: it names a person, or asks for care of one now.

    For forms whose words nobody else looks at first. `allowed` are kinds of findings that may stand here. `kept` is
    given by forms whose words somebody does look at: what their author asks that person to look at may stand.
    """
    problems = {}
    looked = look_through({field: words[:SOURCE_LENGTH] for field, words in fields.items()}, kept or {}, is_whole=True)
    for field in fields:
        found = [each.finding for each in looked if each.field == field and each.is_stop]
        found = [finding for finding in found if finding.kind not in allowed]
        if found and found[0].level == Level.REFUSE:
            problems[field] = elsewhere()
        elif found:
            what = {"words": " ".join(found[0].text.split()), "kind": kinds()[found[0].kind]}
            problems[field] = _("Take out “%(words)s”. %(kind)s names one person.") % what
    return problems


def _alt_problem(file: Attachment, number: int) -> str:
    if not file.alt:
        missing = _("Say what picture %(number)s shows.") if file.is_picture else _("Say what PDF %(number)s is.")
        return missing % {"number": number}
    if len(file.alt) > ALT_LENGTH:
        return _("Shorten what the file shows to %(most)d characters.") % {"most": ALT_LENGTH}
    return ""


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
