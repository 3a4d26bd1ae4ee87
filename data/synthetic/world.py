"""What is true of a synthetic clinic: a handful of numbers, each with its source, in sections of a readable file."""

from __future__ import annotations

from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from attune_fit.data.published_statistics import PublishedStatistic, read_published_statistics

MIXES: dict[
    str, dict[str, float]
] = {  # what carries fit: share of its variance by carrier of `attune_fit.data.synthetic.fit_mechanisms`
    "balanced": {"style": 0.25, "wishes": 0.25, "problems": 0.20, "attachment": 0.15, "culture": 0.10, "weaker": 0.05},
    "wishes": {"wishes": 0.8, "culture": 0.2},
    "style": {"style": 1.0},
    "attachment": {"attachment": 1.0},
    "problems": {"problems": 0.8, "weaker": 0.2},
    "complementarity": {"complement": 1.0},
    "threshold": {"threshold": 1.0},
    "null": {},
}

OWN_MIX = "own"  # in place of a mix: the shares that `carriers` names
MeetingPolicy = Literal["availability", "coordinator", "wishes", "random"]
POLICIES: tuple[str, ...] = get_args(MeetingPolicy)


def define_number(key: str, section: str, says: str, **bounds: Any) -> Any:
    """A number of the world: its default is the published figure of that key, read when a world is made."""
    extra: dict[str, Any] = {"figure": key, "section": section}
    return Field(
        default_factory=lambda: read_published_statistics()[key].value, description=says, json_schema_extra=extra, **bounds
    )  # fmt: skip


def define_choice(default: Any, section: str, says: str, **bounds: Any) -> Any:
    """A choice of the world, which no publication can settle."""
    return Field(default=default, description=says, json_schema_extra={"section": section}, **bounds)


class World(BaseModel):
    """How a synthetic clinic works. Shares are of the variance of one client-rated early session.

    Every field has its description, bounds and published figure in its own row; ``docs/reference/world.md`` lists them.
    What an intake cannot tell of a pair is ``dyad - fit``: it is drawn for each pair, and who meets one therapist only
    cannot tell it from the client.

    Raises
    ------
    ValueError
        With every number that is outside its bounds; if the shares leave nothing for the client; if a name is unknown.

    Examples
    --------
    >>> World(fit=0.10).client, World(fit=0.10).predictable_share
    (0.32, 0.25)
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    dyad: float = define_number(
        "dyad_share", "shares", "The pair, beyond what either of the two is with everybody.", ge=0, le=1
    )
    fit: float = define_number(
        "fit_share", "shares", "Of all variance, the part of `dyad` that intake can tell.", ge=0, le=1
    )
    therapist: float = define_number("therapist_share", "shares", "The therapist with everybody.", ge=0, le=1)
    occasion: float = define_number("occasion_share", "shares", "What one session adds by chance.", ge=0, le=1)
    site: float = define_number(
        "site_share", "shares", "Sites, where there are several; a part of the client's.", ge=0, le=1
    )

    mix: str = define_choice(
        "balanced", "effects", f"What carries fit: {', '.join(MIXES)}; own: see `carriers`; null: nothing."
    )
    carriers: tuple[tuple[str, float], ...] = define_choice(
        (), "effects", "With mix own, the share of fit of each carrier; below 0 where it works the other way."
    )
    effect_spread: float = define_number(
        "effect_spread", "effects", "How far a clinic's own effects lie from these.", ge=0
    )
    avoidance: float = define_number(
        "avoidance_alliance_r", "effects", "r of attachment avoidance with alliance.", ge=-1, le=1
    )
    anxiety: float = define_number(
        "anxiety_alliance_r", "effects", "r of attachment anxiety with alliance.", ge=-1, le=1
    )
    interpersonal: float = define_number(
        "interpersonal_problems_r", "effects", "r of interpersonal problems.", ge=-1, le=1
    )
    expectancy: float = define_number(
        "expectancy_alliance_r", "effects", "r of outcome expectancy with alliance.", ge=-1, le=1
    )
    skill: float = define_number(
        "skill_share_of_therapist", "effects", "Of the therapist, what observed skill tells.", ge=0, le=1
    )

    level: float = define_number(
        "early_alliance_level", "form", "Centre of alliance before the form cuts it off.", ge=1, le=5
    )
    spread: float = define_number("early_alliance_spread", "form", "SD of one session's alliance, likewise.", gt=0)
    skew: float = define_number(
        "client_skew", "form", "Skewness of what intake does not tell of a client.", ge=-2, le=2
    )
    straight_lining: float = define_number(
        "straight_lining_share", "form", "Forms with one option throughout.", ge=0, le=1
    )
    profile: float = define_number("scale_profile_share", "form", "How far bond lies from goals and tasks.", ge=0, le=1)

    sessions: int = define_choice(3, "course", "Sessions held with whoever does not drop out.", ge=1, le=52)
    first: float = define_number(
        "first_session_extra", "course", "What the first session adds by chance beyond others.", ge=0
    )
    growth: float = define_number("session_growth", "course", "Rise from one session to the next, in SD.", ge=-1, le=1)
    persistence: float = define_number(
        "session_persistence", "course", "What lasts of a session after the third.", ge=0, le=1
    )
    dropout: float = define_number(
        "dropout_share", "course", "Clients who leave, here all before session 3.", ge=0, lt=1
    )
    dropout_d: float = define_number("alliance_dropout_d", "course", "How much weaker their alliance is (d).")
    unreturned: float = define_number(
        "form_unreturned_share", "course", "Session forms that do not come back.", ge=0, lt=1
    )
    unreturned_d: float = define_number(
        "unreturned_d", "course", "How much weaker the alliance is where they do not (d)."
    )

    therapist_forms: float = define_number(
        "therapist_forms_share", "therapist_rater", "Forms filled in by both.", ge=0, le=1
    )
    agreement: float = define_number(
        "client_therapist_r", "therapist_rater", "r of the two ratings of one session.", ge=0, le=0.9
    )
    gap: float = define_number("client_therapist_gap", "therapist_rater", "How much higher clients rate (d).")
    rater: float = define_number(
        "therapist_rater_share", "therapist_rater", "How therapists differ as raters.", ge=0, le=0.6
    )

    extremity: float = define_number(
        "self_rating_stretch", "roster", "How far therapists stretch their own style.", gt=0
    )
    style_noise: float = define_number(
        "self_rating_noise", "roster", "Error of their self-ratings, SD of preferences.", ge=0
    )
    overclaim: float = define_number(
        "specialty_overclaim_share", "roster", "Claims of a focus without being good at it.", ge=0, le=1
    )
    caseload_spread: float = define_number(
        "caseload_log_sd", "roster", "SD of the log of clients one would take, before slots and rules.", ge=0
    )
    sites: int = define_choice(1, "roster", "Sites; clients meet therapists of their own.", ge=1, le=50)

    meetings: MeetingPolicy = define_choice(
        "coordinator", "meetings", "Who meets whom: by slots, as coordinators steer, by clients' choice, or by lot."
    )  # fmt: skip
    therapists_each: int = define_choice(
        1, "meetings", "Therapists whom each client meets, one after the other.", ge=1, le=10
    )
    coordinator: float = define_number("coordinator_log_odds", "meetings", "How strongly coordinators steer, log odds.")
    self_selection: float = define_number(
        "self_selection_log_odds", "meetings", "How strongly clients choose by wish, log odds."
    )
    confounding: float = define_number(
        "confounding_log_odds", "meetings", "Hard clients sent to strong therapists, log odds."
    )
    insight: float = define_number("insight_log_odds", "meetings", "Coordinators' eye for true fit, log odds.")

    missing: float = define_number(
        "intake_missing_share", "intake", "Clients who leave out a usual intake page.", ge=0, le=1
    )
    drift: float = define_number("level_drift", "time", "How much the clinic's level moves a year, in SD.")
    fading: float = define_number(
        "fit_fading",
        "time",
        "How much of fit two years ago no longer holds: at 1 nothing is left, at 2 it is turned round.",
        ge=0,
        le=2,
    )

    @model_validator(mode="before")
    @classmethod
    def _own_mix(cls, said: Any) -> Any:
        """Whoever names carriers and no mix means these carriers."""
        own = isinstance(said, dict) and said.get("carriers") and "mix" not in said
        return {**said, "mix": OWN_MIX} if own else said

    @field_validator("carriers", mode="before")
    @classmethod
    def _sort_carriers(cls, said: Any) -> Any:
        """A table of shares, in the order of names, so that equal worlds are equal however they were said."""
        try:
            return tuple(sorted(dict(said).items()))
        except (TypeError, ValueError):
            raise ValueError("should be a table of carriers, each with its share") from None

    @model_validator(mode="after")
    def _check_consistency(self) -> World:
        if self.mix not in (OWN_MIX, *MIXES):
            raise ValueError(f"unknown mix `{self.mix}`: say one of {', '.join(MIXES)}, or {OWN_MIX}")
        known = sorted({name for mix in MIXES.values() for name in mix})
        if unknown := [name for name, _ in self.carriers if name not in known]:
            raise ValueError(f"unknown carrier `{unknown[0]}`: say some of {', '.join(known)}")
        if (self.mix == OWN_MIX) != bool(self.carriers):
            raise ValueError("carriers go with mix = own, and with no other: change the mix, or leave the carriers out")
        if self.carriers and not any(share for _, share in self.carriers):
            raise ValueError("carriers need at least one share that is not 0; for none at all say mix = null")
        if self.fit > self.dyad:
            raise ValueError("fit is a part of dyad: make dyad at least as large, or fit smaller")
        if self.client < 0:
            raise ValueError("dyad, therapist and occasion add up to more than 1: make one of them smaller")
        if self.sites > 1 and self.site > self.client:
            raise ValueError("site is a part of the client's share, which is smaller: make it smaller")
        return self

    @property
    def carrier_shares(self) -> dict[str, float]:
        """Share of fit by carrier, signed; empty in a null world."""
        return dict(self.carriers) if self.mix == OWN_MIX else MIXES[self.mix]

    @property
    def effective_fit(self) -> float:
        """Share of fit that something carries: ``fit``, or 0 in a null world."""
        return self.fit if self.carrier_shares else 0.0

    @property
    def chemistry(self) -> float:
        """Share of the pair that no intake can tell."""
        return round(self.dyad - self.fit, 12)

    @property
    def client(self) -> float:
        """Share of the client: what the others leave."""
        return round(1.0 - self.effective_fit - self.chemistry - self.therapist - self.occasion, 12)

    @property
    def predictable_share(self) -> float:
        """Of the pair, what intake can tell: 0 to 1; 0 where there is no pair."""
        return round(self.effective_fit / self.dyad, 12) if self.dyad else 0.0

    def replace(self, **changes: Any) -> World:
        """The same world with some numbers changed, checked anew."""
        return World(**{**self.model_dump(), **changes})

    @staticmethod
    def list_sources() -> dict[str, PublishedStatistic]:
        """The published figure that each number comes from, by field."""
        return {
            name: read_published_statistics()[extra["figure"]]
            for name, extra in _list_field_extras()
            if "figure" in extra
        }

    @staticmethod
    def list_sections() -> dict[str, list[str]]:
        """The fields of each section of a world file, in order."""
        found: dict[str, list[str]] = {}
        for name, extra in _list_field_extras():
            found.setdefault(extra["section"], []).append(name)
        return found


def _list_field_extras() -> list[tuple[str, dict[str, Any]]]:
    return [(name, dict(field.json_schema_extra)) for name, field in World.model_fields.items()]  # type: ignore[arg-type]
