"""Relaxations: kinds of change that make more therapists eligible, one row for each, and who can make it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Literal

from attune_fit.data.fault_collector import suggest_name
from attune_fit.data.faults import DataFault, Fault
from attune_fit.matching.eligibility.rules import RULES
from attune_fit.matching.relaxation.table_edits import (
    ChoiceFunction,
    EditFunction,
    add_age,
    add_code,
    keep_cells,
    list_client_cell,
    list_client_codes,
    list_missing_columns,
    list_no_choice,
    list_other_codes,
    list_today,
    list_wishes,
    open_one_slot,
    remove_codes,
    renew_date,
    replace_cells,
    weaken_strength,
)

if TYPE_CHECKING:
    from attune_fit.data.clinic.settings import Config

RelaxationSide = Literal["client", "therapist", "clinic"]

# Effort of a change. Efforts of several changes add up, so that two calls come before a wish that is given up.
CHECK_EFFORT = 1  # look up or ask one fact; no person has to agree
CALL_EFFORT = 2  # one call: the therapist has to agree
CLIENT_EFFORT = 3  # one call: the client has to agree to other circumstances
WISH_EFFORT = 4  # the client gives up part of a wish
ROSTER_EFFORT = 5  # months: a licence, a contract, a language
EFFORT_RULE = (
    f"Least effort first: a check or a question counts {CHECK_EFFORT}, a therapist's agreement {CALL_EFFORT}, the "
    f"client's agreement {CLIENT_EFFORT}, a wish given up {WISH_EFFORT}. Efforts add up. Then fewest changes, fewest "
    "of them by the client, most therapists added."
)


@dataclass(frozen=True)
class Relaxation:
    """One kind of change.

    Attributes
    ----------
    name : str
        Name, as in ``relax.off`` of ``clinic.toml``.
    side : {"client", "therapist", "clinic"}
        Who can make the change: the client, if asked; a therapist, for this one client; the clinic, for all clients.
    rules : tuple of str
        Names of the rules the change can lift; each :class:`TableChange` is meant to lift one of them.
    changed_column : str
        ``table.column`` of the changed cells; empty where the change is to ask for an unknown cell.
    choices : callable
        Takes tables and the client's row, and the settings named in ``settings`` as keywords; returns the choices.
    edit : callable
        Takes cells and a code; returns the changed cells.
    effort : int
        What the change asks of people, >= 1; the options of a client are sorted by the sum of it.
    template : str
        The change as a clause without a full stop, with the places ``{code}``, ``{attribute}`` and ``{unknown}``.
    request : str
        The change as a request to the people who can make it, in the same form, also with the place ``{therapists}``.
        Empty: ``template`` serves.
    counted_by : {"therapist", "code", ""}
        What the capacity report counts the change by; empty where only the client can make it.
    is_immediate : bool
        Whether the change can help one waiting client now. Other changes take months and concern roster planning.
    settings : tuple of str
        Names of the :class:`RelaxationSettings` fields that ``choices`` takes.
    """

    name: str
    side: RelaxationSide
    rules: tuple[str, ...]
    changed_column: str
    choices: ChoiceFunction
    edit: EditFunction
    effort: int
    template: str
    request: str = ""
    counted_by: Literal["therapist", "code", ""] = ""
    is_immediate: bool = True
    settings: tuple[str, ...] = ()


ALWAYS_KNOWN_RULES = frozenset({"conflict", "declined"})  # no question is open; and no relaxation lifts one of them
ASKABLE_RULES = tuple(rule.name for rule in RULES if rule.name not in ALWAYS_KNOWN_RULES)
INTAKE_RULES = tuple(  # rules that read a cell of the client
    rule.name for rule in RULES if any(place.startswith("clients.") for place in rule.input_columns)
)

RELAXATIONS: tuple[Relaxation, ...] = (
    Relaxation(
        "opening", "therapist", ("open_slots",), "therapists.open_slots", list_no_choice, open_one_slot,
        CALL_EFFORT, "the therapist has one more opening",
        "Ask {therapists} to take one more client",
        counted_by="therapist",
    ),
    Relaxation(
        "checked", "therapist", ("roster_age",), "therapists.updated_on", list_today, renew_date,
        CHECK_EFFORT, "the therapist confirms openings and hours",
        "Ask {therapists} whether openings and hours are still right",
        counted_by="therapist",
    ),
    Relaxation(
        "asked", "therapist", ASKABLE_RULES, "", list_no_choice, keep_cells,
        CHECK_EFFORT, "the therapist is asked {unknown}", "Ask {therapists} {unknown}",
        counted_by="therapist",
    ),
    Relaxation(
        "intake", "client", INTAKE_RULES, "", list_missing_columns, keep_cells,
        CHECK_EFFORT, "the client is asked for the {code}", "Ask the client for the {code}",
    ),
    Relaxation(
        "problem", "therapist", ("problems_not_taken",), "therapists.problems_not_taken",
        partial(list_client_cell, column="presenting_problems"), remove_codes,
        CALL_EFFORT, "the therapist agrees to treat the client's problems",
        "Ask {therapists} to treat the client's problems",
        counted_by="therapist",
    ),
    Relaxation(
        "age", "therapist", ("age_group",), "therapists.age_groups", partial(list_client_codes, column="age"), add_age,
        CALL_EFFORT, "the therapist agrees to take a client of this age",
        "Ask {therapists} to take a client of this age",
        counted_by="therapist",
    ),
    Relaxation(
        "hours", "therapist", ("slot",), "therapists.availability",
        partial(list_client_codes, column="availability"), add_code,
        CALL_EFFORT, "the therapist works {code}", "Ask {therapists} to work {code}",
        counted_by="code",
    ),
    Relaxation(
        "setting", "therapist", ("format",), "therapists.formats",
        partial(list_client_codes, column="formats"), add_code,
        CALL_EFFORT, "the therapist offers {code}", "Ask {therapists} to offer {code}",
        counted_by="code",
    ),
    Relaxation(
        "slot", "client", ("slot",), "clients.availability",
        partial(list_other_codes, column="availability", offered="availability"), add_code,
        CLIENT_EFFORT, "the client also comes {code}", "Ask the client to come {code} too",
    ),
    Relaxation(
        "format", "client", ("format",), "clients.formats",
        partial(list_other_codes, column="formats", offered="formats"), add_code,
        CLIENT_EFFORT, "the client also accepts {code}", "Ask the client to accept {code} too",
    ),
    Relaxation(
        "language", "client", ("language",), "clients.languages",
        partial(list_other_codes, column="languages", offered="languages"), add_code,
        CLIENT_EFFORT, "therapy can also be in {code}, if the client speaks it",
        "Ask the client whether therapy can also be in {code}",
    ),
    Relaxation(
        "payer", "client", ("payer",), "clients.payer",
        partial(list_other_codes, column="payer", offered="payers"), replace_cells,
        CLIENT_EFFORT, "the payer is {code}", "Ask the client whether {code} can pay",
        settings=("payers",),
    ),
    Relaxation(
        "must", "client", ("must",), "preferences.strength", partial(list_wishes, strength="must"), weaken_strength,
        WISH_EFFORT, "the client changes {attribute}: {code} from must to prefer",
        "Ask the client to change {attribute}: {code} from must to prefer",
    ),
    Relaxation(
        "never", "client", ("never",), "preferences.strength", partial(list_wishes, strength="never"), weaken_strength,
        WISH_EFFORT, "the client changes {attribute}: {code} from never to avoid",
        "Ask the client to change {attribute}: {code} from never to avoid",
    ),
    Relaxation(
        "panel", "clinic", ("payer",), "therapists.payers",
        partial(list_client_codes, column="payer"), add_code,
        ROSTER_EFFORT, "the therapist accepts {code} as the payer",
        counted_by="code",
        is_immediate=False,
    ),
    Relaxation(
        "licence", "clinic", ("region",), "therapists.licensed_regions",
        partial(list_client_codes, column="region"), add_code,
        ROSTER_EFFORT, "the therapist gets a licence for {code}",
        counted_by="code",
        is_immediate=False,
    ),
    Relaxation(
        "speaks", "clinic", ("language",), "therapists.languages",
        partial(list_client_codes, column="languages"), add_code,
        ROSTER_EFFORT, "the therapist speaks {code}",
        counted_by="code",
        is_immediate=False,
    ),
)  # fmt: skip


def select_relaxations(config: Config) -> tuple[Relaxation, ...]:
    """Return the rows of :data:`RELAXATIONS` that a clinic uses, with the clinic's settings.

    Raises
    ------
    DataFault
        If a name in ``relax.off`` is no relaxation; one fault for each, with the closest known name.
    """
    known = [row.name for row in RELAXATIONS]
    unknown = [name for name in config.relax.off if name not in known]
    if unknown:
        raise DataFault(
            Fault.error(
                "unknown-relaxation",
                "clinic.toml",
                "relax.off",
                f"no relaxation is called `{name}`",
                fix=suggest_name(name, known),
            )
            for name in unknown
        )
    kept_rows = (row for row in RELAXATIONS if row.name not in config.relax.off)
    return tuple(
        replace(row, choices=partial(row.choices, **{name: getattr(config.relax, name) for name in row.settings}))
        for row in kept_rows
    )
