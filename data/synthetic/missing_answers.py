"""Remove answers at random, questionnaire page by page (missing data)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class QuestionnairePage:
    """Columns that are missing together: one page of a questionnaire.

    Attributes
    ----------
    table : str
    columns : tuple of str
    relative_rate : float
        How often the page is missing, relative to a usual page; assumed.
    """

    table: str
    columns: tuple[str, ...]
    relative_rate: float


QUESTIONNAIRE_PAGES: tuple[QuestionnairePage, ...] = (
    QuestionnairePage("clients", ("phq9",), 0.6),
    QuestionnairePage("clients", ("gad7",), 0.6),
    QuestionnairePage("clients", ("attachment_avoidance", "attachment_anxiety"), 1.3),
    QuestionnairePage("clients", ("interpersonal_problems",), 1.3),
    QuestionnairePage("clients", ("outcome_expectancy",), 1.0),
    QuestionnairePage(
        "clients",
        (
            "directiveness_preference",
            "emotional_intensity_preference",
            "past_focus_preference",
            "warm_support_preference",
        ),
        1.2,
    ),
    QuestionnairePage("clients", ("age",), 0.2),
    QuestionnairePage("clients", ("gender",), 0.2),
    QuestionnairePage("clients", ("race_ethnicity",), 0.5),
    QuestionnairePage("clients", ("religion",), 1.5),
    QuestionnairePage("clients", ("lgbtq",), 1.2),
    QuestionnairePage("clients", ("presenting_problems",), 0.2),
    QuestionnairePage("clients", ("payer",), 0.1),
    QuestionnairePage("clients", ("availability",), 0.2),
    QuestionnairePage("clients", ("formats",), 0.2),
    QuestionnairePage(
        "therapists",
        ("directiveness_style", "emotional_intensity_style", "past_focus_style", "warm_support_style"),
        1.0,
    ),
    QuestionnairePage("therapists", ("interpersonal_skill",), 3.0),
    QuestionnairePage("therapists", ("race_ethnicity",), 0.5),
    QuestionnairePage("therapists", ("religion",), 2.0),
    QuestionnairePage("therapists", ("lgbtq_affirming",), 0.8),
    QuestionnairePage("therapists", ("years_experience",), 0.3),
    QuestionnairePage("therapists", ("availability",), 0.2),
    QuestionnairePage("therapists", ("open_slots",), 0.3),
)


def remove_answers(rng: np.random.Generator, table: str, frame: pd.DataFrame, share: float) -> pd.DataFrame:
    """Return a copy of the table with pages missing completely at random; ``share`` (0-1) is that of a usual page."""
    answered = frame.copy()
    for page in QUESTIONNAIRE_PAGES:
        if page.table == table:
            answered.loc[rng.random(len(frame)) < min(1.0, share * page.relative_rate), list(page.columns)] = np.nan
    return answered
