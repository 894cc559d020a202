"""The benchmarks still run: what they measure changes under them, and they are run by hand."""

from pathlib import Path

import pytest

from tests.benchmarks import scale


def test_pages_of_seeded_data_are_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(scale, "REQUESTS", 1)
    monkeypatch.setattr(scale, "WARM_UP", 0)
    costs = scale.run("sqlite", 300, tmp_path)
    assert set(costs) >= set(scale.WANTED)
    assert "| board of 50 threads |" in capsys.readouterr().out
