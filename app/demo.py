"""A minute's tour on a synthetic clinic: make it, train on it, rank one client who waits."""

from __future__ import annotations

import shutil
from pathlib import Path

from rich.markup import escape

from attune_fit.app.terminal.console import said, working

CHOICE = 5  # candidates
MARK = "A synthetic clinic made by `attune demo`"


def run(folder: Path, seed: int) -> None:
    """Make the clinic anew, train, rank, and name the next commands."""
    from attune_fit.app.views.ranking import show_ranking
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.waiting_clients import find_waiting_clients
    from attune_fit.data.reading.read_clinic import read_tables
    from attune_fit.data.synthetic.simulate import simulate, write_clinic
    from attune_fit.matching.ranking.rank import rank
    from attune_fit.models.active_model import load_active_model
    from attune_fit.training.train import train

    _cleared(folder)
    with working("making a synthetic clinic of 600 clients and 30 therapists") as step:
        made = simulate(600, 30, seed)
        write_clinic(made, folder)
        (folder / "README.md").write_text(f"{MARK}, seed {seed}. Nobody in it exists.\n", encoding="utf-8")
        step("reading it back")
        clinic = Clinic.open(folder)
        tables = read_tables(clinic)
        result = train(clinic, tables, seed=seed, trials=0, say=step)
        model = (
            result.model if result.promoted else load_active_model(clinic, tables)
        )  # what the next command will rank with
        who = sorted(tables.clients["client_id"].iloc[find_waiting_clients(clinic, tables)])
        ranking = rank(model, clinic, tables, who[0], seed)
        for client in who[1:]:  # the first who has a choice: a list of one or two shows little
            if len(ranking.candidates) >= CHOICE:
                break
            ranking = rank(model, clinic, tables, client, seed)
    name = escape(str(folder))
    said(
        f"A synthetic clinic in [bold]{name}[/bold]: {len(tables.clients)} clients, {len(tables.therapists)} "
        f"therapists, {result.n_outcomes} early alliance ratings. Trained on them; ranked for one client who waits."
    )
    show_ranking(ranking, clinic.instruments[ranking.instrument], most=3)
    last = ranking.candidates[0].therapist_id if ranking.candidates else tables.therapists["therapist_id"].min()
    said(f"Next: [bold]attune explain {name} --client {ranking.client_id} --therapist {last}[/bold]")


def _cleared(folder: Path) -> None:
    """Remove an earlier demo; never anything else."""
    from attune_fit.data.faults import DataFault

    if not folder.exists():
        return
    note = folder / "README.md"
    if note.is_file() and note.read_text(encoding="utf-8", errors="replace").startswith(MARK):
        shutil.rmtree(folder)
    elif not folder.is_dir() or any(folder.iterdir()):
        fix = "Name another folder: attune demo FOLDER. Nothing was changed."
        raise DataFault.error(str(folder), "", "holds something that is not an earlier demo", fix=fix)
