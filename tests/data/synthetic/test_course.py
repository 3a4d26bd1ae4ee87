import numpy as np
import pandas as pd
import pytest

from data.published import figures
from data.synthetic.course import first_sessions, leaning
from data.synthetic.world import World


def lived(episodes: int = 20_000, **world: float) -> pd.DataFrame:
    rng = np.random.default_rng(6)
    stated = World(**world)  # type: ignore[arg-type]
    return first_sessions(rng, stated, rng.normal(0, np.sqrt(1 - stated.occasion), episodes))


def test_as_many_drop_out_as_published() -> None:
    left = lived().drop_duplicates("episode")["dropped_out"] == "yes"
    assert left.mean() == pytest.approx(figures()["dropout_share"].value, abs=4 * np.sqrt(0.2 * 0.8 / 20_000))


def test_who_drops_out_rated_the_alliance_lower_by_the_published_d() -> None:
    first = lived(60_000, unreturned=0).query("session == 1")
    groups = first.groupby("dropped_out")["score"]
    pooled = np.sqrt(((groups.size() - 1) * groups.var()).sum() / (len(first) - 2))
    gap = (groups.mean()["no"] - groups.mean()["yes"]) / pooled
    assert gap == pytest.approx(figures()["alliance_dropout_d"].value, abs=0.05)


def test_dropouts_have_no_session_3_and_everybody_else_has_all() -> None:
    rows = lived()
    last = rows.groupby("episode")["session"].max()
    left = rows.groupby("episode")["dropped_out"].first() == "yes"
    assert set(last[left]) == {1, 2}
    assert set(last[~left]) == {3}
    assert not rows[["episode", "dropped_out"]].drop_duplicates()["episode"].duplicated().any()


def test_a_form_that_did_not_come_back_leaves_its_row_without_scores() -> None:
    rows = lived(unreturned=0.3)
    unknown = rows[["score", "goal", "task", "bond"]].isna()
    assert unknown["score"].mean() == pytest.approx(0.3, abs=0.01)
    assert unknown.eq(unknown["score"], axis=0).all(axis=None)


def test_sessions_go_together_as_their_dependability_says() -> None:
    rows = lived(unreturned=0, dropout=0).pivot_table(index="episode", columns="session", values="score")
    between = rows.corr().to_numpy()[np.triu_indices(3, 1)]
    assert between == pytest.approx(figures()["session_dependability"].value, abs=0.06)


@pytest.mark.parametrize("world", [World(dropout=0), World(dropout_d=0)])
def test_nothing_leans_where_nobody_leaves_or_alliance_does_not_matter(world: World) -> None:
    assert leaning(world) == 0


def test_an_extreme_d_still_leaves_something_to_chance() -> None:
    assert leaning(World(dropout_d=50)) == 0.99


def test_nobody_drops_out_of_a_world_without_dropout() -> None:
    rows = lived(50, dropout=0)
    assert len(rows) == 150
    assert (rows["dropped_out"] == "no").all()


def test_no_episode_has_no_rows() -> None:
    assert len(lived(0)) == 0
