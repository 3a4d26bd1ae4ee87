"""The commands `attune record` and `attune journal`: what a coordinator types and reads."""

from __future__ import annotations

import inspect
import json
import re
import shlex
import shutil
import sqlite3
from pathlib import Path

import pandas as pd
import pytest

from attune_fit.app.commands.record import record
from attune_fit.app.terminal.event_options import EXAMPLES, add_event_options
from attune_fit.data.command_words import format_word
from attune_fit.data.journal.events.event_fields import EVENT_FIELDS
from attune_fit.data.journal.events.event_types import EVENT_TYPES
from attune_fit.data.journal.events.reason_codes import UNDO_REASONS
from docs.console_pages import run_page
from tests.conftest import SAMPLE, Attune

PAGE = Path(__file__).resolve().parents[3] / "docs" / "journal.md"
CLIENT, THERAPIST = "c0062", "t13"  # t13 has one opening, and is on the list of the client
PAIR = ("--client", CLIENT, "--therapist", THERAPIST)


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample clinic with three events: an offer, an opening, and what takes it back."""
    folder = tmp_path_factory.mktemp("journal") / "clinic"
    shutil.copytree(SAMPLE, folder)
    attune = Attune()
    for words in (
        ("offered", *PAIR, "--until", "2026-01-09"),
        ("opening_set", "--therapist", "t07", "--openings", 2),
        ("undone", 2, "--because", "wrong-entry"),
    ):
        done = attune("record", folder, *words, "--actor", "ana")
        assert done.exit_code == 0, done.output
    return folder


@pytest.fixture
def recorded(once: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(once, tmp_path / "clinic"))


def read_screen(output: str) -> str:
    """Return output in one line of single spaces."""
    return " ".join(output.split())


@pytest.mark.slow
def test_the_written_day_prints_what_the_page_shows() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert len(re.findall(r"^\$ attune record", text, re.MULTILINE)) == 12
    assert run_page(text) == text, "run `python -m docs.console_pages`, and read what changed"


def test_every_field_of_an_event_is_an_option_and_every_event_is_in_the_help(attune: Attune) -> None:
    screen = attune("record", "--help", columns=120).output
    for field in EVENT_FIELDS:
        assert not field.option or re.search(rf"{field.option}\b.*{field.metavar}", screen), field.name
    for row in EVENT_TYPES:
        assert re.search(rf"^ +{row.name} ", screen, re.MULTILINE), row.name
    assert all(example in screen for example in EXAMPLES)
    options = inspect.signature(record).parameters
    assert {field.name for field in EVENT_FIELDS if field.option} < set(options)
    assert "values" not in options


def test_an_option_that_a_command_has_itself_is_not_given_twice() -> None:
    def command(clinic: str, on: str | None = None, **values: object) -> None:
        """Do it."""

    names = list(inspect.signature(add_event_options(command)).parameters)
    assert len(names) == len(set(names))
    assert (names[0], names[-1]) == ("clinic", "on")


def test_without_an_event_the_events_and_the_reasons_are_listed(attune: Attune, tmp_path: Path) -> None:
    screen = attune("record", tmp_path).output  # no clinic is needed
    assert re.search(r"declined +--client --therapist --by --reason", screen)
    assert re.search(r"undone +NUMBER --because", screen)
    assert "decision-changed" in screen
    listed = json.loads(attune("record", tmp_path, "--json").stdout)
    assert [row["name"] for row in listed["events"]] == [row.name for row in EVENT_TYPES]
    codes = [reason["code"] for reason in listed["reasons"]["undone --because"]]
    assert codes == [reason.code for reason in UNDO_REASONS]


def test_a_confirmation_says_what_is_true_now_and_what_comes_next(attune: Attune, clinic: Path) -> None:
    screen = read_screen(attune("record", clinic, "offered", *PAIR).stdout)
    assert screen == (
        f"Recorded as event 1: offered, {CLIENT}, {THERAPIST}, on 2026-01-05, until 2026-01-12. "
        f"{THERAPIST} has no opening left. {CLIENT} has an open offer from {THERAPIST} until 2026-01-12, and does "
        f"not wait. Next: attune record {format_word(clinic)} accepted --client {CLIENT} --therapist {THERAPIST} "
        f"To take it back: attune record {format_word(clinic)} undone 1 --because wrong-entry"
    )
    report = json.loads(attune("record", clinic, "undone", 1, "--because", "did-not-happen", "--json").stdout)
    assert report["now"] == {"openings": 1, "client_waits": True, "offers": []}
    assert report["fields"] == {"because": "did-not-happen", "event": 1}
    assert (report["number"], report["client_id"], report["therapist_id"]) == (2, CLIENT, THERAPIST)


def test_the_commands_that_a_confirmation_proposes_work(attune: Attune, clinic: Path) -> None:
    screen = attune("record", clinic, "offered", *PAIR, columns=1000).output
    for _ in range(2):
        [following] = re.findall(r"^Next: attune (.*)$", screen, re.MULTILINE)
        screen = attune(*shlex.split(following), columns=1000).output
        assert screen.startswith("Recorded as event"), screen
    [undo] = re.findall(r"^To take it back: attune (.*)$", screen, re.MULTILINE)
    assert "Recorded as event 4: undone" in attune(*shlex.split(undo)).output


def test_every_fault_of_an_event_is_one_error_and_nothing_is_written(attune: Attune, clinic: Path) -> None:
    output = attune.fails("record", clinic, "offered", "--client", "c1", "--until", "soon", "--by", "client")
    for part in ("4 errors to fix first", "no field `by`", "`--therapist ID`", "until", "c1"):
        assert part in output
    faults = json.loads(attune("record", clinic, "offered", "--client", "c1", "--json").stdout)["faults"]
    assert {fault["table"] for fault in faults} == {"journal"}
    assert not (clinic / "artifacts").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("client_added", "--client", "new", "--set", "age"), "write COLUMN=VALUE"),
        (("client_added", "--client", "new", "--set", "=3"), "write COLUMN=VALUE"),
        (("client_added", "--client", "new", "--set", "age=3", "--set", "age=4"), "names the column age twice"),
        (("undone", "two", "--because", "wrong-entry"), "NUMBER"),
        (("offered", *PAIR, "--expect", -1), "--expect"),
    ],
)
def test_wrong_usage_is_named(attune: Attune, clinic: Path, words: tuple[object, ...], message: str) -> None:
    assert message in attune.fails("record", clinic, *words, code=2)


def test_cells_are_set_and_an_empty_value_is_unknown(attune: Attune, clinic: Path) -> None:
    cells = ("--set", "age = 41", "--set", "gender=")
    report = json.loads(attune("record", clinic, "client_changed", "--client", CLIENT, *cells, "--json").stdout)
    assert report["fields"] == {"cells": {"age": 41, "gender": None}}
    assert "age = 41, gender = unknown" in attune("journal", clinic).output


def test_the_list_shows_what_was_taken_back_and_the_open_offers(attune: Attune, recorded: Path) -> None:
    screen = attune("journal", recorded, columns=120).output
    assert screen.startswith("Journal: 3 events")
    assert re.search(r"2 +2026-01-05 +opening_set +t07 +openings 2\. taken back by 3 +ana", screen)
    assert f"Open on 2026-01-05: {CLIENT} has an open offer from {THERAPIST} until 2026-01-09." in screen
    assert f"To take an event back: attune record {format_word(recorded)} undone 1 --because CODE" in read_screen(
        screen
    )
    last = attune("journal", recorded, "--last", 1).output
    assert last.startswith("Journal: 3 events, the last 1 shown (--last N shows more)")
    one = attune("journal", recorded, "--therapist", "t07").output
    assert one.startswith("Journal: 2 events of 3")
    assert "Open on" not in one
    assert "No event fits; the journal has 3 events." in attune("journal", recorded, "--client", "c0061").output


def test_an_offer_that_is_over_and_a_second_one_are_said_in_one_sentence(attune: Attune, recorded: Path) -> None:
    over = attune("record", recorded, "offered", "--client", "c0061", "--therapist", "t03", "--on", "2026-01-01",
                  "--until", "2026-01-03").stdout  # fmt: skip
    assert "This offer is over already" in over
    assert "Next:" not in over
    second = read_screen(attune("record", recorded, "offered", "--client", CLIENT, "--therapist", "t06").stdout)
    assert (
        f"{CLIENT} has an open offer from t06 until 2026-01-12, and has an open offer from t13 until 2026-01-09, and "
        "does not wait." in second
    )


def test_offers_that_expired_are_listed(attune: Attune, recorded: Path) -> None:
    (recorded / "clinic.toml").write_text("[clinic]\nas_of = 2026-01-10\n")
    screen = read_screen(attune("journal", recorded).output)
    assert f"Expired without an answer, so these clients wait again: {CLIENT} (offer from {THERAPIST} until" in screen


def test_an_empty_journal_leads_to_the_first_event(attune: Attune, clinic: Path) -> None:
    assert f"no event was recorded yet. Next: attune record {format_word(clinic)}" in read_screen(
        attune("journal", clinic).output
    )
    assert "The journal is empty" in attune("journal", clinic, "--verify").output
    assert "No event differs from the last export." in attune("journal", clinic, "--settled").output
    assert json.loads(attune("journal", clinic, "--json").stdout)["events"] == []
    assert not (clinic / "artifacts").exists()


def test_the_label_of_a_therapist_is_on_the_screen_and_in_no_file(
    attune: Attune, recorded: Path, tmp_path: Path
) -> None:
    with (recorded / "clinic.toml").open("a") as file:
        file.write('[journal]\ntherapist_label = "name"\n')
    therapists = pd.read_csv(recorded / "therapists.csv", dtype=str)
    therapists.assign(name="Dr. " + therapists["therapist_id"]).to_csv(recorded / "therapists.csv", index=False)
    assert "t13 Dr. t13" in attune("journal", recorded).output
    screen = attune("record", recorded, "accepted", *PAIR).output
    assert "t13 (Dr. t13) has no opening left." in screen
    assert "Dr." not in attune("journal", recorded, "--json").stdout
    attune("journal", recorded, "--out", tmp_path / "events.csv")
    assert "Dr." not in (tmp_path / "events.csv").read_text()
    assert b"Dr." not in (recorded / "artifacts" / "journal.db").read_bytes()
    text = (recorded / "clinic.toml").read_text()
    (recorded / "clinic.toml").write_text(text.replace('therapist_label = "name"', 'therapist_label = "nam"'))
    assert "therapists has no column `nam` Did you mean `name`?" in attune.fails("rank", recorded, "--waiting")


def test_a_changed_journal_is_found_and_a_backup_brings_it_back(attune: Attune, recorded: Path, tmp_path: Path) -> None:
    backup, journal = tmp_path / "backup.db", recorded / "artifacts" / "journal.db"
    assert "3 events written to" in attune("journal", recorded, "--backup", backup).output
    assert "all 3 events are as they were recorded" in attune("journal", recorded, "--verify").output
    database = sqlite3.connect(journal)
    with database:
        database.execute("UPDATE attune_events SET fields = '{}' WHERE number = 1")
    database.close()
    done = attune("journal", recorded, "--verify")
    assert (done.exit_code, done.output.startswith("The journal was changed. event 1 was changed.")) == (1, True)
    assert json.loads(attune("journal", recorded, "--verify", "--json").stdout)["whole"] is False
    journal.write_bytes(b"SQLite format 3\x00" + bytes(4096))
    done = attune("journal", recorded, "--verify")
    assert (done.exit_code, done.output.startswith("The journal cannot be checked. ")) == (1, True)
    journal.unlink()
    screen = attune("journal", recorded, "--restore", backup).output
    assert "The journal is now the backup" in screen
    assert "3 events; there were 0." in read_screen(screen)
    assert attune("journal", recorded, "--verify").exit_code == 0


def test_a_forgotten_client_is_in_no_list_and_the_screen_says_where_else_to_look(
    attune: Attune, recorded: Path
) -> None:
    assert "the last export still has client c0062" in attune.fails("journal", recorded, "--forget-client", CLIENT)
    assert "the last export still has therapist t07" in attune.fails("journal", recorded, "--forget-therapist", "t07")
    for name in ("clients", "preferences"):
        rows = pd.read_csv(recorded / f"{name}.csv", dtype=str)
        rows[rows["client_id"] != CLIENT].to_csv(recorded / f"{name}.csv", index=False)
    screen = attune("journal", recorded, "--forget-client", CLIENT).output
    assert f"no longer holds the id of client {CLIENT}: 1 event kept, without the id." in screen
    assert "backups of the journal" in screen
    listed = attune("journal", recorded).output
    assert CLIENT not in listed
    assert re.search(r"offered +\(forgotten\) +t13", listed)
    assert "record it again" not in attune("journal", recorded, "--settled").output
    assert attune("journal", recorded, "--verify").exit_code == 0
    assert "none changed" in attune("journal", recorded, "--upgrade").output


def test_a_lost_journal_is_an_error_with_two_ways_on(attune: Attune, recorded: Path) -> None:
    attune("rank", recorded, "--client", CLIENT)
    (recorded / "artifacts" / "journal.db").unlink()
    for words in (("rank", recorded, "--waiting"), ("journal", recorded), ("record", recorded, "offered", *PAIR)):
        output = attune.fails(*words)
        assert "the journal is not there, but rankings.jsonl line 1 names 3 events of it" in output
        assert f"attune journal {format_word(recorded)} --restore FILE" in output
    assert "An empty journal begins." in attune("journal", recorded, "--start-anew").output
    assert attune("record", recorded, "offered", *PAIR).exit_code == 0
    assert "it has 1 event, but rankings.jsonl line 1" in attune("journal", recorded, "--verify").output


def test_two_actions_at_once_are_refused(attune: Attune, recorded: Path, tmp_path: Path) -> None:
    output = attune.fails("journal", recorded, "--verify", "--forget-client", CLIENT, code=2)
    assert "--verify and --forget-client do different things: choose one." in output
    output = attune.fails("journal", recorded, "--verify", "--out", tmp_path / "events.csv", code=2)
    assert "--out writes a list of events, and --verify makes none." in output
    assert "3 rows in" in attune("journal", recorded, "--out", tmp_path / "events.csv").output
    assert "0 rows in" in attune("journal", recorded, "--settled", "--out", tmp_path / "settled.csv").output
    assert list(pd.read_csv(tmp_path / "settled.csv")) == [
        "number", "on", "type", "client_id", "therapist_id", "cell", "taken", "why"
    ]  # fmt: skip


def test_lists_as_they_were_after_an_event(attune: Attune, recorded: Path, tmp_path: Path) -> None:
    for command, words in (("rank", ["--waiting"]), ("assign", [])):
        written = []
        for number in (1, 2):
            target = tmp_path / f"{command}{number}.csv"
            done = attune(command, recorded, *words, "--as-of", number, "--out", target)
            assert done.exit_code == 0, done.output
            written.append(pd.read_csv(target, dtype=str))
        assert CLIENT not in set(written[0]["client_id"])
        assert not written[0].equals(written[1])  # event 2 gave t07 one more opening; event 3 took it back
        now = tmp_path / f"{command}.csv"
        attune(command, recorded, *words, "--out", now)
        assert pd.read_csv(now, dtype=str).equals(written[0])
    screen = attune("rank", recorded, "--waiting", "--as-of", 1).output
    assert "State after event 1 of 3, of 2026-01-05, with the model that is live now." in screen
    for typed in ("2026-01-05", "0", "-1"):
        assert "EVENT is the number of an event" in attune.fails("assign", recorded, f"--as-of={typed}", code=2)
    assert "the journal has no event 9" in attune.fails("rank", recorded, "--waiting", "--as-of", 9)


def test_settled_events_are_listed_with_what_attune_takes_and_why(attune: Attune, recorded: Path) -> None:
    attune("record", recorded, "opening_set", "--therapist", "t07", "--openings", 2)
    roster = pd.read_csv(recorded / "therapists.csv", dtype=str)
    roster.loc[roster["therapist_id"] == "t07", ["open_slots", "updated_on"]] = ["5", "2026-01-05"]
    roster.to_csv(recorded / "therapists.csv", index=False)
    screen = attune("journal", recorded, "--settled").output
    assert "The last export differs from 1 event" in screen
    assert re.search(r"4 +2026-01-05 +opening_set +t07 +openings +the export", screen)
    assert "4: The export has a check of this roster row on the same day, with another number." in screen
    yellow = "1 event differs from the last export. See: attune journal"
    assert yellow in read_screen(attune("journal", recorded).output)
    [row] = json.loads(attune("journal", recorded, "--settled", "--json").stdout)["settled"]
    assert (row["number"], row["taken"], row["why"]) == (4, "export", "export-checked-same-day")
    assert "5" not in row.values()
