"""A command that is cut short at any of its writes leaves the state before or after, and the next command works."""

import pytest

from tests.faults.fault_checks import EVERY_EVENT, FaultBench, list_output_faults
from tests.faults.fault_commands import COMMANDS

pytestmark = [pytest.mark.slow, pytest.mark.faults]
READING = ("check", "log --verify", "replay")
ONLY_IN_FULL = ("train --trials", "demo again", "simulate --report")
WRITING = [name for name in COMMANDS if name not in READING and (EVERY_EVENT or name not in ONLY_IN_FULL)]
INTERRUPTED = 130


@pytest.mark.parametrize("name", READING)
def test_a_command_that_only_reads_writes_nothing(bench: FaultBench, name: str) -> None:
    run = bench.record(COMMANDS[name])
    assert run.events == ()
    assert run.before == run.after


@pytest.mark.parametrize("name", WRITING)
def test_a_kill_at_any_write_leaves_the_state_before_or_after(bench: FaultBench, name: str) -> None:
    run, faults = bench.record(COMMANDS[name]), []
    assert run.events
    for number, kind, path, copy in run.choose_events(states=True):
        bench.restore(copy)
        faults += [f"kill at {number} ({kind} {path}): {fault}" for fault in bench.list_faults(run)]
    assert not faults, _join(faults)


@pytest.mark.parametrize("name", WRITING)
@pytest.mark.parametrize("fault", ["interrupt", "disk full", "read-only"])
def test_an_error_at_any_write_leaves_the_state_before_or_after(bench: FaultBench, name: str, fault: str) -> None:
    run, faults = bench.record(COMMANDS[name]), []
    for number, kind, path, _ in run.choose_events(states=False):
        done = bench.run_with_fault(run, fault, number)
        found = list(list_output_faults(done))
        if fault == "interrupt" and done.code != INTERRUPTED and kind != "sql":
            found.append(f"exit code {done.code} instead of {INTERRUPTED}")
        left = bench.list_names_left(run) if fault != "read-only" else []  # there nothing can be removed
        found += [f"left behind: {', '.join(left)}"] if left else []
        found += bench.list_faults(run)
        faults += [f"{fault} at {number} ({kind} {path}): {one}" for one in found]
    assert not faults, _join(faults)


@pytest.mark.parametrize("name", ["convert again", "rank --out", "promote"])
def test_a_copy_at_an_event_is_what_a_kill_leaves(bench: FaultBench, name: str) -> None:
    run = bench.record(COMMANDS[name])
    number, _, _, copy = run.choose_events(states=True)[-1]
    done = bench.run_with_fault(run, "kill", number)
    assert done.code == -9
    killed = bench.read_state()
    bench.restore(copy)
    assert bench.read_state() == killed


def _join(faults: list[str]) -> str:
    return f"{len(faults)} faults:\n" + "\n".join(faults)
