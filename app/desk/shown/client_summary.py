"""The client of a page: what the title line shows, and the state that decides which action comes next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from attune_fit.app.desk.rendering import format_weeks
from attune_fit.app.desk.wording.code_words import format_codes, format_first_capital, list_codes

if TYPE_CHECKING:
    from attune_fit.client_record import ClientRecord
    from attune_fit.data.clinic.pair_states import Offer
    from attune_fit.journal_records import ListedEvent
    from attune_fit.workspace import Workspace

TITLE_CELLS = (("Payer", "payer", ","), ("Session", "formats", "or"), ("Concerns", "presenting_problems", ","))


@dataclass(frozen=True)
class ClientSummary:
    """One client, as the head of a page shows the client.

    Attributes
    ----------
    record : ClientRecord
    facts : tuple of (str, str)
        Label and text of the title line; a cell that is not known is left out.
    offers : tuple of Offer
        Open and accepted offers; accepted first.
    in_therapy_with : tuple of str
        Ids of the therapists whom the client has met, without those of an end in the journal; the latest last.
    declined : tuple of str
        Ids of the therapists whose last offer was declined.
    """

    record: ClientRecord
    facts: tuple[tuple[str, str], ...]
    offers: tuple[Offer, ...]
    in_therapy_with: tuple[str, ...]
    declined: tuple[str, ...]

    @property
    def client_id(self) -> str:
        """Id of the client."""
        return self.record.client_id

    @property
    def state(self) -> str:
        """State of the client, as :class:`ClientRecord` has it."""
        return self.record.state

    @property
    def expired(self) -> tuple[Offer, ...]:
        """Offers that ended without an answer."""
        return self.record.expired

    @property
    def formats(self) -> list[str]:
        """Codes of the formats that the client accepts; empty where unknown."""
        return list_codes(self.record.cells.get("formats"))

    @property
    def payer(self) -> str:
        """Code of the payer; empty where unknown."""
        return "".join(list_codes(self.record.cells.get("payer"))[:1])

    def find_offer(self, therapist_id: str) -> Offer | None:
        """Return the open or accepted offer of a therapist; None without one."""
        return next((offer for offer in self.offers if offer.therapist_id == therapist_id), None)


def summarize_client(workspace: Workspace, client_id: str) -> ClientSummary:
    """Return the head of a client's page; raises as ``Workspace.client``."""
    return summarize_record(workspace.client(client_id).result)


def summarize_record(record: ClientRecord) -> ClientSummary:
    """Return the head of a client's page from the record of the client."""
    last = _find_last_types(record.events)
    in_therapy = tuple(one for one in record.met if last.get(one) != "ended") if record.state != "ended" else ()
    return ClientSummary(
        record,
        list_title_facts(record.cells, record.days_waited),
        tuple(sorted(record.offers, key=lambda offer: (offer.state != "accepted", offer.therapist_id))),
        in_therapy,
        tuple(sorted(therapist for therapist, type_ in last.items() if type_ == "declined")),
    )


def list_title_facts(cells: Mapping[str, Any], days_waited: float | None) -> tuple[tuple[str, str], ...]:
    """Return label and text of each fact in the title line; what is not known is left out.

    >>> list_title_facts({"payer": "plan a"}, 371)
    (('Waiting', '53 weeks'), ('Payer', 'plan a'))
    >>> list_title_facts({"priority": "urgent"}, None)
    (('Priority', 'Urgent'),)
    """
    priority = format_first_capital(format_codes(cells.get("priority")))
    texts = [(label, format_codes(cells.get(column), last=last)) for label, column, last in TITLE_CELLS]
    return tuple(fact for fact in (("Priority", priority), ("Waiting", format_weeks(days_waited)), *texts)
                 if fact[1].lower() != "not known")  # fmt: skip


def _find_last_types(events: tuple[ListedEvent, ...]) -> dict[str, str]:
    """Return the type of the last event about each pair of the client, by therapist; undone events do not count."""
    return {
        str(one.event.therapist_id): one.event.type
        for one in events
        if one.undone_by is None and one.event.type in ("offered", "accepted", "declined", "started", "ended")
    }
