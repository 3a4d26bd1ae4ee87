"""The parameters of a synthetic clinic (its world): each number has a source and a section of the world file."""

from __future__ import annotations

from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from attune_fit.data.published_statistics import PublishedStatistic, read_published_statistics

# Share of the variance of fit by carrier. A carrier is a mechanism of `attune_fit.data.synthetic.fit_mechanisms`.
MIXES: dict[str, dict[str, float]] = {
    "balanced": {"style": 0.25, "wishes": 0.25, "problems": 0.20, "attachment": 0.15, "culture": 0.10, "weaker": 0.05},
    "wishes": {"wishes": 0.8, "culture": 0.2},
    "style": {"style": 1.0},
    "attachment": {"attachment": 1.0},
    "problems": {"problems": 0.8, "weaker": 0.2},
    "complementarity": {"complement": 1.0},
    "threshold": {"threshold": 1.0},
    "null": {},
}

OWN_MIX = "own"  # this mix takes its shares from the field `carriers`
MeetingPolicy = Literal["availability", "coordinator", "wishes", "random"]
POLICIES: tuple[str, ...] = get_args(MeetingPolicy)


def define_number(key: str, section: str, description: str, **bounds: Any) -> Any:
    """Define a numeric field of the world. Its default is the published figure ``key``, read when a world is made."""
    extra: dict[str, Any] = {"figure": key, "section": section}
    return Field(
        default_factory=lambda: read_published_statistics()[key].value,
        description=description,
        json_schema_extra=extra,
        **bounds,
    )


def define_choice(default: Any, section: str, description: str, **bounds: Any) -> Any:
    """Define a field that no publication can settle, with its default."""
    return Field(default=default, description=description, json_schema_extra={"section": section}, **bounds)


class World(BaseModel):
    """Data-generating parameters of a synthetic clinic.

    Shares are variance components: shares of the variance of one client-rated early session. Each field has its
    description, bounds and published figure in its own row; ``docs/reference/world.md`` lists all of them.

    The unobserved pair effect has the share ``dyad - fit``: intake data cannot predict it. The simulator draws it for
    each pair. If each client meets only one therapist, no method can separate it from the client's own part.

    Raises
    ------
    ValueError
        Lists every number outside its bounds. Also raised if the shares leave nothing for the client, or if a name is
        unknown.

    Examples
    --------
    >>> World(fit=0.10).client, World(fit=0.10).predictable_share
    (0.32, 0.25)
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    dyad: float = define_number(
        "dyad_share", "shares", "Share of the pair, beyond the general levels of client and therapist.", ge=0, le=1
    )
    fit: float = define_number(
        "fit_share", "shares", "Share of all variance that intake data can predict; a part of `dyad`.", ge=0, le=1
    )
    therapist: float = define_number(
        "therapist_share", "shares", "Share of the therapist's general level, the same with every client.", ge=0, le=1
    )
    occasion: float = define_number("occasion_share", "shares", "Share that one session adds by chance.", ge=0, le=1)
    site: float = define_number(
        "site_share", "shares", "Share of the sites, if there are several; a part of the client's share.", ge=0, le=1
    )

    mix: str = define_choice(
        "balanced",
        "effects",
        f"Which mechanisms produce fit: {', '.join(MIXES)}, or own (see `carriers`); null means no fit.",
    )
    carriers: tuple[tuple[str, float], ...] = define_choice(
        (), "effects", "With mix own, the share of fit of each carrier (mechanism); below 0 reverses its effect."
    )
    effect_spread: float = define_number(
        "effect_spread",
        "effects",
        "How far a clinic's own effects lie from the published ones; 0 means not at all.",
        ge=0,
    )
    avoidance: float = define_number(
        "avoidance_alliance_r", "effects", "Correlation r of attachment avoidance with alliance.", ge=-1, le=1
    )
    anxiety: float = define_number(
        "anxiety_alliance_r", "effects", "Correlation r of attachment anxiety with alliance.", ge=-1, le=1
    )
    interpersonal: float = define_number(
        "interpersonal_problems_r", "effects", "Correlation r of interpersonal problems with alliance.", ge=-1, le=1
    )
    expectancy: float = define_number(
        "expectancy_alliance_r", "effects", "Correlation r of outcome expectancy with alliance.", ge=-1, le=1
    )
    skill: float = define_number(
        "skill_share_of_therapist", "effects", "Part of the therapist's share that observed skill predicts.", ge=0, le=1
    )

    level: float = define_number(
        "early_alliance_level",
        "form",
        "Centre of alliance in WAI-SR points, before the ends of the form cut it off.",
        ge=1,
        le=5,
    )
    spread: float = define_number(
        "early_alliance_spread",
        "form",
        "SD of one session's alliance in WAI-SR points, before the ends of the form cut it off.",
        gt=0,
    )
    skew: float = define_number(
        "client_skew", "form", "Skewness of the client's part that intake data cannot predict.", ge=-2, le=2
    )
    straight_lining: float = define_number(
        "straight_lining_share", "form", "Share of forms with the same option for every item.", ge=0, le=1
    )
    profile: float = define_number(
        "scale_profile_share", "form", "How far the bond scale differs from the goal and task scales.", ge=0, le=1
    )

    sessions: int = define_choice(3, "course", "Number of sessions of a client who does not drop out.", ge=1, le=52)
    first: float = define_number("first_session_extra", "course", "Extra chance variance of the first session.", ge=0)
    growth: float = define_number(
        "session_growth", "course", "Rise of alliance from one session to the next, in SD.", ge=-1, le=1
    )
    persistence: float = define_number(
        "session_persistence",
        "course",
        "Correlation of alliance from one session to the next, after the third session.",
        ge=0,
        le=1,
    )
    dropout: float = define_number(
        "dropout_share", "course", "Share of clients who drop out, all of them before session 3.", ge=0, lt=1
    )
    dropout_d: float = define_number(
        "alliance_dropout_d", "course", "How much lower the alliance of those who drop out is (Cohen's d)."
    )
    unreturned: float = define_number(
        "form_unreturned_share", "course", "Share of session forms that clients do not return.", ge=0, lt=1
    )
    unreturned_d: float = define_number(
        "unreturned_d", "course", "How much lower the alliance is for forms that are not returned (Cohen's d)."
    )

    therapist_forms: float = define_number(
        "therapist_forms_share",
        "therapist_rater",
        "Share of session forms that the therapist fills in too.",
        ge=0,
        le=1,
    )
    agreement: float = define_number(
        "client_therapist_r", "therapist_rater", "Correlation r of the two ratings of one session.", ge=0, le=0.9
    )
    gap: float = define_number(
        "client_therapist_gap", "therapist_rater", "How much higher clients rate than therapists (Cohen's d)."
    )
    rater: float = define_number(
        "therapist_rater_share",
        "therapist_rater",
        "Share of the rater effect: therapists differ in how high they rate.",
        ge=0,
        le=0.6,
    )

    extremity: float = define_number(
        "self_rating_stretch", "roster", "Factor by which therapists exaggerate their own style.", gt=0
    )
    style_noise: float = define_number(
        "self_rating_noise", "roster", "Error of therapists' self-ratings, in SD of clients' preferences.", ge=0
    )
    overclaim: float = define_number(
        "specialty_overclaim_share", "roster", "How often therapists claim a specialty without the skill.", ge=0, le=1
    )
    caseload_spread: float = define_number(
        "caseload_log_sd",
        "roster",
        "SD of the log of the number of clients a therapist would take, before slots and rules.",
        ge=0,
    )
    sites: int = define_choice(
        1, "roster", "Number of sites; clients meet only therapists of their own site.", ge=1, le=50
    )

    meetings: MeetingPolicy = define_choice(
        "coordinator",
        "meetings",
        "Assignment policy: by shared slots, by coordinators, by clients' wishes, or at random.",
    )
    therapists_each: int = define_choice(
        1, "meetings", "Number of therapists that each client meets, one after the other.", ge=1, le=10
    )
    coordinator: float = define_number(
        "coordinator_log_odds",
        "meetings",
        "How strongly coordinators prefer a focus on the main problem and honoured wishes, in log odds.",
    )
    self_selection: float = define_number(
        "self_selection_log_odds", "meetings", "How strongly clients choose by their wishes, in log odds."
    )
    confounding: float = define_number(
        "confounding_log_odds",
        "meetings",
        "How strongly coordinators send hard clients to strong therapists, in log odds.",
    )
    insight: float = define_number(
        "insight_log_odds", "meetings", "How well coordinators see the true pair effect, in log odds."
    )

    missing: float = define_number(
        "intake_missing_share", "intake", "Share of clients who leave out a usual intake page.", ge=0, le=1
    )
    drift: float = define_number("level_drift", "time", "Drift: change of the clinic's level in one year, in SD.")
    fading: float = define_number(
        "fit_fading",
        "time",
        "How far fit changes over two years: at 1 the oldest fit is gone today, at 2 it is reversed.",
        ge=0,
        le=2,
    )

    @model_validator(mode="before")
    @classmethod
    def _infer_own_mix(cls, fields: Any) -> Any:
        """Set the mix to own if ``fields`` names carriers and no mix."""
        is_own = isinstance(fields, dict) and fields.get("carriers") and "mix" not in fields
        return {**fields, "mix": OWN_MIX} if is_own else fields

    @field_validator("carriers", mode="before")
    @classmethod
    def _sort_carriers(cls, carriers: Any) -> Any:
        """Sort the table of shares by name, so that two equal worlds compare as equal."""
        try:
            return tuple(sorted(dict(carriers).items()))
        except (TypeError, ValueError):
            raise ValueError("should be a table of carriers, each with its share") from None

    @model_validator(mode="after")
    def _check_consistency(self) -> World:
        if self.mix not in (OWN_MIX, *MIXES):
            raise ValueError(f"unknown mix `{self.mix}`: use one of {', '.join(MIXES)}, or {OWN_MIX}")
        known = sorted({name for mix in MIXES.values() for name in mix})
        if unknown := [name for name, _ in self.carriers if name not in known]:
            raise ValueError(f"unknown carrier `{unknown[0]}`: use some of {', '.join(known)}")
        if (self.mix == OWN_MIX) != bool(self.carriers):
            raise ValueError("carriers need mix = own: change the mix, or remove the carriers")
        if self.carriers and not any(share for _, share in self.carriers):
            raise ValueError("carriers need at least one share that is not 0: add one, or write mix = null")
        if self.fit > self.dyad:
            raise ValueError("fit is a part of dyad and must not be larger: raise dyad, or lower fit")
        if self.client < 0:
            raise ValueError("dyad, therapist and occasion add up to more than 1: lower one of them")
        if self.sites > 1 and self.site > self.client:
            raise ValueError("site is a part of the client's share and must not be larger: lower site")
        return self

    @property
    def carrier_shares(self) -> dict[str, float]:
        """Signed share of fit by carrier; empty in a null world."""
        return dict(self.carriers) if self.mix == OWN_MIX else MIXES[self.mix]

    @property
    def effective_fit(self) -> float:
        """Share of fit, 0-1: ``fit``, or 0 in a null world."""
        return self.fit if self.carrier_shares else 0.0

    @property
    def chemistry(self) -> float:
        """Share of the unobserved pair effect, 0-1: the part of ``dyad`` that intake data cannot predict."""
        return round(self.dyad - self.fit, 12)

    @property
    def client(self) -> float:
        """Share of the client, 0-1: 1 minus all other shares."""
        return round(1.0 - self.effective_fit - self.chemistry - self.therapist - self.occasion, 12)

    @property
    def predictable_share(self) -> float:
        """Part of the pair's share that intake data can predict, 0-1; 0 if pairs do not differ."""
        return round(self.effective_fit / self.dyad, 12) if self.dyad else 0.0

    def replace(self, **changes: Any) -> World:
        """Return a copy of the world with some fields changed, and check it again."""
        return World(**{**self.model_dump(), **changes})

    @staticmethod
    def list_sources() -> dict[str, PublishedStatistic]:
        """Return the published figure of each numeric field, by field name."""
        return {
            name: read_published_statistics()[extra["figure"]]
            for name, extra in _list_field_extras()
            if "figure" in extra
        }

    @staticmethod
    def list_sections() -> dict[str, list[str]]:
        """Return the fields of each section of a world file, in order."""
        sections: dict[str, list[str]] = {}
        for name, extra in _list_field_extras():
            sections.setdefault(extra["section"], []).append(name)
        return sections


def _list_field_extras() -> list[tuple[str, dict[str, Any]]]:
    return [(name, dict(field.json_schema_extra)) for name, field in World.model_fields.items()]  # type: ignore[arg-type]
