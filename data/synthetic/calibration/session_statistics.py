"""Statistics over sessions: what lasts, who carries it, who leaves."""

from __future__ import annotations

import numpy as np

from attune_fit.data.synthetic.calibration import repeated_measures
from attune_fit.data.synthetic.calibration.observed_clinic import ObservedClinic, compute_cohen_d
from attune_fit.data.synthetic.calibration.statistic import Statistic

SESSION_FAMILY = "over sessions"
VARIANCE_FAMILY = "who carries it"
DROPOUT_FAMILY = "who leaves"


def _compute_therapist_share(seen: ObservedClinic) -> float:
    return repeated_measures.compute_therapist_share(seen.early_scores, seen.therapist_ids)


def _compute_mean_dependability(seen: ObservedClinic) -> float:
    """Dependability of the mean of a therapist's 60 clients, by Spearman-Brown."""
    share = max(0.0, _compute_therapist_share(seen))
    return 60 * share / (1 + 59 * share)


def _compute_diary_share(seen: ObservedClinic) -> float:
    """Therapists' share of the mean of the first three occasions, among few therapists as in the real ratings."""
    early = seen.scores_by_session.iloc[:, :3].mean(axis=1)
    return repeated_measures.compute_therapist_share(early, early.index.get_level_values("therapist_id").to_series())


def _compute_dropout_d(seen: ObservedClinic) -> float:
    """How much lower those who later leave rated session 1."""
    first = seen.early_forms[seen.early_forms["session"] == 1]
    left = (first["dropped_out"] == "yes").to_numpy()
    return compute_cohen_d(first["score"][~left], first["score"][left])


SESSION_STATISTICS: tuple[Statistic, ...] = (
    Statistic(
        "dependability of one session",
        SESSION_FAMILY,
        "session_dependability",
        kind="input",
        measure=lambda seen: repeated_measures.compute_dependability(seen.scores_by_session.iloc[:, :4], 1),
        error=0.06,
        error_source="45 patients: (1 - .77²) / √(45 - 3)",
    ),
    Statistic(
        "of the mean of two",
        SESSION_FAMILY,
        "two_session_dependability",
        lambda seen: repeated_measures.compute_dependability(seen.scores_by_session.iloc[:, :4], 2),
    ),
    Statistic(
        "of the mean of four",
        SESSION_FAMILY,
        "four_session_dependability",
        lambda seen: repeated_measures.compute_dependability(seen.scores_by_session.iloc[:, :4], 4),
    ),
    Statistic(
        "first occasion with occasions 6-15",
        SESSION_FAMILY,
        "diary_first_r",
        lambda seen: repeated_measures.correlate_first_with_later(seen.scores_by_session),
    ),
    Statistic(
        "occasions 2-5 with occasions 6-15",
        SESSION_FAMILY,
        "diary_next_r",
        lambda seen: repeated_measures.correlate_next_with_later(seen.scores_by_session),
    ),
    Statistic(
        "SD of the first beside the next occasions",
        SESSION_FAMILY,
        "diary_spread_ratio",
        kind="input",
        measure=lambda seen: repeated_measures.compute_first_sd_ratio(seen.scores_by_session),
    ),
    Statistic(
        "rise a session, SD",
        SESSION_FAMILY,
        "diary_growth",
        kind="input",
        measure=lambda seen: repeated_measures.compute_growth(seen.scores_by_session),
        note="Put in as .03: two small studies saw no growth, the real ratings some.",
    ),
    Statistic(
        "patient, share of one occasion",
        VARIANCE_FAMILY,
        "diary_patient_share",
        lambda seen: repeated_measures.compute_patient_share(seen.scores_by_session),
    ),
    Statistic(
        "session and error, share of one occasion",
        VARIANCE_FAMILY,
        "diary_session_share",
        lambda seen: 1 - repeated_measures.compute_patient_share(seen.scores_by_session),
    ),
    Statistic(
        "therapist, share of early means",
        VARIANCE_FAMILY,
        "therapist_share",
        kind="input",
        measure=_compute_therapist_share,
    ),
    Statistic("therapist, share in the real ratings", VARIANCE_FAMILY, "diary_therapist_share", _compute_diary_share),
    Statistic(
        "dependability of a therapist's mean of 60",
        VARIANCE_FAMILY,
        "therapist_mean_of_60",
        _compute_mean_dependability,
    ),
    Statistic(
        "dropout",
        DROPOUT_FAMILY,
        "dropout_share",
        kind="input",
        measure=lambda seen: float(np.mean(seen.has_dropped_out)),
    ),
    Statistic(
        "weaker alliance of who leaves (d)",
        DROPOUT_FAMILY,
        "alliance_dropout_d",
        kind="input",
        measure=_compute_dropout_d,
        error=0.07,
        error_source="N = 1,301 with a fifth leaving: √(1/260 + 1/1,041)",
    ),
)
