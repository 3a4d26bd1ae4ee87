"""Statistics of intake with alliance, and of who suits whom."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from attune_fit.data.arrays import Bools, Floats
from attune_fit.data.synthetic.alliance import TrueAllianceParts
from attune_fit.data.synthetic.calibration.observed_clinic import ObservedClinic
from attune_fit.data.synthetic.calibration.statistic import Statistic
from attune_fit.data.synthetic.effect_draws import INTAKE_COLUMNS
from attune_fit.data.synthetic.people import build_cross_rows, compute_overlap
from attune_fit.data.synthetic.therapists import STYLES
from attune_fit.data.synthetic.wishes import has_wished_attributes

INTAKE_FAMILY = "intake with early alliance"
PAIR_FAMILY = "who suits whom"
MAX_SAMPLE_CLIENTS = 300  # clients whose pairs are looked at


def _correlate_intake(column: str) -> Callable[[ObservedClinic], float]:
    return lambda seen: seen.correlate_with_early(seen.take_client_column(column))


def _correlate_security(seen: ObservedClinic) -> float:
    """Security as the opposite of both kinds of insecurity."""
    both = sum(seen.clinic.truth.clients.standardize(f"attachment_{kind}") for kind in ("avoidance", "anxiety"))
    return seen.correlate_with_early(-np.asarray(both)[seen.client_rows])


def _compute_intake_r2(seen: ObservedClinic) -> float:
    """Variance of early means that the four intake scores explain, adjusted for their number."""
    told = np.stack([seen.take_client_column(column) for column in INTAKE_COLUMNS.values()], axis=1)
    known = ~np.isnan(told).any(axis=1) & seen.early_scores.notna().to_numpy()
    x = np.column_stack([np.ones(known.sum()), told[known]])
    y = seen.early_scores[known].to_numpy()
    left = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
    n, k = x.shape
    return float(1 - (left.var() / y.var()) * (n - 1) / (n - k))


def _compare_shared_code(column: str) -> Callable[[ObservedClinic], float]:
    """D of early alliance where both share a code of a column."""
    return lambda seen: seen.compute_early_cohen_d(_has_shared_code(seen, column))


def _has_shared_code(seen: ObservedClinic, column: str) -> Bools:
    truth = seen.clinic.truth
    return np.asarray(
        compute_overlap(truth.clients[column], truth.therapists[column], seen.client_rows, seen.therapist_rows) > 0
    )


def _compute_wishes_d(seen: ObservedClinic) -> float:
    """D of early alliance: every stated wish honoured, against none."""
    truth = seen.clinic.truth
    wants = np.isin(truth.clients["wishes"], (1, 2))
    stated = wants.sum(axis=1)[seen.client_rows]
    met = compute_overlap(wants, has_wished_attributes(truth.therapists), seen.client_rows, seen.therapist_rows)
    return seen.compute_early_cohen_d(met == stated, within=(stated > 0) & ((met == stated) | (met == 0)))


def _correlate_style_closeness(seen: ObservedClinic) -> float:
    """How near the therapist's own description is to what the client prefers, with early alliance."""
    truth = seen.clinic.truth
    apart: Floats = np.zeros(len(seen.client_rows))
    for style in STYLES:
        ours, theirs = truth.clients[f"{style}_preference"], truth.therapists[f"{style}_style"]
        apart = apart + ((ours[seen.client_rows] - theirs[seen.therapist_rows]) / ours.std()) ** 2
    return seen.correlate_with_early(-apart)


def _correlate_therapist_column(column: str) -> Callable[[ObservedClinic], float]:
    return lambda seen: seen.correlate_with_early(seen.clinic.truth.therapists[column][seen.therapist_rows])


def _correlate_age_closeness(seen: ObservedClinic) -> float:
    truth = seen.clinic.truth
    return seen.correlate_with_early(
        -np.abs(truth.clients["age"][seen.client_rows] - truth.therapists["age"][seen.therapist_rows])
    )


def _compute_predictable_share(seen: ObservedClinic) -> float:
    """Of what is unique to pairs, what intake can tell."""
    parts = _compute_sample_parts(seen)
    fit, both = parts.fit.var(), (parts.fit + parts.chemistry).var()
    return float(fit / both) if both else 0.0


def _compute_assignable_share(seen: ObservedClinic) -> float:
    """Variance within a client, between therapists, that intake could tell: fit, and observed skill."""
    parts = _compute_sample_parts(seen)
    return float(parts.fit.var() + seen.clinic.truth.world.skill * parts.therapist[0].var())


def _compute_sample_parts(seen: ObservedClinic) -> TrueAllianceParts:
    truth = seen.clinic.truth
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
    Statistic("R² of all four", INTAKE_FAMILY, "intake_client_r2", _compute_intake_r2),
    Statistic(
        "wishes honoured (d)",
        PAIR_FAMILY,
        "preference_alliance_d",
        _compute_wishes_d,
        note="Published for the treatment one prefers; here for wishes about a person, all of them honoured "
        "against none.",
    ),
    Statistic(
        "matched style",
        PAIR_FAMILY,
        "style_match",
        _correlate_style_closeness,
        error=0.046,
        error_source="1 / √470",
        note="It leans upwards, as fit does: see what intake can tell.",
    ),
    Statistic(
        "same race or ethnicity (d)",
        PAIR_FAMILY,
        "race_outcome_d",
        _compare_shared_code("race_ethnicity"),
        error=0.05,
        error_source="53 studies, very mixed",
        note="Published for outcome; how favourably a matched therapist is seen is d = .32.",
    ),
    Statistic(
        "same gender (d)",
        PAIR_FAMILY,
        "gender_match",
        _compare_shared_code("gender"),
        error=0.02,
        error_source="over 17,000 clients",
        note="Published for outcome, of students.",
    ),
    Statistic(
        "nearer in age",
        PAIR_FAMILY,
        "similarity_alliance",
        _correlate_age_closeness,
        error=0.03,
        error_source="assumed; no size was seen",
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
        "of the pair, what intake can tell",
        PAIR_FAMILY,
        "intake_dyad_share",
        _compute_predictable_share,
        note="Above what the evidence asks for, so that a method has something to find: 5% of all variance "
        "is the share that methods are tried on here. `--fit-share 0.02` is nearer; 0 is `--world chemistry`.",
    ),
    Statistic(
        "assignable and told by intake, share",
        PAIR_FAMILY,
        "assignable_share",
        _compute_assignable_share,
        note="Fit of 5%, and a quarter of what therapists differ by: see what intake can tell.",
    ),
)
