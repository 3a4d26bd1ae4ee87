"""Canonical tables, written and read back."""

import math
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from attune_fit.data.clinic.canonical_order import sort_canonically
from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic.pair_states import Offer, Pair, PairStates
from attune_fit.data.clinic.settings import JournalSettings
from attune_fit.data.clinic.tables import Tables, complete_columns
from attune_fit.data.outcomes.openings import count_openings
from attune_fit.data.reading.read_clinic import list_faults, read_tables
from attune_fit.data.writing.canonical_export import list_unwritable_states, replace_pair_states, write_tables
from tests.data.conftest import FILES, ClinicFolder
from tests.fault_descriptions import raises_faults
from tests.strategies import clinic, clinics

LETTERS = st.characters(exclude_categories=("C", "Z"), exclude_characters="|")


def legal(tables: Tables) -> Tables:
    """Return tables as read from files: no duplicate row, every score with its instrument."""
    outcomes = tables.outcomes.assign(instrument="WAI-SR").drop_duplicates(ignore_index=True)
    return replace(
        tables,
        preferences=tables.preferences.drop_duplicates(ignore_index=True),
        outcomes=outcomes.astype({"instrument": "str"}),
        conflicts=tables.conflicts.drop_duplicates(ignore_index=True),
    )


def words() -> st.SearchStrategy[str]:
    """Draw any possible code: letters of any script, quotation marks, commas, words that elsewhere mean missing."""
    from attune_fit.data.cell_parsing import normalize_code

    any_words = st.lists(st.text(LETTERS, min_size=1, max_size=6), min_size=1, max_size=3).map(" ".join)
    return (
        (any_words | st.sampled_from(["na", "nan", "null", "none", "1", "1.0", "true", '"', "a,b", "'"]))
        .map(normalize_code)
        .filter(bool)
    )


@settings(max_examples=12, deadline=None)
@given(tables=clinics(outcomes=5, conflicts=2), code=words(), own=words(), number=st.floats(-1e9, 1e9))
@example(
    tables=clinic({"race_ethnicity": ["asian"]}, {"age": [40]}, wishes=[(0, "race_ethnicity", "asian", "never")]),
    code="x", own="1", number=0.0,
)  # fmt: skip
@example(tables=clinic({"age": [30]}, {"age": [40]}), code="na", own="1", number=-0.0)
def test_tables_read_back_with_the_same_digest(tables: Tables, code: str, own: str, number: float) -> None:
    clients = tables.clients.assign(religion=code, field=own, weight=number).astype({"religion": "str", "field": "str"})
    tables = legal(replace(tables, clients=complete_columns("clients", clients)))
    with TemporaryDirectory() as folder:
        write_tables(tables, Path(folder))
        assert read_tables(Clinic.open(folder)).digest() == sort_canonically(tables).digest()


def test_every_kind_of_own_column_reads_back(clinic_folder: ClinicFolder, tmp_path: Path) -> None:
    clinic_folder.put(
        "clients.csv", "client_id,house,tags,weight,seen\nann,01,a|b,1.5,2026-01-02\nben,2,c,2,\ncat,3,,,\n"
    )
    clinic_folder.add('[tables.clients.columns]\nhouse = { from = "house", kind = "code" }\n')
    _export_and_read(clinic_folder, tmp_path / "out")


def test_clients_who_met_a_departed_therapist_read_back(clinic_folder: ClinicFolder, tmp_path: Path) -> None:
    clinic_folder.change("outcomes.csv", "tom", "gus")
    assert _export_and_read(clinic_folder, tmp_path / "out").met_client_ids == {"ann", "ben"}


def test_an_unreadable_cell_stays_one(clinic_folder: ClinicFolder, tmp_path: Path) -> None:
    """What restricts in the clinic's files restricts in the converted ones: a client, a therapist, and an age."""
    clinic_folder.change("clients.csv", "ann,34", "ann,340").change("therapists.csv", ",2,", ",few,")
    clinic_folder.change("preferences.csv", "30-50,prefer", "30-50,surely")
    tables = _export_and_read(clinic_folder, tmp_path / "out")
    assert {cell[:] for cell in tables.unreadable} == {
        ("clients", "", "ben", "aside"), ("clients", "age", "ann", "limited"), ("therapists", "", "tom", "aside"),
    }  # fmt: skip
    assert {one.kind for one in list_faults(Clinic.open(tmp_path / "out"))} == {"set aside", "warning"}


RULES = ("language", "region", "payer", "format", "slot", "open_slots", "roster_age", "age_group", "problems_not_taken")


@pytest.mark.parametrize("off", [("language",), ("open_slots", "roster_age"), RULES])
def test_whoever_is_set_aside_stays_so_whatever_rule_is_off(
    clinic_folder: ClinicFolder, tmp_path: Path, off: tuple[str, ...]
) -> None:
    clinic_folder.put("therapists.csv", "therapist_id,gender,languages\ntom,man,\ntom,woman,\nuna,woman,\n")
    clinic_folder.put("preferences.csv", "client_id,attribute,value,strength\nann,gender,martian,perhaps\n")
    clinic_folder.add("".join(f"[rules.{name}]\non = false\n" for name in off))
    exported = _export_and_read(clinic_folder, tmp_path / "out")
    assert exported.list_set_aside("clients") == {"ann"}
    assert exported.list_set_aside("therapists") == {"tom"}
    write_tables(exported, tmp_path / "again", Clinic.open(tmp_path / "out").config)
    assert read_tables(Clinic.open(tmp_path / "again")).digest() == exported.digest()


def test_a_therapist_with_every_limit_stays_set_aside_and_keeps_them(
    clinic_folder: ClinicFolder, tmp_path: Path
) -> None:
    header = "therapist_id,languages,licensed_regions,payers,formats,availability,open_slots,updated_on,age_groups"
    row = "english,north,plan a,video,mon-am,2,2026-06-01,18-64,grief"
    clinic_folder.put("therapists.csv", f"{header},problems_not_taken,age\ntom,{row},40\ntom,{row},41\n")
    clinic_folder.drop("outcomes.csv").drop("preferences.csv")
    exported = _export_and_read(clinic_folder, tmp_path / "out")
    assert exported.list_set_aside("therapists") == {"tom"}
    assert exported.therapists["problems_not_taken"].tolist() == ["grief"]


def test_several_unreadable_cells_read_back(clinic_folder: ClinicFolder, tmp_path: Path) -> None:
    """Two ages of three, unreadable for different reasons: each is one cell, and together no wrong mapping."""
    clinic_folder.put("clients.csv", "client_id,age\nann,thirty\nben,300\neva,30\n")
    assert len(_export_and_read(clinic_folder, tmp_path / "out").unreadable) == 2


def test_codes_that_look_like_something_else_read_back(clinic_folder: ClinicFolder, tmp_path: Path) -> None:
    clinic_folder.change("therapists.csv", "english|spanish", "english|unknown")
    clinic_folder.add("[tables.therapists]\nliteral = true\n").add("[tables.preferences]\nliteral = true\n")
    clinic_folder.change("preferences.csv", "gender,woman,must", "gender,agender,never")
    assert "english|unknown" in _export_and_read(clinic_folder, tmp_path / "out").therapists["languages"].tolist()


def _export_and_read(clinic_folder: ClinicFolder, out: Path) -> Tables:
    tables = clinic_folder.read()
    write_tables(tables, out, Clinic.open(clinic_folder.folder).config)
    exported = read_tables(Clinic.open(out))
    assert exported.digest() == tables.digest()
    return exported


def test_rules_features_instruments_and_settings_are_written_too(clinic_folder: ClinicFolder, tmp_path: Path) -> None:
    clinic_folder.add(
        '[settings]\nshortlist = 7\nfeatures_off = ["a", "b"]\n[rules.payer]\nunknown = "exclude"\n'
        '[waiting]\nwhere = { column = "referred_on", from = 2026-05-02 }\n'
        '[[features]]\nname = "a \\"b\\" 😀"\nclient = "gender"\ntherapist = "gender"\ncompare = "same"\n'
        'weight_by = "age"\n[[instruments]]\nname = "own"\nlow = 0\nhigh = 2\nitems = 2\nscales = { goal = [1] }\n'
    )
    clinic_folder.add('[tables.clients]\nfile = "clients.csv"\n')
    before = Clinic.open(clinic_folder.folder).config
    write_tables(clinic_folder.read(), tmp_path / "out", before)
    after = Clinic.open(tmp_path / "out").config
    assert after.model_dump(exclude={"tables"}) == before.model_dump(exclude={"tables"})
    assert after.tables.clients.file is None


def test_a_clinics_own_folder_is_never_overwritten(clinic_folder: ClinicFolder) -> None:
    before = {path.name: path.read_bytes() for path in clinic_folder.folder.iterdir()}
    with raises_faults(f"clinic.toml: folder-of-another-clinic ({clinic_folder.folder})"):
        write_tables(clinic_folder.read(), clinic_folder.folder)
    assert {path.name: path.read_bytes() for path in clinic_folder.folder.iterdir()} == before


def test_a_clinics_own_folder_without_clinic_toml_is_never_overwritten(clinic_folder: ClinicFolder) -> None:
    tables = clinic_folder.read()
    clinic_folder.drop("clinic.toml")
    with raises_faults(f"clinic.toml: folder-of-another-clinic ({clinic_folder.folder})"):
        write_tables(tables, clinic_folder.folder)


def test_an_exported_folder_can_be_exported_again(clinic_folder: ClinicFolder, tmp_path: Path) -> None:
    write_tables(clinic_folder.read(), tmp_path / "out")
    assert (tmp_path / "out" / "outcomes.csv").exists()
    write_tables(clinic_folder.read().drop_outcomes(), tmp_path / "out")
    assert not (tmp_path / "out" / "outcomes.csv").exists()


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_any_content_of_a_file_gives_faults_and_no_crash(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(FILES)))
    damage = data.draw(st.sampled_from([_any_bytes, _any_cells, _cut]))
    with TemporaryDirectory() as folder:
        clinic_folder = ClinicFolder(Path(folder))
        clinic_folder.put(name, damage(data, name))
        assert isinstance(clinic_folder.format_faults(), list)


def _any_bytes(data: st.DataObject, name: str) -> bytes:
    return data.draw(st.binary(max_size=60))


def _any_cells(data: st.DataObject, name: str) -> bytes:
    """The header, and rows of any text, as many cells or not."""
    cell = st.text(st.characters(exclude_categories=["Cs"]), max_size=5) | st.sampled_from(
        ["ann", "tom", "1e400", "nan"]
    )
    rows = data.draw(st.lists(st.lists(cell, max_size=7), max_size=4))
    return "\n".join([FILES[name].splitlines()[0], *(",".join(row) for row in rows)]).encode()


def _cut(data: st.DataObject, name: str) -> bytes:
    whole = FILES[name].encode()
    return whole[: data.draw(st.integers(0, len(whole)))]


def test_an_empty_table_is_not_written(tmp_path: Path, clinic_folder: ClinicFolder) -> None:
    write_tables(clinic_folder.read(), tmp_path / "out")
    assert not (tmp_path / "out" / "conflicts.csv").exists()
    assert "payer" not in pd.read_csv(tmp_path / "out" / "clients.csv").columns


HELD = PairStates(
    offers=(Offer("cat", "tom", "accepted", None),),
    declined=frozenset({Pair("ann", "una"), Pair("cat", "una")}),
    ended=frozenset({Pair("ben", "una")}),
    starts_since_check=frozenset({Pair("ann", "tom"), Pair("gone", "una")}),
)


@pytest.mark.parametrize("updated_on", ["2026-06-01", "2025-01-01", "", "long ago"])
def test_held_openings_are_not_free_in_written_tables(
    clinic_folder: ClinicFolder, tmp_path: Path, updated_on: str
) -> None:
    """The row does not look newer either: the date of its last check is kept."""
    clinic_folder.put("therapists.csv", f"therapist_id,open_slots,updated_on\ntom,4,{updated_on}\nuna,,2026-06-01\n")
    tables = replace(clinic_folder.read(), pair_states=HELD)
    written = replace_pair_states(tables)
    write_tables(tables, tmp_path / "out")
    exported = read_tables(Clinic.open(tmp_path / "out"))
    assert exported.digest() == written.digest()
    openings, before = _list_openings(exported), _list_openings(tables)
    assert openings["tom"] == before["tom"] < 4
    assert math.isnan(openings["una"])
    days = [
        dict(zip(one.therapists["therapist_id"], one.therapists["updated_on"], strict=True))
        for one in (tables, exported)
    ]
    assert repr(days[0]["tom"]) == repr(days[1]["tom"])


def _list_openings(tables: Tables) -> dict[str, float]:
    return dict(zip(tables.therapists["therapist_id"], count_openings(tables), strict=True))


def test_what_tables_cannot_hold_is_a_sentence_for_each_kind(clinic_folder: ClinicFolder) -> None:
    tables = clinic_folder.read()
    assert list_unwritable_states(tables) == ()
    assert replace_pair_states(tables) is tables
    assert list_unwritable_states(replace(tables, pair_states=HELD)) == (
        "Clients with an offer, who wait again in the written tables: 1. `open_slots` is without the openings that "
        "these offers hold.",
        "Declined pairs, which the written tables do not exclude: 2.",
        "Pairs that ended, for which follow-up can list a check again: 1.",
    )


def test_written_tables_do_not_lead_to_the_journal_whose_events_they_hold(
    clinic_folder: ClinicFolder, tmp_path: Path
) -> None:
    clinic_folder.add('[journal]\ndatabase = "postgresql://one@host/data"\nname = "north"\noffer_days = 3\n')
    source = Clinic.open(clinic_folder.folder)
    write_tables(read_tables(source), tmp_path / "out", source.config)
    assert Clinic.open(tmp_path / "out").config.journal == JournalSettings(offer_days=3)
