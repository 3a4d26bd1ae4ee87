"""Audit log under ``artifacts`` of every ranking and assignment shown, so that each can be recomputed exactly."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from attune_fit.data.clinic.tables import is_current_digest
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
INPUT_NAMES = {
    "data": "the tables",
    "bundle": "the model",
    "policy": "rules, features or settings",
}
RANKING_FUNCTIONS: Mapping[str, Callable[..., Ranking]] = {
    "rank": rank,
    "rematch": lambda *arguments: rematch(*arguments).ranking,
}


@dataclass(frozen=True)
class RankingLogEntry:
    """One line of the ranking log. It holds only ids and digests.

    Attributes
    ----------
    when : str
        Time of the ranking, UTC, ISO.
    client_id : str
    data, bundle, policy : str
        Digests of the tables, the model, and the rules and settings.
    seed : int
    shown : tuple of str
        Ids of the therapists in the order shown.
    result : str
        SHA-256 of the JSON of the whole ranking.
    kind : str
        The function of :data:`RANKING_FUNCTIONS` that computed the ranking.
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
    """Append one line for each ranking to the log.

    Parameters
    ----------
    clinic : Clinic
    rankings : sequence of Ranking
        In the order shown.
    shown : int, optional
        How many candidates of each were shown; the ranking's own shortlist when None.
    now : datetime, optional
        The current time when None.
    kind : str
        The function of :data:`RANKING_FUNCTIONS` that computed the rankings.

    Returns
    -------
    str or None
        A warning for the user if the log cannot be written; the ranking is shown even then.
    """
    when = (now or dt.datetime.now(dt.UTC)).isoformat(timespec="seconds")
    lines = [json.dumps(asdict(_build_entry(ranking, shown, when, kind))) + "\n" for ranking in rankings]
    return _append_or_warn(clinic, RANKING_LOG_FILE, lines)


def log_ranking_file(scorer: RosterScorer, path: Path, rows: int, now: dt.datetime | None = None) -> str | None:
    """Append one line for a file of rankings: its digest and those of its inputs. Returns as :func:`log_rankings`."""
    with path.open("rb") as file:
        result = hashlib.file_digest(file, "sha256").hexdigest()
    entry = {
        "when": (now or dt.datetime.now(dt.UTC)).isoformat(timespec="seconds"),
        "file": path.name,
        "rows": rows,
        "data": scorer.data_digest,
        "bundle": scorer.bundle_name,
        "policy": scorer.policy_digest,
        "seed": scorer.seed,
        "result": result,
    }
    return _append_or_warn(scorer.clinic, RANKING_LOG_FILE, [json.dumps(entry) + "\n"])


def log_assignment(
    clinic: Clinic, assignment: Assignment, constraints: AssignmentConstraints, now: dt.datetime | None = None
) -> str | None:
    """Append one line for an assignment: its pairs and the digests of its inputs. Returns as :func:`log_rankings`."""
    entry = {
        "when": (now or dt.datetime.now(dt.UTC)).isoformat(timespec="seconds"),
        **{name: getattr(assignment, name) for name in ("policy", "data", "bundle", "rules", "seed")},
        "asked": asdict(constraints),
        "placed": {pair.client_id: pair.therapist_id for pair in assignment.placed},
        "result": hashlib.sha256(assignment.to_json().encode()).hexdigest(),
    }
    return _append_or_warn(clinic, ASSIGNMENT_LOG_FILE, [json.dumps(entry) + "\n"])


def read_ranking_log(clinic: Clinic) -> list[RankingLogEntry]:
    """Read the rankings in the log, oldest first. Skips lines of files, and lines cut off by an interruption."""
    path = clinic.artifacts / RANKING_LOG_FILE
    entries = []
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else []:
        try:
            fields = json.loads(line)
            entries.append(RankingLogEntry(**{**fields, "shown": tuple(fields["shown"])}))
        except (ValueError, TypeError, KeyError):
            continue
    return entries


def recompute_ranking(entry: RankingLogEntry, model: AllianceModel, clinic: Clinic, tables: Tables) -> Ranking:
    """Recompute the ranking of a log entry, and check that it is the ranking that was shown.

    Raises
    ------
    DataFault
        If the tables, the model or the policy have changed, if the same inputs give a different result, or if
        another version of Attune logged the entry, whose digests of tables cannot be compared with those of this one.
    """
    if not is_current_digest(entry.data):
        message = f"another version of Attune logged the ranking of {entry.when}, so its digests cannot be compared"
        fix = (
            "Recompute it with the version of Attune that was in use then; this is no sign that anyone changed the log."
        )
        raise DataFault.error(RANKING_LOG_FILE, "", message, fix=fix)
    ranking = RANKING_FUNCTIONS[entry.kind](model, clinic, tables, entry.client_id, entry.seed)
    changed = [name for key, name in INPUT_NAMES.items() if getattr(ranking, key) != getattr(entry, key)]
    if changed:
        message = f"cannot recompute the ranking of {entry.when}; changed since then: {', '.join(changed)}"
        raise DataFault.error(RANKING_LOG_FILE, "", message, fix="Restore the inputs of that time, then try again.")
    if compute_ranking_digest(ranking) != entry.result:
        message = f"the ranking of {entry.when} gives a different result from the same inputs"
        fix = "Check whether another version of Attune, or another machine, computed it."
        raise DataFault.error(RANKING_LOG_FILE, "", message, fix=fix)
    return ranking


def compute_ranking_digest(ranking: Ranking) -> str:
    """Return the SHA-256 of the JSON of a ranking."""
    return hashlib.sha256(ranking.to_json().encode()).hexdigest()


def _append_or_warn(clinic: Clinic, file: str, lines: Sequence[str]) -> str | None:
    """Append the lines; return a warning if the file cannot be written."""
    try:
        if lines:
            _append(clinic.artifacts / file, "".join(lines).encode())
    except OSError as error:
        reason = error.strerror or "it cannot be written"
        return f"Not logged: artifacts/{file}: {reason}. The result is valid, but the log does not contain it."
    return None


def _build_entry(ranking: Ranking, shown: int | None, when: str, kind: str) -> RankingLogEntry:
    candidates = ranking.candidates[: shown or ranking.shortlist]
    return RankingLogEntry(
        when,
        ranking.client_id,
        ranking.data,
        ranking.bundle,
        ranking.policy,
        ranking.seed,
        tuple(candidate.therapist_id for candidate in candidates),
        compute_ranking_digest(ranking),
        kind,
    )


def _append(path: Path, lines: bytes) -> None:
    """Append in one write; a line that an interruption cut off is ended first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab+") as file:
        if file.tell():
            file.seek(-1, os.SEEK_END)
            lines = lines if file.read(1) == b"\n" else b"\n" + lines
        file.write(lines)
