"""One state of an open clinic: what was read of its folder, each part when it is first needed."""

from __future__ import annotations

import operator
import os
import re
import threading
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from attune_fit.data.formats.server_watch import ServerWatch
from attune_fit.data.storage.atomic_write import JOURNAL_FILE
from attune_fit.data.storage.file_watch import FileWatch

if TYPE_CHECKING:
    from attune_fit.data.arrays import Indices
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.tables import Tables
    from attune_fit.data.journal.applying.applied_journal import AppliedJournal
    from attune_fit.data.journal.journal_event import JournalEvent
    from attune_fit.data.journal.journal_watch import JournalWatch
    from attune_fit.features.sides import Sides
    from attune_fit.matching.ranking.scored_roster import RosterScorer
    from attune_fit.models.alliance_model import AllianceModel

Value = TypeVar("Value")
# Names in the clinic's folder that change no table: hidden files, locks and drafts of other programs, and what Attune
# writes. But the list of an interrupted write shows that tables are still to be put in place.
IGNORED_NAMES = re.compile(rf"artifacts|(?!{re.escape(JOURNAL_FILE)}$)[.~#].*", re.DOTALL)


class ClinicSnapshot:
    """One state of a clinic. Each part is read when it is first needed, and never changes after that.

    A change on disk makes another snapshot, see :meth:`renew`. It takes over the parts that the change does not touch.
    Where a part that was read again comes out the same, it takes the earlier object, so that what was computed from it
    stays valid. Any number of threads can use a snapshot; each part is read by one of them.

    Parameters
    ----------
    folder : Path
    event : int, optional
        Number of the last event that counts. Default: all events count.
    """

    def __init__(self, folder: Path, event: int | None = None) -> None:
        self.folder = folder
        self.event = event
        self._parts: dict[str, tuple[Any, tuple[object, ...]]] = {}  # each with the objects it was made from
        self._known: dict[str, tuple[Any, tuple[object, ...]]] = {}  # the same of earlier snapshots
        self._stale: frozenset[str] = frozenset()  # parts of which the files have changed since they were known
        self._watches: dict[str, tuple[FileWatch | JournalWatch | ServerWatch, ...]] = {}
        self._lock = threading.RLock()

    @property
    def clinic(self) -> Clinic:
        """The folder, its settings and its instruments."""
        return self._get("clinic", self._open_clinic)

    @property
    def exported_tables(self) -> Tables:
        """The canonical tables as the clinic's software exported them, without the journal."""
        return self._get("exported_tables", self._read_exported_tables)

    @property
    def journal_events(self) -> tuple[JournalEvent, ...]:
        """The events of the journal, up to the event of this snapshot."""
        return self._get("journal_events", self._read_journal_events)

    @property
    def applied_journal(self) -> AppliedJournal:
        """The exported tables with the events of the journal applied, and which events an export settled."""
        return self._get("applied_journal", self._apply_journal)

    @property
    def tables(self) -> Tables:
        """The canonical tables: the last export, with the events of the journal applied, and checked."""
        return self._get("tables", self._check_tables)

    @property
    def sides(self) -> Sides:
        """The clients and therapists of the tables as arrays, which the model and all scorers share."""
        return self._get("sides", self._build_sides)

    @property
    def model(self) -> AllianceModel:
        """The active model."""
        return self._get("model", self._load_model)

    @property
    def waiting_rows(self) -> Indices:
        """Row numbers of the clients who wait; see :func:`find_waiting_clients`."""
        return self._get("waiting_rows", self._find_waiting_rows)

    @property
    def n_scores(self) -> int:
        """Number of outcome records with a score."""
        return self._get("n_scores", self._count_scores)

    def has_part(self, part: str) -> bool:
        """Return whether a part was read, such as ``exported_tables``."""
        return part in self._parts

    def get_scorer(self, seed: int | None) -> RosterScorer:
        """Return the scorer of the roster for a seed; what all clients share is computed once."""
        scorers = self._get("scorers", self._take_scorers)
        if seed not in scorers:
            scorers.setdefault(seed, self._build_scorer(seed))
        return scorers[seed]

    def find_stale(self) -> frozenset[str]:
        """Return the parts whose files, journal or day have changed since they were read.

        It costs a call of the system for each file of the clinic, and one query where the journal is on a server.
        Tables on a server count as changed a minute after they were read. Each change is returned once: call
        :meth:`renew` with the answer.
        """
        watched = list(self._watches.items())  # another thread can read another part meanwhile
        stale = {part for part, watches in watched if max(map(_has_changed, watches), default=False)}
        if "clinic" in stale or (self.has_part("exported_tables") and not self._is_of_today(self.exported_tables)):
            stale.add("exported_tables")  # a new name in the folder can be that of a table
        return frozenset(stale)

    def renew(self, stale: Collection[str], events: tuple[JournalEvent, ...] | None = None) -> ClinicSnapshot:
        """Return another snapshot, in which the ``stale`` parts are read again and the others are taken over.

        Parameters
        ----------
        stale : collection of str
            As :meth:`find_stale` returns them.
        events : tuple of JournalEvent, optional
            Events to show in place of those of the journal.
        """
        new = ClinicSnapshot(self.folder, self.event)
        new._known = {**self._known, **self._parts}
        new._stale = frozenset({*(self._stale - self._parts.keys()), *stale})
        new._watches = dict(self._watches)
        if events is not None:
            new._parts["journal_events"] = events, (self.clinic,)
        return new

    def replace_last_events(self, recorded: tuple[JournalEvent, ...]) -> None:
        """Replace the last events by themselves as they were recorded, with their seals; the tables have them."""
        events, inputs = (*self.journal_events[: -len(recorded)], *recorded), (self.clinic,)
        applied, (clinic, exported, _) = self._parts["applied_journal"]
        self._parts["journal_events"] = events, inputs
        self._parts["applied_journal"] = applied, (clinic, exported, events)

    def _get(self, part: str, make: Callable[[], tuple[Value, tuple[object, ...]]]) -> Value:
        """Return a part; ``make`` returns it with the objects it is made from."""
        if part not in self._parts:
            with self._lock:
                if part not in self._parts:
                    self._parts[part] = make()
                    if part != "scorers":  # of which each is taken over when it is needed
                        self._known.pop(part, None)  # the memory of what was read before
        value: Value = self._parts[part][0]
        return value

    def _take(self, part: str, *inputs: object) -> Any:
        """Return a part of an earlier snapshot whose files have not changed, made from the same objects; else None."""
        value, before = self._known.get(part, (None, ()))
        is_same = len(before) == len(inputs) and all(map(operator.is_, before, inputs))
        return value if is_same and part not in self._stale else None

    def _get_known(self, part: str) -> Any:
        """Return a part of an earlier snapshot, whatever has changed since; None without one."""
        return self._known.get(part, (None, ()))[0]

    def _is_of_today(self, tables: Tables) -> bool:
        from attune_fit.data.clinic.clinic_day import find_today

        return tables.as_of == find_today(self.clinic.config)

    def _open_clinic(self) -> tuple[Clinic, tuple[object, ...]]:
        from attune_fit.data.clinic.clinic import CONFIG_FILE, Clinic

        known = self._take("clinic")
        if known is None:
            watch = FileWatch([self.folder, self.folder / CONFIG_FILE], IGNORED_NAMES)
            clinic, known = Clinic.open(self.folder), self._get_known("clinic")
            self._keep_watches("clinic", watch)
            known = known if known == clinic else clinic
        return known, ()

    def _read_exported_tables(self) -> tuple[Tables, tuple[object, ...]]:
        from attune_fit.data.clinic.clinic_day import find_today
        from attune_fit.data.clinic.tables import take_equal_frames
        from attune_fit.data.reading.read_clinic import read_tables

        clinic = self.clinic
        tables = self._take("exported_tables", clinic)
        if tables is None or not self._is_of_today(tables):
            recorded = self.journal_events[-1].at if self.event is not None else None
            watch = FileWatch(_list_table_files(clinic), IGNORED_NAMES)
            server = ServerWatch(is_needed=clinic.has_server_tables)
            read = read_tables(clinic, find_today(clinic.config, recorded))
            self._keep_watches("exported_tables", watch, server)
            tables = take_equal_frames(read, self._get_known("exported_tables"))
        return tables, (clinic,)

    def _read_journal_events(self) -> tuple[tuple[JournalEvent, ...], tuple[object, ...]]:
        from attune_fit.data.journal.current_tables import read_journal_events
        from attune_fit.data.journal.journal_watch import JournalWatch

        clinic = self.clinic
        events, known = self._take("journal_events", clinic), self._get_known("journal_events")
        if events is None:
            if "journal_events" not in self._stale or "journal_events" not in self._watches:
                self._watches["journal_events"] = (JournalWatch(clinic),)
            read = read_journal_events(clinic, self.event)
            events = known if known == read else read
        return events, (clinic,)

    def _apply_journal(self) -> tuple[AppliedJournal, tuple[object, ...]]:
        from attune_fit.data.clinic.tables import take_equal_frames
        from attune_fit.data.journal.applying.apply_events import apply_events

        inputs = self.clinic, self.exported_tables, self.journal_events
        applied, known = self._take("applied_journal", *inputs), self._get_known("applied_journal")
        if applied is None:
            applied = apply_events(*inputs, known)
            tables = take_equal_frames(applied.tables, None if known is None else known.tables)
            applied = replace(applied, tables=tables)
        return applied, inputs

    def _check_tables(self) -> tuple[Tables, tuple[object, ...]]:
        from attune_fit.config_checks import find_config_faults
        from attune_fit.data.faults import DataFault

        clinic, tables = self.clinic, self.applied_journal.tables
        inputs = clinic, tables.clients, tables.therapists, tables.preferences, tables.outcomes, tables.conflicts
        if self._take("tables", *inputs) is None and (faults := find_config_faults(clinic, tables)):
            raise DataFault((*faults, *tables.warnings), tables.files)
        return tables, inputs

    def _build_sides(self) -> tuple[Sides, tuple[object, ...]]:
        from attune_fit.features.sides import Sides
        from attune_fit.features.sides_carry_over import keep_unchanged_arrays

        tables, known = self.tables, self._get_known("sides")
        sides = self._take("sides", tables)
        if sides is None:
            sides = Sides(tables) if known is None else keep_unchanged_arrays(Sides(tables), known)
        return sides, (tables,)

    def _load_model(self) -> tuple[AllianceModel, tuple[object, ...]]:
        from attune_fit.models.active_model import adapt_to_clinic, list_model_files, load_model
        from attune_fit.models.active_pointer import build_pointer_path, read_active_name

        clinic, tables = self.clinic, self.tables
        inputs = clinic, tables.clients, tables.therapists, tables.preferences
        model = self._take("model", *inputs)
        if model is None:
            pointer = FileWatch([build_pointer_path(clinic)])
            name = read_active_name(clinic)
            bundle = FileWatch(list_model_files(clinic, name))
            model = adapt_to_clinic(clinic, tables, load_model(clinic, tables, name), self.sides)
            self._keep_watches("model", pointer, bundle)
        return model, inputs

    def _take_scorers(self) -> tuple[dict[int | None, RosterScorer], tuple[object, ...]]:
        inputs = self.model, self.clinic, self.tables
        return self._take("scorers", *inputs) or {}, inputs

    def _build_scorer(self, seed: int | None) -> RosterScorer:
        from attune_fit.matching.ranking.scored_roster import RosterScorer
        from attune_fit.matching.ranking.scorer_carry_over import keep_unchanged_results

        inputs = self.model, self.clinic
        scorer = RosterScorer.from_clinic(*inputs, self.tables, seed, self.sides)
        known, before = self._known.get("scorers", ({}, (None, None, None)))
        if seed in known and all(map(operator.is_, before, inputs)):
            keep_unchanged_results(scorer, known[seed])
        if others := {one: other for one, other in known.items() if one != seed}:
            self._known["scorers"] = others, before
        else:
            self._known.pop("scorers", None)
        return scorer

    def _find_waiting_rows(self) -> tuple[Indices, tuple[object, ...]]:
        from attune_fit.data.clinic.waiting_clients import find_waiting_clients

        inputs = self.clinic, self.tables
        rows = self._take("waiting_rows", *inputs)
        return find_waiting_clients(*inputs) if rows is None else rows, inputs

    def _count_scores(self) -> tuple[int, tuple[object, ...]]:
        outcomes = self.tables.outcomes
        known = self._take("n_scores", outcomes)
        return int(outcomes["score"].notna().sum()) if known is None else known, (outcomes,)

    def _keep_watches(self, part: str, *watches: FileWatch | ServerWatch) -> None:
        """Keep the watches that were begun before a part was read; the clinic after an event never changes."""
        if self.event is None:
            for watch in watches:
                watch.finish_reading()
            self._watches[part] = watches


def _has_changed(watch: FileWatch | JournalWatch | ServerWatch) -> bool:
    return bool(watch.find_changed()) if isinstance(watch, FileWatch) else watch.has_changed()


def _list_table_files(clinic: Clinic) -> Iterable[Path]:
    """Yield the files from which tables can be read; the watch of the folder shows a new one in the folder itself."""
    for path in clinic.list_input_paths():
        if path.parent != clinic.folder or os.path.lexists(path):
            yield path
