"""Sums of items: of known questionnaires and of the clinic's own; a form with too few answers is unknown, never 0."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic.columns import COLUMNS
from attune_fit.data.clinic.instruments import score_items
from attune_fit.data.clinic.item_scales import ITEM_SCALES
from attune_fit.data.faults import DataFault
from attune_fit.data.reading.read_clinic import read_mapping
from tests.data.conftest import ClinicFolder

PHQ = [f"PHQ{number}" for number in range(1, 10)]


def write_clients(folder: ClinicFolder, headers: list[str], *rows: str, lines: str) -> ClinicFolder:
    """Write clients ann, ben, ... with these cells, and the mapping of one column."""
    names = ("ann", "ben", "cat")
    table = [",".join(["client_id", *headers]), *(f"{name},{row}" for name, row in zip(names, rows, strict=False))]
    (folder.folder / "preferences.csv").unlink(missing_ok=True)
    (folder.folder / "outcomes.csv").unlink(missing_ok=True)
    folder.put("clients.csv", "\n".join(table) + "\n")
    return folder.add(f"[tables.clients.columns]\n{lines}\n")


def read_column(folder: ClinicFolder, name: str) -> list[float]:
    """Return a column in the order of the ids of clients."""
    return [float(value) for value in folder.read().clients.sort_values("client_id")[name]]


def list_ids(folder: ClinicFolder) -> list[tuple[str, tuple[int, ...]]]:
    """Return the ids and rows of the faults of the clients' table."""
    return [(one.id, one.rows) for one in folder.list_faults() if one.table == "clients"]


def test_two_missing_answers_of_the_phq_count_as_the_mean_and_three_are_unknown(clinic_folder: ClinicFolder) -> None:
    rows = ("1,1,1,1,1,1,1,1,1", "2,2,2,2,2,2,2,,", "0,0,0,0,0,0,,,")
    write_clients(clinic_folder, PHQ, *rows, lines='phq9 = { items = "PHQ{}" }')
    assert read_column(clinic_folder, "phq9")[:2] == [9, 18]
    assert math.isnan(read_column(clinic_folder, "phq9")[2])
    assert list_ids(clinic_folder)[:2] == [("items-too-few", (4,)), ("items-incomplete", (3,))]


@pytest.mark.parametrize("other", ["PHQ01", "phq 1"])
def test_two_headers_of_one_item_are_an_error(clinic_folder: ClinicFolder, other: str) -> None:
    write_clients(clinic_folder, [*PHQ, other], "1,1,1,1,1,1,1,1,1,3", lines='phq9 = { items = "PHQ{}" }')
    faults = [str(fault) for fault in clinic_folder.list_faults() if fault.stops]
    assert faults[0].startswith(f"clients, PHQ1: headers of the same item: `PHQ1`, `{other}`.")
    clinic_folder.change("clients.csv", "1,3\n", "1,1\n")  # the same answers
    assert read_column(clinic_folder, "phq9") == [9]


def test_a_sign_that_is_no_digit_is_no_number_of_an_item(clinic_folder: ClinicFolder) -> None:
    write_clients(clinic_folder, [*PHQ, "PHQ\u00b2"], "1,1,1,1,1,1,1,1,1,3", lines='phq9 = { items = "PHQ{}" }')
    assert read_column(clinic_folder, "phq9") == [9]


def test_a_form_without_any_answer_is_unknown_and_no_fault(clinic_folder: ClinicFolder) -> None:
    write_clients(clinic_folder, PHQ, "1,1,1,1,1,1,1,1,0", ",,,,,,,,", lines='phq9 = { items = "PHQ{}" }')
    assert read_column(clinic_folder, "phq9")[0] == 8
    assert math.isnan(read_column(clinic_folder, "phq9")[1])
    assert not [one for one in list_ids(clinic_folder) if one[0].startswith("item")]


def test_an_answer_out_of_range_is_a_bad_cell(clinic_folder: ClinicFolder) -> None:
    rows = ("1,1,1,1,1,1,1,1,1", "4,1,1,1,1,1,1,1,1", "1,1,1,1,1,1,1,1,1")
    write_clients(clinic_folder, PHQ, *rows, lines='phq9 = { items = "PHQ{}" }')
    assert ("item-out-of-range", (3,)) in list_ids(clinic_folder)
    assert read_column(clinic_folder, "phq9") == [9, 9, 9]


def test_words_as_answers_have_numbers(clinic_folder: ClinicFolder) -> None:
    headers = [f"q {number:02}" for number in range(1, 8)]
    codes = '{ "Not at all" = 0, "Several days" = 1, "Nearly every day" = 3 }'
    rows = ("Not at all,Several days,Several days,Nearly every day,not at all,0,1",)
    write_clients(clinic_folder, headers, *rows, lines=f'gad7 = {{ items = "Q {{}}", codes = {codes} }}')
    assert read_column(clinic_folder, "gad7") == [6]


def test_a_list_of_headers_of_an_own_column_in_any_table(clinic_folder: ClinicFolder) -> None:
    clinic_folder.put("therapists.csv", "therapist_id,open_slots,a,b,c\ntom,1,1,5,3\nuna,2,5,5,5\n")
    clinic_folder.add(
        '[tables.therapists.columns]\nskill = { items = ["a", "b", "c"], low = 1, high = 5, reversed = [2]'
    )
    clinic_folder.add(', combine = "mean" }\n')
    skill = clinic_folder.read().therapists.sort_values("therapist_id")["skill"]
    assert skill.to_list() == [pytest.approx(5 / 3), pytest.approx(11 / 3)]


def test_ecr_scales_take_their_own_items(clinic_folder: ClinicFolder) -> None:
    headers = [f"ecr{number}" for number in range(1, 13)]
    answers = "7,2,1,2,7,2,1,6,7,2,1,2"  # avoidance as low as can be, anxiety 2 after reversal of item 8
    lines = 'attachment_avoidance = { items = "ecr{}" }\nattachment_anxiety = { items = "ecr{}" }'
    write_clients(clinic_folder, headers, answers, lines=lines)
    assert read_column(clinic_folder, "attachment_avoidance") == [1]
    assert read_column(clinic_folder, "attachment_anxiety") == [2]


def test_a_longer_form_is_refused(clinic_folder: ClinicFolder) -> None:
    headers = [f"ecr{number}" for number in range(1, 37)]
    write_clients(clinic_folder, headers, ",".join(["4"] * 36), lines='attachment_anxiety = { items = "ecr{}" }')
    assert list_ids(clinic_folder)[0] == ("items-of-a-longer-form", ())


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ('phq9 = { items = "Q{}" }', "item-not-found"),
        ('phq9 = { items = ["PHQ1", "PHQ2"] }', "items-of-another-number"),
        ('mood = { items = "PHQ{}", count = 9 }', "items-without-range"),
        ('mood = { items = "PHQ{}", low = 0, high = 3 }', "items-without-range"),
        ('gender = { items = "PHQ{}" }', "column-kind-mismatch"),
    ],
)
def test_what_is_not_known_is_one_error(clinic_folder: ClinicFolder, lines: str, expected: str) -> None:
    write_clients(clinic_folder, PHQ, "1,1,1,1,1,1,1,1,1", lines=lines)
    assert [one.id for one in clinic_folder.list_faults() if one.stops] == [expected]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ('phq9 = { items = "PHQ" }', "needs `{}`"),
        ('phq9 = { items = "PHQ{}", from = "PHQ1" }', "one of `from`"),
        ('phq9 = { items = "PHQ{}", codes = { never = "none" } }', "one number to each word"),
        ('phq9 = { items = "PHQ{}", low = 3, high = 0 }', "`low` must be below"),
        ('mood = { items = "PHQ{}", count = 3, low = 0, high = 3, reversed = [4] }', "from 1 to `count`"),
        ('mood = { items = ["PHQ1", "PHQ2"], low = 0, high = 3, reversed = [3] }', "from 1 to `count`"),
        ('mood = { items = ["PHQ1", "phq1"], low = 0, high = 3 }', "each header of `items` once"),
        ("phq9 = { items = [] }", "at least one"),
    ],
)
def test_keys_that_contradict_are_refused(clinic_folder: ClinicFolder, lines: str, message: str) -> None:
    write_clients(clinic_folder, PHQ, "1,1,1,1,1,1,1,1,1", lines=lines)
    with pytest.raises(DataFault, match=message):
        Clinic.open(clinic_folder.folder)


def test_answers_numbered_from_one_are_an_error(clinic_folder: ClinicFolder) -> None:
    rows = ("1,1,2,1,1,1,1,1,1", "4,2,2,2,2,2,2,1,1", "1,1,1,1,1,1,4,1,1")
    write_clients(clinic_folder, PHQ, *rows, lines='phq9 = { items = "PHQ{}" }')
    assert [fault.id for fault in clinic_folder.list_faults() if fault.stops] == ["items-coded-from-another-number"]
    clinic_folder.change("clinic.toml", '"PHQ{}"', '"PHQ{}", codes = { 1 = 0, 2 = 1, 3 = 2, 4 = 3 }')
    assert read_column(clinic_folder, "phq9") == [1, 9, 3]


def test_a_message_about_many_items_is_short(clinic_folder: ClinicFolder) -> None:
    lines = 'mood = { items = "x{}", count = 5000, low = 0, high = 3 }'
    write_clients(clinic_folder, PHQ, "1,1,1,1,1,1,1,1,1", lines=lines)
    message = str(next(one for one in clinic_folder.list_faults() if one.id == "item-not-found"))
    assert "x1 to x5000" in message
    assert "x8 and 4992 more" in message


def test_keys_of_items_have_no_effect_elsewhere(clinic_folder: ClinicFolder) -> None:
    clinic_folder.add('[tables.clients.columns]\nphq9 = { from = "phq9", count = 9 }\n')
    assert [one.id for one in clinic_folder.list_faults() if one.stops] == ["key-without-effect"]


def test_the_report_shows_each_item(clinic_folder: ClinicFolder) -> None:
    write_clients(clinic_folder, [*PHQ, "PHQ10"], "1,1,1,n/a,9,1,1,1,1,2", lines='phq9 = { items = "PHQ{}" }')
    report = next(one for one in read_mapping(Clinic.open(clinic_folder.folder)) if one.table == "clients")
    found = {one.header: (one.column, *one.cells) for one in report.headers}
    assert found["PHQ3"] == ("phq9, item 3", 1, 0, 0, 0)
    assert found["PHQ4"] == ("phq9, item 4", 0, 0, 1, 0)
    assert found["PHQ5"] == ("phq9, item 5", 0, 1, 0, 0)
    assert report.unused == ("PHQ10",)


@pytest.mark.parametrize("name", ITEM_SCALES)
def test_a_scale_gives_the_range_of_its_column(name: str) -> None:
    scale, column = ITEM_SCALES[name], next(one for one in COLUMNS if (one.table, one.name) == ("clients", name))
    instrument = scale.build_instrument()
    assert (instrument.low, instrument.high) == (column.low, column.high)
    assert instrument.items == len(scale.item_numbers)
    assert scale.source


@given(st.lists(st.one_of(st.none(), st.integers(0, 3)), min_size=9, max_size=9))
def test_the_phq_by_hand(answers: list[int | None]) -> None:
    scale = ITEM_SCALES["phq9"].build_instrument()
    value = score_items(pd.DataFrame([[np.nan if one is None else one for one in answers]]), scale)["score"][0]
    known = [one for one in answers if one is not None]
    if len(known) < 7:
        assert math.isnan(value)
    else:
        assert value == pytest.approx(sum(known) / len(known) * 9)
