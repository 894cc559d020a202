"""What the worker does here: finish a purge, and call again where a concern has waited too long."""

from datetime import timedelta

from lti_tool.journal import Job, Listener, Reach
from lti_tool.moderation.purging import finish_purge
from lti_tool.moderation.safety import call_again

FINISHED_AFTER = timedelta(seconds=30)  # when the request that purged has let go of the file

listeners = (Listener("post.purged", Job("finish_purge", finish_purge, Reach.OUTSIDE), FINISHED_AFTER),)
jobs = (Job("call_again", call_again),)
