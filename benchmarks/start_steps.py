"""Measure the steps of a cold ``attune rank --client``, from its imports to what it prints.

The command imports a module where it is first used. Here one process imports all of them first, and then takes each
step alone, so that the seconds of a step are those of its own work.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.speed.cold_start import CLINIC

STEPS = ("import", "read tables", "journal", "load and adapt model", "rank", "log", "print")
LIST_MODULES = """
import json, sys
from attune_fit.app.cli import main
folder, client_id, target = sys.argv[1:]
sys.argv = ["attune", "rank", folder, "--client", client_id]
try:
    main()
except SystemExit as stop:
    assert not stop.code, stop.code
with open(target, "w") as file:
    json.dump(list(sys.modules), file)
"""


def list_loaded_modules(folder: Path, client_id: str) -> list[str]:
    """List the modules that a cold ranking of a client loads, in the order in which it loads them."""
    with TemporaryDirectory() as temporary:
        target = Path(temporary, "modules.json")
        command = [sys.executable, "-c", LIST_MODULES, str(folder), client_id, str(target)]
        subprocess.run(command, check=True, capture_output=True)
        names: list[str] = json.loads(target.read_text(encoding="utf-8"))
    return names


def measure_steps(runs: int, clinic: Path = CLINIC) -> dict[str, list[float]]:
    """Return the seconds of each of :data:`STEPS`, run by run, each in a new process; the first run is left out."""
    from attune_fit.workspace import open_clinic

    measured: list[dict[str, float]] = []
    with TemporaryDirectory() as temporary:
        folder = Path(temporary, "clinic")
        shutil.copytree(clinic, folder)
        client_id = open_clinic(folder).list_client_ids(waiting_only=True)[0]
        modules = json.dumps(list_loaded_modules(folder, client_id))
        program = "import sys; from benchmarks.start_steps import print_steps; print_steps(*sys.argv[1:])"
        for _ in range(runs + 1):
            command = [sys.executable, "-c", program, str(folder), client_id]
            done = subprocess.run(
                command, input=modules, check=True, capture_output=True, text=True, cwd=Path(__file__).parents[1]
            )
            measured.append(json.loads(done.stdout))
    return {step: [one[step] for one in measured[1:]] for step in STEPS}


def print_steps(folder: str, client_id: str) -> None:
    """Print the seconds of each step of one ranking as JSON; standard input has the names of the modules."""
    print(json.dumps(time_steps(Path(folder), client_id, json.loads(sys.stdin.read()))))


def time_steps(folder: Path, client_id: str, modules: list[str]) -> dict[str, float]:
    """Return the seconds of each of :data:`STEPS` in this process, which should be new.

    The ranking is done three times: cold, warm, and warm with its line in the log. The seconds of the log are the
    difference of the last two.
    """
    seconds, start = {}, time.perf_counter()
    _import_modules(modules)
    from attune_fit.app.terminal.console import print_result
    from attune_fit.app.views.ranking import show_rankings
    from attune_fit.workspace import Workspace

    def finish(step: str) -> None:
        nonlocal start
        now = time.perf_counter()
        seconds[step], start = now - start, now

    finish("import")
    workspace = Workspace(folder)
    _ = workspace.exported_tables
    finish("read tables")
    _ = workspace.tables
    finish("journal")
    _ = workspace.model
    finish("load and adapt model")
    workspace.rank(client_id)
    finish("rank")
    workspace.rank(client_id)
    finish("warm")
    result = workspace.rank(client_id, log=True)
    finish("log")
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        print_result(result, lambda: show_rankings(result.result, workspace), as_json=False)
    finish("print")
    seconds["log"] = max(seconds["log"] - seconds.pop("warm"), 0.0)
    return seconds


def _import_modules(names: list[str]) -> None:
    """Import these modules as the command does: LightGBM without scikit-learn."""
    from attune_fit.models.lightgbm_loading import load_lightgbm, suppress_scikit_learn

    suppress_scikit_learn()
    for name in names:
        if name == "lightgbm":
            load_lightgbm()
        elif name != "__main__":
            with contextlib.suppress(ImportError):  # a name under which a library keeps a part of itself
                importlib.import_module(name)
