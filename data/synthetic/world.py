"""What is true of a synthetic clinic: a handful of numbers, each with its source, in sections of a readable file."""

from __future__ import annotations

from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from attune_fit.data.published_statistics import Figure, figures

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

OWN = "own"  # in place of a mix: the shares that `carriers` names
Meetings = Literal["availability", "coordinator", "wishes", "random"]
POLICIES: tuple[str, ...] = get_args(Meetings)


def of(key: str, section: str, says: str, **bounds: Any) -> Any:
    """A number of the world: its default is the published figure of that key, read when a world is made."""
    extra: dict[str, Any] = {"figure": key, "section": section}
    return Field(
        default_factory=lambda: figures()[key].value, description=says, json_schema_extra=extra, **bounds
    )  # fmt: skip


def chosen(default: Any, section: str, says: str, **bounds: Any) -> Any:
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
    >>> World(fit=0.10).client, World(fit=0.10).reachable
    (0.32, 0.25)
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    dyad: float = of("dyad_share", "shares", "The pair, beyond what either of the two is with everybody.", ge=0, le=1)
    fit: float = of("fit_share", "shares", "Of all variance, the part of `dyad` that intake can tell.", ge=0, le=1)
    therapist: float = of("therapist_share", "shares", "The therapist with everybody.", ge=0, le=1)
    occasion: float = of("occasion_share", "shares", "What one session adds by chance.", ge=0, le=1)
    site: float = of("site_share", "shares", "Sites, where there are several; a part of the client's.", ge=0, le=1)

    mix: str = chosen(
        "balanced", "effects", f"What carries fit: {', '.join(MIXES)}; own: see `carriers`; null: nothing."
    )
    carriers: tuple[tuple[str, float], ...] = chosen(
        (), "effects", "With mix own, the share of fit of each carrier; below 0 where it works the other way."
    )
    effect_spread: float = of("effect_spread", "effects", "How far a clinic's own effects lie from these.", ge=0)
    avoidance: float = of("avoidance_alliance_r", "effects", "r of attachment avoidance with alliance.", ge=-1, le=1)
    anxiety: float = of("anxiety_alliance_r", "effects", "r of attachment anxiety with alliance.", ge=-1, le=1)
    interpersonal: float = of("interpersonal_problems_r", "effects", "r of interpersonal problems.", ge=-1, le=1)
    expectancy: float = of("expectancy_alliance_r", "effects", "r of outcome expectancy with alliance.", ge=-1, le=1)
    skill: float = of("skill_share_of_therapist", "effects", "Of the therapist, what observed skill tells.", ge=0, le=1)

    level: float = of("early_alliance_level", "form", "Centre of alliance before the form cuts it off.", ge=1, le=5)
    spread: float = of("early_alliance_spread", "form", "SD of one session's alliance, likewise.", gt=0)
    skew: float = of("client_skew", "form", "Skewness of what intake does not tell of a client.", ge=-2, le=2)
    straight_lining: float = of("straight_lining_share", "form", "Forms with one option throughout.", ge=0, le=1)
    profile: float = of("scale_profile_share", "form", "How far bond lies from goals and tasks.", ge=0, le=1)

    sessions: int = chosen(3, "course", "Sessions held with whoever does not drop out.", ge=1, le=52)
    first: float = of("first_session_extra", "course", "What the first session adds by chance beyond others.", ge=0)
    growth: float = of("session_growth", "course", "Rise from one session to the next, in SD.", ge=-1, le=1)
    persistence: float = of("session_persistence", "course", "What lasts of a session after the third.", ge=0, le=1)
    dropout: float = of("dropout_share", "course", "Clients who leave, here all before session 3.", ge=0, lt=1)
    dropout_d: float = of("alliance_dropout_d", "course", "How much weaker their alliance is (d).")
    unreturned: float = of("form_unreturned_share", "course", "Session forms that do not come back.", ge=0, lt=1)
    unreturned_d: float = of("unreturned_d", "course", "How much weaker the alliance is where they do not (d).")

    therapist_forms: float = of("therapist_forms_share", "therapist_rater", "Forms filled in by both.", ge=0, le=1)
    agreement: float = of("client_therapist_r", "therapist_rater", "r of the two ratings of one session.", ge=0, le=0.9)
    gap: float = of("client_therapist_gap", "therapist_rater", "How much higher clients rate (d).")
    rater: float = of("therapist_rater_share", "therapist_rater", "How therapists differ as raters.", ge=0, le=0.6)

    extremity: float = of("self_rating_stretch", "roster", "How far therapists stretch their own style.", gt=0)
    style_noise: float = of("self_rating_noise", "roster", "Error of their self-ratings, SD of preferences.", ge=0)
    overclaim: float = of(
        "specialty_overclaim_share", "roster", "Claims of a focus without being good at it.", ge=0, le=1
    )
    caseload_spread: float = of(
        "caseload_log_sd", "roster", "SD of the log of clients one would take, before slots and rules.", ge=0
    )
    sites: int = chosen(1, "roster", "Sites; clients meet therapists of their own.", ge=1, le=50)

    meetings: Meetings = chosen(
        "coordinator", "meetings", "Who meets whom: by slots, as coordinators steer, by clients' choice, or by lot."
    )  # fmt: skip
    therapists_each: int = chosen(1, "meetings", "Therapists whom each client meets, one after the other.", ge=1, le=10)
    coordinator: float = of("coordinator_log_odds", "meetings", "How strongly coordinators steer, log odds.")
    self_selection: float = of("self_selection_log_odds", "meetings", "How strongly clients choose by wish, log odds.")
    confounding: float = of("confounding_log_odds", "meetings", "Hard clients sent to strong therapists, log odds.")
    insight: float = of("insight_log_odds", "meetings", "Coordinators' eye for true fit, log odds.")

    missing: float = of("intake_missing_share", "intake", "Clients who leave out a usual intake page.", ge=0, le=1)
    drift: float = of("level_drift", "time", "How much the clinic's level moves a year, in SD.")
    fading: float = of(
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
        return {**said, "mix": OWN} if own else said

    @field_validator("carriers", mode="before")
    @classmethod
    def _in_pairs(cls, said: Any) -> Any:
        """A table of shares, in the order of names, so that equal worlds are equal however they were said."""
        try:
            return tuple(sorted(dict(said).items()))
        except (TypeError, ValueError):
            raise ValueError("should be a table of carriers, each with its share") from None

    @model_validator(mode="after")
    def _holds_together(self) -> World:
        if self.mix not in (OWN, *MIXES):
            raise ValueError(f"unknown mix `{self.mix}`: say one of {', '.join(MIXES)}, or {OWN}")
        known = sorted({name for mix in MIXES.values() for name in mix})
        if unknown := [name for name, _ in self.carriers if name not in known]:
            raise ValueError(f"unknown carrier `{unknown[0]}`: say some of {', '.join(known)}")
        if (self.mix == OWN) != bool(self.carriers):
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
    def carried(self) -> dict[str, float]:
        """Share of fit by carrier, signed; empty in a null world."""
        return dict(self.carriers) if self.mix == OWN else MIXES[self.mix]

    @property
    def pair(self) -> float:
        """Share of fit that something carries: ``fit``, or 0 in a null world."""
        return self.fit if self.carried else 0.0

    @property
    def chemistry(self) -> float:
        """Share of the pair that no intake can tell."""
        return round(self.dyad - self.fit, 12)

    @property
    def client(self) -> float:
        """Share of the client: what the others leave."""
        return round(1.0 - self.pair - self.chemistry - self.therapist - self.occasion, 12)

    @property
    def reachable(self) -> float:
        """Of the pair, what intake can tell: 0 to 1; 0 where there is no pair."""
        return round(self.pair / self.dyad, 12) if self.dyad else 0.0

    def but(self, **changes: Any) -> World:
        """The same world with some numbers changed, checked anew."""
        return World(**{**self.model_dump(), **changes})

    @staticmethod
    def sources() -> dict[str, Figure]:
        """The published figure that each number comes from, by field."""
        return {name: figures()[extra["figure"]] for name, extra in _extras() if "figure" in extra}

    @staticmethod
    def sections() -> dict[str, list[str]]:
        """The fields of each section of a world file, in order."""
        found: dict[str, list[str]] = {}
        for name, extra in _extras():
            found.setdefault(extra["section"], []).append(name)
        return found


def _extras() -> list[tuple[str, dict[str, Any]]]:
    return [(name, dict(field.json_schema_extra)) for name, field in World.model_fields.items()]  # type: ignore[arg-type]
