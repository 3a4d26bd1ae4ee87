"""Every ranking and placement shown is noted under ``artifacts``, so that it can be recomputed byte for byte."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from attune_fit.data.faults import DataFault
from attune_fit.matching.follow_up.rematch import rematch
from attune_fit.matching.ranking.rank import rank

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.tables import Tables
    from attune_fit.matching.assignment.assignment_result import Assignment
    from attune_fit.matching.assignment.constraints import AssignmentConstraints
    from attune_fit.matching.ranking.ranking_result import Ranking
    from attune_fit.matching.ranking.scored_roster import RosterScorer
    from attune_fit.models.alliance_model import AllianceModel

RANKING_LOG_FILE = "rankings.jsonl"
ASSIGNMENT_LOG_FILE = "assignments.jsonl"
CHANGED_INPUT_MESSAGES = {
    "data": "the tables have",
    "bundle": "the model has",
    "policy": "rules, features or settings have",
}
RANKING_FUNCTIONS: Mapping[str, Callable[..., Ranking]] = {
    "rank": rank,
    "rematch": lambda *asked: rematch(*asked).ranking,
}


@dataclass(frozen=True)
class RankingLogEntry:
    """One line of the log. Ids and digests only.

    Attributes
    ----------
    when : str
        UTC, ISO.
    client_id : str
    data, bundle, policy : str
        Digests of what the ranking was made from.
    seed : int
    shown : tuple of str
        Therapists in the order shown, the first place first.
    result : str
        SHA-256 of the whole ranking's JSON.
    kind : str
        Which of :data:`RANKING_FUNCTIONS` made it.
    """

    when: str
    client_id: str
    data: str
    bundle: str
    policy: str
    seed: int
    shown: tuple[str, ...]
    result: str
    kind: str = "rank"


def log_rankings(
    clinic: Clinic, rankings: Sequence[Ranking], shown: int | None = None, now: dt.datetime | None = None,
    kind: str = "rank",
) -> str | None:  # fmt: skip
    """Append one line for each ranking.

    Parameters
    ----------
    clinic : Clinic
    rankings : sequence of Ranking
        In the order shown.
    shown : int, optional
        How many candidates of each were shown; the ranking's own shortlist when None.
    now : datetime, optional
        The present moment when None.
    kind : str
        Which of :data:`RANKING_FUNCTIONS` made them.

    Returns
    -------
    str or None
        What to tell when the log cannot be written; a ranking is never withheld for it.
    """
    when = (now or dt.datetime.now(dt.UTC)).isoformat(timespec="seconds")
    lines = [json.dumps(asdict(_build_entry(one, shown, when, kind))) + "\n" for one in rankings]
    return _append_or_explain(clinic, RANKING_LOG_FILE, lines)


def log_ranking_file(desk: RosterScorer, path: Path, rows: int, now: dt.datetime | None = None) -> str | None:
    """Append one line for a file of rankings: its digest, and what it was made from. Returns as :func:`log_rankings` does."""
    with path.open("rb") as file:
        result = hashlib.file_digest(file, "sha256").hexdigest()
    said = {
        "when": (now or dt.datetime.now(dt.UTC)).isoformat(timespec="seconds"),
        "file": path.name,
        "rows": rows,
        "data": desk.data_digest,
        "bundle": desk.bundle_name,
        "policy": desk.policy_digest,
        "seed": desk.seed,
        "result": result,
    }
    return _append_or_explain(desk.clinic, RANKING_LOG_FILE, [json.dumps(said) + "\n"])


def log_assignment(
    clinic: Clinic, assignment: Assignment, asked: AssignmentConstraints, now: dt.datetime | None = None
) -> str | None:
    """Append one line for a placement: who was placed with whom, and what it was made from. Returns as :func:`log_rankings`."""
    said = {
        "when": (now or dt.datetime.now(dt.UTC)).isoformat(timespec="seconds"),
        **{name: getattr(assignment, name) for name in ("policy", "data", "bundle", "rules", "seed")},
        "asked": asdict(asked),
        "placed": {one.client_id: one.therapist_id for one in assignment.placed},
        "result": hashlib.sha256(assignment.to_json().encode()).hexdigest(),
    }
    return _append_or_explain(clinic, ASSIGNMENT_LOG_FILE, [json.dumps(said) + "\n"])


def read_ranking_log(clinic: Clinic) -> list[RankingLogEntry]:
    """Rankings in the log, oldest first; files, and a line cut short by an interruption, are passed over."""
    path = clinic.artifacts / RANKING_LOG_FILE
    found = []
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else []:
        try:
            said = json.loads(line)
            found.append(RankingLogEntry(**{**said, "shown": tuple(said["shown"])}))
        except (ValueError, TypeError, KeyError):
            continue
    return found


def recompute_ranking(entry: RankingLogEntry, model: AllianceModel, clinic: Clinic, tables: Tables) -> Ranking:
    """The ranking an entry speaks of, made anew and compared with what was shown.

    Raises
    ------
    DataFault
        If tables, model or policy are no longer the ones it was made from, or the result differs all the same.
    """
    made = RANKING_FUNCTIONS[entry.kind](model, clinic, tables, entry.client_id, entry.seed)
    changed = [what for name, what in CHANGED_INPUT_MESSAGES.items() if getattr(made, name) != getattr(entry, name)]
    if changed:
        says = f"cannot be recomputed: {' and '.join(changed)} changed since {entry.when}"
        raise DataFault.error(RANKING_LOG_FILE, "", says, fix="Bring back what it was made from.")
    if compute_ranking_digest(made) != entry.result:
        says = f"the ranking of {entry.when} comes out differently from the same inputs"
        raise DataFault.error(
            RANKING_LOG_FILE, "", says, fix="Was it made by another version of Attune, or on another machine?"
        )
    return made


def compute_ranking_digest(ranking: Ranking) -> str:
    """SHA-256 of a ranking's JSON."""
    return hashlib.sha256(ranking.to_json().encode()).hexdigest()


def _append_or_explain(clinic: Clinic, file: str, lines: Sequence[str]) -> str | None:
    """Append, or say why not."""
    try:
        if lines:
            _append(clinic.artifacts / file, "".join(lines).encode())
    except OSError as error:
        why = error.strerror or "it cannot be written"
        return f"Not logged: artifacts/{file}: {why}. The result holds, but nobody can look up later what was shown."
    return None


def _build_entry(ranking: Ranking, shown: int | None, when: str, kind: str) -> RankingLogEntry:
    seen = ranking.candidates[: shown or ranking.shortlist]
    return RankingLogEntry(
        when,
        ranking.client_id,
        ranking.data,
        ranking.bundle,
        ranking.policy,
        ranking.seed,
        tuple(candidate.therapist_id for candidate in seen),
        compute_ranking_digest(ranking),
        kind,
    )


def _append(path: Path, lines: bytes) -> None:
    """One write at the end of the file; a line that was cut short before is closed first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab+") as file:
        if file.tell():
            file.seek(-1, os.SEEK_END)
            lines = lines if file.read(1) == b"\n" else b"\n" + lines
        file.write(lines)
