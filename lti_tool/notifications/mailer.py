"""The one home of smtplib: a letter on its way to one person, and what the mail server said.

smtp:// must offer STARTTLS and smtps:// speaks TLS from the first byte, both with a certificate that holds; smtp+plain://
is the administrator's word that the way is guarded. A server that cannot be reached, or says "later" (4xx), is tried
again by the journal. "Never" (5xx) is not asked twice. What the server says is kept out of errors: it names people.
"""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from urllib.parse import unquote, urlsplit

from lti_tool.core import clock
from lti_tool.core.settings import Settings
from lti_tool.notifications.letters import Letter, html_of, text_of

SECONDS = 5.0  # for each answer of the server: a whole letter ends within the minute that the journal gives it
PORTS = {"smtp": 587, "smtps": 465, "smtp+plain": 25}
# One line a header, so that an address in it is never folded or encoded; RFC 5322 §2.1.1 allows 998 characters.
POLICY = SMTP.clone(max_line_length=998)


class MailWaits(Exception):
    """Not sent now; the delivery is tried again. Its text holds a code and no address."""


class MailRefused(Exception):
    """Never to be sent. `is_address`: it is the recipient's address that the server does not take."""

    def __init__(self, code: int, *, is_address: bool) -> None:
        super().__init__(f"refused with {code}")
        self.code = code
        self.is_address = is_address


def message_of(settings: Settings, letter: Letter, to: str, message_id: str) -> EmailMessage:
    """The letter as a message. Its Message-ID is the same at every try, so that a repetition shows itself as one."""
    message = EmailMessage(policy=POLICY)
    message["From"] = settings.mail_from
    message["To"] = to
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = f"<{message_id}@{urlsplit(settings.base_url).hostname}>"
    message["List-Unsubscribe"] = f"<{letter.stop_url}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday note comes back
    message.set_content(text_of(letter), cte="quoted-printable")
    message.add_alternative(html_of(letter), subtype="html", cte="quoted-printable")
    return message


def send(settings: Settings, letter: Letter, to: str, message_id: str) -> None:
    """Hand the letter to the mail server. Raises MailWaits and MailRefused."""
    message = message_of(settings, letter, to, message_id)
    with _trouble(), _server(settings) as server:
        server.sendmail(parseaddr(settings.mail_from)[1], [to], message.as_bytes())


def greet(settings: Settings) -> None:
    """See whether the mail server answers and lets us in. Raises MailWaits."""
    with _trouble(), _server(settings) as server:
        server.noop()


@contextmanager
def _server(settings: Settings) -> Iterator[smtplib.SMTP]:
    address = urlsplit(settings.smtp_url)
    host, port = address.hostname or "", address.port or PORTS[address.scheme]
    tls = ssl.create_default_context(cafile=settings.ca_file or None)
    own_name = urlsplit(settings.base_url).hostname
    if address.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, own_name, timeout=SECONDS, context=tls)
    else:
        server = smtplib.SMTP(host, port, own_name, timeout=SECONDS)
    with server:
        if address.scheme == "smtp":
            server.starttls(context=tls)
        if address.username:
            server.login(unquote(address.username), unquote(address.password or ""))
        yield server


@contextmanager
def _trouble() -> Iterator[None]:
    """smtplib's errors as ours. Their own texts quote the server, which quotes addresses, so they end here."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        ((code, _words),) = error.recipients.values()
        raise _refusal(code, is_address=True) from None
    except smtplib.SMTPAuthenticationError as error:
        raise MailWaits(f"the mail server does not let us in ({error.smtp_code})") from None
    except smtplib.SMTPResponseException as error:
        raise _refusal(error.smtp_code, is_address=False) from None
    except smtplib.SMTPNotSupportedError:
        raise MailWaits("the mail server offers no encryption, or no way to log in") from None
    except (smtplib.SMTPException, OSError) as error:
        raise MailWaits(f"the mail server cannot be reached ({type(error).__name__})") from None


def _refusal(code: int, *, is_address: bool) -> Exception:
    return MailRefused(code, is_address=is_address) if code >= 500 else MailWaits(f"put off with {code}")
