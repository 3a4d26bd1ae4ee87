"""Excluded inputs are not used: changing them changes no ranking, before and after training."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attune_fit.data.clinic.canonical_order import sort_canonically
from attune_fit.data.clinic.tables import Tables, complete_columns
from attune_fit.features.excluded_inputs import EXCLUDED_INPUTS
from attune_fit.matching.eligibility.rules import RULES
from attune_fit.matching.ranking.rank import rank_each
from attune_fit.matching.ranking.scored_roster import RosterScorer
from attune_fit.models.active_model import load_starting_model
from tests.matching.builders import busy, experienced, opened
from tests.strategies import clinics

OFF = "".join(f"[rules.{rule.name}]\non = false\n" for rule in RULES)  # a rule can read a column that no score reads
MODELS = {"day0": cache(load_starting_model), "trained": experienced}
COLUMNS = [
    (table, name) for one in EXCLUDED_INPUTS for table in ("clients", "therapists") for name in getattr(one, table)
]
OF_CLIENTS = [name for table, name in COLUMNS if table == "clients"]

each_model = pytest.mark.parametrize("model", MODELS)


@cache
def clinic() -> Tables:
    return sort_canonically(busy())


def shuffle_columns(tables: Tables, table: str, *columns: str, seed: int = 0) -> Tables:
    """Tables with the columns shuffled and a third of the cells missing, in canonical order again."""
    rng = np.random.default_rng(seed)
    frame: pd.DataFrame = getattr(tables, table)
    shuffled = {name: frame[name].iloc[rng.permutation(len(frame))].reset_index(drop=True) for name in columns}
    with_gaps = {name: cells.mask(rng.random(len(frame)) < 0.3) for name, cells in shuffled.items()}
    other: Any = {table: complete_columns(table, frame.assign(**with_gaps))}
    return sort_canonically(replace(tables, **other))


def list_clients_without_wish(column: str) -> list[str]:
    """Ids of the clients who have no wish about a therapist's column."""
    wishes = clinic().preferences
    return sorted(set(clinic().clients["client_id"]) - set(wishes["client_id"][wishes["attribute"] == column]))


def by_ids(tables: Tables, values: npt.NDArray[Any]) -> pd.DataFrame:
    """One row for each client and one column for each therapist, sorted by their ids."""
    frame = pd.DataFrame(values, tables.clients["client_id"], tables.therapists["therapist_id"])
    return frame.sort_index().sort_index(axis=1)


def score_all(model: str, tables: Tables, toml: str = OFF) -> dict[str, pd.DataFrame]:
    """Rank, band, rules, score, and score minus the client's first score, of every pair."""
    roster = RosterScorer.from_clinic(MODELS[model](), opened(toml), tables, seed=3).score_clients(
        np.arange(len(tables.clients))
    )
    score = by_ids(tables, roster.spread(roster.parts.score, np.nan))
    arrays = {
        "rank": roster.spread(roster.rank),
        "band": roster.spread(roster.band),
        "rules": roster.eligibility.join_rule_names(),
    }
    return {name: by_ids(tables, one) for name, one in arrays.items()} | {
        "score": score, "apart": score.sub(score.iloc[:, 0], axis=0).round(9)
    }  # fmt: skip


@cache
def before(model: str) -> dict[str, pd.DataFrame]:
    return score_all(model, clinic())


@each_model
@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=str)
def test_changing_it_changes_no_order_no_band_and_no_difference(model: str, table: str, column: str) -> None:
    other = shuffle_columns(clinic(), table, column)
    cells = [getattr(one, table).set_index(f"{table[:-1]}_id")[column].sort_index() for one in (clinic(), other)]
    assert not cells[0].equals(cells[1])
    ids = list_clients_without_wish(column) if table == "therapists" else sorted(clinic().clients["client_id"])
    assert len(ids) > 15
    after = score_all(model, other)
    for name in ("rank", "band", "apart"):
        pd.testing.assert_frame_equal(before(model)[name].loc[ids], after[name].loc[ids], check_exact=True)


@each_model
@pytest.mark.parametrize("column", [name for one in EXCLUDED_INPUTS if one.is_wishable for name in one.therapists])
def test_a_wish_makes_the_therapists_column_count(model: str, column: str) -> None:
    after = score_all(model, shuffle_columns(clinic(), "therapists", column))
    with_wish = before(model)["apart"].index.difference(list_clients_without_wish(column))
    assert not before(model)["apart"].loc[with_wish].equals(after["apart"].loc[with_wish])


def test_no_other_output_changes() -> None:
    """Scores, intervals, wishes, reasons and cautions. Age is left out, because the baseline reads it."""
    other = shuffle_columns(clinic(), "clients", *(name for name in OF_CLIENTS if name != "age"))
    ids = sorted(clinic().clients["client_id"])[:6]
    outputs = [
        [
            ranking.to_dict() | {"data": ""}
            for ranking in rank_each(RosterScorer.from_clinic(experienced(), opened(OFF), tables), ids)
        ]
        for tables in (clinic(), other)
    ]
    assert outputs[0] == outputs[1]


@each_model
def test_a_clients_age_moves_all_scores_by_the_same(model: str) -> None:
    moved = (score_all(model, shuffle_columns(clinic(), "clients", "age"))["score"] - before(model)["score"]).to_numpy()
    assert (np.abs(moved[:, 0]) > 0.01).sum() > 30
    np.testing.assert_allclose(moved, moved[:, :1] * np.ones_like(moved), rtol=0, atol=1e-9)


@each_model
@pytest.mark.parametrize(("table", "column"), [("clients", "payer"), ("therapists", "payers")])
def test_another_payer_only_changes_who_is_excluded(model: str, table: str, column: str) -> None:
    ours, theirs = (score_all(model, one, toml="") for one in (clinic(), shuffle_columns(clinic(), table, column)))
    assert not ours["rules"].equals(theirs["rules"])
    without = [one["rules"].map(lambda names: set(names.split("|")) - {"payer", ""}) for one in (ours, theirs)]
    assert without[0].to_dict() == without[1].to_dict()
    both = (ours["score"].notna() & theirs["score"].notna()).to_numpy()  # an excluded pair is not scored
    assert both.sum() > 50
    np.testing.assert_allclose(ours["score"].to_numpy()[both], theirs["score"].to_numpy()[both], rtol=0, atol=1e-9)


@settings(max_examples=8, deadline=None)
@given(clinics(wishes=3), st.sampled_from(OF_CLIENTS), st.integers(0, 9))
def test_in_any_valid_clinic_a_clients_own_trait_has_no_effect(tables: Tables, column: str, seed: int) -> None:
    ours = score_all("day0", sort_canonically(tables))
    theirs = score_all("day0", shuffle_columns(tables, "clients", column, seed=seed))
    for name in ("rank", "band", "apart"):
        pd.testing.assert_frame_equal(ours[name], theirs[name], check_exact=True)
