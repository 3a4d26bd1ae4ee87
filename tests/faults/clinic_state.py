"""What a folder holds, so that two states can be compared: files, clinics as Attune reads them, and their artifacts.

Times, seals and the random names of MLflow's runs are left out. Files are read without Attune, so that a fault of its
readers does not hide one of its writers; only ``reads_as`` asks Attune.
"""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

ARTIFACTS = "artifacts"
RANDOM_NAME = re.compile(r"[0-9a-f]{32}")
MODEL_FILES = ("model.json", "booster.txt", "bundle.json", "recipe.json")  # the card also holds dates
LOGS = {"ledger.jsonl": ("what", "bundle"), "rankings.jsonl": ("client_id", "shown", "file"),
        "assignments.jsonl": ("policy", "placed"), "trials.jsonl": ("what", "client_id", "arm")}  # fmt: skip
NO_JOURNAL = "none"
CLINICS = ("clinic", "out", "made")  # the folders of a case that can be clinics


def read_state(root: Path) -> dict[str, Any]:
    """Return the state of the folder of a case, in the types of JSON.

    Keys: ``files``, the SHA-256 of each file outside ``artifacts``, hidden ones left out; ``reads_as``, for each clinic
    the digest of its tables and settings, ``no clinic``, or ``refused`` and the ids of its faults; ``records``, for
    each clinic what its artifacts hold.
    """
    clinics = [root / name for name in CLINICS if (root / name).is_dir()]
    return {
        "files": {str(path.relative_to(root)): _hash(path) for path in _list_own_files(root)},
        "reads_as": {clinic.name: read_as_clinic(clinic) for clinic in clinics},
        "records": {clinic.name: read_records(clinic / ARTIFACTS) for clinic in clinics},
    }


def list_names(root: Path) -> set[str]:
    """Return the paths of all files and folders, hidden ones too, with one word for the random names of MLflow."""
    return {RANDOM_NAME.sub("RUN", str(path.relative_to(root))) for path in root.rglob("*")}


def read_as_clinic(folder: Path) -> str:
    """Return the digest of a clinic's tables and settings, ``no clinic``, or ``refused`` and the ids of its faults."""
    from attune_fit import DataFault
    from attune_fit.workspace import Workspace

    if not any(path.suffix in (".csv", ".toml") and not path.name.startswith(".") for path in folder.iterdir()):
        return "no clinic"
    try:
        workspace = Workspace(folder)
        settings = hashlib.sha256(workspace.clinic.config.model_dump_json().encode()).hexdigest()
        return f"{workspace.tables.digest()} {settings}"
    except DataFault as error:
        return "refused " + " ".join(sorted({fault.id for fault in error.faults if fault.kind == "error"}))


def read_records(artifacts: Path) -> dict[str, Any]:
    """Return what the artifacts of a clinic hold: live bundle, lines of the ledger and the logs, bundles, databases."""
    state: dict[str, Any] = {"live": _read_live(artifacts / "live.json")}
    state |= {name: _read_lines(artifacts / name, keys) for name, keys in LOGS.items()}
    bundles = artifacts / "bundles"
    folders = (
        [path for path in sorted(bundles.iterdir()) if RANDOM_NAME.match(path.name * 3)] if bundles.is_dir() else []
    )
    state["bundles"] = {
        folder.name: {name: _hash(folder / name) if (folder / name).is_file() else "" for name in MODEL_FILES}
        for folder in folders
    }
    return state | {
        "mlflow": read_mlflow(artifacts / "mlflow.db"),
        "journal": read_journal(artifacts / "journal.db"),
    }


def read_journal(database: Path) -> dict[str, Any] | str:
    """Return events, people and end of a journal, with ids for its random keys; ``none``, or why it cannot be read.

    The end is a number, and whether its seal is that of the last event. An empty file is no journal.
    """
    if not database.exists() or not database.stat().st_size:
        return NO_JOURNAL
    try:
        with closing(sqlite3.connect(f"file:{database}?mode=rw", uri=True)) as connection:
            rows = connection.execute(
                "SELECT e.number, e.type, e.on_day, c.id, t.id, a.id, e.fields, e.seal FROM attune_events e"
                " LEFT JOIN attune_people c ON c.key = e.client_key"
                " LEFT JOIN attune_people t ON t.key = e.therapist_key"
                " LEFT JOIN attune_people a ON a.key = e.actor_key ORDER BY e.number"
            ).fetchall()
            people = connection.execute("SELECT side, id, version FROM attune_people ORDER BY side, id").fetchall()
            ends = connection.execute("SELECT number, seal FROM attune_journals").fetchall()
    except sqlite3.Error as error:
        return f"not readable: {error}"
    last_seal = rows[-1][-1] if rows else ""
    return {
        "events": [list(row[:-1]) for row in rows],
        "people": [list(person) for person in people],
        "ends": [[number, seal == last_seal] for number, seal in ends],
    }


def read_mlflow(database: Path) -> dict[str, Any] | str:
    """Return the finished trainings that MLflow holds, and the bundle with the alias; or why it cannot be read."""
    if not database.exists():
        return "none"
    try:
        with closing(sqlite3.connect(f"file:{database}?mode=rw", uri=True)) as connection:
            names = connection.execute(
                "SELECT t.value, r.status FROM runs r JOIN tags t ON t.run_uuid = r.run_uuid"
                " WHERE t.key = 'bundle' AND r.lifecycle_stage = 'active'"
            ).fetchall()
            champion = connection.execute(
                "SELECT t.value FROM registered_model_aliases a JOIN model_version_tags t"
                " ON t.name = a.name AND t.version = a.version WHERE t.key = 'bundle'"
            ).fetchall()
    except sqlite3.Error as error:
        return f"not readable: {type(error).__name__}"
    finished = sorted(name for name, status in names if status == "FINISHED" and re.fullmatch("[0-9a-f]{12}", name))
    return {"trainings": finished, "champion": [row[0] for row in champion]}


def _list_own_files(root: Path) -> list[Path]:
    """Return the files outside artifacts that are not hidden, links too."""
    files = [path for path in sorted(root.rglob("*")) if path.is_symlink() or path.is_file()]
    return [
        path for path in files
        if ARTIFACTS not in path.parts and not any(part.startswith(".") for part in path.relative_to(root).parts)
    ]  # fmt: skip


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "no file"


def _read_live(path: Path) -> str:
    """Return the bundle that the pointer names; ``day0`` without a pointer."""
    try:
        return str(json.loads(path.read_text())["bundle"]) if path.exists() else "day0"
    except (ValueError, KeyError, TypeError):
        return "not readable"


def _read_lines(path: Path, keys: tuple[str, ...]) -> list[list[Any]]:
    """Return some fields of each line of a log, without lines that an interruption cut off."""
    lines: list[list[Any]] = []
    for text in path.read_bytes().split(b"\n") if path.exists() else ():
        try:
            fields = json.loads(text)
        except ValueError:
            continue
        lines.append([fields.get(key) for key in keys])
    return lines
