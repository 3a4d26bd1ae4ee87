"""Statistics of intake with alliance, and of who suits whom."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from attune_fit.data.synthetic.alliance import Parts
from attune_fit.data.synthetic.calibration.observed_clinic import Seen
from attune_fit.data.synthetic.calibration.statistic import Statistic
from attune_fit.data.synthetic.effect_draws import AT_INTAKE
from attune_fit.data.synthetic.people import Bools, Floats, everyone, shared
from attune_fit.data.synthetic.therapists import STYLES
from attune_fit.data.synthetic.wishes import meets

INTAKE = "intake with early alliance"
PAIRS = "who suits whom"
SOME = 300  # clients whose pairs are looked at


def _r(column: str) -> Callable[[Seen], float]:
    return lambda seen: seen.with_early(seen.of_client(column))


def _insecurity(seen: Seen) -> float:
    """Security as the opposite of both kinds of insecurity."""
    both = sum(seen.made.truth.clients.standard(f"attachment_{kind}") for kind in ("avoidance", "anxiety"))
    return seen.with_early(-np.asarray(both)[seen.client])


def _intake_r2(seen: Seen) -> float:
    """Variance of early means that the four intake scores explain, adjusted for their number."""
    told = np.stack([seen.of_client(column) for column in AT_INTAKE.values()], axis=1)
    known = ~np.isnan(told).any(axis=1) & seen.early.notna().to_numpy()
    x = np.column_stack([np.ones(known.sum()), told[known]])
    y = seen.early[known].to_numpy()
    left = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
    n, k = x.shape
    return float(1 - (left.var() / y.var()) * (n - 1) / (n - k))


def _same(column: str) -> Callable[[Seen], float]:
    """D of early alliance where both share a code of a column."""
    return lambda seen: seen.gap_in_early(_both(seen, column))


def _both(seen: Seen, column: str) -> Bools:
    truth = seen.made.truth
    return np.asarray(shared(truth.clients[column], truth.therapists[column], seen.client, seen.therapist) > 0)


def _wishes_d(seen: Seen) -> float:
    """D of early alliance: every stated wish honoured, against none."""
    truth = seen.made.truth
    wants = np.isin(truth.clients["wishes"], (1, 2))
    stated = wants.sum(axis=1)[seen.client]
    met = shared(wants, meets(truth.therapists), seen.client, seen.therapist)
    return seen.gap_in_early(met == stated, within=(stated > 0) & ((met == stated) | (met == 0)))


def _style_r(seen: Seen) -> float:
    """How near the therapist's own description is to what the client prefers, with early alliance."""
    truth = seen.made.truth
    apart: Floats = np.zeros(len(seen.client))
    for style in STYLES:
        ours, theirs = truth.clients[f"{style}_preference"], truth.therapists[f"{style}_style"]
        apart = apart + ((ours[seen.client] - theirs[seen.therapist]) / ours.std()) ** 2
    return seen.with_early(-apart)


def _of_therapist(column: str) -> Callable[[Seen], float]:
    return lambda seen: seen.with_early(seen.made.truth.therapists[column][seen.therapist])


def _age_apart(seen: Seen) -> float:
    truth = seen.made.truth
    return seen.with_early(-np.abs(truth.clients["age"][seen.client] - truth.therapists["age"][seen.therapist]))


def _reachable(seen: Seen) -> float:
    """Of what is unique to pairs, what intake can tell."""
    parts = _some(seen)
    fit, both = parts.fit.var(), (parts.fit + parts.chemistry).var()
    return float(fit / both) if both else 0.0


def _assignable(seen: Seen) -> float:
    """Variance within a client, between therapists, that intake could tell: fit, and observed skill."""
    parts = _some(seen)
    return float(parts.fit.var() + seen.made.truth.world.skill * parts.therapist[0].var())


def _some(seen: Seen) -> Parts:
    truth = seen.made.truth
    return truth.parts(*everyone(min(SOME, len(truth.clients)), truth.therapists))


FEW = "33 studies; .02 is (1 - r²) / √N for about 2,500 clients"

INTAKE_AND_PAIRS: tuple[Statistic, ...] = (
    Statistic(
        "attachment avoidance",
        INTAKE,
        "avoidance_alliance_r",
        kind="input",
        measure=_r("attachment_avoidance"),
        error=0.02,
        because=FEW,
    ),
    Statistic(
        "attachment anxiety",
        INTAKE,
        "anxiety_alliance_r",
        kind="input",
        measure=_r("attachment_anxiety"),
        error=0.02,
        because=FEW,
    ),
    Statistic("attachment security", INTAKE, "security_alliance_r", _insecurity),
    Statistic(
        "interpersonal problems", INTAKE, "interpersonal_problems_r", kind="input", measure=_r("interpersonal_problems")
    ),
    Statistic("outcome expectancy", INTAKE, "expectancy_alliance_r", kind="input", measure=_r("outcome_expectancy")),
    Statistic("R² of all four", INTAKE, "intake_client_r2", _intake_r2),
    Statistic(
        "wishes honoured (d)",
        PAIRS,
        "preference_alliance_d",
        _wishes_d,
        explains="Published for the treatment one prefers; here for wishes about a person, all of them honoured "
        "against none.",
    ),
    Statistic(
        "matched style",
        PAIRS,
        "style_match",
        _style_r,
        error=0.046,
        because="1 / √470",
        explains="It leans upwards, as fit does: see what intake can tell.",
    ),
    Statistic(
        "same race or ethnicity (d)",
        PAIRS,
        "race_outcome_d",
        _same("race_ethnicity"),
        error=0.05,
        because="53 studies, very mixed",
        explains="Published for outcome; how favourably a matched therapist is seen is d = .32.",
    ),
    Statistic(
        "same gender (d)",
        PAIRS,
        "gender_match",
        _same("gender"),
        error=0.02,
        because="over 17,000 clients",
        explains="Published for outcome, of students.",
    ),
    Statistic(
        "nearer in age", PAIRS, "similarity_alliance", _age_apart, error=0.03, because="assumed; no size was seen"
    ),
    Statistic(
        "therapist's experience",
        PAIRS,
        "experience_alliance",
        _of_therapist("years_experience"),
        error=0.13,
        because="59 therapists: 1 / √59",
    ),
    Statistic(
        "therapist's observed skill",
        PAIRS,
        "interpersonal_skill_alliance",
        kind="input",
        measure=_of_therapist("interpersonal_skill"),
    ),
    Statistic(
        "of the pair, what intake can tell",
        PAIRS,
        "intake_dyad_share",
        _reachable,
        explains="Above what the evidence asks for, so that a method has something to find: 5% of all variance "
        "is the share that methods are tried on here. `--fit-share 0.02` is nearer; 0 is `--world chemistry`.",
    ),
    Statistic(
        "assignable and told by intake, share",
        PAIRS,
        "assignable_share",
        _assignable,
        explains="Fit of 5%, and a quarter of what therapists differ by: see what intake can tell.",
    ),
)
