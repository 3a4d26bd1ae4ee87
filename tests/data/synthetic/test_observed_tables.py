import numpy as np
import pandas as pd
import pytest

from attune_fit.data.clinic.instruments import WAI_SR
from attune_fit.data.synthetic.observed_tables import (
    DAYS_BETWEEN_THERAPISTS,
    DAYS_PER_WEEK,
    MAX_WAIT_DAYS,
    MIN_WAIT_DAYS,
    build_ids,
    draw_referral_days,
)
from attune_fit.data.synthetic.sessions import ITEM_COLUMNS
from attune_fit.data.synthetic.simulate import AS_OF, SimulatedClinic, simulate
from attune_fit.data.synthetic.world import World


@pytest.fixture(scope="module")
def crossed() -> SimulatedClinic:
    """Each client meets several therapists, with many sessions each."""
    return simulate(200, 12, seed=3, world=World(sessions=5, therapists_each=3, dropout=0))


def test_everything_happened_before_the_day_the_tables_speak_of(clinic: SimulatedClinic) -> None:
    today = pd.Timestamp(AS_OF)
    tables = clinic.tables
    assert tables.outcomes["measured_on"].max() <= today
    assert tables.clients["referred_on"].max() < today
    assert tables.therapists["updated_on"].max() <= today
    referred = tables.clients.set_index("client_id")["referred_on"][tables.outcomes["client_id"]].to_numpy()
    assert (tables.outcomes["measured_on"].to_numpy() > referred).all()


def test_no_client_met_a_therapist_they_know_privately(clinic: SimulatedClinic) -> None:
    overlap = clinic.tables.outcomes.merge(clinic.tables.conflicts, on=["client_id", "therapist_id"])
    assert len(clinic.tables.conflicts) > 20
    assert overlap.empty


def test_no_client_meets_a_therapist_of_another_site_and_no_site_is_empty() -> None:
    tables = simulate(300, 12, seed=2, world=World(sites=3, therapists_each=2)).tables
    met = tables.outcomes[["client_id", "therapist_id"]].drop_duplicates()
    ours = tables.clients.set_index("client_id")["site"][met["client_id"]]
    theirs = tables.therapists.set_index("therapist_id")["site"][met["therapist_id"]]
    assert ours.tolist() == theirs.tolist()
    assert tables.therapists["site"].value_counts().to_dict() == {f"site {number}": 4 for number in (1, 2, 3)}
    assert set(tables.clients["site"]) == {"site 1", "site 2", "site 3"}


@pytest.mark.parametrize("sites", [1, 2])
def test_there_is_a_site_to_read_where_there_are_several(sites: int) -> None:
    tables = simulate(20, 4, seed=2, world=World(sites=sites)).tables
    assert [("site" in table) for table in (tables.clients, tables.therapists)] == [sites > 1] * 2


def test_the_site_in_the_tables_is_the_true_one() -> None:
    clinic = simulate(60, 9, seed=2, world=World(sites=3))
    sides = ((clinic.tables.clients, clinic.truth.clients), (clinic.tables.therapists, clinic.truth.therapists))
    for table, people in sides:
        assert table["site"].tolist() == [f"site {number}" for number in people["site"] + 1]


def test_sessions_are_a_week_apart_and_therapists_come_one_after_the_other(crossed: SimulatedClinic) -> None:
    episodes = crossed.tables.outcomes.groupby(["client_id", "therapist_id"])["measured_on"]
    span = episodes.agg(["min", "max"]).sort_values(["client_id", "min"])
    assert (span["max"] - span["min"] == pd.Timedelta(days=4 * DAYS_PER_WEEK)).all()
    later = span["min"] - span.groupby("client_id")["max"].shift()
    assert (later.dropna() == pd.Timedelta(days=DAYS_PER_WEEK + DAYS_BETWEEN_THERAPISTS)).all()
    assert later.notna().any()
    first = span.groupby("client_id")["min"].min()
    wait = (first - crossed.tables.clients.set_index("client_id")["referred_on"].reindex(first.index)).dt.days
    assert (wait.min(), wait.max()) == (MIN_WAIT_DAYS, MAX_WAIT_DAYS)


def test_turns_are_in_the_order_of_the_dates(crossed: SimulatedClinic) -> None:
    met = crossed.truth.episodes
    first = crossed.tables.outcomes.groupby(["client_id", "therapist_id"])["measured_on"].min()
    ids = (
        crossed.tables.clients["client_id"].to_numpy()[met["client_row"]],
        crossed.tables.therapists["therapist_id"].to_numpy()[met["therapist_row"]],
    )
    by_date = first.reindex(pd.MultiIndex.from_arrays(ids)).groupby(ids[0]).rank().to_numpy() - 1
    assert by_date.tolist() == met["turn"].tolist()


@pytest.mark.parametrize("world", [World(sessions=30, therapists_each=3), World(sessions=52), World(sessions=1)])
def test_every_session_is_in_the_past_for_any_number_of_sessions(world: World) -> None:
    days_ago = draw_referral_days(np.random.default_rng(1), 20_000, 20_000, world)
    days_of_sessions = (world.therapists_each - 1) * (
        DAYS_PER_WEEK * world.sessions + DAYS_BETWEEN_THERAPISTS
    ) + DAYS_PER_WEEK * (world.sessions - 1)
    assert 0 <= days_ago.min() - MAX_WAIT_DAYS - days_of_sessions <= 3 * DAYS_PER_WEEK
    tables = simulate(60, 9, seed=4, world=world).tables
    assert tables.outcomes["measured_on"].max() <= pd.Timestamp(AS_OF)


def test_waiting_clients_were_referred_recently(clinic: SimulatedClinic) -> None:
    clients = clinic.tables.clients
    waits = ~clients["client_id"].isin(clinic.tables.met_client_ids)
    days_ago = (pd.Timestamp(AS_OF) - clients["referred_on"]).dt.days
    assert days_ago[waits].between(1, 59).all()
    assert days_ago[~waits].min() >= MAX_WAIT_DAYS + 3 * DAYS_PER_WEEK
    assert days_ago.to_numpy() == pytest.approx(clinic.truth.clients["days_ago"])


def test_item_answers_are_in_the_tables_on_request_and_their_mean_is_the_score() -> None:
    with_items, without_items = (simulate(40, 5, seed=1, items=items).tables.outcomes for items in (True, False))
    assert set(with_items) - set(without_items) == set(ITEM_COLUMNS)
    assert len(ITEM_COLUMNS) == WAI_SR.items
    keys = ["client_id", "session", "rater"]  # more columns change the canonical order of rows
    there, here = (
        table.sort_values(keys, ignore_index=True) for table in (with_items[list(without_items)], without_items)
    )
    pd.testing.assert_frame_equal(there, here)
    answered = with_items.dropna(subset=["score"])
    assert answered["score"].to_numpy() == pytest.approx(
        answered[list(ITEM_COLUMNS)].mean(axis=1).to_numpy(), abs=0.006
    )
    assert with_items.loc[with_items["score"].isna(), list(ITEM_COLUMNS)].isna().all(axis=None)


def test_therapists_rate_only_if_the_world_has_therapist_forms() -> None:
    outcomes = {by: simulate(60, 6, seed=1, world=World(therapist_forms=by)).tables.outcomes for by in (0.0, 1.0)}
    assert set(outcomes[0.0]["rater"]) == {"client"}
    raters_by_session = outcomes[1.0].groupby(["client_id", "therapist_id", "session"])["rater"].agg(set)
    assert all(raters == {"client", "therapist"} for raters in raters_by_session)
    assert outcomes[1.0].loc[outcomes[1.0]["rater"] == "therapist", "score"].notna().all()


def test_each_therapist_has_a_rater_effect() -> None:
    world = World(therapist_forms=1, agreement=0, rater=0.6, meetings="random")
    outcomes = simulate(600, 20, seed=1, world=world).tables.outcomes
    rater_means = outcomes.groupby(["rater", "therapist_id"])["score"].mean().groupby("rater").var()
    assert rater_means["therapist"] > 5 * rater_means["client"]


def test_ids_are_as_long_as_it_takes() -> None:
    truth = simulate(3, 2, seed=1).truth
    assert build_ids(truth.clients).tolist() == ["c0001", "c0002", "c0003"]
    assert build_ids(truth.therapists).tolist() == ["t01", "t02"]
    large = truth.therapists.take(np.zeros(1_000, dtype=np.intp))
    assert (build_ids(large)[0], build_ids(large)[-1]) == ("t0001", "t1000")
