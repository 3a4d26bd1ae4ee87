"""The sample clinic ranked by the bundle that ships: the same on every machine. `make golden` writes it anew."""

from pathlib import Path

import pandas as pd
import pytest

from attune_fit.workspace import open_clinic
from tests.conftest import SAMPLE, Attune

GOLDEN = Path(__file__).resolve().parent / "golden" / "sample_ranking.csv"


def test_the_sample_clinic_is_ranked_as_it_was(attune: Attune, clinic: Path) -> None:
    assert attune("rank", clinic, "--all", "--out", clinic.parent / "list.csv").exit_code == 0
    made, kept = (pd.read_csv(path, dtype=str) for path in (clinic.parent / "list.csv", GOLDEN))
    said = ["client_id", "therapist_id", "status", "rule", "rank", "band"]
    pd.testing.assert_frame_equal(made[said], kept[said])
    for name in ("score", "low", "high"):  # another processor may sum in another order: the last digits are its own
        assert made[name].astype(float).to_numpy() == pytest.approx(
            kept[name].astype(float).to_numpy(), 1e-5, nan_ok=True
        )


def test_the_sample_has_something_to_rank() -> None:
    kept = pd.read_csv(GOLDEN)
    assert len(kept) == len(pd.read_csv(SAMPLE / "clients.csv")) * len(pd.read_csv(SAMPLE / "therapists.csv"))
    assert kept["status"].value_counts().min() > 100


def test_the_digest_of_a_policy_is_that_of_earlier_versions(clinic: Path) -> None:
    """Else `attune replay` would report a change of rules for every line that an earlier version logged."""
    toml = clinic / "clinic.toml"  # the default of `band` was .60 then
    toml.write_text(f"{toml.read_text(encoding='utf-8')}\n[settings]\nband = 0.6\n", encoding="utf-8")
    assert open_clinic(clinic).get_scorer().policy_digest.startswith("69569d2552494819")
