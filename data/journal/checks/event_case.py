"""An event that a person wants to record, with the facts about its people that the checks of events need."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from attune_fit.data.cell_parsing import normalize_code
from attune_fit.data.clinic.columns import TABLE_ID_COLUMNS
from attune_fit.data.clinic.pair_states import Offer, Pair
from attune_fit.data.journal.events.event_types import EventType
from attune_fit.data.outcomes.openings import OPEN_SLOTS, UPDATED_ON, count_openings, count_starts

if TYPE_CHECKING:
    import pandas as pd

    from attune_fit.data.clinic.tables import Tables
    from attune_fit.data.journal.journal_event import JournalEvent
    from attune_fit.data.journal.journal_state import JournalState

PERSON_KEYS = {"client": "clients", "therapist": "therapists"}  # the table of each person


@dataclass(frozen=True)
class EventCase:
    """An event before it is checked.

    Attributes
    ----------
    state : JournalState
        What it is checked against.
    type : EventType
    client_id, therapist_id : str or None
        As given, without outer spaces.
    on : date
        The day on which it happened.
    fields : mapping
        The fields that could be read, in the types of JSON. One with a fault is left out.
    new_codes : bool
        Whether a code can be one that no one has yet.
    given : frozenset of str
        Names of all fields that were given, those with a fault too.
    """

    state: JournalState
    type: EventType
    client_id: str | None
    therapist_id: str | None
    on: dt.date
    fields: Mapping[str, Any]
    new_codes: bool = False
    given: frozenset[str] = frozenset()

    @property
    def tables(self) -> Tables:
        """The tables now."""
        return self.state.tables

    @property
    def pair(self) -> Pair:
        """The client and the therapist; only where both are given."""
        return Pair(str(self.client_id), str(self.therapist_id))

    def get_id(self, person: str) -> str | None:
        """Return the id of the ``client`` or ``therapist``."""
        return self.client_id if person == "client" else self.therapist_id

    def is_known(self, person: str) -> bool:
        """Return whether the ``client`` or ``therapist`` is in the tables."""
        table = PERSON_KEYS[person]
        return bool((getattr(self.tables, table)[TABLE_ID_COLUMNS[table]] == self.get_id(person)).any())

    def get_row(self, person: str) -> pd.Series:
        """Return the row of the ``client`` or ``therapist``, who is in the tables."""
        table = PERSON_KEYS[person]
        frame: pd.DataFrame = getattr(self.tables, table)
        row: pd.Series = frame[frame[TABLE_ID_COLUMNS[table]] == self.get_id(person)].iloc[0]
        return row

    def is_unreadable(self, table: str, name: str) -> bool:
        """Return whether the export has a cell in this column of the person of ``table`` that cannot be read.

        A cell that sets its person aside is known by the fault about it, others by ``tables.unreadable``.
        """
        one = self.client_id if table == "clients" else self.therapist_id
        header = getattr(self.state.clinic.config.tables, table).get_header(name)
        faults = (fault for fault in self.tables.warnings if fault.table == table and one in fault.sets_aside)
        is_aside = any(normalize_code(fault.column) in (name, normalize_code(header)) for fault in faults)
        return is_aside or one in self.tables.list_unreadable_ids(table, name)

    def find_last(self, *types: str) -> JournalEvent | None:
        """Return the newest event of these types about the pair that was not taken back; None for none."""
        return self.state.find_last(self.client_id, self.therapist_id, *types)

    @property
    def own_offer(self) -> Offer | None:
        """The open or accepted offer of the pair today; None for none."""
        return next((offer for offer in self.tables.pair_states.offers if offer[:2] == self.pair), None)

    @property
    def last_offer(self) -> JournalEvent | None:
        """The event ``offered`` or ``accepted`` of the pair that no later event ended; its last day can be over.

        A decline or an end of the pair ends it, and so does a start of the client with any therapist.
        """
        for event in self.state.iterate_events("offered", "accepted", "declined", "ended", "started"):
            is_pair = (event.client_id, event.therapist_id) == self.pair
            if is_pair or (event.type == "started" and event.client_id == self.client_id):
                return event if event.type in ("offered", "accepted") else None
        return None

    @property
    def holder_ids(self) -> list[str]:
        """Ids of the other clients who hold an opening of the therapist by an offer."""
        offers = self.tables.pair_states.offers
        return [one.client_id for one in offers if one.therapist_id == self.therapist_id and one[:2] != self.pair]

    @property
    def records(self) -> pd.DataFrame:
        """The rows of outcomes of the pair."""
        outcomes = self.tables.outcomes
        return outcomes[(outcomes["client_id"] == self.client_id) & (outcomes["therapist_id"] == self.therapist_id)]

    @property
    def has_met(self) -> bool:
        """Whether any record shows that the pair has started, also one whose day cannot be read."""
        others = self.tables.opening_records
        is_own = (others["client_id"] == self.client_id) & (others["therapist_id"] == self.therapist_id)
        return len(self.records) > 0 or bool(is_own.any())

    @property
    def is_over(self) -> bool:
        """Whether the pair ended after its last start. A start in the journal is later than a dropout of the export."""
        if self.pair in self.tables.pair_states.ended:
            return True
        return self.find_last("started") is None and bool((self.records["dropped_out"] == "yes").any())

    @property
    def openings(self) -> float:
        """The number of openings of the therapist now, less those held by offers; NaN where it is not known."""
        return float(count_openings(self.tables)[self._therapist_row])

    @property
    def openings_before_offers(self) -> float:
        """The number of openings of the therapist, those held by offers among them; NaN where it is not known."""
        left = float(self.get_row("therapist")[OPEN_SLOTS]) - float(count_starts(self.tables)[self._therapist_row])
        return left if left != left or left > 0 else 0.0  # NaN stays NaN

    @property
    def checked_on(self) -> dt.date | None:
        """The day of the last check of the therapist's row; None where it is not known."""
        day = self.get_row("therapist")[UPDATED_ON]
        return None if day != day else day.date()

    @property
    def _therapist_row(self) -> int:
        ids = self.tables.therapists["therapist_id"]
        return int((ids == self.therapist_id).to_numpy().argmax())
