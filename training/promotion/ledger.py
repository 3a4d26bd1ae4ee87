"""The ledger of promotions: one line for each decision about the live model, sealed by a hash chain, never changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, get_args

from attune_fit.data.chain_check import check_lines
from attune_fit.data.hash_chain import ChainHead
from attune_fit.data.sealed_files import LEDGER, append_sealed
from attune_fit.data.sealed_log import LogLine, build_end_mark_path, read_end_mark, read_log
from attune_fit.models.active_pointer import STARTING_MODEL_NAME

LEDGER_FILE = LEDGER.file
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
        SHA-256 of the previous line, without its line break; empty for the first, and until the line is read.
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

    An incomplete line (after a crash) is a fault like a changed line, and so is a file that cannot be read; the other
    lines still count. The chain cannot show that every line after some point was rewritten with new hashes.
    """
    mark = read_end_mark(path)  # read first: another run can append before the lines are read
    try:
        lines = read_log(path)
    except OSError as error:
        return Ledger(faults=(f"it cannot be read: {error.strerror or type(error).__name__}",))
    breaks = check_lines(lines, mark, build_end_mark_path(path).name).breaks
    entries = [_parse_entry(line) for line in lines]
    unreadable = [
        f"line {line.number} is incomplete or cannot be read"
        for line, entry in zip(lines, entries, strict=True)
        if entry is None and not any(found.line <= line.number <= found.last_line for found in breaks)
    ]
    faults = (*(found.message for found in breaks), *unreadable)
    return Ledger(tuple(entry for entry in entries if entry is not None), faults)


def append_entry(
    path: Path,
    entry: LedgerEntry,
    now: dt.datetime | None = None,
    other_ends: Mapping[str, ChainHead] | None = None,
) -> LedgerEntry:
    """Append a line to the ledger, with the ends of the logs; it is on disk when this returns.

    Parameters
    ----------
    path : Path
    entry : LedgerEntry
        Its ``when`` is set here.
    now : datetime, optional
        The present moment when None.
    other_ends : mapping of str to ChainHead, optional
        Ends of other chains that the line holds, such as that of the journal.

    Raises
    ------
    OSError
        If it cannot be written. The ledger is unchanged then.
    """
    entry = replace(entry, when=(now or dt.datetime.now(dt.UTC)).isoformat(timespec="seconds"))
    fields = asdict(entry)
    del fields["previous"]  # a key of the chain
    append_sealed(path.parent, LEDGER, [dict(sorted(fields.items()))], other_ends)
    return entry


def _parse_entry(line: LogLine) -> LedgerEntry | None:
    """Return a line of the ledger as an entry; None if a field is missing, unknown or of another type."""
    try:
        entry = LedgerEntry(**{**(line.fields or {}), "previous": line.previous or ""})
    except TypeError:
        return None
    is_right = (FIELD_CHECKS.get(name, _is_text)(value) for name, value in vars(entry).items())
    return entry if all(is_right) else None


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < MAX_FIGURE


def _is_list_of_figures(value: object) -> bool:
    """Return whether a value is a list of comparisons, each of texts and numbers."""
    return isinstance(value, list) and all(
        isinstance(one, dict) and all(_is_text(figure) or _is_number(figure) for figure in one.values())
        for one in value
    )


MAX_FIGURE = 1e15  # far above any figure or count that a training writes
FIELD_CHECKS: Mapping[str, Callable[[object], bool]] = {  # a field that is not listed is text
    "what": lambda value: value in get_args(LedgerAction),
    "compared": _is_list_of_figures,
    "agreement": lambda value: value is None or _is_number(value),
    "n_outcomes": lambda value: isinstance(value, int) and _is_number(value),
}
