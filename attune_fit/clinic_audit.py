"""Audit a clinic's lists and outcomes between groups, with the errors of its active model on held-out records.

This needs both :mod:`matching` and :mod:`training`, and neither of the two is allowed to import the other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.tables import Tables
    from attune_fit.matching.fairness.audit import FairnessAudit
    from attune_fit.matching.fairness.group_metrics import HeldOutResiduals
    from attune_fit.models.alliance_model import AllianceModel


class OpenClinic(Protocol):
    """What an audit needs of a :class:`Workspace`: the clinic, its tables and its active model."""

    clinic: Clinic
    tables: Tables
    model: AllianceModel


def audit_fairness(
    workspace: OpenClinic, *, everyone: bool, report_progress: Callable[[str], None] = lambda _: None
) -> FairnessAudit:
    """Compare lists, outcomes and held-out errors between groups.

    Parameters
    ----------
    workspace : Workspace
    everyone : bool
        Make lists for all clients, as if each came today; else for those who wait.
    report_progress : callable
        Receives the name of each step.

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
    from attune_fit.matching.ranking.scored_roster import RosterScorer

    report_progress("testing the live model on held-out records")
    residuals = compute_held_out_residuals(workspace.clinic, workspace.tables)
    scorer = RosterScorer.from_clinic(workspace.model, workspace.clinic, workspace.tables)
    return audit(scorer, everyone=everyone, held_out=residuals, say=report_progress)


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
