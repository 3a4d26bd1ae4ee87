"""Verbs about planned trials: plan, allocate, follow, analyse."""

from __future__ import annotations

from attune_fit.clinic_session import ClinicSession


class TrialVerbs(ClinicSession):
    """What can be done with a planned randomised comparison."""
