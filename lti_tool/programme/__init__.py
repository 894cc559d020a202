"""The teaching programme: sessions of a course, planned and moved. Not here: calendar feeds (`feeds`)."""

from lti_tool.programme.views import bar, blueprint

__all__ = ["bar", "blueprint"]
