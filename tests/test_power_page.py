"""The page of the verdict's power: an interrupted run goes on where it stopped."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs import power
from docs.power import FIRST_SEED


def test_finished_clinics_are_read_and_others_are_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(power, "FINISHED", tmp_path / "power")
    measured: list[int] = []

    def measure(seed: int) -> list[float]:
        if len(measured) == 2:
            raise KeyboardInterrupt
        measured.append(seed)
        return [0.0, -0.1, 0.1, float(seed)]

    with pytest.raises(KeyboardInterrupt):
        power._measure_clinics("a row", 3, measure)
    measured.clear()
    figures = power._measure_clinics("a row", 3, measure)
    assert measured == [FIRST_SEED + 2], "two clinics were finished"
    assert list(figures[:, 3]) == [FIRST_SEED, FIRST_SEED + 1, FIRST_SEED + 2]
    measured.clear()
    power._measure_clinics("another row", 1, measure)
    assert measured == [FIRST_SEED], "rows do not share clinics"
