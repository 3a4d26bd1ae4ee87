"""Statistics of single forms: level, spread, ceiling, internal consistency, scale correlations, and rater."""

from __future__ import annotations

import numpy as np
import pandas as pd

from attune_fit.data.clinic.instruments import WAI_SR
from attune_fit.data.synthetic.calibration.observed_clinic import ObservedClinic, compute_cohen_d
from attune_fit.data.synthetic.calibration.published_target import Statistic
from attune_fit.data.synthetic.sessions import ITEM_COLUMNS

RATING_FAMILY = "early ratings"
TWO_RATER_FAMILY = "two raters"


def compute_cronbach_alpha(items: pd.DataFrame) -> float:
    """Return Cronbach's alpha (internal consistency) of complete forms, one form in each row."""
    k = items.shape[1]
    return float(k / (k - 1) * (1 - items.var().sum() / items.sum(axis=1).var()))


def _select_items(observations: ObservedClinic, scale: str | None = None) -> pd.DataFrame:
    """Return the item answers of all scales, or of one scale."""
    names = ITEM_COLUMNS if scale is None else [ITEM_COLUMNS[number - 1] for number in WAI_SR.scales[scale]]
    return observations.early_forms[list(names)]


def _correlate_scales(observations: ObservedClinic, *pairs: tuple[str, str]) -> float:
    """Compute the mean correlation of the given pairs of scales."""
    return float(np.mean([observations.early_forms[a].corr(observations.early_forms[b]) for a, b in pairs]))


def _compute_straight_lining_share(observations: ObservedClinic) -> float:
    """Compute the share of straight-lined forms, 0-1."""
    items = _select_items(observations)
    return float((items.min(axis=1) == items.max(axis=1)).mean())


def _compute_mean_scale_alpha(observations: ObservedClinic) -> float:
    return float(np.mean([compute_cronbach_alpha(_select_items(observations, scale)) for scale in WAI_SR.scales]))


FORM_STATISTICS: tuple[Statistic, ...] = (
    Statistic(
        "mean of one form",
        RATING_FAMILY,
        "early_alliance_mean",
        kind="input",
        measure=lambda observations: float(observations.early_forms["score"].mean()),
    ),
    Statistic(
        "SD of one form",
        RATING_FAMILY,
        "early_alliance_sd",
        kind="input",
        measure=lambda observations: float(observations.early_forms["score"].std()),
    ),
    Statistic(
        "skew to the left",
        RATING_FAMILY,
        "alliance_ceiling",
        lambda observations: -float(observations.early_forms["score"].skew()),  # type: ignore[arg-type]
    ),
    Statistic(
        "share of forms at the ceiling",
        RATING_FAMILY,
        "ceiling_share",
        lambda observations: float((observations.early_forms["score"] == WAI_SR.high).mean()),
    ),
    Statistic(
        "share of straight-lined forms",
        RATING_FAMILY,
        "straight_lining_share",
        kind="input",
        measure=_compute_straight_lining_share,
    ),
    Statistic(
        "mean of bond", RATING_FAMILY, "bond_mean", lambda observations: float(observations.early_forms["bond"].mean())
    ),
    Statistic(
        "alpha of the twelve items",
        RATING_FAMILY,
        "wai_alpha",
        lambda observations: compute_cronbach_alpha(_select_items(observations)),
    ),
    Statistic("alpha of one scale, mean of three scales", RATING_FAMILY, "scale_alpha", _compute_mean_scale_alpha),
    Statistic(
        "correlation of task and goal",
        RATING_FAMILY,
        "wai_sr_task_goal_r",
        kind="input",
        measure=lambda observations: _correlate_scales(observations, ("task", "goal")),
    ),
    Statistic(
        "correlation of bond with task and goal",
        RATING_FAMILY,
        "wai_sr_bond_r",
        kind="input",
        measure=lambda observations: _correlate_scales(observations, ("bond", "task"), ("bond", "goal")),
    ),
    Statistic(
        "correlation of client and therapist rating",
        TWO_RATER_FAMILY,
        "client_therapist_r",
        kind="input",
        measure=lambda observations: float(
            observations.paired_scores["client"].corr(observations.paired_scores["therapist"])
        ),
        error=0.02,
        error_source="53 studies with similar results; about 2,000 pairs",
    ),
    Statistic(
        "clients rate higher than therapists (d)",
        TWO_RATER_FAMILY,
        "client_therapist_gap",
        kind="input",
        measure=lambda observations: compute_cohen_d(
            observations.paired_scores["client"], observations.paired_scores["therapist"]
        ),
        error=0.058,
        error_source="SD .42 between 52 data sets: .42 / √52",
    ),
)
