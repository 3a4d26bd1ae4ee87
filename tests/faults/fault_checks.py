"""What must be true after a command was cut short: the state is that before or after, and the next commands work."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.faults.clinic_state import LOGS, NO_JOURNAL, list_names
from tests.faults.fault_commands import Bases, FaultCommand
from tests.faults.fork_server import Done, ForkServer, Job
from tests.faults.snapshots import EVENTS_FILE
from tests.faults.write_events import HALF

EVERY_EVENT = os.environ.get("FAULTS") == "full"
SQL_STATES = 5  # of a command, without FAULTS=full: states of MLflow's and Optuna's databases, evenly chosen
MAX_KILLS, MAX_ERRORS = 4, 2  # of a command, without FAULTS=full, evenly chosen among its kinds of writes
TRACEBACK = "Traceback (most recent call last)"
RANDOM_PART = re.compile(r"[0-9a-f]{32}|(?<=[-.])(?:[a-z0-9_]{8}|\d+)(?=[-./]|$)|(?<=tmp)[a-z0-9_]{8}")
State = dict[str, Any]
Event = tuple[int, str, str, int]  # number, kind, path, number of its copy


@dataclass(frozen=True)
class CommandRun:
    """A command that ran to its end: the states around it, its events, and the copies at each of them."""

    row: FaultCommand
    before: State
    after: State
    names: frozenset[str]
    events: tuple[Event, ...]
    copies: Path

    def choose_events(self, *, states: bool) -> list[Event]:
        """Return one event of each kind and file, and some statements of SQL; with FAULTS=full all.

        ``states`` chooses those that follow a change of the folder, for a kill. Otherwise half-written files are left
        out: an exception cannot come there.
        """
        listed: list[Event] = []
        for event in self.events:
            if states and listed and listed[-1][3] == event[3]:
                continue
            if states or event[1] != HALF:
                listed.append(event)
        if EVERY_EVENT:
            return listed
        statements = [event for event in listed if event[1] == "sql"]
        step = max(1, len(statements) // SQL_STATES)
        chosen = {event[0]: event for event in statements[step - 1 :: step][:SQL_STATES]}
        places = {(kind, RANDOM_PART.sub("*", path)): (number, kind, path, copy)
                  for number, kind, path, copy in reversed(listed) if kind != "sql"}  # fmt: skip
        chosen |= {event[0]: event for event in places.values()}
        found, limit = [chosen[number] for number in sorted(chosen)], MAX_KILLS if states else MAX_ERRORS
        return (
            found if len(found) <= limit else [found[place * (len(found) - 1) // (limit - 1)] for place in range(limit)]
        )


class FaultBench:
    """Runs the commands of a test in one folder, and compares what they leave."""

    def __init__(self, server: ForkServer, bases: Bases, folder: Path) -> None:
        self.server, self.bases = server, bases
        self.root, self.copies = folder / "case", folder / "copies"

    def record(self, row: FaultCommand) -> CommandRun:
        """Run a command to its end, with a copy of the folder at each event."""
        self.bases.copy(row.base, self.root)
        before = self.read_state()
        shutil.rmtree(self.copies, ignore_errors=True)
        job = Job(self.bases.fill(row.words), str(self.root), root=str(self.root), snapshots=str(self.copies))
        (done,) = self.server.run(job)
        assert done.code == 0, done.err[-3000:]
        events = tuple(tuple(event) for event in json.loads((self.copies / EVENTS_FILE).read_text()))
        return CommandRun(row, before, self.read_state(), frozenset(list_names(self.root)), events, self.copies)

    def read_state(self) -> State:
        """Return the state of the folder."""
        (done,) = self.server.run(Job(["state", str(self.root)], str(self.root)))
        assert done.code == 0, done.err[-3000:]
        state: State = json.loads(done.out)
        return state

    def restore(self, copy: int) -> None:
        """Make the folder what it was at an event."""
        shutil.rmtree(self.root)
        (self.copies / str(copy)).rename(self.root)

    def run(self, words: Sequence[str], **options: Any) -> Done:
        """Run one command in the folder."""
        (done,) = self.server.run(Job(self.bases.fill(words), str(self.root), **options))
        return done

    def run_with_fault(self, run: CommandRun, fault: str, at: int) -> Done:
        """Run the command again from its start, with a fault at an event."""
        self.bases.copy(run.row.base, self.root)
        return self.run(run.row.words, root=str(self.root), fault=fault, at=at)

    def list_faults(self, run: CommandRun) -> Iterator[str]:
        """Yield what is wrong with the folder after the command was cut short, then with the commands after it."""
        yield from list_state_faults(self.read_state(), run)
        done = self.run(run.row.words)
        again = self.read_state()
        if done.code not in run.row.rerun_codes or TRACEBACK in done.err:
            yield f"the same command again: exit code {done.code}: {shorten(done.err)}"
            return
        yield from list_rerun_faults(again, run)
        for words in run.row.next_words:
            done = self.run(words)
            if done.code != 0 or TRACEBACK in done.err:
                yield f"then {' '.join(words[:2])}: exit code {done.code}: {shorten(done.out + done.err)}"
        left = sorted(list_names(self.root) - run.names - list_log_names(self.root))
        if left:
            yield f"left over after it ran again: {', '.join(left[:4])}{' ...' if len(left) > 4 else ''}"

    def list_names_left(self, run: CommandRun) -> list[str]:
        """Return hidden files and folders that neither the base nor the finished command has."""
        base = list_names(self.bases.get(run.row.base))
        extra = list_names(self.root) - run.names - base - list_log_names(self.root)
        return sorted(name for name in extra if any(part.startswith((".", "tmp")) for part in name.split("/")))


def list_state_faults(state: State, run: CommandRun) -> Iterator[str]:
    """Yield what is neither before nor after; a clinic can also be refused as incomplete, and then not be read."""
    before, after = run.before, run.after
    refused = {name for name, reads in state["reads_as"].items() if reads.startswith(("refused", "no clinic"))}
    for path in sorted({*state["files"], *before["files"]}):
        found = state["files"].get(path)
        is_removed = run.row.replaces and found is None
        if found not in (before["files"].get(path), after["files"].get(path)) and not is_removed:
            yield f"{path} is neither the file before nor the file after"
    for name, reads in state["reads_as"].items():
        expected = (before["reads_as"].get(name), after["reads_as"].get(name))
        if reads not in expected and name not in refused:
            yield f"{name} is read as a clinic, but is neither that before nor that after"
        if name in refused and reads not in expected and before["reads_as"].get(name) == after["reads_as"].get(name):
            yield f"{name} cannot be read any more: {reads}"
    for name, records in state["records"].items():
        old, new = before["records"].get(name) or {}, after["records"].get(name) or {}
        yield from list_record_faults(name, records, old, new, replaces=run.row.replaces)


def list_record_faults(name: str, records: State, old: State, new: State, *, replaces: bool) -> Iterator[str]:
    """Yield what is wrong with the artifacts of one clinic."""
    if records["live"] not in (old.get("live", "day0"), new.get("live", "day0")) and not replaces:
        yield f"{name}: live.json names {records['live']}"
    is_moved = records["live"] != old.get("live", "day0") and not replaces
    if is_moved and records["ledger.jsonl"] != new["ledger.jsonl"]:
        yield f"{name}: live.json is ahead of the ledger"
    for log in LOGS:
        lines, first, last = records[log], old.get(log, []), new.get(log, [])
        is_start = lines == last[: len(lines)] and (replaces or len(lines) >= len(first))
        if lines != first and not is_start:
            yield f"{name}: {log} lost or changed lines"
    if records["journal"] not in (old.get("journal", NO_JOURNAL), new.get("journal", NO_JOURNAL)):
        yield f"{name}: the journal is neither that before nor that after: {records['journal']}"
    for bundle, files in records["bundles"].items():
        expected = new.get("bundles", {}).get(bundle) or old.get("bundles", {}).get(bundle)
        if files != expected:
            yield f"{name}: bundle {bundle} is half written"


def list_rerun_faults(state: State, run: CommandRun) -> Iterator[str]:
    """Yield what differs from the end of a command that ran without a fault."""
    for part in ("files", "reads_as"):
        for path in sorted({*state[part], *run.after[part]}):
            if state[part].get(path) != run.after[part].get(path):
                yield f"after it ran again, {path} ({part}) is not what one run gives"
    for name, expected in run.after["records"].items():
        records = state["records"][name]
        if records["live"] != expected["live"]:
            yield f"after it ran again, {name} ranks with {records['live']}, not with {expected['live']}"
        for log in LOGS:
            if len(records[log]) < len(expected[log]):
                yield f"after it ran again, {log} has {len(records[log])} of {len(expected[log])} lines"
        if records["journal"] != expected["journal"]:
            yield f"after it ran again, the journal of {name} is not what one run gives: {records['journal']}"
        if str(records["mlflow"]).startswith("not readable"):
            yield f"after it ran again, mlflow.db is {records['mlflow']}"


def list_output_faults(done: Done) -> Iterator[str]:
    """Yield what is wrong with what a command printed."""
    if done.code is None:
        yield "it hangs"
    if TRACEBACK in done.err + done.out:
        yield f"traceback: {done.err.strip().splitlines()[-1] if done.err.strip() else ''}"
    if re.search(r"^/\S+\.py:\d+: \w*Warning", done.err, re.MULTILINE):
        yield f"a warning of Python: {shorten(done.err)}"
    if done.code not in (0, None) and not done.err.strip():
        yield f"exit code {done.code} without a message"


def list_log_names(root: Path) -> set[str]:
    """Return the names that any command can add: logs with their seals, and what SQLite reads when it opens next."""
    names = {
        "rankings.jsonl",
        "rankings.seal",
        "assignments.jsonl",
        "assignments.seal",
        "trials.jsonl",
        "trials.seal",
        "artifacts",
        "mlflow.db-journal",
        "optuna.db-journal",
        "journal.db-journal",
    }
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.name in names}


def shorten(text: str) -> str:
    """Return the end of a text in one line."""
    return " ".join(text.replace("─", "").split())[-260:]
