"""Every refusal has words of its own, and none of them is technical."""

import re

from lti_tool.launch.faults import Fault

TECHNICAL = re.compile(
    r"\b(token|jwt|json|nonce|claim|signature|oidc|lti|http|url|api|kid|iss|aud|azp|server|error|invalid|parameter)s?\b",
    re.IGNORECASE,
)


def test_no_two_faults_say_the_same() -> None:
    assert len({fault.happened for fault in Fault}) == len(Fault)


def test_each_says_what_to_do() -> None:
    assert all(fault.todo and all(step.endswith(".") for step in fault.todo) for fault in Fault)


def test_nothing_technical_is_said() -> None:
    for fault in Fault:
        assert not TECHNICAL.search(" ".join([fault.happened, *fault.todo])), fault.name
