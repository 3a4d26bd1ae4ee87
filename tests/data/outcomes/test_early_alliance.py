"""Early alliance: which ratings count, in POMP, compared with a plain loop."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic.instruments import INSTRUMENTS, SRS, WAI_SR
from attune_fit.data.clinic.tables import Tables
from attune_fit.data.outcomes.early_alliance import compute_early_alliance, compute_later_alliance
from tests.data.conftest import ClinicFolder
from tests.strategies import clinic, clinics

KNOWN = {row.name: row for row in INSTRUMENTS}


def make_episode(**columns: list[object]) -> Tables:
    """Return one client and one therapist with these ratings."""
    count = len(next(iter(columns.values())))
    ids: dict[str, list[object]] = {"client_id": ["c0"] * count, "therapist_id": ["t0"] * count}
    return clinic({"age": [30]}, {"age": [40]}, outcomes={"instrument": ["WAI-SR"] * count, **ids, **columns})


def test_early_ratings_are_averaged_in_percent() -> None:
    alliance = compute_early_alliance(
        make_episode(score=[3.0, 5.0, 1.0], session=[1, 3, 4], bond=[4.0, np.nan, 1.0]), KNOWN
    )
    assert alliance[["pomp", "bond", "sessions"]].to_numpy().tolist() == [[75.0, 75.0, 2.0]]
    assert alliance[["goal", "task"]].isna().all(axis=None)


def test_ratings_of_others_do_not_count_and_a_missing_rater_is_the_client() -> None:
    tables = make_episode(score=[5.0, 1.0, 3.0], rater=["therapist", "observer", None])
    assert compute_early_alliance(tables, KNOWN)["pomp"].tolist() == [50.0]


def test_a_missing_session_counts_as_early() -> None:
    assert compute_early_alliance(make_episode(score=[3.0], session=[None]), KNOWN)["sessions"].tolist() == [1]


@pytest.mark.parametrize(
    "columns",
    [{"score": [np.nan]}, {"score": [3.0], "session": [9]}, {"score": [3.0], "instrument": ["x"]}, {"score": []}],
    ids=["no score", "too late", "unknown instrument", "no rows"],
)
def test_an_episode_without_a_rating_that_counts_has_no_row(columns: dict[str, list[object]]) -> None:
    alliance = compute_early_alliance(make_episode(**columns), KNOWN)
    assert len(alliance) == 0
    assert list(alliance) == list(compute_early_alliance(make_episode(score=[3.0]), KNOWN))


def test_an_episode_counts_with_the_ratings_on_its_most_used_instrument() -> None:
    alliance = compute_early_alliance(make_episode(score=[40.0, 30.0, 5.0], instrument=["SRS", "SRS", "WAI-SR"]), KNOWN)
    assert alliance["pomp"].tolist() == [pytest.approx((SRS.pomp(40.0) + SRS.pomp(30.0)) / 2)]
    assert alliance["instrument"].tolist() == ["SRS"]
    assert alliance["sessions"].tolist() == [3]


def test_later_alliance_is_compared_on_the_instrument_of_the_early_one() -> None:
    """A later rating on another form would show a change that is a difference of the forms."""
    tables = make_episode(
        score=[30.0, 34.0, 5.0], session=[1, 9, 10], instrument=["SRS", "SRS", "WAI-SR"]
    )  # fmt: skip
    later = compute_later_alliance(tables, KNOWN)
    assert later[["pomp", "sessions", "instrument"]].to_numpy().tolist() == [[SRS.pomp(34.0), 1, "SRS"]]
    other = make_episode(score=[30.0, 5.0], session=[1, 10], instrument=["SRS", "WAI-SR"])
    assert compute_later_alliance(other, KNOWN).empty
    late_only = make_episode(score=[5.0], session=[10])
    assert compute_later_alliance(late_only, KNOWN)["pomp"].tolist() == [100.0]


def test_later_alliance_on_the_common_scale_keeps_a_change_since_the_early_sessions() -> None:
    """Means and SDs are those of the early ratings: with its own, the later mean would be the early one."""
    rng = np.random.default_rng(1)
    n, early_points = 300, {"WAI-SR": (3.5, 0.4), "SRS": (36.0, 1.5)}
    instrument = ["WAI-SR", "SRS"] * (n // 2)
    mean, sd = np.array([early_points[name] for name in instrument]).T
    early = mean + sd * rng.normal(size=n)
    tables = clinic(
        {"age": [30] * n}, {"age": [40] * 2},
        outcomes={"client_id": [f"c{row}" for row in range(n)] * 2, "therapist_id": ["t0", "t1"] * n,
                  "score": [*early, *(early + sd)], "instrument": instrument * 2, "session": [1] * n + [9] * n},
    )  # fmt: skip
    before, after = (compute(tables, KNOWN, "WAI-SR") for compute in (compute_early_alliance, compute_later_alliance))
    change = (after["pomp"] - before["pomp"]).to_numpy(float)
    for start in (0, 1):
        assert change[start::2].mean() == pytest.approx(10, abs=1)  # one SD, .4 of the 4 points of the WAI-SR


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 1), st.sampled_from(["SRS", "WAI-SR", "WAI-S"])), min_size=1)
)
def test_the_most_used_equals_a_count_of_each_episode(ratings: list[tuple[int, int, str]]) -> None:
    """Compared with a plain count of each episode's names; the first by name in a tie."""
    frame = pd.DataFrame(ratings, columns=["client", "therapist", "instrument"])
    tables = clinic(
        {"age": [30] * 3}, {"age": [40] * 2},
        outcomes={"client_id": [f"c{row}" for row in frame["client"]], "score": [4.0] * len(frame),
                  "therapist_id": [f"t{row}" for row in frame["therapist"]], "instrument": list(frame["instrument"])},
    )  # fmt: skip
    expected = {}
    for episode in sorted({(client, therapist) for client, therapist, _ in ratings}):
        names = [name for *who, name in ratings if tuple(who) == episode]
        expected[episode] = min(names, key=lambda name: (-names.count(name), name))
    alliance = compute_early_alliance(tables, KNOWN)
    actual = zip(alliance["client_row"], alliance["therapist_row"], alliance["instrument"], strict=True)
    assert list(actual) == [(*episode, name) for episode, name in expected.items()]


def test_the_first_date_is_kept() -> None:
    days = pd.to_datetime(["2026-03-01", "2026-02-01"])
    assert compute_early_alliance(make_episode(score=[3.0, 3.0], measured_on=list(days)), KNOWN)[
        "measured_on"
    ].tolist() == [days[1]]


@settings(max_examples=30, deadline=None)
@given(tables=clinics(columns=["age"], outcomes=8))
def test_it_equals_a_loop_over_episodes(tables: Tables) -> None:
    alliance = compute_early_alliance(tables, KNOWN)
    rows = []
    for client, client_id in enumerate(tables.clients["client_id"]):
        for therapist, therapist_id in enumerate(tables.therapists["therapist_id"]):
            met = tables.outcomes
            met = met[(met["client_id"] == client_id) & (met["therapist_id"] == therapist_id) & met["score"].notna()]
            met = met[met["rater"].isin(["client"]) | met["rater"].isna()]
            met = met[(met["session"].isna() | (met["session"] <= 3)) & (met["instrument"] == "WAI-SR")]
            if len(met):
                rows.append([client, therapist, met["score"].map(WAI_SR.pomp).mean(), len(met)])
    actual = alliance[["client_row", "therapist_row", "pomp", "sessions"]].to_numpy().tolist()
    assert actual == [pytest.approx(row) for row in rows]


def test_rows_are_those_of_the_tables_as_read(clinic_folder: ClinicFolder) -> None:
    tables = clinic_folder.read()
    alliance = compute_early_alliance(tables, Clinic.open(clinic_folder.folder).instruments)
    pairs = set(zip(tables.clients["client_id"][alliance["client_row"]], alliance["pomp"], strict=True))
    assert pairs == {("ann", 81.25), ("ben", 62.5)}
