"""Lines about ratings: items, total and instrument of each file, and columns with one session each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from attune_fit.data.clinic.instruments import ALLIANCE_SCALES
from attune_fit.data.guessing.cell_evidence import CellEvidence
from attune_fit.data.guessing.column_guesses import TableGuess
from attune_fit.data.guessing.folder_survey import SurveyedFile
from attune_fit.data.guessing.guess import Ask, Question
from attune_fit.data.guessing.rating_guesses import (
    ItemGuess,
    ScoreOption,
    WideGuess,
    find_items,
    find_scale,
    find_wide_sessions,
    list_possible_instruments,
)

SCORES = ("score", *ALLIANCE_SCALES)
NO_INSTRUMENT = "scores of an instrument that is not known"
NO_PATTERN = "columns with one session each, and it is not clear which of them is the score"
OUT_OF_RANGE = "its numbers are not in the range of the instrument"


def settle_ratings(table: TableGuess, ask: Ask) -> dict[str, Any]:
    """Return the keys about the ratings of a file: the items, the instrument and the rater.

    Lines of scores without an instrument are left out. A file without any score has no keys.

    Parameters
    ----------
    table : TableGuess
        The file. Its ``columns`` and ``guesses`` change.
    ask : callable
        Answers what is not sure, or None.
    """
    items, wide = find_items(table.role.file), find_wide_sessions(table.role.file, ())
    scores = [name for name in SCORES if name in table.columns]
    section: dict[str, Any] = {}
    if items is not None and "score" not in table.columns:
        section = _settle_items(table, items, ask)
    elif scores and "instrument" not in table.columns:
        section = _settle_scores(table, scores, ask)
    elif not scores and wide is not None:
        section = _settle_wide(table, wide, ask)
    has_scores = bool(section) or any(name in table.columns for name in SCORES)
    return section if "rater" in table.columns or not has_scores else {**section, "rater": "client"}


def _settle_items(table: TableGuess, items: ItemGuess, ask: Ask) -> dict[str, Any]:
    shown = f"{items.headers[0]} to {items.headers[-1]}"
    answer: str | None = "yes"
    if not items.is_sure:
        text = f"Are these the items of the {items.instrument.name}?"
        answer = ask(Question(f"{table.role.file.place}, {shown}", text, ("yes", "no"), "the items are left out"))
    if answer != "yes":
        table.add("items", shown, "left out", 0.5, f"it can be the {items.instrument.name}, and is not sure")
        return {}
    table.add("items", shown, "sure" if items.is_sure else "asked", 1.0, items.reason, items.pattern)
    codes = {"item_codes": items.codes} if items.codes else {}
    return {"instrument": items.instrument.name, "items": items.pattern, **codes}


def _settle_scores(table: TableGuess, scores: Sequence[str], ask: Ask) -> dict[str, Any]:
    """Return the instrument of totals, and write the factor of each; leave them out where none is known."""
    file = table.role.file
    header = table.chosen[scores[0]].header
    chosen = _choose_instrument(file, header, header, [file.get_evidence(header)], scores[0], ask)
    if chosen is None:
        for name in scores:
            table.columns.pop(name)
            table.leave_out(name, NO_INSTRUMENT)
        return {}
    for name in scores:
        header = table.chosen[name].header
        scale = find_scale([file.get_evidence(header)], chosen.instrument, name)
        if scale is None:
            table.columns.pop(name)
            table.leave_out(name, OUT_OF_RANGE)
        elif scale != 1.0:
            table.columns[name] = {"from": header, "scale": round(scale, 12)}
    return {"instrument": chosen.instrument.name}


def _settle_wide(table: TableGuess, wide: WideGuess, ask: Ask) -> dict[str, Any]:
    """Return the instrument of columns with one session each, and write their patterns."""
    file, shown = table.role.file, f"{wide.headers[0]} to {wide.headers[-1]}"
    if not wide.score or "session" in table.columns:
        table.add("score", shown, "left out", 0.0, NO_PATTERN)
        return {}
    columns = [file.get_evidence(header) for header in wide.headers]
    scores = [one for one in columns if one.n_known and not one.date_forms]
    chosen = _choose_instrument(file, shown, wide.score, scores, "score", ask)
    if chosen is None:
        table.add("score", shown, "left out", 0.0, NO_INSTRUMENT)
        return {}
    value: Any = wide.score if chosen.scale == 1.0 else {"from": wide.score, "scale": round(chosen.scale, 12)}
    table.columns["score"] = value
    table.add("score", shown, "sure", 1.0, "one column for each session", value)
    if wide.measured_on:
        table.columns["measured_on"] = wide.measured_on
        table.add("measured_on", wide.measured_on, "sure", 1.0, "one date for each session", wide.measured_on)
    return {"instrument": chosen.instrument.name}


def _choose_instrument(
    file: SurveyedFile, shown: str, header: str, columns: Sequence[CellEvidence], name: str, ask: Ask
) -> ScoreOption | None:
    """Return the instrument of scores: that of the header, file or sheet, or of an answer; None for none."""
    options, is_sure = list_possible_instruments(columns, header, str(file.keys.get("sheet", Path(file.name).stem)))
    if is_sure:
        return options[0]
    if not options:
        return None
    names = {option.name: option for option in options}
    text = f"Of which instrument is the {'score' if name == 'score' else 'scale'} `{header}`?"
    answer = ask(Question(f"{file.place}, {shown}", text, tuple(names), "the scores are left out"))
    return names.get(answer or "")
