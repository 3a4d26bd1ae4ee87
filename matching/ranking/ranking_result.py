"""The records of a ranking: frozen and ready for JSON.

Their fields hold ids, wishes and openings, and no other cell. The details of a record (:class:`DetailedRecord`) hold
the cells that a person can check. They are read when they are first looked at, and no log holds them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any, Literal

from attune_fit.data.arrays import Floats, Indices
from attune_fit.matching.ranking.candidate_facts import CandidateFacts
from attune_fit.matching.ranking.compared_fields import FieldPair, FieldTexts
from attune_fit.matching.ranking.detailed_record import DetailedRecord

if TYPE_CHECKING:
    from attune_fit.data.outcomes.openings import OpeningUse
    from attune_fit.matching.ranking.dropout_estimate import DropoutEstimate
    from attune_fit.matching.ranking.exclusion_groups import ExcludedTherapists
    from attune_fit.matching.ranking.list_draw import ListDraw
    from attune_fit.matching.ranking.scale_scores import ScaleScore

WishAnswer = Literal["met", "unmet", "unknown"]

POINT_DECIMALS = 6  # decimals of a point in a result: smaller differences are rounding, and can vary between machines


@dataclass(frozen=True)
class WishResult:
    """One wish of the client, answered for one therapist.

    ``answer`` is from the client's side: a wish to avoid a value is *met* by a therapist who does not have it.
    """

    strength: str
    attribute: str
    value: str
    answer: WishAnswer


class ComparedRecord(DetailedRecord[tuple[FieldPair, ...]]):
    """A record about two fields that are compared: one of the client and one of the therapist."""

    __slots__ = ()

    @property
    def fields(self) -> tuple[FieldPair, ...]:
        """The columns and cells that are compared, side by side; empty where no column is read."""
        return self.detail or ()

    @property
    def field_texts(self) -> FieldTexts:
        """The columns and cells as texts."""
        return FieldTexts.from_pairs(self.fields)

    @property
    def client_field(self) -> str | None:
        """Column of the client, several joined by ``; ``; None where none is read."""
        return self.field_texts.client_field

    @property
    def client_value(self) -> str | None:
        """Cell of the client as text; None where unknown."""
        return self.field_texts.client_value

    @property
    def therapist_field(self) -> str | None:
        """Column of the therapist, several joined by ``; ``; None where none is read."""
        return self.field_texts.therapist_field

    @property
    def therapist_value(self) -> str | None:
        """Cell of the therapist as text; None where unknown."""
        return self.field_texts.therapist_value

    def list_fields(self) -> dict[str, Any]:
        """Return the columns and cells in the types of JSON."""
        return {**asdict(self.field_texts), "fields": [asdict(one) for one in self.fields]}


@dataclass(frozen=True)
class Reason(ComparedRecord):
    """A reason for a therapist: a part of the score that is true of the pair.

    Attributes
    ----------
    feature, family : str
        The feature behind the reason, or ``therapist_effect``.
    says : str
        The reason as a clause whose subject is the therapist.
    points : float
        What the part adds beyond the client's average candidate, in points of the instrument; above 0.
    """

    feature: str
    family: str
    says: str
    points: float


@dataclass(frozen=True)
class Caution(ComparedRecord):
    """A caution: what to check before a therapist is offered.

    Attributes
    ----------
    about : str
        The feature or rule that it is about.
    says : str
        The caution as a sentence.
    points : float or None
        What the part takes from the score, in points of the instrument, below 0; None where something is unknown.
    """

    about: str
    says: str
    points: float | None = None


@dataclass(frozen=True)
class Candidate(DetailedRecord[CandidateFacts]):
    """A therapist who passes every rule. ``score``, ``low`` and ``high`` are points of the ranking's instrument.

    ``openings`` is None where no client started with the therapist since the roster was checked and no offer is open.
    ``dropout`` is None where the model knows too few episodes with known dropout. ``scales`` are goal, task and bond;
    empty where they cannot be estimated.
    """

    position: int
    therapist_id: str
    band: int
    score: float
    low: float
    high: float
    wishes: tuple[WishResult, ...]
    reasons: tuple[Reason, ...]
    caution: Caution | None
    openings: OpeningUse | None = None
    dropout: DropoutEstimate | None = None
    scales: tuple[ScaleScore, ...] = ()

    @property
    def facts(self) -> CandidateFacts:
        """What can be checked in the two rows; read when it is first looked at.

        Raises
        ------
        LookupError
            If the record was built by hand, without the tables.
        """
        if self.detail is None:
            raise LookupError(f"The candidate {self.therapist_id} was built without tables, so it has no facts.")
        return self.detail


@dataclass(frozen=True)
class ExclusionReason:
    """A rule that excludes a therapist, why (``says``), and the smallest change that would end it (``lifts``).

    ``unknown`` is true where the rule is not broken: its result is unknown, and its policy excludes unknown results.
    """

    rule: str
    says: str
    lifts: str
    unknown: bool

    @property
    def rule_and_text(self) -> tuple[str, str]:
        """The rule and why it excludes: therapists for whom both are equal are in one group."""
        return self.rule, self.says


@dataclass(frozen=True)
class Exclusion:
    """An excluded therapist, with every rule that excludes this therapist; ``openings`` as in :class:`Candidate`."""

    therapist_id: str
    rules: tuple[ExclusionReason, ...]
    openings: OpeningUse | None = None


@dataclass(frozen=True)
class ExclusionGroup:
    """Therapists excluded for the same reason; one therapist can be in several groups."""

    rule: str
    says: str
    therapists: tuple[str, ...]


@dataclass(frozen=True)
class RankingArrays:
    """A ranking as arrays, without reasons; these cost nothing to look at.

    Attributes
    ----------
    therapist_ids : list of str, length k
        The candidates, the first place first.
    band : array of int, shape (k,)
    points : array of shape (k, 3)
        ``score``, ``low`` and ``high`` of each candidate, in points of the instrument, rounded as in its record.
    excluded : ExcludedTherapists
    build_draw : callable
        Takes the number of places shown; returns how their random order was drawn, which only the log needs.
    """

    therapist_ids: list[str]
    band: Indices
    points: Floats
    excluded: ExcludedTherapists
    build_draw: Callable[[int], ListDraw]


@dataclass(frozen=True)
class Ranking:
    """The whole roster for one client: the candidates in order, and why each other therapist is excluded.

    Attributes
    ----------
    client_id : str
    verdict : str
        Whether the model helps to choose between therapists, as a sentence.
    candidates : sequence of Candidate
        The first place first. A record is built, with its reasons, when it is first looked at; so ask for those
        together that are shown together, such as ``candidates[:5]``.
    excluded : sequence of Exclusion
        Sorted by therapist id. Candidates and excluded therapists together are always the whole roster.
    unchecked : tuple of str
        Rules that were not checked, because the clinic has no data in their columns.
    instrument : str
        The instrument in whose points scores are given.
    interval : float
        Nominal coverage of the intervals, from 0 to 1.
    shortlist : int
        How many candidates to show first.
    seed : int
        Seed of the order inside bands (the tie-break).
    as_of : str
        The date of the tables, ISO.
    data, bundle, policy : str
        Digests of the tables, the model, and the rules and settings. The same three give the same ranking.
    met_therapists : tuple of str
        Ids of the therapists whom the client has met already, the latest last. They can be candidates.
    arrays : RankingArrays
        The lists as arrays. They are part of no comparison and of no JSON.
    order_weights : str
        What else the order weighs, as a sentence; empty where it is the order of the expected alliance.
    """

    client_id: str
    verdict: str
    candidates: Sequence[Candidate]
    excluded: Sequence[Exclusion]
    unchecked: tuple[str, ...]
    instrument: str
    interval: float
    shortlist: int
    seed: int
    as_of: str
    data: str
    bundle: str
    policy: str
    met_therapists: tuple[str, ...]
    arrays: RankingArrays = field(repr=False, compare=False)
    order_weights: str = ""

    def group_exclusions(self) -> tuple[ExclusionGroup, ...]:
        """Group the excluded therapists by reason, the most frequent reason first."""
        return self.arrays.excluded.group()

    def count_exclusions(self) -> tuple[tuple[str, int], ...]:
        """Count the excluded therapists by the short text of each rule, the most frequent first.

        One therapist counts under every rule that excludes this therapist.
        """
        return self.arrays.excluded.count()

    def explain_empty_list(self) -> str:
        """Explain in a few sentences why the client has no candidate; empty if there is a candidate."""
        if self.candidates:
            return ""
        if not self.excluded:
            return "No therapist is available: the roster is empty."
        counts = "; ".join(
            f"{len(group.therapists)} by `{group.rule}` ({group.says})" for group in self.group_exclusions()
        )
        return f"0 available, {len(self.excluded)} ruled out: {counts}."

    def format_unchecked_rules(self) -> str:
        """List the rules that were not checked, in one sentence; empty if all were checked."""
        if not self.unchecked:
            return ""
        return f"Rules not checked, because one of their columns is empty: {', '.join(self.unchecked)}."

    def to_dict(self) -> dict[str, Any]:
        """Return the ranking as plain types, as in JSON, with the facts of each candidate and the compared fields."""
        plain: dict[str, Any] = json.loads(self.to_json())
        for row, candidate in zip(plain["candidates"], self.candidates, strict=True):
            for reason, record in zip(row["reasons"], candidate.reasons, strict=True):
                reason |= record.list_fields()
            if candidate.caution is not None:
                row["caution"] |= candidate.caution.list_fields()
            row["facts"] = None if candidate.detail is None else candidate.facts.to_dict()
        return plain

    def to_json(self) -> str:
        """Return what a log digests as one line of JSON without NaN; equal rankings give equal text.

        It is the ranking without the details of its records. Four keys are there only where they say something:
        ``held`` of the openings, ``dropout`` and ``scales`` of a candidate, and ``order_weights``. The log keeps a
        digest of this text, and earlier versions did not have these keys.
        """
        plain = {one.name: getattr(self, one.name) for one in fields(self) if one.name != "arrays"}
        plain |= {name: [asdict(row) for row in plain[name]] for name in ("candidates", "excluded")}
        for row in (*plain["candidates"], *plain["excluded"]):
            if row["openings"] and not row["openings"]["held"]:
                del row["openings"]["held"]
            if row.get("dropout", ...) is None:
                del row["dropout"]
            if not row.get("scales", ...):
                del row["scales"]
        if not self.order_weights:
            del plain["order_weights"]
        return json.dumps(plain, allow_nan=False, ensure_ascii=False)


def round_points(points: float) -> float:
    """Round points of an instrument to :data:`POINT_DECIMALS`, as every result record holds them.

    >>> round_points(4.04000000012)
    4.04
    """
    return round(float(points), POINT_DECIMALS)
