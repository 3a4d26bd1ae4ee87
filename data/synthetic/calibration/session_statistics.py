"""Statistics over sessions: what lasts, who carries it, who leaves."""

from __future__ import annotations

import numpy as np

from attune_fit.data.synthetic.calibration import repeated_measures
from attune_fit.data.synthetic.calibration.observed_clinic import Seen, cohen
from attune_fit.data.synthetic.calibration.statistic import Statistic

LAST = "over sessions"
WHO = "who carries it"
LEAVE = "who leaves"


def _of_therapists(seen: Seen) -> float:
    return repeated_measures.therapist_share(seen.early, seen.therapist_ids)


def _mean_of_60(seen: Seen) -> float:
    """Dependability of the mean of a therapist's 60 clients, by Spearman-Brown."""
    share = max(0.0, _of_therapists(seen))
    return 60 * share / (1 + 59 * share)


def _as_in_diary(seen: Seen) -> float:
    """Therapists' share of the mean of the first three occasions, among few therapists as in the real ratings."""
    early = seen.wide.iloc[:, :3].mean(axis=1)
    return repeated_measures.therapist_share(early, early.index.get_level_values("therapist_id").to_series())


def _dropout_d(seen: Seen) -> float:
    """How much lower those who later leave rated session 1."""
    first = seen.forms[seen.forms["session"] == 1]
    left = (first["dropped_out"] == "yes").to_numpy()
    return cohen(first["score"][~left], first["score"][left])


SESSIONS: tuple[Statistic, ...] = (
    Statistic(
        "dependability of one session",
        LAST,
        "session_dependability",
        kind="input",
        measure=lambda seen: repeated_measures.dependability(seen.wide.iloc[:, :4], 1),
        error=0.06,
        because="45 patients: (1 - .77²) / √(45 - 3)",
    ),
    Statistic(
        "of the mean of two",
        LAST,
        "two_session_dependability",
        lambda seen: repeated_measures.dependability(seen.wide.iloc[:, :4], 2),
    ),
    Statistic(
        "of the mean of four",
        LAST,
        "four_session_dependability",
        lambda seen: repeated_measures.dependability(seen.wide.iloc[:, :4], 4),
    ),
    Statistic(
        "first occasion with occasions 6-15",
        LAST,
        "diary_first_r",
        lambda seen: repeated_measures.first_with_later(seen.wide),
    ),
    Statistic(
        "occasions 2-5 with occasions 6-15",
        LAST,
        "diary_next_r",
        lambda seen: repeated_measures.next_with_later(seen.wide),
    ),
    Statistic(
        "SD of the first beside the next occasions",
        LAST,
        "diary_spread_ratio",
        kind="input",
        measure=lambda seen: repeated_measures.spread_ratio(seen.wide),
    ),
    Statistic(
        "rise a session, SD",
        LAST,
        "diary_growth",
        kind="input",
        measure=lambda seen: repeated_measures.growth(seen.wide),
        explains="Put in as .03: two small studies saw no growth, the real ratings some.",
    ),
    Statistic(
        "patient, share of one occasion",
        WHO,
        "diary_patient_share",
        lambda seen: repeated_measures.patient_share(seen.wide),
    ),
    Statistic(
        "session and error, share of one occasion",
        WHO,
        "diary_session_share",
        lambda seen: 1 - repeated_measures.patient_share(seen.wide),
    ),
    Statistic("therapist, share of early means", WHO, "therapist_share", kind="input", measure=_of_therapists),
    Statistic("therapist, share in the real ratings", WHO, "diary_therapist_share", _as_in_diary),
    Statistic("dependability of a therapist's mean of 60", WHO, "therapist_mean_of_60", _mean_of_60),
    Statistic("dropout", LEAVE, "dropout_share", kind="input", measure=lambda seen: float(np.mean(seen.left))),
    Statistic(
        "weaker alliance of who leaves (d)",
        LEAVE,
        "alliance_dropout_d",
        kind="input",
        measure=_dropout_d,
        error=0.07,
        because="N = 1,301 with a fifth leaving: √(1/260 + 1/1,041)",
    ),
)
