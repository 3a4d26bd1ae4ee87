"""The common scale: two instruments get one mean and one SD, and one instrument stays as it is, bit by bit."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attune_fit.data.clinic.instruments import INSTRUMENTS, SRS, WAI_S, WAI_SR, Instrument
from attune_fit.data.outcomes.early_alliance import compute_early_alliance
from attune_fit.data.outcomes.equating import (
    convert_to_common_scale,
    find_reference_instrument,
    read_published_distribution,
    rescale_instrument,
)
from tests.strategies import clinic

KNOWN = {row.name: row for row in INSTRUMENTS}


def make_early(instrument: list[str], therapist: list[int], pomp: list[float]) -> pd.DataFrame:
    return pd.DataFrame({"instrument": instrument, "therapist_row": therapist, "pomp": pomp})


def make_two_forms(n: int, seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    """Return records of 8 therapists, the last 4 of them on the SRS, and what each client felt, in POMP of the WAI."""
    rng = np.random.default_rng(seed)
    therapist = np.arange(n) % 8
    felt = 70 + rng.normal(0, 5, 8)[therapist] + rng.normal(0, 12, n)
    on_srs = therapist >= 4
    early = make_early(
        list(np.where(on_srs, "SRS", "WAI-SR")),
        list(therapist),
        list(np.where(on_srs, 88 + 0.4 * (felt - 70), felt)),
    )
    return early, felt


def spread(pomp: np.ndarray, therapist: np.ndarray) -> float:
    """Return the pooled SD within therapists, by a plain loop."""
    squares = [(values - values.mean()) ** 2 for row in set(therapist) if len(values := pomp[therapist == row])]
    return float(np.sqrt(sum(map(np.sum, squares)) / (len(pomp) - len(squares))))


@given(pomp=st.lists(st.one_of(st.floats(0, 100), st.just(np.nan)), max_size=8), main=st.sampled_from(list(KNOWN)))
def test_one_instrument_stays_as_it_is(pomp: list[float], main: str) -> None:
    early = make_early(["SRS"] * len(pomp), list(range(len(pomp))), pomp)
    np.testing.assert_array_equal(convert_to_common_scale(early, KNOWN, main), np.array(pomp, dtype=float))


def test_the_converted_records_have_the_mean_and_the_sd_of_the_main_instrument() -> None:
    early, felt = make_two_forms(400)
    common = convert_to_common_scale(early, KNOWN, "WAI-SR")
    on_srs, therapist = (early["instrument"] == "SRS").to_numpy(), early["therapist_row"].to_numpy()
    np.testing.assert_array_equal(common[~on_srs], early["pomp"].to_numpy()[~on_srs])
    assert common[on_srs].mean() == pytest.approx(common[~on_srs].mean())
    assert spread(common[on_srs], therapist[on_srs]) == pytest.approx(spread(common[~on_srs], therapist[~on_srs]))
    assert np.std(common[on_srs] - felt[on_srs]) < 2  # a shift, and the error of two SDs


def test_either_instrument_can_be_the_main_one() -> None:
    early, _ = make_two_forms(400)
    to_srs = convert_to_common_scale(early, KNOWN, "SRS")
    on_srs = (early["instrument"] == "SRS").to_numpy()
    np.testing.assert_array_equal(to_srs[on_srs], early["pomp"].to_numpy()[on_srs])
    assert to_srs[~on_srs].std() < 0.5 * early["pomp"].to_numpy()[~on_srs].std()


def test_a_main_instrument_without_records_gives_way_to_the_most_used() -> None:
    early, _ = make_two_forms(401)  # the WAI-SR has one record more
    most_used = convert_to_common_scale(early, KNOWN, "WAI-SR")
    np.testing.assert_array_equal(convert_to_common_scale(early, KNOWN, "ARM-5"), most_used)
    names = [find_reference_instrument(early, main) for main in ("ARM-5", "SRS")]
    assert names == ["WAI-SR", "SRS"]
    assert find_reference_instrument(early.iloc[:0], "SRS") == ""


def test_equated_points_have_the_published_mean_and_sd() -> None:
    shown = rescale_instrument(SRS, WAI_SR)
    learned = read_published_distribution(WAI_SR)
    assert (SRS.mean, SRS.sd) == (35, 4.5)
    assert shown.to_points(learned.mean) == pytest.approx(35)
    assert shown.to_points(learned.mean + learned.sd) == pytest.approx(39.5)
    assert shown.name == "SRS"
    own = Instrument(name="Ours", low=0, high=10)  # no published figures: POMP is compared with POMP
    assert rescale_instrument(own, WAI_SR) is own
    assert rescale_instrument(SRS, SRS) is SRS


@pytest.mark.parametrize("therapists", [1, 40], ids=["few records", "one record for each therapist"])
def test_too_few_records_take_the_published_mean_and_sd(therapists: int) -> None:
    n = 20 if therapists == 1 else 40
    early = make_early(["WAI-SR"] * 90 + ["SRS"] * n, [0] * 90 + [row % therapists for row in range(n)],
                       [*np.linspace(40, 99, 90), *np.linspace(60, 98, n)])  # fmt: skip
    source, target = read_published_distribution(SRS), read_published_distribution(WAI_SR)
    expected = (early["pomp"][90:] - source.mean) / source.sd * target.sd + target.mean
    np.testing.assert_allclose(convert_to_common_scale(early, KNOWN, "WAI-SR")[90:], expected)


def test_equal_scores_have_no_sd_and_take_the_published_one() -> None:
    early = make_early(["WAI-SR"] * 90 + ["SRS"] * 90, [0] * 180, [*np.linspace(40, 99, 90), *[100.0] * 90])
    common = convert_to_common_scale(early, KNOWN, "WAI-SR")[90:]
    source, target = read_published_distribution(SRS), read_published_distribution(WAI_SR)
    np.testing.assert_allclose(common, (100 - source.mean) / source.sd * target.sd + target.mean)


def test_an_own_instrument_without_published_figures_counts_as_the_wai_sr() -> None:
    own = Instrument(name="Ours", low=0, high=10)
    assert read_published_distribution(own) == read_published_distribution(WAI_SR)
    stated = Instrument(name="Ours", low=0, high=10, mean=8, sd=1)
    assert (read_published_distribution(stated).mean, read_published_distribution(stated).sd) == (80, 10)


def test_missing_scores_stay_missing_and_count_for_nothing() -> None:
    early, _ = make_two_forms(400)
    unrated = pd.concat([early, make_early(["SRS"] * 3, [0, 1, 2], [np.nan] * 3)], ignore_index=True)
    common = convert_to_common_scale(unrated, KNOWN, "WAI-SR")
    assert np.isnan(common[-3:]).all()
    np.testing.assert_array_equal(common[:-3], convert_to_common_scale(early, KNOWN, "WAI-SR"))


def test_the_records_are_not_changed() -> None:
    early, _ = make_two_forms(400)
    before = early.copy()
    convert_to_common_scale(early, KNOWN, "WAI-SR")
    pd.testing.assert_frame_equal(early, before)


def test_an_episode_of_two_instruments_is_the_mean_of_its_converted_ratings() -> None:
    tables = clinic(
        {"age": [30]}, {"age": [40]},
        outcomes={"client_id": ["c0"] * 3, "therapist_id": ["t0"] * 3, "score": [36.0, 32.0, 4.0],
                  "instrument": ["SRS", "SRS", "WAI-SR"]},
    )  # fmt: skip
    source, target = read_published_distribution(SRS), read_published_distribution(WAI_SR)
    converted = [(SRS.pomp(points) - source.mean) / source.sd * target.sd + target.mean for points in (36.0, 32.0)]
    early = compute_early_alliance(tables, KNOWN, "WAI-SR")
    assert early["pomp"].tolist() == [pytest.approx((sum(converted) + WAI_SR.pomp(4.0)) / 3)]
    assert early["instrument"].tolist() == ["SRS"]
    assert early.drop(columns="pomp").equals(compute_early_alliance(tables, KNOWN).drop(columns="pomp"))


def test_a_main_instrument_changes_nothing_where_there_is_one() -> None:
    tables = clinic(
        {"age": [30]}, {"age": [40]},
        outcomes={"client_id": ["c0"] * 2, "therapist_id": ["t0"] * 2, "score": [36.0, 32.0],
                  "instrument": ["SRS"] * 2},
    )  # fmt: skip
    assert compute_early_alliance(tables, KNOWN, "WAI-SR").equals(compute_early_alliance(tables, KNOWN))


@pytest.mark.parametrize("instrument", [WAI_SR, WAI_S], ids=lambda row: row.name)
def test_the_wai_figures_are_those_of_the_published_statistics(instrument: Instrument) -> None:
    from attune_fit.data.published_statistics import read_published_statistics

    statistics = read_published_statistics()
    mean, sd = statistics["early_alliance_mean"].value, statistics["early_alliance_sd"].value
    published = read_published_distribution(instrument)
    assert published.mean == pytest.approx(WAI_SR.pomp(mean), abs=0.2)
    assert published.sd == pytest.approx(WAI_SR.pomp(mean + sd) - WAI_SR.pomp(mean), abs=0.2)
