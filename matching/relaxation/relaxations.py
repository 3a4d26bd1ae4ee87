"""What may change so that more therapists can be offered: one row for one kind of change, and who can make it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Literal

from attune_fit.data.fault_collector import did_you_mean
from attune_fit.data.faults import DataFault, Fault
from attune_fit.matching.eligibility.rules import RULES
from attune_fit.matching.relaxation.table_edits import (  # fmt: skip
    Choices,
    Edit,
    added,
    kept,
    of_age,
    once,
    others,
    own,
    own_cell,
    renewed,
    replaced,
    taken,
    today,
    weaker,
    wished,
    with_room,
)

if TYPE_CHECKING:
    from attune_fit.data.clinic.settings import Config

Side = Literal["client", "therapist", "clinic"]


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
    changes : str
        ``table.column`` of the cells it changes; empty where it only asks for what is not known.
    choices : callable
        Takes tables and the client's row, and the settings named in ``settings`` as keywords; returns what there is to
        choose from.
    edit : callable
        Takes cells and a code; returns the cells as they would be.
    says : str
        The change as a clause without a full stop; ``{code}``, ``{attribute}`` and ``{unknown}`` are filled in.
    by : {"therapist", "code", ""}
        What `capacity` counts it by; empty where only the client can make it.
    now : bool
        Whether it can be made for one client who waits; what takes months is for whoever plans the roster.
    settings : tuple of str
        Names of :class:`attune_fit.data.clinic.settings.Relaxing` fields that ``choices`` is given.
    """

    name: str
    side: Side
    rules: tuple[str, ...]
    changes: str
    choices: Choices
    edit: Edit
    says: str
    by: Literal["therapist", "code", ""] = ""
    now: bool = True
    settings: tuple[str, ...] = ()


CLIENT, THERAPISTS = "clients.", "therapists."
ASKABLE = tuple(rule.name for rule in RULES if rule.name != "conflict")  # a conflict is never unknown, and never lifted

RELAXATIONS: tuple[Relaxation, ...] = (
    Relaxation(
        "opening", "therapist", ("open_slots",), "therapists.open_slots", once, with_room,
        "one opening more",
        by="therapist",
    ),
    Relaxation(
        "checked", "therapist", ("roster_age",), "therapists.updated_on", today, renewed,
        "the roster row checked again",
        by="therapist",
    ),
    Relaxation(
        "asked", "therapist", ASKABLE, "", once, kept,
        "asking {unknown}",
        by="therapist",
    ),
    Relaxation(
        "problem", "therapist", ("problems_not_taken",), "therapists.problems_not_taken",
        partial(own_cell, column="presenting_problems"), taken,
        "the therapist agreeing to take what the client comes with",
        by="therapist",
    ),
    Relaxation(
        "age", "therapist", ("age_group",), "therapists.age_groups", partial(own, column="age"), of_age,
        "the therapist agreeing to take a client of this age",
        by="therapist",
    ),
    Relaxation(
        "hours", "therapist", ("slot",), "therapists.availability", partial(own, column="availability"), added,
        "the therapist working {code}",
        by="code",
    ),
    Relaxation(
        "setting", "therapist", ("format",), "therapists.formats", partial(own, column="formats"), added,
        "the therapist offering {code}",
        by="code",
    ),
    Relaxation(
        "slot", "client", ("slot",), "clients.availability",
        partial(others, column="availability", offered="availability"), added,
        "the client coming {code} too",
    ),
    Relaxation(
        "format", "client", ("format",), "clients.formats",
        partial(others, column="formats", offered="formats"), added,
        "the client taking {code} too",
    ),
    Relaxation(
        "language", "client", ("language",), "clients.languages",
        partial(others, column="languages", offered="languages"), added,
        "therapy in {code} too, if the client can",
    ),
    Relaxation(
        "payer", "client", ("payer",), "clients.payer",
        partial(others, column="payer", offered="payers"), replaced,
        "{code} as the payer",
        settings=("payers",),
    ),
    Relaxation(
        "must", "client", ("must",), "preferences.strength", partial(wished, strength="must"), weaker,
        "the wish for {attribute}: {code} made a preference",
    ),
    Relaxation(
        "never", "client", ("never",), "preferences.strength", partial(wished, strength="never"), weaker,
        "{attribute}: {code} to avoid, no more ruled out",
    ),
    Relaxation(
        "panel", "clinic", ("payer",), "therapists.payers", partial(own, column="payer"), added,
        "empanelled with {code}",
        by="code",
        now=False,
    ),
    Relaxation(
        "licence", "clinic", ("region",), "therapists.licensed_regions", partial(own, column="region"), added,
        "licensed in {code}",
        by="code",
        now=False,
    ),
    Relaxation(
        "speaks", "clinic", ("language",), "therapists.languages", partial(own, column="languages"), added,
        "speaking {code}",
        by="code",
        now=False,
    ),
)  # fmt: skip


def relaxations_for(config: Config) -> tuple[Relaxation, ...]:
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
            Fault(True, "clinic.toml", "relax.off", f"no relaxation is called `{name}`", did_you_mean(name, known))
            for name in strange
        )
    kept_rows = (row for row in RELAXATIONS if row.name not in config.relax.off)
    return tuple(
        replace(row, choices=partial(row.choices, **{name: getattr(config.relax, name) for name in row.settings}))
        for row in kept_rows
    )
