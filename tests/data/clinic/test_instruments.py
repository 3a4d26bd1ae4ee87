"""Instruments: scores by the published key, percent of maximum possible, and incomplete forms."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attune_fit.data.clinic.instruments import (
    ALLIANCE_SCALES,
    ARM_5,
    INSTRUMENTS,
    SRS,
    WAI_S,
    WAI_SR,
    Instrument,
    score_items,
)

SCORED = [row for row in INSTRUMENTS if row.items]


def forms(instrument: Instrument) -> st.SearchStrategy[list[float | None]]:
    """One form: each item answered or not."""
    answers = st.none() | st.integers(int(instrument.item_low), int(instrument.item_high)).map(float)
    return st.lists(answers, min_size=instrument.items, max_size=instrument.items)


def by_hand(form: list[float | None], items: tuple[int, ...], instrument: Instrument) -> float:
    """Return the score of some items by the rule of the manual."""
    keyed = [
        instrument.item_low + instrument.item_high - answer if number in instrument.reversed else answer
        for number in items
        if (answer := form[number - 1]) is not None
    ]
    if len(keyed) < instrument.answered * len(items):
        return np.nan
    mean = sum(keyed) / len(keyed)
    return mean * len(items) if instrument.combine == "sum" else mean


@pytest.mark.parametrize("instrument", SCORED, ids=lambda row: row.name)
@given(data=st.data())
def test_scores_equal_those_counted_by_hand(instrument: Instrument, data: st.DataObject) -> None:
    form = data.draw(forms(instrument))
    scored = score_items(pd.DataFrame([form], dtype=float), instrument).iloc[0]
    whole = tuple(range(1, instrument.items + 1))
    assert scored["score"] == pytest.approx(by_hand(form, whole, instrument), nan_ok=True)
    for scale in ALLIANCE_SCALES:
        expected = by_hand(form, instrument.scales[scale], instrument) if scale in instrument.scales else np.nan
        assert scored[scale] == pytest.approx(expected, nan_ok=True)


def test_the_wai_sr_is_keyed_as_published() -> None:
    """Hatcher & Gillaspy 2006: task 1, 2, 10, 12; bond 3, 5, 7, 9; goal 4, 6, 8, 11."""
    form = [5, 5, 1, 3, 1, 3, 1, 3, 1, 5, 3, 5]
    assert score_items(pd.DataFrame([form]), WAI_SR).to_numpy().tolist() == [[3, 3, 5, 1]]


def test_negatively_worded_items_of_the_wai_s_are_reversed() -> None:
    """Tracey & Kokotovic 1989: items 4 and 10 are worded negatively."""
    best = [7, 7, 7, 1, 7, 7, 7, 7, 7, 1, 7, 7]
    assert score_items(pd.DataFrame([best]), WAI_S).to_numpy().tolist() == [[7, 7, 7, 7]]


def test_the_srs_is_a_sum_of_forty() -> None:
    scored = score_items(pd.DataFrame([[10, 10, 10, 10]]), SRS)
    assert scored.to_numpy().tolist() == [[40, 10, 10, 10]]
    assert SRS.pomp(scored["bond"], "bond").tolist() == [100]


@pytest.mark.parametrize("instrument", INSTRUMENTS, ids=lambda row: row.name)
@given(pomp=st.floats(0, 100))
def test_points_and_percent_are_each_others_inverse(instrument: Instrument, pomp: float) -> None:
    for scale in (None, *instrument.scales):
        points = instrument.to_points(pomp, scale)
        low, high = instrument.compute_bounds(scale)
        assert low - 1e-9 <= points <= high + 1e-9
        assert instrument.pomp(points, scale) == pytest.approx(pomp)


def test_missing_points_stay_missing() -> None:
    assert WAI_SR.pomp(pd.Series([3.0, np.nan])).isna().tolist() == [False, True]
    assert np.isnan(WAI_SR.to_points(np.array([np.nan]))).all()


def test_one_item_in_five_can_be_missing() -> None:
    answered = [4.0] * 12
    two_out, three_out = [*answered[:10], np.nan, np.nan], [*answered[:9], np.nan, np.nan, np.nan]
    assert score_items(pd.DataFrame([two_out, three_out]), WAI_SR)["score"].isna().tolist() == [False, True]


def test_a_share_that_is_a_whole_number_of_items_is_that_number() -> None:
    """.55 of 20 is a little more than 11 in floating point."""
    assert Instrument(name="own", low=0, high=1, items=20, answered=0.55).count_required_answers(20) == 11


def test_items_of_another_instrument_are_refused() -> None:
    with pytest.raises(ValueError, match="ARM-5 has 5 items, 12 columns were given"):
        score_items(pd.DataFrame([[1.0] * 12]), ARM_5)


def test_the_answers_are_not_changed() -> None:
    items = pd.DataFrame([[1.0] * 12])
    score_items(items, WAI_S)
    assert (items == 1.0).all(axis=None)


@pytest.mark.parametrize("instrument", INSTRUMENTS, ids=lambda row: row.name)
def test_every_instrument_has_a_description_and_a_source_of_its_key(instrument: Instrument) -> None:
    assert instrument.description
    assert instrument.source
    assert instrument.early[0] <= instrument.early[1]
    assert instrument.compute_bounds() == (instrument.low, instrument.high)
    combined = (instrument.item_low, instrument.item_high)
    if instrument.combine == "sum":
        combined = (combined[0] * instrument.items, combined[1] * instrument.items)
    assert combined == (instrument.low, instrument.high)


@pytest.mark.parametrize("instrument", INSTRUMENTS, ids=lambda row: row.name)
def test_published_figures_have_a_source(instrument: Instrument) -> None:
    assert (instrument.mean is None) == (instrument.norms_source == "")


@pytest.mark.parametrize(
    ("figures", "message"),
    [({"mean": 5.0}, "belong together"), ({"sd": 1.0}, "belong together"), ({"mean": 11.0, "sd": 1.0}, "in the range"),
     ({"mean": 5.0, "sd": 0.0}, "greater than 0")],
)  # fmt: skip
def test_odd_published_figures_are_refused(figures: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Instrument.model_validate({"name": "Ours", "low": 0, "high": 10, **figures})


def test_the_description_can_have_its_old_name() -> None:
    old = Instrument.model_validate({"name": "Ours", "low": 0, "high": 10, "says": "three items"})
    assert old == Instrument(name="Ours", low=0, high=10, description="three items")
