"""In whose points alliance is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attune_fit.data.fault_collector import suggest_name
from attune_fit.data.faults import DataFault

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.instruments import Instrument

DEFAULT_INSTRUMENT = "WAI-SR"  # the instrument a clinic without outcomes is shown


def choose_display_instrument(clinic: Clinic, most_used: str = "") -> Instrument:
    """In whose points alliance is shown: the one ``clinic.show_in`` names, else the one most outcomes use.

    Raises
    ------
    DataFault
        If ``clinic.show_in`` names no instrument.
    """
    rows = {name.casefold(): row for name, row in clinic.instruments.items()}
    wanted = clinic.config.clinic.show_in or most_used or DEFAULT_INSTRUMENT
    if wanted.casefold() not in rows:
        known = suggest_name(wanted, clinic.instruments)
        raise DataFault.error("clinic.toml", "clinic.show_in", "no instrument has this name", fix=known)
    return rows[wanted.casefold()]
