"""What people write becomes HTML here and nowhere else: Markdown → bleach → nh3, with one allow-list.

Markdown-it never passes HTML through (`html: False`), so its output is ours already; bleach cleans it as if it were
not, with our own check of addresses (bleach is end-of-life and lets `javascript:1` through a scheme list); nh3 has the
last word. `render` is pure: the same source gives the same HTML, and cleaning it again changes nothing. The caller
limits the length of the source. A change of what comes out needs a new `RENDER_VERSION`: stored texts are then re-made.
"""

import html as _html
import re
from collections.abc import Sequence
from urllib.parse import urlsplit

import nh3
from bleach.sanitizer import Cleaner
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markupsafe import Markup

RENDER_VERSION = 2

TAGS = frozenset({
    "a", "blockquote", "br", "code", "em", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "s", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
})  # fmt: skip
SCHEMES = frozenset({"http", "https", "mailto"})
LINK_REL = "noopener noreferrer nofollow"
DEEPEST_BLOCK = 20
DEEPEST_EMPHASIS = 8
MOST_CELLS = 8_000

# Headings of a text stand below those of its page, which end at h3.
_HEADINGS = {"h1": "h4", "h2": "h5", "h3": "h6", "h4": "h6", "h5": "h6", "h6": "h6"}
_UNSEEN = re.compile(r"[\x00-\x20\x7f-\xa0\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_BLOCK = re.compile(r"<(?=/?(?:blockquote|br|h[4-6]|hr|li|ol|p|pre|table|td|th|tr|ul)\b)")
_SPACES = re.compile(r"\s+")
_WRITTEN_OUT = re.compile(r"https?://[^\s<>\"'`|{}]{1,2000}", re.IGNORECASE)
_AFTER_ADDRESS = ".,;:!?*_~"


def is_safe_address(address: str) -> bool:
    """Whether a link may lead there: absolute http or https with a host and without a name before it, or mailto."""
    if _UNSEEN.search(address) or "\\" in address:
        return False
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    if parts.scheme == "mailto":
        return bool(parts.path)
    return parts.scheme in SCHEMES and bool(parts.hostname) and "@" not in parts.netloc


def _is_attribute_allowed(tag: str, name: str, value: str) -> bool:
    if tag == "a" and name == "href":
        return is_safe_address(value)
    return tag == "ol" and name == "start" and value.isascii() and value.isdigit() and len(value) < 10


def _demote_headings(state: StateCore) -> None:
    """A page has one h1, and it is never in a text."""
    for token in state.tokens:
        token.tag = _HEADINGS.get(token.tag, token.tag)


def _link_addresses(state: StateCore) -> None:
    """An address that is written out becomes a link. Linear in the text, which markdown-it's own linkify is not."""
    for token in state.tokens:
        if token.type == "inline" and token.children and "://" in token.content:
            token.children = _with_links(token.children)


def _with_links(tokens: Sequence[Token]) -> list[Token]:
    made: list[Token] = []
    links_open = 0
    for token in tokens:
        links_open += token.nesting if token.type in ("link_open", "link_close") else 0
        made += [token] if links_open or token.type != "text" else _split_at_addresses(token.content)
    return made


def _split_at_addresses(words: str) -> list[Token]:
    parts, end = [], 0
    for found in _WRITTEN_OUT.finditer(words):
        address = _without_tail(found.group())
        if is_safe_address(address):
            parts += [_words(words[end : found.start()]), *_link(address)]
            end = found.start() + len(address)
    return [*parts, _words(words[end:])]


def _without_tail(address: str) -> str:
    """Without the full stop of the sentence and the bracket around the address: "(see https://nice.org.uk)."."""
    address = address.rstrip(_AFTER_ADDRESS)
    too_many = address.count(")") - address.count("(")
    while too_many > 0 and address.endswith(")"):
        address = address[:-1].rstrip(_AFTER_ADDRESS)
        too_many -= 1
    return address


def _words(words: str) -> Token:
    return Token("text", "", 0, content=words)


def _link(address: str) -> list[Token]:
    return [Token("link_open", "a", 1, attrs={"href": address}), _words(address), Token("link_close", "a", -1)]


def _flatten_emphasis(state: StateCore) -> None:
    """Emphasis within emphasis within …: left out below a depth nobody means (tree builders are quadratic)."""
    for token in state.tokens:
        if token.type == "inline" and token.children:
            token.children = _shallow(token.children)


def _shallow(tokens: Sequence[Token]) -> list[Token]:
    kept, depth = [], 0
    for token in tokens:
        is_mark = token.tag in ("em", "strong", "s")
        depth += token.nesting if is_mark and token.nesting > 0 else 0
        if not (is_mark and depth > DEEPEST_EMPHASIS):
            kept.append(token)
        depth += token.nesting if is_mark and token.nesting < 0 else 0
    return kept


def _markdown() -> MarkdownIt:
    options = {"html": False, "linkify": False, "breaks": True, "typographer": False, "maxNesting": DEEPEST_BLOCK}
    markdown = MarkdownIt("commonmark", options).enable(["table", "strikethrough"])
    markdown.disable(["image", "html_block", "html_inline", "reference"])
    markdown.validateLink = is_safe_address  # type: ignore[method-assign,assignment]  # markdown-it's documented hook
    markdown.core.ruler.push("link_addresses", _link_addresses)
    markdown.core.ruler.push("demote_headings", _demote_headings)
    markdown.core.ruler.push("flatten_emphasis", _flatten_emphasis)
    return markdown


_MARKDOWN = _markdown()
_WITHOUT_TABLES = _markdown().disable("table")


def render(source: str) -> Markup:
    """The HTML of a text that somebody wrote in Markdown. Never raises, whatever they wrote."""
    source = _CONTROL.sub("", source)
    markdown = _WITHOUT_TABLES if _may_hold_bomb(source) else _MARKDOWN
    return clean(markdown.render(source))


def _may_hold_bomb(source: str) -> bool:
    """Whether a table could be huge: Markdown fills short rows up to the first one's width."""
    lines = source.splitlines()
    return len(lines) * max((line.count("|") for line in lines), default=0) > MOST_CELLS


def clean(html: str) -> Markup:
    """Only what the allow-list names, and every link harmless. Idempotent.

    Links open in a window of their own: we are shown in a frame of the VLE, and most sites refuse to be framed.
    """
    cleaner = Cleaner(tags=TAGS, attributes=_is_attribute_allowed, protocols=SCHEMES, strip=True)
    last_word = nh3.clean(
        cleaner.clean(html),
        tags=set(TAGS),
        attributes={"*": set(), "a": {"href"}, "ol": {"start"}},
        url_schemes=set(SCHEMES),
        set_tag_attribute_values={"a": {"target": "_blank"}},
        link_rel=LINK_REL,
    )
    return Markup(last_word.strip())  # noqa: S704 - this is the place that makes it safe


def plain(html: str) -> str:
    """The words of a rendered text on one line, for excerpts, search and mails. Not HTML: escape it to show it."""
    spaced = _BLOCK.sub(" <", html)
    return _SPACES.sub(" ", _html.unescape(nh3.clean(spaced, tags=set(), attributes={"*": set()}))).strip()


def excerpt(html: str, length: int = 160) -> str:
    """The first words of a rendered text, at most `length` characters, cut between words with an ellipsis."""
    words = plain(html)
    if len(words) <= length:
        return words
    head, _, tail = words[:length].rpartition(" ")
    return f"{(head or tail[:-1]).rstrip(' ,;:.–-')}…"
