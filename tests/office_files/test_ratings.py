"""A rating counts as the client's early rating only where its rater and its session are readable or empty."""

import pytest

from tests.office_files.small_clinic import OFFERS, SmallClinic

HEADER = "client_id,therapist_id,session,measured_on,instrument,rater,score"
OTHERS = ("c04,t2,3,2026-05-25,WAI-SR,client,3.0", "c05,t2,2,2026-05-25,WAI-SR,client,3.0")
FIRST = "c03,t1,3,2026-05-25,WAI-SR,client,2.0"


def rate(clinic: SmallClinic, *rows: str) -> SmallClinic:
    """Write ratings of three pairs, and more rows."""
    return clinic.put_rows("outcomes", HEADER, FIRST, *OTHERS, *rows)


def rate_copies(clinic: SmallClinic, form: str, cells: list[str]) -> dict[str, str]:
    """Write a rating of 2.0 and, by a form, one of 5.0 for a copy of a client for each cell; return cells by client."""
    copies = clinic.add_copies("clients", "c03", "age", ["27"] * len(cells))
    cell_of = dict(zip(copies, cells, strict=True))
    rows = [row for client, cell in cell_of.items()
            for row in (FIRST.replace("c03", client), form.format(client=client, cell=cell))]  # fmt: skip
    rate(clinic, *rows)
    return cell_of


def test_a_rating_whose_rater_cannot_be_read_is_no_rating_of_the_client(small_clinic: SmallClinic) -> None:
    raters = ["T", "self", "n/a", "unknown", "?", "client/therapist", "Patient?", "-"]
    cell_of = rate_copies(small_clinic, "{client},t1,2,2026-05-24,WAI-SR,{cell},5.0", raters)
    alliance = small_clinic.compute_alliance()
    assert {cell: alliance[client, "t1"] for client, cell in cell_of.items()} == pytest.approx(
        dict.fromkeys(raters, 2.0)
    )
    rows = {row for fault in small_clinic.find_faults("outcomes", "rater") for row in fault.rows}
    assert rows == set(range(6, 22, 2))
    assert len(small_clinic.open().tables.outcomes) == 3 + 2 * len(raters)  # the visits stay


def test_a_rating_whose_session_cannot_be_read_is_not_an_early_one(small_clinic: SmallClinic) -> None:
    sessions = ["third", "3rd", "intake", "n/a", "?", "1-3", "S3", "0", "-"]
    cell_of = rate_copies(small_clinic, "{client},t1,{cell},2026-05-24,WAI-SR,client,5.0", sessions)
    alliance = small_clinic.compute_alliance()
    assert {cell: alliance[client, "t1"] for client, cell in cell_of.items()} == pytest.approx(
        dict.fromkeys(sessions, 2.0)
    )
    rows = {row for fault in small_clinic.find_faults("outcomes", "session") for row in fault.rows}
    assert rows == set(range(6, 24, 2))


def test_an_empty_rater_is_the_client(small_clinic: SmallClinic) -> None:
    points = {"": 3.5, "Client": 3.5, " client ": 3.5, "therapist": 2.0}
    cell_of = rate_copies(small_clinic, "{client},t1,2,2026-05-24,WAI-SR,{cell},5.0", [*points])
    alliance = small_clinic.compute_alliance()
    assert {cell: alliance[client, "t1"] for client, cell in cell_of.items()} == pytest.approx(points)
    assert small_clinic.find_faults("outcomes", "rater") == []


def test_an_empty_session_is_an_early_one(small_clinic: SmallClinic) -> None:
    points = {"": 3.5, "2.0": 3.5, "12": 2.0}
    cell_of = rate_copies(small_clinic, "{client},t1,{cell},2026-05-24,WAI-SR,client,5.0", [*points])
    alliance = small_clinic.compute_alliance()
    assert {cell: alliance[client, "t1"] for client, cell in cell_of.items()} == pytest.approx(points)
    assert small_clinic.find_faults("outcomes", "session") == []


def test_words_for_a_missing_rater_are_empty_where_clinic_toml_lists_them(small_clinic: SmallClinic) -> None:
    rate(small_clinic, "c03,t1,2,2026-05-24,WAI-SR,n/a,5.0").add_toml('[tables.outcomes]\nmissing = ["n/a"]')
    assert small_clinic.compute_alliance()["c03", "t1"] == pytest.approx(3.5)


def test_codes_translate_raters(small_clinic: SmallClinic) -> None:
    rate(small_clinic, "c03,t1,2,2026-05-24,WAI-SR,T,5.0", "c06,t1,2,2026-05-24,WAI-SR,P,4.0")
    codes = '{ T = "therapist", P = "client" }'
    small_clinic.add_toml(f'[tables.outcomes.columns]\nrater = {{ from = "rater", codes = {codes} }}')
    alliance = small_clinic.compute_alliance()
    assert (alliance["c03", "t1"], alliance["c06", "t1"]) == pytest.approx((2.0, 4.0))


def test_a_client_whose_rating_is_not_used_waits_no_more(small_clinic: SmallClinic) -> None:
    rate(small_clinic, "c06,t1,third,2026-05-24,WAI-SR,T,5.0")
    assert ("c06", "t1") not in small_clinic.compute_alliance()
    assert small_clinic.open().list_client_ids(waiting_only=True) == ["c01", "c02"]


def test_an_outcome_whose_client_lost_the_zeros_is_asked_about(small_clinic: SmallClinic) -> None:
    small_clinic.put("clients.csv", small_clinic.get_text("clients").replace("c01,", "0012,"))
    rate(small_clinic, "12,t1,2,2026-05-24,WAI-SR,client,5.0")
    fault = small_clinic.find_fault("outcomes", "client_id")
    assert fault.rows == (5,)
    assert "`0012`" in str(fault)


def test_one_form_entered_twice_names_its_rows_and_counts_as_the_mean(small_clinic: SmallClinic) -> None:
    rate(small_clinic, FIRST.replace("2.0", "4.0"), "c04,t2,2,2026-05-18,WAI-SR,client,5.0")
    [fault] = small_clinic.find_faults("outcomes")
    assert (fault.kind, fault.rows) == ("warning", (2, 5))
    assert "mean" in str(fault)
    assert small_clinic.compute_alliance()["c03", "t1"] == pytest.approx(3.0)


def test_one_form_entered_three_times_in_other_spellings(small_clinic: SmallClinic) -> None:
    rate(small_clinic, "c03,t1,3.0,2026-05-25,wai-sr,Client,4.1", "c03,t1,3,2026-05-25,WAI SR,,1.2")
    [fault] = small_clinic.find_faults("outcomes")
    assert fault.rows == (2, 5, 6)
    assert small_clinic.compute_alliance()["c03", "t1"] == pytest.approx((2.0 + 4.1 + 1.2) / 3)


def test_two_forms_of_one_client_are_two_forms(small_clinic: SmallClinic) -> None:
    rate(
        small_clinic,
        "c03,t1,2,2026-05-18,WAI-SR,client,4.0",  # another session
        "c03,t1,3,2026-05-25,WAI-SR,therapist,4.0",  # another rater
        "c03,t1,3,2026-05-25,SRS,client,30",  # another instrument
        "c03,t2,3,2026-05-25,WAI-SR,client,4.0",  # another therapist
        "c03,t1,3,2026-05-26,WAI-SR,client,4.0",  # another day
    )
    assert small_clinic.list_faults() == []
    assert set(small_clinic.list_offers()) == set(OFFERS)
