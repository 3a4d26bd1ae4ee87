"""Forms entered twice, and outcomes without any score."""

import pytest

from tests.data.conftest import ClinicFolder

HEADER = "client_id,therapist_id,session,measured_on,instrument,rater,score\n"
FIRST = "ann,tom,3,2026-05-20,WAI-SR,client,4.1\n"


@pytest.mark.parametrize(
    "again",
    [
        "ann,tom,3,2026-05-20,WAI-SR,client,1.2\n",
        "ann,tom,3.0,2026-05-20,wai-sr,,1.2\n",  # no rater: the client
    ],
)
def test_one_form_with_two_scores_is_a_warning_with_all_its_rows(clinic_folder: ClinicFolder, again: str) -> None:
    clinic_folder.put("outcomes.csv", HEADER + FIRST + "ben,una,3,2026-05-21,WAI-SR,client,3.5\n" + again)
    (fault,) = clinic_folder.list_faults()
    assert (fault.id, fault.table, fault.column, fault.rows) == ("repeated-form", "outcomes", "score", (2, 4))
    assert not fault.stops
    assert "mean" in fault.fix
    assert sorted(clinic_folder.read().outcomes["score"]) == [1.2, 3.5, 4.1]


@pytest.mark.parametrize(
    "other",
    [
        "ann,tom,4,2026-05-20,WAI-SR,client,1.2\n",
        "ann,tom,3,2026-05-21,WAI-SR,client,1.2\n",
        "ann,una,3,2026-05-20,WAI-SR,client,1.2\n",
        "ann,tom,3,2026-05-20,WAI-SR,therapist,1.2\n",
        "ann,tom,3,2026-05-20,CALPAS,client,1.2\n",
        "ann,tom,3,2026-05-20,WAI-SR,client,\n",
    ],
)
def test_another_form_is_no_warning(clinic_folder: ClinicFolder, other: str) -> None:
    faults = clinic_folder.put("outcomes.csv", HEADER + FIRST + other).list_faults()
    assert "repeated-form" not in {one.id for one in faults}


def test_without_a_session_the_day_makes_the_form(clinic_folder: ClinicFolder) -> None:
    rows = "client_id,therapist_id,measured_on,instrument,score\n" + "".join(
        f"ann,tom,{day},WAI-SR,{score}\n" for day, score in [("2026-05-20", 4), ("2026-05-20", 2), ("", 4), ("", 3)]
    )
    (fault,) = clinic_folder.put("outcomes.csv", rows).list_faults()
    assert (fault.id, fault.rows) == ("repeated-form", (2, 3))


@pytest.mark.parametrize(
    "content",
    [
        "client_id,therapist_id,session\nann,tom,3\n",
        HEADER + "ann,tom,3,2026-05-20,WAI-SR,client,\n",
        "client_id,therapist_id,session,instrument,wai_total\nann,tom,3,WAI-SR,4.1\n",
    ],
)
def test_outcomes_without_any_score_are_a_warning(clinic_folder: ClinicFolder, content: str) -> None:
    (fault,) = clinic_folder.put("outcomes.csv", content).list_faults()
    assert (fault.id, fault.table, fault.stops) == ("outcomes-without-score", "outcomes", False)
