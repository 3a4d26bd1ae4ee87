"""What is declared not to be used is not: changing it changes no ranking, before and after a clinic has learned."""

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

OFF = "".join(f"[rules.{rule.name}]\non = false\n" for rule in RULES)  # a rule may read what no score does
MODELS = {"day0": cache(load_starting_model), "trained": experienced}
COLUMNS = [
    (table, name) for one in EXCLUDED_INPUTS for table in ("clients", "therapists") for name in getattr(one, table)
]
OF_CLIENTS = [name for table, name in COLUMNS if table == "clients"]

each_model = pytest.mark.parametrize("model", MODELS)


@cache
def clinic() -> Tables:
    return sort_canonically(busy())


def changed(tables: Tables, table: str, *columns: str, seed: int = 0) -> Tables:
    """Everybody with somebody else's cell, a third of them unknown; rows find their canonical place anew."""
    rng = np.random.default_rng(seed)
    frame: pd.DataFrame = getattr(tables, table)
    cells = {name: frame[name].iloc[rng.permutation(len(frame))].reset_index(drop=True) for name in columns}
    fewer = {name: one.mask(rng.random(len(frame)) < 0.3) for name, one in cells.items()}
    other: Any = {table: complete_columns(table, frame.assign(**fewer))}
    return sort_canonically(replace(tables, **other))


def unconcerned(column: str) -> list[str]:
    """Ids of the clients who have no wish about a therapist's column."""
    wishes = clinic().preferences
    return sorted(set(clinic().clients["client_id"]) - set(wishes["client_id"][wishes["attribute"] == column]))


def by_ids(tables: Tables, values: npt.NDArray[Any]) -> pd.DataFrame:
    """One row for each client and one column for each therapist, sorted by their ids."""
    frame = pd.DataFrame(values, tables.clients["client_id"], tables.therapists["therapist_id"])
    return frame.sort_index().sort_index(axis=1)


def shown(model: str, tables: Tables, toml: str = OFF) -> dict[str, pd.DataFrame]:
    """Rank, band, rules, and score less the client's first one, of everybody with everybody."""
    board = RosterScorer.from_clinic(MODELS[model](), opened(toml), tables, seed=3).score_clients(
        np.arange(len(tables.clients))
    )
    score = by_ids(tables, board.parts.score)
    found = {"rank": board.positions.rank, "band": board.positions.band, "rules": board.eligibility.join_rule_names()}
    return {name: by_ids(tables, one) for name, one in found.items()} | {
        "score": score, "apart": score.sub(score.iloc[:, 0], axis=0).round(9)
    }  # fmt: skip


@cache
def before(model: str) -> dict[str, pd.DataFrame]:
    return shown(model, clinic())


@each_model
@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=str)
def test_changing_it_changes_no_order_no_band_and_no_difference(model: str, table: str, column: str) -> None:
    other = changed(clinic(), table, column)
    cells = [getattr(one, table).set_index(f"{table[:-1]}_id")[column].sort_index() for one in (clinic(), other)]
    assert not cells[0].equals(cells[1])
    ids = unconcerned(column) if table == "therapists" else sorted(clinic().clients["client_id"])
    assert len(ids) > 15
    after = shown(model, other)
    for name in ("rank", "band", "apart"):
        pd.testing.assert_frame_equal(before(model)[name].loc[ids], after[name].loc[ids], check_exact=True)


@each_model
@pytest.mark.parametrize("column", [name for one in EXCLUDED_INPUTS if one.is_wishable for name in one.therapists])
def test_a_wish_makes_the_therapists_column_count(model: str, column: str) -> None:
    after = shown(model, changed(clinic(), "therapists", column))
    asking = before(model)["apart"].index.difference(unconcerned(column))
    assert not before(model)["apart"].loc[asking].equals(after["apart"].loc[asking])


def test_nothing_else_that_is_shown_changes_either() -> None:
    """Scores, intervals, wishes, reasons and cautions; age apart, which the baseline reads."""
    other = changed(clinic(), "clients", *(name for name in OF_CLIENTS if name != "age"))
    ids = sorted(clinic().clients["client_id"])[:6]
    told = [
        [ranking.to_dict() | {"data": ""} for ranking in rank_each(experienced(), opened(OFF), tables, ids)]
        for tables in (clinic(), other)
    ]
    assert told[0] == told[1]


@each_model
def test_a_clients_age_moves_all_scores_by_the_same(model: str) -> None:
    moved = (shown(model, changed(clinic(), "clients", "age"))["score"] - before(model)["score"]).to_numpy()
    assert (np.abs(moved[:, 0]) > 0.01).sum() > 30
    np.testing.assert_allclose(moved, moved[:, :1] * np.ones_like(moved), rtol=0, atol=1e-9)


@each_model
@pytest.mark.parametrize(("table", "column"), [("clients", "payer"), ("therapists", "payers")])
def test_another_payer_only_changes_who_is_left_out(model: str, table: str, column: str) -> None:
    ours, theirs = (shown(model, one, toml="") for one in (clinic(), changed(clinic(), table, column)))
    assert not ours["rules"].equals(theirs["rules"])
    without = [one["rules"].map(lambda names: set(names.split("|")) - {"payer", ""}) for one in (ours, theirs)]
    assert without[0].to_dict() == without[1].to_dict()
    np.testing.assert_allclose(ours["score"], theirs["score"], rtol=0, atol=1e-9)


@settings(max_examples=8, deadline=None)
@given(clinics(wishes=3), st.sampled_from(OF_CLIENTS), st.integers(0, 9))
def test_in_no_legal_clinic_does_a_clients_own_trait_count(tables: Tables, column: str, seed: int) -> None:
    ours = shown("day0", sort_canonically(tables))
    theirs = shown("day0", changed(tables, "clients", column, seed=seed))
    for name in ("rank", "band", "apart"):
        pd.testing.assert_frame_equal(ours[name], theirs[name], check_exact=True)
