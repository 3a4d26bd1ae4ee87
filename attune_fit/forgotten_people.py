"""People whom the journal forgets: not while the export still has them, for what restricts them would be lost."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from attune_fit.data.faults import DataFault

if TYPE_CHECKING:
    from attune_fit.clinic_session import ClinicSession

LOST_NOUNS = {  # what one event of a type, and several, are called where they are counted
    "conflict_set": ("conflict", "conflicts"),
    "declined": ("decline", "declines"),
    "started": ("start", "starts"),
    "wish_set": ("wish", "wishes"),
    "client_changed": ("change", "changes"),
}


def check_not_in_export(session: ClinicSession, side: str, id_: str) -> None:
    """Check that the export no longer has a client or therapist whom the journal is to forget.

    Parameters
    ----------
    session : ClinicSession
    side : {"client", "therapist", "actor"}
        An actor is in no table.
    id_ : str

    Raises
    ------
    DataFault
        If it has; with the number of events that would no longer restrict or describe the person.
    """
    column = f"{side}_id"
    people = {"client": session.exported_tables.clients, "therapist": session.exported_tables.therapists}.get(side)
    if people is None or id_ not in set(people[column]):
        return
    undone = session.applied_journal.undone
    counts = Counter(
        LOST_NOUNS[event.type] for event in session.journal_events
        if getattr(event, column) == id_ and event.number not in undone and event.type in LOST_NOUNS
    )  # fmt: skip
    listed = ", ".join(f"{n} {one if n == 1 else many}" for (one, many), n in counts.items())
    lost = f", and the journal has {listed} of this person" if listed else ""
    message = f"the last export still has {side} {id_}{lost}"
    fix = f"All of it would be lost, also what restricts. Delete the {side} from the export first, then forget."
    raise DataFault.error("person-still-in-tables", "journal", column, message, fix=fix)
