"""A person's front page in a course: what needs them, what waits, their drafts; their rotation; finishing a visit.

The attic: it looks into other rooms through their doors and keeps nothing of its own.
"""

from lti_tool.home.views import bar, blueprint

__all__ = ["bar", "blueprint"]
