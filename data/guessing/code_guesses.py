"""Guesses about codes: the meaning of each word of a column, from a table of words; numbers need a code book."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from attune_fit.data.cell_parsing import normalize_code
from attune_fit.data.clinic.columns import list_columns
from attune_fit.data.guessing.cell_evidence import MIN_ROWS_SHOWN, CellEvidence
from attune_fit.data.guessing.column_scores import MOSTLY
from attune_fit.data.guessing.guess import Ask, Question
from attune_fit.data.guessing.words.word_meanings import WORD_MEANINGS, YES_NO_COLUMNS
from attune_fit.data.yes_no_marks import YES_NO_MARKS, parse_mark

Codes = dict[str, str | list[str]]
ZERO_ONE = frozenset((0.0, 1.0))
MAX_ASKED_CODES = 12


def is_without_code_book(column: str, evidence: CellEvidence) -> bool:
    """Return whether a column of codes holds numbers whose meaning the file does not show."""
    if evidence.number_share <= MOSTLY:
        return False
    return not (column in YES_NO_COLUMNS and set(evidence.numbers) == ZERO_ONE)


def list_numbers(evidence: CellEvidence) -> list[str]:
    """List the numbers of a column that are in enough rows to be shown."""
    shown = sorted(value for value, count in evidence.numbers.items() if count >= MIN_ROWS_SHOWN)
    return [f"{value:.15g}" for value in shown]


def settle_code_book(place: str, header: str, shown: Sequence[str], ask: Ask) -> Codes:
    """Return the meaning of each code of a column, as it is answered; empty where none is."""
    codes: Codes = {}
    for code in shown[:MAX_ASKED_CODES]:
        without = "the column is left out: its codes have no code book"
        answer = ask(Question(place, f"What does {code} mean in `{header}`?", (), without))
        if answer:
            codes[code] = answer
        elif not codes:
            return {}  # the first is not known, so the others are not asked about
    return codes


def find_codes(table: str, column: str, words: Counter[str], everywhere: Counter[str]) -> tuple[Codes, bool]:
    """Return the meaning of the words of one column that are not Attune's own, and whether it has other words too.

    Parameters
    ----------
    table, column : str
        The canonical column.
    words : Counter of str
        The codes of the column, with their rows.
    everywhere : Counter of str
        The same over all tables with such a column. A word in fewer than five rows is not written alone: then the whole
        family of words is.
    """
    allowed = list_columns(table)[column].codes
    if column in YES_NO_COLUMNS:
        found = {word: parse_mark(word, YES_NO_MARKS) for word in words if everywhere[word] >= MIN_ROWS_SHOWN}
        marks = {_format_mark(word): meaning for word, meaning in found.items() if meaning is not None}
        return ({} if set(marks) <= set(allowed) else dict(marks)), False
    codes: Codes = {}
    claimed = set[str]()
    for family in sort_families(column, everywhere):
        by_code = {normalize_code(word): word for word in family}
        used = {word for word in by_code if words[word] and family[by_code[word]] != (word,)}
        if used <= claimed:
            continue
        claimed |= used
        rare = any(everywhere[word] < MIN_ROWS_SHOWN for word in used)
        for word in by_code if rare and used else sorted(used, key=list(by_code).index):
            targets = family[by_code[word]]
            if targets != (word,):
                codes.setdefault(by_code[word], targets[0] if len(targets) == 1 else list(targets))
    if not any(words[normalize_code(word)] for word in codes):
        return {}, False  # the words are Attune's own
    listed = {normalize_code(word) for word in codes}
    for target in codes.values():
        listed |= {target} if isinstance(target, str) else set(target)
    return codes, not set(words) <= listed


def sort_families(column: str, words: Counter[str]) -> list[dict[str, tuple[str, ...]]]:
    """Return the families of words of a column, those of which the most words occur first."""
    families = WORD_MEANINGS.get(column, ())
    return sorted(families, key=lambda family: -sum(words[normalize_code(word)] > 0 for word in family))


def _format_mark(word: str) -> str:
    return word.upper() if len(word) == 1 else word
