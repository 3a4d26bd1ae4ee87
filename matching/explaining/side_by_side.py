"""Compare two or three therapists for one client, side by side: wishes, checkable facts, and the estimate last."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from attune_fit.data.clinic.columns import SPECIALTIES
from attune_fit.data.faults import DataFault, Fault
from attune_fit.features.pairs import Pairs
from attune_fit.matching.explaining.comparison_findings import describe_findings
from attune_fit.matching.ranking.candidate_facts import CandidateFacts, find_shared_codes
from attune_fit.matching.ranking.compared_fields import FieldValue, read_cell
from attune_fit.matching.ranking.rank import find_row
from attune_fit.matching.ranking.ranking_builder import RankingBuilder
from attune_fit.matching.ranking.ranking_result import Caution, ExclusionReason, Reason, WishAnswer, round_points
from attune_fit.matching.ranking.wish_results import check_wishes

if TYPE_CHECKING:
    from attune_fit.features.sides import Sides
    from attune_fit.matching.ranking.scored_roster import RosterScorer

FEWEST, MOST = 2, 3  # therapists that fit in one view
RowSection = Literal["wishes", "facts"]

SHARED_COLUMNS = (  # column of the client, column of the therapist: one code in common is enough
    ("availability", "availability"),
    ("formats", "formats"),
    ("languages", "languages"),
    ("payer", "payers"),
    ("region", "licensed_regions"),
)
THERAPIST_COLUMNS = ("interpersonal_skill", "years_experience")  # of the roster alone; no client asks for them


@dataclass(frozen=True)
class ComparisonCell:
    """One therapist in one row: the therapist's cell, and whether it is what the client wants.

    Attributes
    ----------
    value : str, number, tuple of str or None
        For codes of which one in common is enough: those in common. None where unknown.
    answer : {"met", "unmet", "unknown", ""}
        Empty where the row is no wish and no rule.
    """

    value: FieldValue
    answer: WishAnswer | Literal[""] = ""


@dataclass(frozen=True)
class ComparisonRow:
    """One thing that the client wants, or that a coordinator can check, for each therapist.

    Attributes
    ----------
    section : {"wishes", "facts"}
    name : str
        The column of the therapist that answers a wish; else the column of the client, a scale of style, or a column of
        the roster.
    strength : str
        Of a wish; else empty.
    wants : str, number, tuple of str or None
        What the client wants; None where the row is about the therapist alone, or unknown.
    cells : tuple of ComparisonCell
        One for each therapist.
    """

    section: RowSection
    name: str
    strength: str
    wants: FieldValue
    cells: tuple[ComparisonCell, ...]


@dataclass(frozen=True)
class ComparedTherapist:
    """One of the therapists that are compared.

    Attributes
    ----------
    therapist_id : str
    position, band : int
        Place and band on the client's list; 0 where a rule excludes the therapist.
    score, low, high : float
        Expected alliance and its interval, in points of the instrument.
    wishes_met, wishes_stated : int
    better : float or None
        Probability that the therapist with the highest estimate is better for the client; None for that therapist.
    has_met : bool
        Whether the client has met the therapist already.
    rules : tuple of ExclusionReason
        Rules that exclude the therapist; empty for a candidate.
    reasons : tuple of Reason
    caution : Caution or None
        As in the ranking; none for an excluded therapist.
    facts : CandidateFacts
    """

    therapist_id: str
    position: int
    band: int
    score: float
    low: float
    high: float
    wishes_met: int
    wishes_stated: int
    better: float | None
    has_met: bool
    rules: tuple[ExclusionReason, ...]
    reasons: tuple[Reason, ...]
    caution: Caution | None
    facts: CandidateFacts


@dataclass(frozen=True)
class Comparison:
    """Two or three therapists for one client.

    Attributes
    ----------
    client_id, verdict, instrument, as_of : str
    low, high : float
        Range of the instrument.
    interval : float
        Nominal coverage of the intervals, from 0 to 1.
    candidates : int
        Number of candidates of the client.
    highest : str
        Id of the therapist with the highest estimate.
    findings : tuple of str
        What differs, as sentences.
    therapists : tuple of ComparedTherapist
        In the given order.
    rows : tuple of ComparisonRow
        Wishes first, then facts.
    """

    client_id: str
    verdict: str
    instrument: str
    as_of: str
    low: float
    high: float
    interval: float
    candidates: int
    highest: str
    findings: tuple[str, ...]
    therapists: tuple[ComparedTherapist, ...]
    rows: tuple[ComparisonRow, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the comparison as plain types, as in JSON."""
        plain = asdict(self)
        for row, one in zip(plain["therapists"], self.therapists, strict=True):
            for reason, record in zip(row["reasons"], one.reasons, strict=True):
                reason |= record.list_fields()
            if one.caution is not None:
                row["caution"] |= one.caution.list_fields()
        return plain


def compare_side_by_side(scorer: RosterScorer, client_id: str, therapist_ids: Sequence[str]) -> Comparison:
    """Compare two or three therapists for a client; excluded therapists can be among them.

    Parameters
    ----------
    scorer : RosterScorer
    client_id : str
    therapist_ids : sequence of str
        Two or three different ids.

    Raises
    ------
    DataFault
        If an id is not in its table, or the number of therapists is not two or three.
    """
    client = find_row(scorer.tables, "clients", client_id)
    rows = _find_therapists(scorer, therapist_ids)
    ranking_builder = RankingBuilder(scorer, scorer.score_clients(np.array([client], dtype=np.intp)))
    therapists = _build_therapists(scorer, ranking_builder, client, rows)
    highest = min(therapists, key=lambda one: (-one.score, one.position or np.inf))
    limits = scorer.clinic.instruments.get(scorer.instrument.name, scorer.instrument)
    return Comparison(
        client_id=client_id,
        verdict=scorer.model.verdict.sentence,
        instrument=scorer.instrument.name,
        as_of=scorer.tables.as_of.isoformat(),
        low=limits.low,
        high=limits.high,
        interval=scorer.clinic.config.settings.interval,
        candidates=len(ranking_builder.scored_roster.list_candidates(0)),
        highest=highest.therapist_id,
        findings=describe_findings(therapists, highest),
        therapists=therapists,
        rows=(*_list_wish_rows(scorer.sides, client, rows), *_list_fact_rows(scorer.sides, client, rows, therapists)),
    )


def _find_therapists(scorer: RosterScorer, therapist_ids: Sequence[str]) -> list[int]:
    """Return the rows of the therapists; an error where they are too few or too many, or where an id is unknown."""
    distinct = list(dict.fromkeys(therapist_ids))
    faults: list[Fault] = []
    if not FEWEST <= len(distinct) <= MOST:
        message = f"a comparison takes 2 or 3 different therapists; named here: {len(distinct)}"
        fix = "Name 2 or 3 ids."
        faults.append(Fault.error("comparison-size", "therapists", "therapist_id", message, fix=fix))
    rows = []
    for one in distinct:
        try:
            rows.append(find_row(scorer.tables, "therapists", one))
        except DataFault as error:
            faults.extend(error.faults)
    if faults:
        raise DataFault(faults)
    return rows


def _build_therapists(
    scorer: RosterScorer, builder: RankingBuilder, client: int, rows: Sequence[int]
) -> tuple[ComparedTherapist, ...]:
    """Build the records of the therapists in one pass; all scores come from the same pairs."""
    roster, to_points = builder.scored_roster, scorer.instrument.to_points
    candidates = builder.build_ranking().candidates
    parts = scorer.score_pairs(Pairs.from_rows(scorer.sides, [client] * len(rows), rows))
    score = scorer.clip_to_range(parts.score)
    estimates = np.stack([score, *map(scorer.clip_to_range, scorer.model.compute_interval(parts))], axis=-1)
    best = np.full(len(rows), int(np.argmax(score)))
    better = parts.compute_probability_better(best, np.arange(len(rows)))
    wishes = scorer.sides.build_wish_table().list_client_wishes(client)
    client_id = scorer.sides.list_ids("client")[client]
    compared = []
    for number, row in enumerate(rows):
        therapist_id, found = str(scorer.therapist_ids[row]), roster.find_pair(0, row)
        position = 0 if found is None else int(roster.rank[found])
        candidate = candidates[position - 1] if position else None
        points, low, high = map(round_points, to_points(estimates[number]))
        compared.append(
            ComparedTherapist(
                therapist_id,
                position,
                band=0 if found is None else int(roster.band[found]),
                score=points,
                low=low,
                high=high,
                wishes_met=sum(wish.answer == "met" for wish in check_wishes(wishes, row)),
                wishes_stated=len(wishes),
                better=None if number == best[0] else float(better[number]),
                has_met=therapist_id in scorer.met_therapists.get(client_id, ()),
                rules=builder.explain_exclusion(row),
                reasons=() if candidate is None else candidate.reasons,
                caution=None if candidate is None else candidate.caution,
                facts=builder.read_facts(row),
            )
        )
    return tuple(compared)


def _list_wish_rows(sides: Sides, client: int, rows: Sequence[int]) -> Iterator[ComparisonRow]:
    """Yield one row for each wish, the binding ones first as in the table of wishes."""
    wishes = sides.build_wish_table().list_client_wishes(client)
    answers = [check_wishes(wishes, row) for row in rows]
    for number, (strength, attribute, value, _) in enumerate(wishes):
        cells = tuple(
            ComparisonCell(read_cell(sides, "therapist", attribute, row), of_therapist[number].answer)
            for row, of_therapist in zip(rows, answers, strict=True)
        )
        yield ComparisonRow("wishes", attribute, strength, value, cells)


def _list_fact_rows(
    sides: Sides, client: int, rows: Sequence[int], therapists: Sequence[ComparedTherapist]
) -> Iterator[ComparisonRow]:
    """Yield the facts: codes in common, problems, style, the therapist's experience, openings, day of the check."""
    for client_column, therapist_column in SHARED_COLUMNS:
        wants = read_cell(sides, "client", client_column, client)
        if wants is not None:
            offered = [read_cell(sides, "therapist", therapist_column, row) for row in rows]
            yield ComparisonRow(
                "facts", client_column, "", wants, tuple(_compare_codes(wants, cell) for cell in offered)
            )
    problems = read_cell(sides, "client", SPECIALTIES[0], client)
    if problems is not None:
        cells = tuple(ComparisonCell(one.facts.problems_in_common) for one in therapists)
        yield ComparisonRow("facts", SPECIALTIES[0], "", problems, cells)
    for styles in zip(*(one.facts.styles for one in therapists), strict=True):
        if styles[0].client is not None:
            cells = tuple(ComparisonCell(style.therapist) for style in styles)
            yield ComparisonRow("facts", styles[0].name, "", styles[0].client, cells)
    for column in THERAPIST_COLUMNS:
        cells = tuple(ComparisonCell(read_cell(sides, "therapist", column, row)) for row in rows)
        if any(cell.value is not None for cell in cells):
            yield ComparisonRow("facts", column, "", None, cells)
    yield ComparisonRow("facts", "openings", "", None, tuple(ComparisonCell(one.facts.openings) for one in therapists))
    yield ComparisonRow(
        "facts", "updated_on", "", None, tuple(ComparisonCell(one.facts.checked_on) for one in therapists)
    )


def _compare_codes(wants: FieldValue, offered: FieldValue) -> ComparisonCell:
    """Compare the codes of two cells, of which one in common is enough."""
    shared = find_shared_codes(wants, offered)
    if shared is None:
        return ComparisonCell(None, "unknown")
    return ComparisonCell(shared, "met" if shared else "unmet")
