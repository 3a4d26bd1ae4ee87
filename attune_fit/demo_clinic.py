"""Build the demo: a synthetic clinic, a model trained on it, and the ranking of one client who waits."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from attune_fit.clinic_session import ReportProgress, ignore_progress
from attune_fit.data.faults import DataFault
from attune_fit.data.storage.atomic_write import make_temporary_path
from attune_fit.data.storage.folder_write import has_only_leftovers
from attune_fit.results import Result
from attune_fit.simulated_clinic import write_simulated_clinic
from attune_fit.workspace import Workspace, open_clinic

if TYPE_CHECKING:
    from attune_fit.matching.ranking.ranking_result import Ranking

N_CLIENTS, N_THERAPISTS = 600, 30
N_SHOWN = 3  # candidates shown
MIN_CANDIDATES = 5  # the client shown has at least so many, if any client has: a list of one or two shows little
README_START = "A synthetic clinic made by `attune demo`"  # by this line an earlier demo is recognised


@dataclass(frozen=True)
class Demo:
    """A demo clinic.

    Attributes
    ----------
    workspace : Workspace
        The clinic, opened.
    training, ranking : Result
        Of its training, and of the ranking of one client who waits.
    n_shown : int
        Candidates to show, as the log has it.
    """

    workspace: Workspace
    training: Result
    ranking: Result
    n_shown: int = N_SHOWN


def build_demo(folder: Path, seed: int = 0, report_progress: ReportProgress = ignore_progress) -> Demo:
    """Make a synthetic clinic, train on it, and rank the therapists for one client who waits.

    Parameters
    ----------
    folder : Path
        A new folder. An earlier demo there is replaced.
    seed : int, default 0
        Each seed gives another clinic.
    report_progress : callable, optional
        Receives the name of each step.

    Raises
    ------
    DataFault
        If the folder contains anything else. Nothing is changed then.
    """
    _remove_earlier_demo(folder)
    readme = f"{README_START}, seed {seed}. No person in it exists.\n"
    write_simulated_clinic(folder, N_CLIENTS, N_THERAPISTS, seed, others={"README.md": readme})
    report_progress("reading its tables")
    workspace = open_clinic(folder, report_progress=report_progress)
    training = workspace.train(seed=seed)
    return Demo(workspace, training, _rank_one_client(workspace, seed))


def _rank_one_client(workspace: Workspace, seed: int) -> Result:
    """Rank for the first waiting client with enough candidates, or the last one where none has; log the ranking."""
    for client_id in workspace.list_client_ids(waiting_only=True):
        result = workspace.rank(client_id, seed=seed)
        ranking: Ranking = result.result
        if len(ranking.candidates) >= MIN_CANDIDATES:
            break
    return workspace.rank(ranking.client_id, seed=seed, log=True, shortlist=N_SHOWN)


def _remove_earlier_demo(folder: Path) -> None:
    """Remove the folder of an earlier demo; refuse any other folder that is not empty."""
    if not folder.exists():
        return
    readme = folder / "README.md"
    if readme.is_file() and readme.read_text(encoding="utf-8", errors="replace").startswith(README_START):
        place = Path(os.path.realpath(folder))
        leftover = make_temporary_path(place.parent)  # swept by the next run, should this one be killed
        place.rename(leftover)
        shutil.rmtree(leftover)
    elif not folder.is_dir() or not has_only_leftovers(folder):
        fix = "Name another folder: attune demo FOLDER. Nothing was changed."
        message = "contains files that are not an earlier demo"
        raise DataFault.error("folder-not-a-demo", str(folder), "", message, fix=fix)
