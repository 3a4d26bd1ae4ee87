import numpy as np
import pytest

from attune_fit.data.clinic.columns import PRIORITY, list_columns
from attune_fit.data.number_ranges import parse_range
from attune_fit.data.published_statistics import read_published_statistics
from attune_fit.data.synthetic.clients import CORRELATIONS, MAX_PROBLEMS, draw_clients
from attune_fit.data.synthetic.code_frequencies import NUMERIC_COLUMNS, list_code_shares, list_codes
from attune_fit.data.synthetic.people import People


@pytest.fixture(scope="module")
def clients() -> People:
    return draw_clients(np.random.default_rng(3), 20_000)


def test_every_column_of_a_client_but_ids_dates_and_priority_is_drawn(clients: People) -> None:
    assert set(list_columns("clients")) - set(clients.columns) == {"client_id", "referred_on", "intake_on", PRIORITY}


@pytest.mark.parametrize("pair", CORRELATIONS, ids=" and ".join)
def test_answers_go_together_as_stated(clients: People, pair: tuple[str, str]) -> None:
    correlation = np.corrcoef(clients[pair[0]], clients[pair[1]])[0, 1]
    assert correlation == pytest.approx(
        CORRELATIONS[pair], abs=0.035
    )  # sampling error, and clipping at the ends of the scales


@pytest.mark.parametrize("row", NUMERIC_COLUMNS, ids=lambda row: row.column)
def test_scales_have_the_stated_centre_and_spread(clients: People, row: object) -> None:
    standard = clients.standardize(row.column)  # type: ignore[attr-defined]
    assert standard.mean() == pytest.approx(0, abs=0.05)
    assert standard.std() == pytest.approx(1, abs=0.10)  # clipping at the ends reduces it a little


def test_women_want_warm_support_more_as_published(clients: People) -> None:
    woman = clients["gender"][:, 0]
    gap = clients.standardize("warm_support_preference")[woman].mean()
    gap -= clients.standardize("warm_support_preference")[~woman].mean()
    assert gap == pytest.approx(read_published_statistics()["women_warm_support_g"].value, abs=0.06)


def test_sex_and_age_mix_are_the_published_ones(clients: People) -> None:
    assert clients["gender"][:, 0].mean() == pytest.approx(read_published_statistics()["client_women"].value, abs=0.012)
    assert (clients["age"] >= 65).mean() == pytest.approx(
        read_published_statistics()["client_65_and_older"].value, abs=0.01
    )


def test_ages_lie_in_their_group(clients: People) -> None:
    for code, members in zip(list_codes("age_group"), clients["age_group"].T, strict=True):
        low, high = parse_range(code)
        assert clients["age"][members].min() >= low
        assert clients["age"][members].max() <= high


def test_each_client_names_one_to_four_problems_with_the_main_one_among_them(clients: People) -> None:
    count = clients["presenting_problems"].sum(axis=1)
    assert count.min() == 1
    assert count.max() == MAX_PROBLEMS
    assert clients["presenting_problems"][np.arange(len(clients)), clients["main"]].all()


def test_problems_are_about_as_frequent_as_stated(clients: People) -> None:
    assert clients["presenting_problems"].mean(axis=0) == pytest.approx(
        list_code_shares("problem", "clients"), abs=0.06
    )


def test_anxious_clients_name_anxiety_more_often_and_depression_comes_along(clients: People) -> None:
    anxiety, depression = (
        clients["presenting_problems"][:, list_codes("problem").index(code)] for code in ("anxiety", "depression")
    )
    assert clients["gad7"][anxiety].mean() > clients["gad7"][~anxiety].mean() + 2
    assert clients["phq9"][depression].mean() > clients["phq9"][~depression].mean() + 2


def test_each_client_has_a_language_and_a_free_slot(clients: People) -> None:
    for column in ("languages", "formats", "availability", "payer", "region"):
        assert clients[column].any(axis=1).all()


def test_one_client_can_be_drawn() -> None:
    assert len(draw_clients(np.random.default_rng(0), 1)) == 1
