"""Explain why a therapist is not on a client's list, or not higher: rules with their inputs, or a comparison."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from attune_fit.data.clinic.offer_texts import describe_hold
from attune_fit.data.outcomes.openings import OPEN_SLOTS
from attune_fit.matching.explaining.therapist_comparison import TherapistComparison, compare_therapists
from attune_fit.matching.ranking.rank import find_row
from attune_fit.matching.ranking.ranking_builder import RankingBuilder
from attune_fit.matching.ranking.ranking_result import ExclusionReason
from attune_fit.matching.ranking.scored_roster import RosterScorer, ScoredRoster
from attune_fit.matching.relaxation.blockers import STATE_PASSED, ClientBlockers
from attune_fit.matching.relaxation.proposed_change import TableChange, join_alternatives, list_changes
from attune_fit.matching.relaxation.relaxations import select_relaxations


@dataclass(frozen=True)
class RuleInput:
    """One input of a rule: its place as ``table.column``, and the cell as text, empty where missing."""

    place: str
    says: str


@dataclass(frozen=True)
class ExclusionDetail:
    """One rule that excludes the therapist.

    Attributes
    ----------
    broken : ExclusionReason
        The rule, why it excludes, and what would end it.
    facts : tuple of RuleInput
        The cells that the rule reads.
    limit : str
        The setting that the rule uses, such as ``roster_stale_days = 180``; empty for most rules.
    lifted_by : tuple of str
        Changes, each of which removes an obstacle; one for each wish if several `must` or `never` wishes block. Empty
        where no change is possible.
    """

    broken: ExclusionReason
    facts: tuple[RuleInput, ...]
    limit: str
    lifted_by: tuple[str, ...]


@dataclass(frozen=True)
class WhyNotResult:
    """Why a therapist is excluded, or has this rank.

    Attributes
    ----------
    client_id, therapist_id, verdict, instrument, as_of : str
    checked_on : str
        Date of the last check of the therapist's row, ISO; empty where unknown.
    checked_days : int or None
        Days from that check to ``as_of``; None where unknown.
    position, band : int
        Rank and band on the client's list; 0 where excluded.
    candidates : int
        Number of candidates of the client.
    grounds : tuple of ExclusionDetail
        Every rule that excludes the therapist; empty for a candidate.
    versus : TherapistComparison or None
        Comparison with the candidate one rank higher, or with the named therapist; None without either.
    """

    client_id: str
    therapist_id: str
    verdict: str
    instrument: str
    as_of: str
    checked_on: str
    checked_days: int | None
    position: int
    band: int
    candidates: int
    grounds: tuple[ExclusionDetail, ...]
    versus: TherapistComparison | None

    def to_dict(self) -> dict[str, Any]:
        """Return the result as plain types, as in JSON."""
        return asdict(self)


def explain_why_not(
    scorer: RosterScorer, client_id: str, therapist_id: str, against: str | None = None
) -> WhyNotResult:
    """Explain why a therapist is excluded, or ranks below another.

    Parameters
    ----------
    scorer : RosterScorer
    client_id, therapist_id : str
    against : str, optional
        Id of the therapist to compare with. When None, the candidate one rank higher; no comparison for a therapist
        who is excluded or first.

    Raises
    ------
    DataFault
        If no client or therapist has the id.
    """
    tables = scorer.tables
    client, column = find_row(tables, "clients", client_id), find_row(tables, "therapists", therapist_id)
    other = None if against is None else find_row(tables, "therapists", against)
    roster = scorer.score_clients(np.array([client], dtype=np.intp))
    found, listed = roster.find_pair(0, column), roster.list_candidates(0)
    position, band = (0, 0) if found is None else (int(roster.rank[found]), int(roster.band[found]))
    if other is None and position > 1:
        other = int(roster.pairs.therapist_rows[listed[position - 2]])
    updated_on = tables.therapists["updated_on"].iloc[column]
    return WhyNotResult(
        client_id=client_id,
        therapist_id=therapist_id,
        verdict=scorer.model.verdict.sentence,
        instrument=scorer.instrument.name,
        as_of=tables.as_of.isoformat(),
        checked_on="" if pd.isna(updated_on) else updated_on.date().isoformat(),
        checked_days=None if pd.isna(updated_on) else (tables.as_of - updated_on.date()).days,
        position=position,
        band=band,
        candidates=len(listed),
        grounds=() if position else _build_exclusion_details(scorer, roster, client, column),
        versus=None if other is None or other == column else compare_therapists(scorer, roster, column, other),
    )


def _build_exclusion_details(
    scorer: RosterScorer, roster: ScoredRoster, client: int, column: int
) -> tuple[ExclusionDetail, ...]:
    """List each rule that excludes the therapist, with the cells it reads and the changes that help."""
    settings, rules = scorer.clinic.config.settings, {rule.name: rule for rule in scorer.rules}
    changes = _find_lifting_changes(scorer, client, column)
    details = []
    for reason in RankingBuilder(scorer, roster).explain_exclusion(column):
        rule = rules[reason.rule]
        limit = ", ".join(f"{name} = {getattr(settings, name)}" for name in rule.settings)
        inputs = _read_rule_inputs(scorer, rule.input_columns, reason, client, column)
        details.append(ExclusionDetail(reason, inputs, limit, changes[reason.rule]))
    return tuple(details)


def _read_rule_inputs(
    scorer: RosterScorer, input_columns: Sequence[str], reason: ExclusionReason, client: int, column: int
) -> tuple[RuleInput, ...]:
    """Read the cells behind a rule; for a rule about wishes, the therapist's cells that the wishes are about."""
    rows = {"clients": client, "therapists": column}
    notes = {f"therapists.{OPEN_SLOTS}": _describe_use(scorer, column)}
    places = list(input_columns)
    if input_columns == ("preferences.strength",):
        wishes = scorer.sides.build_wish_table().list_client_wishes(client)
        attributes = [attribute for strength, attribute, *_ in wishes if strength == reason.rule]
        places = [f"therapists.{attribute}" for attribute in dict.fromkeys(attributes)]
    parsed = [(place, *place.split(".")) for place in places]
    return tuple(
        RuleInput(place, _format_cell(getattr(scorer.tables, table)[name].iloc[rows[table]]) + notes.get(place, ""))
        for place, table, name in parsed
        if table in rows
    )


def _describe_use(scorer: RosterScorer, column: int) -> str:
    """Return which openings of a therapist are used or held, and for whom, in brackets; empty where none is."""
    therapist_id = str(scorer.tables.therapists["therapist_id"].iloc[column])
    use = scorer.opening_uses.get(therapist_id)
    if not use:
        return ""
    offers = [offer for offer in scorer.tables.pair_states.offers if offer.therapist_id == therapist_id]
    return f" ({'; '.join([str(use), *map(describe_hold, offers if use.held else ())])})"


def _format_cell(cell: Any) -> str:
    """Format a cell as text; empty where missing."""
    if pd.isna(cell):
        return ""
    if isinstance(cell, pd.Timestamp):
        return cell.date().isoformat()
    return f"{cell:g}" if isinstance(cell, float) else str(cell).replace("|", ", ")


def _find_lifting_changes(scorer: RosterScorer, client: int, column: int) -> dict[str, tuple[str, ...]]:
    """Find, for each rule, the changes that remove one of its obstacles and add none to any rule."""
    changes = list_changes(select_relaxations(scorer.clinic.config), scorer.tables, client)
    blockers = ClientBlockers.from_rules(scorer.tables, scorer.rules, client).select_therapist(column)
    states, current = blockers.apply_each(changes), blockers.state
    is_removed, is_worse = (current != STATE_PASSED) & (states == STATE_PASSED), states > current
    helps = np.asarray(is_removed.any(axis=(1, 2)) & ~is_worse.any(axis=(1, 2)))
    kinds: dict[tuple[str, ...], list[TableChange]] = {}
    for change, is_helpful in zip(changes, helps.tolist(), strict=True):
        if is_helpful:
            kinds.setdefault(change.kind, []).append(change)
    return {
        rule.name: tuple(
            join_alternatives(same_kind).description for kind, same_kind in kinds.items() if kind[1] == rule.name
        )
        for rule in scorer.rules
    }
