"""What is true of a synthetic clinic: a handful of numbers, each with its source."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

from data.published import Figure, figures

MIXES: dict[str, dict[str, float]] = {  # what carries fit: share of its variance by carrier of `data.synthetic.fit`
    "balanced": {"style": 0.25, "wishes": 0.25, "problems": 0.20, "attachment": 0.15, "culture": 0.10, "weaker": 0.05},
    "wishes": {"wishes": 0.8, "culture": 0.2},
    "style": {"style": 1.0},
    "attachment": {"attachment": 1.0},
    "problems": {"problems": 0.8, "weaker": 0.2},
    "null": {},
}


def published(key: str) -> float:
    """Default of a field: the published figure of that key, read when a world is made and not before."""
    return field(default_factory=lambda: figures()[key].value, metadata={"figure": key})


@dataclass(frozen=True)
class World:
    """How a synthetic clinic works. Shares are of the variance of one client-rated early session.

    Attributes
    ----------
    fit, therapist, occasion : float
        Share of the pair (as far as intake can tell it), of the therapist, and of what one session adds by chance.
        The client has the rest: whatever of the pair no intake can tell is in it too, for who meets one therapist only
        cannot tell the two apart.
    mix : str
        What carries fit: one of :data:`MIXES`; ``null`` means that nothing does, whatever ``fit`` says.
    avoidance, anxiety, interpersonal, expectancy : float
        Correlation with alliance of what the client says at intake; together they explain 2-6% of it.
    skill : float
        Share of the therapist's part that observer-rated interpersonal skill tells, 0-1.
    level, spread : float
        Centre and SD of alliance in WAI-SR points before the ends of the form cut it off.
    straight_lining : float
        Share of forms answered with one option throughout.
    dropout, dropout_d : float
        Share of clients who leave before session 3, and how much weaker their alliance is (d).
    missing, unreturned : float
        Share of intake answers, and of session forms, that are missing.
    extremity, style_noise : float
        Therapists' own style ratings: how far they are stretched, and their error in SD of clients' preferences.
    overclaim : float
        Chance that a therapist names a common problem as a focus without being good at it.
    caseload_spread : float
        SD of the logarithm of how many clients a therapist takes.
    coordinator : float
        How strongly the coordinator steers by wishes and the main problem, in log odds; 0 is by availability alone.

    Raises
    ------
    ValueError
        If a share is outside 0-1, the shares leave nothing for the client, or the mix is unknown.

    Examples
    --------
    >>> World(fit=0.10).client
    0.62
    """

    fit: float = published("fit_share")
    therapist: float = published("therapist_share")
    occasion: float = published("occasion_share")
    mix: str = "balanced"
    avoidance: float = published("avoidance_alliance_r")
    anxiety: float = published("anxiety_alliance_r")
    interpersonal: float = published("interpersonal_problems_r")
    expectancy: float = published("expectancy_alliance_r")
    skill: float = published("skill_share_of_therapist")
    level: float = published("early_alliance_level")
    spread: float = published("early_alliance_spread")
    straight_lining: float = published("straight_lining_share")
    dropout: float = published("dropout_share")
    dropout_d: float = published("alliance_dropout_d")
    missing: float = published("intake_missing_share")
    unreturned: float = published("form_unreturned_share")
    extremity: float = published("self_rating_stretch")
    style_noise: float = published("self_rating_noise")
    overclaim: float = published("specialty_overclaim_share")
    caseload_spread: float = published("caseload_log_sd")
    coordinator: float = published("coordinator_log_odds")

    def __post_init__(self) -> None:
        if self.mix not in MIXES:
            raise ValueError(f"unknown mix `{self.mix}`: say one of {', '.join(MIXES)}")
        for name in ("fit", "therapist", "occasion", "skill", "straight_lining", "missing", "unreturned", "overclaim"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} is a share: say a number from 0 to 1")
        if not 0 <= self.dropout < 1:
            raise ValueError("dropout is a share: say a number from 0 up to, not including, 1")
        if self.client < 0:
            raise ValueError("fit, therapist and occasion add up to more than 1: make one of them smaller")

    @property
    def pair(self) -> float:
        """Share of fit that something carries: ``fit``, or 0 in a null world."""
        return self.fit if MIXES[self.mix] else 0.0

    @property
    def client(self) -> float:
        """Share of the client: what the others leave."""
        return round(1.0 - self.pair - self.therapist - self.occasion, 12)

    @staticmethod
    def sources() -> dict[str, Figure]:
        """The published figure that each default comes from, by field."""
        return {each.name: figures()[each.metadata["figure"]] for each in fields(World) if each.metadata}
