"""No message holds a cell: a first row that is no header is not printed as headers, and free text never is."""

import pytest

from tests.office_files.small_clinic import CLIENTS, SmallClinic

SECRETS = ("Maria", "Sample", "1990-02-03", "0501", "555", "maria@example.org", "known privately", "spouse")
HEADERLESS = {
    "names, birth dates and telephone numbers": "Maria Example,1990-02-03,0501 555 0100,depression\n"
    "Tom Sample,1985-07-09,0501 555 0101,anxiety\n",
    "names alone": "Maria Example,depression,woman\nTom Sample,anxiety,man\n",
    "addresses": "maria@example.org;Maria;woman\ntom@example.org;Sample;man\n",
    "one client": "Maria Example,1990-02-03,0501 555 0100,depression\n",
    "a number first": "17,Maria Example,0501 555 0100\n18,Tom Sample,0501 555 0101\n",
    "telephone numbers in brackets": "Maria Example,(0501) 555-0100\nTom Sample,(0501) 555-0101\n",
    "dates in another form": "Maria Example,03.02.1990,woman\nTom Sample,09.07.1985,man\n",
    "quotation marks": '"Maria Example","1990-02-03"\n"Tom Sample","1985-07-09"\n',
    "a title with a name": f"Caseload of Maria Example\n\n{CLIENTS}",
}
COMMANDS = [("check",), ("check", "--json"), ("rank", "--waiting"), ("rank", "--client", "c01"), ("assign",)]


def assert_no_secret(text: str) -> None:
    """Check that no name, date, number or address of the files is in a text."""
    assert [secret for secret in SECRETS if secret.casefold() in text.casefold()] == []


@pytest.mark.parametrize("name", HEADERLESS)
def test_a_file_of_clients_without_header_is_not_printed(small_clinic: SmallClinic, name: str) -> None:
    faults = small_clinic.put("clients.csv", HEADERLESS[name]).list_faults()
    assert any(fault.stops and fault.table == "clients" for fault in faults)
    assert_no_secret("".join(map(repr, faults)))


def test_no_command_prints_a_file_without_header(small_clinic: SmallClinic) -> None:
    small_clinic.put("clients.csv", HEADERLESS["names, birth dates and telephone numbers"])
    target = small_clinic.folder.parent / "converted"
    for command, *words in (*COMMANDS, ("convert", "--out", str(target)), ("follow-up",), ("capacity",), ("train",)):
        done = small_clinic.run(command, *words)
        assert done.exit_code == 1, command
        assert_no_secret(done.output)


def test_the_message_says_that_the_first_row_is_no_header(small_clinic: SmallClinic) -> None:
    small_clinic.put("clients.csv", HEADERLESS["names, birth dates and telephone numbers"])
    [text] = [str(fault) for fault in small_clinic.find_faults("clients") if fault.stops]
    assert "first row does not look like headers" in text
    assert "4" in text  # how many cells it has


@pytest.mark.parametrize("name", ["names alone", "a number first", "a title with a name"])
def test_no_key_of_clinic_toml_makes_it_printed(small_clinic: SmallClinic, name: str) -> None:
    small_clinic.put("clients.csv", HEADERLESS[name])
    small_clinic.add_toml(
        '[tables.clients.columns]\nclient_id = "Code"\nage = { birth_date = "Born" }\n'
        'availability = { slots = "Free *" }\n[[tables.preferences.wishes]]\ncolumn = "Wish"\nattribute = "gender"'
    )
    assert_no_secret("".join(map(repr, small_clinic.list_faults())))


@pytest.mark.parametrize("name", ["names alone", "one client", "telephone numbers in brackets", "a title with a name"])
def test_no_other_table_without_header_is_printed(small_clinic: SmallClinic, name: str) -> None:
    tables = ("therapists", "outcomes", "preferences", "conflicts")
    for table in tables:
        small_clinic.put(f"{table}.csv", HEADERLESS[name])
    small_clinic.add_toml('[tables.outcomes]\ninstrument = "WAI-SR"\nitems = "wai{}"')
    faults = small_clinic.list_faults()
    assert_no_secret("".join(map(repr, faults)))
    assert {fault.table for fault in faults if fault.stops} >= set(tables)


@pytest.mark.parametrize("name", ["names alone"])
def test_no_second_file_without_header_is_printed(small_clinic: SmallClinic, name: str) -> None:
    small_clinic.put("spoken.csv", HEADERLESS[name])
    small_clinic.add_toml('[tables.therapists.columns]\nlanguages = { file = "spoken.csv", key = "id", from = "word" }')
    faults = small_clinic.list_faults()
    assert any(fault.stops for fault in faults)
    assert_no_secret("".join(map(repr, faults)))


def test_headers_that_are_headers_are_named(small_clinic: SmallClinic) -> None:
    small_clinic.put("clients.csv", CLIENTS.replace("client_id,", "Client No,"))
    [fault] = [fault for fault in small_clinic.list_faults() if fault.stops]
    assert "`Client No`" in str(fault)
    small_clinic.put("clients.csv", "Client No,Years,Wish\n17,34,woman\n18,41,man\n")  # a column of numbers under words
    [fault] = [fault for fault in small_clinic.list_faults() if fault.stops]
    assert "`Client No`" in str(fault)


def test_free_text_in_any_column_is_not_printed(small_clinic: SmallClinic) -> None:
    small_clinic.set_cell("clients", "c01", "notes", "Maria is her spouse; call 0501 555 0100")
    small_clinic.set_cell("clients", "c01", "payer", "Maria Example pays herself, telephone 0501 555 0100, evenings")
    small_clinic.set_cell("clients", "c02", "languages", "maria@example.org; her spouse translates for her, always")
    small_clinic.set_cell("clients", "c03", "age", "1990-02-03")
    small_clinic.set_cell("clients", "c04", "referred_on", "when Maria called")
    small_clinic.set_cell("therapists", "t1", "open_slots", "ask Maria")
    small_clinic.set_cell("therapists", "t2", "age_groups", "Maria and Sample only")
    wishes = [
        "c05,gender,Maria,must",
        "c06,age,Maria,never",
        "c06,Sample,Maria,never",
        "c05,gender,woman,if Maria agrees",
    ]
    small_clinic.put_rows("preferences", "client_id,attribute,value,strength", *wishes)
    small_clinic.put_rows("outcomes", "client_id,therapist_id,session,measured_on,instrument,rater,score",
                          "c03,t1,Maria,2026-05-25,Sample,0501,555")  # fmt: skip
    small_clinic.put_rows("conflicts", "client_id,therapist_id,reason", "c06,t1,spouse", "c05,t2,known privately")
    assert len(small_clinic.list_faults()) >= 8
    for command, *words in (("check",), ("check", "--json"), ("rank", "--waiting"), ("assign",)):
        assert_no_secret(small_clinic.run(command, *words).output)


def test_a_row_with_too_many_cells_is_named_by_number_alone(small_clinic: SmallClinic) -> None:
    small_clinic.put(
        "clients.csv", f"{CLIENTS}c07,34,Maria,Example,1990-02-03,0501,555,woman,english,north,public,video,mon-am\n"
    )
    [fault] = small_clinic.find_faults("clients")
    assert (fault.stops, fault.rows) == (True, (8,))
    assert_no_secret(str(fault))
