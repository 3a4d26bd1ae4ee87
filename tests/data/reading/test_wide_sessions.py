"""Wide repeated measures: a column for each session becomes a row for each session."""

from __future__ import annotations

import pandas as pd
import pyreadstat
import pytest

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.reading.read_clinic import read_mapping
from tests.data.conftest import ClinicFolder
from tests.data.reading.test_joined_files import describe_headers
from tests.data.reading.test_row_sources import list_own_faults

WIDE = "client_id,therapist_id,s1,s2,s3,date_s1,date_s2\nann,tom,4.25,3,,2026-05-01,2026-05-08\nben,una,3.5,,2,,\n"
COLUMNS = 'columns = { score = "s{session}", measured_on = "date_s{session}" }\n'
TOML = f'[tables.outcomes]\ninstrument = "WAI-SR"\n{COLUMNS}'
Visits = dict[tuple[str, int], float | None]


def read_visits(clinic_folder: ClinicFolder) -> Visits:
    """Return the score of each visit, None for a visit without a rating."""
    frame = clinic_folder.read().outcomes
    cells = zip(frame["client_id"], frame["session"], frame["score"], strict=True)
    return {(client, int(session)): None if pd.isna(score) else score for client, session, score in cells}


@pytest.fixture
def wide(clinic_folder: ClinicFolder) -> ClinicFolder:
    """The scores of three sessions in three columns."""
    return clinic_folder.put("outcomes.csv", WIDE).add(TOML)


def test_each_session_with_a_cell_is_a_visit(wide: ClinicFolder) -> None:
    assert list_own_faults(wide, "outcomes", "clinic.toml") == []
    assert read_visits(wide) == {("ann", 1): 4.25, ("ann", 2): 3, ("ben", 1): 3.5, ("ben", 3): 2}
    days = wide.read().outcomes.set_index(["client_id", "session"])["measured_on"].dropna().dt.date.astype(str)
    assert days.to_dict() == {("ann", 1): "2026-05-01", ("ann", 2): "2026-05-08"}


def test_a_cell_that_cannot_be_read_is_a_visit_without_a_rating(wide: ClinicFolder) -> None:
    wide.change("outcomes.csv", "3.5,,2,,", "3.5,high,2,,")
    assert read_visits(wide)["ben", 2] is None
    assert list_own_faults(wide, "outcomes") == [
        "outcomes, s{session} (row 3 of outcomes.csv, session 2): number-not-readable"
    ]


def test_a_code_for_missing_is_an_empty_cell(wide: ClinicFolder) -> None:
    wide.change("outcomes.csv", "3.5,,2,,", "3.5,-99,2,,").change("clinic.toml", COLUMNS, f"missing = [-99]\n{COLUMNS}")
    assert ("ben", 2) not in read_visits(wide)
    wide.change("outcomes.csv", "3.5,-99,2,,", "3.5,-99,2,,2026-05-09")
    assert read_visits(wide)["ben", 2] is None


def test_a_row_without_any_session_is_a_warning(wide: ClinicFolder) -> None:
    wide.put("outcomes.csv", WIDE + "cat,tom,,,,,\n")
    assert list_own_faults(wide, "outcomes") == ["outcomes (row 4): row-without-session"]


def test_items_of_each_session_are_scored(clinic_folder: ClinicFolder) -> None:
    headers = [f"WAI{item:02}_S{session}" for session in (1, 12) for item in range(1, 13)]
    cells = ["4"] * 12 + ["5"] * 11 + ["9"]
    clinic_folder.put("outcomes.csv", f"client_id,therapist_id,{','.join(headers)}\nann,tom,{','.join(cells)}\n")
    clinic_folder.add('[tables.outcomes]\ninstrument = "WAI-SR"\nitems = "wai{}_s{session}"\n')
    assert list_own_faults(clinic_folder, "outcomes") == [
        "outcomes, wai12_s{session} (row 2 of outcomes.csv, session 12): answer-out-of-range (1, 5, WAI-SR)",
    ]
    assert read_visits(clinic_folder) == {("ann", 1): 4, ("ann", 12): 5}


def test_columns_without_a_session_are_of_every_session(wide: ClinicFolder) -> None:
    wide.change("outcomes.csv", "therapist_id,", "therapist_id,rater,").change("outcomes.csv", "tom,", "tom,therapist,")
    wide.change("outcomes.csv", "una,", "una,client,")
    assert wide.read().outcomes.groupby("client_id")["rater"].unique().str[0].to_dict() == {
        "ann": "therapist",
        "ben": "client",
    }


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [('"s{session}"', '"visit {session}"', "no-session-header"), ("s3,", "s02,", "session-header-twice"),
     ("s3,", "s0,", "session-number-not-valid"), ("s3,", "s1001,", "session-number-not-valid")],
)  # fmt: skip
def test_headers_that_do_not_fit_are_named(wide: ClinicFolder, old: str, new: str, fault: str) -> None:
    wide.change("clinic.toml" if "session" in old else "outcomes.csv", old, new)
    assert fault in [one.id for one in wide.list_faults()]


@pytest.mark.parametrize(
    "toml",
    [
        '[tables.clients.columns]\nphq9 = "phq_s{session}"',
        '[tables.outcomes]\nsession = 3\ncolumns = { score = "s{session}" }',
        '[tables.outcomes.columns]\nscore = "s{session}"\nsession = "visit"',
        '[tables.outcomes.columns]\nscore = "s{session}_{session}"',
        '[tables.outcomes]\nitems = "wai{}{session}"',
        '[tables.outcomes.columns]\nmine = { slots = "can {session}" }',
    ],
)
def test_a_session_where_none_can_be_is_an_error(clinic_folder: ClinicFolder, toml: str) -> None:
    assert [fault.id for fault in clinic_folder.add(f"{toml}\n").list_faults()] == ["key-not-valid"]


def test_a_session_column_of_the_file_is_not_hidden_in_silence(wide: ClinicFolder) -> None:
    wide.put("outcomes.csv", "client_id,therapist_id,session,s1\nann,tom,7,4\n")
    wide.change("clinic.toml", ', measured_on = "date_s{session}"', "")
    assert [fault.id for fault in wide.list_faults() if fault.stops] == ["column-hidden-by-mapping"]


def test_sessions_of_several_files_have_labels_of_their_own(wide: ClinicFolder) -> None:
    wide.put("more.csv", "client_id,therapist_id,s1,s4,date_s1\ncat,tom,x,4,\n")
    wide.change("clinic.toml", COLUMNS, f'files = ["outcomes.csv", "more.csv"]\n{COLUMNS}')
    assert read_visits(wide)["cat", 4] == 4
    assert list_own_faults(wide, "outcomes") == [
        "outcomes, s{session} (row 2 of more.csv, session 1): number-not-readable"
    ]


def test_sessions_in_a_joined_file_are_named_there(clinic_folder: ClinicFolder) -> None:
    clinic_folder.put("outcomes.csv", "client_id,therapist_id\nann,tom\nben,una\n")
    clinic_folder.put("scores.csv", "Client,s1,s2\nben,4,high\nann,3,2\n")
    clinic_folder.add('[tables.outcomes]\ninstrument = "WAI-SR"\ncolumns = { score = "s{session}" }\n')
    clinic_folder.add('[[tables.outcomes.join]]\nfile = "scores.csv"\nkey = "Client"\n')
    assert read_visits(clinic_folder) == {("ben", 1): 4, ("ben", 2): None, ("ann", 1): 3, ("ann", 2): 2}
    assert list_own_faults(clinic_folder, "outcomes") == [
        "outcomes, s{session} (row 2 of scores.csv): number-not-readable"
    ]


def test_a_value_declared_as_missing_is_an_empty_cell_and_counted(clinic_folder: ClinicFolder) -> None:
    frame = pd.DataFrame(
        {"client_id": ["ann", "ben"], "therapist_id": ["tom", "una"], "s1": [4.0, 9.0], "d_s1": ["", "x"]}
    )
    path = clinic_folder.drop("outcomes.csv").folder / "outcomes.sav"
    pyreadstat.write_sav(frame, path, missing_ranges={"s1": [9]})
    clinic_folder.add(
        '[tables.outcomes]\ninstrument = "WAI-SR"\ncolumns = { score = "s{session}", note = "d_s{session}" }\n'
    )
    (reading,) = [one for one in read_mapping(Clinic.open(clinic_folder.folder)) if one.table == "outcomes"]
    assert describe_headers(reading)["s{session}"] == ("score", 1, 0, 1, 0)
    assert reading.file == "outcomes.sav"


def test_headers_can_be_numbers_alone(clinic_folder: ClinicFolder) -> None:
    clinic_folder.put("outcomes.csv", "client_id,therapist_id,1,2\nann,tom,4,3\nben,una,,2\n")
    clinic_folder.add('[tables.outcomes]\ninstrument = "WAI-SR"\ncolumns = { score = "{session}" }\n')
    outcomes = clinic_folder.read().outcomes
    assert sorted(zip(outcomes["client_id"], outcomes["session"], outcomes["score"], strict=True)) == [
        ("ann", 1, 4), ("ann", 2, 3), ("ben", 2, 2)
    ]  # fmt: skip
