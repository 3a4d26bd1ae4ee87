"""Every error is printed once, with what to do and the right exit code, and leaves no partial file."""

import errno
import json
import os
from pathlib import Path

import pandas as pd
import pytest

from attune_fit.data.command_words import format_word
from tests.conftest import Attune


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_rank_needs_to_know_for_whom(attune: Attune, clinic: Path) -> None:
    assert "exactly one of them" in attune.fails("rank", clinic, code=2)
    assert "exactly one of them" in attune.fails("rank", clinic, "--all", "--waiting", code=2)


def test_an_unknown_option_is_wrong_usage(attune: Attune, clinic: Path) -> None:
    assert "No such option" in attune.fails("rank", clinic, "--everybody", code=2)


def test_a_folder_that_is_not_there_is_named(attune: Attune, tmp_path: Path) -> None:
    for command in (["check"], ["train"], ["rank", "--all"], ["convert", "--out", tmp_path / "out"]):
        output = attune.fails(command[0], tmp_path / "nowhere", *command[1:])
        assert "does not exist" in output
        assert "Name the folder that contains your tables" in output


def test_a_folder_that_is_a_file_is_named(attune: Attune, clinic: Path) -> None:
    assert "is a file, not a folder" in attune.fails("check", clinic / "clients.csv")


def test_an_unknown_client_is_named_with_ids_close_to_it(attune: Attune, clinic: Path) -> None:
    known = (clinic / "clients.csv").read_text().splitlines()[1].split(",")[0]
    output = attune.fails("rank", clinic, "--client", known + "x")
    assert f"{known}x" in output
    assert known in output.replace(f"{known}x", "")


def test_an_unknown_therapist_is_named(attune: Attune, clinic: Path) -> None:
    known = (clinic / "clients.csv").read_text().splitlines()[1].split(",")[0]
    assert "unknown" in attune.fails("explain", clinic, "--client", known, "--therapist", "unknown")


def test_an_output_file_of_an_unknown_kind_is_refused_before_anything_is_ranked(attune: Attune, clinic: Path) -> None:
    output = attune.fails("rank", clinic, "--waiting", "--out", clinic / "list.xlsx")
    assert ".csv" in output
    assert ".parquet" in output
    assert not (clinic / "list.xlsx").exists()


def test_simulate_does_not_write_over_anything(attune: Attune, clinic: Path) -> None:
    before = tree(clinic)
    assert "the folder is not empty" in attune.fails("simulate", clinic)
    assert tree(clinic) == before


def test_demo_does_not_write_over_anything_but_a_demo(attune: Attune, clinic: Path) -> None:
    before = tree(clinic)
    assert "contains files that are not an earlier demo" in attune.fails("demo", clinic)
    assert tree(clinic) == before


def test_faults_are_json_for_programs(attune: Attune, clinic: Path) -> None:
    (clinic / "clinic.toml").write_text("[setings]\nseed = 1\n")
    report = json.loads(attune("rank", clinic, "--all", "--json").stdout)
    assert [(fault["id"], fault["column"]) for fault in report["faults"]] == [("unknown-key", "setings")]
    assert "settings" in report["faults"][0]["fix"]


def test_a_rule_that_does_not_exist_is_named_with_the_one_meant(attune: Attune, clinic: Path) -> None:
    (clinic / "clinic.toml").write_text("[clinic]\nas_of = 2026-01-05\n[rules.payers]\non = false\n")
    assert "Did you mean `payer`" in attune.fails("rank", clinic, "--all")


def test_a_setting_out_of_range_is_named(attune: Attune, clinic: Path) -> None:
    (clinic / "clinic.toml").write_text("[settings]\ninterval = 1.5\nshortlist = 0\n")
    output = attune.fails("rank", clinic, "--all")
    assert "settings.interval" in output
    assert "settings.shortlist" in output


@pytest.mark.parametrize(
    ("happens", "words", "code"),
    [
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), "No space left on device. Free some space", 1),
        (KeyboardInterrupt(), "No partial files were left: each file is complete", 130),
    ],
    ids=["full disk", "control-c"],
)
def test_an_interrupted_write_is_reported_and_leaves_the_earlier_file(
    attune: Attune,
    clinic: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    happens: BaseException,
    words: str,
    code: int,
) -> None:
    target = tmp_path / "list.csv"
    target.write_text("earlier content\n")

    def interrupted(self: Path, other: Path) -> Path:
        raise happens

    monkeypatch.setattr(Path, "replace", interrupted)
    assert words in attune.fails("rank", clinic, "--waiting", "--out", target, code=code)
    assert target.read_text() == "earlier content\n"
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["list.csv"]


def test_a_read_only_folder_can_be_ranked_but_not_trained(
    attune: Attune, clinic: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(clinic / "artifacts"))

    monkeypatch.setattr(Path, "mkdir", refused)  # root may write anywhere, so the refusal is played
    done = attune("rank", clinic, "--waiting")
    assert done.exit_code == 0, done.output
    assert "Not logged" in " ".join(done.output.split())
    output = attune.fails("train", clinic)
    assert "Permission denied" in output
    assert "Give this user permission to read and write there" in output


def test_the_clinics_own_files_are_never_written_over(attune: Attune, clinic: Path) -> None:
    before = tree(clinic)
    for name in ("outcomes.csv", "clinic.toml", "conflicts.parquet"):
        output = attune.fails("rank", clinic, "--waiting", "--out", clinic / ".." / "clinic" / name)
        assert "is one of the clinic's own files" in output
    assert tree(clinic) == before


def test_shares_that_leave_nothing_are_wrong_usage(attune: Attune, tmp_path: Path) -> None:
    output = attune.fails("simulate", tmp_path / "new", "--fit-share", "0.5", "--therapist-share", "0.5", code=2)
    assert "add up to more than 1" in output


def test_check_names_what_only_a_ranking_would_trip_over(attune: Attune, clinic: Path) -> None:
    feature = '[[features]]\nname = "f"\nclient = "hoby"\ntherapist = "gender"\ncompare = "same"\n'
    settings = '[clinic]\nas_of = 2026-01-05\nshow_in = "XX"\n[rules.rosterage]\non = false\n'
    (clinic / "clinic.toml").write_text(settings + feature)
    for command in ("check", "train"):
        output = attune.fails(command, clinic)
        assert "Did you mean `roster_age`?" in output
        assert "no instrument has this name" in output
        assert "`hoby`" in output
    assert not (clinic / "artifacts").exists()


def test_brackets_of_toml_are_not_swallowed_as_markup(attune: Attune, clinic: Path) -> None:
    (clinic / "therapists.csv").unlink()
    assert "[tables.therapists]" in attune.fails("check", clinic)


def test_an_id_with_brackets_is_printed_as_it_is(attune: Attune, clinic: Path) -> None:
    for path in clinic.glob("*.csv"):
        path.write_text(path.read_text().replace("c0001", "c[/b]1"))
    therapist = pd.read_csv(clinic / "therapists.csv", dtype=str)["therapist_id"].min()
    for words in (["rank", clinic], ["explain", clinic, "--therapist", therapist]):
        done = attune(*words, "--client", "c[/b]1")
        assert done.exit_code == 0, done.output
        assert "Client c[/b]1 " in done.output


def test_a_seed_below_zero_is_wrong_usage(attune: Attune, clinic: Path, tmp_path: Path) -> None:
    for words in (["train", clinic], ["simulate", tmp_path / "new"], ["demo", tmp_path / "new"]):
        assert attune(*words, "--seed", "-1").exit_code == 2


def test_a_damaged_mlflow_database_stops_no_training_and_is_left_as_it_was(attune: Attune, clinic: Path) -> None:
    (clinic / "artifacts").mkdir()
    (clinic / "artifacts" / "mlflow.db").write_text("junk, and more than a few bytes of it\n" * 100)
    before = (clinic / "artifacts" / "mlflow.db").read_bytes()
    done = attune("train", clinic)
    assert done.exit_code == 0, done.output
    assert "This run is not in MLflow" in done.output
    assert (clinic / "artifacts" / "mlflow.db").read_bytes() == before
    assert list((clinic / "artifacts" / "bundles").iterdir())


def test_an_empty_folder_lacks_both_required_tables(attune: Attune, tmp_path: Path) -> None:
    faults = json.loads(attune("check", tmp_path, "--json").stdout)["faults"]
    assert [(fault["id"], fault["table"]) for fault in faults] == [
        ("table-not-found", "clients"),
        ("table-not-found", "therapists"),
    ]


def test_without_a_config_the_command_that_writes_one_is_named(attune: Attune, tmp_path: Path) -> None:
    command = f"attune init {format_word(tmp_path)}"
    faults = json.loads(attune("check", tmp_path, "--json").stdout)["faults"]
    assert all(command in fault["fix"] for fault in faults)
    (tmp_path / "clinic.toml").touch()
    faults = json.loads(attune("check", tmp_path, "--json").stdout)["faults"]
    assert faults
    assert not any("attune init" in fault["fix"] for fault in faults)


def test_check_names_the_next_command_that_is_possible(attune: Attune, clinic: Path) -> None:
    assert f"Next: attune train {format_word(clinic)}" in attune("check", clinic, columns=10_000).output
    (clinic / "outcomes.csv").unlink()
    assert f"Next: attune rank {format_word(clinic)} --waiting" in attune("check", clinic, columns=10_000).output
