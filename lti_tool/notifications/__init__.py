"""A person's inbox: what became of their posts, who answered (never by name), which teaching changed at short notice.

Entries are made by deliveries, ten seconds after what happened, and only if it still holds. What an entry is about lies
sealed in it (`seals.py`, a module of its own because nothing else may open it): a row that named a person and a post
would undo the sealed authorship of pseudonymous boards. Texts hold no word of a post; a thread's title is looked up
when the inbox is read, by somebody who may read the thread. `duties.py` tells people for another reason than that they
wrote: by appointment, or because they read what was corrected. Not here: decisions (`moderation`), posts (`boards`).
"""

from lti_tool.notifications.actions import mark_thread_read
from lti_tool.notifications.jobs import jobs, listeners
from lti_tool.notifications.models import InboxEntry
from lti_tool.notifications.views import bar, blueprint

__all__ = ["InboxEntry", "bar", "blueprint", "jobs", "listeners", "mark_thread_read"]
