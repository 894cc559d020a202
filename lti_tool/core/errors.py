"""The four things that go wrong on purpose. Each carries a sentence for the person who reads the page.

Nothing else is raised deliberately towards a view; whatever else arrives there is a fault of ours and says so (500).
"""


class Problem(Exception):
    """Something a person can be told. `message` is plain English: what happened and what to do now."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message)
        self.message = message


class NotFound(Problem):
    """It does not exist, or you may not know that it does (reading is decided by the query)."""


class Forbidden(Problem):
    """You can see it and may not change it (changing is decided by the policy table)."""


class Conflict(Problem):
    """Somebody else was first: what you saw has changed meanwhile."""


class Invalid(Problem):
    """What was sent cannot be used as it is. `fields` names each field with its sentence."""

    def __init__(self, message: str = "", fields: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.fields = fields or {}
