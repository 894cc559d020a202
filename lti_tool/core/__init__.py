"""The cellar: settings, database, clock, ids, rich text, errors, paging and log.

Everything above stands on it and it knows nobody. Rooms import its modules by name (`from lti_tool.core import clock`).
"""
