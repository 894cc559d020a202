"""A reply put into the composer as a quotation. Pure.

It never says who wrote: on a board without names that would be a second place for an alias, and a name that stands in
somebody else's text outlives whatever its owner does with it.
"""

from lti_tool.core.language import gettext as _

MOST_QUOTED = 1_500


def quotation(source: str, address: str) -> str:
    """Markdown that quotes these words with a link to where they stand; quotations within them are left out."""
    own = [line for line in source.splitlines() if not line.lstrip().startswith(">")]
    words = "\n".join(own).strip()
    if len(words) > MOST_QUOTED:
        words = words[:MOST_QUOTED].rsplit(None, 1)[0] + " …"
    lines = "\n".join(f"> {line}".rstrip() for line in words.splitlines())
    return f"> [{_('A reply')}]({address}) {_('wrote:')}\n>\n{lines}\n\n" if lines else ""


def with_quotation(text: str, quoted: str) -> str:
    """What stood in the composer with the quotation after it, once: reloading the page does not quote again."""
    if not quoted or quoted.strip() in text:
        return text
    return f"{text.rstrip()}\n\n{quoted}" if text.strip() else quoted
