"""Messages: each has an id, each id one wording, and the wordings are reviewed in one file."""

import ast
import re
from pathlib import Path

import pytest

from attune_fit.data.faults import Fault
from tests.fault_descriptions import describe_fault
from tests.messages import (
    PLACEHOLDER,
    SNAPSHOT,
    Message,
    collect_messages,
    find_cell_names,
    format_snapshot,
    read_snapshot,
)

MESSAGES = collect_messages()
KEBAB_CASE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def test_the_snapshot_holds_the_wording_of_every_message() -> None:
    now = {one.id: one.wording for one in MESSAGES}
    assert now == read_snapshot(), "run `make plain`, then review tests/golden/messages.json"
    assert SNAPSHOT.read_text(encoding="utf-8") == format_snapshot(MESSAGES)


def test_an_id_has_one_wording() -> None:
    first: dict[str, Message] = {}
    assert not [(one.place, other.place) for one in MESSAGES
                if (other := first.setdefault(one.id, one)).wording != one.wording]  # fmt: skip


def test_a_wording_has_one_id() -> None:
    first: dict[str, Message] = {}
    assert not [(one.place, other.place) for one in MESSAGES
                if (other := first.setdefault(str(one.wording), one)).id != one.id
                and "{message}" not in one.message]  # fmt: skip


def test_ids_are_kebab_case() -> None:
    assert not [one.id for one in MESSAGES if not KEBAB_CASE.fullmatch(one.id)]


def test_every_message_has_words_and_a_fix() -> None:
    assert not [one.id for one in MESSAGES if not all(one.message) or not all(one.fix)]


def test_no_message_interpolates_a_cell() -> None:
    """As far as the source shows it; ``test_no_fault_holds_a_cell`` reads a clinic full of marks."""
    assert not [(one.place, names) for one in MESSAGES if (names := find_cell_names(one))]


@pytest.mark.parametrize(
    "placeholder", ["{cells[0]}", "{frame['age'].iloc[0]}", "{raw_cells}", "{values.max()}", "{tables.clients.at[3]}"]
)
def test_a_cell_in_a_message_is_found(placeholder: str) -> None:
    assert find_cell_names(Message("x", "error", ("plain", f"not {placeholder} here"), ("",), "x.py:1"))


def collect_from(folder: Path, code: str) -> list[Message]:
    """The messages of a file with this code."""
    path = folder / "example.py"
    path.write_text(code)
    return collect_messages([path])


def test_an_id_that_is_no_literal_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"example\.py:1: write the id"):
        collect_from(tmp_path, 'Fault.error(name, "clients", "", "wrong", fix="Correct it.")')


def test_a_call_without_an_id_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"example\.py:1: write the id"):
        collect_from(tmp_path, 'collector.add_error("age", "wrong", "Correct it.")')


def test_a_template_follows_names_choices_and_constants(tmp_path: Path) -> None:
    code = """
KNOWN = "Known: all."
def check(age, is_new):
    message = f"{age} is {'too new' if is_new else 'too old'}"
    fix = "Correct it. " + KNOWN
    yield Fault.warning("age-of-row", "clients", "age", message, fix=fix)
"""
    (one,) = collect_from(tmp_path, code)
    assert one.wording == {
        "kind": "warning",
        "message": ["{age} is too new", "{age} is too old"],
        "fix": "Correct it. Known: all.",
    }


def test_a_masked_column_has_a_warning_and_an_error(tmp_path: Path) -> None:
    few, most = collect_from(tmp_path, 'collector.mask_bad_cells("odd", column, cells, bad, "not odd", "check it.")')
    assert (few.id, few.kind, few.message) == ("odd", "warning", ("not odd",))
    assert (most.id, most.kind, most.message) == ("odd-mostly", "error", ("{len(rows)} of {count} cells: not odd",))
    assert most.fix == ("The mapping is likely wrong: check it.",)


def test_a_description_pins_the_values_and_the_rows() -> None:
    fix = "Attune keeps them. Correct them, or `clinic.as_of` in clinic.toml if it is too early."
    fault = Fault.warning("date-in-future", "clients", "due", "dates after 2026-06-15", rows=[3], fix=fix)
    assert describe_fault(fault) == "clients, due (row 3): date-in-future (2026-06-15)"


def test_another_wording_than_the_snapshot_is_found() -> None:
    fault = Fault.warning("date-in-future", "clients", "due", "dates too late", fix="Attune keeps them.")
    with pytest.raises(AssertionError, match="is not the wording of the snapshot"):
        describe_fault(fault)


def test_placeholders_are_python_and_the_braces_of_toml_are_none() -> None:
    texts = [text for one in MESSAGES for text in (*one.message, *one.fix)]
    assert not PLACEHOLDER.findall('codes = { adults = "18-64" }')
    for found in (found[1:-1].removesuffix(", ...") for text in texts for found in PLACEHOLDER.findall(text)):
        ast.parse(found, mode="eval")
