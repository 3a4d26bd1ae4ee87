"""Only ids leave the tables: no cell value in logs, errors, MLflow, bundles or what is printed beside a ranking."""

import json
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from attune_fit.data.clinic.columns import COLUMNS, list_columns
from attune_fit.data.journal.events.event_types import TYPES
from attune_fit.workspace import Workspace
from tests.conftest import SAMPLE, Attune

MARK = "zzsecret"
SECRETS = (MARK, "1987-06-05", "3.14159")
LABEL = f"{MARK} therapist"
PAIR = {"client": "c0076", "therapist": "t05"}
OTHER = {"client": "c0077", "therapist": "t08"}
WISH = {"client": "c0076", "attribute": "gender"}
DAY: tuple[tuple[str, dict[str, Any]], ...] = (  # of a coordinator: every type of event, about cells that are marked
    ("client_added", {"client": "c9001", "cells": {"age": 41, "phq9": 12}}),
    ("client_changed", {"client": "c0076", "cells": {"phq9": 17, "presenting_problems": "anxiety|grief"}}),
    ("wish_set", {**WISH, "value": "woman", "strength": "prefer"}),
    ("wish_withdrawn", WISH),
    ("wish_set", {"client": "c0079", "attribute": "therapist_id", "value": "t05", "strength": "never"}),
    ("offered", PAIR),
    ("accepted", PAIR),
    ("started", PAIR),
    ("score_recorded", {**PAIR, "session": 3, "instrument": "WAI-SR", "score": 4.25}),
    ("ended", {**PAIR, "reason": "moved-away"}),
    ("offered", OTHER),
    ("declined", {**OTHER, "by": "client", "reason": "prefers-alternative"}),
    ("conflict_set", {"client": "c0079", "therapist": "t08", "reason": "related"}),
    ("opening_set", {"therapist": "t08", "openings": 3}),
    ("roster_checked", {"therapist": "t05", "cells": {"age": 44}}),
    ("undone", {"number": 1, "because": "wrong-person"}),
)


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
    therapists["full_name"] = LABEL
    therapists.to_csv(folder / "therapists.csv", index=False)
    with (folder / "clinic.toml").open("a", encoding="utf-8") as settings:
        settings.write('[journal]\ntherapist_label = "full_name"\n')
    return folder


def test_nothing_written_holds_a_cell_of_the_tables(
    marked: Path, attune: Attune, capfd: pytest.CaptureFixture[str]
) -> None:
    record_day(marked)
    done = attune("train", marked, "--trials", 1, "--json")
    assert done.exit_code == 0, done.output
    by_hand = ["models", "promote", marked, json.loads(done.stdout)["bundle"], "--because", "few records"]
    lists = marked.parent / "list.csv"
    for words in (by_hand, ["rank", marked, "--waiting"], ["rank", marked, "--all", "--out", lists]):
        done = attune(*words)
        assert done.exit_code == 0, done.output
    written = [lists, *(path for path in (marked / "artifacts").rglob("*") if path.is_file())]
    names = {path.name for path in written}
    assert {
        "journal.db",
        "mlflow.db",
        "optuna.db",
        "rankings.jsonl",
        "live.json",
        "ledger.jsonl",
        "recipe.json",
    } <= names
    assert {"card.md", "card.json", "weights.png", "calibration.png", "residuals.png"} <= names
    for path in written:
        content = path.read_bytes()
        for secret in SECRETS:
            assert secret.encode() not in content, f"{secret} in {path.name}"


def record_day(folder: Path) -> list[str]:
    """Record the events of a day; return their results as JSON, as a table and as a notebook shows them."""
    assert {event for event, _ in DAY} == set(TYPES)
    workspace = Workspace(folder)
    results = [workspace.record(event, new_codes=True, **values) for event, values in DAY]
    return [f"{json.dumps(one.to_dict(), default=str)} {one.to_frame().to_csv()} {one!r} {one._repr_html_()}"
            for one in results]  # fmt: skip


def test_no_list_of_the_journal_holds_a_cell_and_only_the_terminal_shows_the_label(
    marked: Path, attune: Attune
) -> None:
    texts = record_day(marked)
    events, settled, backup = (marked.parent / name for name in ("events.csv", "settled.csv", "backup.db"))
    changed = f"2{SECRETS[-1][1:]}"
    later = pd.read_csv(marked / "clients.csv", dtype=str)
    later.loc[later["client_id"] == "c0076", "phq9"] = changed  # in a new export
    later.to_csv(marked / "clients.csv", index=False)
    for words in ((), ("--json",), ("--out", events), ("--settled", "--json"), ("--settled", "--out", settled),
                  ("--backup", backup), ("--verify", "--json"), ("--forget-client", "c9001")):  # fmt: skip
        done = attune("journal", marked, *words)
        assert done.exit_code == 0, (words, done.output)
        if not words:
            assert LABEL in done.output  # the clinic wants it there; files and JSON are without it
        texts.append(done.output if words else done.output.replace(LABEL, ""))
    for event, options in (("offered", ["--json"]), ("accepted", [])):
        done = attune("record", marked, event, "--client", "c0073", "--therapist", "t08", *options)
        assert done.exit_code == 0, done.output
        texts.append(done.output if options else done.output.replace(LABEL, ""))
    assert len(pd.read_csv(events)) == len(DAY)
    assert "clients.phq9" in set(pd.read_csv(settled)["cell"])
    files = [events, settled, backup, *(path for path in (marked / "artifacts").rglob("*") if path.is_file())]
    written = [path.read_bytes() for path in files] + [text.encode() for text in texts]
    for secret in (*SECRETS, changed):
        assert not [content[:300] for content in written if secret.encode() in content], secret
    assert b"c9001" not in (marked / "artifacts" / "journal.db").read_bytes()


def test_a_refused_event_names_no_code_of_the_tables(marked: Path, attune: Attune) -> None:
    typed = f"{MARK[:-1]}-presenting_problems"  # almost a code that a client has
    for words in (
        ("client_changed", "--client", "c0076", "--set", f"presenting_problems={typed}", "--new-code"),
        ("client_changed", "--client", "c0076", "--set", f"presenting_problems={typed}"),
        ("client_changed", "--client", "c0076", "--set", "full_name=Ann"),
        ("client_added", "--client", "c0076"),
        ("wish_set", "--client", "c0076", "--attribute", "religion", "--value", typed, "--strength", "must"),
        ("offered", "--client", "c00761", "--therapist", "t055"),
        ("started", "--client", "c0076", "--therapist", "t09"),
    ):
        done = attune("record", marked, *words)
        assert done.exit_code == 1, (words, done.output)
        assert MARK not in done.output
    assert not (marked / "artifacts" / "journal.db").exists()


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
