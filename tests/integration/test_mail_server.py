"""The way to the mail server: encrypted or not at all, by name and password, with a certificate that holds."""

import ssl
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lti_tool.core.settings import Settings
from lti_tool.notifications.letters import Letter, Line
from lti_tool.notifications.mailer import MailRefused, MailWaits, greet, message_of, send
from tests.browser.site import Papers, make_papers
from tests.factories.post_office import PostOffice

PASSWORD = "a-word-of-the-trust"
LETTER = Letter(
    "A subject", [Line("Said", "Where", "https://x.example/go/1")], "", "https://x.example/mail/stop/T", "Stop"
)


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    """An authority and a certificate for localhost."""
    return make_papers(tmp_path_factory.mktemp("papers"))


@pytest.fixture
def tls(papers: Papers) -> ssl.SSLContext:
    """What the server shows."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(papers.certificate, papers.key)
    return context


@pytest.fixture
def office() -> Iterator[PostOffice]:
    """A server that is not open yet."""
    office = PostOffice()
    yield office
    office.close()


def to(settings: Settings, office: PostOffice, scheme: str, who: str = "", ca_file: Path | str = "") -> Settings:
    """An installation that sends to this server."""
    url = f"{scheme}://{who}localhost:{office.port}"
    return replace(settings, smtp_url=url, mail_from="Grand Round <post@trust.example>", ca_file=str(ca_file))


def test_starttls_with_name_and_password(settings, office, tls, papers):
    office.open(tls, PASSWORD)
    here = to(settings, office, "smtp", f"grand%40round:{PASSWORD}@", papers.authority)
    send(here, LETTER, "sam@trust.example", "ID")
    assert office.taken[0][0] == "sam@trust.example"


def test_tls_from_the_first_byte(settings, office, tls, papers):
    office.open(tls, from_the_first_byte=True)
    send(to(settings, office, "smtps", ca_file=papers.authority), LETTER, "sam@trust.example", "ID")
    assert len(office.taken) == 1


def test_a_wrong_password_waits_and_says_so_without_the_word(settings, office, tls, papers):
    office.open(tls, PASSWORD)
    with pytest.raises(MailWaits, match="does not let us in") as trouble:
        greet(to(settings, office, "smtp", "name:wrong-word@", papers.authority))
    assert "wrong-word" not in str(trouble.value)


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_certificate_that_nobody_vouches_for_gets_nothing(settings, office, tls, scheme):
    office.open(tls, PASSWORD if scheme == "smtp" else "", from_the_first_byte=scheme == "smtps")
    with pytest.raises(MailWaits, match="cannot be reached"):
        send(to(settings, office, scheme), LETTER, "sam@trust.example", "ID")
    assert office.taken == []


def test_a_server_without_encryption_is_not_told_our_password(settings, office):
    office.open()
    with pytest.raises(MailWaits, match="no encryption"):
        send(to(settings, office, "smtp", f"name:{PASSWORD}@"), LETTER, "sam@trust.example", "ID")
    assert office.taken == []


@pytest.mark.parametrize(("answer", "is_address"), [("550 sam@trust.example is unknown", True), ("421 later", None)])
def test_what_the_server_says_of_people_is_in_no_error(settings, office, answer, is_address):
    office.open()
    office.rcpt_answer = answer
    with pytest.raises((MailRefused, MailWaits)) as trouble:
        send(replace(to(settings, office, "smtp+plain")), LETTER, "sam@trust.example", "ID")
    assert "sam@" not in str(trouble.value)
    assert trouble.value.__suppress_context__, "its own text would go into the log with ours"
    assert getattr(trouble.value, "is_address", None) == is_address


def test_no_subject_of_ours_can_become_a_header(settings, office):
    office.open()
    wrong = replace(LETTER, subject="A subject\r\nBcc: all@trust.example")
    with pytest.raises(ValueError, match="linefeed"):
        message_of(to(settings, office, "smtp+plain"), wrong, "sam@trust.example", "ID")


def test_words_that_look_like_a_page_stay_words(settings, office):
    line = Line("<b>Said</b> & done", "<script>", 'https://x.example/"><img>')
    message = message_of(to(settings, office, "smtp+plain"), replace(LETTER, lines=[line]), "sam@trust.example", "ID")
    page = message.get_body(("html",)).get_content()
    assert "<script>" not in page
    assert "<img>" not in page
    assert "&lt;b&gt;Said" in page
