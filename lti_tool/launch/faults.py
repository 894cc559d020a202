"""Why a launch was refused: one `Fault` for each cause, each with words of its own for the person who stands before it.

A refusal has three readers. The **person** is told what happened and what to do, without a technical word (`happened`,
`todo`). The **help desk** gets a short code from the page. The **log** keeps `detail` under that code. Detail may name
claims and keys; it never holds a token, a name or an e-mail address.
"""

from dataclasses import dataclass
from enum import Enum, unique

_REOPEN = ("Go back to your course page and reload it.", "Open the activity again.")
_TELL = ("Tell your VLE team. Nothing you do yourself can put this right.",)
_WAIT = ("Wait a minute.", "Go back to your course page, reload it and open the activity again.")
_SIGN_IN = ("Sign in to your VLE again.", "Open your course page and then the activity.")
_NEW_INVITE = (
    "Ask whoever runs Grand Round for a new address.",
    "Paste it into the VLE in place of this one.",
)
_FROM_THE_START = (
    "Go back to the page of the VLE where you pasted the address.",
    "Paste the same address again: it still holds.",
)
_ASK_GRAND_ROUND = (
    "Tell whoever runs Grand Round, with the code below.",
    "When it is put right, paste the same address into the VLE again: it still holds.",
)
_SAME_BROWSER = ("Open your course page in this browser.", "Open the activity from there.")


@dataclass(frozen=True)
class Words:
    """What the page says. `happened` is one or two sentences; `todo` is a list of steps."""

    happened: str
    todo: tuple[str, ...]


@unique
class Fault(Enum):
    """Every way in which a login or a launch can be refused."""

    # The login request (LTI Security Framework §5.1.1.1)
    NO_ISSUER = Words("The link did not say which VLE it comes from.", _TELL)
    NO_LOGIN_HINT = Words("Your VLE did not say who is opening this link.", _TELL)
    NO_TARGET = Words("Your VLE did not say which page this link should open.", _TELL)
    TOO_LONG = Words("The link was far longer than a link of your VLE can be.", _REOPEN)
    ODD_LETTERS = Words("The link holds letters that no link of a VLE holds.", _REOPEN)
    PLATFORM_UNKNOWN = Words("The VLE you came from is not connected to Grand Round.", _TELL)
    PLATFORM_AMBIGUOUS = Words("Your VLE is connected more than once and did not say which connection it meant.", _TELL)
    PLATFORM_OFF = Words("The connection between your VLE and Grand Round is switched off.", _TELL)
    TARGET_ELSEWHERE = Words("The link leads to a website that is not Grand Round, so we did not follow it.", _TELL)
    DEPLOYMENT_UNKNOWN = Words("Your VLE is connected, but the part of it that you came from is not yet.", _TELL)

    # What came back with the person (OpenID Connect Core §3.1.2.5, §3.1.2.6)
    LOGIN_REQUIRED = Words("Your VLE says that you are no longer signed in there.", _SIGN_IN)
    VLE_STOPPED = Words("Your VLE stopped before it told us who you are.", _REOPEN)
    NO_TOKEN = Words("Your VLE sent you here without saying who you are.", _REOPEN)
    NO_STATE = Words("You came here without the first step that belongs to opening an activity.", _REOPEN)
    STATE_UNREADABLE = Words("The slip that your VLE handed back to us is not one that we gave out.", _REOPEN)
    STATE_EXPIRED = Words(
        "The link from your course page had expired. This happens when the page was open for a long time. "
        "Nothing is wrong with your account, and nothing you wrote is lost.",
        _REOPEN,
    )
    USED_ALREADY = Words(
        "This link has been used already. Each one opens Grand Round once, so going back or reloading can bring up "
        "an old one.",
        _REOPEN,
    )
    OTHER_BROWSER = Words("The activity was opened in one browser and arrived in another.", _SAME_BROWSER)

    # Our own tickets (`tickets.py`)
    TICKET_UNREADABLE = Words("The address that brought you here is not complete.", _REOPEN)
    TICKET_EXPIRED = Words("The address that brought you here has ended: it holds for a short time only.", _REOPEN)
    TICKET_USED = Words("The address that brought you here has been used already, and it lets in once.", _REOPEN)

    # The sealed message and its key (Security Framework §5.1.3; RFC 7515)
    TOKEN_TOO_LARGE = Words("Your VLE sent far more than it needs to send to open an activity.", _TELL)
    TOKEN_UNREADABLE = Words("What your VLE sent about you could not be read.", _REOPEN)
    TOKEN_AMBIGUOUS = Words(
        "What your VLE sent says the same thing twice, so we could not tell which to believe.", _TELL
    )
    BRINGS_ITS_KEY = Words("The message about you brought its own proof with it, which proves nothing.", _TELL)
    ALGORITHM_WRONG = Words("The message about you was sealed in a way that we do not accept.", _TELL)
    KEY_NOT_NAMED = Words("The message about you does not say which key of your VLE sealed it.", _TELL)
    KEY_UNKNOWN = Words("The message about you was sealed with a key that your VLE does not list.", _WAIT)
    KEY_UNUSABLE = Words("The key that your VLE lists for this message is of a kind that we cannot use.", _TELL)
    KEYS_UNREADABLE = Words("We could not read the keys of your VLE, so we could not check who you are.", _WAIT)
    KEYS_BUSY = Words("Many people are waiting for the keys of your VLE at this moment.", _WAIT)
    SEAL_BROKEN = Words(
        "The seal on the message about you does not match: it was changed or is not from your VLE.", _REOPEN
    )
    NOT_A_LIST_OF_CLAIMS = Words("What your VLE sent about you has the wrong shape.", _TELL)

    # Whom the message is from and for, and when (Security Framework §5.1.2, §5.1.3)
    ISSUER_MISSING = Words("The message about you does not say which VLE wrote it.", _TELL)
    ISSUER_WRONG = Words("The message about you was written by another VLE than the one you came from.", _TELL)
    AUDIENCE_MISSING = Words("The message about you does not say for whom it is meant.", _TELL)
    AUDIENCE_WRONG = Words("The message about you was meant for another tool, not for Grand Round.", _TELL)
    AUDIENCE_SHARED = Words("The message about you was meant for other tools as well, which we do not know.", _TELL)
    PARTY_MISSING = Words("The message about you was meant for several tools and does not say who asked for it.", _TELL)
    PARTY_WRONG = Words("The message about you was asked for by another tool.", _TELL)
    EXPIRY_MISSING = Words("The message about you does not say how long it may be used.", _TELL)
    ISSUED_MISSING = Words("The message about you does not say when it was written.", _TELL)
    EXPIRED = Words(
        "The message about you was too old when it reached us. If it happens to everyone, the clock of your VLE may "
        "be wrong.",
        _REOPEN,
    )
    TOO_OLD = Words("The message about you was written long before you opened this activity.", _REOPEN)
    FROM_THE_FUTURE = Words("The message about you carries a time that is still to come: a clock is wrong.", _TELL)
    NONCE_MISSING = Words("The message about you does not say to which opening of the activity it belongs.", _TELL)
    NONCE_OTHER = Words("The message about you belongs to another opening of the activity than this one.", _REOPEN)

    # What an LTI message must hold (LTI Core §5.3, Deep Linking §4.4)
    SUBJECT_MISSING = Words("Your VLE did not tell us which of its people you are.", _TELL)
    SUBJECT_TOO_LONG = Words("The number by which your VLE knows you is too long.", _TELL)
    NOT_LTI = Words("Your VLE signed you in but said nothing about a course or an activity.", _TELL)
    VERSION_MISSING = Words("Your VLE did not say which edition of the connection it uses.", _TELL)
    VERSION_WRONG = Words("Your VLE uses an edition of the connection that we do not know.", _TELL)
    MESSAGE_MISSING = Words("Your VLE did not say what it wants to open.", _TELL)
    MESSAGE_UNKNOWN = Words("Your VLE asked for something that Grand Round does not offer.", _TELL)
    ROLES_MISSING = Words("Your VLE said nothing about your role in the course, not even that you have none.", _TELL)
    ROLES_WRONG = Words("Your VLE described your role in the course in a way that we cannot read.", _TELL)
    DEPLOYMENT_MISSING = Words("Your VLE did not say which part of it you came from.", _TELL)
    LINK_MISSING = Words("Your VLE did not say which activity you opened.", _TELL)
    LINK_UNNAMED = Words("Your VLE spoke of an activity without saying which one.", _TELL)
    CHOOSING_WRONG = Words("Your VLE opened the page for choosing an activity but did not say where to put it.", _TELL)
    CLAIM_WRONG = Words("A part of what your VLE sent has the wrong shape.", _TELL)

    # Connecting a VLE by an invite (`registration.py`)
    INVITE_UNKNOWN = Words("Grand Round has given out no such address.", _NEW_INVITE)
    INVITE_EXPIRED = Words("This address has ended: it held for seven days.", _NEW_INVITE)
    INVITE_USED = Words("This address has been used already, and it connects one VLE once.", _NEW_INVITE)
    INVITE_IN_BROWSER = Words(
        "This address is for the VLE, which adds to it what Grand Round must know. It was opened without that.",
        (
            "Open the VLE’s page for external tools (Moodle: Site administration, Plugins, Manage tools).",
            "Paste the address there into the field at the top, and press the button beside it.",
        ),
    )
    PASS_WRONG = Words("What the VLE sent along to prove itself has a shape that we cannot use.", _FROM_THE_START)
    OFFER_ENDED = Words("The page stood open for too long, so nothing was connected.", _FROM_THE_START)
    OFFER_UNREADABLE = Words("What this page sent is not what Grand Round wrote on it.", _FROM_THE_START)
    CONFIGURATION_UNREACHABLE = Words("Grand Round could not read what the VLE says of itself.", _ASK_GRAND_ROUND)
    CONFIGURATION_UNREADABLE = Words("What the VLE says of itself is not written as we expect it.", _ASK_GRAND_ROUND)
    CONFIGURATION_INCOMPLETE = Words(
        "What the VLE says of itself leaves out something that a connection needs.", _ASK_GRAND_ROUND
    )
    CONFIGURATION_ELSEWHERE = Words(
        "The VLE gives itself another address than the one it sent us to, so we could not tell who it is.",
        _ASK_GRAND_ROUND,
    )
    REGISTRATION_UNREACHABLE = Words("The VLE could not be reached when we wanted to register there.", _FROM_THE_START)
    REGISTRATION_REFUSED = Words(
        "The VLE refused to register Grand Round. What it lends us for that ends after an hour.", _FROM_THE_START
    )
    REGISTRATION_UNREADABLE = Words(
        "The VLE answered, but did not say under which number it registered Grand Round.",
        (
            "Look whether Grand Round is in the VLE’s list of tools now. If it is, delete it there.",
            "Paste the same address again: it still holds.",
        ),
    )
    REGISTRATION_FAILED = Words(
        "The VLE did not finish registering Grand Round, so nothing was connected.", _FROM_THE_START
    )
    CONNECTED_ALREADY = Words(
        "This VLE is connected to Grand Round for your trust already.",
        (
            "You need do nothing: add Grand Round to a course as an activity.",
            "To connect it anew all the same, ask whoever runs Grand Round to switch the old connection off first.",
        ),
    )
    CHECKLIST_UNKNOWN = Words("There is no such list, or the time for which it could be seen has ended.", _NEW_INVITE)

    @property
    def happened(self) -> str:
        return self.value.happened

    @property
    def todo(self) -> tuple[str, ...]:
        return self.value.todo


class Refused(Exception):
    """A login or launch that is not let in. `detail` is for the log alone."""

    def __init__(self, fault: Fault, detail: str) -> None:
        super().__init__(f"{fault.name}: {detail}")
        self.fault = fault
        self.detail = detail


class NotConnected(Refused):
    """A VLE that was not connected. `shown` is a reason that its administrator may read, such as a name not found."""

    def __init__(self, fault: Fault, detail: str, shown: str = "") -> None:
        super().__init__(fault, detail)
        self.shown = shown
