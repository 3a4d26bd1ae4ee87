"""Episodes: pairs that met, with a score or without."""

import numpy as np
import pandas as pd
from hypothesis import given, settings

from attune_fit.data.clinic.instruments import INSTRUMENTS
from attune_fit.data.clinic.tables import Tables
from attune_fit.data.outcomes.early_alliance import compute_early_alliance, compute_later_alliance
from attune_fit.data.outcomes.episodes import EPISODE_COLUMNS, build_episodes
from tests.strategies import Cells, clinic, clinics

KNOWN = {row.name: row for row in INSTRUMENTS}


def test_a_pair_without_a_score_keeps_all_known_values() -> None:
    tables = clinic(
        {"age": [30]},
        {"age": [40]},
        outcomes={
            "client_id": ["c0"] * 2,
            "therapist_id": ["t0"] * 2,
            "session": [1, 2],
            "measured_on": [pd.Timestamp("2026-03-02"), pd.Timestamp("2026-03-09")],
            "dropped_out": [None, "yes"],
        },
    )
    episodes = build_episodes(tables, KNOWN).iloc[0]
    assert (episodes["began"], episodes["session"], episodes["dropped_out"]) == (pd.Timestamp("2026-03-02"), 2, True)
    assert np.isnan(episodes["pomp"])


def test_therapists_of_one_client_are_in_the_order_of_their_dates() -> None:
    days = [pd.Timestamp("2026-03-02"), None, pd.Timestamp("2026-01-02")]
    met: Cells = {"client_id": ["c0"] * 3, "therapist_id": ["t0", "t1", "t2"], "measured_on": days}
    episodes = build_episodes(clinic({"age": [30]}, {"age": [1, 2, 3]}, outcomes=met), KNOWN)
    assert episodes["therapist_row"].tolist() == [2, 0, 1]
    assert episodes["turn"].tolist() == [0, 1, 2]
    assert episodes["last"].tolist() == [False, False, True]


@settings(max_examples=30, deadline=None)
@given(clinics(outcomes=8))
def test_every_pair_of_the_outcomes_has_one_row(tables: Tables) -> None:
    episodes = build_episodes(tables, KNOWN)
    assert list(episodes) == list(EPISODE_COLUMNS)
    ids = {(tables.clients["client_id"][c], tables.therapists["therapist_id"][t])
           for c, t in zip(episodes["client_row"], episodes["therapist_row"], strict=True)}  # fmt: skip
    assert ids == set(zip(tables.outcomes["client_id"], tables.outcomes["therapist_id"], strict=True))
    assert len(ids) == len(episodes)
    assert episodes["pomp"].notna().sum() == len(compute_early_alliance(tables, KNOWN))
    assert episodes["last"].sum() == episodes["client_row"].nunique()


def test_early_and_later_ratings_split_the_known_sessions() -> None:
    columns: Cells = {"client_id": ["c0"] * 3, "therapist_id": ["t0"] * 3, "instrument": ["WAI-SR"] * 3}
    tables = clinic(
        {"age": [30]}, {"age": [40]}, outcomes={**columns, "session": [3, 4, None], "score": [2.0, 4.0, 3.0]}
    )
    assert compute_early_alliance(tables, KNOWN)["pomp"].tolist() == [37.5]
    assert compute_later_alliance(tables, KNOWN)["pomp"].tolist() == [75.0]
