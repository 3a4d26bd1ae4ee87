"""The command `attune assign`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from attune_fit.app.terminal.arguments import AsJson, ClinicFolder, Seed
from attune_fit.app.terminal.errors import handle_errors
from attune_fit.data.formats.table_formats import find_format, format_names, format_suffixes

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.matching.assignment.assignment_result import Assignment
    from attune_fit.matching.assignment.constraints import AssignmentConstraints, IdPair

ALL_POLICIES = "all"


@handle_errors
def assign(
    clinic: ClinicFolder,
    policy: Annotated[
        list[str],
        typer.Option(
            metavar="NAME",
            help="balanced, wishes-first, alliance-first or first-come. Default: the clinic's setting. Several "
            "policies, or `all`, are compared.",
            show_default=False,
        ),
    ] = [],  # noqa: B006  (typer only reads it)
    pin: Annotated[
        list[str],
        typer.Option(
            metavar="CLIENT=THERAPIST",
            help="Place this client with this therapist. Can be repeated.",
            show_default=False,
        ),
    ] = [],  # noqa: B006
    refuse: Annotated[
        list[str],
        typer.Option(
            metavar="CLIENT=THERAPIST", help="Do not place this pair in this run. Can be repeated.", show_default=False
        ),
    ] = [],  # noqa: B006
    keep: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            exists=True,
            dir_okay=False,
            help="A file from --out: change as few of its pairs as possible.",
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help=f"Write one row per client, {format_suffixes()}.")
    ] = None,
    seed: Seed = None,
    json: AsJson = False,
) -> None:
    """Place all clients who wait into the open slots; list who still waits, why, and what would help."""
    from attune_fit.app.terminal.console import print_json, print_text, show_progress
    from attune_fit.app.views.assignment import show_assignment, show_policies
    from attune_fit.app.views.ranking import explain_empty_waiting_list
    from attune_fit.matching.assignment import assign as assignment
    from attune_fit.matching.assignment.constraints import AssignmentConstraints
    from attune_fit.matching.assignment.policies import POLICIES
    from attune_fit.workspace import check_output_path, open_clinic

    policies = [row.name for row in POLICIES] if ALL_POLICIES in policy else list(dict.fromkeys(policy))
    if out is not None and len(policies) > 1:
        raise typer.BadParameter("--out writes one placement: name one --policy.")
    if out is not None and find_format(out) is None:
        raise typer.BadParameter(f"--out writes {format_names()}: end the name in {format_suffixes()}.")
    constraints = AssignmentConstraints(
        list(_parse_pairs("--pin", pin)),
        list(_parse_pairs("--refuse", refuse)),
        {} if keep is None else _read_earlier_placement(keep),
    )
    with show_progress("reading the tables") as report_progress:
        workspace = open_clinic(clinic)
        source = workspace.clinic
        if out is not None:
            check_output_path(source, out)
        results = assignment.assign(
            workspace.model, source, workspace.tables, policies, constraints, seed, say=report_progress
        )
    if len(results) == 1:  # a comparison of policies places no client
        _log_and_write(source, results[0], constraints, out)
    if json:
        plain = [result.to_dict() for result in results]
        return print_json(plain if len(results) > 1 else plain[0])
    if not results[0].totals.waiting:
        return print_text(explain_empty_waiting_list(source))
    verdict = workspace.model.verdict.plain_sentence
    if len(results) > 1:
        return show_policies(results, verdict)
    return show_assignment(results[0], source.instruments[results[0].instrument], verdict, str(clinic))


def _log_and_write(clinic: Clinic, result: Assignment, constraints: AssignmentConstraints, target: Path | None) -> None:
    """Log a placement and write its file.

    This comes before anything is printed: the reader of the output can end half-way (a closed pipe).
    """
    from attune_fit.app.terminal.console import format_count, print_note
    from attune_fit.data.writing.table_writer import write_frame_blocks
    from attune_fit.matching.ranking_log import log_assignment

    if note := log_assignment(clinic, result, constraints):
        print_note(note)
    if target is not None:
        n_rows = write_frame_blocks([result.to_frame()], target)
        again = f". To change as little as possible next time: --keep {target}" if result.placed else ""
        print_note(f"{format_count(n_rows, 'row')} in {target}{again}")


def _parse_pairs(option: str, texts: Sequence[str]) -> Iterator[IdPair]:
    """Yield the pairs of ids typed as CLIENT=THERAPIST."""
    for text in texts:
        client, sign, therapist = (part.strip() for part in text.partition("="))
        if not (client and sign and therapist):
            raise typer.BadParameter(f"{option} {text}: write CLIENT=THERAPIST, such as {option} c17=t03.")
        yield client, therapist


def _read_earlier_placement(path: Path) -> dict[str, str]:
    """Return the therapist of each placed client, from a file that ``--out`` wrote."""
    from attune_fit.data.clinic.mapping_config import TableMapping
    from attune_fit.data.fault_collector import FaultCollector
    from attune_fit.data.faults import DataFault
    from attune_fit.data.reading.table_files import read_file

    columns = ["client_id", "therapist_id"]
    collector = FaultCollector(str(path))
    rows = read_file(path, TableMapping(), collector)
    missing = [name for name in columns if rows is not None and name not in rows]
    if rows is None or missing:
        message = f"has no column {' and no '.join(missing)}" if missing else collector.faults[0].says
        known = f"any {format_names()} file with client_id and therapist_id"
        fix = f"Name a file that `attune assign --out` wrote, or {known}."
        raise DataFault.error("placement-not-readable", str(path), "", message, fix=fix)
    return dict(rows[columns].dropna().itertuples(index=False))
