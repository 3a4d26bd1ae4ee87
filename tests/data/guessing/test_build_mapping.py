"""First mappings: on Riverside most lines come out as its clinic.toml has them; what is not sure is asked about."""

import datetime as dt
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

import attune_fit as af
from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.faults import DataFault
from attune_fit.data.guessing.build_mapping import build_mapping
from attune_fit.data.guessing.guess import Question
from attune_fit.data.reading.read_clinic import list_faults
from attune_fit.first_mapping import write_first_mapping
from tests.conftest import SAMPLE
from tests.data.guessing.mapping_scores import list_differences
from tests.test_workbook_page import write_clinic as write_workbook_clinic

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
FOLDERS = {"riverside": (EXAMPLES / "riverside", 0.85), "dining": (EXAMPLES / "dining", 0.2), "sample": (SAMPLE, 0.0)}


def copy_without_config(folder: Path, place: Path) -> Path:
    shutil.copytree(folder, place)
    (place / "clinic.toml").unlink()
    return place


@pytest.mark.parametrize("name", FOLDERS)
def test_the_lines_come_out_as_the_clinic_wrote_them(name: str, tmp_path: Path) -> None:
    folder, least = FOLDERS[name]
    made = copy_without_config(folder, tmp_path / name)
    write_first_mapping(made)
    differ, n_lines = list_differences(folder, made)
    share = 1 - len(differ) / n_lines
    print(f"{name}: {n_lines - len(differ)} of {n_lines} lines, {share:.0%}; not {differ}")
    assert share >= least


@pytest.mark.parametrize("name", FOLDERS)
def test_what_is_written_is_read_without_errors_and_ranks(name: str, tmp_path: Path) -> None:
    made = copy_without_config(FOLDERS[name][0], tmp_path / name)
    write_first_mapping(made)
    assert not [fault for fault in list_faults(Clinic.open(made)) if fault.stops or fault.sets_aside]
    clinic = af.open_clinic(made)
    clinic.rank(clinic.list_client_ids(waiting_only=False)[0])


def test_numbers_without_a_code_book_and_who_waits_are_left_out_with_a_warning(tmp_path: Path) -> None:
    result = write_first_mapping(copy_without_config(EXAMPLES / "riverside", tmp_path / "riverside"))
    assert any("Ethnicity code" in warning and "code book" in warning for warning in result.notes)
    assert any(warning.startswith("Who waits is left out") for warning in result.notes)
    assert "race_ethnicity" not in result.result.config["tables"]["clients"]["columns"]


def test_answers_become_lines(tmp_path: Path) -> None:
    asked: list[Question] = []

    def answer(question: Question) -> str | None:
        asked.append(question)
        if number := re.match(r"What does (\d) mean", question.text):
            return {"1": "white", "2": "black", "3": "hispanic", "4": "asian", "5": "multiracial"}[number[1]]
        if "mean no answer" in question.text:
            return "yes"
        if "do clients wait" in question.text:
            return "RV-000900"
        return "2026-06-15" if "exported" in question.text else None

    folder = copy_without_config(EXAMPLES / "riverside", tmp_path / "riverside")
    result = write_first_mapping(folder, answer)
    differ, _ = list_differences(EXAMPLES / "riverside", folder)
    assert not {("clinic", "0", "as_of"), ("columns", "clients", "race_ethnicity")} & set(differ)
    assert len([one for one in asked if "Ethnicity code" in one.text]) == 5  # once for both tables
    config = Clinic.open(folder).config
    assert config.tables.clients.columns["phq9"].missing == ["99"]
    assert config.waiting.where is not None
    assert config.waiting.where.from_ == "RV-000900"
    assert config.clinic.as_of == dt.date(2026, 6, 15)
    assert result.notes == ()


def test_an_existing_config_is_never_changed(clinic: Path) -> None:
    before = (clinic / "clinic.toml").read_text()
    with pytest.raises(DataFault, match=r"has a clinic\.toml already"):
        write_first_mapping(clinic)
    assert (clinic / "clinic.toml").read_text() == before


def test_a_link_whose_target_is_gone_is_never_replaced(tmp_path: Path) -> None:
    folder = copy_without_config(SAMPLE, tmp_path / "sample")
    (folder / "clinic.toml").symlink_to(tmp_path / "gone.toml")
    with pytest.raises(DataFault, match=r"has a clinic\.toml already"):
        write_first_mapping(folder)
    assert not (tmp_path / "gone.toml").exists()


def test_a_folder_without_therapists_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "intake.csv").write_text("Client ID,Age,Gender\na,30,F\nb,40,M\nc,50,F\n")
    with pytest.raises(DataFault, match="one row for each therapist"):
        write_first_mapping(tmp_path)
    assert not (tmp_path / "clinic.toml").exists()


def write_clinic(folder: Path, clients: str, therapists: str, encoding: str = "utf-8") -> Path:
    (folder / "intake.csv").write_bytes(clients.encode(encoding))
    (folder / "staff.csv").write_bytes(therapists.encode(encoding))
    return folder


STAFF = "Therapist ID,Age,Openings\n" + "".join(f"t{number},{40 + number},2\n" for number in range(8))


def build_rows(make: Callable[[int], str], header: str, n_rows: int = 30) -> str:
    return header + "\n" + "".join(make(number) + "\n" for number in range(n_rows))


def test_encoding_separator_decimal_comma_and_day_first(tmp_path: Path) -> None:
    clients = build_rows(
        lambda n: f"k{n};{13 + n % 15}.0{1 + n % 9}.2025;Zo\u00eb{n};{n % 6 + 1},5",
        "Client ID;Referral date;Note;ECR avoidance",
    )
    section = build_mapping(write_clinic(tmp_path, clients, STAFF, "latin-1")).config["tables"]["clients"]
    keys = {key: section[key] for key in ("encoding", "separator", "decimal", "dates")}
    assert keys == {"encoding": "latin-1", "separator": ";", "decimal": ",", "dates": "%d.%m.%Y"}
    assert section["columns"]["attachment_avoidance"] == "ECR avoidance"


def test_days_and_months_that_cannot_be_told_apart_are_asked_about(tmp_path: Path) -> None:
    clients = build_rows(lambda n: f"k{n},0{n % 9 + 1}/0{n % 7 + 1}/2025,{20 + n}", "Client ID,Referral date,Age")
    folder = write_clinic(tmp_path, clients, STAFF)
    assert "referred_on" not in build_mapping(folder).config["tables"]["clients"]["columns"]

    def answer(question: Question) -> str | None:
        return "%d/%m/%Y" if "dates written" in question.text else None

    assert build_mapping(folder, answer).config["tables"]["clients"]["dates"] == "%d/%m/%Y"


def test_no_cell_in_fewer_than_five_rows_is_written_or_returned(tmp_path: Path) -> None:
    surname = "Zebulon"
    clients = build_rows(
        lambda n: (
            f"k{n},{'F' if n % 2 else 'M'},{surname if n == 3 else 'declined' if n % 3 else 'Office'},"
            f"{'F (' + surname + ')' if n == 4 else 'F (required)'}"
        ),
        "Client ID,Gender,Session type,Therapist gender wish",
    )
    result = write_first_mapping(write_clinic(tmp_path, clients, STAFF))
    text = (tmp_path / "clinic.toml").read_text() + str(result.to_dict()) + repr(result) + result.to_csv()
    assert "required" in text
    assert surname.casefold() not in text.casefold()


def test_a_first_row_of_data_is_never_taken_for_headers(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("Ann Archer,F,34\nBen Bower,M,51\nCat Crane,F,27\nDan Drew,M,33\n")
    mapping = build_mapping(write_clinic(tmp_path, build_rows(lambda n: f"k{n},{20 + n}", "Client ID,Age"), STAFF))
    assert "people.csv" in mapping.unplaced
    assert "Ann" not in str(mapping)


def test_a_wish_about_the_therapist_is_not_the_client(tmp_path: Path) -> None:
    clients = build_rows(lambda n: f"k{n},{'FM'[n % 2]}", "Client ID,Preferred therapist gender")
    mapping = build_mapping(write_clinic(tmp_path, clients, STAFF))
    assert "gender" not in mapping.config["tables"]["clients"]["columns"]
    assert any("Preferred therapist gender" in warning for warning in mapping.warnings)

    def answer(question: Question) -> str | None:
        return "prefer" if "How strong" in question.text else None

    wish = build_mapping(tmp_path, answer).config["tables"]["preferences"]["wishes"][0]
    codes = {"F": "woman", "M": "man"}
    assert wish == {
        "column": "Preferred therapist gender", "attribute": "gender", "codes": codes, "strength": "prefer"
    }  # fmt: skip


def test_a_word_for_missing_in_a_limit_is_not_declared_missing(tmp_path: Path) -> None:
    staff = build_rows(lambda n: f"t{n},{'unknown' if n % 2 else '18-64'},{'unknown' if n % 2 else 'F'}",
                       "Therapist ID,Ages,Gender", 20)  # fmt: skip
    mapping = build_mapping(write_clinic(tmp_path, build_rows(lambda n: f"k{n},{20 + n}", "Client ID,Age"), staff))
    assert "missing" not in mapping.config["tables"]["therapists"]


def test_columns_with_one_session_each_are_named_and_left_out(tmp_path: Path) -> None:
    clients = build_rows(lambda n: f"k{n},{20 + n}", "Client ID,Age")
    folder = write_clinic(tmp_path, clients, STAFF)
    rows = build_rows(lambda n: f"k{n},t{n % 8},4.1,4.2,3.9", "client,therapist,s1,s2,s3")
    (folder / "alliance.csv").write_text(rows)
    mapping = build_mapping(folder)
    assert any("s1 to s3" in warning for warning in mapping.warnings)


def test_ratings_can_be_columns_of_the_intake(tmp_path: Path) -> None:
    clients = build_rows(
        lambda n: f"k{n},{20 + n},t{n % 8},3,{20 + n % 20}", "Client ID,Age,Therapist ID,Session,SRS total"
    )
    tables = build_mapping(write_clinic(tmp_path, clients, STAFF)).config["tables"]
    assert tables["outcomes"]["file"] == "intake.csv"
    assert tables["outcomes"]["instrument"] == "SRS"
    assert tables["outcomes"]["columns"] == {
        "client_id": "Client ID", "therapist_id": "Therapist ID", "session": "Session", "score": "SRS total"
    }  # fmt: skip


def test_questions_of_a_form_are_headers(tmp_path: Path) -> None:
    questions = ("How old are you?", "What is your gender?", "How do you want to meet?", "Do you identify as LGBTQ+?")
    header = ",".join(("Timestamp", "Client code", *questions))
    clients = build_rows(
        lambda n: (
            f"10/{n % 28 + 1}/2025 9:15:00,k{n},{20 + n},Woman,"
            f"{'Online' if n % 2 else 'Either'},{'Yes' if n % 3 else 'No'}"
        ),
        header,
    )
    section = build_mapping(write_clinic(tmp_path, clients, STAFF)).config["tables"]["clients"]
    columns = section["columns"]
    assert section["source"] == "google_forms"
    assert columns["formats"] == {
        "from": "How do you want to meet?", "codes": {"Online": "video", "Either": ["video", "in person"]}
    }  # fmt: skip
    assert {name: columns[name] for name in ("client_id", "age", "gender", "lgbtq", "referred_on")} == {
        "client_id": "Client code", "age": "How old are you?", "gender": "What is your gender?",
        "lgbtq": "Do you identify as LGBTQ+?", "referred_on": "Timestamp",
    }  # fmt: skip


def test_numbered_columns_are_named_once_and_left_out(tmp_path: Path) -> None:
    clients = build_rows(
        lambda n: f"{n + 1},{n % 3 + 1},{n % 2},{n % 2},{n % 2}", "record_id,gender,race___1,race___2,race___3"
    )
    mapping = build_mapping(write_clinic(tmp_path, clients, STAFF))
    assert any("race___1 to race___3" in warning for warning in mapping.warnings)
    assert list(mapping.config["tables"]["clients"]["columns"]) == ["client_id"]


def test_a_workbook_with_two_header_rows(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "People"
    sheet.append(["Client", "", "Intake", "", "When"])
    sheet.append(["Name", "Gender", "Date", "Problems", "Slots"])
    for number in range(30):
        problems = "Anxiety, Grief" if number % 2 else "Grief"
        sheet.append([f"Name {number}", "female", f"3/{number % 28 + 1}/25", problems, "Mon AM, Tue PM"])
    staff = book.create_sheet("Staff")
    staff.append(["Therapist", "Speaks", "Openings"])
    for number in range(6):
        staff.append([f"Dr {number}", "English", 2])
    book.save(tmp_path / "clinic.xlsx")
    section = build_mapping(tmp_path).config["tables"]["clients"]
    assert {key: section[key] for key in ("file", "sheet", "header_row", "dates")} == {
        "file": "clinic.xlsx", "sheet": "People", "header_row": [1, 2], "dates": "%m/%d/%y"
    }  # fmt: skip
    assert section["columns"]["client_id"] == "Client Name"
    assert section["columns"]["availability"] == {"from": "When Slots", "split": ",", "times": True}


def test_the_words_of_a_wish_name_its_column(tmp_path: Path) -> None:
    clients = build_rows(lambda n: f"k{n},{'woman' if n % 2 else 'man'} (must)", "Client ID,Wish Therapist")
    mapping = build_mapping(write_clinic(tmp_path, clients, STAFF))
    assert mapping.config["tables"]["preferences"]["wishes"] == [{"column": "Wish Therapist", "attribute": "gender"}]


def test_a_word_for_no_openings_is_written_with_its_family(tmp_path: Path) -> None:
    staff = build_rows(lambda n: f"t{n},{'full' if n == 3 else n}", "Therapist ID,Openings", 8)
    clients = build_rows(lambda n: f"k{n},{20 + n}", "Client ID,Age")
    columns = build_mapping(write_clinic(tmp_path, clients, staff)).config["tables"]["therapists"]["columns"]
    assert columns["open_slots"]["codes"]["full"] == 0


def test_items_of_an_unknown_instrument_are_named_and_left_out(tmp_path: Path) -> None:
    folder = write_clinic(tmp_path, build_rows(lambda n: f"k{n},{20 + n}", "Client ID,Age"), STAFF)
    rows = build_rows(lambda n: f"k{n},t{n % 8},Often,Seldom,Often,Often", "client,therapist,Q1,Q2,Q3,Q4")
    (folder / "forms.csv").write_text(rows)
    assert any("Q1 to Q4" in warning for warning in build_mapping(folder).warnings)


def test_of_two_forms_with_as_many_items_the_answers_decide(tmp_path: Path) -> None:
    header = ",".join(("client", "therapist", *(f"wai{item}" for item in range(1, 13))))
    folder = write_clinic(tmp_path, build_rows(lambda n: f"k{n},{20 + n}", "Client ID,Age"), STAFF)
    for high, name in ((5, "WAI-SR"), (7, "WAI-S")):
        lines = [",".join((f"k{n}", f"t{n % 8}", *[str(n % high + 1)] * 12)) for n in range(30)]
        rows = "\n".join((header, *lines))
        (folder / "forms.csv").write_text(rows)
        section = build_mapping(folder).config["tables"]["outcomes"]
        assert (section["instrument"], section["items"]) == (name, "wai{}")


def test_the_workbook_of_the_docs_comes_out_mostly_as_it_is_written(tmp_path: Path) -> None:
    write_workbook_clinic(tmp_path / "meant")
    made = copy_without_config(tmp_path / "meant", tmp_path / "made")
    write_first_mapping(made)
    differ, n_lines = list_differences(tmp_path / "meant", made)
    print(f"birch street: {n_lines - len(differ)} of {n_lines} lines; not {differ}")
    assert len(differ) <= 0.2 * n_lines
    assert not [fault for fault in list_faults(Clinic.open(made)) if fault.stops or fault.sets_aside]


def test_a_column_with_the_status_is_offered_for_who_waits(tmp_path: Path) -> None:
    clients = build_rows(lambda n: f"k{n},{20 + n},{'waiting' if n % 2 else 'closed'}", "Client ID,Age,Status")
    folder = write_clinic(tmp_path, clients, STAFF)
    assert any("`Status` can hold it" in warning for warning in build_mapping(folder).warnings)

    def answer(question: Question) -> str | None:
        return "waiting" if "waiting" in question.choices else None

    write_first_mapping(folder, answer)
    config = Clinic.open(folder).config
    assert config.waiting.where is not None
    assert (config.waiting.where.column, config.waiting.where.is_) == ("Status", ["waiting"])


def test_a_list_of_members_becomes_a_set_of_the_people_it_names(tmp_path: Path) -> None:
    folder = write_clinic(tmp_path, build_rows(lambda n: f"k{n},{20 + n}", "Client ID,Age"), STAFF)
    (folder / "certificates.csv").write_text(
        build_rows(lambda n: f"t{n % 8},{('EFT', 'DBT', 'ACT')[n % 3]}", "Therapist ID,Certificate", 24)
    )
    columns = build_mapping(folder).config["tables"]["therapists"]["columns"]
    assert columns["certificate"] == {"file": "certificates.csv", "key": "Therapist ID", "from": "Certificate"}


@pytest.mark.parametrize("kind", ["utf-16", "sep", "titles"])
def test_text_files_as_programs_write_them(kind: str, tmp_path: Path) -> None:
    clients = build_rows(lambda n: f"k{n},{20 + n}", "Client ID,Age")
    folder = write_clinic(tmp_path, clients, STAFF)
    if kind == "utf-16":
        (folder / "intake.csv").write_text(clients, encoding="utf-16")
    elif kind == "sep":
        (folder / "intake.csv").write_text("sep=;\n" + clients.replace(",", ";"))
    else:
        (folder / "intake.csv").write_text("Our clinic,\nPrinted today,\n" + clients)
    write_first_mapping(folder)
    assert not [fault for fault in list_faults(Clinic.open(folder)) if fault.stops]
    assert len(af.open_clinic(folder).tables.clients) == 30


def test_files_that_hold_no_table_are_named_with_the_reason(tmp_path: Path) -> None:
    folder = write_clinic(tmp_path, build_rows(lambda n: f"k{n},{20 + n}", "Client ID,Age"), STAFF)
    (folder / "empty.csv").write_text("")
    (folder / "broken.xlsx").write_bytes(b"PK\x03\x04 broken")
    unplaced = build_mapping(folder).unplaced
    assert unplaced.keys() == {"empty.csv", "broken.xlsx"}
    assert all(unplaced.values())
