import pytest

from attune_fit.data.clinic.columns import COLUMNS, PRIORITY, list_columns
from attune_fit.data.published_statistics import read_published_statistics
from attune_fit.data.synthetic.code_frequencies import (
    CODE_FREQUENCIES,
    NUMERIC_COLUMNS,
    VOCABULARY,
    CodeFrequency,
    NumericColumn,
    list_code_shares,
    list_codes,
)

CHOSEN = ("gender", "race_ethnicity", "religion")  # one code a person, on both sides


@pytest.mark.parametrize("code", CODE_FREQUENCIES, ids=lambda code: f"{code.vocabulary}-{code.name}")
def test_shares_are_shares_and_codes_read_back_as_they_are_written(code: CodeFrequency) -> None:
    assert 0 <= code.clients <= 1
    assert 0 <= code.therapists <= 1
    assert code.name == " ".join(code.name.casefold().split())
    assert "|" not in code.name


def test_a_code_is_listed_once() -> None:
    assert len({(code.vocabulary, code.name) for code in CODE_FREQUENCIES}) == len(CODE_FREQUENCIES)


@pytest.mark.parametrize("column", CHOSEN)
@pytest.mark.parametrize("side", ["clients", "therapists"])
def test_shares_of_a_single_code_column_add_up_to_one(column: str, side: str) -> None:
    assert list_code_shares(column, side).sum() == pytest.approx(1)


@pytest.mark.parametrize(
    "code", [code for code in CODE_FREQUENCIES if code.source != "assumed"], ids=lambda code: code.name
)
def test_shares_that_name_a_figure_agree_with_it(code: CodeFrequency) -> None:
    values = {read_published_statistics()[key.strip()].value for key in code.source.split(",")}
    assert values <= {code.clients, code.therapists}


@pytest.mark.parametrize("row", NUMERIC_COLUMNS, ids=lambda row: row.column)
def test_numbers_keep_to_the_ends_of_their_column(row: NumericColumn) -> None:
    column = list_columns("clients")[row.column]
    assert (row.low, row.high) == (column.low, column.high)


@pytest.mark.parametrize("row", [row for row in NUMERIC_COLUMNS if row.source != "assumed"], ids=lambda row: row.column)
def test_norms_that_name_figures_agree_with_them(row: NumericColumn) -> None:
    mean, sd = (read_published_statistics()[key.strip()].value for key in row.source.split(","))
    assert (row.center, row.scale) == (mean, sd)


def test_every_code_and_set_column_of_people_has_a_vocabulary() -> None:
    columns = {column.name for column in COLUMNS if column.table in ("clients", "therapists")}
    assert set(VOCABULARY) <= columns
    spoken = {c.name for c in COLUMNS if c.table in ("clients", "therapists") and c.kind in ("code", "set")}
    assert all(list_codes(column) for column in spoken - {PRIORITY})  # a priority is given at the clinic, not drawn
