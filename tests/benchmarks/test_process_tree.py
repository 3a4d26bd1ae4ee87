"""Seconds and memory of a command are those of all its processes."""

import re
import sys
from pathlib import Path

import pytest

from benchmarks.speed import process_tree
from benchmarks.speed.process_tree import MIB, measure_command

LARGE, SMALL = 160, 60  # MiB
HOLD = "import time; held = bytearray(b'x') * ({} * 2**20); time.sleep(1.5)"
RUN_CHILD = (
    "import subprocess, sys; held = bytearray(b'x') * ({} * 2**20); subprocess.run([sys.executable, '-c', {!r}])"
)
KILLED_CHILD = "import subprocess, sys; print(subprocess.run([sys.executable, '-c', 'while True: pass']).returncode)"
needs_proc = pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="memory is read from /proc")


@needs_proc
def test_memory_is_the_sum_of_the_command_and_its_children() -> None:
    alone = measure_command([sys.executable, "-c", HOLD.format(LARGE)])
    both = measure_command([sys.executable, "-c", RUN_CHILD.format(LARGE, HOLD.format(SMALL))])
    assert alone.exit_code == both.exit_code == 0
    assert LARGE < alone.peak_mib < LARGE + 40
    assert both.peak_mib > LARGE + SMALL
    assert alone.seconds > 1.5


def test_the_exit_code_and_the_output_are_those_of_the_command(tmp_path: Path) -> None:
    program = "import os, sys; print(os.getcwd(), os.environ['EXTRA'], sep='\\n'); sys.exit(3)"
    cost = measure_command([sys.executable, "-c", program], folder=tmp_path, environment={"EXTRA": "set"})
    assert (cost.exit_code, cost.has_killed) == (3, False)
    assert cost.output.splitlines() == [str(tmp_path.resolve()), "set"]


@needs_proc
def test_one_child_is_killed_and_never_the_command() -> None:
    cost = measure_command([sys.executable, "-c", KILLED_CHILD], kill_after=0.3)
    assert (cost.exit_code, cost.has_killed, cost.output.strip()) == (0, True, "-9")
    alone = measure_command([sys.executable, "-c", HOLD.format(1)], kill_after=0.1)
    assert (alone.exit_code, alone.has_killed) == (0, False)


def test_without_proc_memory_is_that_of_the_largest_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process_tree, "PROC", tmp_path)
    cost = measure_command([sys.executable, "-c", HOLD.format(LARGE)])
    assert cost.peak_mib > LARGE
    assert process_tree.read_memory(1) == 0
    assert MIB == 1024**2


def test_the_command_line_prints_seconds_memory_and_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    process_tree.main([sys.executable, "-c", "print('from the command')"])
    first, last = capsys.readouterr().out.strip().split("\n\n")
    assert first == "from the command"
    assert re.match(r"\d+\.\d s, peak [\d,]+ MiB, ", last)
    assert last.endswith("exit code 0")
