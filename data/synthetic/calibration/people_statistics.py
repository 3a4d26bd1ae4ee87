"""Statistics of who comes and who works there."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from attune_fit.data.synthetic.calibration.observed_clinic import Seen
from attune_fit.data.synthetic.calibration.statistic import Statistic
from attune_fit.data.synthetic.code_frequencies import names
from attune_fit.data.synthetic.therapists import STYLES
from attune_fit.data.synthetic.wishes import WISHABLE

CLIENTS = "clients"
PREFERENCES = "preferences of style (C-NIP)"
PROBLEMS = "problems"
WISHES = "wishes"
THERAPISTS = "therapists"
ROUND = 0.5  # points: the cut-offs that norms are read from are whole numbers
SECOND = "A third of these therapists name a second orientation; the published share is of the first."
PATIENTS = "Published for what professionals would want as patients; taken here for how they work."
COLLEGE = "College students tick more of a long list; these clients are adults of every age who name four at the most."


def _have(side: str, column: str, code: str) -> Callable[[Seen], float]:
    """Share of the people of a side who have a code."""
    return lambda seen: float(getattr(seen.made.truth, side)[column][:, names(column).index(code)].mean())


def _aged(low: float, high: float) -> Callable[[Seen], float]:
    return lambda seen: float(
        np.mean((seen.made.truth.clients["age"] >= low) & (seen.made.truth.clients["age"] <= high))
    )


def _norm(style: str, what: str) -> Callable[[Seen], float]:
    return lambda seen: float(getattr(seen.made.tables.clients[f"{style}_preference"], what)())


def _warmth_of_women(seen: Seen) -> float:
    """Standardised difference of women and men in wanting warm support."""
    clients = seen.made.truth.clients
    want = clients.standard("warm_support_preference")
    woman, man = (clients["gender"][:, names("gender").index(code)] for code in ("woman", "man"))
    pooled = np.sqrt((want[woman].var() * woman.sum() + want[man].var() * man.sum()) / (woman.sum() + man.sum()))
    return float((want[woman].mean() - want[man].mean()) / pooled)


def _professionals(style: str, sign: int) -> Callable[[Seen], float]:
    """How much more (or, with -1, less) of a style therapists have than clients want, in SD of clients."""

    def gap(seen: Seen) -> float:
        theirs = seen.made.truth.therapists["true_style"][:, STYLES.index(style)]
        return float(sign * (theirs.mean() - seen.made.truth.clients.standard(f"{style}_preference").mean()))

    return gap  # fmt: skip


def _wish(attribute: str) -> Callable[[Seen], float]:
    """Share of clients who have any wish about an attribute."""
    about = [named == attribute for named, _ in WISHABLE]
    return lambda seen: float((seen.made.truth.clients["wishes"][:, about] > 0).any(axis=1).mean())


def _wants(style: str) -> Callable[[Seen], float]:
    return lambda seen: float(seen.made.tables.clients[f"{style}_preference"].mean())


def _norms() -> tuple[Statistic, ...]:
    rows = []
    for style in STYLES:
        says = style.replace("_", " ")
        for key, what in (("mean", "mean"), ("sd", "std")):
            rows.append(
                Statistic(f"{says}, {key.upper() if key == 'sd' else key}", PREFERENCES, f"cnip_{style}_{key}",
                          _norm(style, what), kind="input", error=ROUND / 1.96, because="whole-number cut-offs")
            )  # fmt: skip
    return tuple(rows)


PEOPLE: tuple[Statistic, ...] = (
    Statistic(
        "women among clients",
        CLIENTS,
        "client_women",
        kind="input",
        measure=_have("clients", "gender", "woman"),
        error=0.005,
        because="rounded",
    ),
    Statistic(
        "aged 18-34", CLIENTS, "client_18_34", kind="input", measure=_aged(18, 34), error=0.005, because="rounded"
    ),
    Statistic("aged 35-64", CLIENTS, "client_35_64", _aged(35, 64), error=0.005, because="rounded"),
    Statistic(
        "aged 65 and older",
        CLIENTS,
        "client_65_and_older",
        kind="input",
        measure=_aged(65, 120),
        error=0.005,
        because="rounded",
    ),
    Statistic(
        "mean age",
        CLIENTS,
        "platform_client_age",
        kind="orientation",
        measure=lambda seen: float(seen.made.truth.clients["age"].mean()),
        error=1.0,
        because="three samples agree to a year",
        explains="Platforms and the trial see younger people than practices at large, which are drawn here.",
    ),
    *_norms(),
    Statistic(
        "women want warm support more (g)",
        PREFERENCES,
        "women_warm_support_g",
        kind="input",
        measure=_warmth_of_women,
        explains="Put in as .40; the ends of the scale take a little of it.",
    ),
    Statistic(
        "therapists are less directive than wanted (g)",
        PREFERENCES,
        "professionals_directiveness_g",
        kind="input",
        measure=_professionals("directiveness", -1),
        explains=PATIENTS,
    ),
    Statistic(
        "therapists are more intense than wanted (g)",
        PREFERENCES,
        "professionals_intensity_g",
        kind="input",
        measure=_professionals("emotional_intensity", 1),
        explains=PATIENTS,
    ),
    *(
        Statistic(
            problem.replace("_", " "),
            PROBLEMS,
            f"college_{problem}_share",
            _have("clients", "presenting_problems", problem.replace("_", " ")),
            kind="orientation",
            error=0.01,
            because="rounded, one association of centres",
            explains=COLLEGE,
        )
        for problem in ("anxiety", "depression", "stress", "family", "work_or_study")
    ),
    Statistic(
        "relationships",
        PROBLEMS,
        "college_relationships_share",
        kind="orientation",
        measure=_have("clients", "presenting_problems", "relationships"),
        error=0.01,
        because="rounded",
        explains=COLLEGE,
    ),
    Statistic(
        "wish for an outlook or faith",
        WISHES,
        "faith_wish_share",
        _wish("religion"),
        explains="Only believers are given a wish for their own faith; asked outright, others wish too.",
    ),
    Statistic(
        "wish about race or ethnicity",
        WISHES,
        "identity_filter_share",
        kind="orientation",
        measure=_wish("race_ethnicity"),
        explains="On a platform few bother to set a filter; at intake everybody is asked.",
    ),
    Statistic(
        "women among therapists",
        THERAPISTS,
        "therapist_women",
        kind="input",
        measure=_have("therapists", "gender", "woman"),
        error=0.01,
        because="rounded ratio of 2.1 to 1",
    ),
    Statistic("white therapists", THERAPISTS, "therapist_white", _have("therapists", "race_ethnicity", "white")),
    *(
        Statistic(
            name,
            THERAPISTS,
            f"therapist_{code}",
            kind="input",
            measure=_have("therapists", "orientations", code),
            error=error,
            because="588 psychologists",
            explains=SECOND,
        )
        for name, code, error in (
            ("cognitive or behavioural", "cbt", 0.021),
            ("integrative", "integrative", 0.017),
            ("psychodynamic", "psychodynamic", 0.016),
        )
    ),
    Statistic(
        "no opening now",
        THERAPISTS,
        "no_openings_share",
        kind="orientation",
        measure=lambda seen: float((seen.made.truth.therapists["open_slots"] == 0).mean()),
        explains="Half of psychologists in all settings are full; a clinic that ranks for a waiting list has "
        "openings, so .30 is assumed.",
    ),
    Statistic(
        "clients of one therapist",
        THERAPISTS,
        "panel_size",
        kind="orientation",
        measure=lambda seen: len(seen.client) / len(seen.made.truth.therapists),
        explains="Published of active clients; here all who were met in two years, as the size asked for has it.",
    ),
)
