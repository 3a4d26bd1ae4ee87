"""Folders in German, Spanish, French and Dutch: headers, words of cells, times and wishes."""

from pathlib import Path
from typing import Any

import pytest

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.guessing.build_mapping import build_mapping
from attune_fit.data.reading.read_clinic import list_faults
from attune_fit.first_mapping import write_first_mapping
from tests.data.guessing.test_build_mapping import build_rows


def write_folder(folder: Path, clients: str, staff: str, cells: tuple[str, str]) -> dict[str, Any]:
    """Write two files in which each row has an id and one of two texts; return their columns."""
    for name, header, letter, n_rows in (("a.csv", clients, "k", 30), ("b.csv", staff, "t", 8)):
        rows = build_rows(lambda n, letter=letter: f"{letter}{n};{cells[n % 2]}", header, n_rows)  # type: ignore[misc]
        (folder / name).write_text(rows, encoding="utf-8")
    ratings = build_rows(lambda n: f"k{n};t{n % 8};{n % 40}", "k;t;SRS")
    (folder / "c.csv").write_text(ratings)
    tables = write_first_mapping(folder).result.config["tables"]
    assert not [fault for fault in list_faults(Clinic.open(folder)) if fault.stops or fault.sets_aside]
    assert tables["therapists"]["file"] == "b.csv"
    return dict(tables["clients"]["columns"])


@pytest.mark.parametrize(
    ("headers", "cells", "codes"),
    [
        (("Chiffre;Geschlecht", "K\u00fcrzel;Geschlecht"), ("w", "m"), {"W": "woman", "M": "man"}),
        (("N\u00ba historia;Sexo", "C\u00f3digo;Sexo"), ("M", "H"), {"M": "woman", "H": "man"}),
        (("N\u00b0 dossier;Genre", "Clinicien;Genre"), ("F", "H"), {"F": "woman", "H": "man"}),
        (("Clientnr;Geslacht", "Behandelaar;Geslacht"), ("V", "M"), {"V": "woman", "M": "man"}),
        (("Client;Gender", "Therapist;Gender"), ("F", "M"), {"F": "woman", "M": "man"}),
    ],
)
def test_a_letter_means_the_gender_of_its_language(
    headers: tuple[str, str], cells: tuple[str, str], codes: dict[str, str], tmp_path: Path
) -> None:
    found = write_folder(tmp_path, *headers, cells)["gender"]["codes"]
    assert {letter: found[letter] for letter in codes} == codes


def test_a_third_letter_changes_no_meaning(tmp_path: Path) -> None:
    clients = build_rows(lambda n: f"k{n};{'HMX'[n % 3]}", "Paciente;Sexo")
    (tmp_path / "a.csv").write_text(clients)
    (tmp_path / "b.csv").write_text(build_rows(lambda n: f"t{n};{n}", "Terapeuta;Plazas", 8))
    codes = build_mapping(tmp_path).config["tables"]["clients"]["columns"]["gender"]["codes"]
    assert codes == {"M": "woman", "H": "man", "X": "nonbinary"}


def test_rare_letters_are_written_with_the_letters_of_their_language_alone(tmp_path: Path) -> None:
    clients = build_rows(lambda n: f"k{n};{'wmd'[n % 3]}", "Chiffre;Geschlecht", 9)
    (tmp_path / "a.csv").write_text(clients)
    (tmp_path / "b.csv").write_text(build_rows(lambda n: f"t{n};{n}", "Therapeut;Kapazit\u00e4t", 8))
    codes = build_mapping(tmp_path).config["tables"]["clients"]["columns"]["gender"]["codes"]
    assert codes == {"W": "woman", "M": "man", "D": "nonbinary"}


@pytest.mark.parametrize(
    ("headers", "cells"),
    [
        (("Chiffre;Terminw\u00fcnsche", "K\u00fcrzel;Sprechzeiten"), ("Mo vorm., Do abends", "Di nachm.")),
        (("Clientnr;Beschikbaarheid", "Behandelaar;Werktijden"), ("ma-ochtend, do-avond", "di-middag")),
        (("Paciente;Disponibilidad", "Terapeuta;Horario"), ("lunes ma\u00f1ana, jueves tarde", "martes tarde")),
        (("Dossier;Vos disponibilit\u00e9s", "Clinicien;Horaire"), ("lundi matin, jeudi soir", "mardi matin")),
    ],
)
def test_times_of_the_week_in_other_languages_are_read_as_times(
    headers: tuple[str, str], cells: tuple[str, str], tmp_path: Path
) -> None:
    found = write_folder(tmp_path, *headers, cells)["availability"]
    assert found == {"from": headers[0].partition(";")[2], "split": ",", "times": True}


def test_a_wish_in_a_word_that_german_writes_together_is_named(tmp_path: Path) -> None:
    write_folder(tmp_path, "Chiffre;Therapeutenwunsch;Alter", "K\u00fcrzel;Geschlecht;Alter", ("Frau;30", "Mann;40"))
    (tmp_path / "clinic.toml").unlink()
    mapping = build_mapping(tmp_path)
    assert "gender" not in mapping.config["tables"]["clients"]["columns"]
    assert any("Therapeutenwunsch" in warning for warning in mapping.warnings)


def test_the_strength_of_a_wish_in_another_language_is_read(tmp_path: Path) -> None:
    cells = ("weiblich (muss);30", "m\u00e4nnlich (bevorzugt);40")
    clients = build_rows(lambda n: f"k{n};{cells[n % 2]}", "Chiffre;Wunsch Therapeut/in;Alter")
    (tmp_path / "a.csv").write_text(clients, encoding="utf-8")
    words = ("weiblich", "m\u00e4nnlich")
    staff = build_rows(lambda n: f"t{n};{words[n % 2]};{n}", "Behandler;Geschlecht;Freie Pl\u00e4tze", 8)
    (tmp_path / "b.csv").write_text(staff, encoding="utf-8")
    (wish,) = build_mapping(tmp_path).config["tables"]["preferences"]["wishes"]
    assert (wish["attribute"], wish["strengths"]) == ("gender", {"muss": "must", "bevorzugt": "prefer"})
    assert wish["codes"] == {"weiblich": "woman", "m\u00e4nnlich": "man"}


def test_a_file_without_accents_has_the_encoding_of_the_others(tmp_path: Path) -> None:
    for name, rows in (
        ("a.csv", build_rows(lambda n: f"k{n};{20 + n};\u00e4", "Chiffre;Alter;Bemerkung")),
        ("b.csv", build_rows(lambda n: f"t{n};{n % 3}", "K\u00fcrzel;Freie Pl\u00e4tze", 8)),
        ("c.csv", build_rows(lambda n: f"k{n};t{n % 8};{n % 40}", "Chiffre;Behandler;SRS")),
    ):
        (tmp_path / name).write_text(rows, encoding="latin-1")
    tables = build_mapping(tmp_path).config["tables"]
    assert [tables[name]["encoding"] for name in ("clients", "therapists", "outcomes")] == ["latin-1"] * 3
