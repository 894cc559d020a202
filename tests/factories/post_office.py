"""A real mail server on this machine (aiosmtpd): it keeps what it takes, and can be closed or refuse."""

from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.factories.demo import free_port


class PostOffice:
    """The handler of aiosmtpd and the server around it. Answers are what SMTP says; empty means: taken."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, EmailMessage]] = []
        self.raw: list[bytes] = []
        self.rcpt_answer = ""
        self.data_answer = ""
        self.port = free_port()
        self._controller: Controller | None = None

    @property
    def url(self) -> str:
        """Its address as a setting."""
        return f"smtp+plain://127.0.0.1:{self.port}"

    def open(self) -> None:
        """Begin to answer."""
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def close(self) -> None:
        """Answer no more."""
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Somebody to whom a mail is to go."""
        if self.rcpt_answer:
            return self.rcpt_answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """A mail."""
        content = envelope.content or b""
        assert isinstance(content, bytes)
        self.raw.append(content)
        message = message_from_bytes(content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.taken.append((envelope.rcpt_tos[0], message))
        return self.data_answer or "250 OK"
