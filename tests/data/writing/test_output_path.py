"""The target of ``--out`` never replaces a file that the clinic reads or keeps."""

import os
from pathlib import Path

import pytest

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.writing.output_path import check_output_folder, check_output_path
from tests.data.conftest import ClinicFolder
from tests.fault_descriptions import raises_faults


@pytest.fixture
def folder(clinic_folder: ClinicFolder) -> Path:
    """A clinic with a file in ``artifacts``."""
    path = clinic_folder.folder
    (path / "artifacts" / "bundles" / "abc").mkdir(parents=True)
    (path / "artifacts" / "ledger.jsonl").write_text("{}\n")
    (path / "artifacts" / "bundles" / "abc" / "booster.txt").write_text("tree\n")
    return path


@pytest.mark.parametrize(
    "name",
    ["ledger.jsonl", "live.json", "bundles/abc/booster.txt", "new.csv", "../artifacts/new/er.csv", "../ARTIFACTS/x.md"],
)
def test_no_output_goes_into_artifacts(folder: Path, name: str) -> None:
    with raises_faults(f"{folder / 'artifacts' / name}: output-in-artifacts"):
        check_output_path(Clinic.open(folder), folder / "artifacts" / name)


@pytest.mark.parametrize(
    "name", ["clients.csv", "CLIENTS.csv", "Clinic.TOML", "conflicts.parquet", ".attune-journal.json"]
)
def test_no_output_replaces_an_input_file_in_any_case(folder: Path, name: str) -> None:
    with raises_faults(f"{folder / name}: output-is-input"):
        check_output_path(Clinic.open(folder), folder / name)


def test_no_output_replaces_a_file_of_the_clinic_through_a_link(folder: Path, tmp_path: Path) -> None:
    clinic = Clinic.open(folder)
    (tmp_path / "file").symlink_to(folder / "clients.csv")
    (tmp_path / "kept").symlink_to(folder / "artifacts")
    (tmp_path / "whole").symlink_to(folder)
    with raises_faults(f"{tmp_path / 'file'}: output-is-input"):
        check_output_path(clinic, tmp_path / "file")
    for target in (tmp_path / "kept" / "x.md", tmp_path / "whole" / "artifacts" / "x.md"):
        with raises_faults(f"{target}: output-in-artifacts"):
            check_output_path(clinic, target)


def test_artifacts_that_are_a_link_are_spared_by_both_names(folder: Path, tmp_path: Path) -> None:
    (folder / "artifacts").rename(tmp_path / "elsewhere")
    (folder / "artifacts").symlink_to(tmp_path / "elsewhere")
    for target in (folder / "artifacts" / "x.md", tmp_path / "elsewhere" / "x.md"):
        with raises_faults(f"{target}: output-in-artifacts"):
            check_output_path(Clinic.open(folder), target)


@pytest.mark.parametrize("name", ["clients.csv", "artifacts/bundles/abc/booster.txt"])
def test_a_hard_link_to_a_file_of_the_clinic_is_that_file(folder: Path, tmp_path: Path, name: str) -> None:
    os.link(folder / name, tmp_path / "other name.csv")
    with raises_faults(f"{tmp_path / 'other name.csv'}: output-is-input"):
        check_output_path(Clinic.open(folder), tmp_path / "other name.csv")


@pytest.mark.parametrize(
    ("name", "table"),
    [("conflict.csv", "conflicts"), ("Conflicts of today.csv", "conflicts"), ("clients.html", "clients")],
)
def test_no_output_takes_the_name_of_a_table(folder: Path, name: str, table: str) -> None:
    (folder / "conflicts.csv").unlink(missing_ok=True)
    with raises_faults(f"{folder / name}: output-like-table ({table})"):
        check_output_path(Clinic.open(folder), folder / name)


def test_other_names_and_streams_are_allowed(folder: Path, tmp_path: Path) -> None:
    clinic = Clinic.open(folder)
    (tmp_path / "file of its own").write_text("")
    os.link(tmp_path / "file of its own", tmp_path / "linked")
    names = (folder / "list.csv", folder / "artifacts.csv", folder / "sub" / "clients.csv", tmp_path / "conflict.csv")
    for target in (*names, tmp_path / "linked", Path("/dev/stdout"), Path("/dev/null")):
        check_output_path(clinic, target)


def test_tables_are_not_converted_into_the_folder_they_come_from(folder: Path, tmp_path: Path) -> None:
    clinic = Clinic.open(folder)
    (tmp_path / "link").symlink_to(folder)
    for target in (folder, tmp_path / "link"):
        with raises_faults(f"{target}: output-folder-is-input"):
            check_output_folder(clinic, target)
    with raises_faults(f"{folder / 'artifacts' / 'bundles'}: output-in-artifacts"):
        check_output_folder(clinic, folder / "artifacts" / "bundles")
    check_output_folder(clinic, tmp_path / "new")
    check_output_folder(clinic, folder / "converted")
