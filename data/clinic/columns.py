"""The canonical tables: one row for each column a clinic may hand in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["id", "code", "set", "number", "date"]

STRENGTHS = ("must", "prefer", "avoid", "never")
YES_NO_CODES = ("yes", "no")


@dataclass(frozen=True)
class Column:
    """One column of one canonical table.

    Attributes
    ----------
    table, name : str
        Where it stands.
    kind : {"id", "code", "set", "number", "date"}
        ``set`` holds several codes joined by ``|``. Codes are compared without case and extra spaces.
    description : str
        What it means, with its unit.
    low, high : float or None
        Smallest and largest possible number; anything else is noted and read as unknown.
    codes : tuple of str
        The only codes allowed; empty means the clinic's own vocabulary.
    has_ranges : bool
        True where each code is a span of numbers, as :func:`parse_range` reads it.
    required : bool
        True for the ids without which a row means nothing. Every other column may be missing.
    """

    table: str
    name: str
    kind: Kind
    description: str
    low: float | None = None
    high: float | None = None
    codes: tuple[str, ...] = ()
    required: bool = False
    has_ranges: bool = False


def _build_shared_columns(name: str, kind: Kind, says: str, codes: tuple[str, ...] = ()) -> tuple[Column, Column]:
    """A column that clients and therapists share."""
    return tuple(Column(table, name, kind, says, codes=codes) for table in ("clients", "therapists"))  # type: ignore[return-value]


COLUMNS: tuple[Column, ...] = (
    Column("clients", "client_id", "id", "The clinic's own id of the client.", required=True),
    Column("therapists", "therapist_id", "id", "The clinic's own id of the therapist.", required=True),
    Column("clients", "age", "number", "Years.", low=0, high=110),
    Column("therapists", "age", "number", "Years.", low=18, high=100),
    *_build_shared_columns("gender", "code", "Gender, in the clinic's codes."),
    *_build_shared_columns("race_ethnicity", "set", "Race and ethnicity, one or several codes."),
    *_build_shared_columns("languages", "set", "Languages in which therapy can be held."),
    *_build_shared_columns(
        "religion", "code", "Faith or outlook; a code such as `none` is an answer, an empty cell is unknown."
    ),
    Column("clients", "lgbtq", "code", "Whether the client is LGBTQ+.", codes=YES_NO_CODES),
    Column(
        "therapists", "lgbtq_affirming", "code", "Whether the therapist offers affirming practice.", codes=YES_NO_CODES
    ),
    Column("clients", "region", "code", "Where the client is while in session: decides the licence needed."),
    Column("therapists", "licensed_regions", "set", "Regions in which the therapist is licensed."),
    Column("clients", "payer", "code", "Who pays."),
    Column("therapists", "payers", "set", "Payers the therapist is empanelled with."),
    *_build_shared_columns("formats", "set", "Formats possible, such as `video`, `in person`, `group`."),
    *_build_shared_columns(
        "availability", "set", "Weekly slots, such as `mon-am`; any vocabulary shared by both tables."
    ),
    Column("clients", "presenting_problems", "set", "What the client comes with; the first is the main one."),
    Column("therapists", "specialties", "set", "Problems the therapist has as a focus."),
    Column("clients", "phq9", "number", "PHQ-9 depression total.", low=0, high=27),
    Column("clients", "gad7", "number", "GAD-7 anxiety total.", low=0, high=21),
    Column("clients", "attachment_avoidance", "number", "ECR avoidance, mean item.", low=1, high=7),
    Column("clients", "attachment_anxiety", "number", "ECR anxiety, mean item.", low=1, high=7),
    Column("clients", "interpersonal_problems", "number", "IIP, mean item.", low=0, high=4),
    Column(
        "clients", "outcome_expectancy", "number", "How far the client expects therapy to help, 0-1.", low=0, high=1
    ),
    Column("clients", "directiveness_preference", "number", "C-NIP: therapist (+) or client (-) directive.", -15, 15),
    Column("clients", "emotional_intensity_preference", "number", "C-NIP: intensity (+) or reserve (-).", -15, 15),
    Column("clients", "past_focus_preference", "number", "C-NIP: past (+) or present (-).", -9, 9),
    Column("clients", "warm_support_preference", "number", "C-NIP: warm support (+) or challenge (-).", -15, 15),
    Column("therapists", "directiveness_style", "number", "The therapist's own answer on the same scale.", -15, 15),
    Column(
        "therapists", "emotional_intensity_style", "number", "The therapist's own answer on the same scale.", -15, 15
    ),
    Column("therapists", "past_focus_style", "number", "The therapist's own answer on the same scale.", -9, 9),
    Column("therapists", "warm_support_style", "number", "The therapist's own answer on the same scale.", -15, 15),
    Column("clients", "referred_on", "date", "Date of referral."),
    Column(
        "clients",
        "intake_on",
        "date",
        "When the client's answers were written down. A rating that is older is not learned from; `referred_on` stands "
        "in where this is unknown.",
    ),
    Column("therapists", "open_slots", "number", "How many more clients can start now.", low=0, high=500),
    Column("therapists", "updated_on", "date", "When this roster row was last checked."),
    Column("therapists", "orientations", "set", "Therapeutic approaches."),
    Column("therapists", "years_experience", "number", "Years in practice.", low=0, high=80),
    Column("therapists", "interpersonal_skill", "number", "Observer-rated facilitative interpersonal skill.", 1, 5),
    Column(
        "therapists",
        "age_groups",
        "set",
        "Age groups the therapist takes, as `18-64` or `65-`; empty is no limit.",
        has_ranges=True,
    ),
    Column("therapists", "problems_not_taken", "set", "Problems the therapist does not take."),
    Column("preferences", "client_id", "id", "Whose wish it is.", required=True),
    Column("preferences", "attribute", "code", "Any column of `therapists`.", required=True),
    Column(
        "preferences", "value", "code", "The code wished for; for a number `40-60`, `>=10` or `<=45`.", required=True
    ),
    Column("preferences", "strength", "code", "How strongly.", codes=STRENGTHS, required=True),
    Column("outcomes", "client_id", "id", "Who was seen.", required=True),
    Column("outcomes", "therapist_id", "id", "By whom.", required=True),
    Column("outcomes", "session", "number", "Session number, the first is 1.", low=1, high=1000),
    Column("outcomes", "measured_on", "date", "Date of the rating."),
    Column("outcomes", "instrument", "code", "Name of an instrument."),
    Column("outcomes", "rater", "code", "Who rated.", codes=("client", "therapist", "observer")),
    Column("outcomes", "score", "number", "Total, in the instrument's points."),
    Column("outcomes", "goal", "number", "Goal scale, in the instrument's points."),
    Column("outcomes", "task", "number", "Task scale, in the instrument's points."),
    Column("outcomes", "bond", "number", "Bond scale, in the instrument's points."),
    Column("outcomes", "dropped_out", "code", "Whether the client left early.", codes=YES_NO_CODES),
    Column("conflicts", "client_id", "id", "The client.", required=True),
    Column("conflicts", "therapist_id", "id", "The therapist who must not be offered.", required=True),
    Column("conflicts", "reason", "code", "A short code; never shown to anyone but the coordinator."),
)

TABLES = ("clients", "therapists", "preferences", "outcomes", "conflicts")


def list_columns(table: str) -> dict[str, Column]:
    """Rows of :data:`COLUMNS` for one table, by name.

    >>> list(list_columns("preferences"))
    ['client_id', 'attribute', 'value', 'strength']
    """
    return {column.name: column for column in COLUMNS if column.table == table}
