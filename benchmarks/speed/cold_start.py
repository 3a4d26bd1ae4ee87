"""Time ``attune rank --client`` as a new process, next to ``import pandas, lightgbm``; runs alternate."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.batch_rate import ATTUNE
from benchmarks.speed.process_tree import measure_command

CLINIC = Path(__file__).resolve().parents[2] / "examples" / "riverside"
IMPORTS = (sys.executable, "-c", "import pandas, lightgbm")


def measure_cold_ranking(runs: int, clinic: Path = CLINIC) -> dict[str, Any]:
    """Return the seconds of each run of both programs; the first run of each only fills the cache of the disk."""
    from attune_fit.workspace import open_clinic

    seconds: dict[str, list[float]] = {"attune": [], "base": []}
    with TemporaryDirectory() as temporary:
        folder = Path(temporary, "clinic")
        shutil.copytree(clinic, folder)
        client_id = open_clinic(folder).list_client_ids(waiting_only=True)[0]
        commands = {"attune": (*ATTUNE, "rank", str(folder), "--client", client_id), "base": IMPORTS}
        for run in range(runs + 1):
            for name, command in commands.items():
                cost = measure_command(command)
                if cost.exit_code:
                    raise RuntimeError(cost.output)
                if run:
                    seconds[name].append(cost.seconds)
    return dict(seconds)
