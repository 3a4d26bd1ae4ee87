"""The command `attune demo`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from attune_fit.app.terminal.errors import handle_errors

if TYPE_CHECKING:
    from attune_fit.matching.ranking.ranking_result import Ranking
    from attune_fit.workspace import Workspace

N_CLIENTS, N_THERAPISTS = 600, 30
MIN_CANDIDATES = 5  # the client shown has at least so many, if any client has: a list of one or two shows little
N_SHOWN = 3  # candidates printed
README_START = "A synthetic clinic made by `attune demo`"  # by this line an earlier demo is recognised


@handle_errors
def demo(
    clinic: Annotated[
        Path, typer.Argument(metavar="[CLINIC]", help="Folder to make. An earlier demo there is replaced.")
    ] = Path("demo"),
    seed: Annotated[int, typer.Option(min=0, help="Each seed gives another clinic.")] = 0,
) -> None:
    """Make a synthetic clinic, train on it, and rank the therapists for one client who waits, in a minute."""
    from rich.markup import escape

    from attune_fit.app.terminal.console import print_text, show_progress
    from attune_fit.app.views.ranking import show_ranking
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.reading.read_clinic import read_tables
    from attune_fit.data.synthetic.simulate import simulate, write_clinic
    from attune_fit.models.active_model import load_active_model
    from attune_fit.training.train import train
    from attune_fit.workspace import Workspace

    _remove_earlier_demo(clinic)
    with show_progress(
        f"making a synthetic clinic of {N_CLIENTS} clients and {N_THERAPISTS} therapists"
    ) as report_progress:
        write_clinic(simulate(N_CLIENTS, N_THERAPISTS, seed), clinic)
        (clinic / "README.md").write_text(f"{README_START}, seed {seed}. No person in it exists.\n", encoding="utf-8")
        report_progress("reading its tables")
        source = Clinic.open(clinic)
        tables = read_tables(source)
        result = train(source, tables, seed=seed, trials=0, say=report_progress)
        # what the next command will rank with
        model = result.model if result.promoted else load_active_model(source, tables)
        ranking = _rank_one_client(Workspace(source, tables, model), seed)
    name = escape(str(clinic))
    print_text(
        f"A synthetic clinic in [bold]{name}[/bold]: {len(tables.clients)} clients, {len(tables.therapists)} "
        f"therapists, {result.n_outcomes} early alliance ratings. Attune trained on them and ranked the therapists for "
        "one client who waits."
    )
    show_ranking(ranking, source.instruments[ranking.instrument], model.verdict.plain_sentence, most=N_SHOWN)
    therapist = ranking.candidates[0].therapist_id if ranking.candidates else tables.therapists["therapist_id"].min()
    print_text(f"Next: [bold]attune explain {name} --client {ranking.client_id} --therapist {therapist}[/bold]")


def _rank_one_client(workspace: Workspace, seed: int) -> Ranking:
    """Return the ranking of the first waiting client with enough candidates; of the last one where none has."""
    from attune_fit.matching.ranking.rank import rank
    from attune_fit.workspace import list_client_ids

    first, *others = list_client_ids(workspace.clinic, workspace.tables, waiting_only=True)
    ranking = rank(workspace.model, workspace.clinic, workspace.tables, first, seed)
    for client in others:
        if len(ranking.candidates) >= MIN_CANDIDATES:
            break
        ranking = rank(workspace.model, workspace.clinic, workspace.tables, client, seed)
    return ranking


def _remove_earlier_demo(folder: Path) -> None:
    """Remove the folder of an earlier demo; refuse any other folder that is not empty."""
    import shutil

    from attune_fit.data.faults import DataFault

    if not folder.exists():
        return
    readme = folder / "README.md"
    if readme.is_file() and readme.read_text(encoding="utf-8", errors="replace").startswith(README_START):
        shutil.rmtree(folder)
    elif not folder.is_dir() or any(folder.iterdir()):
        fix = "Name another folder: attune demo FOLDER. Nothing was changed."
        message = "contains files that are not an earlier demo"
        raise DataFault.error("folder-not-a-demo", str(folder), "", message, fix=fix)
