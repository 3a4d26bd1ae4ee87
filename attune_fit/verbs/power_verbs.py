"""Verbs about power: how often a test of this clinic's records would find an effect."""

from __future__ import annotations

from attune_fit.clinic_session import ClinicSession


class PowerVerbs(ClinicSession):
    """What can be known before data are opened."""
