"""The display instrument: Attune shows alliance in its points."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attune_fit.data.clinic.instruments import normalize_instrument_name
from attune_fit.data.fault_collector import suggest_name
from attune_fit.data.faults import DataFault

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.instruments import Instrument

DEFAULT_INSTRUMENT = "WAI-SR"  # for a clinic without outcomes


def choose_display_instrument(clinic: Clinic, most_used: str = "") -> Instrument:
    """Return the instrument in whose points Attune shows alliance.

    ``clinic.show_in`` comes first, then ``most_used`` (a name; empty if unknown), then :data:`DEFAULT_INSTRUMENT`.

    Raises
    ------
    DataFault
        If no instrument has the name in ``clinic.show_in``.
    """
    by_name = {normalize_instrument_name(name): instrument for name, instrument in clinic.instruments.items()}
    name = clinic.config.clinic.show_in or most_used or DEFAULT_INSTRUMENT
    if normalize_instrument_name(name) not in by_name:
        message, fix = "no instrument has this name", suggest_name(name, clinic.instruments)
        raise DataFault.error("unknown-instrument", "clinic.toml", "clinic.show_in", message, fix=fix)
    return by_name[normalize_instrument_name(name)]
