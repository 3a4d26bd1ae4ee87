"""Columns of the canonical tables: one row for each column that a clinic can provide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from attune_fit.data.fault_collector import Treatment

Kind = Literal["id", "code", "set", "number", "date"]

STRENGTHS = ("must", "prefer", "avoid", "never")
SOFT_STRENGTHS = ("prefer", "avoid")  # of wishes that restrict no pair
BINDING_STRENGTHS = ("must", "never")  # of wishes that rule pairs out
YES_NO_CODES = ("yes", "no")
PRIORITIES = ("urgent", "soon", "routine")  # of clients who wait, the most urgent first
PRIORITY = "priority"  # the column with them; it orders lists of clients, and no list of therapists


@dataclass(frozen=True)
class Column:
    """One column of one canonical table.

    Attributes
    ----------
    table, name : str
        The table and the name of the column in it.
    kind : {"id", "code", "set", "number", "date"}
        ``set`` holds several codes joined by ``|``. Codes are compared without case and extra spaces.
    description : str
        Its meaning, with its unit.
    low, high : float or None
        Smallest and largest possible number. Attune warns of any other number and treats it as missing.
    codes : tuple of str
        The only codes allowed; empty where the clinic uses its own codes.
    has_ranges : bool
        True where each code is a range of numbers, as :func:`parse_range` reads it.
    required : bool
        True for a column without which a row has no meaning. Every other column is optional.
    rule : str
        The blocking rule that reads the column; empty for none. Columns with the same rule are compared.
    empty : str
        What an empty cell means, where it is not simply unknown.
    unreadable : {"missing", "aside", "limited", "unused", "stops"}
        What a cell that is not empty and cannot be read means, see :data:`TREATMENTS`. What restricts never fails open:
        an unreadable limit is not the absence of one.
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
    rule: str = ""
    empty: str = ""
    unreadable: Treatment = "missing"

    @property
    def restricts(self) -> bool:
        """Whether a cell of the column can rule out a pair."""
        return self.is_limit or self.unreadable in ("aside", "limited")

    @property
    def is_limit(self) -> bool:
        """Whether an empty cell means something of its own, so that a word such as ``unknown`` is no empty cell."""
        return bool(self.empty) or (self.required and self.kind != "id")

    @property
    def needs_every_code(self) -> bool:
        """Whether a set counts only as a whole: a code that cannot be read could rule out a pair.

        In a set that allows, such as payers, such a code is one fewer, which never adds a candidate.
        """
        return self.unreadable == "limited" or self.is_limit


def _build_shared_columns(name: str, kind: Kind, description: str, rule: str = "") -> tuple[Column, Column]:
    """Return a column that clients and therapists share, once for each table."""
    unreadable: Treatment = "aside" if rule else "missing"
    return (
        Column("clients", name, kind, description, rule=rule, unreadable=unreadable),
        Column("therapists", name, kind, description, rule=rule, unreadable=unreadable),
    )


COLUMNS: tuple[Column, ...] = (
    Column("clients", "client_id", "id", "The clinic's own id of the client.", required=True),
    Column("therapists", "therapist_id", "id", "The clinic's own id of the therapist.", required=True),
    Column("clients", "age", "number", "Years.", low=0, high=110, rule="age_group", unreadable="limited"),
    Column("therapists", "age", "number", "Years.", low=18, high=100),
    *_build_shared_columns("gender", "code", "Gender, in the clinic's codes."),
    *_build_shared_columns("race_ethnicity", "set", "Race and ethnicity, one or several codes."),
    *_build_shared_columns("languages", "set", "Languages for therapy.", "language"),
    *_build_shared_columns(
        "religion", "code", "Faith or outlook. A code such as `none` is an answer; an empty cell is missing."
    ),
    Column("clients", "lgbtq", "code", "Whether the client is LGBTQ+.", codes=YES_NO_CODES),
    Column(
        "therapists", "lgbtq_affirming", "code", "Whether the therapist offers affirming practice.", codes=YES_NO_CODES
    ),
    Column(
        "clients",
        "region",
        "code",
        "Where the client is during a session; it decides the licence needed.",
        rule="region",
        unreadable="aside",
    ),
    Column(
        "therapists",
        "licensed_regions",
        "set",
        "Regions in which the therapist is licensed.",
        rule="region",
        unreadable="aside",
    ),
    Column("clients", "payer", "code", "Who pays.", rule="payer", unreadable="aside"),
    Column(
        "therapists",
        "payers",
        "set",
        "Payers that the therapist accepts (is empanelled with).",
        rule="payer",
        unreadable="aside",
    ),
    *_build_shared_columns("formats", "set", "Formats possible, such as `video`, `in person`, `group`.", "format"),
    *_build_shared_columns(
        "availability", "set", "Weekly slots, such as `mon-am`; any codes that both tables share.", "slot"
    ),
    Column(
        "clients",
        "presenting_problems",
        "set",
        "Problems for which the client seeks help; the first is the main problem.",
        rule="problems_not_taken",
        unreadable="limited",
    ),
    Column("therapists", "specialties", "set", "Problems in which the therapist specialises."),
    Column("clients", "phq9", "number", "PHQ-9 depression total.", low=0, high=27),
    Column("clients", "gad7", "number", "GAD-7 anxiety total.", low=0, high=21),
    Column("clients", "attachment_avoidance", "number", "ECR avoidance, mean item.", low=1, high=7),
    Column("clients", "attachment_anxiety", "number", "ECR anxiety, mean item.", low=1, high=7),
    Column("clients", "interpersonal_problems", "number", "IIP, mean item.", low=0, high=4),
    Column(
        "clients", "outcome_expectancy", "number", "How much the client expects therapy to help, 0 to 1.", low=0, high=1
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
        "Date of the client's answers at intake. Attune does not learn from an older rating. A missing date is taken "
        "from `referred_on`.",
    ),
    Column(
        "clients",
        PRIORITY,
        "code",
        "How urgent the request is. Lists of clients who wait begin with `urgent`; an empty cell is sorted with "
        "`routine`. It changes no ranking of therapists.",
        codes=PRIORITIES,
    ),
    Column(
        "therapists",
        "open_slots",
        "number",
        "Number of further clients who can start. Attune subtracts the clients who started after `updated_on`.",
        low=0,
        high=500,
        rule="open_slots",
        empty="Not known: `assign` counts `assign.unknown_slots`.",
        unreadable="aside",
    ),
    Column(
        "therapists",
        "updated_on",
        "date",
        "Date of the last check of this roster row.",
        rule="roster_age",
        unreadable="aside",
    ),
    Column("therapists", "orientations", "set", "Therapeutic approaches."),
    Column("therapists", "years_experience", "number", "Years in practice.", low=0, high=80),
    Column("therapists", "interpersonal_skill", "number", "Observer-rated facilitative interpersonal skill.", 1, 5),
    Column(
        "therapists",
        "age_groups",
        "set",
        "Age groups that the therapist accepts, such as `18-64` or `65-`.",
        has_ranges=True,
        rule="age_group",
        empty="No limit.",
        unreadable="aside",
    ),
    Column(
        "therapists",
        "problems_not_taken",
        "set",
        "Problems that the therapist does not treat.",
        rule="problems_not_taken",
        empty="No limit.",
        unreadable="aside",
    ),
    Column("preferences", "client_id", "id", "The client with the wish.", required=True, unreadable="stops"),
    Column(
        "preferences",
        "attribute",
        "code",
        "The column of `therapists` that the wish is about.",
        required=True,
        unreadable="aside",
    ),
    Column(
        "preferences",
        "value",
        "code",
        "The code that the client wishes for; for a number `40-60`, `>=10` or `<=45`.",
        required=True,
        unreadable="aside",
    ),
    Column(
        "preferences", "strength", "code", "Strength of the wish.", codes=STRENGTHS, required=True, unreadable="aside"
    ),
    Column("outcomes", "client_id", "id", "The client.", required=True),
    Column("outcomes", "therapist_id", "id", "The therapist whom the client met.", required=True),
    Column(
        "outcomes",
        "session",
        "number",
        "Session number; the first session is 1.",
        low=1,
        high=1000,
        empty="An early session.",
        unreadable="unused",
    ),
    Column("outcomes", "measured_on", "date", "Date of the rating."),
    Column("outcomes", "instrument", "code", "Name of an instrument."),
    Column(
        "outcomes",
        "rater",
        "code",
        "Who gave the rating.",
        codes=("client", "therapist", "observer"),
        empty="The client.",
        unreadable="unused",
    ),
    Column("outcomes", "score", "number", "Total score, in the instrument's points."),
    Column("outcomes", "goal", "number", "Goal scale, in the instrument's points."),
    Column("outcomes", "task", "number", "Task scale, in the instrument's points."),
    Column("outcomes", "bond", "number", "Bond scale, in the instrument's points."),
    Column("outcomes", "dropped_out", "code", "Whether the client dropped out.", codes=YES_NO_CODES),
    Column("conflicts", "client_id", "id", "The client.", required=True, unreadable="stops"),
    Column(
        "conflicts",
        "therapist_id",
        "id",
        "The therapist whom Attune must not offer to this client.",
        required=True,
        unreadable="stops",
    ),
    Column("conflicts", "reason", "code", "A short code; only the coordinator sees it."),
)

UNREADABLE_CELL = "(unreadable)"  # in tables that Attune writes: the clinic's file had a cell that cannot be read
DEPARTED_THERAPIST_ID = "not on the roster"  # allowed as the id of a therapist who has left
ID_COLUMNS = frozenset(column.name for column in COLUMNS if column.kind == "id")
TABLE_ID_COLUMNS = {"clients": "client_id", "therapists": "therapist_id"}  # the two required tables
RESTRICTING_TABLES = ("preferences", "conflicts")  # every column of them can take part in a restriction
SPECIALTIES = ("presenting_problems", "specialties")  # no rule compares these columns, but the model does
TABLES = ("clients", "therapists", "preferences", "outcomes", "conflicts")


def list_columns(table: str) -> dict[str, Column]:
    """Return the rows of :data:`COLUMNS` for one table, by name.

    >>> list(list_columns("preferences"))
    ['client_id', 'attribute', 'value', 'strength']
    """
    return {column.name: column for column in COLUMNS if column.table == table}
