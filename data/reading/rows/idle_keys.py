"""Errors about keys of ``clinic.toml`` that have no effect where they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from attune_fit.data.fault_collector import FaultCollector


def add_idle_key_error(place: str, reason: str, collector: FaultCollector) -> None:
    """Add the error about a key that has no effect.

    Parameters
    ----------
    place : str
        Where the key is, such as ``tables.clients.encoding``.
    reason : str
        Why it has no effect, as the end of a sentence: ``for clients.xlsx, which is read as Excel workbook``.
    collector : FaultCollector
        Collects the error, whatever its table.
    """
    key = place.rpartition(".")[2]
    message, fix = f"`{key}` has no effect {reason}", "Remove it, or correct what it is meant for."
    collector.for_table("clinic.toml").add_error("key-without-effect", place, message, fix)
