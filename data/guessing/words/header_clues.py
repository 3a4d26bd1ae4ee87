"""HEADER_CLUES: the words by which clinics call each column; a new word is one more in the table of its language.

The words are general: usual names in intake forms, rosters and exports of practice systems, and the published short
names of scales. They are compared without case, signs, plural and filler words (see :mod:`header_scores`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from attune_fit.data.clinic.columns import COLUMNS, TABLE_ID_COLUMNS
from attune_fit.data.clinic.instruments import INSTRUMENTS
from attune_fit.data.guessing.words.dutch_people_headers import DUTCH_PEOPLE_HEADERS
from attune_fit.data.guessing.words.dutch_rating_headers import DUTCH_RATING_HEADERS
from attune_fit.data.guessing.words.english_client_headers import ENGLISH_CLIENT_HEADERS
from attune_fit.data.guessing.words.english_person_headers import ENGLISH_PERSON_HEADERS
from attune_fit.data.guessing.words.english_rating_headers import ENGLISH_RATING_HEADERS
from attune_fit.data.guessing.words.english_therapist_headers import ENGLISH_THERAPIST_HEADERS
from attune_fit.data.guessing.words.french_people_headers import FRENCH_PEOPLE_HEADERS
from attune_fit.data.guessing.words.french_rating_headers import FRENCH_RATING_HEADERS
from attune_fit.data.guessing.words.german_people_headers import GERMAN_PEOPLE_HEADERS
from attune_fit.data.guessing.words.german_rating_headers import GERMAN_RATING_HEADERS
from attune_fit.data.guessing.words.language_words import SCALE_WORDS, TOTAL_WORDS
from attune_fit.data.guessing.words.spanish_people_headers import SPANISH_PEOPLE_HEADERS
from attune_fit.data.guessing.words.spanish_rating_headers import SPANISH_RATING_HEADERS


@dataclass(frozen=True)
class HeaderClue:
    """Words for one column of one canonical table.

    Attributes
    ----------
    table, column : str
        The canonical column.
    words : tuple of str
        What clinics call it, as in :func:`attune_fit.data.guessing.header_scores.list_words`.
    source : {"from", "birth_date"}
        The key of ``clinic.toml`` for such a header.
    weight : float
        How much a match shows, in (0, 1]: less for a word that often means something else.
    """

    table: str
    column: str
    words: tuple[str, ...]
    source: str = "from"
    weight: float = 1.0


# A key is a column, or a table and a column as in `outcomes.score`, and can end with a sign of WEIGHTS.
HEADER_WORDS: tuple[dict[str, tuple[str, ...]], ...] = (
    *(ENGLISH_CLIENT_HEADERS, ENGLISH_PERSON_HEADERS, ENGLISH_THERAPIST_HEADERS, ENGLISH_RATING_HEADERS),
    *(DUTCH_PEOPLE_HEADERS, DUTCH_RATING_HEADERS, FRENCH_PEOPLE_HEADERS, FRENCH_RATING_HEADERS),
    *(GERMAN_PEOPLE_HEADERS, GERMAN_RATING_HEADERS, SPANISH_PEOPLE_HEADERS, SPANISH_RATING_HEADERS),
)
MAX_UNSURE = 0.6
WEIGHTS = {"~": 0.8, "?": MAX_UNSURE}  # of a word that is less sure, and of one that is asked about
BIRTH_DATE = "birth_date"  # the key for the date from which an age is computed
TIMES_WORDS = (  # headers of availability only where the cells are times of the week
    *("roster", "rota", "works", "working", "works on", "days", "working days", "work days", "shifts", "in office"),
    "sees clients",
)
STYLE_WORDS: dict[str, tuple[str, ...]] = {  # of a scale of C-NIP, as a client prefers it or as a therapist works
    "directiveness": ("td cd", "directiveness", "therapist directiveness"),
    "emotional_intensity": ("ei er", "emotional intensity", "intensity"),
    "past_focus": ("pao pro", "past focus", "past orientation", "past present"),
    "warm_support": ("ws fc", "warm support", "warmth", "support challenge"),
}


def _list_clues() -> Iterator[HeaderClue]:
    """Yield the rows of :data:`HEADER_WORDS` as clues, one for each table that has the column."""
    for rows in HEADER_WORDS:
        for key, words in rows.items():
            table, _, name = key.rstrip("".join(WEIGHTS)).rpartition(".")
            weight = WEIGHTS.get(key[-1], 1.0)
            if name == BIRTH_DATE:
                yield from (HeaderClue(one, "age", words, "birth_date", weight) for one in TABLE_ID_COLUMNS)
                continue
            tables = (table,) if table else tuple(column.table for column in COLUMNS if column.name == name)
            yield from (HeaderClue(one, name, words, weight=weight) for one in tables)


def _list_style_clues() -> Iterator[HeaderClue]:
    """Yield the words of each scale of style, alone and with words of a preference or of a style around them."""
    for scale, words in STYLE_WORDS.items():
        preference = _combine(("cnip", "c nip", "prefers"), words, ("preference", "wish"))
        yield HeaderClue("clients", f"{scale}_preference", preference)
        style = _combine(("style", "own", "cnip", "c nip"), words, ("style", "offered"))
        yield HeaderClue("therapists", f"{scale}_style", style)


def _list_rating_clues() -> Iterator[HeaderClue]:
    """Yield the words of a total and of the scales, alone and after the name of an instrument: `WAI-SR total`."""
    names = ("wai", "arm", *(one.name for one in INSTRUMENTS))
    words = {"score": TOTAL_WORDS, **SCALE_WORDS}
    for column, endings in words.items():
        yield HeaderClue("outcomes", column, (*endings, *(f"{name} {end}" for name in names for end in endings)))


def _combine(before: tuple[str, ...], words: tuple[str, ...], after: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words alone, with each word before and with each word after them."""
    return (
        *words,
        *(f"{one} {word}" for one in before for word in words),
        *(f"{word} {one}" for one in after for word in words),
    )


HEADER_CLUES: tuple[HeaderClue, ...] = (*_list_clues(), *_list_style_clues(), *_list_rating_clues())
