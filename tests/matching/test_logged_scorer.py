"""Lines that were logged with an earlier default of the settings are computed again with that default."""

from __future__ import annotations

from pathlib import Path

import pytest

from attune_fit.data.faults import DataFault
from attune_fit.matching.logged_scorer import FORMER_BAND
from attune_fit.workspace import open_clinic

CLIENT, LINES = "c0061", ("1", "a1", "2")


def log_with_band(clinic: Path, band: float) -> str:
    """Log a ranking, a placement and a file while ``clinic.toml`` has this band; return its text without it."""
    toml = clinic / "clinic.toml"
    text = toml.read_text(encoding="utf-8")
    toml.write_text(f"{text}\n[settings]\nband = {band}\n", encoding="utf-8")
    workspace = open_clinic(clinic)
    workspace.rank(CLIENT, log=True)
    workspace.assign(log=True)
    workspace.write_rankings(clinic.parent / "list.csv")
    return text


def test_lines_of_the_former_default_of_band_replay(clinic: Path) -> None:
    text = log_with_band(clinic, FORMER_BAND)
    (clinic / "clinic.toml").write_text(text, encoding="utf-8")
    later = open_clinic(clinic)
    assert later.clinic.config.settings.band != FORMER_BAND
    assert [later.replay(line).result.row.line for line in LINES] == list(LINES)


@pytest.mark.parametrize(("logged", "now"), [(0.7, ""), (FORMER_BAND, "[settings]\nband = 0.7\n")])
def test_a_band_that_the_clinic_changed_is_named(clinic: Path, logged: float, now: str) -> None:
    text = log_with_band(clinic, logged)
    (clinic / "clinic.toml").write_text(f"{text}\n{now}", encoding="utf-8")
    for line in LINES:
        with pytest.raises(DataFault, match=r"changed since then: rules"):
            open_clinic(clinic).replay(line)
