"""What people leave unanswered."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Page:
    """Columns that are left out together, and how often compared with a usual questionnaire: assumed."""

    table: str
    columns: tuple[str, ...]
    often: float


PAGES: tuple[Page, ...] = (
    Page("clients", ("phq9",), 0.6),
    Page("clients", ("gad7",), 0.6),
    Page("clients", ("attachment_avoidance", "attachment_anxiety"), 1.3),
    Page("clients", ("interpersonal_problems",), 1.3),
    Page("clients", ("outcome_expectancy",), 1.0),
    Page(
        "clients",
        (
            "directiveness_preference",
            "emotional_intensity_preference",
            "past_focus_preference",
            "warm_support_preference",
        ),
        1.2,
    ),
    Page("clients", ("age",), 0.2),
    Page("clients", ("gender",), 0.2),
    Page("clients", ("race_ethnicity",), 0.5),
    Page("clients", ("religion",), 1.5),
    Page("clients", ("lgbtq",), 1.2),
    Page("clients", ("presenting_problems",), 0.2),
    Page("clients", ("payer",), 0.1),
    Page("clients", ("availability",), 0.2),
    Page("clients", ("formats",), 0.2),
    Page(
        "therapists",
        ("directiveness_style", "emotional_intensity_style", "past_focus_style", "warm_support_style"),
        1.0,
    ),
    Page("therapists", ("interpersonal_skill",), 3.0),
    Page("therapists", ("race_ethnicity",), 0.5),
    Page("therapists", ("religion",), 2.0),
    Page("therapists", ("lgbtq_affirming",), 0.8),
    Page("therapists", ("years_experience",), 0.3),
    Page("therapists", ("availability",), 0.2),
    Page("therapists", ("open_slots",), 0.3),
)


def leave_out(rng: np.random.Generator, table: str, frame: pd.DataFrame, share: float) -> pd.DataFrame:
    """The table with pages left out at random, about ``share`` of the usual ones; the input is not changed."""
    left = frame.copy()
    for page in PAGES:
        if page.table == table:
            left.loc[rng.random(len(frame)) < min(1.0, share * page.often), list(page.columns)] = np.nan
    return left
