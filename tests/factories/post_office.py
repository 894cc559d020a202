"""A real mail server on this machine (aiosmtpd): it keeps what it takes, and can be closed or refuse."""

import ssl
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

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

    def open(self, tls: ssl.SSLContext | None = None, password: str = "", *, from_the_first_byte: bool = False) -> None:
        """Begin to answer; with `tls` encrypted, and then only to who knows the `password`, if there is one."""

        def knows(_server: SMTP, _session: Session, _envelope: Envelope, _way: str, given: Any) -> AuthResult:
            return AuthResult(success=given.password.decode() == password, handled=False)

        more: dict[str, Any] = {"authenticator": knows, "auth_required": True} if password else {}
        if tls is None or from_the_first_byte:
            more |= {"auth_require_tls": False}
        if tls is not None and not from_the_first_byte:
            more |= {"tls_context": tls, "require_starttls": True}
        first = tls if from_the_first_byte else None
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, ssl_context=first, **more)
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
