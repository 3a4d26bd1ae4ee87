"""The tables of words: every canonical column has one, and every word leads back to its column."""

import pytest

from attune_fit.data.cell_parsing import normalize_code
from attune_fit.data.clinic.columns import COLUMNS, STRENGTHS, TABLES, list_columns
from attune_fit.data.guessing.header_scores import list_words, score_header
from attune_fit.data.guessing.words.header_clues import HEADER_CLUES, HeaderClue
from attune_fit.data.guessing.words.table_words import TABLE_NAME_WORDS
from attune_fit.data.guessing.words.word_meanings import (
    NUMBER_WORDS,
    OWN_WORDS,
    STRENGTH_WORDS,
    WORD_MEANINGS,
    YES_NO_COLUMNS,
)

NAMES = {column.name for column in COLUMNS}


def test_every_column_has_a_clue_and_every_clue_a_column() -> None:
    assert {(column.table, column.name) for column in COLUMNS} == {(clue.table, clue.column) for clue in HEADER_CLUES}
    assert set(TABLE_NAME_WORDS) == set(TABLES)


@pytest.mark.parametrize("clue", HEADER_CLUES, ids=lambda clue: f"{clue.table}-{clue.column}-{clue.source}")
def test_a_word_is_given_once_and_is_recognized(clue: HeaderClue) -> None:
    assert len(set(map(list_words, clue.words))) == len(clue.words)
    assert all(score_header(word.upper(), clue.words) == 1 for word in clue.words)


@pytest.mark.parametrize("table", TABLES)
def test_a_word_means_one_column_of_a_kind(table: str) -> None:
    """Of two columns with the same word, such as `Ages`, the cells show which: one has numbers, the other ranges."""
    meanings: dict[tuple[tuple[str, ...], str], set[str]] = {}
    for clue in HEADER_CLUES:
        for word in clue.words if clue.table == table else ():
            kind = list_columns(table)[clue.column].kind
            meanings.setdefault((list_words(word), kind), set()).add(clue.column)
    assert not {words: columns for words, columns in meanings.items() if len(columns) > 1}


def test_words_of_cells_are_about_columns_and_mean_their_codes() -> None:
    assert {*WORD_MEANINGS, *OWN_WORDS, *NUMBER_WORDS, *YES_NO_COLUMNS} <= NAMES
    for name, families in WORD_MEANINGS.items():
        allowed = {code for column in COLUMNS if column.name == name for code in column.codes}
        for family in families:
            assert not allowed or {target for targets in family.values() for target in targets} <= allowed
            assert all(normalize_code(target) == target for targets in family.values() for target in targets)
    assert set(STRENGTH_WORDS.values()) == set(STRENGTHS)
