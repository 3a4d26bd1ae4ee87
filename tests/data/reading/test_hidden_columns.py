"""A canonical header in the file whose name clinic.toml maps to another header: its cells are not lost in silence."""

import pytest

from tests.data.conftest import ClinicFolder

MAPPING = '[tables.{table}.columns]\n{name} = "{header}"\n'


@pytest.mark.parametrize(
    ("table", "name", "stops"),
    [
        ("therapists", "problems_not_taken", True),
        ("therapists", "languages", True),
        ("therapists", "orientations", False),
    ],
)
def test_a_mapping_that_hides_a_column_is_named(
    clinic_folder: ClinicFolder, table: str, name: str, stops: bool
) -> None:
    clinic_folder.put(
        "therapists.csv", f"therapist_id,gender,{name},Other\ntom,man,english,\nuna,woman,spanish,english\n"
    )
    clinic_folder.add(MAPPING.format(table=table, name=name, header="Other"))
    (fault,) = [one for one in clinic_folder.list_faults() if "hidden" in one.id]
    assert (fault.column, fault.stops) == (f"tables.{table}.columns.{name}", stops)
    assert "`Other`" in fault.says
    assert f"`{name}`" in fault.says


@pytest.mark.parametrize("cells", [("", ""), ("english", "spanish")])
def test_an_empty_column_and_an_equal_one_hide_nothing(clinic_folder: ClinicFolder, cells: tuple[str, str]) -> None:
    rows = f"tom,man,{cells[0]},english\nuna,woman,{cells[1]},spanish\n"
    clinic_folder.put("therapists.csv", f"therapist_id,gender,languages,Spoken\n{rows}")
    clinic_folder.add(MAPPING.format(table="therapists", name="languages", header="Spoken"))
    assert [one.id for one in clinic_folder.list_faults() if "hidden" in one.id] == []


def test_a_column_that_has_another_name_in_clinic_toml_is_not_hidden(clinic_folder: ClinicFolder) -> None:
    clinic_folder.put("therapists.csv", "therapist_id,languages,Spoken\ntom,english,english\nuna,,spanish\n")
    clinic_folder.add(MAPPING.format(table="therapists", name="languages", header="Spoken"))
    assert "column-hidden-by-mapping" in [one.id for one in clinic_folder.list_faults()]
    clinic_folder.add('old_languages = "languages"\n')
    assert "column-hidden-by-mapping" not in [one.id for one in clinic_folder.list_faults()]
