"""Outcomes whose rater or session stands under a header that no mapping uses."""

import pytest

from tests.data.conftest import ClinicFolder

HEADER = "client_id,therapist_id,measured_on,instrument,score"


def put(clinic_folder: ClinicFolder, header: str, *cells: str) -> ClinicFolder:
    """Write outcomes with one more column."""
    rows = [
        f"{client},tom,2026-05-{20 + i},WAI-SR,4,{cell}"
        for i, (client, cell) in enumerate(zip(("ann", "ben"), cells, strict=True))
    ]
    return clinic_folder.put("outcomes.csv", "\n".join([f"{HEADER},{header}", *rows, ""]))


def list_ids(clinic_folder: ClinicFolder) -> list[tuple[str, bool, str]]:
    return [(one.id, one.stops, one.column) for one in clinic_folder.list_faults()]


@pytest.mark.parametrize("header", ["rated_by", "Respondent", "who"])
@pytest.mark.parametrize("cells", [("therapist", "client"), ("Clinician", ""), ("Self-report", "OBSERVER")])
def test_a_column_that_names_other_raters_is_an_error(
    clinic_folder: ClinicFolder, header: str, cells: tuple[str, str]
) -> None:
    assert list_ids(put(clinic_folder, header, *cells)) == [("unmapped-rater", True, header)]


@pytest.mark.parametrize(("header", "cells"), [("RatedBy", ("T", "C")), ("Rater type", ("1", "2"))])
def test_a_header_that_may_name_raters_is_a_warning(
    clinic_folder: ClinicFolder, header: str, cells: tuple[str, str]
) -> None:
    assert list_ids(put(clinic_folder, header, *cells)) == [("unmapped-rater-header", False, header)]


@pytest.mark.parametrize("header", ["Session No", "session_number", "SessionNr", "sessionno", "Visit #"])
def test_a_number_of_the_session_is_a_warning(clinic_folder: ClinicFolder, header: str) -> None:
    assert list_ids(put(clinic_folder, header, "3", "12")) == [("unmapped-session", False, header)]


@pytest.mark.parametrize(
    ("header", "cells", "toml"),
    [
        ("rated_by", ("client", "patient"), ""),  # every rating is the client's, as Attune takes it
        ("room", ("therapist", "blue"), ""),
        ("session_date", ("3", "12"), ""),
        ("session length", ("50", "55"), ""),
        ("Session Rating Scale", ("40", "35"), ""),
        ("session notes", ("long", "short"), ""),
        ("session score", ("3.5", "4"), ""),
        ("rated_by", ("therapist", ""), '[tables.outcomes]\nrater = "client"\n'),
        ("Session No", ("3", "12"), "[tables.outcomes]\nsession = 3\n"),
        ("rated_by", ("therapist", ""), '[tables.outcomes.columns]\n"rated_by" = "rated_by"\n'),
        ("rated_by", ("therapist", "client"), '[tables.outcomes.columns]\nrater = "rated_by"\n'),
        ("Session No", ("3", "12"), '[tables.outcomes.columns]\nsession = "Session No"\n'),
        ("Session No", ("3", "12"), '[tables.outcomes.columns]\n"Session No" = "Session No"\n'),
    ],
)
def test_other_columns_and_declared_ones_are_no_fault(
    clinic_folder: ClinicFolder, header: str, cells: tuple[str, str], toml: str
) -> None:
    assert list_ids(put(clinic_folder, header, *cells).add(toml)) == []
