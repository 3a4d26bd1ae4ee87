"""Audit a clinic's lists and outcomes between groups, with the errors of its active model on held-out records.

This needs both :mod:`matching` and :mod:`training`, and neither of the two is allowed to import the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from attune_fit.clinic_session import ClinicSession
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.tables import Tables
    from attune_fit.matching.fairness.audit import FairnessAudit
    from attune_fit.matching.fairness.group_metrics import HeldOutResiduals


def audit_fairness(session: ClinicSession, *, everyone: bool) -> FairnessAudit:
    """Compare lists, outcomes and held-out errors between groups.

    Parameters
    ----------
    session : ClinicSession
        An open clinic; its ``report_progress`` receives the name of each step.
    everyone : bool
        Make lists for all clients, as if each came today; else for those who wait.

    Returns
    -------
    FairnessAudit
        Its metrics of errors are empty where :func:`compute_held_out_residuals` returns None.

    Raises
    ------
    DataFault
        If the active bundle cannot be read.
    """
    from attune_fit.matching.fairness.audit import audit

    session.report_progress("testing the live model on held-out records")
    residuals = compute_held_out_residuals(session.clinic, session.tables)
    return audit(session.get_scorer(), everyone=everyone, held_out=residuals, report_progress=session.report_progress)


def compute_held_out_residuals(clinic: Clinic, tables: Tables) -> HeldOutResiduals | None:
    """Return rating less out-of-fold prediction of the active model for each early record, in POMP.

    None where the model cannot be fitted again without a part of the clients; see :func:`crossfit_active_model`.
    """
    from attune_fit.matching.fairness.group_metrics import HeldOutResiduals
    from attune_fit.training.promotion.active_model_errors import crossfit_active_model

    crossfit = crossfit_active_model(clinic, tables, clinic.config.settings.seed)
    if crossfit is None:
        return None
    records, predictions = crossfit
    return HeldOutResiduals(records.client, records.therapist, predictions.y - predictions.score)
