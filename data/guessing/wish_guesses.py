"""Guesses about columns of wishes in the clients' file, such as `F (required)` under `Therapist gender wish`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from attune_fit.data.cell_parsing import normalize_code
from attune_fit.data.guessing.cell_evidence import MIN_ROWS_SHOWN, CellEvidence
from attune_fit.data.guessing.code_guesses import sort_families
from attune_fit.data.guessing.column_scores import SAME, score_header_words
from attune_fit.data.guessing.folder_survey import SurveyedFile
from attune_fit.data.guessing.guess import Ask, Guess, Question, State, settle_answer
from attune_fit.data.guessing.header_scores import list_words, score_header
from attune_fit.data.guessing.words.header_clues import HEADER_CLUES
from attune_fit.data.guessing.words.table_words import (
    THERAPIST_PARTS,
    THERAPIST_WORDS,
    WISH_PARTS,
    WISH_VERBS,
    WISH_WORDS,
)
from attune_fit.data.guessing.words.word_meanings import OWN_WORDS, STRENGTH_WORDS, WORD_MEANINGS
from attune_fit.data.reading.wishes.wish_columns import NO_WISH_WORDS

PREFER_WORDS = frozenset((  # of a question that clients answered in a form: preferences, and no conditions
    *("prefer", "preferred", "preference", "voorkeur", "preferencia", "prefiere", "bevorzugt", "preferez"),
))  # fmt: skip
STRENGTHS = ("must", "prefer", "avoid", "never")
MIN_ATTRIBUTE = 0.7  # score of the words that name the column of the therapists
MIN_BRACKETS = 0.5  # share of cells with a strength in brackets
MIN_WORDS = 0.8  # share of wishes with words of a single column of the therapists
ENDINGS = ("", " only", " therapist", " preferred")  # of a word in a wish, which change no column
LETTERS_OF_A_WORD = 30  # a longer text in brackets is no strength


@dataclass(frozen=True)
class WishGuess:
    """The columns of wishes: their part of ``clinic.toml``, their headers, and the guesses."""

    wishes: list[dict[str, Any]]
    headers: frozenset[str]
    guesses: list[Guess]


def find_wishes(file: SurveyedFile, ask: Ask, columns: Sequence[str] = ()) -> WishGuess:
    """Return the columns of wishes of the clients' file.

    Parameters
    ----------
    file : SurveyedFile
        The clients' file.
    ask : callable
        Answers what is not sure, or None.
    columns : sequence of str
        The columns of therapists that a wish can be about.

    Returns
    -------
    WishGuess
        A column without a strength in brackets, or about an unknown column, is asked about. A wish that is not read
        restricts no pair, so each such column is among the guesses as left out.
    """
    wishes: list[dict[str, Any]] = []
    guesses, headers = [], set()
    strengths = _settle_strengths(file, ask)
    for header in file.headers:
        evidence = file.get_evidence(header)
        has_brackets = sum(evidence.strengths.values()) >= MIN_BRACKETS * evidence.n_known > 0
        words = frozenset(list_words(header))
        attribute, score = _find_attribute(header)
        found = _find_wished_column(evidence)[0]
        is_wish = bool(words & WISH_WORDS) or any(part in word for word in words for part in WISH_PARTS)
        is_of_therapist = bool(words & THERAPIST_WORDS) or any(word.startswith(THERAPIST_PARTS) for word in words)
        is_column = score >= MIN_ATTRIBUTE and found == attribute  # `Therapist gender`
        is_noun = is_wish and words.isdisjoint(WISH_VERBS) and score_header_words("clients", found, header) < SAME
        is_named = (is_of_therapist and (is_wish or is_column)) or (is_noun and bool(found))
        if evidence.weekday_share >= MIN_WORDS:
            continue  # `Preferred times`
        if score < MIN_ATTRIBUTE:
            attribute, score = _find_wished_column(evidence)
        if not (has_brackets and (words & WISH_WORDS or _count_known(evidence, strengths))) and not is_named:
            continue
        headers.add(header)
        state: State = "sure"
        reason = "wishes with their strength in brackets"
        if score < MIN_ATTRIBUTE:
            attribute, state = _ask_attribute(f"{file.place}, {header}", header, tuple(columns), ask), "asked"
        wish: dict[str, Any] = {"column": header, "attribute": attribute}
        wish |= {"codes": codes} if (codes := _find_wish_codes(attribute, evidence)) else {}
        if has_brackets:
            has_own_words = {normalize_code(word) for word in evidence.strengths} <= set(STRENGTHS)
            wish |= {} if has_own_words else {"strengths": strengths}
        elif file.export is not None and not PREFER_WORDS.isdisjoint(words):
            wish["strength"], reason = "prefer", "the question asks for a preference"
        else:
            text = f"How strong are the wishes in `{header}`?"
            answer = ask(Question(f"{file.place}, {header}", text, STRENGTHS, "the wishes are left out"))
            wish |= {"strength": answer} if answer in STRENGTHS else {}
            state, reason = "asked", "wishes without a strength in brackets"
        is_complete = bool(attribute) and ("strength" in wish or (has_brackets and bool(strengths)))
        if is_complete:
            wishes.append(wish)
        else:
            reason = "wishes whose strength or column is not sure: they restrict no pair"
        guesses.append(
            Guess("preferences", attribute or "wishes", file.place, header, state if is_complete else "left out",
                  score, reason, wish if is_complete else None)
        )  # fmt: skip
    return WishGuess(wishes, frozenset(headers), guesses)


def _ask_attribute(place: str, header: str, columns: tuple[str, ...], ask: Ask) -> str:
    """Return the column of therapists that a wish is about, as it is answered; empty without an answer."""
    if not columns:
        return ""
    text = f"Which column of therapists is the wish `{header}` about?"
    question = Question(place, text, columns, "the wishes are left out")
    known = {column.casefold(): column for column in columns}
    return settle_answer(ask, question, lambda one: known.get(one.casefold()), "That is none of these columns.") or ""


def _count_wishes(evidence: CellEvidence) -> Counter[str]:
    """Return the rows of each wish as a code, without its strength in brackets and without answers of no wish."""
    words: Counter[str] = Counter()
    for text, count in evidence.counts.items():
        words[normalize_code(text.partition("(")[0])] += count
    return Counter({word: count for word, count in words.items() if word and word not in NO_WISH_WORDS})


def _find_wish_codes(attribute: str, evidence: CellEvidence) -> dict[str, str]:
    """Return the canonical code of each word of a wish, such as `female only`; empty where all are canonical codes.

    A word in fewer than five rows is not written alone: then the whole family of words is.
    """
    words = _count_wishes(evidence)
    codes: dict[str, str] = {}
    for family in sort_families(attribute, words):
        single = {word: targets[0] for word, targets in family.items() if len(targets) == 1}
        single = {word: target for word, target in single.items() if normalize_code(word) != target}
        for ending in ENDINGS:
            used = {word for word in single if words[normalize_code(word + ending)]}
            is_rare = any(words[normalize_code(word + ending)] < MIN_ROWS_SHOWN for word in used)
            for word in single if used and is_rare else [one for one in single if one in used]:
                codes.setdefault(word + ending, single[word])
    for code in OWN_WORDS.get(attribute, ()):
        if codes and words[code]:
            codes[code] = code
    return codes


def _settle_strengths(file: SurveyedFile, ask: Ask) -> dict[str, str]:
    """Return the strength of each word in brackets, over all columns of wishes; unknown words are asked about."""
    rows: dict[str, set[int]] = {}  # clients, not cells: a rare word can be in several columns of one client
    for header in file.headers:
        evidence = file.get_evidence(header)
        if sum(evidence.strengths.values()) >= MIN_BRACKETS * evidence.n_known > 0:
            for word, places in evidence.list_strength_rows().items():
                rows.setdefault(word, set()).update(places)
    counts = {word: len(places) for word, places in rows.items()}
    strengths = {}
    is_about_wishes = any(normalize_code(word) in STRENGTH_WORDS for word in counts)
    for word, count in counts.items():
        meaning = STRENGTH_WORDS.get(normalize_code(word))
        if meaning is None and is_about_wishes and count >= MIN_ROWS_SHOWN and len(word) <= LETTERS_OF_A_WORD:
            question = Question(file.place, f"How strong is a wish with `({word})`?", STRENGTHS, "it cannot be read")
            meaning = ask(question)
        if meaning not in STRENGTHS:
            continue
        if count >= MIN_ROWS_SHOWN:
            strengths[word] = meaning
        else:  # a rare word is written among all words of its meaning
            strengths |= {one: meaning for one, its_meaning in STRENGTH_WORDS.items() if its_meaning == meaning}
    return strengths


def _count_known(evidence: CellEvidence, strengths: dict[str, str]) -> int:
    return sum(count for word, count in evidence.strengths.items() if word in strengths)


def _find_wished_column(evidence: CellEvidence) -> tuple[str, float]:
    """Return the column of therapists whose words the wishes are, and their share; empty where it is not clear."""
    words = _count_wishes(evidence)
    shares = {}
    for column in (*WORD_MEANINGS, *OWN_WORDS):
        known = {normalize_code(word) for family in WORD_MEANINGS.get(column, ()) for word in family}
        known |= set(OWN_WORDS.get(column, ()))
        known |= {word + ending for word in known for ending in ENDINGS}
        shares[column] = sum(count for word, count in words.items() if word in known) / max(sum(words.values()), 1)
    best = max(shares, key=lambda column: shares[column])
    is_clear = sum(share >= MIN_WORDS for share in shares.values()) == 1
    return (best, shares[best]) if is_clear else ("", 0.0)


def _find_attribute(header: str) -> tuple[str, float]:
    """Return the column of therapists that a wish is about, with the score of its words; empty where none is."""
    words = " ".join(word for word in list_words(header) if word not in WISH_WORDS | THERAPIST_WORDS)
    scores: dict[str, float] = {}
    for clue in HEADER_CLUES:
        if clue.table == "therapists" and clue.source == "from" and clue.column != "therapist_id":
            score = score_header(words, (*clue.words, clue.column)) * clue.weight
            scores[clue.column] = max(score, scores.get(clue.column, 0.0))
    best = max(scores, key=lambda column: scores[column])
    return (best, scores[best]) if scores[best] > 0 else ("", 0.0)
