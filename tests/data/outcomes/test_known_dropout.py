"""Dropout of an episode: unknown is unknown, one yes is enough, and a rating is not needed."""

from __future__ import annotations

from typing import Any

import pandas as pd

from attune_fit.data.outcomes.early_alliance import add_row_labels
from attune_fit.data.outcomes.known_dropout import compute_known_dropout
from tests.strategies import clinic


def compute(rows: list[tuple[str, str, str | None]]) -> dict[tuple[int, int], float]:
    """Dropout by client row and therapist row."""
    outcomes: dict[str, list[Any]] = {
        "client_id": [client for client, _, _ in rows],
        "therapist_id": [therapist for _, therapist, _ in rows],
        "dropped_out": [mark for *_, mark in rows],
        "measured_on": [pd.Timestamp("2025-01-01") + pd.Timedelta(days=day) for day in range(len(rows))],
    }
    tables = clinic({"age": [30, 40]}, {"age": [50, 60]}, outcomes=outcomes)
    found = compute_known_dropout(add_row_labels(tables, tables.outcomes))
    keys = zip(found["client_row"].tolist(), found["therapist_row"].tolist(), strict=True)
    return dict(zip(keys, found["y"].tolist(), strict=True))


def test_an_episode_without_a_known_cell_is_no_record() -> None:
    assert compute([("c0", "t0", None), ("c0", "t0", None), ("c1", "t0", "no")]) == {(1, 0): 0.0}


def test_one_yes_is_enough_and_counts_for_its_episode_alone() -> None:
    assert compute([("c0", "t0", "no"), ("c0", "t0", "yes"), ("c0", "t1", "no")]) == {(0, 0): 1.0, (0, 1): 0.0}


def test_an_unknown_cell_beside_a_no_is_a_no() -> None:
    assert compute([("c0", "t0", None), ("c0", "t0", "no")]) == {(0, 0): 0.0}


def test_people_who_are_not_in_the_tables_are_left_out() -> None:
    assert compute([("c9", "t0", "yes"), ("c0", "t9", "yes")]) == {}
