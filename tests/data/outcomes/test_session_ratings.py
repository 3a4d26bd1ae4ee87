"""Single ratings: those of the client, on one scale, from the sessions that were asked for."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from attune_fit.data.clinic.instruments import INSTRUMENTS, SRS, WAI_SR
from attune_fit.data.clinic.tables import Tables
from attune_fit.data.outcomes.early_alliance import compute_early_alliance
from attune_fit.data.outcomes.session_ratings import list_session_ratings
from tests.strategies import clinic

KNOWN = {row.name: row for row in INSTRUMENTS}


def make_ratings(**columns: list[object]) -> Tables:
    """Return one client and one therapist with these ratings on the WAI-SR, unless another instrument is named."""
    count = len(next(iter(columns.values())))
    ids: dict[str, list[object]] = {"client_id": ["c0"] * count, "therapist_id": ["t0"] * count}
    return clinic({"age": [30]}, {"age": [40]}, outcomes={"instrument": ["WAI-SR"] * count, **ids, **columns})


def test_each_rating_is_one_row_in_percent_in_the_order_of_sessions() -> None:
    tables = make_ratings(score=[5.0, 3.0, 1.0], session=[3, 1, None])
    ratings = list_session_ratings(tables, KNOWN, "WAI-SR")
    assert ratings["pomp"].tolist() == [50.0, 100.0, 0.0]
    assert ratings["session"].tolist()[:2] == [1, 3]
    assert np.isnan(ratings["session"].iloc[2])


@pytest.mark.parametrize(
    ("wanted", "kept"),
    [({}, [1, 2, 3, None]), ({"is_early": False}, [1, 2, 3, 4, 9, None]), ({"sessions": (2, 4)}, [2, 3, 4])],
    ids=["early", "all", "chosen"],
)
def test_only_the_sessions_that_were_asked_for_count(wanted: dict[str, object], kept: list[float | None]) -> None:
    tables = make_ratings(score=[3.0] * 6, session=[1, 2, 3, 4, 9, None])
    sessions = list_session_ratings(tables, KNOWN, "WAI-SR", **wanted)["session"]  # type: ignore[arg-type]
    assert [None if pd.isna(one) else int(one) for one in sessions] == kept


def test_ratings_of_others_without_score_or_with_an_unknown_instrument_do_not_count() -> None:
    tables = make_ratings(
        score=[5.0, None, 3.0, 2.0],
        rater=["therapist", "client", None, "client"],
        instrument=["WAI-SR", "WAI-SR", "WAI-SR", "x"],
    )
    assert list_session_ratings(tables, KNOWN, "WAI-SR")["pomp"].tolist() == [50.0]


def test_a_scale_is_in_its_own_percent() -> None:
    tables = make_ratings(score=[3.0, 3.0], bond=[4.0, None], session=[1, 2])
    assert list_session_ratings(tables, KNOWN, "WAI-SR", scale="bond")["pomp"].tolist() == [WAI_SR.pomp(4.0, "bond")]


def test_totals_of_two_instruments_are_on_the_common_scale() -> None:
    tables = make_ratings(score=[4.0, 36.0], instrument=["WAI-SR", "SRS"], session=[1, 2])
    converted = list_session_ratings(tables, KNOWN, "WAI-SR")["pomp"].tolist()
    assert converted[0] == WAI_SR.pomp(4.0)
    assert converted[1] != SRS.pomp(36.0)


def test_no_rating_is_an_empty_table() -> None:
    ratings = list_session_ratings(make_ratings(score=[3.0], session=[9]), KNOWN, "WAI-SR")
    assert (len(ratings), list(ratings)) == (0, ["client_row", "therapist_row", "pomp", "session", "instrument"])
    assert list_session_ratings(make_ratings(score=[]), KNOWN, "WAI-SR").empty


def test_the_mean_of_the_early_ratings_is_the_early_alliance() -> None:
    tables = make_ratings(score=[4.0, 3.0, 1.0, 5.0], session=[1, 2, 3, 4])
    mean = list_session_ratings(tables, KNOWN, "WAI-SR")["pomp"].mean()
    assert mean == pytest.approx(compute_early_alliance(tables, KNOWN)["pomp"].iloc[0])
