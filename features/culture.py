"""Background, faith, language, gender, age: what the two have in common without anybody having asked for it.

Clients prefer a therapist of their own background and see one more favourably; outcomes hardly differ (Cabral & Smith
2011). Perceived cultural humility goes with alliance far more, but is known only after contact: it is never read here.
"""

from __future__ import annotations

import numpy as np

from features.feature import Feature, Floats
from features.pairs import Pairs


def background_shared(pairs: Pairs) -> Floats:
    """1 where a race or ethnicity is shared, else 0; NaN where either is unknown."""
    return pairs.same("race_ethnicity", "race_ethnicity")


def faith_shared(pairs: Pairs) -> Floats:
    """1 where faith or outlook is the same, ``none`` included, else 0; NaN where either is unknown."""
    return pairs.same("religion", "religion")


def more_languages(pairs: Pairs) -> Floats:
    """How many languages are shared beyond the one that therapy needs, >= 0; NaN where either is unknown."""
    return np.maximum(pairs.shared("languages", "languages") - 1, 0)


def gender_same(pairs: Pairs) -> Floats:
    """1 where gender is the same, else 0; NaN where either is unknown."""
    return pairs.same("gender", "gender")


def age_gap(pairs: Pairs) -> Floats:
    """Years between the two, >= 0; NaN where either is unknown."""
    return np.abs(pairs.client("age") - pairs.therapist("age"))


def affirming(pairs: Pairs) -> Floats:
    """For an LGBTQ+ client 1 where the therapist offers affirming practice, -1 where not; 0 for other clients.

    NaN where the client is unknown, or the therapist of a client for whom it matters.
    """
    client, offered = pairs.has("client", "lgbtq", "yes"), pairs.has("therapist", "lgbtq_affirming", "yes")
    return np.where(client == 0, 0.0, np.where(np.isnan(client), np.nan, 2 * offered - 1))


ROWS: tuple[Feature, ...] = (
    Feature(
        "background_shared",
        "culture",
        "pair",
        ("race_ethnicity",),
        ("race_ethnicity",),
        background_shared,
        "+",
        center=0.5,
        scale=0.5,
        says="shares the client's race or ethnicity",
        says_below="is of another race or ethnicity than the client",
    ),
    Feature(
        "faith_shared",
        "culture",
        "pair",
        ("religion",),
        ("religion",),
        faith_shared,
        "free",
        center=0.5,
        scale=0.5,
        says="shares the client's faith or outlook",
        says_below="is of another faith or outlook than the client",
    ),
    Feature(
        "more_languages",
        "culture",
        "pair",
        ("languages",),
        ("languages",),
        more_languages,
        "+",
        center=0.1,  # most pairs share one language
        scale=0.3,
        says="shares more than one language with the client",
    ),
    Feature(
        "gender_same",
        "culture",
        "pair",
        ("gender",),
        ("gender",),
        gender_same,
        "free",
        center=0.5,
        scale=0.5,
        says="is of the client's gender",
        says_below="is of another gender than the client",
    ),
    Feature(
        "age_gap",
        "culture",
        "pair",
        ("age",),
        ("age",),
        age_gap,
        "free",
        center=15.0,  # years: two people from ages with an SD of 13 differ by 15, SD 11
        scale=11.0,
        says="is further from the client in age than most",
        says_below="is nearer to the client in age than most",
    ),
    Feature(
        "affirming_practice",
        "culture",
        "pair",
        ("lgbtq",),
        ("lgbtq_affirming",),
        affirming,
        "+",
        center=0.0,
        scale=0.4,  # about one client in six is concerned
        says="offers affirming practice to an LGBTQ+ client",
        says_below="does not offer affirming practice to an LGBTQ+ client",
    ),
)
