"""The benchmarks still run: what they measure changes under them, and they are run by hand."""

from pathlib import Path

import pytest

from tests.benchmarks import scale


def test_pages_of_seeded_data_are_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    costs = scale.run("sqlite", 300, tmp_path, requests=1)
    assert set(costs) >= set(scale.WANTED)
    assert "| board of 50 threads |" in capsys.readouterr().out
