"""Guesses about ratings: raw items, the instrument of a total, and columns with one session each."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from attune_fit.data.clinic.instruments import ALLIANCE_SCALES, INSTRUMENTS, Instrument, normalize_instrument_name
from attune_fit.data.guessing.answer_words import find_answer_words
from attune_fit.data.guessing.cell_evidence import CellEvidence
from attune_fit.data.guessing.column_scores import choose_columns, score_columns
from attune_fit.data.guessing.folder_survey import SurveyedFile
from attune_fit.data.guessing.header_scores import list_words, score_header, split_digits
from attune_fit.data.guessing.numbered_headers import list_numbered_headers, list_session_headers
from attune_fit.data.guessing.words.header_clues import HEADER_CLUES
from attune_fit.data.guessing.words.language_words import SCALE_WORDS
from attune_fit.data.guessing.words.table_words import OTHER_SCALES

MIN_ANSWERS = 100  # without any answer above 5, before a form is taken for one whose items end at 5
MIN_IN_RANGE = 0.95
MIN_LETTERS = 3  # of the name of an instrument in a header
MANY_ITEMS = 10  # items of a form without a name, which its words show
SRS_MARKS = (  # words of the four marks of the Session Rating Scale, from 0 to 10 each
    frozenset(("relationship", "relation", "beziehung", "relacion", "relatie")),
    frozenset(("goal", "topic", "ziel", "ziele", "thema", "themen", "but", "sujet", "objetivo", "tema", "doel")),
    frozenset(("approach", "method", "ansatz", "methode", "approche", "enfoque", "aanpak")),
    frozenset(("overall", "gesamt", "insgesamt", "ensemble", "general", "algemeen")),
)
SRS_ONLY = (0, 2)  # marks that no other questionnaire has
MIN_MARKS = 2
MARK_HIGH = 10.0
MIN_SCALE_HEADER = 0.9  # score of the words of a header that is a scale of the alliance
FILLERS_OF_MARKS = frozenset((
    *("srs", "session", "and", "or", "rating", "mark", "score", "the", "scale", "of", "v3", "3", "und", "et", "y"),
))  # fmt: skip
PART_WORDS = frozenset((  # of a header that is no total
    *("relationship", "topic", "approach", "method", "item", "subscale", "question", "subskala", "frage", "subescala"),
    *(word for words in SCALE_WORDS.values() for word in words if word != "but"),
))  # fmt: skip


@dataclass(frozen=True)
class ItemGuess:
    """Raw items of one instrument: the pattern of their headers, the headers, the instrument and the reason.

    ``codes`` gives a number to each word of an answer.
    """

    pattern: str
    headers: tuple[str, ...]
    instrument: Instrument
    is_sure: bool
    reason: str
    codes: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class ScoreOption:
    """An instrument of which a total can be, and the factor from the cells to its points: a sum can be meant."""

    instrument: Instrument
    scale: float = 1.0

    @property
    def name(self) -> str:
        """The instrument, with the range where it is a sum; for questions."""
        low, high = self.instrument.low / self.scale, self.instrument.high / self.scale
        return self.instrument.name if self.scale == 1.0 else f"{self.instrument.name} as a sum ({low:g}-{high:g})"


def find_items(file: SurveyedFile) -> ItemGuess | None:
    """Return the raw items of an instrument; None where no headers are numbered as its items are.

    Of two instruments with as many items, the one whose largest answer is the largest that occurs. Without a name in
    the headers, the words of the answers show the instrument.
    """
    for pattern, numbered in list_numbered_headers(file.headers).items():
        if sorted(numbered) != list(range(1, len(numbered) + 1)):
            continue
        columns = [file.get_evidence(header) for header in numbered.values()]
        headers = tuple(numbered.values())
        name = normalize_instrument_name(pattern.partition("{}")[0]).rstrip("0123456789")
        possible = [one for one in INSTRUMENTS if one.items == len(numbered)]
        for one in possible:
            codes = find_answer_words(one.name, columns)
            if codes and (len(numbered) >= MANY_ITEMS or (name and _has_name(name, one))):
                reason = f"{len(numbered)} items with the words of this form"
                return ItemGuess(pattern, headers, one, is_sure=True, reason=reason, codes=codes)
        n_answers = sum(column.n_known for column in columns)
        named = [one for one in possible if name and _has_name(name, one) and _is_in_range(columns, one, n_answers)]
        if not named and len(numbered) >= MANY_ITEMS and n_answers >= MIN_ANSWERS and _has_sessions(file):
            named = [one for one in possible if _is_in_range(columns, one, n_answers)]
        if not named:
            continue
        best = min(named, key=lambda one: one.item_high)
        is_sure = len(named) == 1 or n_answers >= MIN_ANSWERS
        reason = f"{len(numbered)} items from {best.item_low:g} to {best.item_high:g}"
        return ItemGuess(pattern, headers, best, is_sure, reason)
    return None


def _has_sessions(file: SurveyedFile) -> bool:
    """Return whether a file has the number of a session, so that its forms are about sessions."""
    return "session" in choose_columns(score_columns("outcomes", file))


@dataclass(frozen=True)
class WideGuess:
    """Columns with one session each: the pattern of the scores, that of their dates, and the headers."""

    score: str
    measured_on: str
    headers: tuple[str, ...]


def find_wide_sessions(file: SurveyedFile, done: Collection[str]) -> WideGuess | None:
    """Return headers such as `s1` to `s10` with a score each, and with its date; None where there are none.

    Other headers with a session are among ``headers`` without a pattern: what they hold is not clear.
    """
    groups = list_session_headers(
        header for header in file.headers if header not in done and OTHER_SCALES.isdisjoint(split_digits(header))
    )
    kinds: dict[str, list[str]] = {"score": [], "date": []}
    for pattern, headers in groups.items():
        columns = [file.get_evidence(header) for header in headers if file.get_evidence(header).n_known]
        if columns and all(column.date_forms for column in columns):
            kinds["date"].append(pattern)
        elif columns and all(column.number_share >= MIN_IN_RANGE for column in columns):
            kinds["score"].append(pattern)
    if not groups:
        return None
    is_clear = len(kinds["score"]) == 1 and len(kinds["date"]) <= 1
    score = kinds["score"][0] if is_clear else ""
    date = kinds["date"][0] if is_clear and kinds["date"] else ""
    return WideGuess(score, date, tuple(header for headers in groups.values() for header in headers))


def list_total_parts(file: SurveyedFile, done: Collection[str]) -> list[str]:
    """Return headers that are parts of a total: the four marks of the SRS, and parts that name an instrument.

    Read as the total, one mark of 0 to 10 would be a very weak alliance.
    """
    parts, marks = [], dict[str, int]()
    for header in file.headers:
        words = frozenset(list_words(header))
        if header in done or not file.get_evidence(header).number_share:
            continue
        own = words - FILLERS_OF_MARKS
        mark = next((number for number, names in enumerate(SRS_MARKS) if own and own & names), None)
        if mark is not None and own <= frozenset[str]().union(*SRS_MARKS) and _is_mark(file.get_evidence(header)):
            marks[header] = mark
        elif words & PART_WORDS and is_total_header(header) and not _is_alliance_scale(header):
            parts.append(header)
    is_srs = len(set(marks.values())) >= MIN_MARKS and not {*marks.values()}.isdisjoint(SRS_ONLY)
    of_srs = [header for header in marks if is_srs or "srs" in list_words(header)]
    return [header for header in file.headers if header in {*parts, *of_srs}]


def is_total_header(header: str) -> bool:
    """Return whether a header has a word by which clinics call a total."""
    clues = [clue for clue in HEADER_CLUES if (clue.table, clue.column) == ("outcomes", "score")]
    return any(score_header(header, clue.words) > 0 for clue in clues)


def _is_alliance_scale(header: str) -> bool:
    scales = [clue for clue in HEADER_CLUES if clue.table == "outcomes" and clue.column in ALLIANCE_SCALES]
    return any(score_header(header, clue.words) >= MIN_SCALE_HEADER for clue in scales)


def _is_mark(evidence: CellEvidence) -> bool:
    return evidence.measure_range(0.0, MARK_HIGH) >= MIN_IN_RANGE


def list_possible_instruments(
    columns: Sequence[CellEvidence], header: str, title: str = ""
) -> tuple[list[ScoreOption], bool]:
    """Return the instruments whose range holds the scores, and whether the header names the only one of them.

    ``title`` is the name of the file or sheet: it counts where the header names none, and it names one alone. A total
    of items whose mean is usual can also be their sum, with another range.
    """
    fits = [
        option
        for one in INSTRUMENTS
        for option in (ScoreOption(one), *([ScoreOption(one, 1 / one.items)] if one.combine == "mean" else ()))
        if _holds(columns, one.low / option.scale, one.high / option.scale)
    ]
    named = _list_named(fits, header)
    if named:
        return named, len(named) == 1
    by_title = _list_named(fits, title)
    is_form = any(len(columns) == one.instrument.items for one in by_title)  # its items could be meant
    is_alone = _count_families(title) == 1 and OTHER_SCALES.isdisjoint(split_digits(title))
    if len(by_title) == 1 and is_alone and not is_form:
        return by_title, True
    alike = [one for one in fits if _begins_alike("".join(list_words(header)), one.instrument)]
    return alike or [one for one in fits if one.scale == 1.0], False


def _list_named(options: Sequence[ScoreOption], text: str) -> list[ScoreOption]:
    """Return the instruments that a header or a title names, with the longest name: `WAI-SR` begins like `WAI-S`."""
    named = [one for one in options if any(map(_names_instrument(one.instrument), _list_endings(text)))]
    longest = max((len(one.instrument.name) for one in named), default=0)
    return [one for one in named if len(one.instrument.name) == longest]


def _count_families(text: str) -> int:
    """Return how many families of forms, such as the WAI, a title names."""
    found = [one for one in INSTRUMENTS if any(_begins_alike(words, one) for words in _list_endings(text))]
    return len({one.name.partition("-")[0] for one in found})


def _list_endings(text: str) -> list[str]:
    """Return the words of a text from each place to its end: `Total SRS` names the SRS after another word."""
    words = list_words(text)
    return ["".join(words[place:]) for place in range(len(words))]


def find_scale(columns: Sequence[CellEvidence], instrument: Instrument, column: str) -> float | None:
    """Return the factor from the cells of a total, or of one scale, to points; None where they are in no such range."""
    low, high = instrument.compute_bounds(column if column in ALLIANCE_SCALES else None)
    n_items = len(instrument.scales.get(column, ())) or instrument.items
    for factor in (1.0, 1 / n_items) if instrument.combine == "mean" else (1.0,):
        if _holds(columns, low / factor, high / factor):
            return factor
    return None


def _names_instrument(instrument: Instrument) -> Callable[[str], bool]:
    name = normalize_instrument_name(instrument.name)
    return lambda words: words.startswith(name)


def _holds(columns: Sequence[CellEvidence], low: float, high: float) -> bool:
    """Return whether the numbers of all columns together are nearly all in a range."""
    n_known = sum(column.n_known for column in columns)
    return n_known > 0 and sum(column.measure_range(low, high) * column.n_known for column in columns) >= (
        MIN_IN_RANGE * n_known
    )


def _begins_alike(words: str, instrument: Instrument) -> bool:
    """Return whether a header begins as the names of a family of forms, such as `WAI total`."""
    return words.startswith(normalize_instrument_name(instrument.name.partition("-")[0]))


def _is_in_range(columns: list[CellEvidence], instrument: Instrument, n_answers: int) -> bool:
    low, high = instrument.item_low, instrument.item_high
    inside = sum(column.measure_range(low, high) * column.n_known for column in columns)
    return n_answers > 0 and inside >= MIN_IN_RANGE * n_answers


def _has_name(name: str, instrument: Instrument) -> bool:
    """Return whether letters before a number are the beginning of the name of an instrument."""
    full = normalize_instrument_name(instrument.name)
    is_short = len(name) < min(MIN_LETTERS, len(full))  # `s1` to `s4` can be sessions, and `w1` to `w12` weeks
    return not is_short and (full.startswith(name) or name.startswith(full.rstrip("0123456789")))
