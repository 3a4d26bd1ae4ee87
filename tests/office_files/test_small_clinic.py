"""The small clinic as it is: no fault, and the candidates that its tables give by hand."""

from tests.office_files.small_clinic import OFFERS, OPENINGS, SmallClinic


def test_the_small_clinic_has_no_fault(small_clinic: SmallClinic) -> None:
    assert small_clinic.list_faults() == []
    assert small_clinic.run("check").exit_code == 0


def test_the_small_clinic_offers_who_shares_payer_language_format_and_slot(small_clinic: SmallClinic) -> None:
    assert small_clinic.list_offers() == OFFERS


def test_the_small_clinic_has_eight_openings(small_clinic: SmallClinic) -> None:
    assert small_clinic.get_column("therapists", "open_slots") == OPENINGS
