"""What a ranking says: plain, frozen records that turn into JSON; ids and wishes, no other cell of a table."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any, Literal

WishAnswer = Literal["met", "unmet", "unknown"]

POINT_DECIMALS = 6  # of a point: what lies below is rounding, which may differ between machines


@dataclass(frozen=True)
class WishResult:
    """One wish of the client, held against one therapist.

    ``answer`` takes the client's side: a wish to avoid is *met* by a therapist who is not so.
    """

    strength: str
    attribute: str
    value: str
    answer: WishAnswer


@dataclass(frozen=True)
class Reason:
    """What speaks for a therapist: a true part of the score.

    Attributes
    ----------
    feature, family : str
        The feature that carries it, or ``therapist_effect``.
    says : str
        The end of a sentence about the therapist.
    points : float
        What it adds to the score beyond the client's average candidate, in the instrument's points; above 0.
    """

    feature: str
    family: str
    says: str
    points: float


@dataclass(frozen=True)
class Caution:
    """What to look at before offering a therapist.

    Attributes
    ----------
    about : str
        The feature or rule it speaks of.
    says : str
        A sentence.
    points : float or None
        What a part takes from the score, in points, below 0; None where something is unknown.
    """

    about: str
    says: str
    points: float | None = None


@dataclass(frozen=True)
class Candidate:
    """A therapist who may be offered. ``score``, ``low`` and ``high`` are in the ranking's instrument points."""

    position: int
    therapist_id: str
    band: int
    score: float
    low: float
    high: float
    wishes: tuple[WishResult, ...]
    reasons: tuple[Reason, ...]
    caution: Caution | None


@dataclass(frozen=True)
class ExclusionReason:
    """A rule that leaves a therapist out, why, and the smallest change that would lift it.

    ``unknown`` is true where the rule is not broken but cannot be checked, and is to exclude then.
    """

    rule: str
    says: str
    lifts: str
    unknown: bool


@dataclass(frozen=True)
class Exclusion:
    """A therapist who may not be offered, with every rule that says so."""

    therapist_id: str
    rules: tuple[ExclusionReason, ...]


@dataclass(frozen=True)
class ExclusionGroup:
    """Therapists left out for the same reason; one therapist may be in several groups."""

    rule: str
    says: str
    therapists: tuple[str, ...]


@dataclass(frozen=True)
class Ranking:
    """The whole roster for one client: candidates in order, and why the others are not among them.

    Attributes
    ----------
    client_id : str
    verdict : str
        Whether the model knows anything about this choice, as a sentence.
    candidates : tuple of Candidate
    excluded : tuple of Exclusion
        With the candidates always the whole roster.
    unchecked : tuple of str
        Rules nobody could be held to, because the clinic keeps no such column.
    instrument : str
        In whose points scores are given.
    interval : float
        Probability the intervals are meant to hold.
    shortlist : int
        How many candidates to show first.
    seed : int
        Decided the order inside bands.
    as_of : str
        The day the tables speak of, ISO.
    data, bundle, policy : str
        Digests of the tables, the model, and the rules and settings: the same three give the same ranking.
    """

    client_id: str
    verdict: str
    candidates: tuple[Candidate, ...]
    excluded: tuple[Exclusion, ...]
    unchecked: tuple[str, ...]
    instrument: str
    interval: float
    shortlist: int
    seed: int
    as_of: str
    data: str
    bundle: str
    policy: str

    def group_exclusions(self) -> tuple[ExclusionGroup, ...]:
        """Why the others are not on the list, the most frequent reason first."""
        found: dict[tuple[str, str], list[str]] = {}
        for one in self.excluded:
            for broken in one.rules:
                found.setdefault((broken.rule, broken.says), []).append(one.therapist_id)
        every = [ExclusionGroup(rule, says, tuple(ids)) for (rule, says), ids in found.items()]
        return tuple(sorted(every, key=lambda group: (-len(group.therapists), group.rule, group.says)))

    def explain_empty_list(self) -> str:
        """One sentence on why nobody can be offered; empty when somebody can."""
        if self.candidates:
            return ""
        if not self.excluded:
            return "Nobody can be offered: the roster is empty."
        counts = "; ".join(
            f"{len(group.therapists)} by `{group.rule}`: {group.says}" for group in self.group_exclusions()
        )
        return f"Nobody of {len(self.excluded)} on the roster can be offered. {counts}"

    def format_unchecked_rules(self) -> str:
        """One sentence on the rules nobody could be held to; empty when there is none."""
        if not self.unchecked:
            return ""
        return f"Not checked, for no cell of the columns they read is known: {', '.join(self.unchecked)}."

    def to_dict(self) -> dict[str, Any]:
        """Plain types only, as JSON has them."""
        plain: dict[str, Any] = json.loads(self.to_json())
        return plain

    def to_json(self) -> str:
        """One line, always the same for the same ranking; no NaN."""
        return json.dumps(asdict(self), allow_nan=False, ensure_ascii=False)
