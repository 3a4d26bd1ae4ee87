"""Variance shares and their intervals are those of lme4."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from attune_fit.data.arrays import Indices
from attune_fit.training.multilevel.random_term import RandomTerm, join_labels
from attune_fit.training.multilevel.restricted_likelihood import fit_reml
from attune_fit.training.multilevel.share_profile import ShareProfile
from attune_fit.training.multilevel.variance_shares import VarianceComponents, estimate_variance_shares
from tests.training.multilevel.golden_numbers import HOME, read_diary, read_golden, read_synthetic_records

FIRST_THREE = "first_three"


def select_occasions(name: str) -> pd.DataFrame:
    diary = read_diary()
    return diary[diary["t"] <= 2] if name == FIRST_THREE else diary


def estimate_diary(rows: pd.DataFrame) -> VarianceComponents:
    therapist = rows["therapist"].to_numpy()
    patient = join_labels(therapist, rows["patient"].to_numpy())
    groupings = {"therapist": therapist, "patient": patient}
    return estimate_variance_shares(rows["wai"].to_numpy(), np.ones((len(rows), 1)), groupings, residual="Residual")


@pytest.mark.parametrize("name", [FIRST_THREE, "all"])
def test_the_shares_of_the_diary_are_those_of_lme4(name: str) -> None:
    golden = read_golden()["diary"][name]
    shares = estimate_diary(select_occasions(name))
    assert shares.converged
    assert shares.n_records == golden["n"]
    assert shares.deviance == pytest.approx(golden["criterion"], abs=1e-4)
    for one in shares.components:
        found = (one.share, one.low, one.high)
        assert found == pytest.approx([golden[key][one.name] for key in ("shares", "low", "high")], abs=0.001)


def test_the_therapist_interval_of_the_diary_agrees_with_that_of_confint() -> None:
    """lme4 profiles standard deviations by maximum likelihood: its ends differ a little, and 0 fits for both."""
    for name in (FIRST_THREE, "all"):
        golden, shares = read_golden()["diary"][f"{name}_sd"], estimate_diary(select_occasions(name))
        position = golden["names"].index("sd_(Intercept)|therapist")
        total = shares["therapist"].variance / shares["therapist"].share
        assert golden["low"][position] == 0 == shares["therapist"].low
        assert np.sqrt(shares["therapist"].high * total) == pytest.approx(golden["high"][position], rel=0.15)


def test_a_crossed_design_has_the_shares_of_lme4() -> None:
    golden, rows = read_golden()["crossed_shares"], read_synthetic_records()
    groupings = {name: rows[name].to_numpy() for name in ("pair", "client", "therapist")}
    shares = estimate_variance_shares(rows["y"].to_numpy(), np.ones((len(rows), 1)), groupings, residual="Residual")
    for one in shares.components:
        found = (one.share, one.low, one.high)
        assert found == pytest.approx([golden[key][one.name] for key in ("shares", "low", "high")], abs=0.001)
        assert one.zero_probability is None or one.zero_probability < 0.001


def test_groups_inside_others_give_the_same_fit_as_two_terms() -> None:
    rows = read_synthetic_records()
    X, y = np.ones((len(rows), 1)), rows["y"].to_numpy()
    pair, client, therapist = (rows[name].to_numpy() for name in ("pair", "client", "therapist"))
    nested = fit_reml(y, X, [RandomTerm.nested(client, pair), RandomTerm.intercept(therapist)])
    apart = fit_reml(y, X, [RandomTerm.intercept(one) for one in (client, pair, therapist)])
    assert nested.theta == pytest.approx(apart.theta, abs=1e-3)
    assert nested.deviance == pytest.approx(apart.deviance, abs=1e-6)


def test_the_gradient_is_that_of_differences() -> None:
    rows = read_synthetic_records()
    variable, therapist = rows["avoidance"].to_numpy(), rows["therapist"].to_numpy()
    terms = [RandomTerm.slope(therapist, variable),
             RandomTerm.nested(rows["client"].to_numpy(), rows["pair"].to_numpy())]  # fmt: skip
    X = np.column_stack([np.ones(len(rows)), variable])
    for reml in (True, False):
        criterion = fit_reml(rows["y"].to_numpy(), X, terms, reml=reml).criterion
        theta = np.array([0.5, -0.1, 0.2, 0.4, 0.3])
        steps = 1e-5 * np.eye(5)
        differences = [(criterion.compute(theta + one) - criterion.compute(theta - one)) / 2e-5 for one in steps]
        assert criterion.compute_with_gradient(theta)[1] == pytest.approx(differences, rel=1e-4, abs=1e-4)


def test_a_share_is_in_the_interval_exactly_where_the_profile_contains_it() -> None:
    rows = select_occasions(FIRST_THREE)
    therapist = rows["therapist"].to_numpy()
    labels = [therapist, join_labels(therapist, rows["patient"].to_numpy())]
    profile = ShareProfile.from_records(rows["wai"].to_numpy(), np.ones((len(rows), 1)), labels)
    shares = estimate_diary(rows)
    for position, one in enumerate(shares.components):
        for share in (0.01, 0.1, 0.29, 0.32, 0.4, 0.6, 0.8):
            assert profile.is_inside(position, share) == (one.low <= share <= one.high), (one.name, share)


@pytest.mark.parametrize(
    ("second", "message"),
    [
        (np.arange(12) // 3 + 7, "first and second are the same groups"),
        (np.arange(12), "second has 12 groups for 12 records"),
        (np.zeros(12, dtype=int), "second has 1 groups for 12 records"),
    ],
)
def test_components_that_cannot_be_separated_are_refused(second: Indices, message: str) -> None:
    groupings = {"first": np.arange(12) // 3, "second": second}
    with pytest.raises(ValueError, match=re.escape(message)):
        estimate_variance_shares(np.random.default_rng(0).normal(size=12), np.ones((12, 1)), groupings)


def test_the_figures_of_the_page_are_those_of_the_records() -> None:
    """The page compares this estimate with a moment estimate, on the same occasions."""
    page = (HOME / "docs" / "variance.md").read_text(encoding="utf-8")
    diary = read_diary()
    for name, rows in {
        "1 to 3": diary[diary["t"] <= 2],
        "2 to 5": diary[diary["t"].between(1, 4)],
        "all": diary,
    }.items():
        cells = next(line for line in page.splitlines() if line.startswith(f"| {name} |")).strip("| ").split(" | ")
        shares = estimate_diary(rows)
        therapist, patient, session = shares.components
        means = rows.groupby(["therapist", "patient"])["wai"].mean()
        moment = compute_moment_share(means)
        assert cells == [
            name, f"{len(rows)}",
            f"{therapist.share:.2f} [{therapist.low:.2f}, {therapist.high:.2f}]", f"{patient.share:.2f}",
            f"{session.share:.2f}", f"{moment:.3f}".replace("-", "−"),
        ]  # fmt: skip


def compute_moment_share(means: pd.Series) -> float:
    """The analysis of variance of the patients' means: mean squares, with the average caseload of uneven groups."""
    groups = means.groupby("therapist")
    sizes, n = groups.size(), len(means)
    between = float((sizes * (groups.mean() - means.mean()) ** 2).sum()) / (len(sizes) - 1)
    within = float(((means - groups.transform("mean")) ** 2).sum()) / (n - len(sizes))
    average = (n - float((sizes**2).sum()) / n) / (len(sizes) - 1)
    component = (between - within) / average
    return component / (component + within)
