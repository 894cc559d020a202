"""`lti-tool scan`, as a script calls it."""

import json

from click.testing import CliRunner

from lti_tool.cli import main


def test_one_line_a_finding():
    answer = CliRunner().invoke(main, ["scan"], input="Mr Thackeray, NHS no 999 000 0018\n")
    assert answer.exit_code == 0
    lines = [json.loads(line) for line in answer.stdout.splitlines()]
    assert [(line["level"], line["kind"]) for line in lines] == [("B", "titled_name"), ("A", "nhs_number")]
    assert set(lines[0]) == {"level", "kind", "start", "end", "text", "suggestion"}


def test_a_batch_answers_line_by_line():
    texts = ["bed 4 wants to see Dr X", "GCS 3/15", ""]
    answer = CliRunner().invoke(main, ["scan", "--batch"], input="".join(json.dumps(text) + "\n" for text in texts))
    levels = [[finding["level"] for finding in json.loads(line)] for line in answer.stdout.splitlines()]
    assert levels == [["refuse", "B"], [], []]


def test_a_batch_line_that_is_no_text_is_named():
    answer = CliRunner().invoke(main, ["scan", "--batch"], input='"fine"\n{"not": "text"}\n')
    assert answer.exit_code == 1
    assert "Line 2 is not one JSON string." in answer.output
