"""Results of an assignment: frozen records of ids and counts, for JSON and CSV; no cell of a table is in them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from attune_fit.matching.assignment.record_json import encode_record

if TYPE_CHECKING:
    import pandas as pd

LATER_COLUMNS = (
    "kept",
    "available",
    "taken",
)  # added to the table later: at its end, where programs expect new columns


@dataclass(frozen=True)
class AssignedPair:
    """A client assigned to a therapist.

    Attributes
    ----------
    client_id, therapist_id : str
    score, low, high : float
        Expected early alliance and the interval for one rating, in points of the assignment's instrument.
    place : int
        Rank of the therapist on the client's own list, as a ranking shows it before any client is assigned; 1 is the
        first. A therapist whom only the capacity rule keeps off the list has a rank after its last one.
    candidates : int
        Number of therapists who fit the client, full ones included.
    honoured, stated : int
        Number of the client's wishes that the therapist is known to honour, and that the client states.
    weeks : float or None
        Weeks waited; None where the referral date is unknown.
    pinned : bool
        Whether the coordinator pinned this pair.
    moved : bool
        Whether the client had another therapist in the previous assignment.
    kept : bool
        Whether the client had the same therapist in the previous assignment.
    available : int
        Number of therapists on the client's list, as a ranking counts them.
    """

    client_id: str
    therapist_id: str
    score: float
    low: float
    high: float
    place: int
    candidates: int
    honoured: int
    stated: int
    weeks: float | None
    pinned: bool
    moved: bool
    kept: bool = False
    available: int = 0


@dataclass(frozen=True)
class RequiredChange:
    """A change that would assign one client while all other clients keep their therapists.

    Attributes
    ----------
    says : str
        The change as the end of a sentence; every part of it is needed.
    therapists : tuple of str
        Ids of the therapists for whom the change works; any one of them is enough.
    """

    says: str
    therapists: tuple[str, ...]


@dataclass(frozen=True)
class TakenOpening:
    """A therapist who fits an unassigned client, and the clients who got this therapist's openings.

    Attributes
    ----------
    therapist_id : str
    client_ids : tuple of str
        Sorted.
    """

    therapist_id: str
    client_ids: tuple[str, ...]


@dataclass(frozen=True)
class UnassignedClient:
    """A client without a therapist.

    Attributes
    ----------
    client_id : str
    why : str
        The reason, as a sentence.
    changes : tuple of RequiredChange
        The smallest changes that would assign this client. One of them is enough. The one that works for most
        therapists comes first.
    candidates : int
        As in :class:`AssignedPair`.
    weeks : float or None
        Weeks waited; None where the referral date is unknown.
    lost : bool
        Whether the client had a therapist in the previous assignment.
    available : int
        As in :class:`AssignedPair`.
    taken : tuple of TakenOpening
        The available therapists, in the order of the client's own list, and who got their openings. Refused
        therapists are left out.
    """

    client_id: str
    why: str
    changes: tuple[RequiredChange, ...]
    candidates: int
    weeks: float | None
    lost: bool
    available: int = 0
    taken: tuple[TakenOpening, ...] = ()


@dataclass(frozen=True)
class AssignmentTotals:
    """Totals of an assignment, to compare policies; a mean over no client is None.

    Attributes
    ----------
    waiting, placed, openings : int
        Waiting clients, assigned clients, and open slots.
    total, expected, worst : float or None
        Sum, mean and minimum of the expected early alliance of the assigned clients, in points.
    gain : float or None
        Mean expected alliance above the average of the client's own list, in points: the gain over a random choice.
    honoured, stated : int
        Wishes of the assigned clients: known to be honoured, and stated.
    first : int
        Clients assigned to the first therapist of their own list.
    weeks : float or None
        Mean weeks waited by the assigned clients.
    longest : float or None
        Longest wait of the unassigned clients, in weeks.
    therapists, load : int
        Therapists who get at least one client, and the most clients that one of them gets.
    moved, lost, kept : int
        Clients of the previous assignment who change therapist, who have no therapist now, and who keep theirs.
    """

    waiting: int
    placed: int
    openings: int
    total: float | None
    expected: float | None
    worst: float | None
    gain: float | None
    honoured: int
    stated: int
    first: int
    weeks: float | None
    longest: float | None
    therapists: int
    load: int
    moved: int
    lost: int
    kept: int = 0


@dataclass(frozen=True)
class Assignment:
    """All waiting clients: assigned, or unassigned with the reason.

    Attributes
    ----------
    policy, verdict, instrument, as_of : str
        The policy's name; the rest as in :class:`Ranking`.
    placed : tuple of AssignedPair
        Assigned clients, sorted by client id.
    unplaced : tuple of UnassignedClient
        Unassigned clients, the longest wait first.
    totals : AssignmentTotals
    notes : tuple of str
        Assumptions made for unknown cells, and unused openings.
    interval : float
        Nominal coverage of the intervals, in (0, 1).
    seed : int
        Seed of the random tie-break.
    data, bundle, rules : str
        Digests of the tables, of the model, and of the parts of ``clinic.toml`` that decide rankings, the waiting list
        and assignments. The same three give the same assignment for the same policy, seed and constraints.
    refused : tuple of (client_id, therapist_id)
        The pairs the coordinator refused in this run.
    """

    policy: str
    verdict: str
    instrument: str
    as_of: str
    placed: tuple[AssignedPair, ...]
    unplaced: tuple[UnassignedClient, ...]
    totals: AssignmentTotals
    notes: tuple[str, ...]
    interval: float
    seed: int
    data: str
    bundle: str
    rules: str
    refused: tuple[tuple[str, str], ...] = ()

    def to_json(self) -> str:
        """Return the assignment as one line of JSON, without NaN; the same assignment always gives the same line."""
        return "".join(self.iterate_json())

    def iterate_json(self) -> Iterator[str]:
        """Yield the line of :meth:`to_json` in parts: on a long waiting list it has more than 100 megabytes."""
        return encode_record(self)

    def to_dict(self) -> dict[str, Any]:
        """Return the assignment in the plain types of JSON."""
        plain: dict[str, Any] = json.loads(self.to_json())
        return plain

    def to_frame(self) -> pd.DataFrame:
        """Return one row for each client, assigned clients first; ``status`` is ``placed`` or ``waits``."""
        import pandas as pd

        fields = dict.fromkeys(
            ["client_id", "status", *AssignedPair.__annotations__, *UnassignedClient.__annotations__]
        )
        columns = [*(name for name in fields if name not in LATER_COLUMNS), *LATER_COLUMNS]
        cells = {name: self._list_cells(name) for name in columns}
        has_rows = bool(self.placed or self.unplaced)
        rows = pd.DataFrame(cells, columns=columns, dtype=None if has_rows else object)
        return rows.astype(dict.fromkeys(("place", "candidates", "honoured", "stated", "available"), "Int64"))

    def _list_cells(self, name: str) -> list[Any]:
        """Return one column of :meth:`to_frame`; NaN where a client has no such field."""
        if name == "status":
            return ["placed"] * len(self.placed) + ["waits"] * len(self.unplaced)
        missing: Any = float("nan")
        assigned = [getattr(pair, name, missing) for pair in self.placed]
        if name == "changes":
            unassigned = [_join_changes(client.changes) for client in self.unplaced]
        elif name == "taken":
            openings = {id(one): one for client in self.unplaced for one in client.taken}
            texts = {key: _describe_opening(one) for key, one in openings.items()}  # many clients name the same ones
            unassigned = ["; ".join([texts[id(one)] for one in client.taken]) for client in self.unplaced]
        else:
            unassigned = [getattr(client, name, missing) for client in self.unplaced]
        return assigned + unassigned


def _join_changes(changes: tuple[RequiredChange, ...]) -> str:
    return "; ".join(f"{change.says} ({', '.join(change.therapists)})" for change in changes)


def _describe_opening(opening: TakenOpening) -> str:
    return f"{opening.therapist_id}: {', '.join(opening.client_ids)}"
