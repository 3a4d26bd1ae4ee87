"""Who made which bundle live, when and why: one line a decision, none ever changed, each sealed by the next."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import IO, Any, Literal

from attune_fit.models.active_model import STARTING_MODEL_NAME
from attune_fit.models.bundle import compute_sha256

LEDGER_FILE = "ledger.jsonl"
LedgerAction = Literal["promoted", "refused", "kept", "promoted by hand", "rolled back"]
ACTIVATING_ACTIONS = ("promoted", "promoted by hand")


@dataclass(frozen=True)
class LedgerEntry:
    """One line. Ids, figures and reasons only, no cell of a table.

    Attributes
    ----------
    what : str
        ``promoted`` or ``refused`` by a training, ``kept`` where it changed nothing, ``promoted by hand``, ``rolled
        back``.
    bundle : str
        What was decided about: after ``rolled back`` the one that is live again.
    replaced : str
        What was live until then; empty where it could not be read.
    why : str
    by : str
        Who, as far as the person wants it noted; empty for a training.
    data : str
        Digest of the tables it was made from.
    n_outcomes : int
    verdict : str
        Its sentence.
    compared : list of dict
        Figures of the bundle and of what was live, as :class:`PairedComparison`.
    agreement : float or None
        See :func:`compute_shuffle_p_value`.
    code : str
        Version of Attune, and the digest of its sources.
    when : str
        UTC, ISO; set when the line is written.
    previous : str
        SHA-256 of the line before, without its line break; empty for the first.
    """

    what: LedgerAction
    bundle: str
    replaced: str
    why: str
    by: str = ""
    data: str = ""
    n_outcomes: int = 0
    verdict: str = ""
    compared: list[dict[str, Any]] = field(default_factory=list)
    agreement: float | None = None
    code: str = ""
    when: str = ""
    previous: str = ""


@dataclass(frozen=True)
class Ledger:
    """All that can be read of it, oldest first, and what is wrong with it."""

    entries: tuple[LedgerEntry, ...] = ()
    faults: tuple[str, ...] = ()

    @property
    def rollback_stack(self) -> list[str]:
        """Bundles that were live and came back into question, the first one day 0, the last one live now.

        >>> lines = [LedgerEntry("promoted", name, "", "") for name in "abc"] + [LedgerEntry("rolled back", "b", "c", "")]
        >>> Ledger(tuple(lines)).rollback_stack
        ['day0', 'a', 'b']
        """
        found = [STARTING_MODEL_NAME]
        for entry in self.entries:
            if entry.what in ACTIVATING_ACTIONS:
                found.append(entry.bundle)
            elif entry.what == "rolled back":
                while len(found) > 1 and found[-1] != entry.bundle:
                    found.pop()
        return found


def read_ledger(path: Path) -> Ledger:
    """Read a ledger and check that every line follows from the one before.

    A line cut short by an interruption is a fault like a changed one; the lines around it still count. What cannot be
    noticed: last lines taken away, and a history written anew from some line on with all its seals.
    """
    if not path.exists():
        return Ledger()
    entries, faults, seal = [], [], ""
    for number, line in enumerate(path.read_bytes().split(b"\n"), start=1):
        if not line:
            continue
        try:
            entry = LedgerEntry(**json.loads(line))
        except (ValueError, TypeError):
            faults.append(f"line {number} is cut short or cannot be read")
        else:
            if entry.previous != seal:
                faults.append(f"line {number} does not follow from the line before: one was changed, added or removed")
            entries.append(entry)
        seal = compute_sha256(line)
    return Ledger(tuple(entries), tuple(faults))


def append_entry(path: Path, entry: LedgerEntry, now: dt.datetime | None = None) -> LedgerEntry:
    """Add a line, on disk when this returns.

    Parameters
    ----------
    path : Path
    entry : Entry
        Its ``when`` and ``previous`` are set here.
    now : datetime, optional
        The present moment when None.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    when = (now or dt.datetime.now(dt.UTC)).isoformat(timespec="seconds")
    with path.open("ab+") as file, _lock_file(file):
        file.seek(0)
        before = file.read()
        last = before.rstrip(b"\n").rsplit(b"\n", 1)[-1]
        entry = replace(entry, when=when, previous=compute_sha256(last) if last else "")
        line = json.dumps(asdict(entry), sort_keys=True, allow_nan=False).encode() + b"\n"
        file.write(line if before.endswith(b"\n") or not before else b"\n" + line)  # one cut short stays a line
        file.flush()
        os.fsync(file.fileno())
    return entry


@contextmanager
def _lock_file(file: IO[bytes]) -> Iterator[None]:
    """Keep other processes from adding a line at the same moment, where the system can."""
    with suppress(ImportError):
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX)  # given back when the file is closed
    yield
