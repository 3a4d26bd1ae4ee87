from typing import Any

import numpy as np
import pandas as pd
import pytest

from attune_fit.data.clinic.instruments import WAI_SR
from attune_fit.data.published_statistics import read_published_statistics
from attune_fit.data.synthetic.sessions import ITEM_COLUMNS, compute_selection_correlation, simulate_sessions
from attune_fit.data.synthetic.world import World

STILL: dict[str, Any] = {"first": 0, "growth": 0, "dropout": 0, "unreturned": 0, "therapist_forms": 0}
SPREAD = 0.6  # far enough from both ends of the form, and wide enough for whole options not to matter
NO_CEILING: dict[str, Any] = {"level": 3, "spread": SPREAD, "straight_lining": 0}


def lived(episodes: int = 20_000, roster: int = 400, **world: Any) -> pd.DataFrame:
    rng = np.random.default_rng(6)
    stated = World(**world)
    alliance = rng.normal(0, np.sqrt(1 - stated.occasion), episodes)
    return simulate_sessions(rng, stated, alliance, np.arange(episodes) % roster)


def clients(*args: Any, **world: Any) -> pd.DataFrame:
    return lived(*args, **world, therapist_forms=0)


def d(score: pd.Series, high: pd.Series) -> float:
    """How much higher those are who are ``high``, in SD within the two groups."""
    one, other = score[high].dropna(), score[~high].dropna()
    pooled = ((len(one) - 1) * one.var() + (len(other) - 1) * other.var()) / (len(one) + len(other) - 2)
    return float((one.mean() - other.mean()) / np.sqrt(pooled))


def both(roster: int, **world: Any) -> pd.DataFrame:
    """Client and therapist of each session side by side."""
    rows = lived(roster=roster, **{**STILL, **NO_CEILING, "therapist_forms": 1, **world})
    return rows.pivot_table(index=["episode", "session"], columns="rater", values="score")


def test_as_many_drop_out_as_published() -> None:
    left = lived().drop_duplicates("episode")["dropped_out"] == "yes"
    assert left.mean() == pytest.approx(
        read_published_statistics()["dropout_share"].value, abs=4 * np.sqrt(0.2 * 0.8 / 20_000)
    )


def test_who_drops_out_rated_the_alliance_lower_by_the_published_d() -> None:
    first = clients(60_000, unreturned=0).query("session == 1")
    assert d(first["score"], first["dropped_out"] == "no") == pytest.approx(
        read_published_statistics()["alliance_dropout_d"].value, abs=0.05
    )


def test_dropouts_have_no_session_3_and_everybody_else_has_all() -> None:
    rows = clients()
    last = rows.groupby("episode")["session"].max()
    left = rows.groupby("episode")["dropped_out"].first() == "yes"
    assert set(last[left]) == {1, 2}
    assert set(last[~left]) == {3}
    assert not rows[["episode", "dropped_out"]].drop_duplicates()["episode"].duplicated().any()


@pytest.mark.parametrize("held", [1, 2, 7])
def test_who_stays_has_as_many_sessions_as_the_world_says(held: int) -> None:
    rows = clients(300, sessions=held)
    stayed = rows[rows["dropped_out"] == "no"].groupby("episode")["session"]
    assert (stayed.agg(list).map(tuple) == tuple(range(1, held + 1))).all()
    assert rows["session"].max() == held


def test_a_form_that_did_not_come_back_leaves_its_row_without_scores() -> None:
    rows = clients(unreturned=0.3, unreturned_d=0, **{name: STILL[name] for name in ("first", "growth", "dropout")})
    unknown = rows[["score", "goal", "task", "bond", *ITEM_COLUMNS]].isna()
    assert unknown["score"].mean() == pytest.approx(0.3, abs=4 * np.sqrt(0.3 * 0.7 / len(rows)))
    assert unknown.eq(unknown["score"], axis=0).all(axis=None)


def test_forms_that_do_not_come_back_would_have_been_rated_lower_by_the_stated_d() -> None:
    world = {**STILL, **NO_CEILING}
    every = lived(**world)["score"]
    some = lived(**{**world, "unreturned": 0.3, "unreturned_d": 0.5})["score"]
    assert (some.dropna() == every[some.notna()]).all()  # the same luck, and fewer forms
    assert d(every, some.notna()) == pytest.approx(0.5, abs=0.04)


def test_sessions_go_together_as_their_dependability_says() -> None:
    rows = lived(**STILL).pivot_table(index="episode", columns="session", values="score")
    between = rows.corr().to_numpy()[np.triu_indices(3, 1)]
    assert between == pytest.approx(read_published_statistics()["session_dependability"].value, abs=0.06)


def test_the_first_session_tells_less_than_the_second_and_alliance_grows() -> None:
    rows = lived(**{**STILL, **NO_CEILING, "first": 0.5, "growth": 0.2})
    score = rows.pivot_table(index="episode", columns="session", values="score") / SPREAD
    assert score.var().diff()[2] == pytest.approx(-0.5, abs=0.06)
    assert score.mean().diff()[[2, 3]].to_numpy() == pytest.approx(0.2, abs=4 * np.sqrt(1.0 / 20_000))


def test_alliance_lasts_through_the_early_sessions_and_then_as_stated() -> None:
    rows = lived(**{**STILL, **NO_CEILING, "sessions": 6, "persistence": 0.8})
    score = rows.pivot_table(index="episode", columns="session", values="score")
    with_first = score.corr()[1].to_numpy()[1:]
    assert with_first / with_first[0] == pytest.approx([1, 1, 0.8, 0.64, 0.512], abs=0.03)
    assert score.var().to_numpy() == pytest.approx(score[1].var(), rel=4 * np.sqrt(2 / 20_000))


def test_client_and_therapist_agree_as_far_as_stated_and_clients_rate_higher_by_the_gap() -> None:
    rated = both(20_000, agreement=0.5, gap=0.7)  # so many therapists that how each rates evens out
    assert rated.corr().loc["client", "therapist"] == pytest.approx(0.5, abs=0.03)
    gap = (rated["client"].mean() - rated["therapist"].mean()) / rated["client"].std()
    assert gap == pytest.approx(0.7, abs=0.03)
    assert rated["therapist"].std() == pytest.approx(rated["client"].std(), rel=0.03)


def test_therapists_differ_as_raters_by_their_stated_share() -> None:
    rated = both(400, agreement=0, rater=0.4).reset_index()
    of_each = rated.groupby(rated["episode"] % 400)
    share = of_each["therapist"].mean().var() / rated["therapist"].var()
    assert share == pytest.approx(0.4, abs=4 * 0.4 * np.sqrt(2 / 399))
    assert of_each["client"].mean().var() / rated["client"].var() < 0.03


def test_as_many_forms_have_the_therapists_word_besides_as_stated() -> None:
    rows = lived(dropout=0, therapist_forms=0.4).groupby("rater").size()
    assert rows["client"] == 60_000
    assert rows["therapist"] / 60_000 == pytest.approx(0.4, abs=4 * np.sqrt(0.4 * 0.6 / 60_000))


def test_no_therapist_rates_where_none_is_asked() -> None:
    assert set(lived(200, therapist_forms=0)["rater"]) == {"client"}


def test_the_score_of_a_form_is_the_mean_of_its_items() -> None:
    rows = lived(300).dropna()
    assert len(ITEM_COLUMNS) == WAI_SR.items
    assert rows["score"].to_numpy() == pytest.approx(rows[list(ITEM_COLUMNS)].mean(axis=1).to_numpy(), abs=0.005 + 1e-9)


@pytest.mark.parametrize(("share", "gap"), [(0.0, 0.5), (0.2, 0.0)])
def test_nothing_leans_where_nobody_leaves_or_alliance_does_not_matter(share: float, gap: float) -> None:
    assert compute_selection_correlation(World(), share, gap) == 0


def test_an_extreme_d_still_leaves_something_to_chance() -> None:
    assert compute_selection_correlation(World(), 0.2, 50) == 0.99


def test_nobody_drops_out_of_a_world_without_dropout() -> None:
    rows = clients(50, dropout=0)
    assert len(rows) == 150
    assert (rows["dropped_out"] == "no").all()


def test_no_episode_has_no_rows() -> None:
    assert len(lived(0)) == 0


def test_as_many_forms_stay_away_in_every_session_however_alliance_grows() -> None:
    rows = clients(unreturned=0.15, unreturned_d=1, growth=0.3, sessions=6, dropout=0)
    away = rows["score"].isna().groupby(rows["session"]).mean()
    assert away.to_numpy() == pytest.approx(0.15, abs=4 * np.sqrt(0.15 * 0.85 / 20_000))
