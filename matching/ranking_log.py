"""Audit log under ``artifacts`` of every ranking and assignment shown, so that each can be recomputed exactly.

The log is two files, one of rankings and one of assignments. Each is sealed by a hash chain, see :mod:`sealed_log`,
and each line holds the ends of the ledger of promotions and of the journal, see :mod:`sealed_files`.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import heapq
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache, lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from attune_fit.data.faults import DataFault
from attune_fit.data.journal.journal_ends import read_journal_ends
from attune_fit.data.sealed_files import ASSIGNMENT_LOG, RANKING_LOG, SealedFile, append_sealed
from attune_fit.data.sealed_log import LogLine, read_log

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.matching.assignment.assignment_result import Assignment
    from attune_fit.matching.assignment.constraints import AssignmentConstraints
    from attune_fit.matching.ranking.ranking_result import ExclusionReason, Ranking
    from attune_fit.matching.ranking.scored_roster import RosterScorer

RANKING_LOG_FILE = RANKING_LOG.file
ASSIGNMENT_LOG_FILE = ASSIGNMENT_LOG.file
ARRAY_DIGEST_PREFIX = "2:"  # the second form of a ranking's digest
LAZY_FIELDS = frozenset({"candidates", "excluded", "arrays"})
ASSIGNMENT_PREFIX = "a"  # line 3 of the assignments is called a3, line 3 of the rankings 3

LogRowKind = Literal["ranking", "rematch", "file", "placement", "incomplete"]


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
        Digest of the whole ranking, :func:`compute_ranking_digest`; of versions before 0.4 the SHA-256 of its JSON.
    kind : str
        The function of :data:`RANKING_FUNCTIONS` that computed the ranking.
    version : str
        Version of Attune; empty in lines of versions that did not log it.
    as_of : str
        Day of the tables, ISO 8601; empty in lines of versions that did not log it.
    events : int
        Number of the last event of the journal in the tables; 0 without a journal.
    draw : dict
        How the order inside bands was drawn, see :class:`ListDraw`; empty in lines of versions that did not log it.
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
    version: str = ""
    as_of: str = ""
    events: int = 0
    draw: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class LogRow:
    """One line of the log, as a table shows it.

    Attributes
    ----------
    line : str
        Its name: the number of the line in the file of rankings, or ``a`` and the number in that of assignments.
    kind : str
        A ``ranking`` of one client, a ``rematch``, a ``file`` of rankings, a ``placement`` of the waiting list, or a
        line that is ``incomplete``.
    when : str
        UTC, ISO 8601.
    about : str
        The client's id; the policy of a placement; empty for a file.
    bundle : str
    shown : int
        Therapists shown, clients placed, or rows of the file.
    file : str
        Name of the file that was written; empty without one.
    is_sealed : bool
        False if the line was written before the log was sealed.
    fields : dict
        The whole entry.
    """

    line: str
    kind: LogRowKind
    when: str = ""
    about: str = ""
    bundle: str = ""
    shown: int = 0
    file: str = ""
    is_sealed: bool = False
    fields: Mapping[str, Any] = field(default_factory=dict)

    @property
    def therapist_ids(self) -> tuple[str, ...]:
        """Ids of the therapists of a ranking, in the order shown; empty for a file or a placement."""
        shown = self.fields.get("shown")
        return tuple(one for one in shown if isinstance(one, str)) if isinstance(shown, list) else ()

    @property
    def placed_pairs(self) -> dict[str, str]:
        """Id of the therapist of each client of a placement; empty for a ranking or a file."""
        placed = self.fields.get("placed")
        pairs = placed.items() if isinstance(placed, dict) else ()
        return {client: therapist for client, therapist in pairs if isinstance(therapist, str)}

    def is_about(self, client_id: str) -> bool:
        """Return whether the row is a ranking for this client, a file for this client alone, or places this client."""
        return client_id in self.placed_pairs or (self.kind != "placement" and self.about == client_id)

    def has_shown(self, therapist_id: str) -> bool:
        """Return whether a ranking shows this therapist, or a placement gives this therapist a client."""
        return therapist_id in self.therapist_ids or therapist_id in self.placed_pairs.values()

    def was_written(self, since: dt.date | None, until: dt.date | None) -> bool:
        """Return whether the row is of these days, UTC; one without a time is, where no day limits the list."""
        day = self.when[:10]  # ISO 8601: the order of the text is that of the days
        if since is None and until is None:
            return True
        return bool(day) and (since is None or day >= since.isoformat()) and (until is None or day <= until.isoformat())

    def to_dict(self) -> dict[str, Any]:
        """Return the row in the types of JSON, without the whole entry."""
        plain = {name: value for name, value in vars(self).items() if name not in ("fields", "about")}
        about = {"policy" if self.kind == "placement" else "client_id": self.about or None}
        return {**plain, **about, "therapist_ids": list(self.therapist_ids), "placed": self.placed_pairs}


def log_rankings(
    clinic: Clinic, rankings: Sequence[Ranking], shown: int | None = None, now: dt.datetime | None = None,
    kind: str = "rank", events: int = 0,
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
    events : int
        Number of the last event of the journal in the tables, as :class:`Tables` has it.

    Returns
    -------
    str or None
        A warning for the user if the log cannot be written, or cannot name the end of the journal; the ranking is
        shown even then.
    """
    when = (now or dt.datetime.now(dt.UTC)).isoformat(timespec="seconds")
    entries = [asdict(_build_entry(ranking, shown, when, kind, events)) for ranking in rankings]
    return _append_or_warn(clinic, RANKING_LOG, entries)


def log_ranking_file(
    scorer: RosterScorer,
    path: Path,
    rows: int,
    now: dt.datetime | None = None,
    client_id: str = "",
    *,
    raw: bool = False,
    selection: Mapping[str, Any] | None = None,
) -> str | None:
    """Append one line for a file of rankings: its digest and those of its inputs. Returns as :func:`log_rankings`.

    ``client_id`` is the client of a file of one; empty for a file of all clients, or of those who wait. ``raw`` is that
    of :func:`write_rankings`, and ``selection`` has the fields of :func:`describe_selection`.
    """
    from attune_fit.data.formats.parquet_parts import hash_table_file

    entry = {
        "when": (now or dt.datetime.now(dt.UTC)).isoformat(timespec="seconds"),
        "file": path.name,
        **({"client_id": client_id} if client_id else {}),
        "rows": rows,
        "escaped": not raw,
        **(selection or {}),
        "data": scorer.data_digest,
        "bundle": scorer.bundle_name,
        "policy": scorer.policy_digest,
        "seed": scorer.seed,
        "result": hash_table_file(path),
        "version": read_attune_version(),
        "as_of": scorer.tables.as_of.isoformat(),
        "events": scorer.tables.last_event,
    }
    return _append_or_warn(scorer.clinic, RANKING_LOG, [entry])


def log_assignment(
    clinic: Clinic, assignment: Assignment, constraints: AssignmentConstraints, now: dt.datetime | None = None,
    file: str = "", events: int = 0,
) -> str | None:  # fmt: skip
    """Append one line for an assignment: its pairs and the digests of its inputs. Returns as :func:`log_rankings`.

    ``file`` is the name of the file it was written to; empty without one. ``events`` as in :func:`log_rankings`.
    """
    entry = {
        "when": (now or dt.datetime.now(dt.UTC)).isoformat(timespec="seconds"),
        **{name: getattr(assignment, name) for name in ("policy", "data", "bundle", "rules", "seed")},
        **({"file": file} if file else {}),
        "asked": asdict(constraints),
        "placed": {pair.client_id: pair.therapist_id for pair in assignment.placed},
        "result": compute_result_digest(assignment),
        "version": read_attune_version(),
        "as_of": assignment.as_of,
        "events": events,
    }
    return _append_or_warn(clinic, ASSIGNMENT_LOG, [entry])


def read_ranking_log(clinic: Clinic) -> list[RankingLogEntry]:
    """Read the rankings in the log, oldest first. Skips lines of files, and lines cut off by an interruption."""
    lines = _read_log_file(clinic, RANKING_LOG)
    return [entry for line in lines if (entry := parse_ranking_entry(line.fields)) is not None]


def parse_ranking_entry(fields: Mapping[str, Any] | None) -> RankingLogEntry | None:
    """Return the fields of a line as an entry; None if they are not those of one ranking."""
    try:
        return RankingLogEntry(**{**(fields or {}), "shown": tuple((fields or {})["shown"])})
    except (TypeError, KeyError):
        return None


def list_log_rows(clinic: Clinic) -> list[LogRow]:
    """Return the rows of both files, oldest first; each file keeps its order.

    Raises
    ------
    DataFault
        If one of the files cannot be read.
    """
    rankings = [_build_ranking_row(line) for line in _read_log_file(clinic, RANKING_LOG)]
    placements = [_build_placement_row(line) for line in _read_log_file(clinic, ASSIGNMENT_LOG)]
    merged = heapq.merge(_carry_times(rankings), _carry_times(placements), key=lambda timed: timed[0])
    return [row for _, row in merged]


@cache
def read_attune_version() -> str:
    """Return the version of Attune that runs."""
    try:
        return version("attune-fit")
    except PackageNotFoundError:  # not installed
        return "unreleased"


def compute_result_digest(result: Ranking | Assignment) -> str:
    """Return the SHA-256 of the JSON of a ranking or an assignment."""
    from attune_fit.matching.assignment.assignment_result import Assignment

    digest = hashlib.sha256()
    for part in result.iterate_json() if isinstance(result, Assignment) else [result.to_json()]:
        digest.update(part.encode())
    return digest.hexdigest()


def compute_ranking_digest(ranking: Ranking, n_shown: int) -> str:
    """Return a digest of a whole ranking, with the records of the first places: those that were shown.

    The other places are digested as arrays, so that their reasons need not be computed: id, band and points of each
    candidate, and the reasons of each excluded therapist. Lines of versions before 0.4 have
    :func:`compute_result_digest`.

    Returns
    -------
    str
        SHA-256 in hex, after :data:`ARRAY_DIGEST_PREFIX`.
    """
    arrays, excluded = ranking.arrays, ranking.arrays.excluded
    whole = {
        "ranking": {name: value for name, value in vars(ranking).items() if name not in LAZY_FIELDS},
        "shown": ranking.candidates[:n_shown],
        "candidates": arrays.therapist_ids,
        "excluded": excluded.therapist_ids.tolist(),
        "reasons": [[_encode_reason(reason) for reason in reasons] for reasons in excluded.reasons],
    }
    digest = hashlib.sha256(json.dumps(whole, allow_nan=False, default=vars).encode())
    for values, kind in ((excluded.kind, "<i8"), (arrays.band, "<i8"), (arrays.points, "<f8")):
        digest.update(values.astype(kind).tobytes())
    return ARRAY_DIGEST_PREFIX + digest.hexdigest()


@lru_cache(maxsize=1_000)  # clients of a clinic meet the same rules
def _encode_reason(reason: ExclusionReason) -> str:
    return json.dumps(vars(reason))


def _append_or_warn(clinic: Clinic, row: SealedFile, entries: Sequence[Mapping[str, Any]]) -> str | None:
    """Append the entries; return a warning if the file cannot be written, or lacks the end of the journal."""
    ends, note = {}, None
    try:
        ends = read_journal_ends(clinic)
    except DataFault as fault:  # a line without the journal's end is more than no line
        note = f"The log has the result, but not the end of the journal, which cannot be read. {fault.faults[0]}"
    try:
        append_sealed(clinic.artifacts, row, entries, ends)
    except OSError as error:
        reason = error.strerror or "it cannot be written"
        return f"Not logged: artifacts/{row.file}: {reason}. The result is valid, but the log does not contain it."
    return note


def _read_log_file(clinic: Clinic, row: SealedFile) -> list[LogLine]:
    """Return the lines of one file; raises :class:`DataFault` if it cannot be read."""
    try:
        return read_log(clinic.artifacts / row.file)
    except OSError as error:
        reason = error.strerror or "its folder cannot be read"
        message = f"the log cannot be read: {reason}"
        fix = "Move it away and put back the file that Attune wrote, for example from a backup."
        raise DataFault.error("log-not-readable", f"artifacts/{row.file}", "", message, fix=fix) from None


def _build_entry(ranking: Ranking, shown: int | None, when: str, kind: str, events: int) -> RankingLogEntry:
    therapist_ids = ranking.arrays.therapist_ids[: shown or ranking.shortlist]
    has_draw = kind in ("rank", "rematch")  # an arm of a trial has another order
    draw = ranking.arrays.build_draw(len(therapist_ids)).to_dict() if has_draw else {}
    return RankingLogEntry(
        when, ranking.client_id, ranking.data, ranking.bundle, ranking.policy, ranking.seed, tuple(therapist_ids),
        compute_ranking_digest(ranking, len(therapist_ids)), kind, read_attune_version(), ranking.as_of, events, draw,
    )  # fmt: skip


def _build_ranking_row(line: LogLine) -> LogRow:
    """Return a line of the file of rankings as a row."""
    name, fields = str(line.number), line.fields
    if fields is None:
        return LogRow(name, "incomplete", is_sealed=line.is_sealed)
    if "file" in fields:
        return _build_row(line, name, "file", _get_text(fields, "client_id"), fields.get("rows"))
    kind: LogRowKind = "rematch" if fields.get("kind") == "rematch" else "ranking"
    return _build_row(line, name, kind, _get_text(fields, "client_id"), fields.get("shown"))


def _build_placement_row(line: LogLine) -> LogRow:
    """Return a line of the file of assignments as a row."""
    name = f"{ASSIGNMENT_PREFIX}{line.number}"
    if line.fields is None:
        return LogRow(name, "incomplete", is_sealed=line.is_sealed)
    return _build_row(line, name, "placement", _get_text(line.fields, "policy"), line.fields.get("placed"))


def _build_row(line: LogLine, name: str, kind: LogRowKind, about: str, shown: object) -> LogRow:
    fields = line.fields or {}
    count = shown if isinstance(shown, int) else len(shown) if isinstance(shown, list | dict) else 0
    when, bundle, file = (_get_text(fields, key) for key in ("when", "bundle", "file"))
    return LogRow(name, kind, when, about, bundle, count, file, line.is_sealed, fields)


def _get_text(fields: Mapping[str, Any], key: str) -> str:
    """Return a field of a line; empty if it is missing or no text, as in a line that Attune did not write."""
    value = fields.get(key)
    return value if isinstance(value, str) else ""


def _carry_times(rows: Sequence[LogRow]) -> Iterator[tuple[str, LogRow]]:
    """Yield each row with its time; a row without a time, or with an earlier one, takes that of the row before."""
    last = ""
    for row in rows:
        last = max(last, row.when)
        yield last, row
