"""The worklist: whom a coordinator has to help first, and what is missing for each client."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from attune_fit.data.clinic.tables import Tables
from attune_fit.matching.ranking.rank import rank_each
from attune_fit.matching.ranking.scored_roster import RosterScorer
from attune_fit.matching.ranking.worklist import WorklistEntry, build_worklist, list_useful_columns
from tests.matching.builders import opened, published
from tests.strategies import AS_OF, clinic

# c0: no shared slot; c1: one therapist; c2: four; c3 as c2, but waits longer; c4 as c2, unknown wait; c5 waits least
SLOTS = ["sun-am", "mon-am", "tue-pm", "tue-pm", "tue-pm", "tue-pm"]
DAYS: list[int | None] = [1, 10, 20, 80, None, 10]


def build_tables(**columns: list[object]) -> Tables:
    waits = [None if days is None else pd.Timestamp(AS_OF - dt.timedelta(days=days)) for days in DAYS]
    roster = {"availability": ["mon-am", "tue-pm", "tue-pm", "tue-pm", "tue-pm"]}
    return clinic({"availability": SLOTS, "referred_on": waits, **columns}, roster)


def list_entries(tables: Tables) -> tuple[WorklistEntry, ...]:
    model, here = published(), opened()
    rankings = list(rank_each(RosterScorer.from_clinic(model, here, tables, 0), [f"c{number}" for number in range(6)]))
    return build_worklist(rankings, RosterScorer.from_clinic(model, here, tables, 0))


def test_no_candidate_comes_first_then_few_then_the_longest_wait() -> None:
    entries = list_entries(build_tables())
    assert [entry.client_id for entry in entries] == ["c0", "c1", "c3", "c2", "c4", "c5"]
    assert [entry.n_candidates for entry in entries] == [0, 1, 4, 4, 4, 4]


def test_an_unknown_wait_counts_as_the_median_and_is_shown_as_unknown() -> None:
    entries = {entry.client_id: entry for entry in list_entries(build_tables())}
    assert entries["c4"].days_waited is None
    order = list(entries)
    assert np.median([1, 10, 20, 80, 10]) == 10
    assert order.index("c3") < order.index("c2") < order.index("c4") < order.index("c5")  # c4 and c5: 10 days, by id


def test_an_entry_has_the_first_of_its_ranking_and_who_shares_the_band() -> None:
    tables = build_tables()
    model, here = published(), opened()
    for entry in list_entries(tables):
        (ranking,) = rank_each(RosterScorer.from_clinic(model, here, tables, 0), [entry.client_id])
        assert entry.first == (ranking.candidates[0].therapist_id if ranking.candidates else "")
        assert entry.n_in_first_band == sum(candidate.band == 1 for candidate in ranking.candidates)
        assert entry.exclusion_counts == ranking.count_exclusions()


def test_missing_are_answers_that_can_change_a_list() -> None:
    payers: list[object] = ["aetna", None, "aetna", "aetna", "aetna", "aetna"]
    ages: list[object] = [None] * 5 + [30]
    tables = build_tables(payer=payers, age=ages, phq9=[None, *[9] * 5])
    assert "payer" not in list_useful_columns(RosterScorer.from_clinic(published(), opened(), tables))
    roster = tables.therapists.assign(payers="aetna")
    with_payers = Tables(**{**vars(tables), "therapists": roster})
    entries = {entry.client_id: entry for entry in list_entries(with_payers)}
    assert entries["c1"].missing_columns == ("payer",)  # age groups and PHQ-9: nothing of a therapist depends on them
    assert entries["c2"].missing_columns == ()


def test_a_clinic_without_any_answer_and_without_dates_has_a_worklist() -> None:
    model, here, tables = published(), opened(), clinic({"age": [None, None]}, {"age": [40]})
    rankings = list(rank_each(RosterScorer.from_clinic(model, here, tables, 0), ["c1", "c0"]))
    entries = build_worklist(rankings, RosterScorer.from_clinic(model, here, tables, 0))
    assert [(entry.client_id, entry.days_waited, entry.missing_columns) for entry in entries] == [
        ("c0", None, ()),
        ("c1", None, ()),
    ]
