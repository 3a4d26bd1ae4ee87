"""Statistics of the clients and the therapists of a clinic."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from attune_fit.data.synthetic.calibration.observed_clinic import ObservedClinic
from attune_fit.data.synthetic.calibration.published_target import NORMAL_QUANTILE_95, Statistic
from attune_fit.data.synthetic.code_frequencies import list_codes
from attune_fit.data.synthetic.therapists import STYLES
from attune_fit.data.synthetic.wishes import WISH_OPTIONS

CLIENT_FAMILY = "clients"
PREFERENCE_FAMILY = "style preferences (C-NIP)"
PROBLEM_FAMILY = "problems"
WISH_FAMILY = "wishes"
THERAPIST_FAMILY = "therapists"
ROUNDING_HALF_WIDTH = 0.5  # C-NIP points: the norms come from whole-number cut-offs
SECOND_ORIENTATION_NOTE = (
    "A third of these therapists have a second orientation; the published share counts only the first."
)
PREFERRED_PATIENT_NOTE = (
    "Published for the preferences of professionals as patients; used here for their style as therapists."
)
COLLEGE_SAMPLE_NOTE = (
    "College students tick more items of a long list; these clients are adults of every age with at most four."
)


def _measure_code_share(side: str, column: str, code: str) -> Callable[[ObservedClinic], float]:
    """Return a measure: share of clients or therapists with a code, 0-1."""
    return lambda observations: float(
        getattr(observations.clinic.truth, side)[column][:, list_codes(column).index(code)].mean()
    )


def _measure_age_share(low: float, high: float) -> Callable[[ObservedClinic], float]:
    return lambda observations: float(
        np.mean((observations.clinic.truth.clients["age"] >= low) & (observations.clinic.truth.clients["age"] <= high))
    )


def _measure_style_norm(style: str, moment: str) -> Callable[[ObservedClinic], float]:
    return lambda observations: float(getattr(observations.clinic.tables.clients[f"{style}_preference"], moment)())


def _compute_women_warmth_gap(observations: ObservedClinic) -> float:
    """Compute the standardized difference (g) of women and men in the preference for warm support."""
    clients = observations.clinic.truth.clients
    preference = clients.standardize("warm_support_preference")
    woman, man = (clients["gender"][:, list_codes("gender").index(code)] for code in ("woman", "man"))
    pooled = np.sqrt(
        (preference[woman].var() * woman.sum() + preference[man].var() * man.sum()) / (woman.sum() + man.sum())
    )
    return float((preference[woman].mean() - preference[man].mean()) / pooled)


def _measure_style_gap(style: str, sign: int) -> Callable[[ObservedClinic], float]:
    """Return a measure: therapists' mean style minus clients' mean preference, times ``sign``, in SD of clients."""

    def gap(observations: ObservedClinic) -> float:
        theirs = observations.clinic.truth.therapists["true_style"][:, STYLES.index(style)]
        return float(
            sign * (theirs.mean() - observations.clinic.truth.clients.standardize(f"{style}_preference").mean())
        )

    return gap


def _measure_wish_share(attribute: str) -> Callable[[ObservedClinic], float]:
    """Return a measure: share of clients with a wish about an attribute, 0-1."""
    is_about = [name == attribute for name, _ in WISH_OPTIONS]
    return lambda observations: float((observations.clinic.truth.clients["wishes"][:, is_about] > 0).any(axis=1).mean())


def _list_norm_statistics() -> tuple[Statistic, ...]:
    rows = []
    for style in STYLES:
        name = style.replace("_", " ")
        for key, label, moment in (("mean", "mean", "mean"), ("sd", "SD", "std")):
            rows.append(
                Statistic(
                    f"{name}, {label}",
                    PREFERENCE_FAMILY,
                    f"cnip_{style}_{key}",
                    _measure_style_norm(style, moment),
                    kind="input",
                    error=ROUNDING_HALF_WIDTH / NORMAL_QUANTILE_95,
                    error_source="whole-number cut-offs",
                )
            )
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
        measure=lambda observations: float(observations.clinic.truth.clients["age"].mean()),
        error=1.0,
        error_source="three samples agree within one year",
        note="Platforms and the trial have younger clients than general practices, which are simulated here.",
    ),
    *_list_norm_statistics(),
    Statistic(
        "women prefer warm support more (g)",
        PREFERENCE_FAMILY,
        "women_warm_support_g",
        kind="input",
        measure=_compute_women_warmth_gap,
        note="Built in as .40; the ends of the scale reduce it a little.",
    ),
    Statistic(
        "therapists less directive than preferred (g)",
        PREFERENCE_FAMILY,
        "professionals_directiveness_g",
        kind="input",
        measure=_measure_style_gap("directiveness", -1),
        note=PREFERRED_PATIENT_NOTE,
    ),
    Statistic(
        "therapists more intense than preferred (g)",
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
            error_source="rounded; one association of counselling centres",
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
        "wish about faith or outlook",
        WISH_FAMILY,
        "faith_wish_share",
        _measure_wish_share("religion"),
        note="Here only believers have a wish for their own faith; in direct surveys other clients have one too.",
    ),
    Statistic(
        "wish about race or ethnicity",
        WISH_FAMILY,
        "identity_filter_share",
        kind="orientation",
        measure=_measure_wish_share("race_ethnicity"),
        note="On a platform few clients set a filter; at intake the clinic asks every client.",
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
        measure=lambda observations: float((observations.clinic.truth.therapists["open_slots"] == 0).mean()),
        note="Half of psychologists in all settings have no opening; a clinic with a waiting list and a ranking has "
        "openings, so .30 is assumed.",
    ),
    Statistic(
        "clients per therapist",
        THERAPIST_FAMILY,
        "panel_size",
        kind="orientation",
        measure=lambda observations: len(observations.client_rows) / len(observations.clinic.truth.therapists),
        note="Published for active clients; here all clients of two years, as the size of the clinic sets it.",
    ),
)
