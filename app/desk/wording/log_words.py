"""The words of the page of the log: its files, what a check found, and where a line comes from."""

from __future__ import annotations

from attune_fit.data.chain_check import ChainCheck
from attune_fit.data.journal.journal_access import JOURNAL_NAME
from attune_fit.data.sealed_files import ASSIGNMENT_LOG, HYPOTHESES, LEDGER, RANKING_LOG, TRIALS
from attune_fit.matching.ranking_log import LogRow

FileChecks = dict[str, ChainCheck]  # by the name of the file
FILE_NAMES = {LEDGER.file: "decisions about models", RANKING_LOG.file: "rankings",
              ASSIGNMENT_LOG.file: "placements", HYPOTHESES.file: "hypotheses", TRIALS.file: "trials",
              JOURNAL_NAME: "events"}  # fmt: skip


def list_breaks(checks: FileChecks | None) -> list[str]:
    """Return a sentence for each change that the check found."""
    return [f"{name}: {found.message}." for name, check in (checks or {}).items() for found in check.breaks]


def list_origin(row: LogRow) -> list[tuple[str, str]]:
    """Return what the line was computed from, as pairs of a name and a value."""
    names = {"as_of": "Day of the tables", "events": "Journal to event", "bundle": "Model", "seed": "Seed of ties",
             "version": "Attune", "data": "Tables, SHA-256", "policy": "Rules and settings, SHA-256",
             "result": "Result, SHA-256", "file": "File"}  # fmt: skip
    return [(title, str(row.fields[name])) for name, title in names.items() if row.fields.get(name) not in (None, "")]
