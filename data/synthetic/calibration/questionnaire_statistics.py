"""Statistics of single forms: level, spread, ceiling, how items and scales hang together, and who rates."""

from __future__ import annotations

import numpy as np
import pandas as pd

from attune_fit.data.clinic.instruments import WAI_SR
from attune_fit.data.synthetic.calibration.observed_clinic import Seen, cohen
from attune_fit.data.synthetic.calibration.statistic import Statistic
from attune_fit.data.synthetic.sessions import ITEMS

FAMILY = "early ratings"
BOTH = "two raters"


def alpha(items: pd.DataFrame) -> float:
    """Cronbach's alpha of complete forms."""
    k = items.shape[1]
    return float(k / (k - 1) * (1 - items.var().sum() / items.sum(axis=1).var()))


def _items(seen: Seen, scale: str | None = None) -> pd.DataFrame:
    """Answers to the items of all scales, or of one."""
    names = ITEMS if scale is None else [ITEMS[number - 1] for number in WAI_SR.scales[scale]]
    return seen.forms[list(names)]


def _scales_r(seen: Seen, *pairs: tuple[str, str]) -> float:
    """Mean correlation of some pairs of scales."""
    return float(np.mean([seen.forms[a].corr(seen.forms[b]) for a, b in pairs]))


def _one_option(seen: Seen) -> float:
    """Share of forms with one option throughout."""
    items = _items(seen)
    return float((items.min(axis=1) == items.max(axis=1)).mean())


def _scale_alpha(seen: Seen) -> float:
    return float(np.mean([alpha(_items(seen, scale)) for scale in WAI_SR.scales]))


FORMS: tuple[Statistic, ...] = (
    Statistic(
        "mean of one form",
        FAMILY,
        "early_alliance_mean",
        kind="input",
        measure=lambda seen: float(seen.forms["score"].mean()),
    ),
    Statistic(
        "SD of one form",
        FAMILY,
        "early_alliance_sd",
        kind="input",
        measure=lambda seen: float(seen.forms["score"].std()),
    ),
    Statistic("skew to the left", FAMILY, "alliance_ceiling", lambda seen: -float(seen.forms["score"].skew())),  # type: ignore[arg-type]
    Statistic(
        "share of forms at the ceiling",
        FAMILY,
        "ceiling_share",
        lambda seen: float((seen.forms["score"] == WAI_SR.high).mean()),
    ),
    Statistic("forms with one option throughout", FAMILY, "straight_lining_share", kind="input", measure=_one_option),
    Statistic("mean of bond", FAMILY, "bond_mean", lambda seen: float(seen.forms["bond"].mean())),
    Statistic("alpha of the twelve items", FAMILY, "wai_alpha", lambda seen: alpha(_items(seen))),
    Statistic("alpha of one scale, mean of three", FAMILY, "scale_alpha", _scale_alpha),
    Statistic(
        "task with goal",
        FAMILY,
        "wai_sr_task_goal_r",
        kind="input",
        measure=lambda seen: _scales_r(seen, ("task", "goal")),
    ),
    Statistic(
        "bond with task and goal",
        FAMILY,
        "wai_sr_bond_r",
        kind="input",
        measure=lambda seen: _scales_r(seen, ("bond", "task"), ("bond", "goal")),
    ),
    Statistic(
        "client's with therapist's rating",
        BOTH,
        "client_therapist_r",
        kind="input",
        measure=lambda seen: float(seen.both["client"].corr(seen.both["therapist"])),
        error=0.02,
        because="53 studies that hardly differ; of the order of 2,000 pairs",
    ),
    Statistic(
        "clients rate higher than therapists (d)",
        BOTH,
        "client_therapist_gap",
        kind="input",
        measure=lambda seen: cohen(seen.both["client"], seen.both["therapist"]),
        error=0.058,
        because="SD .42 between 52 data sets, over the root of 52",
    ),
)
