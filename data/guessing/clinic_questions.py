"""Questions about the whole clinic: who waits, and on which day its tables were exported."""

from __future__ import annotations

import datetime as dt
import re

import pandas as pd

from attune_fit.data.cell_parsing import parse_dates
from attune_fit.data.clinic.columns import list_columns
from attune_fit.data.guessing.cell_evidence import MIN_ROWS_SHOWN, CellEvidence
from attune_fit.data.guessing.column_guesses import TableGuess
from attune_fit.data.guessing.folder_survey import SurveyedFile
from attune_fit.data.guessing.guess import Ask, FirstMapping, Question, settle_answer
from attune_fit.data.guessing.header_scores import score_header
from attune_fit.data.guessing.words.table_words import STATUS_WORDS

RECENT_DAYS = 90  # a running clinic has a date in them
MAX_STATUS_WORDS = 8
MIN_STATUS_HEADER = 0.95  # score of the words of a header that is the status
MIN_NUMBERED = 0.9  # share of ids that differ by a number alone
_NUMBERED_ID = re.compile(r"(?P<before>\D*)\d+")


def settle_waiting(clients: TableGuess, mapping: FirstMapping, ask: Ask) -> None:
    """Ask who waits: no file shows it where clients can meet a therapist and leave no form.

    Parameters
    ----------
    clients : TableGuess
        The clients. A column with the status is asked about first, else the first id that waits where ids are numbers.
    mapping : FirstMapping
        Its ``config`` gets the condition, or its ``warnings`` that there is none.
    ask : callable
        Answers what is not sure, or None.
    """
    file = clients.role.file
    header = next((one for one in file.headers if _is_status(one, file)), None)
    without = "every client without a rating waits"
    where: dict[str, str] | None = None
    words: tuple[str, ...] = ()
    if header is not None:
        counts = file.get_evidence(header).counts
        words = tuple(word for word, count in counts.items() if count >= MIN_ROWS_SHOWN)[:MAX_STATUS_WORDS]
    id_header = clients.chosen["client_id"].header
    ids = file.get_evidence(id_header)
    if words:
        text = f"Which word in `{header}` means that a client waits?"
        answer = ask(Question(f"{file.place}, {header}", text, words, without))
        where = {"column": str(header), "is": answer} if answer in words else None
    elif _is_numbered(ids):
        text = f"The ids in `{id_header}` have numbers. From which id on do clients wait (type the first one)?"
        question = Question(f"{file.place}, {id_header}", text, (), without)
        known = {text.casefold(): text for text in ids.counts}
        first = settle_answer(ask, question, lambda one: known.get(one.casefold()), "No client has this id.")
        where = {"column": "client_id", "from": first} if first else None
    if where is not None:
        mapping.config["waiting"] = {"where": where}
        return
    named = f" `{header}` can hold it." if header is not None else ""
    mapping.warnings.append(
        f"Who waits is left out: Attune takes every client without a rating for one who waits.{named} "
        "Set `where` under [waiting]."
    )


def settle_export_day(tables: list[TableGuess], mapping: FirstMapping, ask: Ask) -> None:
    """Ask for the day of an export of which no date is recent; without an answer it is the day of the latest date.

    Counted to today, the roster of an old export would be too old to be used. A date after today never counts.

    Parameters
    ----------
    tables : list of TableGuess
        The tables.
    mapping : FirstMapping
        Its ``config`` gets the day.
    ask : callable
        Answers what is not sure, or None. An answer is read as ISO 8601, or in the form of the files.
    """
    today = dt.datetime.now(tz=dt.UTC).date()
    latest: tuple[dt.date, str] | None = None
    for table in tables:
        for name, one in table.chosen.items():
            if list_columns(table.table)[name].kind != "date":
                continue
            cells = table.role.file.get_evidence(one.header).cells
            days = parse_dates(cells, table.find_date_form(one.header) or None)
            last = days[days <= pd.Timestamp(today)].max()
            if not pd.isna(last) and (latest is None or last.date() > latest[0]):
                latest = (last.date(), f"`{one.header}` in {table.role.file.place}")
    if latest is None or (today - latest[0]).days <= RECENT_DAYS:
        return
    found, place = f"No date is of the last {RECENT_DAYS} days; the latest date is under", latest[1]
    text = f"{found} {place}. On which day were the tables exported (such as 2026-01-31)?"
    question = Question("All files", text, (), "the latest date in the files")
    shapes = ["", *dict.fromkeys(table.form for table in tables if table.form)]
    fix = "This is no day up to today, as 2026-01-31 or in the form of the files."
    day = settle_answer(ask, question, lambda answer: _read_day(answer, shapes, today), fix)
    if day is None:
        mapping.warnings.append(
            f"{found} {place}. It is taken for the day of the export. Correct `as_of` under [clinic] if it was a later "
            "one."
        )
    mapping.config = {"clinic": {"as_of": day or latest[0]}, **mapping.config}


def _read_day(answer: str, forms: list[str], today: dt.date) -> dt.date | None:
    """Return the day of an answer in the first form that fits; None where none does, or the day is after today."""
    for form in forms:
        day = parse_dates(pd.Series([answer], dtype="str"), form or None).iloc[0]
        if not pd.isna(day):
            return day.date() if day.date() <= today else None
    return None


def _is_numbered(ids: CellEvidence) -> bool:
    """Return whether ids differ by a number alone: then later clients have higher ones."""
    matches = [_NUMBERED_ID.fullmatch(text) for text in ids.counts]
    before = {match["before"] for match in matches if match}
    return len(before) == 1 and sum(map(bool, matches)) >= MIN_NUMBERED * len(matches)


def _is_status(header: str, file: SurveyedFile) -> bool:
    evidence = file.get_evidence(header)
    if file.export is not None and file.export.is_own_header(header):
        return False  # the state of an answer, and not of a client
    is_named = score_header(header, STATUS_WORDS) >= MIN_STATUS_HEADER
    return is_named and len(evidence.counts) <= MAX_STATUS_WORDS
