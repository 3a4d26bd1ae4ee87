import math
import tomllib
from importlib.resources import files

import pytest

from attune_fit.data.published_statistics import (
    EVIDENCE_MARKS,
    PriorWeight,
    PublishedStatistic,
    read_prior_weights,
    read_published_statistics,
)

STATISTICS = list(read_published_statistics().values())
WEIGHTS = list(read_prior_weights().values())
ROWS = tomllib.loads(files("attune_fit.data").joinpath("published_statistics.toml").read_text(encoding="utf-8"))


def by_key(row: PublishedStatistic) -> str:
    return row.key


def by_feature(row: PriorWeight) -> str:
    return row.feature


@pytest.mark.parametrize("part", ["figures", "weights"])
def test_no_row_hides_another_of_the_same_name(part: str) -> None:
    names = [row["key" if part == "figures" else "feature"] for row in ROWS[part]]
    assert sorted(set(names)) == sorted(names)


@pytest.mark.parametrize("statistic", STATISTICS, ids=by_key)
def test_a_statistic_has_a_meaning_and_a_citation(statistic: PublishedStatistic) -> None:
    assert statistic.mark in EVIDENCE_MARKS
    assert statistic.cite.strip()
    assert statistic.unit.strip()
    assert statistic.says.endswith(".")
    assert math.isfinite(statistic.value)


@pytest.mark.parametrize("statistic", STATISTICS, ids=by_key)
def test_a_statistic_is_within_its_range(statistic: PublishedStatistic) -> None:
    assert (statistic.low is None) == (statistic.high is None)
    if statistic.low is not None and statistic.high is not None:
        assert statistic.low <= statistic.value <= statistic.high
        assert statistic.low < statistic.high


@pytest.mark.parametrize("statistic", [f for f in STATISTICS if f.unit == "sign"], ids=by_key)
def test_a_sign_is_one_of_three(statistic: PublishedStatistic) -> None:
    assert statistic.value in {-1.0, 0.0, 1.0}


@pytest.mark.parametrize(
    "statistic", [f for f in STATISTICS if f.unit in {"r", "rho", "share", "alpha", "beta"}], ids=by_key
)
def test_correlations_and_shares_stay_within_one(statistic: PublishedStatistic) -> None:
    assert -1 <= statistic.value <= 1


@pytest.mark.parametrize("weight", WEIGHTS, ids=by_feature)
def test_a_weight_follows_from_known_statistics_and_shows_how(weight: PriorWeight) -> None:
    assert set(weight.figures) <= set(read_published_statistics())
    assert weight.because.endswith(".")
    assert weight.spread > 0
    if not weight.figures:
        assert weight.source == "assumed"
        assert "assumed" in weight.because.lower()


def test_the_rescaled_levels_equal_their_arithmetic() -> None:
    means = [(x - 1) * 4 / 6 + 1 for x in (5.41, 5.63, 5.45, 5.77, 5.85)]
    spreads = [x * 4 / 6 for x in (0.83, 0.94, 1.05, 1.20, 1.09)]
    assert read_published_statistics()["early_alliance_mean"].value == pytest.approx(sum(means) / 5, abs=0.005)
    assert read_published_statistics()["early_alliance_sd"].value == pytest.approx(sum(spreads) / 5, abs=0.005)


def test_the_shares_of_variance_add_up() -> None:
    parts = ("therapist_share", "occasion_share", "client_and_dyad_share")
    assert sum(read_published_statistics()[key].value for key in parts) == pytest.approx(1)


def test_the_tables_cannot_be_changed_by_a_reader() -> None:
    with pytest.raises(TypeError, match="does not support item assignment"):
        read_published_statistics()["new"] = STATISTICS[0]  # type: ignore[index]
