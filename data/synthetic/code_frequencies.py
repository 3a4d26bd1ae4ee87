"""Codes of people in a synthetic clinic: one row for each code, with its share among clients and therapists."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from attune_fit.data.arrays import Floats


@dataclass(frozen=True)
class CodeFrequency:
    """One code of one vocabulary: a row of :data:`CODE_FREQUENCIES`.

    Attributes
    ----------
    vocabulary, name : str
        The vocabulary, and the code as the tables contain it.
    clients, therapists : float
        Share of clients or therapists with the code, 0-1. Shares of a single-code column add up to 1; shares of a set
        column can add up to any number.
    source : str
        Keys of the published figures that give the shares, separated by a comma, or ``assumed``.
    """

    vocabulary: str
    name: str
    clients: float
    therapists: float
    source: str = "assumed"


CODE_FREQUENCIES: tuple[CodeFrequency, ...] = (
    CodeFrequency("gender", "woman", 0.64, 0.68, "client_women, therapist_women"),
    CodeFrequency("gender", "man", 0.33, 0.30),
    CodeFrequency("gender", "nonbinary", 0.03, 0.02),
    CodeFrequency("race_ethnicity", "white", 0.58, 0.74),
    CodeFrequency("race_ethnicity", "hispanic", 0.17, 0.09),
    CodeFrequency("race_ethnicity", "black", 0.13, 0.07),
    CodeFrequency("race_ethnicity", "asian", 0.08, 0.06),
    CodeFrequency("race_ethnicity", "other", 0.04, 0.04),
    CodeFrequency("languages", "english", 0.97, 1.00),
    CodeFrequency("languages", "spanish", 0.04, 0.08),
    CodeFrequency("languages", "mandarin", 0.02, 0.03),
    CodeFrequency("languages", "arabic", 0.02, 0.02),
    CodeFrequency("religion", "none", 0.40, 0.48),
    CodeFrequency("religion", "christian", 0.44, 0.36),
    CodeFrequency("religion", "jewish", 0.05, 0.09),
    CodeFrequency("religion", "muslim", 0.05, 0.03),
    CodeFrequency("religion", "hindu", 0.03, 0.02),
    CodeFrequency("religion", "buddhist", 0.03, 0.02),
    CodeFrequency("region", "north", 0.78, 0.90),
    CodeFrequency("region", "south", 0.14, 0.40),
    CodeFrequency("region", "coast", 0.08, 0.25),
    CodeFrequency("payer", "self pay", 0.18, 1.00),
    CodeFrequency("payer", "plan a", 0.30, 0.85),
    CodeFrequency("payer", "plan b", 0.24, 0.75),
    CodeFrequency("payer", "public", 0.28, 0.65),
    CodeFrequency("formats", "video", 0.82, 0.92),
    CodeFrequency("formats", "in person", 0.60, 0.62),
    CodeFrequency("formats", "group", 0.08, 0.20),
    CodeFrequency("age_group", "18-25", 0.22, 0.85),
    CodeFrequency("age_group", "26-64", 0.66, 0.98),
    CodeFrequency("age_group", "65-", 0.12, 0.75),
    CodeFrequency("problem", "anxiety", 0.50, 0.75),
    CodeFrequency("problem", "depression", 0.42, 0.70),
    CodeFrequency("problem", "stress", 0.32, 0.50),
    CodeFrequency("problem", "relationships", 0.27, 0.45),
    CodeFrequency("problem", "family", 0.18, 0.35),
    CodeFrequency("problem", "trauma", 0.16, 0.45),
    CodeFrequency("problem", "grief", 0.12, 0.35),
    CodeFrequency("problem", "work or study", 0.18, 0.30),
    CodeFrequency("problem", "identity", 0.09, 0.25),
    CodeFrequency("problem", "alcohol or drugs", 0.09, 0.20),
    CodeFrequency("problem", "eating", 0.06, 0.15),
    CodeFrequency("problem", "ocd", 0.05, 0.15),
    CodeFrequency("orientation", "cbt", 0.00, 0.46, "therapist_cbt"),
    CodeFrequency("orientation", "integrative", 0.00, 0.22, "therapist_integrative"),
    CodeFrequency("orientation", "psychodynamic", 0.00, 0.18, "therapist_psychodynamic"),
    CodeFrequency("orientation", "person-centred", 0.00, 0.14),
    *(
        CodeFrequency("slot", f"{day}-{part}", share, 0.55)
        for day in ("mon", "tue", "wed", "thu", "fri")
        for part, share in (("am", 0.25), ("pm", 0.28), ("eve", 0.40))
    ),
)

VOCABULARY = {  # column -> vocabulary, for columns with a name that differs from their vocabulary
    "licensed_regions": "region",
    "payers": "payer",
    "availability": "slot",
    "presenting_problems": "problem",
    "specialties": "problem",
    "problems_not_taken": "problem",
    "orientations": "orientation",
    "age_groups": "age_group",
    "lgbtq": "yes_no",
    "lgbtq_affirming": "yes_no",
}


@dataclass(frozen=True)
class NumericColumn:
    """A numeric answer: normal around ``center`` with SD ``scale``, rounded to a grid and clipped to its ends.

    Attributes
    ----------
    column : str
        Column of ``clients``.
    center, scale : float
        Mean and SD, in points of the column.
    low, high, step : float
        Lowest and highest answer, and the distance of the grid.
    source : str
        Keys of the published figures that give mean and SD, separated by a comma, or ``assumed``.
    """

    column: str
    center: float
    scale: float
    low: float
    high: float
    step: float
    source: str = "assumed"


NUMERIC_COLUMNS: tuple[NumericColumn, ...] = (
    NumericColumn("phq9", 11.5, 5.8, 0, 27, 1),
    NumericColumn("gad7", 10.0, 5.0, 0, 21, 1),
    NumericColumn("attachment_avoidance", 3.2, 1.1, 1, 7, 0.01),
    NumericColumn("attachment_anxiety", 3.9, 1.2, 1, 7, 0.01),
    NumericColumn("interpersonal_problems", 1.45, 0.55, 0, 4, 0.01),
    NumericColumn("outcome_expectancy", 0.62, 0.18, 0, 1, 0.01),
    NumericColumn("directiveness_preference", 2.5, 7.5, -15, 15, 1, "cnip_directiveness_mean, cnip_directiveness_sd"),
    NumericColumn(
        "emotional_intensity_preference",
        3.0,
        5.5,
        -15,
        15,
        1,
        "cnip_emotional_intensity_mean, cnip_emotional_intensity_sd",
    ),
    NumericColumn("past_focus_preference", 0.0, 4.0, -9, 9, 1, "cnip_past_focus_mean, cnip_past_focus_sd"),
    NumericColumn("warm_support_preference", 0.0, 5.5, -15, 15, 1, "cnip_warm_support_mean, cnip_warm_support_sd"),
)


@cache
def list_codes(column: str) -> tuple[str, ...]:
    """Return the codes of a column's vocabulary, in the order of :data:`CODE_FREQUENCIES`."""
    vocabulary = VOCABULARY.get(column, column)
    if vocabulary == "yes_no":
        return ("yes", "no")
    return tuple(code.name for code in CODE_FREQUENCIES if code.vocabulary == vocabulary)


def list_code_shares(column: str, side: str) -> Floats:
    """Return the share (0-1) of ``clients`` or ``therapists`` with each code of the column, shape (codes,)."""
    vocabulary = VOCABULARY.get(column, column)
    return np.array([getattr(code, side) for code in CODE_FREQUENCIES if code.vocabulary == vocabulary])


def find_numeric_column(column: str) -> NumericColumn:
    """Return the row of a column in :data:`NUMERIC_COLUMNS`."""
    return next(row for row in NUMERIC_COLUMNS if row.column == column)
