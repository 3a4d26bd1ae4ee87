"""The harness itself: it sees every write, and a fault that a command hides is found."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.fault_checks import CommandRun, list_record_faults, list_state_faults
from tests.faults.fault_commands import COMMANDS

PROGRAM = """
import os, sqlite3, sys, pathlib
from tests.faults.write_events import WriteEvents
root = pathlib.Path(sys.argv[1])
WriteEvents(str(root), lambda number, kind, path: print(kind, path)).start()
exec(sys.argv[2])
"""
WRITES = {
    "(root / 'a').write_text('x')": ["open a", "write a"],
    "(root / 'a').write_bytes(b'x' * 600)": ["open a", "write a", "half a"],
    "os.close(os.open(root / 'a', os.O_WRONLY | os.O_CREAT))": ["open a"],
    "(root / 'a').mkdir(); (root / 'a').rename(root / 'b'); (root / 'b').rmdir()":
        ["os.mkdir a", "os.rename b", "os.rmdir b"],
    "(root / 'a').symlink_to('b'); os.unlink(root / 'a')": ["os.symlink a", "os.remove a"],
    "f = open(root / 'a', 'ab+'); f.write(b'x'); f.flush(); os.fsync(f.fileno()); f.close()":
        ["open a", "write a", "fsync a"],
    "sqlite3.connect(root / 'a').execute('CREATE TABLE t (x)')": ["sql a"],
    "(root / 'a').touch(); sqlite3.connect(f'file:{root}/a?mode=ro', uri=True).execute('SELECT 1')": ["open a"],
    "(root.parent / 'outside').write_text('x'); open(__import__('os').devnull, 'w').write('x')": [],
}  # fmt: skip


@pytest.mark.parametrize("program", WRITES)
def test_each_kind_of_write_is_seen(tmp_path: Path, program: str) -> None:
    root = tmp_path / "root"
    root.mkdir()
    home = Path(__file__).resolve().parent.parent.parent
    done = subprocess.run([sys.executable, "-c", PROGRAM, str(root), program], cwd=home, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == WRITES[program]


def test_a_torn_file_and_a_half_made_clinic_are_faults() -> None:
    before = {"files": {"a": "old"}, "reads_as": {"out": "x"}, "records": {}}
    after = {"files": {"a": "new"}, "reads_as": {"out": "y"}, "records": {}}
    run = CommandRun(COMMANDS["convert"], before, after, frozenset(), (), Path())
    assert not list(list_state_faults(before, run))
    assert not list(list_state_faults(after, run))
    assert len(list(list_state_faults({"files": {"a": "torn"}, "reads_as": {"out": "z"}, "records": {}}, run))) == 2
    assert not list(list_state_faults({"files": {"a": "new"}, "reads_as": {"out": "refused x"}, "records": {}}, run))


def test_lost_lines_and_a_pointer_ahead_of_the_ledger_are_faults() -> None:
    logs = {"rankings.jsonl": [["c1"], ["c2"]], "assignments.jsonl": [], "trials.jsonl": [],
            "bundles": {"b": {"model.json": "1"}}, "journal": {"events": [[1]]}}  # fmt: skip
    old = {**logs, "live": "day0", "ledger.jsonl": []}
    new = {**logs, "live": "b", "ledger.jsonl": [["promoted", "b"]]}
    assert not list(list_record_faults("clinic", new, old, new, replaces=False))
    wrong = [{**old, "live": "b"}, {**old, "rankings.jsonl": [["c2"]]}, {**old, "bundles": {"b": {"model.json": ""}}},
             {**old, "journal": "none"}]  # fmt: skip
    assert [len(list(list_record_faults("clinic", one, old, new, replaces=False))) for one in wrong] == [1, 1, 1, 1]
