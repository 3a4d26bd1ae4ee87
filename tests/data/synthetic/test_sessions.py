from typing import Any

import numpy as np
import pandas as pd
import pytest

from attune_fit.data.clinic.instruments import WAI_SR
from attune_fit.data.published_statistics import read_published_statistics
from attune_fit.data.synthetic.sessions import (
    ITEM_COLUMNS,
    compute_dropout_probability,
    compute_selection_correlation,
    simulate_sessions,
)
from attune_fit.data.synthetic.world import World

CONSTANT: dict[str, Any] = {"first": 0, "growth": 0, "dropout": 0, "unreturned": 0, "therapist_forms": 0}
SPREAD = 0.6  # far from both ends of the form, and wide enough that rounding to options has no effect
NO_CEILING: dict[str, Any] = {"level": 3, "spread": SPREAD, "straight_lining": 0}


def simulate_rows(episodes: int = 20_000, roster: int = 400, **world: Any) -> pd.DataFrame:
    rng = np.random.default_rng(6)
    stated = World(**world)
    alliance = rng.normal(0, np.sqrt(1 - stated.occasion), episodes)
    return simulate_sessions(rng, stated, alliance, np.arange(episodes) % roster)


def simulate_client_rows(*args: Any, **world: Any) -> pd.DataFrame:
    return simulate_rows(*args, **world, therapist_forms=0)


def compute_d(score: pd.Series, high: pd.Series) -> float:
    """Compute Cohen's d of the ``high`` group versus the others."""
    high_scores, low_scores = score[high].dropna(), score[~high].dropna()
    pooled = ((len(high_scores) - 1) * high_scores.var() + (len(low_scores) - 1) * low_scores.var()) / (
        len(high_scores) + len(low_scores) - 2
    )
    return float((high_scores.mean() - low_scores.mean()) / np.sqrt(pooled))


def simulate_pairs(roster: int, **world: Any) -> pd.DataFrame:
    """Simulate the ratings of client and therapist, one row for each session."""
    rows = simulate_rows(roster=roster, **{**CONSTANT, **NO_CEILING, "therapist_forms": 1, **world})
    return rows.pivot_table(index=["episode", "session"], columns="rater", values="score")


def test_the_dropout_share_is_the_published_one() -> None:
    dropped_out = simulate_rows().drop_duplicates("episode")["dropped_out"] == "yes"
    assert dropped_out.mean() == pytest.approx(
        read_published_statistics()["dropout_share"].value, abs=4 * np.sqrt(0.2 * 0.8 / 20_000)
    )


def test_dropouts_rated_the_alliance_lower_by_the_published_d() -> None:
    first = simulate_client_rows(60_000, unreturned=0).query("session == 1")
    assert compute_d(first["score"], first["dropped_out"] == "no") == pytest.approx(
        read_published_statistics()["alliance_dropout_d"].value, abs=0.05
    )


def test_dropouts_have_no_session_3_and_all_others_have_every_session() -> None:
    rows = simulate_client_rows()
    last = rows.groupby("episode")["session"].max()
    dropped_out = rows.groupby("episode")["dropped_out"].first() == "yes"
    assert set(last[dropped_out]) == {1, 2}
    assert set(last[~dropped_out]) == {3}
    assert not rows[["episode", "dropped_out"]].drop_duplicates()["episode"].duplicated().any()


@pytest.mark.parametrize("sessions", [1, 2, 7])
def test_clients_who_stay_have_the_number_of_sessions_of_the_world(sessions: int) -> None:
    rows = simulate_client_rows(300, sessions=sessions)
    completed = rows[rows["dropped_out"] == "no"].groupby("episode")["session"]
    assert (completed.agg(list).map(tuple) == tuple(range(1, sessions + 1))).all()
    assert rows["session"].max() == sessions


def test_a_form_that_did_not_come_back_leaves_its_row_without_scores() -> None:
    rows = simulate_client_rows(
        unreturned=0.3, unreturned_d=0, **{name: CONSTANT[name] for name in ("first", "growth", "dropout")}
    )
    unknown = rows[["score", "goal", "task", "bond", *ITEM_COLUMNS]].isna()
    assert unknown["score"].mean() == pytest.approx(0.3, abs=4 * np.sqrt(0.3 * 0.7 / len(rows)))
    assert unknown.eq(unknown["score"], axis=0).all(axis=None)


def test_forms_that_do_not_come_back_would_have_been_rated_lower_by_the_stated_d() -> None:
    world = {**CONSTANT, **NO_CEILING}
    all_scores = simulate_rows(**world)["score"]
    returned_scores = simulate_rows(**{**world, "unreturned": 0.3, "unreturned_d": 0.5})["score"]
    assert (returned_scores.dropna() == all_scores[returned_scores.notna()]).all()  # the same draws, and fewer forms
    assert compute_d(all_scores, returned_scores.notna()) == pytest.approx(0.5, abs=0.04)


def test_sessions_correlate_by_their_dependability() -> None:
    rows = simulate_rows(**CONSTANT).pivot_table(index="episode", columns="session", values="score")
    correlations = rows.corr().to_numpy()[np.triu_indices(3, 1)]
    assert correlations == pytest.approx(read_published_statistics()["session_dependability"].value, abs=0.06)


def test_the_first_session_has_more_chance_than_the_second_and_alliance_grows() -> None:
    rows = simulate_rows(**{**CONSTANT, **NO_CEILING, "first": 0.5, "growth": 0.2})
    score = rows.pivot_table(index="episode", columns="session", values="score") / SPREAD
    assert score.var().diff()[2] == pytest.approx(-0.5, abs=0.06)
    assert score.mean().diff()[[2, 3]].to_numpy() == pytest.approx(0.2, abs=4 * np.sqrt(1.0 / 20_000))


def test_alliance_carries_over_fully_in_early_sessions_and_then_as_stated() -> None:
    rows = simulate_rows(**{**CONSTANT, **NO_CEILING, "sessions": 6, "persistence": 0.8})
    score = rows.pivot_table(index="episode", columns="session", values="score")
    with_first = score.corr()[1].to_numpy()[1:]
    assert with_first / with_first[0] == pytest.approx([1, 1, 0.8, 0.64, 0.512], abs=0.03)
    assert score.var().to_numpy() == pytest.approx(score[1].var(), rel=4 * np.sqrt(2 / 20_000))


def test_client_and_therapist_agree_as_far_as_stated_and_clients_rate_higher_by_the_gap() -> None:
    ratings = simulate_pairs(20_000, agreement=0.5, gap=0.7)  # so many therapists that their rater effects average out
    assert ratings.corr().loc["client", "therapist"] == pytest.approx(0.5, abs=0.03)
    gap = (ratings["client"].mean() - ratings["therapist"].mean()) / ratings["client"].std()
    assert gap == pytest.approx(0.7, abs=0.03)
    assert ratings["therapist"].std() == pytest.approx(ratings["client"].std(), rel=0.03)


def test_therapists_differ_as_raters_by_their_stated_share() -> None:
    ratings = simulate_pairs(400, agreement=0, rater=0.4).reset_index()
    by_therapist = ratings.groupby(ratings["episode"] % 400)
    share = by_therapist["therapist"].mean().var() / ratings["therapist"].var()
    assert share == pytest.approx(0.4, abs=4 * 0.4 * np.sqrt(2 / 399))
    assert by_therapist["client"].mean().var() / ratings["client"].var() < 0.03


def test_the_share_of_therapist_forms_is_the_stated_one() -> None:
    rows = simulate_rows(dropout=0, therapist_forms=0.4).groupby("rater").size()
    assert rows["client"] == 60_000
    assert rows["therapist"] / 60_000 == pytest.approx(0.4, abs=4 * np.sqrt(0.4 * 0.6 / 60_000))


def test_no_therapist_rates_at_a_share_of_0() -> None:
    assert set(simulate_rows(200, therapist_forms=0)["rater"]) == {"client"}


def test_the_score_of_a_form_is_the_mean_of_its_items() -> None:
    rows = simulate_rows(300).dropna()
    assert len(ITEM_COLUMNS) == WAI_SR.items
    assert rows["score"].to_numpy() == pytest.approx(rows[list(ITEM_COLUMNS)].mean(axis=1).to_numpy(), abs=0.005 + 1e-9)


@pytest.mark.parametrize(("share", "gap"), [(0.0, 0.5), (0.2, 0.0)])
def test_the_selection_correlation_is_0_without_dropout_or_without_d(share: float, gap: float) -> None:
    assert compute_selection_correlation(World(), share, gap) == 0


def test_an_extreme_d_keeps_the_correlation_below_1() -> None:
    assert compute_selection_correlation(World(), 0.2, 50) == 0.99


def test_a_world_without_dropout_has_no_dropouts() -> None:
    rows = simulate_client_rows(50, dropout=0)
    assert len(rows) == 150
    assert (rows["dropped_out"] == "no").all()


def test_no_episode_has_no_rows() -> None:
    assert len(simulate_rows(0)) == 0


def test_the_share_of_unreturned_forms_is_constant_while_alliance_grows() -> None:
    rows = simulate_client_rows(unreturned=0.15, unreturned_d=1, growth=0.3, sessions=6, dropout=0)
    unreturned_share = rows["score"].isna().groupby(rows["session"]).mean()
    assert unreturned_share.to_numpy() == pytest.approx(0.15, abs=4 * np.sqrt(0.15 * 0.85 / 20_000))


def test_the_probability_of_dropout_is_that_of_the_draw() -> None:
    world, rng = World(dropout_d=0.8), np.random.default_rng(0)
    alliance = np.repeat([-1.0, 0.0, 1.0], 4_000)
    frame = simulate_sessions(rng, world, alliance)
    drops_out = (frame.groupby("episode")["dropped_out"].first() == "yes").to_numpy().reshape(3, -1)
    truth = compute_dropout_probability(world, np.array([-1.0, 0.0, 1.0]))
    assert drops_out.mean(axis=1) == pytest.approx(truth, abs=3 * np.sqrt(0.2 * 0.8 / 4_000))
    hidden = rng.standard_normal(200_000) * np.sqrt(0.3)
    assert compute_dropout_probability(world, hidden).mean() == pytest.approx(
        float(compute_dropout_probability(world, np.zeros(1), 0.3)[0]), abs=0.002
    )
    assert compute_dropout_probability(World(dropout_d=0.0), alliance) == pytest.approx(world.dropout)
