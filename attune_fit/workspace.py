"""Open a clinic folder for a command, a page or a notebook: every use case is a method of :class:`Workspace`."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from inspect import isfunction
from pathlib import Path
from typing import Any

from attune_fit.clinic_session import ReportProgress
from attune_fit.data.faults import DataFault
from attune_fit.verbs.account_verbs import AccountVerbs
from attune_fit.verbs.client_verbs import ClientVerbs
from attune_fit.verbs.clinic_verbs import ClinicVerbs
from attune_fit.verbs.explanation_verbs import ExplanationVerbs
from attune_fit.verbs.form_verbs import FormVerbs
from attune_fit.verbs.history_verbs import HistoryVerbs
from attune_fit.verbs.hypothesis_verbs import HypothesisVerbs
from attune_fit.verbs.journal_verbs import JournalVerbs
from attune_fit.verbs.list_verbs import ListVerbs
from attune_fit.verbs.log_verbs import LogVerbs
from attune_fit.verbs.model_verbs import ModelVerbs
from attune_fit.verbs.placement_verbs import PlacementVerbs
from attune_fit.verbs.policy_verbs import PolicyVerbs
from attune_fit.verbs.power_verbs import PowerVerbs
from attune_fit.verbs.record_verbs import RecordVerbs
from attune_fit.verbs.roster_verbs import RosterVerbs
from attune_fit.verbs.table_verbs import TableVerbs
from attune_fit.verbs.trial_verbs import TrialVerbs
from attune_fit.verbs.variance_verbs import VarianceVerbs

__all__ = ["Workspace", "open_clinic"]


def _refresh_before(verb: Callable[..., Any]) -> Callable[..., Any]:
    """Return a verb that looks for changes first, and then sees the same state of the clinic until it ends."""

    @wraps(verb)
    def run(workspace: Workspace, *args: Any, **kwargs: Any) -> Any:
        with workspace._hold_snapshot():
            return verb(workspace, *args, **kwargs)

    return run


def _refresh_before_verbs(workspace: type[Workspace]) -> type[Workspace]:
    """Put :func:`_refresh_before` around every public method of the classes of verbs."""
    for verbs in workspace.__bases__:
        for name, verb in vars(verbs).items():
            if isfunction(verb) and not name.startswith("_"):
                setattr(workspace, name, _refresh_before(verb))
    return workspace


@_refresh_before_verbs
class Workspace(
    AccountVerbs, ClientVerbs, ClinicVerbs, ExplanationVerbs, FormVerbs, HistoryVerbs, HypothesisVerbs, JournalVerbs,
    LogVerbs, ModelVerbs, PlacementVerbs, PolicyVerbs, PowerVerbs, RecordVerbs, RosterVerbs, ListVerbs, TableVerbs,
    TrialVerbs, VarianceVerbs,
):  # fmt: skip
    """A clinic folder and all that can be done with it; :func:`open_clinic` reads and checks its tables at once.

    A verb takes the options of the command of the same name, with the same defaults, and raises :class:`DataFault` with
    the same message. No verb asks for a format: each result has ``to_frame()`` and ``to_dict()``.

    Each file is read when it is first needed. The tables, the model, and what all clients share in a ranking stay in
    memory, so a workspace can stay open for a day. Before each verb it looks for what changed: a file of the clinic,
    the journal (also by another program), the live model and its bundle, the day. Only what changed is read again, and
    only what depends on it is computed again. So a verb never answers from files of before: a file that is half written
    is an error until it is whole. The look costs less than .1 ms; where the journal is on a server, it costs one query.
    Tables on a database server show no change, so they are read again where they are older than a minute.

    A verb sees one state of the clinic from its start to its end, and several threads can call verbs at once. The
    attributes below are those of the verb before; ``refresh`` looks for changes without a verb. The clinic after an
    ``event`` never changes.

    Ids are text; a number is taken as its text, because a notebook reads the ids 1, 2, 3 as numbers.

    Parameters
    ----------
    folder : Path or str
        Contains the tables, and ``clinic.toml`` where the defaults do not fit.
    report_progress : callable, optional
        Receives the name of each step of a long verb, such as ``print``. Default: nothing is reported.
    event : int, optional
        Number of an event of the journal, >= 1: the clinic as it was after this event, on the day of its recording.
        Nothing can be recorded then. Default: the clinic as it is now.

    Attributes
    ----------
    clinic : Clinic
        The folder, its settings and its instruments.
    tables : Tables
        The canonical tables: the last export with the events of the journal applied. A change makes others of them.
    model : AllianceModel
        The active model: a bundle of the clinic, or the starting model. ``train`` and ``promote`` replace it.

    Notes
    -----
    The log answers which list a coordinator saw. A notebook ranks for study, and often, so a ranking or a placement in
    Python is logged only with ``log=True``. Set it when the result is shown to a person who will act on it.
    """

    def __repr__(self) -> str:
        sizes = f"{len(self.tables.clients):,} clients, {len(self.tables.therapists):,} therapists"
        try:
            model = self.model.bundle if self.model.n_outcomes else "starting model"
        except DataFault:
            model = "a model that cannot be read"
        return f"Workspace({str(self.folder)!r}: {sizes}, {model})"


def open_clinic(
    folder: Path | str, event: int | None = None, *, report_progress: ReportProgress | None = None
) -> Workspace:
    """Open a clinic, and read and check its tables: the last export with the events of the journal applied.

    Parameters
    ----------
    folder : Path or str
        Contains the tables, and ``clinic.toml`` where the defaults do not fit.
    event : int, optional
        Number of an event of the journal, >= 1: the clinic as it was after this event. Default: as it is now.
    report_progress : callable, optional
        Receives the name of each step of a long verb, such as ``print``. Default: nothing is reported.

    Returns
    -------
    Workspace
        Its methods are the verbs: rank, explain, why_not, relax, capacity, assign, follow_up, rematch, fairness, train,
        record, journal, and what the other commands do.

    Raises
    ------
    DataFault
        With every error of the tables and of ``clinic.toml``. A bundle that cannot be read is an error of the first
        verb that needs the model.

    Examples
    --------
    >>> import attune_fit as af
    >>> clinic = af.simulate(clients=40, therapists=6, seed=1).workspace()
    >>> clinic.rank("c0037").summary
    'c0037: 1 available, t06 first; 5 ruled out'
    """
    workspace = Workspace(folder, report_progress, event)
    _ = workspace.tables
    return workspace
