"""Guesses about the date of referral: without one, no wait is known, so the date of first contact is taken."""

from __future__ import annotations

from dataclasses import replace

from attune_fit.data.cell_parsing import parse_dates
from attune_fit.data.guessing.cell_evidence import CellEvidence
from attune_fit.data.guessing.column_guesses import TableGuess
from attune_fit.data.guessing.column_scores import POSSIBLE, ColumnScore, score_columns
from attune_fit.data.guessing.guess import Ask, Question

CONTACT_COLUMNS = ("referred_on", "intake_on")
ONLY_CONTACT = "the only date of first contact; waits are counted from it"


def settle_referral_date(clients: TableGuess, ask: Ask) -> None:
    """Choose the date of first contact for ``referred_on`` where no header is the date of referral.

    Parameters
    ----------
    clients : TableGuess
        Its ``chosen`` gets the column. A single date of first contact is sure; of several, the earliest is the first
        choice of a question.
    ask : callable
        Answers what is not sure, or None.
    """
    if "referred_on" in clients.chosen:
        return
    file = clients.role.file
    if file.export is not None and not file.export.has_contact_date:
        return
    headers = [header for header in file.headers if file.get_evidence(header).date_forms]
    scores: dict[str, ColumnScore] = {}
    for one in score_columns("clients", file, headers):
        if one.column in CONTACT_COLUMNS and one.score >= POSSIBLE:
            scores.setdefault(one.header, one)
    if not scores:
        return
    options = sorted(scores, key=lambda header: _find_middle_day(file.get_evidence(header)))
    chosen: str | None = options[0]
    if len(options) > 1:
        text = "Which is the date of the first contact? Waits are counted from it."
        chosen = ask(Question(f"{file.place}, dates", text, tuple(options), "no wait is known"))
    if chosen not in options:
        shown = " or ".join(options)
        clients.add(
            "referred_on", shown, "left out", 0.0, "it is not sure which is the first contact: no wait is known"
        )
        return
    clients.guesses = [guess for guess in clients.guesses if guess.header != chosen]
    clients.done.discard(chosen)
    clients.chosen["referred_on"] = replace(scores[chosen], column="referred_on", reason=ONLY_CONTACT)
    clients.states["referred_on"] = "sure"
    if len(options) > 1:
        clients.states["referred_on"] = "asked"
        clients.chosen["referred_on"] = replace(scores[chosen], column="referred_on", reason="date of first contact")


def _find_middle_day(evidence: CellEvidence) -> float:
    """Return the median day of a column of dates, as a number; infinity where none can be read."""
    days = parse_dates(evidence.cells, evidence.date_forms[0] or None).dropna().sort_values()
    return float(days.iloc[len(days) // 2].timestamp()) if len(days) else float("inf")
