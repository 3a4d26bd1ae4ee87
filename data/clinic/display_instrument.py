"""The main instrument of a clinic: Attune shows alliance in its points, and models learn alliance on its scale."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attune_fit.data.clinic.instruments import normalize_instrument_name
from attune_fit.data.fault_collector import suggest_name
from attune_fit.data.faults import DataFault

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.instruments import Instrument
    from attune_fit.data.clinic.tables import Tables

DEFAULT_INSTRUMENT = "WAI-SR"  # for a clinic without outcomes


def find_main_instrument(tables: Tables, clinic: Clinic) -> str:
    """Return the name of the clinic's main instrument.

    It is ``clinic.show_in``; else the instrument of most ratings in `outcomes`, of any session, the first by name in a
    tie; else :data:`DEFAULT_INSTRUMENT`. A rating counts if it has a score and a known instrument, and its rater is the
    client or missing. The model does not matter, so a clinic sees the same points before and after training.

    Raises
    ------
    DataFault
        As :func:`choose_display_instrument`.
    """
    rows = tables.outcomes
    is_rating = rows["score"].notna() & (rows["rater"].isna() | (rows["rater"] == "client"))
    is_rating &= rows["instrument"].isin(list(clinic.instruments))
    most_used = rows.loc[is_rating, "instrument"].mode()  # sorted by name
    return choose_display_instrument(clinic, str(most_used.iloc[0]) if len(most_used) else "").name


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
