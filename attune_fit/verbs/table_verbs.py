"""Verbs about a clinic's tables: check, convert."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attune_fit.clinic_session import ClinicSession
from attune_fit.results import Result

if TYPE_CHECKING:
    from attune_fit.data.faults import Fault, ReadFile
    from attune_fit.data.reading.mapping_report import FileReading


def _describe_file(file: FileReading) -> dict[str, Any]:
    """Return how a file was read as types of JSON."""
    headers = [{"header": one.header, "column": one.column, **one.cells._asdict()} for one in file.headers]
    return {key: list(part) if isinstance(part, tuple) else part for key, part in vars(file).items()} | {
        "headers": headers
    }


class TableVerbs(ClinicSession):
    """What can be done with the tables of a clinic as they are."""

    def check(self, *, show_mapping: bool = False) -> Result:
        """List all errors, people set aside and warnings of the clinic's tables and of its ``clinic.toml``.

        Without an error, one warning counts the waiting clients for whom the rules leave no therapist.

        Parameters
        ----------
        show_mapping : bool, default False
            Whether the dict also has the ``mapping``: what :meth:`list_mapping` gives. It reads the tables once more.

        Returns
        -------
        Result
            Of a tuple of :class:`Fault`: errors first, then those that set people aside. The frame has one row for
            each. The dict also has the ``tables`` that were read, the ``absent`` ones, which are optional, and
            ``unused``: the names of files that could hold a table and that no table uses.

        Raises
        ------
        DataFault
            If the folder or ``clinic.toml`` cannot be read at all.

        Examples
        --------
        >>> import attune_fit as af
        >>> af.simulate(clients=40, therapists=6, seed=1).workspace().check()
        errors: 0, warnings: 1

        The warning is that some clients who wait have no candidate.
        """
        from attune_fit.artifact_checks import find_artifact_warnings
        from attune_fit.data.faults import DataFault
        from attune_fit.result_frames import build_faults_frame

        _ = self.clinic  # a folder that cannot be read at all is an error
        try:
            found, files = (*self.tables.warnings, *self._list_candidate_warnings()), self.tables.files
            found = (
                *found,
                *self._list_settled_warnings(),
                *self._list_instrument_warnings(),
                *self._list_code_warnings(),
            )
        except DataFault as error:
            found, files = error.faults, error.files
            if self.snapshot.has_part("exported_tables") and not files:  # only the journal cannot be read
                found, files = (*found, *self.exported_tables.warnings), self.exported_tables.files
        found = (*found, *find_artifact_warnings(self.clinic))
        people = {(one.side, person) for one in found for person in one.sets_aside}
        n_errors, n_aside = sum(one.stops for one in found), sum(bool(one.sets_aside) for one in found)
        counts = {"stops": n_errors, "set_aside": len(people), "notes": len(found) - n_errors - n_aside}
        aside = f", people set aside: {len(people)}" if people else ""
        summary = f"errors: {counts['stops']}{aside}, warnings: {counts['notes']}"
        mapping = {"mapping": self.list_mapping().build_dict()} if show_mapping else {}
        return Result(found, summary, lambda: build_faults_frame(found),
                      lambda: {**counts, **self._describe_files(found, files), **mapping,
                               "faults": [vars(one) for one in found]})  # fmt: skip

    def list_mapping(self) -> Result:
        """List how each file of the clinic was read: the column of each header, and what became of its cells.

        Also where the tables have errors. The journal changes nothing here.

        Returns
        -------
        Result
            Of a tuple of :class:`FileReading`. The frame has one row for each header, with its numbers of cells:
            ``read``, ``unread``, ``unknown`` and ``empty``. An unread cell cannot be read, and an unknown one means
            that the value is not known. Where nothing reads a header, its ``column`` and its numbers are missing.

        Examples
        --------
        >>> import attune_fit as af
        >>> af.simulate(clients=40, therapists=6, seed=1).workspace().list_mapping()
        headers read: 61, not read: 0; cells that cannot be read: 0

        Raises
        ------
        DataFault
            If the folder or ``clinic.toml`` cannot be read at all.
        """
        from attune_fit.data.reading.read_clinic import read_mapping
        from attune_fit.result_frames import build_mapping_frame

        found = read_mapping(self.clinic)
        n_unread = sum(one.cells.unread for file in found for one in file.headers)
        n_unused = sum(len(file.unused) for file in found)
        summary = f"headers read: {sum(len(file.headers) for file in found)}, not read: {n_unused}; " \
                  f"cells that cannot be read: {n_unread:,}"  # fmt: skip
        return Result(found, summary, lambda: build_mapping_frame(found), lambda: list(map(_describe_file, found)))

    def _describe_files(self, faults: Sequence[Fault], files: Sequence[ReadFile]) -> dict[str, Any]:
        """Return the tables that were read, the optional ones without a file, and the files that no table uses."""
        from attune_fit.data.clinic.columns import TABLES
        from attune_fit.data.reading.rows.unused_files import list_unused_files

        there = {one.table for one in files} | {fault.table for fault in faults if fault.stops}
        if self.clinic.config.tables.preferences.wishes:
            there.add("preferences")  # columns of the clients' file hold them
        read = [{**one._asdict(), "table": one.table if one.table in TABLES else None} for one in dict.fromkeys(files)]
        absent = [table for table in TABLES if table not in there]
        return {"tables": read, "absent": absent, "unused": list_unused_files(self.clinic)}

    def _list_candidate_warnings(self) -> tuple[Fault, ...]:
        """Return the warning about waiting clients without a candidate; empty where each has one."""
        from attune_fit.data.clinic.waiting_clients import find_waiting_clients
        from attune_fit.matching.eligibility.candidate_counts import (
            build_candidate_warning,
            find_clients_without_candidate,
        )

        waiting = find_waiting_clients(self.clinic, self.tables)
        gap = find_clients_without_candidate(self.clinic, self.tables, waiting)
        warning = build_candidate_warning(gap, str(self.folder))
        return () if warning is None else (warning,)

    def _list_instrument_warnings(self) -> tuple[Fault, ...]:
        """Return the warning about instruments that go with therapists; empty where none is needed."""
        from attune_fit.data.outcomes.instrument_use import find_instrument_warning

        warning = find_instrument_warning(self.tables, self.clinic.instruments)
        return () if warning is None else (warning,)

    def _list_code_warnings(self) -> tuple[Fault, ...]:
        """Return a warning for each code of the clinic's own features that no row has."""
        from attune_fit.features.custom_features import find_missing_codes

        return find_missing_codes(self.clinic.config.features, self.tables)

    def _list_settled_warnings(self) -> tuple[Fault, ...]:
        """Return the warning about events of the journal that differ from a later export; empty where none does."""
        from attune_fit.data.command_words import format_word
        from attune_fit.data.faults import Fault
        from attune_fit.journal_differences import list_differences

        settled = list_differences(self)
        numbers = {one.number for one in settled}
        if not numbers:
            return ()
        n_gone = len({one.number for one in settled if one.why.startswith("person-")})
        events = "1 event differs" if len(numbers) == 1 else f"{len(numbers):,} events differ"
        gone = f", {n_gone:,} of them about people who are no longer there" if n_gone else ""
        fix = f"To see which of the two Attune takes: attune journal {format_word(self.folder)} --settled"
        return (Fault.warning("journal-settled", "journal", "", f"{events} from the last export{gone}", fix=fix),)

    def convert(self, target: Path | str) -> Result:
        """Write the clinic's tables in canonical form, as CSV with a ``clinic.toml``; they read back the same.

        They are the last export with the events of the journal applied. What no table can hold, such as an offer, is a
        note of the result.

        Parameters
        ----------
        target : Path or str
            A new folder, or one that an earlier conversion wrote.

        Returns
        -------
        Result
            Of a dict: ``out``, the ``rows`` of each table, their ``digest``, and the number of ``notes`` (warnings).
            The frame has one row for each table.

        Raises
        ------
        DataFault
            If the tables have errors, or the folder contains this or another clinic. Nothing is written then.
        """
        import pandas as pd

        from attune_fit.data.clinic.columns import TABLES
        from attune_fit.data.formats.table_formats import CANONICAL_SUFFIX
        from attune_fit.data.writing.canonical_export import list_unwritable_states, replace_pair_states, write_tables
        from attune_fit.data.writing.output_path import check_output_folder

        check_output_folder(self.clinic, Path(target))
        tables = self.applied_journal.tables  # not self.tables: a fault of a rule or a feature concerns no table
        write_tables(tables, Path(target), self.clinic.config)
        rows = {name: len(getattr(tables, name)) for name in TABLES}
        digest = replace_pair_states(tables).digest()  # of what was written, and reads back
        one = {"out": str(target), "rows": rows, "digest": digest, "notes": len(tables.warnings)}
        files = [f"{name}{CANONICAL_SUFFIX}" for name in rows]
        return Result(one, f"{len(rows)} tables in {target}",
                      lambda: pd.DataFrame({"table": files, "rows": list(rows.values())}), lambda: one,
                      list_unwritable_states(tables))  # fmt: skip
