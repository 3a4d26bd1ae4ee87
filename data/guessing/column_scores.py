"""Scores of columns: which canonical column each header of a table is, from its words and its cells."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache

from attune_fit.data.cell_parsing import normalize_code
from attune_fit.data.clinic.columns import TABLE_ID_COLUMNS, Column, list_columns
from attune_fit.data.guessing.cell_evidence import CellEvidence
from attune_fit.data.guessing.folder_survey import SurveyedFile
from attune_fit.data.guessing.header_scores import list_words, score_header, split_digits
from attune_fit.data.guessing.words.header_clues import HEADER_CLUES, TIMES_WORDS, HeaderClue
from attune_fit.data.guessing.words.table_words import (
    LICENCE_TYPES,
    OTHER_SCALES,
    TABLE_NOUNS,
    THERAPIST_PARTS,
    THERAPIST_WORDS,
    WISH_PARTS,
    WISH_WORDS,
)
from attune_fit.data.guessing.words.word_meanings import (
    MISSING_NUMBERS,
    OWN_WORDS,
    WORD_MEANINGS,
    YES_NO_COLUMNS,
    choose_number_words,
)

SURE = 0.72  # a score at or above it is taken
POSSIBLE = 0.45  # a score at or above it is asked about
CLOSE = 0.06  # two columns whose scores differ by less are asked about
MOSTLY = 0.8  # share of cells that makes a kind of column likely
KNOWN_WORDS_ADD = 0.25  # to a score where most cells are words of this very column
ONLY_KNOWN_WORDS = 0.5  # the score of a header without such a word, where most cells are
SAME = 0.95  # a score of words at or above it means the same words
YEAR_OF_BIRTH = 0.95  # of a header with years of birth: an age next to it is more exact
NO_FORMATS = 0.6  # of a header of formats without their words: `Works` or `Setting` can mean much else
MIN_KNOWN_WORDS = 2  # distinct ones: `f` alone can mean false
LOWER_PART = 0.97  # of the score, where only the lower of two header rows has the words
FEW_TYPES = 0.3  # share of kinds of licences in a column that is no list of regions
SCORE_COLUMNS = ("score", "goal", "task", "bond")
FILLED, FILLED_ID = 0.9, 0.6  # score of what a preset fills: the id of an answer is hardly that of a person
PERCENT_COLUMNS = ("outcome_expectancy",)  # from 0 to 1, and often written from 0 to 100


@dataclass(frozen=True)
class ColumnScore:
    """How likely a header is one canonical column.

    Attributes
    ----------
    header, column, source : str
        The clinic's header, the canonical column, and the key of ``clinic.toml``: ``from`` or ``birth_date``.
    score : float
        In [0, 1]: the score of the words times that of the cells.
    reason : str
        Why, in a few words.
    """

    header: str
    column: str
    source: str
    score: float
    reason: str


def score_columns(table: str, file: SurveyedFile, headers: Iterable[str] | None = None) -> list[ColumnScore]:
    """Return every possible column of a table for each header of a file, the best first.

    Parameters
    ----------
    table : str
        The canonical table that the file is taken for.
    file : SurveyedFile
        The file.
    headers : iterable of str, optional
        Those to score. Default: all.
    """
    known = file.column_scores
    found: list[ColumnScore] = []
    for header in file.headers if headers is None else headers:
        if (table, header) not in known:
            known[table, header] = tuple(_score_header_columns(table, file, header))
        found.extend(known[table, header])
    return sorted(found, key=lambda one: -one.score)


def _score_header_columns(table: str, file: SurveyedFile, header: str) -> Iterable[ColumnScore]:
    """Return every possible column of a table for one header of a file."""
    evidence = file.get_evidence(header)
    if not evidence.n_known:
        return ()
    is_about_wishes = table == "clients" and is_wish_header(header)
    best = _score_filled(table, file, header)
    if file.export is not None and file.export.is_own_header(header):
        return best.values()
    other_words = OTHER_SCALES | THERAPIST_WORDS  # another questionnaire, or the rating of the therapist
    is_of_other_scale = table == "outcomes" and not other_words.isdisjoint(split_digits(header))
    columns = list_columns(table)
    known = {name: measure_known_words(name, evidence) for name in columns}
    for clue in _list_clues(table):
        if is_of_other_scale and clue.column in SCORE_COLUMNS:
            continue
        words = _score_clue(clue, columns[clue.column], file, header)
        if words < SAME and is_about_wishes:
            continue
        one = _score_one(header, words * clue.weight, clue, columns[clue.column], evidence, known[clue.column])
        if one is not None and (clue.column not in best or one.score > best[clue.column].score):
            best[clue.column] = one
    return best.values()


@cache
def _list_clues(table: str) -> tuple[HeaderClue, ...]:
    return tuple(clue for clue in HEADER_CLUES if clue.table == table)


def _score_clue(clue: HeaderClue, column: Column, file: SurveyedFile, header: str) -> float:
    """Return how much a header looks like the words of a clue, in [0, 1]; for availability the cells count too."""
    names = (*clue.words, clue.column) if clue.source == "from" else clue.words
    nouns = () if column.kind == "id" else TABLE_NOUNS.get(clue.table, ())
    words = max(
        score_header(name, names, nouns) * (1.0 if name == header else LOWER_PART) for name in file.list_names(header)
    )
    if clue.column != "availability" or file.get_evidence(header).weekday_share < MOSTLY:
        return words
    words = max(words, *(score_header(name, TIMES_WORDS) for name in file.list_names(header)))
    is_only = words > 0 or _has_only_times(file, header)
    return max(words, SAME) if is_only else 0.0  # hardly anything else holds such times


def _has_only_times(file: SurveyedFile, header: str) -> bool:
    """Return whether a header is the only one of a file whose cells are sets of weekly times.

    A single time can be an appointment that exists, and several such columns can be habits.
    """
    columns = {one: file.get_evidence(one) for one in file.headers}
    found = [one for one, cells in columns.items() if cells.weekday_share >= MOSTLY and cells.times_mark]
    return found == [header]


def _score_filled(table: str, file: SurveyedFile, header: str) -> dict[str, ColumnScore]:
    """Return the columns that the preset of an export fills from a header; a question with the same words is better."""
    if file.export is None or not file.can_be(table):
        return {}
    ids = TABLE_ID_COLUMNS.get(table)
    return {
        name: ColumnScore(
            header,
            name,
            "birth_date" if column.birth_date is not None else "from",
            FILLED_ID if name == ids and file.export.person_id is None else FILLED,
            f'by source = "{file.export.preset.name}"',
        )
        for name, column in file.export.columns.items()
        if column.header == header
    }


def choose_columns(scores: Iterable[ColumnScore]) -> dict[str, ColumnScore]:
    """Return one header for each column and one column for each header, by score; only sure ones."""
    chosen: dict[str, ColumnScore] = {}
    taken: set[str] = set()
    for one in scores:
        if one.score >= SURE and one.column not in chosen and one.header not in taken:
            chosen[one.column] = one
            taken.add(one.header)
    return chosen


def list_doubts(
    scores: Iterable[ColumnScore], chosen: dict[str, ColumnScore], done: Collection[str]
) -> dict[str, list[ColumnScore]]:
    """Return the possible columns of each header that is not chosen, and that no other header is already."""
    doubts: dict[str, list[ColumnScore]] = {}
    taken = {one.header for one in chosen.values()} | set(done)
    for one in scores:
        if one.score >= POSSIBLE and one.header not in taken and one.column not in chosen:
            doubts.setdefault(one.header, []).append(one)
    return doubts


def score_header_words(table: str, column: str, header: str) -> float:
    """Return how much a header looks like the words of one canonical column, whatever its cells are, in [0, 1]."""
    clues = [clue for clue in HEADER_CLUES if (clue.table, clue.column, clue.source) == (table, column, "from")]
    nouns = TABLE_NOUNS.get(table, ())
    return max((score_header(header, (*clue.words, column), nouns) * clue.weight for clue in clues), default=0.0)


def is_wish_header(header: str) -> bool:
    """Return whether a header has a word for a wish, or for a therapist: in a file of clients it is about a wish."""
    words = list_words(header)
    has_part = any(word.startswith(THERAPIST_PARTS) or any(part in word for part in WISH_PARTS) for word in words)
    return has_part or not (WISH_WORDS | THERAPIST_WORDS).isdisjoint(words)


def _score_one(
    header: str, words: float, clue: HeaderClue, column: Column, evidence: CellEvidence, known: float
) -> ColumnScore | None:
    """Return the score of a column; ``known`` is the share of cells that are words of it. None where nothing fits."""
    if words <= 0 and known < MOSTLY:
        return None
    cells, what = _score_cells(column, clue.source, evidence)
    added = KNOWN_WORDS_ADD if known >= MOSTLY else 0.0
    score = min(1.0, words * cells + added) if words > 0 else ONLY_KNOWN_WORDS
    by_name = "same words" if words >= SAME else "similar words" if words > 0 else "no such word"
    return ColumnScore(header, column.name, clue.source, score, f"{by_name}; {what}")


def measure_known_words(column: str, evidence: CellEvidence) -> float:
    """Return the share of cells whose members all are words of this column, in [0, 1]; 0 where it has no such words."""
    if column == "availability":
        return evidence.weekday_share
    known = _list_known_words(column)
    if not known or column in ("rater", "priority"):
        return 0.0
    members = evidence.members
    found = {word: count for word, count in members.items() if word in known}
    return sum(found.values()) / sum(members.values()) if len(found) >= MIN_KNOWN_WORDS else 0.0


@cache
def _list_known_words(column: str) -> frozenset[str]:
    families = WORD_MEANINGS.get(column, ())
    written = {normalize_code(word) for family in families for word in family} | set(OWN_WORDS.get(column, ()))
    return frozenset(written) | {target for family in families for targets in family.values() for target in targets}


def _score_cells(column: Column, source: str, evidence: CellEvidence) -> tuple[float, str]:
    """Return how well the cells fit a column, in [0, 1], and what they are."""
    if source == "birth_date":
        if evidence.is_year and not evidence.date_forms:
            return YEAR_OF_BIRTH, "years of birth"
        return (1.0, "dates of birth") if evidence.date_forms else (0.0, "no dates")
    if column.kind == "date":
        return (1.0, "dates") if evidence.date_forms else (0.0, "no dates")
    if column.kind == "number":
        return _score_numbers(column, evidence)
    if evidence.date_forms:
        return 0.0, "dates"
    if column.kind == "id":
        is_own = TABLE_ID_COLUMNS.get(column.table) == column.name
        return (1.0, "each once") if not is_own or evidence.distinct_share >= 0.9 else (0.3, "repeated values")
    return _score_codes(column, evidence)


def _has_format_words(evidence: CellEvidence) -> bool:
    """Return whether at least half of the members of the cells are words of formats, or all are numeric codes."""
    words = {normalize_code(word) for family in WORD_MEANINGS["formats"] for word in family}
    words |= set(OWN_WORDS["formats"])
    members = evidence.members
    found = sum(count for text, count in members.items() if text in words)
    return evidence.number_share > MOSTLY or found >= 0.5 * sum(members.values())


def _measure_licence_types(evidence: CellEvidence) -> float:
    """Return the share of cells that are a kind of licence or a degree, in place of where it is valid."""
    members = evidence.members
    return sum(members[word] for word in LICENCE_TYPES) / max(sum(members.values()), 1)


def _score_numbers(column: Column, evidence: CellEvidence) -> tuple[float, str]:
    words = evidence.count_members(None)
    in_words = sum(words[word] for word in choose_number_words(column.name, words))
    if (evidence.number_share + in_words / evidence.n_known) < MOSTLY or evidence.date_forms:
        return 0.0, "no numbers"
    if column.low is None or column.high is None:
        return 1.0, "numbers"
    high = 100.0 if column.name in PERCENT_COLUMNS else column.high
    unlike = in_words + sum(
        evidence.numbers[float(value)] for value in MISSING_NUMBERS if not column.low <= value <= high
    )
    share = evidence.measure_range(column.low, high) + unlike / evidence.n_known
    return (1.0, "numbers in its range") if share >= MOSTLY else (0.3, "numbers outside its range")


def _score_codes(column: Column, evidence: CellEvidence) -> tuple[float, str]:
    if sum(evidence.strengths.values()) > evidence.n_known / 2:
        return 0.1, "wishes"
    if column.name in YES_NO_COLUMNS:
        return (1.0, "yes and no") if evidence.mark_share >= MOSTLY else (0.3, "no marks for yes and no")
    if column.name == "availability":
        return (1.0, "times of the week") if evidence.weekday_share >= MOSTLY else (0.4, "no times of the week")
    if column.name == "formats" and evidence.weekday_share >= MOSTLY:
        return 0.0, "times of the week"
    if column.name == "formats" and not _has_format_words(evidence):
        return NO_FORMATS, "no words of formats"
    if column.name == "licensed_regions" and _measure_licence_types(evidence) >= FEW_TYPES:
        return 0.1, "kinds of licences"
    if column.name == "age_groups":
        return (1.0, "ranges") if evidence.number_share < MOSTLY else (0.1, "numbers")
    if evidence.number_share > MOSTLY:
        return 0.9, "numeric codes"
    return (1.0, "codes") if evidence.has_code_lengths else (0.7, "long or many texts")
