"""Verbs about hypotheses: register one, test one, list them."""

from __future__ import annotations

from attune_fit.clinic_session import ClinicSession


class HypothesisVerbs(ClinicSession):
    """What can be done with hypotheses about fit."""
