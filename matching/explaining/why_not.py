"""Why a therapist is not on a client's list, or not higher up: the rules with what they read, the sum part by part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from attune_fit.matching.explaining.therapist_comparison import TherapistComparison, compare_therapists
from attune_fit.matching.ranking.rank import find_row
from attune_fit.matching.ranking.ranking_builder import RankingBuilder
from attune_fit.matching.ranking.ranking_result import ExclusionReason
from attune_fit.matching.ranking.scored_roster import RosterScorer, ScoredRoster
from attune_fit.matching.relaxation.blockers import STATE_PASSED, ClientBlockers
from attune_fit.matching.relaxation.change import TableChange, describe_alternatives, list_changes
from attune_fit.matching.relaxation.relaxations import select_relaxations

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.tables import Tables
    from attune_fit.models.alliance_model import AllianceModel

ROSTER_CHECK_COLUMN = "therapists.updated_on"


@dataclass(frozen=True)
class RuleInput:
    """What the tables say in one place: ``table.column``, and the cell as text, empty where unknown."""

    place: str
    says: str


@dataclass(frozen=True)
class ExclusionDetail:
    """One rule that leaves the therapist out.

    Attributes
    ----------
    broken : Broken
        The rule, why, and what would lift it.
    facts : tuple of Fact
        The cells it read.
    limit : str
        The limit a setting puts, such as ``roster_stale_days = 180``; empty for most rules.
    lifted_by : tuple of str
        Changes each of which lifts it; of a `must` or `never` with several wishes in the way, one for each wish. Empty
        where nobody can lift it.
    """

    broken: ExclusionReason
    facts: tuple[RuleInput, ...]
    limit: str
    lifted_by: tuple[str, ...]


@dataclass(frozen=True)
class WhyNotResult:
    """Why a therapist stands where they stand.

    Attributes
    ----------
    client_id, therapist_id, verdict, instrument, as_of : str
    checked_on : str
        When the therapist's row was last checked, ISO; empty where unknown.
    checked_days : int or None
        How many days before ``as_of`` that was.
    position, band : int
        On the client's list; 0 where left out.
    candidates : int
        How many there are.
    grounds : tuple of Ground
        Every rule that leaves the therapist out; empty for a candidate.
    versus : Versus or None
        Against the one above, or whoever was named; None where there is nobody to compare with.
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
        """Plain types only, as JSON has them."""
        return asdict(self)


def explain_why_not(
    model: AllianceModel, clinic: Clinic, tables: Tables, client_id: str, therapist_id: str, against: str | None = None
) -> WhyNotResult:
    """Say why a therapist is not offered, or not offered before another.

    Parameters
    ----------
    model : AllianceModel
    clinic : Clinic
    tables : Tables
    client_id, therapist_id : str
    against : str, optional
        Whom to compare with; the one above on the list when None, and nobody for a therapist who is left out or first.

    Raises
    ------
    DataFault
        If there is no such client or therapist.
    """
    desk = RosterScorer.from_clinic(model, clinic, tables)
    client, column = find_row(tables, "clients", client_id), find_row(tables, "therapists", therapist_id)
    other = None if against is None else find_row(tables, "therapists", against)
    board = desk.score_clients(np.array([client], dtype=np.intp))
    position = int(board.positions.rank[0, column])
    if other is None and position > 1:
        other = int(board.positions.order[0, position - 2])
    checked = tables.therapists["updated_on"].iloc[column]
    return WhyNotResult(
        client_id=client_id,
        therapist_id=therapist_id,
        verdict=model.verdict.sentence,
        instrument=desk.instrument.name,
        as_of=tables.as_of.isoformat(),
        checked_on="" if pd.isna(checked) else checked.date().isoformat(),
        checked_days=None if pd.isna(checked) else (tables.as_of - checked.date()).days,
        position=position,
        band=int(board.positions.band[0, column]),
        candidates=int(board.eligibility.is_eligible.sum()),
        grounds=() if position else _build_exclusion_details(desk, board, client, column),
        versus=None if other is None or other == column else compare_therapists(desk, board, column, other),
    )


def _build_exclusion_details(
    desk: RosterScorer, board: ScoredRoster, client: int, column: int
) -> tuple[ExclusionDetail, ...]:
    """Each rule that leaves out, with the cells it read."""
    settings, rules = desk.clinic.config.settings, {rule.name: rule for rule in desk.rules}
    lifted = _find_lifting_changes(desk, client, column)
    found = []
    for broken in RankingBuilder.from_scored_roster(desk, board).build_exclusion((0, column)).rules:
        rule = rules[broken.rule]
        limit = ", ".join(f"{name} = {getattr(settings, name)}" for name in rule.settings)
        found.append(
            ExclusionDetail(
                broken, _read_rule_inputs(desk, rule.input_columns, broken, client, column), limit, lifted[broken.rule]
            )
        )
    return tuple(found)


def _read_rule_inputs(
    desk: RosterScorer, reads: Sequence[str], broken: ExclusionReason, client: int, column: int
) -> tuple[RuleInput, ...]:
    """The cells behind a rule; of wishes, the therapist's cells they are about."""
    rows = {"clients": client, "therapists": column}
    places = list(reads)
    if reads == ("preferences.strength",):
        wishes = desk.sides.build_wish_table().list_client_wishes(client)
        wanted = [attribute for strength, attribute, *_ in wishes if strength == broken.rule]
        places = [f"therapists.{attribute}" for attribute in dict.fromkeys(wanted)]
    split = [(place, *place.split(".")) for place in places]
    return tuple(
        RuleInput(place, _format_cell(getattr(desk.tables, table)[name].iloc[rows[table]]))
        for place, table, name in split
        if table in rows
    )


def _format_cell(cell: Any) -> str:
    """A cell as it is read."""
    if pd.isna(cell):
        return ""
    if isinstance(cell, pd.Timestamp):
        return cell.date().isoformat()
    return f"{cell:g}" if isinstance(cell, float) else str(cell).replace("|", ", ")


def _find_lifting_changes(desk: RosterScorer, client: int, column: int) -> dict[str, tuple[str, ...]]:
    """For each rule, the changes that take one of its obstacles away and put none in the way."""
    changes = list_changes(select_relaxations(desk.clinic.config), desk.tables, client)
    obstacles = ClientBlockers.from_rules(desk.tables, desk.rules, client).select_therapist(column)
    states, now = obstacles.apply_each(changes), obstacles.state
    lifted, hindered = (now != STATE_PASSED) & (states == STATE_PASSED), states > now
    helps = np.asarray(lifted.any(axis=(1, 2)) & ~hindered.any(axis=(1, 2)))
    kinds: dict[tuple[str, ...], list[TableChange]] = {}
    for change, useful in zip(changes, helps.tolist(), strict=True):
        if useful:
            kinds.setdefault(change.kind, []).append(change)
    return {
        rule.name: tuple(describe_alternatives(some) for kind, some in kinds.items() if kind[1] == rule.name)
        for rule in desk.rules
    }
