"""Intake answers from after the first rating."""

from __future__ import annotations

import pandas as pd
import pytest

from attune_fit.data.outcomes.intake_timing import find_intake_dates, is_intake_after_rating
from tests.data.conftest import ClinicFolder
from tests.fault_descriptions import describe_faults


def days(*texts: str | None) -> pd.Series:
    return pd.Series(texts).astype("datetime64[s]")


def test_answers_have_the_date_of_intake_and_of_referral_where_it_is_missing() -> None:
    clients = pd.DataFrame(
        {"intake_on": days("2026-01-02", None, None), "referred_on": days("2026-03-01", "2026-02-01", None)}
    )
    assert find_intake_dates(clients, clients.index).equals(days("2026-01-02", "2026-02-01", None))
    assert find_intake_dates({}, clients.index).isna().all()


@pytest.mark.parametrize(
    ("answered", "rated", "late"),
    [
        ("2026-05-02", "2026-05-01", True),
        ("2026-05-01", "2026-05-01", False),  # the form is filled in before the session of that day
        ("2026-04-01", "2026-05-01", False),
        (None, "2026-05-01", False),
        ("2026-05-02", None, False),
    ],
)
def test_a_rating_is_too_early_only_where_both_days_are_known(
    answered: str | None, rated: str | None, late: bool
) -> None:
    clients = pd.DataFrame({"intake_on": days(answered)})
    early = pd.DataFrame({"client_row": [0], "measured_on": days(rated)})
    assert is_intake_after_rating(clients, early).tolist() == [late]


def test_answers_between_two_therapists_are_late_for_the_first_alone() -> None:
    clients = pd.DataFrame({"intake_on": days("2026-01-01", "2026-05-10")})
    early = pd.DataFrame({"client_row": [1, 1, 0], "measured_on": days("2026-05-01", "2026-06-01", "2026-05-01")})
    assert is_intake_after_rating(clients, early).tolist() == [True, False, False]


def test_a_warning_names_the_rows(clinic_folder: ClinicFolder) -> None:
    clinic_folder.change("clients.csv", "2026-05-02", "2026-06-02")
    assert describe_faults(clinic_folder.list_faults()) == ["clients, referred_on (row 3): intake-after-rating"]


def test_intake_on_comes_before_the_referral(clinic_folder: ClinicFolder) -> None:
    clinic_folder.change("clients.csv", "phq9,referred_on", "phq9,referred_on,Form filled in")
    clinic_folder.change("clients.csv", "2026-05-01", "2026-05-01,2026-05-21").change(
        "clients.csv", "05-02", "06-02,2026-05-02"
    )
    clinic_folder.change("clients.csv", "2026-05-20", "2026-05-20,")
    clinic_folder.add('[tables.clients.columns]\nintake_on = "Form filled in"\n')
    assert describe_faults(clinic_folder.list_faults()) == ["clients, Form filled in (row 2): intake-after-rating"]
