"""Statistics of who comes and who works there."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from attune_fit.data.synthetic.calibration.observed_clinic import ObservedClinic
from attune_fit.data.synthetic.calibration.statistic import Statistic
from attune_fit.data.synthetic.code_frequencies import list_codes
from attune_fit.data.synthetic.therapists import STYLES
from attune_fit.data.synthetic.wishes import WISH_OPTIONS

CLIENT_FAMILY = "clients"
PREFERENCE_FAMILY = "preferences of style (C-NIP)"
PROBLEM_FAMILY = "problems"
WISH_FAMILY = "wishes"
THERAPIST_FAMILY = "therapists"
ROUNDING_HALF_WIDTH = 0.5  # points: the cut-offs that norms are read from are whole numbers
SECOND_ORIENTATION_NOTE = "A third of these therapists name a second orientation; the published share is of the first."
PREFERRED_PATIENT_NOTE = "Published for what professionals would want as patients; taken here for how they work."
COLLEGE_SAMPLE_NOTE = (
    "College students tick more of a long list; these clients are adults of every age who name four at the most."
)


def _measure_code_share(side: str, column: str, code: str) -> Callable[[ObservedClinic], float]:
    """Share of the people of a side who have a code."""
    return lambda seen: float(getattr(seen.clinic.truth, side)[column][:, list_codes(column).index(code)].mean())


def _measure_age_share(low: float, high: float) -> Callable[[ObservedClinic], float]:
    return lambda seen: float(
        np.mean((seen.clinic.truth.clients["age"] >= low) & (seen.clinic.truth.clients["age"] <= high))
    )


def _measure_style_norm(style: str, what: str) -> Callable[[ObservedClinic], float]:
    return lambda seen: float(getattr(seen.clinic.tables.clients[f"{style}_preference"], what)())


def _compute_women_warmth_gap(seen: ObservedClinic) -> float:
    """Standardised difference of women and men in wanting warm support."""
    clients = seen.clinic.truth.clients
    want = clients.standardize("warm_support_preference")
    woman, man = (clients["gender"][:, list_codes("gender").index(code)] for code in ("woman", "man"))
    pooled = np.sqrt((want[woman].var() * woman.sum() + want[man].var() * man.sum()) / (woman.sum() + man.sum()))
    return float((want[woman].mean() - want[man].mean()) / pooled)


def _measure_style_gap(style: str, sign: int) -> Callable[[ObservedClinic], float]:
    """How much more (or, with -1, less) of a style therapists have than clients want, in SD of clients."""

    def gap(seen: ObservedClinic) -> float:
        theirs = seen.clinic.truth.therapists["true_style"][:, STYLES.index(style)]
        return float(sign * (theirs.mean() - seen.clinic.truth.clients.standardize(f"{style}_preference").mean()))

    return gap  # fmt: skip


def _measure_wish_share(attribute: str) -> Callable[[ObservedClinic], float]:
    """Share of clients who have any wish about an attribute."""
    about = [named == attribute for named, _ in WISH_OPTIONS]
    return lambda seen: float((seen.clinic.truth.clients["wishes"][:, about] > 0).any(axis=1).mean())


def _measure_mean_preference(style: str) -> Callable[[ObservedClinic], float]:
    return lambda seen: float(seen.clinic.tables.clients[f"{style}_preference"].mean())


def _list_norm_statistics() -> tuple[Statistic, ...]:
    rows = []
    for style in STYLES:
        says = style.replace("_", " ")
        for key, what in (("mean", "mean"), ("sd", "std")):
            rows.append(
                Statistic(f"{says}, {key.upper() if key == 'sd' else key}", PREFERENCE_FAMILY, f"cnip_{style}_{key}",
                          _measure_style_norm(style, what), kind="input", error=ROUNDING_HALF_WIDTH / 1.96, error_source="whole-number cut-offs")
            )  # fmt: skip
    return tuple(rows)


PEOPLE_STATISTICS: tuple[Statistic, ...] = (
    Statistic(
        "women among clients",
        CLIENT_FAMILY,
        "client_women",
        kind="input",
        measure=_measure_code_share("clients", "gender", "woman"),
        error=0.005,
        error_source="rounded",
    ),
    Statistic(
        "aged 18-34",
        CLIENT_FAMILY,
        "client_18_34",
        kind="input",
        measure=_measure_age_share(18, 34),
        error=0.005,
        error_source="rounded",
    ),
    Statistic(
        "aged 35-64", CLIENT_FAMILY, "client_35_64", _measure_age_share(35, 64), error=0.005, error_source="rounded"
    ),
    Statistic(
        "aged 65 and older",
        CLIENT_FAMILY,
        "client_65_and_older",
        kind="input",
        measure=_measure_age_share(65, 120),
        error=0.005,
        error_source="rounded",
    ),
    Statistic(
        "mean age",
        CLIENT_FAMILY,
        "platform_client_age",
        kind="orientation",
        measure=lambda seen: float(seen.clinic.truth.clients["age"].mean()),
        error=1.0,
        error_source="three samples agree to a year",
        note="Platforms and the trial see younger people than practices at large, which are drawn here.",
    ),
    *_list_norm_statistics(),
    Statistic(
        "women want warm support more (g)",
        PREFERENCE_FAMILY,
        "women_warm_support_g",
        kind="input",
        measure=_compute_women_warmth_gap,
        note="Put in as .40; the ends of the scale take a little of it.",
    ),
    Statistic(
        "therapists are less directive than wanted (g)",
        PREFERENCE_FAMILY,
        "professionals_directiveness_g",
        kind="input",
        measure=_measure_style_gap("directiveness", -1),
        note=PREFERRED_PATIENT_NOTE,
    ),
    Statistic(
        "therapists are more intense than wanted (g)",
        PREFERENCE_FAMILY,
        "professionals_intensity_g",
        kind="input",
        measure=_measure_style_gap("emotional_intensity", 1),
        note=PREFERRED_PATIENT_NOTE,
    ),
    *(
        Statistic(
            problem.replace("_", " "),
            PROBLEM_FAMILY,
            f"college_{problem}_share",
            _measure_code_share("clients", "presenting_problems", problem.replace("_", " ")),
            kind="orientation",
            error=0.01,
            error_source="rounded, one association of centres",
            note=COLLEGE_SAMPLE_NOTE,
        )
        for problem in ("anxiety", "depression", "stress", "family", "work_or_study")
    ),
    Statistic(
        "relationships",
        PROBLEM_FAMILY,
        "college_relationships_share",
        kind="orientation",
        measure=_measure_code_share("clients", "presenting_problems", "relationships"),
        error=0.01,
        error_source="rounded",
        note=COLLEGE_SAMPLE_NOTE,
    ),
    Statistic(
        "wish for an outlook or faith",
        WISH_FAMILY,
        "faith_wish_share",
        _measure_wish_share("religion"),
        note="Only believers are given a wish for their own faith; asked outright, others wish too.",
    ),
    Statistic(
        "wish about race or ethnicity",
        WISH_FAMILY,
        "identity_filter_share",
        kind="orientation",
        measure=_measure_wish_share("race_ethnicity"),
        note="On a platform few bother to set a filter; at intake everybody is asked.",
    ),
    Statistic(
        "women among therapists",
        THERAPIST_FAMILY,
        "therapist_women",
        kind="input",
        measure=_measure_code_share("therapists", "gender", "woman"),
        error=0.01,
        error_source="rounded ratio of 2.1 to 1",
    ),
    Statistic(
        "white therapists",
        THERAPIST_FAMILY,
        "therapist_white",
        _measure_code_share("therapists", "race_ethnicity", "white"),
    ),
    *(
        Statistic(
            name,
            THERAPIST_FAMILY,
            f"therapist_{code}",
            kind="input",
            measure=_measure_code_share("therapists", "orientations", code),
            error=error,
            error_source="588 psychologists",
            note=SECOND_ORIENTATION_NOTE,
        )
        for name, code, error in (
            ("cognitive or behavioural", "cbt", 0.021),
            ("integrative", "integrative", 0.017),
            ("psychodynamic", "psychodynamic", 0.016),
        )
    ),
    Statistic(
        "no opening now",
        THERAPIST_FAMILY,
        "no_openings_share",
        kind="orientation",
        measure=lambda seen: float((seen.clinic.truth.therapists["open_slots"] == 0).mean()),
        note="Half of psychologists in all settings are full; a clinic that ranks for a waiting list has "
        "openings, so .30 is assumed.",
    ),
    Statistic(
        "clients of one therapist",
        THERAPIST_FAMILY,
        "panel_size",
        kind="orientation",
        measure=lambda seen: len(seen.client_rows) / len(seen.clinic.truth.therapists),
        note="Published of active clients; here all who were met in two years, as the size asked for has it.",
    ),
)
