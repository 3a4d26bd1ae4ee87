"""Executors give the same results in the same order; a lost worker is one clear error."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from attune_fit.data.parallel.executor import Executor, SerialExecutor, count_cores
from attune_fit.data.parallel.executor_choice import open_executor
from attune_fit.data.parallel.local_processes import LocalProcesses
from attune_fit.data.storage.atomic_write import is_running
from tests.data.parallel import tasks
from tests.data.parallel.tasks import Context, CountedContext, multiply_counted
from tests.fault_descriptions import raises_faults

FIFTH = "clients, client_id: id-not-found (c5)"


@pytest.fixture(scope="module")
def processes() -> Iterator[LocalProcesses]:
    with LocalProcesses(2) as executor:
        yield executor


@pytest.fixture(params=["serial", "processes"])
def executor(request: pytest.FixtureRequest, processes: LocalProcesses) -> Executor:
    return SerialExecutor() if request.param == "serial" else processes


def test_results_are_in_the_order_of_the_items(executor: Executor) -> None:
    assert list(executor.map_ordered(tasks.multiply_slowly, range(20), Context(3))) == [3 * item for item in range(20)]
    assert list(executor.map_ordered(tasks.multiply, range(3), Context(5))) == [0, 5, 10]  # another context
    assert list(executor.map_ordered(tasks.multiply, [], Context())) == []


def test_an_error_comes_at_its_place_and_the_executor_goes_on(executor: Executor) -> None:
    results = executor.map_ordered(tasks.fail_at_five, range(9), Context())
    assert [next(results) for _ in range(5)] == [0, 1, 2, 3, 4]
    with raises_faults(FIFTH):
        next(results)
    assert list(executor.map_ordered(tasks.multiply, range(3), Context())) == [0, 3, 6]


def test_items_are_taken_as_they_are_needed(executor: Executor) -> None:
    taken = []

    def watched() -> Iterator[int]:
        for item in range(100):
            taken.append(item)
            yield item

    results = executor.map_ordered(tasks.multiply, watched(), Context())
    assert next(results) == 0
    assert len(taken) <= 4
    results.close()  # type: ignore[attr-defined]
    assert list(executor.map_ordered(tasks.multiply, range(3), Context())) == [0, 3, 6]


def test_every_worker_has_one_thread_for_linear_algebra(executor: Executor) -> None:
    assert set(executor.map_ordered(tasks.count_threads, range(4), Context())) == {1}


def test_both_processes_work_and_none_is_this_one() -> None:
    with LocalProcesses(2) as executor:
        found = set(executor.map_ordered(tasks.find_process, range(8), Context()))
    assert len(found) == 2
    assert os.getpid() not in found
    assert not [number for number in found if is_running(number)]


def test_a_context_is_sent_once_and_calls_can_overlap(processes: LocalProcesses) -> None:
    contexts = [CountedContext(3), CountedContext(5)]
    for _ in range(3):
        assert list(processes.map_ordered(multiply_counted, range(5), contexts[0])) == [0, 3, 6, 9, 12]
    assert contexts[0].n_sent == 1  # the message is made once for both processes
    first, second = (processes.map_ordered(multiply_counted, range(9), context) for context in contexts)
    both = list(zip(first, second, strict=True))
    assert both == [(3 * item, 5 * item) for item in range(9)]


def test_processes_that_were_prepared_work_as_others() -> None:
    with LocalProcesses(1) as executor:
        executor.start(tasks.prepare)
        assert list(executor.map_ordered(tasks.is_prepared, range(2), Context())) == [True, True]


def test_what_a_library_prints_does_not_reach_the_results(processes: LocalProcesses) -> None:
    assert list(processes.map_ordered(tasks.print_text, range(3), Context())) == [0, 1, 2]


def test_an_error_that_no_process_can_read_is_an_error_with_its_text(processes: LocalProcesses) -> None:
    with pytest.raises(RuntimeError, match="Odd: odd"):
        list(processes.map_ordered(tasks.raise_odd, range(3), Context()))


def test_a_process_that_ends_is_one_error() -> None:
    with LocalProcesses(2) as executor:
        results = executor.map_ordered(tasks.die_at_five, range(9), Context())
        assert [next(results) for _ in range(5)] == [0, 1, 2, 3, 4]
        with raises_faults("--jobs: worker-process-ended (-9)"):
            next(results)
        # a new start is possible
        assert list(executor.map_ordered(tasks.multiply, range(3), Context())) == [0, 3, 6]


def test_an_interruption_ends_the_processes_at_once(tmp_path: Path) -> None:
    code = f"""
from pathlib import Path
from attune_fit.data.parallel.local_processes import LocalProcesses
from tests.data.parallel import tasks
with LocalProcesses(2) as executor:
    list(executor.map_ordered(tasks.sleep_long, range(4), tasks.Context(1, Path({str(tmp_path)!r}))))
"""
    home = Path(__file__).resolve().parents[3]
    process = subprocess.Popen([sys.executable, "-c", code], cwd=home, stderr=subprocess.PIPE, text=True)
    while len(list(tmp_path.iterdir())) < 2:
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)  # the items take a minute
    assert errors.rstrip().endswith("KeyboardInterrupt")
    assert "worker" not in errors.splitlines()[-1]
    assert not [path for path in tmp_path.iterdir() if is_running(int(path.name))]


def test_a_killed_parent_leaves_no_process(tmp_path: Path) -> None:
    code = """
import os, signal
from attune_fit.data.parallel.local_processes import LocalProcesses
from tests.data.parallel import tasks
executor = LocalProcesses(2)
for number in executor.map_ordered(tasks.find_process, range(4), tasks.Context()):
    print(number, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    home = Path(__file__).resolve().parents[3]
    done = subprocess.run([sys.executable, "-c", code], cwd=home, capture_output=True, text=True, timeout=60)
    numbers = {int(line) for line in done.stdout.split()}
    assert len(numbers) == 2
    deadline = time.monotonic() + 20
    while any(map(is_running, numbers)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not [number for number in numbers if is_running(number)]


def test_a_script_needs_no_guard_of_its_main_module(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "from attune_fit.data.parallel.local_processes import LocalProcesses\n"
        "from operator import add\n"
        "with LocalProcesses(2) as executor:\n"
        "    print(list(executor.map_ordered(add, range(3), 10)))\n"
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "[10, 11, 12]\n"


def test_the_executor_follows_the_options() -> None:
    assert isinstance(open_executor(1), SerialExecutor)
    several = open_executor(3)
    assert isinstance(several, LocalProcesses)
    assert several.n_workers == 3
    assert open_executor().n_workers == count_cores()
