"""A person's inbox: what became of their posts, who answered (never by name), which teaching changed at short notice.

Entries are made by deliveries, ten seconds after what happened, and only if it still holds. What an entry is about lies
sealed in it (`seals.py`, a module of its own because nothing else may open it): a row that named a person and a post
would undo the sealed authorship of pseudonymous boards. Texts hold no word of a post; a thread's title is looked up
when the inbox is read, by somebody who may read the thread. `duties.py` tells people for another reason than that they
wrote: by appointment, or because they read what was corrected.

Mail comes on top, for who wants it, where the trust has a mail server and the VLE tells the address; nothing depends on
it. `letters.py` is what mails say, and `mailer.py`, the home of smtplib, brings them to the server: two modules more,
because the words are signed off and the protocol is not. Not here: decisions (`moderation`), posts (`boards`), mail
addresses (`people`).
"""

from lti_tool.notifications.actions import mark_thread_read
from lti_tool.notifications.jobs import jobs, listeners
from lti_tool.notifications.mailer import MailWaits, greet
from lti_tool.notifications.models import Choice, InboxEntry
from lti_tool.notifications.queries import find_landmark
from lti_tool.notifications.views import bar, blueprints

landmarks = (find_landmark,)

__all__ = [
    "Choice",
    "InboxEntry",
    "MailWaits",
    "bar",
    "blueprints",
    "greet",
    "jobs",
    "landmarks",
    "listeners",
    "mark_thread_read",
]
