"""Instrument use: whether the instruments of a clinic go with its therapists, so that their effects are one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from attune_fit.data.faults import Fault
from attune_fit.data.outcomes.early_alliance import compute_early_alliance

if TYPE_CHECKING:
    from attune_fit.data.clinic.instruments import Instrument
    from attune_fit.data.clinic.tables import Tables

MIN_EPISODES = 5  # of a therapist who counts: by chance, with two equally used instruments, 1 in 16 has one alone


def find_instrument_warning(tables: Tables, instruments: Mapping[str, Instrument]) -> Fault | None:
    """Return the warning that most therapists have early ratings on only one of several instruments.

    Then no data can separate a difference between two instruments from one between their therapists. The baseline has a
    term for each instrument, which takes both.

    Parameters
    ----------
    tables : Tables
    instruments : mapping of str to Instrument
        As in :attr:`Clinic.instruments`.

    Returns
    -------
    Fault or None
        A warning if more than half of the therapists have ratings on one instrument alone, and not all of them on the
        same one. Therapists with fewer than :data:`MIN_EPISODES` rated clients do not count. An episode counts with its
        most used instrument.
    """
    early = compute_early_alliance(tables, instruments)
    by_therapist = early.groupby("therapist_row")["instrument"]
    used = by_therapist.agg(["size", "nunique", "first"])
    used = used[used["size"] >= MIN_EPISODES]
    only_one = used.loc[used["nunique"] == 1, "first"].value_counts().sort_index()
    n_only_one = int(only_one.sum())
    if len(only_one) < 2 or 2 * n_only_one <= len(used):
        return None
    counts = ", ".join(f"{name} {number}" for name, number in only_one.items())
    message = (
        f"{n_only_one} of {len(used)} therapists with {MIN_EPISODES} or more rated clients have ratings on one "
        f"instrument only ({counts}). A difference between instruments then looks like one between therapists"
    )
    fix = (
        "Attune assumes that the therapists of each instrument are equally good on average. To compare all of them, "
        "use one instrument, or let each therapist use both for some months."
    )
    return Fault.warning("instruments-by-therapist", "outcomes", "instrument", message, fix=fix)
