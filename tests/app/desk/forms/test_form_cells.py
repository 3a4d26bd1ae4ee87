"""Cells as inputs: the control of each kind of column, and what a posted form changes."""

import pytest
from starlette.datastructures import FormData

from attune_fit.app.desk.forms.form_cells import build_inputs, read_cells
from attune_fit.form_fields import FormField

FIELDS = (
    FormField("age", "number", low=0, high=110),
    FormField("gender", "code", suggestions=("man", "woman")),
    FormField("languages", "set", suggestions=("arabic", "english")),
    FormField("availability", "set", suggestions=("fri-eve", "mon-am")),
    FormField("presenting_problems", "set", suggestions=("anxiety", "grief")),
    FormField("age_groups", "set", suggestions=("18-64",), has_ranges=True),
    FormField("referred_on", "date"),
    FormField("village", "code"),
)
OPENED = {"languages": "english|arabic", "presenting_problems": "grief|anxiety", "gender": "woman"}


def test_each_kind_has_its_control() -> None:
    controls = {one.name: one.control for one in build_inputs(FIELDS, OPENED)}
    assert list(controls.values()) == ["number", "select", "choices", "slots", "choices", "text", "date", "text"]


def test_a_code_of_the_row_alone_stays_a_choice() -> None:
    languages = build_inputs(FIELDS, {"languages": "english|tigrinya"})[2]
    assert [code for code, _, is_ticked in languages.choices if is_ticked] == ["english", "tigrinya"]


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ([], "english|arabic"),  # the form has no such field, and was not opened whole
        ([("opened", "{}")], ""),  # no box is ticked
        ([("languages", "arabic"), ("languages", "english")], "english|arabic"),  # the same codes: no change
        ([("languages", "arabic")], "arabic"),
        ([("languages", "english|arabic|spanish")], "english|arabic|spanish"),  # one text, from the page of a conflict
    ],
)
def test_a_set_is_read_from_its_boxes(sent: list[tuple[str, str]], expected: str) -> None:
    assert read_cells(FormData([*sent]), FIELDS, OPENED)["languages"] == expected


def test_the_main_code_comes_first_and_only_then_changes_the_order() -> None:
    boxes = [("presenting_problems", "anxiety"), ("presenting_problems", "grief")]
    same = FormData([*boxes, ("presenting_problems:first", "grief")])
    other = FormData([*boxes, ("presenting_problems:first", "anxiety")])
    assert read_cells(same, FIELDS, OPENED)["presenting_problems"] == "grief|anxiety"
    assert read_cells(other, FIELDS, OPENED)["presenting_problems"] == "anxiety|grief"


def test_a_code_on_no_list_is_added_to_a_set_and_replaces_one_code() -> None:
    for column, expected in (("languages", "english|arabic|tigrinya"), ("gender", "tigrinya")):
        form = FormData([("other_column", column), ("other_code", "tigrinya")])
        assert read_cells(form, FIELDS, OPENED)[column] == expected


def test_what_a_form_does_not_have_is_no_change() -> None:
    assert read_cells(FormData([]), FIELDS, OPENED) == {**dict.fromkeys((one.name for one in FIELDS), ""), **OPENED}
