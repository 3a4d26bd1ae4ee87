"""Numbers by the declared marks alone: no mark of another country, and nothing that a spreadsheet would not read."""

import pytest

from tests.office_files.small_clinic import OFFERS, SmallClinic


def read_numbers(clinic: SmallClinic, cells: list[str], toml: str = "") -> tuple[list[object], list[int]]:
    """Return the numbers of a column of the clinic's own, None where there is none, and the rows that a fault names."""
    clinic.put_table(
        "clients", [["client_id", "income"], *([f"c{number:02}", cell] for number, cell in enumerate(cells))]
    )
    clinic.add_toml(f'{toml}\n[tables.clients.columns]\nincome = {{ from = "income", kind = "number" }}')
    rows = [row for fault in clinic.find_faults("clients", "income") for row in fault.rows]
    return list(clinic.get_column("clients", "income").values()), sorted(rows)


def test_a_decimal_comma_and_thousands_in_points(small_clinic: SmallClinic) -> None:
    cells = ["1.250", "950", "2.100", "800", "640", "12,5", "1.234.567,25", "-1.250", "0,5", ",5", " 7 "]
    numbers, rows = read_numbers(small_clinic, cells, '[tables.clients]\nseparator = ","\ndecimal = ","')
    assert numbers == [1250, 950, 2100, 800, 640, 12.5, 1234567.25, -1250, 0.5, 0.5, 7]
    assert rows == []


def test_a_point_is_never_a_decimal_mark_beside_a_decimal_comma(small_clinic: SmallClinic) -> None:
    cells = ["1.25", "12.5", "1.2500", "0.5", "1.250.00", "3,5", "4", "5", "6", "7,25", "8", "9"]
    numbers, rows = read_numbers(small_clinic, cells, '[tables.clients]\ndecimal = ","')
    assert numbers == [None] * 5 + [3.5, 4, 5, 6, 7.25, 8, 9]
    assert rows == [2, 3, 4, 5, 6]


def test_a_comma_is_never_a_decimal_mark_beside_a_decimal_point(small_clinic: SmallClinic) -> None:
    numbers, rows = read_numbers(small_clinic, ["1,250", "12,5", "1,250.5", "12.5", "1250", "3", "4"])
    assert numbers == [None, None, None, 12.5, 1250, 3, 4]
    assert rows == [2, 3, 4]


def test_thousands_in_commas(small_clinic: SmallClinic) -> None:
    cells = ["1,250", "1,250.5", "12,34", "1,2500", "1250", "12.5", "1,234,567", ",250", "4"]
    numbers, rows = read_numbers(small_clinic, cells, '[tables.clients]\nthousands = ","')
    assert numbers == [1250, 1250.5, None, None, 1250, 12.5, 1234567, None, 4]
    assert rows == [4, 5, 9]


@pytest.mark.parametrize("mark", ["'", " "])
def test_thousands_in_other_marks(small_clinic: SmallClinic, mark: str) -> None:
    cells = [f"1{mark}250", "950", f"12{mark}345{mark}678", f"1{mark}25"]
    numbers, rows = read_numbers(small_clinic, cells, f'[tables.clients]\nthousands = "{mark}"')
    assert numbers == [1250, 950, 12345678, None]
    assert rows == [5]


def test_a_space_between_thousands_can_be_one_that_does_not_break(small_clinic: SmallClinic) -> None:
    numbers, rows = read_numbers(
        small_clinic, ["1\u00a0250", "1\u202f250", "1 250"], '[tables.clients]\nthousands = " "'
    )
    assert (numbers, rows) == ([1250, 1250, 1250], [])


def test_what_only_a_programming_language_reads_is_no_number(small_clinic: SmallClinic) -> None:
    odd = [
        "1_250",
        "\uff11\uff12",
        "\u0661\u0662",
        "\u00bd",
        "inf",
        "infinity",
        "-Infinity",
        "0x10",
        "0b1",
        "1e",
        "1.2.3",
    ]
    odd += ["--5", "5-", "(5)", "$5", "85%", "1/2", "5 km", "1 2"]
    fine = ["1e3", "2.5E-1", "+5", "-5", "-0.0", "5.", ".5", "007", "1e+2"]
    numbers, rows = read_numbers(small_clinic, [*odd, *fine * 3])
    assert numbers[: len(odd)] == [None] * len(odd)
    assert numbers[len(odd) :] == [1000, 0.25, 5, -5, 0, 5, 0.5, 7, 100] * 3
    assert rows == list(range(2, 2 + len(odd)))


def test_a_mark_for_one_column(small_clinic: SmallClinic) -> None:
    small_clinic.put_rows("clients", "client_id;age;income;weight", "c1;34;1.250,5;70.5", "c2;41;950;81.25")
    small_clinic.add_toml(
        '[tables.clients]\nseparator = ";"\n[tables.clients.columns]\nincome = { from = "income", decimal = "," }'
    )
    assert list(small_clinic.get_column("clients", "income").values()) == [1250.5, 950]
    assert list(small_clinic.get_column("clients", "weight").values()) == [70.5, 81.25]


def test_the_marks_hold_for_canonical_columns_too(small_clinic: SmallClinic) -> None:
    small_clinic.put("clients.csv", small_clinic.get_text("clients").replace(",", ";"))
    small_clinic.add_toml('[tables.clients]\nseparator = ";"\ndecimal = ","')
    text = small_clinic.get_text("clients").replace(";referred_on", ";referred_on;attachment_anxiety")
    rows = [
        f"{row};{cell}" for row, cell in zip(text.splitlines()[1:], ["3,5", "2.5", "4", "1,25", "7", "6"], strict=True)
    ]
    small_clinic.put_rows("clients", text.splitlines()[0], *rows)
    assert list(small_clinic.get_column("clients", "attachment_anxiety").values()) == [3.5, None, 4, 1.25, 7, 6]
    assert small_clinic.find_fault("clients", "attachment_anxiety").rows == (3,)
    assert small_clinic.list_offers() == OFFERS


def test_a_column_that_is_mostly_in_another_mark_is_an_error(small_clinic: SmallClinic) -> None:
    small_clinic.set_column("clients", "phq9", "12,5", "7,5", "3,0", "4,5", "", "1")
    fault = small_clinic.find_fault("clients", "phq9")
    assert (fault.stops, fault.rows) == (True, (2, 3, 4, 5))
    assert "decimal" in str(fault)
