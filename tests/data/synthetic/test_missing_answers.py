import numpy as np
import pandas as pd
import pytest

from attune_fit.data.clinic.columns import list_columns
from attune_fit.data.synthetic.missing_answers import QUESTIONNAIRE_PAGES, QuestionnairePage, remove_answers

CLIENTS = pd.DataFrame({name: np.full(20_000, 1.0) for name in list_columns("clients")})


@pytest.mark.parametrize("page", QUESTIONNAIRE_PAGES, ids=lambda page: page.columns[0])
def test_pages_have_optional_columns_of_their_table(page: QuestionnairePage) -> None:
    columns = list_columns(page.table)
    assert set(page.columns) <= set(columns)
    assert not any(columns[name].required for name in page.columns)


@pytest.mark.parametrize(
    "page", [page for page in QUESTIONNAIRE_PAGES if page.table == "clients"], ids=lambda page: page.columns[0]
)
def test_a_page_is_missing_as_a_whole_and_as_often_as_stated(page: QuestionnairePage) -> None:
    is_missing = remove_answers(np.random.default_rng(1), "clients", CLIENTS, 0.2)[list(page.columns)].isna()
    assert is_missing.eq(is_missing.iloc[:, 0], axis=0).all(axis=None)
    assert is_missing.iloc[:, 0].mean() == pytest.approx(0.2 * page.relative_rate, abs=0.012)


def test_nothing_is_missing_at_a_share_of_0() -> None:
    assert remove_answers(np.random.default_rng(1), "clients", CLIENTS, 0.0).equals(CLIENTS)


def test_the_table_handed_in_is_not_changed() -> None:
    remove_answers(np.random.default_rng(1), "clients", CLIENTS, 0.5)
    assert CLIENTS.notna().all(axis=None)
