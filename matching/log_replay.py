"""Recompute a line of the log, and prove byte for byte that it is what was shown, or name what changed since."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

from attune_fit.data.clinic.settings import FIRST_DAY, LAST_DAY
from attune_fit.data.clinic.tables import is_current_digest
from attune_fit.data.faults import DataFault
from attune_fit.data.journal.journal_access import JOURNAL_NAME
from attune_fit.data.journal.journal_ends import check_journal
from attune_fit.data.sealed_files import check_sealed_files
from attune_fit.matching.assignment.assign import assign
from attune_fit.matching.assignment.constraints import AssignmentConstraints
from attune_fit.matching.batch.logged_files import SELECTION_CHECKS, find_logged_clients, recompute_file_digest
from attune_fit.matching.follow_up.rematch import rematch
from attune_fit.matching.logged_scorer import build_logged_scorer
from attune_fit.matching.ranking.rank import rank
from attune_fit.matching.ranking.trial_orders import TRIAL_ORDERS, rank_in_order
from attune_fit.matching.ranking_log import (
    ARRAY_DIGEST_PREFIX,
    ASSIGNMENT_LOG_FILE,
    RANKING_LOG_FILE,
    LogRow,
    RankingLogEntry,
    compute_ranking_digest,
    compute_result_digest,
    list_log_rows,
    parse_ranking_entry,
    read_attune_version,
)
from attune_fit.models.active_model import adapt_to_clinic, load_model
from attune_fit.models.active_pointer import STARTING_MODEL_NAME, list_bundle_names, read_active_name

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.clinic_day import TableDay
    from attune_fit.data.clinic.tables import Tables
    from attune_fit.matching.assignment.assignment_result import Assignment
    from attune_fit.matching.ranking.ranking_result import Ranking
    from attune_fit.models.alliance_model import AllianceModel

INPUT_NAMES = {
    "data": "the tables",
    "bundle": "the model",
    "policy": "rules, features or settings in clinic.toml",
    "rules": "rules, features, settings, [waiting] or [assign] in clinic.toml",
}
OpenTables = Callable[["TableDay", int], "Tables"]  # by the day of the tables, and the number of the last event in them
RANKING_FUNCTIONS: Mapping[str, Callable[..., Ranking]] = {
    "rank": rank,
    "rematch": lambda scorer, client_id: rematch(scorer, client_id).ranking,
    **{order: partial(rank_in_order, order=order) for order in TRIAL_ORDERS},  # lists of trials
}
NEEDS_INPUTS = "An exact replay needs the inputs of that day, such as a backup of the tables."
WHOLE_LOG_FIX = f"No line of the log was changed: `attune log` shows what was listed. {NEEDS_INPUTS}"
CHANGED_LOG_FIX = f"The log was changed too: run `attune log CLINIC --verify`. {NEEDS_INPUTS}"
CHANGED_BY_FAULT = {  # what changed since then, by the fault of reading the tables of that time
    "as-of-before-roster-checks": "the tables",  # most rows were checked since: it is another export
    "no-such-event": "the journal",
}
NOT_REPEATABLE_IDS = frozenset({"inputs-changed", "version-changed", "digest-of-other-version"})  # no fault of the log


@dataclass(frozen=True)
class ReplayedLine:
    """A line of the log that came out the same when it was computed again.

    Attributes
    ----------
    row : LogRow
    result : str
        SHA-256 of the JSON of the ranking or the placement, or of the file: then and now.
    is_live : bool
        Whether the clinic still ranks with the bundle of that time.
    """

    row: LogRow
    result: str
    is_live: bool

    def to_dict(self) -> dict[str, Any]:
        """Return the line and its digest in the types of JSON; ``same`` is true."""
        more = {"seed": self.row.fields["seed"], "result": self.result, "is_live": self.is_live}
        return {"same": True, **self.row.to_dict(), **more}


def find_log_row(clinic: Clinic, line: str | None = None) -> LogRow:
    """Return a row of the log by its name; the last ranking or file of rankings if the name is None.

    Raises
    ------
    DataFault
        If there is no such row, or it is incomplete.
    """
    rows = list_log_rows(clinic)
    if line is None:
        row = next((row for row in reversed(rows) if row.kind not in ("placement", "incomplete")), None)
    else:
        row = next((row for row in rows if row.line == line), None)
    fix = f"`attune log {clinic.folder}` lists the lines."
    if row is None:
        if line is None:
            raise DataFault.error("log-empty", "log", "", "no ranking is logged yet", fix=fix)
        raise DataFault.error("log-line-not-found", "log", "", f"the log has no line `{line}`", fix=fix)
    if row.kind == "incomplete":
        message = f"line {row.line} is incomplete: a run was interrupted while it wrote the line"
        raise DataFault.error("log-line-incomplete", "log", "", message, fix=fix)
    return row


def recompute_line(row: LogRow, clinic: Clinic, open_tables: OpenTables) -> ReplayedLine:
    """Recompute a row of the log with the tables and the model of that time, which need not be live any more.

    Parameters
    ----------
    row : LogRow
    clinic : Clinic
    open_tables : callable
        Takes the day of the tables as :func:`read_tables` does, and the number of the last event of the journal in
        them. A line of a version that did not log the day has the latest date in the tables, and no event.

    Raises
    ------
    DataFault
        As :func:`recompute_ranking`, or of the tables.
    """
    fields, file = row.fields, ASSIGNMENT_LOG_FILE if row.kind == "placement" else RANKING_LOG_FILE
    if not _has_fields(row):
        fix = f"Run `attune log {clinic.folder} --verify`."
        message = f"line {row.line} is not as Attune writes it"
        raise DataFault.error("log-line-not-readable", file, "", message, fix=fix)
    _check_version(_describe(fields), file, fields["data"])
    tables = _open_logged_tables(fields, file, clinic, open_tables)
    model = load_logged_model(clinic, tables, row.bundle)
    if row.kind == "file":
        result = recompute_ranking_file(fields, model, clinic, tables)
    elif row.kind == "placement":
        result = compute_result_digest(recompute_assignment(fields, model, clinic, tables))
    else:
        entry = RankingLogEntry(**{**fields, "shown": tuple(fields["shown"])})
        result = _compute_digest_as(entry, recompute_ranking(entry, model, clinic, tables))
    return ReplayedLine(row, result, _is_live(clinic, row.bundle))


def load_logged_model(clinic: Clinic, tables: Tables, bundle: str) -> AllianceModel:
    """Load the model that a line of the log names, from the clinic's bundles or from the installed package.

    If neither has it, the result is the starting model, whose name differs from the logged one.

    Raises
    ------
    DataFault
        If the bundle cannot be read.
    """
    name = bundle if bundle in list_bundle_names(clinic) else STARTING_MODEL_NAME
    return adapt_to_clinic(clinic, tables, load_model(clinic, tables, name))


def recompute_ranking(entry: RankingLogEntry, model: AllianceModel, clinic: Clinic, tables: Tables) -> Ranking:
    """Recompute the ranking of a log entry, and check that it is the ranking that was shown.

    Raises
    ------
    DataFault
        If the tables, the model or ``clinic.toml`` have changed; if the same inputs give a different result; or if
        another version of Attune made the entry, whose digests cannot be compared with those of this one.
    """
    fields = vars(entry)
    what = _describe(fields)
    _check_version(what, RANKING_LOG_FILE, entry.data)
    try:
        ranking = RANKING_FUNCTIONS[entry.kind](build_logged_scorer(fields, model, clinic, tables), entry.client_id)
    except DataFault:
        _check_inputs(what, RANKING_LOG_FILE, fields, {"data": tables.digest()}, clinic)
        raise
    digests = {key: getattr(ranking, key) for key in ("data", "bundle", "policy")}
    _check_inputs(what, RANKING_LOG_FILE, fields, digests, clinic)
    _check_result(what, RANKING_LOG_FILE, fields, _compute_digest_as(entry, ranking))
    shown = tuple(ranking.arrays.therapist_ids[: len(entry.shown)])
    if shown != tuple(entry.shown):
        _raise_edited(what, RANKING_LOG_FILE, "other therapists than the ranking")
    return ranking


def recompute_assignment(fields: Mapping[str, Any], model: AllianceModel, clinic: Clinic, tables: Tables) -> Assignment:
    """Recompute the assignment of a logged line with its pins, refusals and kept pairs; as :func:`recompute_ranking`.

    Raises
    ------
    DataFault
        As :func:`recompute_ranking`.
    """
    what, asked = _describe(fields), fields["asked"]
    _check_version(what, ASSIGNMENT_LOG_FILE, fields["data"])
    pinned, refused = ([(client, therapist) for client, therapist in asked[key]] for key in ("pinned", "refused"))
    constraints = AssignmentConstraints(pinned, refused, asked["kept"])
    try:
        (assignment,) = assign(build_logged_scorer(fields, model, clinic, tables), [fields["policy"]], constraints)
    except DataFault:
        _check_inputs(what, ASSIGNMENT_LOG_FILE, fields, {"data": tables.digest()}, clinic)
        raise
    digests = {key: getattr(assignment, key) for key in ("data", "bundle", "rules")}
    _check_inputs(what, ASSIGNMENT_LOG_FILE, fields, digests, clinic)
    _check_result(what, ASSIGNMENT_LOG_FILE, fields, compute_result_digest(assignment))
    if fields["placed"] != {pair.client_id: pair.therapist_id for pair in assignment.placed}:
        _raise_edited(what, ASSIGNMENT_LOG_FILE, "other pairs than the placement")
    return assignment


def recompute_ranking_file(fields: Mapping[str, Any], model: AllianceModel, clinic: Clinic, tables: Tables) -> str:
    """Write a logged file of rankings again, for a moment, and return its SHA-256; as :func:`recompute_ranking`.

    Raises
    ------
    DataFault
        As :func:`recompute_ranking`, and if an earlier version wrote the file of one client, whom it did not name.
    """
    what = _describe(fields)
    _check_version(what, RANKING_LOG_FILE, fields["data"])
    scorer = build_logged_scorer(fields, model, clinic, tables)
    digests = {"data": scorer.data_digest, "bundle": scorer.bundle_name, "policy": scorer.policy_digest}
    _check_inputs(what, RANKING_LOG_FILE, fields, digests, clinic)
    client_rows = find_logged_clients(fields, clinic, tables)
    if client_rows is None:
        message = f"{what} holds neither all clients nor those who wait, and the log does not name its clients"
        fix = "Rank the client again to compare the two files."
        raise DataFault.error("logged-clients-unknown", RANKING_LOG_FILE, "", message, fix=fix)
    result = recompute_file_digest(fields, scorer, client_rows, clinic.artifacts)
    _check_result(what, RANKING_LOG_FILE, fields, result)
    return result


def _compute_digest_as(entry: RankingLogEntry, ranking: Ranking) -> str:
    """Return the digest of a ranking in the form of the logged one."""
    if entry.result.startswith(ARRAY_DIGEST_PREFIX):
        return compute_ranking_digest(ranking, len(entry.shown))
    return compute_result_digest(ranking)


def _describe(fields: Mapping[str, Any]) -> str:
    """Return what a line holds, for a message."""
    if "file" in fields:
        return f"the file {fields['file']} of {fields['when']}"
    return f"the {'placement' if 'placed' in fields else 'ranking'} of {fields['when']}"


def _open_logged_tables(fields: Mapping[str, Any], file: str, clinic: Clinic, open_tables: OpenTables) -> Tables:
    """Return the tables on the day of a line, with the events that it names."""
    day: TableDay = dt.date.fromisoformat(fields["as_of"]) if fields.get("as_of") else "latest"
    try:
        return open_tables(day, fields.get("events") or 0)
    except DataFault as fault:
        changed = [CHANGED_BY_FAULT[found.id] for found in fault.faults if found.id in CHANGED_BY_FAULT]
        if changed:
            _raise_changed(_describe(fields), file, changed, clinic)
        raise


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_day(value: object) -> bool:
    """Return whether a value is a day that ``as_of`` can be, or missing as in lines of versions that did not log it."""
    if value in (None, ""):
        return True
    try:
        day = dt.date.fromisoformat(str(value))
    except ValueError:
        return False
    return day.isoformat() == value and FIRST_DAY <= day <= LAST_DAY


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_id_list(value: object) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _is_id_map(value: object) -> bool:
    return isinstance(value, dict) and all(map(_is_text, value.values()))


def _is_constraints(value: object) -> bool:
    """Return whether a value holds the pinned, refused and kept pairs of a placement."""
    if not isinstance(value, dict) or not _is_id_map(value.get("kept")):
        return False
    lists = [value.get(key) for key in ("pinned", "refused")]
    return all(
        isinstance(pairs, list) and all(_is_id_list(pair) and len(pair) == 2 for pair in pairs) for pairs in lists
    )


INPUT_CHECKS = {"when": _is_text, "data": _is_text, "bundle": _is_text, "seed": _is_count, "result": _is_text,
                "policy": _is_text, "as_of": _is_day,
                "events": lambda value: value is None or _is_count(value)}  # fmt: skip
LIST_CHECKS = {**INPUT_CHECKS, "client_id": _is_text, "shown": _is_id_list,
               "kind": lambda value: _is_text(value) and value in RANKING_FUNCTIONS}  # fmt: skip
FIELD_CHECKS: Mapping[str, Mapping[str, Callable[[object], bool]]] = {
    "ranking": LIST_CHECKS,
    "rematch": LIST_CHECKS,
    "file": {**INPUT_CHECKS, **SELECTION_CHECKS, "rows": _is_count, "file": _is_text},
    "placement": {**INPUT_CHECKS, "rules": _is_text, "asked": _is_constraints, "placed": _is_id_map},
}


def _has_fields(row: LogRow) -> bool:
    """Return whether a line holds what a line of its kind needs, each of the right type, and a ranking nothing else."""
    fields = row.fields
    if not all(is_right(fields.get(key)) for key, is_right in FIELD_CHECKS[row.kind].items()):
        return False
    return row.kind in ("file", "placement") or parse_ranking_entry(fields) is not None


def _is_live(clinic: Clinic, bundle: str) -> bool:
    """Return whether the clinic ranks with this bundle, which can be that of the starting model."""
    name = bundle if bundle in list_bundle_names(clinic) else STARTING_MODEL_NAME
    try:
        return read_active_name(clinic) == name
    except DataFault:  # live.json is damaged, which does not concern the logged line
        return False


def _check_version(what: str, file: str, digest: str) -> None:
    """Raise if another version of Attune made the digest of the tables, so that it cannot be compared."""
    if is_current_digest(digest):
        return
    which = "another" if ":" in digest else "an earlier"
    message = f"{what} was made by {which} version of Attune and cannot be recomputed with this one"
    fix = "This is no sign that the log was changed. To recompute it, use the version of that time."
    raise DataFault.error("digest-of-other-version", file, "", message, fix=fix)


def _check_inputs(what: str, file: str, fields: Mapping[str, Any], digests: Mapping[str, str], clinic: Clinic) -> None:
    """Raise with the name of every input whose digest differs from the logged one, and with the state of the log."""
    changed = [INPUT_NAMES[key] for key, digest in digests.items() if fields[key] != digest]
    if changed:
        _raise_changed(what, file, [*changed, *_list_version(fields)], clinic)


def _raise_changed(what: str, file: str, changed: Sequence[str], clinic: Clinic) -> NoReturn:
    """Raise with the names of the inputs that changed, and with the state of the log and the journal."""
    message = f"cannot recompute {what}; changed since then: {', '.join(changed)}"
    others = {JOURNAL_NAME: partial(check_journal, clinic)}
    is_whole = all(check.is_whole for check in check_sealed_files(clinic.artifacts, others=others).values())
    raise DataFault.error("inputs-changed", file, "", message, fix=WHOLE_LOG_FIX if is_whole else CHANGED_LOG_FIX)


def _check_result(what: str, file: str, fields: Mapping[str, Any], result: str) -> None:
    """Raise if the result differs although the inputs are the same."""
    if result == fields["result"]:
        return
    if version := _list_version(fields):
        message = f"cannot recompute {what}; changed since then: {', '.join(version)}"
        fix = "To recompute it, use the version of that time."
        raise DataFault.error("version-changed", file, "", message, fix=fix)
    message = f"{what} gives a different result from the same inputs"
    fix = "Check the log with `attune log CLINIC --verify`, and whether another machine computed the result."
    raise DataFault.error("result-differs", file, "", message, fix=fix)


def _list_version(fields: Mapping[str, Any]) -> list[str]:
    """Return the version of Attune as an input that changed; nothing if it is the same, or was not logged."""
    then, now = fields.get("version", ""), read_attune_version()
    return [f"the version of Attune ({then} then, {now} now)"] if then not in ("", now) else []


def _raise_edited(what: str, file: str, difference: str) -> None:
    message = f"the line of {what} lists {difference} of that time, so the log was changed"
    raise DataFault.error("log-line-changed", file, "", message, fix="Run `attune log CLINIC --verify`.")
