"""Statistics over sessions: stability, variance components, and dropout."""

from __future__ import annotations

import numpy as np

from attune_fit.data.synthetic.calibration import repeated_measures
from attune_fit.data.synthetic.calibration.observed_clinic import ObservedClinic, compute_cohen_d
from attune_fit.data.synthetic.calibration.published_target import Statistic

SESSION_FAMILY = "over sessions"
VARIANCE_FAMILY = "variance components"
DROPOUT_FAMILY = "dropout"


def _compute_therapist_share(observations: ObservedClinic) -> float:
    return repeated_measures.compute_therapist_share(observations.early_scores, observations.therapist_ids)


def _compute_mean_dependability(observations: ObservedClinic) -> float:
    """Compute the dependability (0-1) of a therapist's mean over 60 clients, by Spearman-Brown."""
    share = max(0.0, _compute_therapist_share(observations))
    return 60 * share / (1 + 59 * share)


def _compute_diary_share(observations: ObservedClinic) -> float:
    """Compute the therapists' share of the mean of occasions 1-3, with few therapists as in the real ratings."""
    early = observations.scores_by_session.iloc[:, :3].mean(axis=1)
    return repeated_measures.compute_therapist_share(early, early.index.get_level_values("therapist_id").to_series())


def _compute_dropout_d(observations: ObservedClinic) -> float:
    """Compute Cohen's d of session 1: the other clients minus those who drop out later."""
    first = observations.early_forms[observations.early_forms["session"] == 1]
    dropped_out = (first["dropped_out"] == "yes").to_numpy()
    return compute_cohen_d(first["score"][~dropped_out], first["score"][dropped_out])


SESSION_STATISTICS: tuple[Statistic, ...] = (
    Statistic(
        "dependability of one session",
        SESSION_FAMILY,
        "session_dependability",
        kind="input",
        measure=lambda observations: repeated_measures.compute_dependability(
            observations.scores_by_session.iloc[:, :4], 1
        ),
        error=0.06,
        error_source="45 patients: (1 - .77²) / √(45 - 3)",
    ),
    Statistic(
        "dependability of the mean of two sessions",
        SESSION_FAMILY,
        "two_session_dependability",
        lambda observations: repeated_measures.compute_dependability(observations.scores_by_session.iloc[:, :4], 2),
    ),
    Statistic(
        "dependability of the mean of four sessions",
        SESSION_FAMILY,
        "four_session_dependability",
        lambda observations: repeated_measures.compute_dependability(observations.scores_by_session.iloc[:, :4], 4),
    ),
    Statistic(
        "correlation of occasion 1 with occasions 6-15",
        SESSION_FAMILY,
        "diary_first_r",
        lambda observations: repeated_measures.correlate_first_with_later(observations.scores_by_session),
    ),
    Statistic(
        "correlation of occasions 2-5 with occasions 6-15",
        SESSION_FAMILY,
        "diary_next_r",
        lambda observations: repeated_measures.correlate_next_with_later(observations.scores_by_session),
    ),
    Statistic(
        "SD ratio of occasion 1 to occasions 2-5",
        SESSION_FAMILY,
        "diary_spread_ratio",
        kind="input",
        measure=lambda observations: repeated_measures.compute_first_sd_ratio(observations.scores_by_session),
    ),
    Statistic(
        "growth per session, SD",
        SESSION_FAMILY,
        "diary_growth",
        kind="input",
        measure=lambda observations: repeated_measures.compute_growth(observations.scores_by_session),
        note="Built in as .03: two small studies found no growth, the real ratings have some.",
    ),
    Statistic(
        "patient share of one occasion",
        VARIANCE_FAMILY,
        "diary_patient_share",
        lambda observations: repeated_measures.compute_patient_share(observations.scores_by_session),
    ),
    Statistic(
        "session and error share of one occasion",
        VARIANCE_FAMILY,
        "diary_session_share",
        lambda observations: 1 - repeated_measures.compute_patient_share(observations.scores_by_session),
    ),
    Statistic(
        "therapist share of early means",
        VARIANCE_FAMILY,
        "therapist_share",
        kind="input",
        measure=_compute_therapist_share,
    ),
    Statistic("therapist share in the real ratings", VARIANCE_FAMILY, "diary_therapist_share", _compute_diary_share),
    Statistic(
        "dependability of a therapist's mean of 60 clients",
        VARIANCE_FAMILY,
        "therapist_mean_of_60",
        _compute_mean_dependability,
    ),
    Statistic(
        "dropout share",
        DROPOUT_FAMILY,
        "dropout_share",
        kind="input",
        measure=lambda observations: float(np.mean(observations.has_dropped_out)),
    ),
    Statistic(
        "lower alliance of clients who drop out (d)",
        DROPOUT_FAMILY,
        "alliance_dropout_d",
        kind="input",
        measure=_compute_dropout_d,
        error=0.07,
        error_source="N = 1,301, a fifth dropped out: √(1/260 + 1/1,041)",
    ),
)
