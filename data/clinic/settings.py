"""What ``clinic.toml`` may say: each key with its type, default and description (the docs page is made of it)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import Field

from attune_fit.data.clinic.instruments import Instrument
from attune_fit.data.clinic.mapping_config import ConfigSection, TableMappings

Scalar = int | float | dt.date | str


class ClinicSettings(ConfigSection):
    """The clinic itself."""

    name: str = Field(default="", description="Shown above rankings.")
    as_of: dt.date | None = Field(
        default=None,
        description="The day the tables speak of; their latest date that is not ahead of today when left out.",
    )
    show_in: str | None = Field(
        default=None, description="Instrument in whose points alliance is shown; the most used one when left out."
    )


class RuleSetting(ConfigSection):
    """Switches one eligibility rule."""

    on: bool | None = Field(default=None, description="Whether the rule is used; its own default when left out.")
    unknown: Literal["allow", "exclude"] | None = Field(
        default=None, description="What an unknown cell means for the rule."
    )


class CustomFeature(ConfigSection):
    """A feature of the clinic's own, over any columns of its tables."""

    name: str = Field(min_length=1, description="Name of the feature.")
    client: str = Field(description="Column of `clients`.")
    therapist: str = Field(description="Column of `therapists`.")
    compare: Literal["same", "overlap", "distance", "closeness", "product", "meets"] = Field(
        description="`same`, `overlap` for codes and sets; `distance`, `closeness`, `product`, `meets` for numbers."
    )
    weight_by: str | None = Field(
        default=None, description="Column of `clients` that says how much it matters to the client."
    )
    direction: Literal["+", "-", "free"] = Field(default="free", description="Which way alliance may go when it rises.")
    says: str = Field(
        default="",
        description="What a coordinator reads of a therapist for whom the feature speaks: the higher end, or the lower "
        'one where `direction = "-"`. The end of a sentence, such as `shares your field of work`.',
    )
    says_not: str = Field(default="", description="The same for the other end, such as `works in another field`.")
    weight: float = Field(default=0.0, description="Expected effect in SD of alliance for one `scale`.")
    spread: float = Field(default=0.05, gt=0, description="How unsure that is (SD).")
    center: float | None = Field(
        default=None, description="Typical value; taken from the clinic's pairs when left out."
    )
    scale: float | None = Field(
        default=None, gt=0, description="Typical spread; taken from the clinic's pairs when left out."
    )


class Settings(ConfigSection):
    """Settings that change what is shown or how sure one wants to be."""

    shortlist: int = Field(default=5, ge=1, description="How many therapists a shortlist shows.")
    seed: int = Field(default=0, ge=0, description="Decides the order within a band; logged with each ranking.")
    interval: float = Field(default=0.90, gt=0, lt=1, description="Probability that an interval is meant to hold.")
    band: float = Field(
        default=0.60,
        gt=0.5,
        lt=1,
        description="A higher band is better than a lower one with at least this probability.",
    )
    newcomer_turns: float = Field(
        default=1.0,
        ge=1,
        le=100,
        description="How many lots a therapist without records has in the draw inside a band; everybody else has 1.",
    )
    roster_stale_days: int = Field(
        default=180, ge=1, description="The rule `roster_age` leaves out a row checked longer ago."
    )
    site_column: str = Field(default="", description="Column of `clients` with the site; re-pairing stays within it.")
    features_off: list[str] = Field(default=[], description="Names of features not to use.")


class ColumnCondition(ConfigSection):
    """A condition on a column of `clients`."""

    column: str = Field(description="Column of `clients`.")
    from_: Scalar | None = Field(default=None, alias="from", description="Smallest value, included.")
    to: Scalar | None = Field(default=None, description="Largest value, included.")
    is_: Scalar | None = Field(default=None, alias="is", description="The value it must have.")
    not_: Scalar | None = Field(default=None, alias="not", description="The value it must not have.")


class WaitingSettings(ConfigSection):
    """Who waits: clients who never met anyone, and for whom this holds."""

    where: ColumnCondition | None = Field(default=None, description="A condition on a column of `clients`.")


class RelaxationSettings(ConfigSection):
    """What `relax` and `capacity` propose where too few therapists can be offered."""

    off: list[str] = Field(default=[], description="Names of relaxations never to propose.")
    together: int = Field(default=2, ge=1, le=3, description="How many changes at most are proposed together.")
    payers: list[str] = Field(
        default=[], description="Payers a client may change to, such as `self pay`; every payer of the roster if empty."
    )


class FollowUpSettings(ConfigSection):
    """When the early alliance of a pair is looked at, and what counts as weak."""

    session: int = Field(default=3, ge=1, description="After which session a check without a score is missing.")
    days: int = Field(
        default=28, ge=1, description="How many days after the first form or visit it is missing, whatever the session."
    )
    recent: int = Field(default=90, ge=1, description="Pairs that began more days ago are not flagged any more.")
    weak: dict[str, float] = Field(
        default={}, description="By instrument: early alliance at or below so many points is weak."
    )
    lowest: float = Field(
        default=0.20,
        gt=0,
        lt=1,
        description="Where neither `weak` nor the instrument says: this share of the clinic's own early scores.",
    )


class AssignmentSettings(ConfigSection):
    """How a waiting list is placed within open slots; one unit of value is one percent of the form's range."""

    policy: str = Field(default="balanced", description="What placing is for; `attune assign --help` lists them.")
    overdue_weeks: float = Field(
        default=12, ge=0, description="Who has waited so long goes before all others, under every policy."
    )
    wait: float = Field(default=1.0, ge=0, description="`balanced`: what placing a client gains a week waited.")
    urgency: float = Field(default=5.0, ge=0, description="`balanced`: what it gains a unit of `urgency_column`.")
    urgency_column: str = Field(
        default="", description="Column of `clients` with a number: higher is more urgent. Empty: nobody is."
    )
    wish: float = Field(default=1.0, ge=0, description="`balanced`: what a wish known to be honoured gains.")
    most_each: int | None = Field(default=None, ge=1, description="Most clients one therapist is given in one run.")
    unknown_slots: int = Field(default=1, ge=0, description="Room of a therapist whose `open_slots` is unknown.")


class FairnessSettings(ConfigSection):
    """By which groups `attune fairness` compares; columns that tell nobody apart are passed over."""

    groups: list[str] = Field(
        default=["gender", "race_ethnicity", "age", "lgbtq", "languages", "religion", "region", "payer", "formats"],
        description="Columns of `clients`, the clinic's own included.",
    )
    therapist_groups: list[str] = Field(
        default=["gender", "race_ethnicity", "age", "languages", "religion", "lgbtq_affirming"],
        description="Columns of `therapists`, likewise.",
    )


class Config(ConfigSection):
    """The whole of ``clinic.toml``; every part may be left out."""

    clinic: ClinicSettings = Field(default=ClinicSettings(), description="The clinic itself.")
    tables: TableMappings = Field(default=TableMappings(), description="Where the tables are and how they are spelt.")
    rules: dict[str, RuleSetting] = Field(default={}, description="Eligibility rules, by name.")
    features: list[CustomFeature] = Field(default=[], description="Features of the clinic's own.")
    instruments: list[Instrument] = Field(default=[], description="Instruments of the clinic's own.")
    settings: Settings = Field(default=Settings(), description="Settings.")
    waiting: WaitingSettings = Field(default=WaitingSettings(), description="Who waits.")
    relax: RelaxationSettings = Field(
        default=RelaxationSettings(), description="What is proposed where too few can be offered."
    )
    follow_up: FollowUpSettings = Field(default=FollowUpSettings(), description="Checks of early alliance.")
    assign: AssignmentSettings = Field(default=AssignmentSettings(), description="How a waiting list is placed.")
    fairness: FairnessSettings = Field(
        default=FairnessSettings(), description="By which groups lists and outcomes are compared."
    )


@dataclass(frozen=True)
class Setting:
    """One row of :data:`SETTINGS`."""

    name: str
    default: Any
    description: str


SETTINGS: tuple[Setting, ...] = tuple(
    Setting(name, field.get_default(call_default_factory=True), field.description or "")
    for name, field in Settings.model_fields.items()
)
