"""The client of a page: what the title line shows, and the state that decides which action comes next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from attune_fit.app.desk.rendering import format_weeks
from attune_fit.app.desk.wording.code_words import format_codes, list_codes

if TYPE_CHECKING:
    from attune_fit.data.clinic.pair_states import Offer
    from attune_fit.workspace import Workspace

ClientStage = Literal["waiting", "offered", "accepted", "in therapy", "ended", "withdrawn"]
TITLE_CELLS = (("Payer", "payer", ","), ("Session", "formats", "or"), ("Concerns", "presenting_problems", ","))


@dataclass(frozen=True)
class ClientSummary:
    """One client, as the head of a page shows the client.

    Attributes
    ----------
    client_id : str
    facts : tuple of (str, str)
        Label and text of the title line.
    payer : str
        Code of the payer; empty where unknown.
    formats : tuple of str
        Codes of the formats that the client accepts.
    stage : {"waiting", "offered", "accepted", "in therapy", "ended", "withdrawn"}
        The furthest that the client has come, by what is open now. A client after a decline or an expired offer waits.
    offers : tuple of Offer
        Open and accepted offers; accepted first.
    expired : tuple of Offer
        Offers that ended without an answer.
    declined : tuple of str
        Ids of the therapists whose last offer was declined.
    therapists_met : tuple of str
        Ids, the latest last.
    in_therapy_with : tuple of str
        Those of them without an end.
    """

    client_id: str
    facts: tuple[tuple[str, str], ...]
    payer: str
    formats: tuple[str, ...]
    stage: ClientStage
    offers: tuple[Offer, ...]
    expired: tuple[Offer, ...]
    declined: tuple[str, ...]
    therapists_met: tuple[str, ...]
    in_therapy_with: tuple[str, ...]

    def find_offer(self, therapist_id: str) -> Offer | None:
        """Return the open or accepted offer of a therapist; None without one."""
        return next((offer for offer in self.offers if offer.therapist_id == therapist_id), None)


def summarize_client(workspace: Workspace, client_id: str) -> ClientSummary:
    """Return the head of a client's page.

    Raises
    ------
    DataFault
        If no client has this id.
    """
    record = _read_record(workspace, client_id)
    states = workspace.tables.pair_states
    mine = [offer for offer in states.offers if offer.client_id == client_id]
    ended = {pair.therapist_id for pair in states.ended if pair.client_id == client_id}
    met = tuple(record.met)
    current = tuple(one for one in met if one not in ended)
    stage = _find_stage(mine, met, current, is_withdrawn=client_id in states.withdrawn)
    return ClientSummary(
        client_id,
        list_title_facts(record.cells, record.days_waited, waits=stage in ("waiting", "offered", "accepted")),
        "".join(list_codes(record.cells.get("payer"))),
        tuple(list_codes(record.cells.get("formats"))),
        stage,
        tuple(sorted(mine, key=lambda offer: (offer.state != "accepted", offer.therapist_id))),
        tuple(offer for offer in states.expired if offer.client_id == client_id),
        tuple(sorted(pair.therapist_id for pair in states.declined if pair.client_id == client_id)),
        met,
        current,
    )


def list_title_facts(
    cells: dict[str, Any], days_waited: float | None, *, waits: bool = True
) -> tuple[tuple[str, str], ...]:
    """Return label and text of each fact in the title line; a cell that is not known is left out."""
    known = [(label, format_codes(cells.get(column), last=last)) for label, column, last in TITLE_CELLS]
    waiting = (("Waiting", format_weeks(days_waited)),) if waits else ()
    return (*waiting, *(fact for fact in known if fact[1] != "not known"))


def _find_stage(
    offers: list[Offer], met: tuple[str, ...], current: tuple[str, ...], *, is_withdrawn: bool
) -> ClientStage:
    if any(offer.state == "accepted" for offer in offers):
        return "accepted"
    if offers:
        return "offered"
    if is_withdrawn:
        return "withdrawn"
    if current:
        return "in therapy"
    return "ended" if met else "waiting"


def _read_record(workspace: Workspace, client_id: str) -> Any:
    """Return the record of a client."""
    if hasattr(workspace, "client"):
        return workspace.client(client_id).result
    from types import SimpleNamespace

    import pandas as pd

    from attune_fit.data.outcomes.openings import list_met_therapists
    from attune_fit.matching.ranking.rank import find_row

    tables = workspace.tables
    cells = tables.clients.iloc[find_row(tables, "clients", client_id)].to_dict()
    days = (pd.Timestamp(tables.as_of) - cells["referred_on"]).days if not pd.isna(cells["referred_on"]) else None
    return SimpleNamespace(cells=cells, days_waited=days, met=list_met_therapists(tables).get(client_id, ()))
