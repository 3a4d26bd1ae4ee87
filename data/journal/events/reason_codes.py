"""Reason codes: the closed lists from which an event takes its reason, so that no free text is ever kept.

Codes marked with :data:`CDS_HOOKS` are those of HL7's code system of reasons for not following a recommendation, in
CDS Hooks 3.0, so that a clinic's other software can read them. The others are Attune's own.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

Side = Literal["client", "therapist"]

CDS_HOOKS = "http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes"
SIDES: tuple[Side, ...] = ("client", "therapist")


class ReasonCode(NamedTuple):
    """One reason.

    Attributes
    ----------
    code : str
    meaning : str
        For a person who chooses among the codes.
    sides : tuple of {"client", "therapist"}
        Who can give this reason. Only reasons of declined offers differ in it.
    system : str
        The code system from which the code is; empty for Attune's own.
    """

    code: str
    meaning: str
    sides: tuple[Side, ...] = SIDES
    system: str = ""


DECLINE_REASONS: tuple[ReasonCode, ...] = (
    ReasonCode("does-not-align-preferences", "It does not fit the client's wishes.", ("client",), CDS_HOOKS),
    ReasonCode("prefers-alternative", "The client prefers another therapist or another service.", ("client",),
               CDS_HOOKS),
    ReasonCode("recipient-does-not-trust", "The client does not trust this recommendation.", ("client",), CDS_HOOKS),
    ReasonCode("not-convenient-feasible", "Times, place or format do not work.", SIDES, CDS_HOOKS),
    ReasonCode("service-not-available", "The therapist has no opening, or is away.", ("therapist",), CDS_HOOKS),
    ReasonCode("patient-ineligible", "The client needs another treatment than this therapist gives.", ("therapist",),
               CDS_HOOKS),
    ReasonCode("caseload", "The therapist has too many clients, or too many alike.", ("therapist",)),
    ReasonCode("knows-the-other", "They know each other privately.", SIDES),
    ReasonCode("no-answer", "No answer, although the clinic asked again.", SIDES),
    ReasonCode("no-longer-seeks-therapy", "The client no longer wants therapy here.", ("client",)),
    ReasonCode("not-stated", "A reason was not given."),
)  # fmt: skip

END_REASONS: tuple[ReasonCode, ...] = (
    ReasonCode("completed", "The therapy is complete, as client and therapist agreed."),
    ReasonCode("dropped-out", "The client stopped without agreement."),
    ReasonCode("client-request", "The client asked for another therapist."),
    ReasonCode("therapist-request", "The therapist asked for a change."),
    ReasonCode("therapist-left", "The therapist left the clinic, or is away for long."),
    ReasonCode("moved-away", "The client moved, or changed the region."),
    ReasonCode("payer-ended", "The payer stopped paying, or changed."),
    ReasonCode("referred-elsewhere", "The client was referred to another service."),
    ReasonCode("not-stated", "A reason was not given."),
)

CONFLICT_REASONS: tuple[ReasonCode, ...] = (
    ReasonCode("related", "They are relatives."),
    ReasonCode("private-contact", "They know each other privately."),
    ReasonCode("former-therapy", "A former therapy must not be continued."),
    ReasonCode("treats-relative", "The therapist treats a relative or a close contact of the client."),
    ReasonCode("complaint", "There is a complaint between them."),
    ReasonCode("safety", "The safety of one of them requires it."),
    ReasonCode("other-conflict", "Another conflict, which the clinic has in its own file."),
)

OVERRIDE_REASONS: tuple[ReasonCode, ...] = (  # why a therapist further down the list was offered
    ReasonCode("does-not-align-preferences", "The first therapist does not fit what the client wants.",
               system=CDS_HOOKS),
    ReasonCode("prefers-alternative", "The client asked for this therapist.", system=CDS_HOOKS),
    ReasonCode("cultural-religious-reason", "The client has a cultural or religious reason.", system=CDS_HOOKS),
    ReasonCode("not-convenient-feasible", "Times, place or format of the first therapist do not work.",
               system=CDS_HOOKS),
    ReasonCode("service-not-available", "The first therapist has no opening after all, or is away.", system=CDS_HOOKS),
    ReasonCode("too-costly-uncovered", "The first therapist is too costly, or the payer does not pay.",
               system=CDS_HOOKS),
    ReasonCode("patient-ineligible", "The client needs another treatment than the first therapist gives.",
               system=CDS_HOOKS),
    ReasonCode("action-unsuccessful", "An earlier offer or therapy with the first therapist did not work.",
               system=CDS_HOOKS),
    ReasonCode("recipient-concerns-outcomes", "The clinic has a concern about safety, or about the outcome.",
               system=CDS_HOOKS),
    ReasonCode("expert-contradicts", "A supervisor, or the person who referred the client, advised this choice.",
               system=CDS_HOOKS),
    ReasonCode("policy-contradicts", "A rule of the clinic required this choice.", system=CDS_HOOKS),
    ReasonCode("recipient-does-not-trust", "The clinic does not trust this list.", system=CDS_HOOKS),
    ReasonCode("caseload", "The first therapist has many new clients now."),
    ReasonCode("knows-the-other", "Client and first therapist know each other privately."),
    ReasonCode("earlier-therapy", "The client had therapy with this therapist before."),
    ReasonCode("not-stated", "A reason was not given."),
)  # fmt: skip

UNDO_REASONS: tuple[ReasonCode, ...] = (
    ReasonCode("wrong-person", "It was recorded for another client or therapist."),
    ReasonCode("wrong-entry", "A day, number or code was wrong."),
    ReasonCode("recorded-twice", "The same event was recorded before."),
    ReasonCode("did-not-happen", "It did not happen."),
    ReasonCode("decision-changed", "The clinic took its decision back."),
)

WITHDRAWN = "no-longer-seeks-therapy"  # the decline after which the client does not wait
DROPPED_OUT = "dropped-out"  # the end that is a dropout for training and follow-up


def list_codes_of_side(reasons: tuple[ReasonCode, ...], side: str) -> list[str]:
    """Return the codes that one side can give, in the order of the rows.

    >>> list_codes_of_side(DECLINE_REASONS, "therapist")[:2]
    ['not-convenient-feasible', 'service-not-available']
    """
    return [reason.code for reason in reasons if side in reason.sides]
