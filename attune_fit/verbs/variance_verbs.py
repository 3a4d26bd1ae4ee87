"""Verbs about variance: how much of alliance differs between therapists, clients and sessions."""

from __future__ import annotations

from attune_fit.clinic_session import ClinicSession


class VarianceVerbs(ClinicSession):
    """What the ratings of a clinic vary with."""
