"""ANSWER_WORDS: the words with which a questionnaire is answered, and the number of each: one row for each form."""

from __future__ import annotations

from typing import NamedTuple

from attune_fit.data.cell_parsing import normalize_code
from attune_fit.data.guessing.cell_evidence import CellEvidence

MIN_WORDS = 0.95  # share of answers that are words of the form
MIN_DIFFERENT = 0.6  # share of the words of a form that occur: few words can be of several forms


class AnswerWords(NamedTuple):
    """The words of one form, from its smallest answer to its largest.

    Attributes
    ----------
    name : str
        The instrument, or the column of the clients that the items add up to.
    low : int
        The number of the first word.
    words : tuple of str
        The words; each has the next number.
    """

    name: str
    low: int
    words: tuple[str, ...]

    @property
    def codes(self) -> dict[str, int]:
        """The number of each word."""
        return {word: self.low + place for place, word in enumerate(self.words)}


ANSWER_WORDS: tuple[AnswerWords, ...] = (
    # Hatcher & Gillaspy 2006, Psychotherapy Research 16:12-25; German: Wilmers et al. 2008, Klin Diagn Eval 1:343-358
    AnswerWords("WAI-SR", 1, ("Seldom", "Sometimes", "Fairly often", "Very often", "Always")),
    AnswerWords("WAI-SR", 1, ("selten", "manchmal", "\u00f6fters", "sehr oft", "immer")),
    # Tracey & Kokotovic 1989, Psychological Assessment 1:207-210
    AnswerWords("WAI-S", 1, ("Never", "Rarely", "Occasionally", "Sometimes", "Often", "Very often", "Always")),
    # Kroenke, Spitzer & Williams 2001, J Gen Intern Med 16:606-613; the GAD-7 has the same words
    AnswerWords("phq9", 0, ("Not at all", "Several days", "More than half the days", "Nearly every day")),
    AnswerWords("gad7", 0, ("Not at all", "Several days", "More than half the days", "Nearly every day")),
)


def find_answer_words(name: str, columns: list[CellEvidence]) -> dict[str, int]:
    """Return the number of each word of a form; empty where the answers are not its words.

    Parameters
    ----------
    name : str
        As in a row of :data:`ANSWER_WORDS`.
    columns : list of CellEvidence
        The answers to each item.
    """
    counts: dict[str, int] = {}
    for column in columns:
        for text, count in column.counts.items():
            counts[normalize_code(text)] = counts.get(normalize_code(text), 0) + count
    for row in (row for row in ANSWER_WORDS if row.name == name):
        known = {normalize_code(word) for word in row.words}
        n_known = sum(count for text, count in counts.items() if text in known)
        is_varied = len(known & counts.keys()) >= MIN_DIFFERENT * len(known)
        if counts and is_varied and n_known >= MIN_WORDS * sum(counts.values()):
            return row.codes
    return {}
