"""Settings: each key of ``clinic.toml`` with its type, default and description. The docs page is made from them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    Field,
    SerializerFunctionWrapHandler,
    field_validator,
    model_serializer,
    model_validator,
)

from attune_fit.data.clinic.clinic_day import check_time_zone
from attune_fit.data.clinic.config_section import ConfigSection
from attune_fit.data.clinic.instruments import ALLIANCE_SCALES, Instrument
from attune_fit.data.clinic.key_types import Texts
from attune_fit.data.clinic.mapping_config import TableMappings
from attune_fit.data.clinic.row_condition import ColumnCondition
from attune_fit.data.formats.reading_limits import (
    MAX_COUNT,
    MAX_DAYS,
    MAX_ENTRIES,
    MAX_PATH_LETTERS,
    MAX_SEED,
    MAX_SIZE,
    MAX_WEIGHT,
)

FIRST_DAY, LAST_DAY = dt.date(1900, 1, 1), dt.date(2999, 12, 31)  # of `as_of`: days are added to it and taken from it


class ClinicSettings(ConfigSection):
    """The clinic: its name, and the date and points of what Attune shows."""

    name: str = Field(default="", description="Shown above rankings.")
    as_of: dt.date | None = Field(
        default=None,
        ge=FIRST_DAY,
        le=LAST_DAY,
        description="Day of the tables, to which ages and waits are counted. Default: today, in the `time_zone`.",
    )
    time_zone: Annotated[str, AfterValidator(check_time_zone)] = Field(
        default="",
        description="Time zone of the clinic, such as `Europe/Berlin`. It decides which day is today. Default: that of "
        "this machine.",
    )
    show_in: str | None = Field(
        default=None, description="Attune shows alliance in the points of this instrument. Default: the most used one."
    )
    tracking_server: bool = Field(
        default=False,
        description="Whether trainings are recorded on the MLflow server that the environment names in "
        "`MLFLOW_TRACKING_URI`. It gets the figures, the settings and the bundle, with ids and effects of therapists. "
        "Default: only the clinic's own `artifacts/mlflow.db`.",
    )


class RuleSetting(ConfigSection):
    """One eligibility rule: on or off, and what a missing cell means."""

    on: bool | None = Field(
        default=None, description="Whether Attune uses the rule. Default: as in the table of rules."
    )
    unknown: Literal["allow", "exclude"] | None = Field(
        default=None, description="Whether the rule allows or excludes a therapist when a cell is missing."
    )


# SD of alliance. In real ratings (`python -m benchmarks.roster_columns`), r for new therapists is .018 with a spread of
# .05, .032 with .1, .038 with .2. Tried on synthetic clinics: .1 gains up to .02 of the oracle's gain over .05 where a
# column goes with the therapists' effects, and costs up to .01 where it means nothing. Wider priors cost more there.
THERAPIST_COLUMN_SPREAD = 0.1


class CustomFeature(ConfigSection):
    """A feature that the clinic adds, over any columns of its tables: of a pair, of a therapist, or of a client."""

    name: str = Field(min_length=1, description="Name of the feature.")
    client: str | None = Field(
        default=None,
        description="Column of `clients`. Without `therapist`, the feature is one of the client: it moves the level of "
        "all therapists by the same amount.",
    )
    therapist: str | None = Field(
        default=None,
        description="Column of `therapists`. Without `client`, the feature is one of the therapist: it moves this "
        "therapist on every list.",
    )
    compare: Literal["same", "overlap", "distance", "closeness", "product", "meets", "number", "has"] = Field(
        description="What Attune makes of the cells. Two columns: `same` or `overlap` for codes and sets; `distance`, "
        "`closeness`, `product` or `meets` for numbers. One column: `number` for its number, `has` for a code in it."
    )
    code: Texts = Field(
        default=[], description="`has`: the code to look for, or a list of codes of which one is enough."
    )
    weight_by: str | None = Field(
        default=None, description="Column of `clients` with the importance of the feature to the client."
    )
    direction: Literal["+", "-", "free"] = Field(
        default="free",
        description="Whether you expect alliance to rise with the feature, to fall, or neither. Your records can show "
        "the opposite.",
    )
    says: str = Field(
        default="",
        description='Reason shown for a therapist with a high value, or a low one where `direction = "-"`. '
        "Write the end of a sentence, such as `shares your field of work`.",
    )
    says_not: str = Field(
        default="", description="Reason shown for a therapist at the other end, such as `works in another field`."
    )
    weight: float = Field(
        default=0.0,
        ge=-MAX_WEIGHT,
        le=MAX_WEIGHT,
        description="Prior mean of the effect: SD of alliance for one `scale` of the feature.",
    )
    spread: float = Field(
        default=0.05,
        gt=0,
        le=MAX_WEIGHT,
        description="Prior standard deviation of the effect. The default is 0.1 for a column of the therapist alone.",
    )
    center: float | None = Field(
        default=None,
        ge=-MAX_SIZE,
        le=MAX_SIZE,
        description="Typical value of the feature. Default: from the clinic's pairs.",
    )
    scale: float | None = Field(
        default=None,
        ge=1 / MAX_SIZE,
        le=MAX_SIZE,
        description="Typical spread of the feature. Default: from the clinic's pairs.",
    )

    @model_validator(mode="before")
    @classmethod
    def _widen_prior(cls, row: Any) -> Any:
        """Fill in the spread of a column of the therapist alone, where the clinic states none."""
        if not isinstance(row, dict) or "therapist" not in row or not row.keys().isdisjoint({"client", "weight_by"}):
            return row
        return {"spread": THERAPIST_COLUMN_SPREAD, **row}

    @model_serializer(mode="wrap")
    def _omit_missing_code(self, serialize: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave out an empty ``code``: a ranking logged by an earlier version has none in its digest."""
        return {key: value for key, value in serialize(self).items() if key != "code" or value}


RENAMED_KEYS = {  # the path of the old key, and its new name; the old one works, with a warning
    ("settings", "newcomer_turns"): "newcomer_weight",
    ("waiting", "where", "not"): "is_not",
}


class Settings(ConfigSection):
    """General settings: the length of the shortlist, the seed, and probabilities of intervals and bands."""

    shortlist: int = Field(default=5, ge=1, le=MAX_COUNT, description="Number of therapists on a shortlist.")
    seed: int = Field(
        default=0,
        ge=0,
        le=MAX_SEED,
        description="Seed of the random tie-break within a band. Attune logs it with each ranking.",
    )
    interval: float = Field(
        default=0.90, gt=0, lt=1, description="Intended probability that an interval contains the rating."
    )
    band: float = Field(
        default=0.55,
        gt=0.5,
        lt=1,
        description="The best candidate of a band is better than the best of the next band with at least this "
        "probability.",
    )
    newcomer_weight: float = Field(
        default=1.0,
        ge=1,
        le=100,
        description="Weight of a therapist without records in the random order within a band. "
        "Every other therapist has 1.",
    )
    dropout_weight: float = Field(
        default=0.0,
        ge=0,
        le=10,
        description="Points of expected alliance, on a scale of 0 to 100, that 10 percentage points less dropout count "
        "in the order of a list. At 0, dropout is shown and never changes the order.",
    )
    scale_weights: dict[Literal["goal", "task", "bond"], Annotated[float, Field(ge=0, le=MAX_WEIGHT)]] = Field(
        default={},
        description="Weights of goal, task and bond in the order of a list, such as `{ bond = 2 }`. A scale that is "
        "not listed has weight 1. At equal weights, the order is that of the total.",
    )
    roster_stale_days: int = Field(
        default=180,
        ge=1,
        le=MAX_DAYS,
        description="The rule `roster_age` excludes therapists whose roster row was checked more days ago.",
    )
    site_column: str = Field(
        default="", description="Column of `clients` with the site. Permutations of outcomes stay within a site."
    )
    features_off: list[str] = Field(default=[], description="Names of features that Attune does not use.")

    @field_validator("scale_weights")
    @classmethod
    def _check_scale_weights(cls, weights: dict[str, float]) -> dict[str, float]:
        if len(weights) == len(ALLIANCE_SCALES) and not any(weights.values()):
            raise ValueError("at least one weight must be above 0")
        return weights


class WaitingSettings(ConfigSection):
    """Waiting clients: those without any outcome who fulfil this condition."""

    where: ColumnCondition | None = Field(default=None, description="Condition on a column of `clients`.")


class RelaxationSettings(ConfigSection):
    """Changes that `relax` and `capacity` propose for a client with too few available therapists."""

    off: list[str] = Field(default=[], description="Names of relaxations that Attune never proposes.")
    together: int = Field(default=2, ge=1, le=3, description="Largest number of changes that Attune proposes together.")
    payers: list[str] = Field(
        default=[], description="Payers a client may change to, such as `self pay`. Empty: any payer of the roster."
    )


class FollowUpSettings(ConfigSection):
    """When Attune checks the early alliance of a pair, and which score is weak."""

    session: int = Field(
        default=3, ge=1, le=MAX_COUNT, description="A check without a score is missing after this session."
    )
    days: int = Field(
        default=28,
        ge=1,
        le=MAX_DAYS,
        description="A check is also missing this many days after the first form or visit, at any session.",
    )
    recent: int = Field(
        default=90, ge=1, le=MAX_DAYS, description="Attune flags only pairs that began at most this many days ago."
    )
    weak: dict[str, float] = Field(
        default={}, description="Cut-off for each instrument, in points: early alliance at or below it is weak."
    )
    lowest: float = Field(
        default=0.20,
        gt=0,
        lt=1,
        description="Without a cut-off in `weak` or the instrument, this lowest share of the clinic's early scores is "
        "weak.",
    )


class AssignmentSettings(ConfigSection):
    """How `attune assign` fills open slots from the waiting list. One unit of value is one POMP of early alliance."""

    policy: str = Field(
        default="balanced", description="Goal of the assignment. `attune assign --help` lists the policies."
    )
    overdue_weeks: float = Field(
        default=12,
        ge=0,
        le=MAX_DAYS,
        description="Clients who waited more than this many weeks come first, under every policy.",
    )
    wait: float = Field(
        default=1.0, ge=0, le=MAX_WEIGHT, description="`balanced`: value of placing a client, for each week waited."
    )
    urgency: float = Field(
        default=5.0,
        ge=0,
        le=MAX_WEIGHT,
        description="`balanced`: value of placing a client, for each unit of `urgency_column`.",
    )
    urgency_column: str = Field(
        default="",
        description="Column of `clients` with a number: higher is more urgent. Empty: urgency does not count.",
    )
    wish: float = Field(
        default=1.0,
        ge=0,
        le=MAX_WEIGHT,
        description="`balanced`: value of each wish that the therapist is known to meet.",
    )
    most_each: int | None = Field(
        default=None, ge=1, le=MAX_COUNT, description="Largest number of clients that one therapist gets in one run."
    )
    unknown_slots: int = Field(
        default=1, ge=0, le=MAX_COUNT, description="Open slots of a therapist whose `open_slots` cell is missing."
    )


class JournalSettings(ConfigSection):
    """The journal of what happened after the export: where it is kept, and how long an offer stays open."""

    database: str = Field(
        default="",
        description="Address of a PostgreSQL database, such as `postgresql://user@host/database`, without a password: "
        "that belongs in `PGPASSWORD` or in PostgreSQL's password file. Default: `artifacts/journal.db`.",
    )
    name: str = Field(
        default="clinic",
        min_length=1,
        max_length=MAX_PATH_LETTERS,
        description="Name of this clinic's journal in the database. Clinics in one database need different names.",
    )
    offer_days: int = Field(
        default=7, ge=1, le=MAX_DAYS, description="An offer expires this many days after it was made."
    )
    therapist_label: str = Field(
        default="",
        description="Column of `therapists`, such as a name, that `attune journal` shows with the id. Attune keeps it "
        "nowhere else.",
    )


class FairnessSettings(ConfigSection):
    """Groups that `attune fairness` compares. Attune skips a column with only one group."""

    groups: list[str] = Field(
        default=["gender", "race_ethnicity", "age", "lgbtq", "languages", "religion", "region", "payer", "formats"],
        description="Columns of `clients`; your own columns are allowed.",
    )
    therapist_groups: list[str] = Field(
        default=["gender", "race_ethnicity", "age", "languages", "religion", "lgbtq_affirming"],
        description="Columns of `therapists`; your own columns are allowed.",
    )


class Config(ConfigSection):
    """The whole of ``clinic.toml``. Every part is optional."""

    clinic: ClinicSettings = Field(default=ClinicSettings(), description="The clinic.")
    tables: TableMappings = Field(default=TableMappings(), description="Files of the tables and how to read them.")
    rules: dict[str, RuleSetting] = Field(default={}, max_length=MAX_ENTRIES, description="Eligibility rules, by name.")
    features: list[CustomFeature] = Field(
        default=[], max_length=MAX_ENTRIES, description="Features that the clinic adds."
    )
    instruments: list[Instrument] = Field(
        default=[], max_length=MAX_ENTRIES, description="Instruments that the clinic adds."
    )
    settings: Settings = Field(default=Settings(), description="General settings.")
    waiting: WaitingSettings = Field(default=WaitingSettings(), description="Which clients wait.")
    relax: RelaxationSettings = Field(
        default=RelaxationSettings(), description="Changes proposed for a client with too few available therapists."
    )
    follow_up: FollowUpSettings = Field(default=FollowUpSettings(), description="Checks of early alliance.")
    assign: AssignmentSettings = Field(
        default=AssignmentSettings(), description="How open slots are filled from the waiting list."
    )
    journal: JournalSettings = Field(
        default=JournalSettings(), description="The journal of what happened after the export."
    )
    fairness: FairnessSettings = Field(
        default=FairnessSettings(), description="Groups whose rankings and outcomes are compared."
    )


@dataclass(frozen=True)
class Setting:
    """One key under ``[settings]``: a row of :data:`SETTINGS`."""

    name: str
    default: Any
    description: str


SETTINGS: tuple[Setting, ...] = tuple(
    Setting(name, field.get_default(call_default_factory=True), field.description or "")
    for name, field in Settings.model_fields.items()
)
