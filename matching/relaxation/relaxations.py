"""What may change so that more therapists can be offered: one row for one kind of change, and who can make it."""

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


@dataclass(frozen=True)
class Relaxation:
    """One kind of change.

    Attributes
    ----------
    name : str
        As in ``relax.off`` of ``clinic.toml``.
    side : {"client", "therapist", "clinic"}
        Who can make it: the client, if asked; a therapist, for this one client; the clinic, for everyone.
    rules : tuple of str
        Names of the rules it can lift; a change is aimed at one of them.
    changed_column : str
        ``table.column`` of the cells it changes; empty where it only asks for what is not known.
    choices : callable
        Takes tables and the client's row, and the settings named in ``settings`` as keywords; returns what there is to
        choose from.
    edit : callable
        Takes cells and a code; returns the cells as they would be.
    template : str
        The change as a clause without a full stop; ``{code}``, ``{attribute}`` and ``{unknown}`` are filled in.
    counted_by : {"therapist", "code", ""}
        What `capacity` counts it by; empty where only the client can make it.
    is_immediate : bool
        Whether it can be made for one client who waits; what takes months is for whoever plans the roster.
    settings : tuple of str
        Names of :class:`RelaxationSettings` fields that ``choices`` is given.
    """

    name: str
    side: RelaxationSide
    rules: tuple[str, ...]
    changed_column: str
    choices: ChoiceFunction
    edit: EditFunction
    template: str
    counted_by: Literal["therapist", "code", ""] = ""
    is_immediate: bool = True
    settings: tuple[str, ...] = ()


CLIENT, THERAPISTS = "clients.", "therapists."
ASKABLE_RULES = tuple(
    rule.name for rule in RULES if rule.name != "conflict"
)  # a conflict is never unknown, and never lifted

RELAXATIONS: tuple[Relaxation, ...] = (
    Relaxation(
        "opening", "therapist", ("open_slots",), "therapists.open_slots", list_no_choice, open_one_slot,
        "one opening more",
        counted_by="therapist",
    ),
    Relaxation(
        "checked", "therapist", ("roster_age",), "therapists.updated_on", list_today, renew_date,
        "the roster row checked again",
        counted_by="therapist",
    ),
    Relaxation(
        "asked", "therapist", ASKABLE_RULES, "", list_no_choice, keep_cells,
        "asking {unknown}",
        counted_by="therapist",
    ),
    Relaxation(
        "problem", "therapist", ("problems_not_taken",), "therapists.problems_not_taken",
        partial(list_client_cell, column="presenting_problems"), remove_codes,
        "the therapist agreeing to take what the client comes with",
        counted_by="therapist",
    ),
    Relaxation(
        "age", "therapist", ("age_group",), "therapists.age_groups", partial(list_client_codes, column="age"), add_age,
        "the therapist agreeing to take a client of this age",
        counted_by="therapist",
    ),
    Relaxation(
        "hours", "therapist", ("slot",), "therapists.availability", partial(list_client_codes, column="availability"), add_code,
        "the therapist working {code}",
        counted_by="code",
    ),
    Relaxation(
        "setting", "therapist", ("format",), "therapists.formats", partial(list_client_codes, column="formats"), add_code,
        "the therapist offering {code}",
        counted_by="code",
    ),
    Relaxation(
        "slot", "client", ("slot",), "clients.availability",
        partial(list_other_codes, column="availability", offered="availability"), add_code,
        "the client coming {code} too",
    ),
    Relaxation(
        "format", "client", ("format",), "clients.formats",
        partial(list_other_codes, column="formats", offered="formats"), add_code,
        "the client taking {code} too",
    ),
    Relaxation(
        "language", "client", ("language",), "clients.languages",
        partial(list_other_codes, column="languages", offered="languages"), add_code,
        "therapy in {code} too, if the client can",
    ),
    Relaxation(
        "payer", "client", ("payer",), "clients.payer",
        partial(list_other_codes, column="payer", offered="payers"), replace_cells,
        "{code} as the payer",
        settings=("payers",),
    ),
    Relaxation(
        "must", "client", ("must",), "preferences.strength", partial(list_wishes, strength="must"), weaken_strength,
        "the wish for {attribute}: {code} made a preference",
    ),
    Relaxation(
        "never", "client", ("never",), "preferences.strength", partial(list_wishes, strength="never"), weaken_strength,
        "{attribute}: {code} to avoid, no more ruled out",
    ),
    Relaxation(
        "panel", "clinic", ("payer",), "therapists.payers", partial(list_client_codes, column="payer"), add_code,
        "empanelled with {code}",
        counted_by="code",
        is_immediate=False,
    ),
    Relaxation(
        "licence", "clinic", ("region",), "therapists.licensed_regions", partial(list_client_codes, column="region"), add_code,
        "licensed in {code}",
        counted_by="code",
        is_immediate=False,
    ),
    Relaxation(
        "speaks", "clinic", ("language",), "therapists.languages", partial(list_client_codes, column="languages"), add_code,
        "speaking {code}",
        counted_by="code",
        is_immediate=False,
    ),
)  # fmt: skip


def select_relaxations(config: Config) -> tuple[Relaxation, ...]:
    """Rows of :data:`RELAXATIONS` a clinic proposes, with its own settings.

    Raises
    ------
    DataFault
        If ``relax.off`` names no relaxation; every such name is listed with the known ones.
    """
    known = [row.name for row in RELAXATIONS]
    strange = [name for name in config.relax.off if name not in known]
    if strange:
        raise DataFault(
            Fault.error("clinic.toml", "relax.off", f"no relaxation is called `{name}`", fix=suggest_name(name, known))
            for name in strange
        )
    kept_rows = (row for row in RELAXATIONS if row.name not in config.relax.off)
    return tuple(
        replace(row, choices=partial(row.choices, **{name: getattr(config.relax, name) for name in row.settings}))
        for row in kept_rows
    )
