"""The ledger of promotions: one line for each decision about the live model, sealed by a hash chain, never changed."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from attune_fit.data.hash_chain import append_lines, compute_seal, open_locked, read_last_line, split_lines
from attune_fit.models.active_pointer import STARTING_MODEL_NAME

LEDGER_FILE = "ledger.jsonl"
LedgerAction = Literal["promoted", "refused", "kept", "promoted by hand", "rolled back"]
ACTIVATING_ACTIONS = ("promoted", "promoted by hand")


@dataclass(frozen=True)
class LedgerEntry:
    """One line of the ledger. It holds ids, figures and reasons, and no cell of a table.

    Attributes
    ----------
    what : str
        ``promoted`` or ``refused`` by a training, ``kept`` if the training changed nothing, ``promoted by hand``,
        ``rolled back``.
    bundle : str
        The bundle of the decision; after ``rolled back`` the one that is live again.
    replaced : str
        The bundle that was live until then; empty if it could not be read.
    why : str
        The reasons.
    by : str
        The person, if given; empty for a training.
    data : str
        Digest of the tables that the bundle was fitted to.
    n_outcomes : int
        Early alliance records that the bundle was fitted to.
    verdict : str
        The verdict's sentence.
    compared : list of dict
        Figures of the bundle and of the live model, as :class:`PairedComparison`.
    agreement : float or None
        P value of the outcomes, see :func:`compute_shuffle_p_value`.
    code : str
        Version of Attune, and the digest of its sources.
    when : str
        UTC, ISO 8601; set when the line is written.
    previous : str
        SHA-256 of the previous line, without its line break; empty for the first.
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
    """The readable entries, oldest first, and the faults of the others."""

    entries: tuple[LedgerEntry, ...] = ()
    faults: tuple[str, ...] = ()

    @property
    def rollback_stack(self) -> list[str]:
        """Bundles that a rollback can return to: the starting model first, the live bundle last.

        >>> entries = [LedgerEntry("promoted", name, "", "") for name in "abc"]
        >>> Ledger((*entries, LedgerEntry("rolled back", "b", "c", ""))).rollback_stack
        ['day0', 'a', 'b']
        """
        stack = [STARTING_MODEL_NAME]
        for entry in self.entries:
            if entry.what in ACTIVATING_ACTIONS:
                stack.append(entry.bundle)
            elif entry.what == "rolled back":
                while len(stack) > 1 and stack[-1] != entry.bundle:
                    stack.pop()
        return stack


def read_ledger(path: Path) -> Ledger:
    """Read a ledger and check its hash chain; without a file it is empty.

    An incomplete line (after a crash) is a fault like a changed line; the other lines still count. The chain cannot
    show that the last lines were removed, or that every line after some point was rewritten with new hashes.
    """
    if not path.exists():
        return Ledger()
    entries, faults, seal = [], [], ""
    for line in split_lines(path.read_bytes()):
        try:
            entry = LedgerEntry(**json.loads(line.content))
        except (ValueError, TypeError):
            faults.append(f"line {line.number} is incomplete or cannot be read")
        else:
            if entry.previous != seal:
                faults.append(
                    f"line {line.number} does not match the line before it: a line was changed, added or removed"
                )
            entries.append(entry)
        seal = line.seal
    return Ledger(tuple(entries), tuple(faults))


def append_entry(path: Path, entry: LedgerEntry, now: dt.datetime | None = None) -> LedgerEntry:
    """Append a line to the ledger; it is on disk when this returns.

    Parameters
    ----------
    path : Path
    entry : LedgerEntry
        Its ``when`` and ``previous`` are set here.
    now : datetime, optional
        The present moment when None.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    when = (now or dt.datetime.now(dt.UTC)).isoformat(timespec="seconds")
    with open_locked(path) as file:
        last = read_last_line(file)
        entry = replace(entry, when=when, previous=compute_seal(last) if last else "")
        append_lines(file, [json.dumps(asdict(entry), sort_keys=True, allow_nan=False).encode()])
    return entry
