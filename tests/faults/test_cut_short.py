"""A command that is cut short at any of its writes leaves the state before or after, and the next command works."""

from collections.abc import Iterator

import pytest

from tests.faults.fault_checks import EVERY_EVENT, CommandRun, FaultBench, list_output_faults
from tests.faults.fault_commands import COMMANDS

pytestmark = [pytest.mark.slow, pytest.mark.faults]
READING = ("check", "check with a journal", "journal --verify", "log --verify", "replay")
ONLY_IN_FULL = ("train --trials", "demo again", "simulate --report", "convert into a folder", "backup over a file",
                "restore into nothing")  # fmt: skip
WRITING = [name for name in COMMANDS if name not in READING and (EVERY_EVENT or name not in ONLY_IN_FULL)]
ERRORS = ("interrupt", "disk full", "read-only")
# What these commands do, or one much like it, other rows do too: their errors are tried there.
ONLY_KILLED = ("demo", "record first", "record undone", "journal --forget-client", "journal --restore",
               "rank with a journal")  # fmt: skip
INTERRUPTED = 130


@pytest.mark.parametrize("name", READING)
def test_a_command_that_only_reads_writes_nothing(bench: FaultBench, name: str) -> None:
    run = bench.record(COMMANDS[name])
    assert run.events == ()
    assert run.before == run.after


@pytest.mark.parametrize("name", WRITING)
def test_a_command_cut_short_at_any_write_leaves_the_state_before_or_after(bench: FaultBench, name: str) -> None:
    run = bench.record(COMMANDS[name])
    assert run.events
    faults = [*_kill_at_each_state(bench, run)]
    for fault in ERRORS if EVERY_EVENT or name not in ONLY_KILLED else ():
        faults += _fail_at_each_event(bench, run, fault)
    assert not faults, f"{len(faults)} faults:\n" + "\n".join(faults)


def _kill_at_each_state(bench: FaultBench, run: CommandRun) -> Iterator[str]:
    """Yield the faults after a kill, for each state that one can leave."""
    for number, kind, path, copy in run.choose_events(states=True):
        bench.restore(copy)
        for fault in bench.list_faults(run):
            yield f"kill at {number} ({kind} {path}): {fault}"


def _fail_at_each_event(bench: FaultBench, run: CommandRun, name: str) -> Iterator[str]:
    """Yield the faults after an error at each event."""
    for number, kind, path, _ in run.choose_events(states=False):
        done = bench.run_with_fault(run, name, number)
        found = list(list_output_faults(done))
        if name == "interrupt" and done.code != INTERRUPTED and kind != "sql":
            found.append(f"exit code {done.code} instead of {INTERRUPTED}")
        is_removal = name == "read-only" or kind in ("os.remove", "os.rmdir")  # then only the next run can remove it
        left = [] if is_removal else bench.list_names_left(run)
        found += [f"left behind: {', '.join(left)}"] if left else []
        for fault in (*found, *bench.list_faults(run)):
            yield f"{name} at {number} ({kind} {path}): {fault}"


@pytest.mark.parametrize("name", ["convert again", "rank --out", "promote", "record offered"])
def test_a_copy_at_an_event_is_what_a_kill_leaves(bench: FaultBench, name: str) -> None:
    run = bench.record(COMMANDS[name])
    number, _, _, copy = run.choose_events(states=True)[-1]
    done = bench.run_with_fault(run, "kill", number)
    assert done.code == -9
    killed = bench.read_state()
    bench.restore(copy)
    assert bench.read_state() == killed
