"""What an assignment says: plain, frozen records that turn into JSON and CSV; ids and counts, no cell of a table."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd


@dataclass(frozen=True)
class AssignedPair:
    """A client with a therapist.

    Attributes
    ----------
    client_id, therapist_id : str
    score, low, high : float
        Expected early alliance and the interval for one rating, in the assignment's instrument points.
    place : int
        Where the therapist stands on the client's own list, were there room with everyone; 1 is the first.
    candidates : int
        How many therapists are on that list.
    honoured, stated : int
        Wishes the therapist is known to honour, of those the client states.
    weeks : float or None
        Time waited; None where nobody knows when the client was referred.
    pinned, moved : bool
        The coordinator's own decision; with another therapist than in the placement that was to be kept.
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


@dataclass(frozen=True)
class RequiredChange:
    """A change that would place a client, all others staying where they are.

    ``says`` is the end of a sentence, all of which is needed; ``therapists`` are those with any one of whom it would.
    """

    says: str
    therapists: tuple[str, ...]


@dataclass(frozen=True)
class UnassignedClient:
    """A client who still waits.

    Attributes
    ----------
    client_id : str
    why : str
        A sentence.
    changes : tuple of Change
        The smallest that would place this client, each alone; the one most therapists share comes first.
    candidates : int
        How many therapists are on the client's list, room left aside.
    weeks : float or None
        Time waited; None where unknown.
    lost : bool
        Had a therapist in the placement that was to be kept.
    """

    client_id: str
    why: str
    changes: tuple[RequiredChange, ...]
    candidates: int
    weeks: float | None
    lost: bool


@dataclass(frozen=True)
class AssignmentTotals:
    """What an assignment adds up to, so that policies can be compared; a mean over nobody is None.

    Attributes
    ----------
    waiting, placed, openings : int
        Clients, clients placed, and room there was.
    total, expected, worst : float or None
        Sum, mean and lowest of the expected early alliance of those placed, points.
    gain : float or None
        Mean of what is expected beyond the average of the client's own list, points: what choosing adds to lots.
    honoured, stated : int
        Wishes of those placed.
    first : int
        Placed with the first of their own list.
    weeks : float or None
        Mean time those placed have waited.
    longest : float or None
        Longest time of those who still wait.
    therapists, load : int
        Therapists who get somebody, and the most that one of them gets.
    moved, lost : int
        Clients who are with another therapist than before, and who had one and have none now.
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


@dataclass(frozen=True)
class Assignment:
    """Everyone who waits: placed, or not and why.

    Attributes
    ----------
    policy, verdict, instrument, as_of : str
        The policy's name; the rest as in :class:`Ranking`.
    placed : tuple of Placement
    unplaced : tuple of Unplaced
    totals : Totals
    notes : tuple of str
        What was assumed where the tables do not say.
    interval : float
        Probability the intervals are meant to hold.
    seed : int
        Decided between what was equally good.
    data, bundle, rules : str
        Digests of the tables, the model, and what ``clinic.toml`` says of rankings, of who waits and of placing. The
        same three give the same assignment by the same policy and seed, where the same was asked.
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

    def to_json(self) -> str:
        """One line, always the same for the same assignment; no NaN."""
        return json.dumps(asdict(self), allow_nan=False, ensure_ascii=False)

    def to_dict(self) -> dict[str, Any]:
        """Plain types only, as JSON has them."""
        plain: dict[str, Any] = json.loads(self.to_json())
        return plain

    def to_frame(self) -> pd.DataFrame:
        """One row for each client, those placed first; ``status`` is ``placed`` or ``waits``."""
        placed = [{"status": "placed", **asdict(one)} for one in self.placed]
        waits = [
            {
                "status": "waits",
                **asdict(one),
                "changes": "; ".join(f"{change.says} ({', '.join(change.therapists)})" for change in one.changes),
            }
            for one in self.unplaced
        ]
        columns = ["client_id", "status", *AssignedPair.__annotations__, *UnassignedClient.__annotations__]
        rows = pd.DataFrame([*placed, *waits], columns=list(dict.fromkeys(columns)))
        return rows.astype(dict.fromkeys(("place", "candidates", "honoured", "stated"), "Int64"))
