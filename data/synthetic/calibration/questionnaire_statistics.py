"""Statistics of single forms: level, spread, ceiling, how items and scales hang together, and who rates."""

from __future__ import annotations

import numpy as np
import pandas as pd

from attune_fit.data.clinic.instruments import WAI_SR
from attune_fit.data.synthetic.calibration.observed_clinic import ObservedClinic, compute_cohen_d
from attune_fit.data.synthetic.calibration.statistic import Statistic
from attune_fit.data.synthetic.sessions import ITEM_COLUMNS

RATING_FAMILY = "early ratings"
TWO_RATER_FAMILY = "two raters"


def compute_cronbach_alpha(items: pd.DataFrame) -> float:
    """Cronbach's alpha of complete forms."""
    k = items.shape[1]
    return float(k / (k - 1) * (1 - items.var().sum() / items.sum(axis=1).var()))


def _select_items(seen: ObservedClinic, scale: str | None = None) -> pd.DataFrame:
    """Answers to the items of all scales, or of one."""
    names = ITEM_COLUMNS if scale is None else [ITEM_COLUMNS[number - 1] for number in WAI_SR.scales[scale]]
    return seen.early_forms[list(names)]


def _correlate_scales(seen: ObservedClinic, *pairs: tuple[str, str]) -> float:
    """Mean correlation of some pairs of scales."""
    return float(np.mean([seen.early_forms[a].corr(seen.early_forms[b]) for a, b in pairs]))


def _compute_straight_lining_share(seen: ObservedClinic) -> float:
    """Share of forms with one option throughout."""
    items = _select_items(seen)
    return float((items.min(axis=1) == items.max(axis=1)).mean())


def _compute_mean_scale_alpha(seen: ObservedClinic) -> float:
    return float(np.mean([compute_cronbach_alpha(_select_items(seen, scale)) for scale in WAI_SR.scales]))


FORM_STATISTICS: tuple[Statistic, ...] = (
    Statistic(
        "mean of one form",
        RATING_FAMILY,
        "early_alliance_mean",
        kind="input",
        measure=lambda seen: float(seen.early_forms["score"].mean()),
    ),
    Statistic(
        "SD of one form",
        RATING_FAMILY,
        "early_alliance_sd",
        kind="input",
        measure=lambda seen: float(seen.early_forms["score"].std()),
    ),
    Statistic(
        "skew to the left",
        RATING_FAMILY,
        "alliance_ceiling",
        lambda seen: -float(seen.early_forms["score"].skew()),  # type: ignore[arg-type]
    ),
    Statistic(
        "share of forms at the ceiling",
        RATING_FAMILY,
        "ceiling_share",
        lambda seen: float((seen.early_forms["score"] == WAI_SR.high).mean()),
    ),
    Statistic(
        "forms with one option throughout",
        RATING_FAMILY,
        "straight_lining_share",
        kind="input",
        measure=_compute_straight_lining_share,
    ),
    Statistic("mean of bond", RATING_FAMILY, "bond_mean", lambda seen: float(seen.early_forms["bond"].mean())),
    Statistic(
        "alpha of the twelve items",
        RATING_FAMILY,
        "wai_alpha",
        lambda seen: compute_cronbach_alpha(_select_items(seen)),
    ),
    Statistic("alpha of one scale, mean of three", RATING_FAMILY, "scale_alpha", _compute_mean_scale_alpha),
    Statistic(
        "task with goal",
        RATING_FAMILY,
        "wai_sr_task_goal_r",
        kind="input",
        measure=lambda seen: _correlate_scales(seen, ("task", "goal")),
    ),
    Statistic(
        "bond with task and goal",
        RATING_FAMILY,
        "wai_sr_bond_r",
        kind="input",
        measure=lambda seen: _correlate_scales(seen, ("bond", "task"), ("bond", "goal")),
    ),
    Statistic(
        "client's with therapist's rating",
        TWO_RATER_FAMILY,
        "client_therapist_r",
        kind="input",
        measure=lambda seen: float(seen.paired_scores["client"].corr(seen.paired_scores["therapist"])),
        error=0.02,
        error_source="53 studies that hardly differ; of the order of 2,000 pairs",
    ),
    Statistic(
        "clients rate higher than therapists (d)",
        TWO_RATER_FAMILY,
        "client_therapist_gap",
        kind="input",
        measure=lambda seen: compute_cohen_d(seen.paired_scores["client"], seen.paired_scores["therapist"]),
        error=0.058,
        error_source="SD .42 between 52 data sets, over the root of 52",
    ),
)
