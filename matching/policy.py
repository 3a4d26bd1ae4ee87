"""What ``clinic.toml`` says of a ranking, held against the tables before anything is learnt or ranked."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from data.faults import DataFault, Fault
from data.findings import did_you_mean
from features.catalogue import features_for
from matching.relaxations import relaxations_for
from matching.rules import rules_for

if TYPE_CHECKING:
    from data.clinic import Clinic
    from data.instruments import Instrument
    from data.tables import Tables

PUBLISHED_IN = "WAI-SR"  # the instrument a clinic without outcomes is shown


def policy_faults(clinic: Clinic, tables: Tables) -> tuple[Fault, ...]:
    """All faults of rules, relaxations, features and the instrument shown, at once; none where a ranking can be made."""
    found: list[Fault] = []
    parts: tuple[Callable[[], object], ...] = (
        lambda: rules_for(clinic.config),
        lambda: relaxations_for(clinic.config),
        lambda: features_for(clinic.config, tables),
        lambda: shown_in(clinic),
    )
    for part in parts:
        try:
            part()
        except DataFault as fault:
            found.extend(fault.faults)
    return tuple(found)


def shown_in(clinic: Clinic, most_used: str = "") -> Instrument:
    """In whose points alliance is shown: the one ``clinic.show_in`` names, else the one most outcomes use.

    Raises
    ------
    DataFault
        If ``clinic.show_in`` names no instrument.
    """
    rows = {name.casefold(): row for name, row in clinic.instruments.items()}
    wanted = clinic.config.clinic.show_in or most_used or PUBLISHED_IN
    if wanted.casefold() not in rows:
        known = did_you_mean(wanted, clinic.instruments)
        raise DataFault([Fault(True, "clinic.toml", "clinic.show_in", "no instrument has this name", known)])
    return rows[wanted.casefold()]
