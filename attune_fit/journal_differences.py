"""Where the events of the journal and the last export differ."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from attune_fit.data.journal.applying.cell_settlement import SettledEvent, find_cell_table

if TYPE_CHECKING:
    from attune_fit.clinic_session import ClinicSession

FIRST_TIME = dt.datetime.min.replace(tzinfo=dt.UTC)


def list_differences(session: ClinicSession) -> tuple[SettledEvent, ...]:
    """Return where events and the last export differ, by event.

    An event that the export does not show yet is listed only if the file of its table was written after the event was
    recorded: that export is newer, so the clinic can have changed the cell back.
    """
    applied = session.applied_journal
    recorded = {event.number: event.at for event in session.journal_events}
    written = _read_export_times(session)
    late = [
        one for one in applied.pending
        if (written_at := written.get(find_cell_table(one.cell))) is not None and written_at > recorded[one.number]
    ]  # fmt: skip
    return tuple(sorted([*applied.settled, *late]))


def _read_export_times(session: ClinicSession) -> dict[str, dt.datetime]:
    """Return when the file of each table was written; wishes in columns of the clients are in the clients' file."""
    times: dict[str, dt.datetime] = {}
    for file in session.exported_tables.files:
        try:
            seconds = (session.clinic.folder / file.file).stat().st_mtime
        except OSError:  # moved away since it was read
            continue
        times[file.table] = max(times.get(file.table, FIRST_TIME), dt.datetime.fromtimestamp(seconds, dt.UTC))
    return {**({"preferences": times["clients"]} if "clients" in times else {}), **times}
