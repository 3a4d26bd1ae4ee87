"""The registry of hypotheses: ``artifacts/hypotheses.jsonl``, one sealed line for each hypothesis, never changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from attune_fit.data.chain_check import check_lines
from attune_fit.data.faults import DataFault
from attune_fit.data.journal.journal_ends import read_journal_ends
from attune_fit.data.sealed_files import HYPOTHESES, append_sealed, check_sealed_files
from attune_fit.data.sealed_log import LogLine, build_end_mark_path, read_end_mark, read_log
from attune_fit.training.hypotheses.hypothesis_result import RegistrationState
from attune_fit.training.hypotheses.lab_outcomes import compute_lab_outcomes
from attune_fit.training.hypotheses.lab_records import find_hypothesis_faults
from attune_fit.training.promotion.artifact_access import check_artifacts_writable

if TYPE_CHECKING:
    import pandas as pd

    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.tables import Tables
    from attune_fit.training.hypotheses.hypothesis import Hypothesis


@dataclass(frozen=True)
class RegisteredHypothesis:
    """One line of the registry. It holds the file, counts and digests, and no cell of a table.

    Attributes
    ----------
    name, digest : str
        Of the hypothesis; :attr:`Hypothesis.digest`.
    hypothesis : dict
        The keys of the file, as :meth:`Hypothesis.to_dict` returns them.
    n_outcomes : int
        Pairs of a client and a therapist whose outcome was known then; of several outcomes, the largest number.
    n_rows : int
        Rows of the table `outcomes` then.
    outcomes : str
        Digest of these rows.
    by : str
        The person, if given.
    when : str
        UTC, ISO 8601.
    line : int
        Number of the line.
    """

    name: str
    digest: str
    hypothesis: dict[str, Any]
    n_outcomes: int
    n_rows: int
    outcomes: str
    by: str = ""
    when: str = ""
    line: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Return the line in the types of JSON."""
        return asdict(self)


@dataclass(frozen=True)
class HypothesisRegistry:
    """The registered hypotheses, oldest first, and what was changed in the file since it was written."""

    entries: tuple[RegisteredHypothesis, ...] = ()
    faults: tuple[str, ...] = field(default=())

    def to_dict(self) -> dict[str, Any]:
        """Return the registry in the types of JSON."""
        return {"hypotheses": [entry.to_dict() for entry in self.entries], "faults": list(self.faults)}

    def to_frame(self) -> pd.DataFrame:
        """Return one row for each line: line, name, digest, when, by, n_outcomes, n_rows."""
        import pandas as pd

        columns = ["line", "name", "digest", "when", "by", "n_outcomes", "n_rows"]
        return pd.DataFrame([entry.to_dict() for entry in self.entries], columns=columns)

    def find(self, digest: str) -> RegisteredHypothesis | None:
        """Return the first line about a hypothesis; None without one."""
        return next((entry for entry in self.entries if entry.digest == digest), None)

    def find_last(self, name: str) -> RegisteredHypothesis | None:
        """Return the last line of that name; None without one."""
        return next((entry for entry in reversed(self.entries) if entry.name == name), None)


def read_registry(clinic: Clinic) -> HypothesisRegistry:
    """Read the registered hypotheses and check their chain; without a file there is none."""
    path = clinic.artifacts / HYPOTHESES.file
    mark = read_end_mark(path)  # read first: another run can append before the lines are read
    try:
        lines = read_log(path)
    except OSError as error:
        return HypothesisRegistry(faults=(f"it cannot be read: {error.strerror or type(error).__name__}",))
    breaks = check_lines(lines, mark, build_end_mark_path(path).name).breaks
    entries = [entry for line in lines if (entry := _parse_line(line)) is not None]
    return HypothesisRegistry(tuple(entries), (*(found.message for found in breaks), *_find_wrong_days(entries)))


def append_hypothesis(clinic: Clinic, tables: Tables, hypothesis: Hypothesis, by: str = "") -> RegisteredHypothesis:
    """Register a hypothesis: freeze its content, and count the outcomes that are there. No outcome is tested.

    Parameters
    ----------
    clinic, tables
    hypothesis : Hypothesis
    by : str
        The person; the registry keeps it.

    Raises
    ------
    DataFault
        If a column is missing or refused, this content is registered already, or ``artifacts/`` cannot be written.
        Nothing is changed then.
    """
    faults = find_hypothesis_faults(clinic, tables, hypothesis)
    if faults:
        raise DataFault(faults)
    _check_unregistered(clinic, hypothesis)
    check_artifacts_writable(clinic, ("",), (HYPOTHESES.file,))
    entry = RegisteredHypothesis(
        hypothesis.name,
        hypothesis.digest,
        hypothesis.to_dict(),
        count_outcomes(clinic, tables, hypothesis),
        len(tables.outcomes),
        tables.digest_outcomes(),
        by,
        dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
    )
    fields = entry.to_dict()
    del fields["line"]  # a key of the chain

    def build() -> Iterator[dict[str, Any]]:
        _check_unregistered(clinic, hypothesis)  # again: the file is locked now, so no other process can add it
        yield dict(sorted(fields.items()))

    append_sealed(clinic.artifacts, HYPOTHESES, build(), read_journal_ends(clinic))
    return read_registry(clinic).find(hypothesis.digest) or entry


def count_outcomes(clinic: Clinic, tables: Tables, hypothesis: Hypothesis) -> int:
    """Count the pairs of a client and a therapist with a known outcome; of several outcomes, the largest number."""
    names = dict.fromkeys((hypothesis.outcome, *hypothesis.alternatives.outcomes))
    return max(int(compute_lab_outcomes(clinic, tables, name)["y"].notna().sum()) for name in names)


def find_registration(clinic: Clinic, tables: Tables, hypothesis: Hypothesis, n_used: int) -> RegistrationState:
    """Find out whether a hypothesis was registered, and how many outcomes were there then.

    Parameters
    ----------
    clinic, tables, hypothesis
    n_used : int
        Outcomes that the test uses.
    """
    registry = read_registry(clinic)
    faults = registry.faults or _find_lost_ends(clinic)
    entry, doubt = registry.find(hypothesis.digest), f" The registry was changed: {faults[0]}." if faults else ""
    if entry is None:
        sentence = _describe_missing(registry.find_last(hypothesis.name), hypothesis)
        return RegistrationState(False, "", 0, n_used, f"{sentence}{doubt}")
    present = min(entry.n_outcomes, n_used)
    sentences = (
        _describe_moment(entry, tables, n_used),
        *_describe_early_dates(entry, tables),
        *_describe_versions(registry, entry),
    )
    # a registry that was changed proves no registration
    return RegistrationState(not faults, entry.when, present, n_used, f"{' '.join(sentences)}{doubt}")


def list_changed_keys(registered: Mapping[str, Any], hypothesis: Hypothesis) -> list[str]:
    """List the keys of a hypothesis whose values differ from those that were registered, sorted."""
    now, then = _flatten(hypothesis.to_dict()), _flatten(registered)
    return sorted(key for key in {*now, *then} if now.get(key) != then.get(key))


def _describe_missing(last: RegisteredHypothesis | None, hypothesis: Hypothesis) -> str:
    """Return the sentence about a hypothesis whose content is not in the registry."""
    if last is None:
        return "Not registered before this test."
    keys = ", ".join(f"`{key}`" for key in list_changed_keys(last.hypothesis, hypothesis))
    return f"Changed since it was registered on {last.when[:10]}: {keys}."


def _describe_moment(entry: RegisteredHypothesis, tables: Tables, n_used: int) -> str:
    """Return the sentence about the outcomes that were in the tables at the registration."""
    when = f"Registered on {entry.when[:10]}"
    if not entry.n_outcomes and entry.n_rows:  # another outcome, or one whose instrument was not in clinic.toml
        return f"{when}, when none of the {n_used:,} outcomes was known. `outcomes` had {entry.n_rows:,} rows then."
    if not entry.n_outcomes:
        return f"{when}, before any of the {n_used:,} outcomes was in the tables."
    if entry.outcomes == tables.digest_outcomes():
        return f"{when}, after all {n_used:,} outcomes were in the tables."
    return f"{when}, after {min(entry.n_outcomes, n_used):,} of {n_used:,} outcomes were in the tables."


def _describe_early_dates(entry: RegisteredHypothesis, tables: Tables) -> Iterator[str]:
    """Yield a sentence about rows that are older than the registration, but were not in the table then."""
    n = int((tables.outcomes["measured_on"] < entry.when[:10]).sum())
    if n > entry.n_rows:
        yield f"{n:,} rows of `outcomes` hold an earlier date, but {entry.n_rows:,} were in the table on that day."


def _describe_versions(registry: HypothesisRegistry, entry: RegisteredHypothesis) -> Iterator[str]:
    """Yield a sentence about other hypotheses of this name: the one that fits best can be tested last."""
    n = len({one.digest for one in registry.entries if one.name == entry.name}) - 1
    if n:
        counted = "1 other version with this name is" if n == 1 else f"{n:,} other versions with this name are"
        yield f"{counted} registered."


def _check_unregistered(clinic: Clinic, hypothesis: Hypothesis) -> None:
    """Raise the error about a content that is registered already."""
    known = read_registry(clinic).find(hypothesis.digest)
    if known is not None:
        message = f"it was registered already, on {known.when[:10]} (line {known.line})"
        fix = "Nothing was changed. Test it with: attune hypothesis test."
        raise DataFault.error("hypothesis-registered", f"hypothesis {hypothesis.name}", "", message, fix=fix)


def _find_lost_ends(clinic: Clinic) -> tuple[str, ...]:
    """Return which ends of the registry the other files under ``artifacts/`` name, and it does not have."""
    return tuple(found.message for found in check_sealed_files(clinic.artifacts)[HYPOTHESES.file].breaks)


def _find_wrong_days(entries: Iterable[RegisteredHypothesis]) -> Iterator[str]:
    """Yield which lines have a day before that of an earlier line, or after today: the clock was changed."""
    latest, today = "", dt.datetime.now(dt.UTC).date().isoformat()
    for entry in entries:
        day = entry.when[:10]
        if day < latest:
            yield f"line {entry.line} has an earlier day than a line before it"
        elif day > today:
            yield f"line {entry.line} has a day after today"
        latest = max(latest, day)


def _flatten(content: Mapping[str, Any], parents: Iterable[str] = ()) -> dict[str, Any]:
    """Return the keys of nested tables, joined by dots."""
    flat: dict[str, Any] = {}
    for key, value in content.items():
        path = (*parents, key)
        flat.update(_flatten(value, path) if isinstance(value, Mapping) else {".".join(path): value})
    return flat


def _parse_line(line: LogLine) -> RegisteredHypothesis | None:
    """Return a line as an entry; None if a field is missing, unknown or of another type."""
    try:
        entry = RegisteredHypothesis(**{**(line.fields or {}), "line": line.number})
        dt.datetime.fromisoformat(entry.when)
    except (TypeError, ValueError):
        return None
    texts = (entry.name, entry.digest, entry.outcomes, entry.by, entry.when)
    numbers = (entry.n_outcomes, entry.n_rows)
    is_right = all(isinstance(one, str) for one in texts) and all(type(one) is int for one in numbers)
    return entry if is_right and isinstance(entry.hypothesis, dict) else None
