"""Options of a survey that hold the separator are recognised whole before the rest of the cell is split."""

import pytest

from tests.office_files.small_clinic import SmallClinic

CODES = {
    "Anxiety": "anxiety",
    "Low mood (sad, empty)": "depression",
    "Low mood (sad, empty), for years": "dysthymia",
    "Trauma": "trauma",
    "Grief, loss": "grief",
    "Sleep": "sleep",
}


def read_problems(clinic: SmallClinic, cells: list[str], split: str = ",") -> list[object]:
    """Return the problems of the clients, of one survey column."""
    clinic.put_table(
        "clients", [["client_id", "problems"], *([f"c{number:02}", cell] for number, cell in enumerate(cells))]
    )
    codes = ", ".join(f'"{key}" = "{value}"' for key, value in CODES.items())
    mapping = f'{{ from = "problems", split = "{split}", codes = {{ {codes} }} }}'
    clinic.add_toml(f"[tables.clients.columns]\npresenting_problems = {mapping}")
    return list(clinic.get_column("clients", "presenting_problems").values())


EXPECTED = {
    "Anxiety, Low mood (sad, empty)": "anxiety|depression",
    "Low mood (sad, empty), Anxiety": "depression|anxiety",
    "Low mood (sad, empty)": "depression",
    "Low mood (sad, empty), for years, Trauma": "dysthymia|trauma",  # the longest option first
    "Anxiety, Low mood (sad, empty), for years": "anxiety|dysthymia",
    "Grief, loss": "grief",
    "Grief, loss, Sleep": "grief|sleep",
    "Sleep,Grief, loss,Anxiety": "sleep|grief|anxiety",  # without spaces after the separator
    "anxiety,  LOW MOOD (sad,  empty)": "anxiety|depression",
    "Anxiety, Trauma": "anxiety|trauma",
    "Anxiety,": "anxiety",
    "": None,
}


def test_options_that_hold_the_separator(small_clinic: SmallClinic) -> None:
    assert read_problems(small_clinic, list(EXPECTED)) == list(EXPECTED.values())
    assert [fault for fault in small_clinic.find_faults("clients") if fault.column == "problems"] == []


@pytest.mark.parametrize("split", [";", ", ", "|"])
def test_options_in_another_separator(small_clinic: SmallClinic, split: str) -> None:
    joined = [split.join(["Anxiety", "Low mood (sad, empty)", "Grief, loss"]), split.join(["Sleep", "Trauma"])]
    assert read_problems(small_clinic, joined, split) == ["anxiety|depression|grief", "sleep|trauma"]


def test_an_option_is_not_found_inside_another_word(small_clinic: SmallClinic) -> None:
    cells = ["Sleepless, Anxiety", "Anxiety", "Trauma", "Sleep", "Sleep, Trauma"]
    assert read_problems(small_clinic, cells) == ["anxiety", "anxiety", "trauma", "sleep", "sleep|trauma"]
    [fault] = small_clinic.find_faults("clients", "problems")
    assert fault.rows == (2,)


def test_a_free_answer_beside_options_is_told_as_read_in_part(small_clinic: SmallClinic) -> None:
    cells = ["Anxiety, Other: my cat, sadly", "Anxiety", "Trauma", "Grief, loss", "Sleep"]
    assert read_problems(small_clinic, cells) == ["anxiety", "anxiety", "trauma", "grief", "sleep"]
    [fault] = small_clinic.find_faults("clients", "problems")
    assert fault.rows == (2,)
    assert "as missing" not in str(fault)
    assert "cat" not in str(fault)
