"""Only ids leave the tables: no cell value in logs, errors, MLflow, bundles or what is printed beside a ranking."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from attune_fit.data.clinic.columns import COLUMNS, list_columns
from tests.conftest import SAMPLE, Attune

MARK = "zzsecret"


@pytest.fixture
def marked(tmp_path: Path) -> Path:
    """The sample clinic with a mark in every free cell of clients, and names beside them as extra columns."""
    folder = tmp_path / "clinic"
    shutil.copytree(SAMPLE, folder)
    clients = pd.read_csv(folder / "clients.csv", dtype=str)
    for name, column in list_columns("clients").items():
        if column.kind in ("code", "set") and not column.codes and name in clients:
            clients[name] = clients[name].where(clients[name].isna(), clients[name] + f"|{MARK}-{name}")
    clients["full_name"] = f"{MARK} name"
    clients["date_of_birth"] = "1987-06-05"
    clients["phq9"] = "3.14159"
    clients.to_csv(folder / "clients.csv", index=False)
    therapists = pd.read_csv(folder / "therapists.csv", dtype=str)
    therapists["full_name"] = f"{MARK} therapist"
    therapists.to_csv(folder / "therapists.csv", index=False)
    return folder


def test_nothing_written_holds_a_cell_of_the_tables(
    marked: Path, attune: Attune, capfd: pytest.CaptureFixture[str]
) -> None:
    done = attune("train", marked, "--trials", 1, "--json")
    assert done.exit_code == 0, done.output
    by_hand = ["models", "promote", marked, json.loads(done.stdout)["bundle"], "--because", "few records"]
    lists = marked.parent / "list.csv"
    for words in (by_hand, ["rank", marked, "--waiting"], ["rank", marked, "--all", "--out", lists]):
        done = attune(*words)
        assert done.exit_code == 0, done.output
    written = [lists, *(path for path in (marked / "artifacts").rglob("*") if path.is_file())]
    names = {path.name for path in written}
    assert {"mlflow.db", "optuna.db", "rankings.jsonl", "live.json", "ledger.jsonl", "recipe.json"} <= names
    assert {"card.md", "card.json", "weights.png", "calibration.png", "residuals.png"} <= names
    for path in written:
        content = path.read_bytes()
        for secret in (MARK, "1987-06-05", "3.14159"):
            assert secret.encode() not in content, f"{secret} in {path.name}"


def test_no_fault_holds_a_cell_of_the_tables(marked: Path, attune: Attune) -> None:
    clients = pd.read_csv(marked / "clients.csv", dtype=str)
    for name in ("age", "phq9", "attachment_avoidance"):
        clients[name] = f"{MARK} {name}"
    clients["lgbtq"] = [f"{MARK} lgbtq", *clients["lgbtq"].iloc[1:]]
    clients["client_id"] = [clients["client_id"].iloc[1], *clients["client_id"].iloc[1:]]
    clients.to_csv(marked / "clients.csv", index=False)
    for words in (("check", marked), ("check", marked, "--json"), ("train", marked), ("rank", marked, "--all")):
        done = attune(*words)
        assert done.exit_code == 1
        assert MARK not in done.output


def test_the_columns_that_hold_no_id_are_known() -> None:
    """The scan above relies on ids being the only columns that may be named."""
    assert {column.name for column in COLUMNS if column.kind == "id"} == {"client_id", "therapist_id"}
