"""The case board: cases that people learn from. Not here: discussion beneath a case (`boards`)."""

from lti_tool.cases.views import bar, blueprint

__all__ = ["bar", "blueprint"]
