"""Statistics of intake scores with early alliance, and of client-therapist pairs."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from attune_fit.data.arrays import Bools, Floats
from attune_fit.data.synthetic.alliance import TrueAllianceParts
from attune_fit.data.synthetic.calibration.observed_clinic import ObservedClinic
from attune_fit.data.synthetic.calibration.published_target import Statistic
from attune_fit.data.synthetic.effect_draws import INTAKE_COLUMNS
from attune_fit.data.synthetic.people import build_cross_rows, compute_overlap
from attune_fit.data.synthetic.therapists import STYLES
from attune_fit.data.synthetic.wishes import has_wished_attributes

INTAKE_FAMILY = "intake scores and early alliance"
PAIR_FAMILY = "client-therapist pairs"
MAX_SAMPLE_CLIENTS = 300  # clients in the sample of pairs


def _correlate_intake(column: str) -> Callable[[ObservedClinic], float]:
    return lambda observations: observations.correlate_with_early(observations.take_client_column(column))


def _correlate_security(observations: ObservedClinic) -> float:
    """Correlate attachment security, the negative sum of avoidance and anxiety, with early alliance."""
    insecurity = sum(
        observations.clinic.truth.clients.standardize(f"attachment_{kind}") for kind in ("avoidance", "anxiety")
    )
    return observations.correlate_with_early(-np.asarray(insecurity)[observations.client_rows])


def _compute_intake_r2(observations: ObservedClinic) -> float:
    """Compute the adjusted R² of early means on the four intake scores."""
    scores = np.stack([observations.take_client_column(column) for column in INTAKE_COLUMNS.values()], axis=1)
    is_known = ~np.isnan(scores).any(axis=1) & observations.early_scores.notna().to_numpy()
    x = np.column_stack([np.ones(is_known.sum()), scores[is_known]])
    y = observations.early_scores[is_known].to_numpy()
    residual = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
    n, k = x.shape
    return float(1 - (residual.var() / y.var()) * (n - 1) / (n - k))


def _compare_shared_code(column: str) -> Callable[[ObservedClinic], float]:
    """Return a measure: d of early alliance between pairs with and without a shared code."""
    return lambda observations: observations.compute_early_cohen_d(_has_shared_code(observations, column))


def _has_shared_code(observations: ObservedClinic, column: str) -> Bools:
    truth = observations.clinic.truth
    return np.asarray(
        compute_overlap(
            truth.clients[column], truth.therapists[column], observations.client_rows, observations.therapist_rows
        )
        > 0
    )


def _compute_wishes_d(observations: ObservedClinic) -> float:
    """Compute d of early alliance: all stated wishes honoured versus none."""
    truth = observations.clinic.truth
    is_wanted = np.isin(truth.clients["wishes"], (1, 2))
    stated = is_wanted.sum(axis=1)[observations.client_rows]
    honoured = compute_overlap(
        is_wanted, has_wished_attributes(truth.therapists), observations.client_rows, observations.therapist_rows
    )
    return observations.compute_early_cohen_d(
        honoured == stated, within=(stated > 0) & ((honoured == stated) | (honoured == 0))
    )


def _correlate_style_closeness(observations: ObservedClinic) -> float:
    """Correlate the closeness of self-rated style and preferred style with early alliance."""
    truth = observations.clinic.truth
    distance: Floats = np.zeros(len(observations.client_rows))
    for style in STYLES:
        ours, theirs = truth.clients[f"{style}_preference"], truth.therapists[f"{style}_style"]
        distance = distance + ((ours[observations.client_rows] - theirs[observations.therapist_rows]) / ours.std()) ** 2
    return observations.correlate_with_early(-distance)


def _correlate_therapist_column(column: str) -> Callable[[ObservedClinic], float]:
    return lambda observations: observations.correlate_with_early(
        observations.clinic.truth.therapists[column][observations.therapist_rows]
    )


def _correlate_age_closeness(observations: ObservedClinic) -> float:
    truth = observations.clinic.truth
    return observations.correlate_with_early(
        -np.abs(truth.clients["age"][observations.client_rows] - truth.therapists["age"][observations.therapist_rows])
    )


def _compute_predictable_share(observations: ObservedClinic) -> float:
    """Compute the part of the pair effect that intake data can predict, 0-1; 0 without a pair effect."""
    parts = _compute_sample_parts(observations)
    fit, total = parts.fit.var(), (parts.fit + parts.chemistry).var()
    return float(fit / total) if total else 0.0


def _compute_assignable_share(observations: ObservedClinic) -> float:
    """Compute the share of variance that assignment can use: fit and observed skill, within a client."""
    parts = _compute_sample_parts(observations)
    return float(parts.fit.var() + observations.clinic.truth.world.skill * parts.therapist[0].var())


def _compute_sample_parts(observations: ObservedClinic) -> TrueAllianceParts:
    truth = observations.clinic.truth
    return truth.compute_parts(*build_cross_rows(min(MAX_SAMPLE_CLIENTS, len(truth.clients)), truth.therapists))


INTAKE_ERROR_SOURCE = "33 studies; .02 is (1 - r²) / √N for about 2,500 clients"

PAIR_STATISTICS: tuple[Statistic, ...] = (
    Statistic(
        "attachment avoidance",
        INTAKE_FAMILY,
        "avoidance_alliance_r",
        kind="input",
        measure=_correlate_intake("attachment_avoidance"),
        error=0.02,
        error_source=INTAKE_ERROR_SOURCE,
    ),
    Statistic(
        "attachment anxiety",
        INTAKE_FAMILY,
        "anxiety_alliance_r",
        kind="input",
        measure=_correlate_intake("attachment_anxiety"),
        error=0.02,
        error_source=INTAKE_ERROR_SOURCE,
    ),
    Statistic("attachment security", INTAKE_FAMILY, "security_alliance_r", _correlate_security),
    Statistic(
        "interpersonal problems",
        INTAKE_FAMILY,
        "interpersonal_problems_r",
        kind="input",
        measure=_correlate_intake("interpersonal_problems"),
    ),
    Statistic(
        "outcome expectancy",
        INTAKE_FAMILY,
        "expectancy_alliance_r",
        kind="input",
        measure=_correlate_intake("outcome_expectancy"),
    ),
    Statistic("R² of all four scores", INTAKE_FAMILY, "intake_client_r2", _compute_intake_r2),
    Statistic(
        "all wishes honoured (d)",
        PAIR_FAMILY,
        "preference_alliance_d",
        _compute_wishes_d,
        note="Published for treatment preferences; here for wishes about the therapist, all honoured versus none.",
    ),
    Statistic(
        "style match",
        PAIR_FAMILY,
        "style_match",
        _correlate_style_closeness,
        error=0.046,
        error_source="1 / √470",
        note="Higher than published, because fit is higher by design: see the predictable share of the pair effect.",
    ),
    Statistic(
        "same race or ethnicity (d)",
        PAIR_FAMILY,
        "race_outcome_d",
        _compare_shared_code("race_ethnicity"),
        error=0.05,
        error_source="53 studies with very different results",
        note="Published for outcome; for the view of a matched therapist, d = .32 is published.",
    ),
    Statistic(
        "same gender (d)",
        PAIR_FAMILY,
        "gender_match",
        _compare_shared_code("gender"),
        error=0.02,
        error_source="over 17,000 clients",
        note="Published for outcome, among students.",
    ),
    Statistic(
        "similar age",
        PAIR_FAMILY,
        "similarity_alliance",
        _correlate_age_closeness,
        error=0.03,
        error_source="assumed; no published size found",
    ),
    Statistic(
        "therapist's experience",
        PAIR_FAMILY,
        "experience_alliance",
        _correlate_therapist_column("years_experience"),
        error=0.13,
        error_source="59 therapists: 1 / √59",
    ),
    Statistic(
        "therapist's observed skill",
        PAIR_FAMILY,
        "interpersonal_skill_alliance",
        kind="input",
        measure=_correlate_therapist_column("interpersonal_skill"),
    ),
    Statistic(
        "predictable share of the pair effect",
        PAIR_FAMILY,
        "intake_dyad_share",
        _compute_predictable_share,
        note="Higher than the evidence, so that a method has an effect to find: methods are tested here with 5% of all "
        "variance. `--fit-share 0.02` is closer to the evidence; `--world chemistry` has 0.",
    ),
    Statistic(
        "share of variance that assignment can use",
        PAIR_FAMILY,
        "assignable_share",
        _compute_assignable_share,
        note="It contains fit (5%) and a quarter of the therapist variance: see the predictable share of the pair "
        "effect.",
    ),
)
