"""Preview a placement: what a coordinator's pins and refusals change, who still waits and why, and other policies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, astuple, dataclass
from typing import TYPE_CHECKING, Any, Literal

from attune_fit.matching.assignment.assign import assign
from attune_fit.matching.assignment.constraints import AssignmentConstraints, IdPair
from attune_fit.matching.assignment.policies import POLICIES

if TYPE_CHECKING:
    from attune_fit.matching.assignment.assignment_result import AssignedPair, Assignment, AssignmentTotals
    from attune_fit.matching.ranking.scored_roster import RosterScorer

ChangeCause = Literal["pinned", "refused", "opening-taken", "other"]


@dataclass(frozen=True)
class PlacementChange:
    """A client whose therapist differs from the placement without pins and refusals.

    Attributes
    ----------
    client_id : str
    before, after : AssignedPair or None
        None where the client waits.
    cause : {"pinned", "refused", "opening-taken", "other"}
        ``refused``: the therapist of before was refused. ``opening-taken``: other clients got that opening.
    taken_by : tuple of str
        Ids of the clients who have the earlier therapist now, and had another one or none before; sorted.
    """

    client_id: str
    before: AssignedPair | None
    after: AssignedPair | None
    cause: ChangeCause
    taken_by: tuple[str, ...] = ()


@dataclass(frozen=True)
class WaitingGroup:
    """Clients who still wait for the same reason.

    Attributes
    ----------
    why : str
        The reason, as a sentence.
    changes : tuple of str
        Changes of which any one would place one of these clients, each as the end of a sentence.
    client_ids : tuple of str
        The longest wait first.
    """

    why: str
    changes: tuple[str, ...]
    client_ids: tuple[str, ...]


@dataclass(frozen=True)
class PlacementPreview:
    """A placement of which no offer was made yet.

    Attributes
    ----------
    placement : Assignment
    placed : tuple of AssignedPair
        Those of ``placement``, the longest wait first; an unknown wait comes last.
    before : AssignmentTotals
        Of the same policy without pins and refusals.
    changes : tuple of PlacementChange
        Against that placement: pinned and refused clients first, then by id.
    waiting : tuple of WaitingGroup
        The clients without a therapist, the largest group first.
    policies : dict of str to AssignmentTotals
        Totals of every policy with these pins and refusals, in the order of :data:`POLICIES`.
    constraints : AssignmentConstraints
        With which ``placement`` was made.
    """

    placement: Assignment
    placed: tuple[AssignedPair, ...]
    before: AssignmentTotals
    changes: tuple[PlacementChange, ...]
    waiting: tuple[WaitingGroup, ...]
    policies: Mapping[str, AssignmentTotals]
    constraints: AssignmentConstraints

    @property
    def moved(self) -> int:
        """Number of clients who have a therapist in both placements, and not the same."""
        return sum(change.before is not None and change.after is not None for change in self.changes)

    @property
    def lost(self) -> int:
        """Number of clients who have no therapist because of the pins and refusals."""
        return sum(change.after is None for change in self.changes)

    def to_dict(self) -> dict[str, Any]:
        """Return the placement as :meth:`Assignment.to_dict` does, with what changes, in the plain types of JSON."""
        return {
            **self.placement.to_dict(),
            "before": asdict(self.before),
            "changes": [asdict(change) for change in self.changes],
            "waiting_groups": [asdict(group) for group in self.waiting],
            "policies": {name: asdict(totals) for name, totals in self.policies.items()},
        }


def preview_placement(
    scorer: RosterScorer, policy: str, pinned: Sequence[IdPair], refused: Sequence[IdPair], *, keep: bool
) -> PlacementPreview:
    """Place the waiting list with pins and refusals, and compare it with the placement without them.

    Parameters
    ----------
    scorer, policy, pinned, refused
        As for :func:`assign`.
    keep : bool
        Whether to move as few clients as possible from the placement without pins and refusals.

    Returns
    -------
    PlacementPreview

    Raises
    ------
    DataFault
        As :func:`assign`.
    """
    before = assign(scorer, [policy])[0]
    kept = {pair.client_id: pair.therapist_id for pair in before.placed} if keep and (pinned or refused) else {}
    constraints = AssignmentConstraints(pinned, refused, kept)
    after = assign(scorer, [policy], constraints)[0] if pinned or refused else before
    others = assign(scorer, [row.name for row in POLICIES], AssignmentConstraints(pinned, refused))
    policies = {one.policy: one.totals for one in others} | {policy: after.totals}
    return PlacementPreview(
        placement=after,
        placed=tuple(sorted(after.placed, key=_sort_by_wait)),
        before=before.totals,
        changes=tuple(sorted(_iterate_changes(before, after, pinned, refused), key=_sort_by_cause)),
        waiting=_group_waiting(after),
        policies={row.name: policies[row.name] for row in POLICIES},
        constraints=constraints,
    )


def _sort_by_wait(pair: AssignedPair) -> tuple[bool, float, str]:
    return pair.weeks is None, -(pair.weeks or 0), pair.client_id


def _sort_by_cause(change: PlacementChange) -> tuple[bool, str]:
    return change.cause not in ("pinned", "refused"), change.client_id


def _iterate_changes(
    before: Assignment, after: Assignment, pinned: Sequence[IdPair], refused: Sequence[IdPair]
) -> Iterator[PlacementChange]:
    """Yield the clients whose therapist differs."""
    earlier, later = ({pair.client_id: pair for pair in one.placed} for one in (before, after))
    ids_before, ids_after = ({(pair.client_id, pair.therapist_id) for pair in one.placed} for one in (before, after))
    newcomers: dict[str, list[str]] = {}
    for client_id, therapist_id in sorted(ids_after - ids_before):
        newcomers.setdefault(therapist_id, []).append(client_id)
    for client_id in sorted({client for client, _ in ids_before ^ ids_after}):
        old, new = earlier.get(client_id), later.get(client_id)
        pairs = [(client_id, pair.therapist_id) for pair in (old, new) if pair is not None]
        taken_by = tuple(newcomers.get(old.therapist_id, ())) if old is not None else ()
        cause: ChangeCause = "opening-taken" if taken_by else "other"
        cause = "refused" if any(pair in refused for pair in pairs) else cause
        cause = "pinned" if any(pair in pinned for pair in pairs) else cause
        yield PlacementChange(client_id, old, new, cause, taken_by)


def _group_waiting(placement: Assignment) -> tuple[WaitingGroup, ...]:
    """Return the clients without a therapist by reason, the largest group first."""
    groups: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for client in placement.unplaced:
        texts = tuple(astuple(change)[0] for change in client.changes)  # whatever the therapists for whom each works
        groups.setdefault((client.why, texts), []).append(client.client_id)
    found = [WaitingGroup(why, changes, tuple(ids)) for (why, changes), ids in groups.items()]
    return tuple(sorted(found, key=lambda group: -len(group.client_ids)))
