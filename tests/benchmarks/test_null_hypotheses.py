"""Null clinics: what the page counts, and that a run goes on where it stopped."""

from pathlib import Path

import pytest

from benchmarks import null_hypotheses
from benchmarks.null_hypotheses import FEATURES, NullTest, format_page, list_rows, read_finished

TESTS = [
    NullTest("trait", 0, "supported", 0.01, 0.02),
    NullTest("trait", 1, "these data cannot tell", 0.03, 0.2),
    NullTest("trait", 2, "not supported", 0.6, 0.7),
    NullTest("pair", 0, "these data cannot tell", None, None),
]


def test_a_row_counts_the_verdicts_of_the_clinics_that_were_asked_for() -> None:
    rows = {row[0]: row[1:] for row in list_rows(TESTS, 2)}
    assert rows["trait"] == ("1", "0", "1", "2", "0", "2")  # the third clinic is beyond the runs
    assert rows["pair"] == ("0", "0", "1", "0", "1", "1")
    assert set(rows) == set(FEATURES)
    assert "| trait | 1 | 1 | 1 | 2 | 0 | 3 |" in " ".join(format_page(TESTS, 3).split())


def test_a_second_run_continues(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[tuple[int, str]] = []

    def run(seed: int, kinds: dict[str, object]) -> list[NullTest]:
        asked.extend((seed, kind) for kind in kinds)
        return [NullTest(kind, seed, "these data cannot tell", 0.5, 0.5) for kind in kinds]

    monkeypatch.setattr(null_hypotheses, "CACHE", tmp_path / "finished.jsonl")
    monkeypatch.setattr(null_hypotheses, "run_null_clinic", run)
    for runs in (1, 2):
        monkeypatch.setattr("sys.argv", ["null_hypotheses", "--runs", str(runs), "--no-page"])
        null_hypotheses.main()
    assert asked == [(seed, kind) for seed in (0, 1) for kind in FEATURES]
    assert len(read_finished()) == 2 * len(FEATURES)
    assert "2/2 clinics" in capsys.readouterr().out
