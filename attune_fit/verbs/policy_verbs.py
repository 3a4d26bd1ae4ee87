"""Verbs about the value of a policy, from the log of rankings and the journal."""

from __future__ import annotations

from attune_fit.clinic_session import ClinicSession


class PolicyVerbs(ClinicSession):
    """What the clinic's lists would have been good for."""
