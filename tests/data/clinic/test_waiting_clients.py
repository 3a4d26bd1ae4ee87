"""Who waits."""

import pytest

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic.waiting_clients import find_waiting_clients
from tests.data.conftest import Handed


def waits(handed: Handed, where: str = "") -> set[str]:
    """Ids of those who wait."""
    if where:
        handed.add(f"[waiting]\nwhere = {{ {where} }}\n")
    tables = handed.read()
    return set(tables.clients["client_id"].iloc[find_waiting_clients(Clinic.open(handed.folder), tables)])


def test_those_wait_who_never_appear_in_outcomes(handed: Handed) -> None:
    assert waits(handed) == {"cat"}


def test_a_row_of_no_use_still_says_that_they_met(handed: Handed) -> None:
    handed.change("outcomes.csv", "ann,tom,3,2026-05-20,WAI-SR,client,4.25", "ann,gus,3,2026-05-20,WAI-SR,client,4.25")
    handed.change("outcomes.csv", "client,3.5", "client,")
    assert waits(handed) == {"cat"}


def test_an_outcome_may_say_that_its_therapist_is_not_on_the_roster(handed: Handed) -> None:
    handed.put("outcomes.csv", "client_id,therapist_id\nann,not on the roster\nben,not on the roster\n")
    assert waits(handed) == {"cat"}
    assert not handed.read().warnings


def test_only_clients_who_are_there_have_met_someone(handed: Handed) -> None:
    assert handed.change("outcomes.csv", "ann", "zoe").read().met_client_ids == {"ben"}


def test_everybody_waits_without_outcomes(handed: Handed) -> None:
    assert waits(handed.drop("outcomes.csv")) == {"ann", "ben", "cat"}


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ('column = "client_id", from = "BEN"', {"ben", "cat"}),
        ('column = "client_id", to = "ann"', {"ann"}),
        ('column = "age", from = 30', {"ann", "ben"}),
        ('column = "age", from = 30, to = 40.5', {"ann"}),
        ('column = "referred_on", from = 2026-05-02', {"ben", "cat"}),
        ('column = "gender", is = "Woman"', {"ann", "cat"}),
        ('column = "gender", not = "woman"', {"ben"}),
        ('column = "lgbtq", not = "yes"', {"ann"}),
        ('column = "phq9", is = 7', {"ben"}),
    ],
)
def test_a_condition_compares_words_numbers_and_dates_and_unknown_never_fulfils_it(
    handed: Handed, where: str, expected: set[str]
) -> None:
    assert waits(handed.drop("outcomes.csv"), where) == expected
