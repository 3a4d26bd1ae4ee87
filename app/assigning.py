"""The command that places a waiting list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from attune_fit.app.terminal.console import aside, counted, print_json, said, working

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.matching.assignment.assignment_result import Assignment
    from attune_fit.matching.assignment.constraints import AssignmentConstraints, IdPair

EVERY = "all"


def assigned(
    folder: Path,
    policies: Sequence[str],
    pins: Sequence[str],
    refusals: Sequence[str],
    keep: Path | None,
    target: Path | None,
    seed: int | None,
    *,
    as_json: bool,
) -> None:
    """Place the waiting list once and print it, or hold several policies side by side."""
    from attune_fit.app.ranking import nobody_waits, opened
    from attune_fit.app.views.assignment import show_assignment, show_policies
    from attune_fit.matching.assignment.assign import assign
    from attune_fit.matching.assignment.constraints import AssignmentConstraints
    from attune_fit.matching.assignment.policies import POLICIES
    from attune_fit.workspace import check_output_path

    names = [row.name for row in POLICIES] if EVERY in policies else list(dict.fromkeys(policies))
    if target is not None and len(names) > 1:
        raise typer.BadParameter("--out holds one placement: name one --policy.")
    if target is not None and target.suffix.lower() != ".csv":
        raise typer.BadParameter("--out writes CSV: end the name in .csv.")
    asked = AssignmentConstraints(
        list(_pairs("--pin", pins)), list(_pairs("--refuse", refusals)), {} if keep is None else _kept(keep)
    )
    with working("reading the tables") as step:
        clinic, tables, model = opened(folder)
        if target is not None:
            check_output_path(clinic, target)
        found = assign(model, clinic, tables, names, asked, seed, say=step)
    if len(found) == 1:  # a comparison places nobody
        _hand_out(clinic, found[0], asked, target)
    if as_json:
        plain = [one.to_dict() for one in found]
        return print_json(plain if len(found) > 1 else plain[0])
    if not found[0].totals.waiting:
        return said(nobody_waits(clinic))
    if len(found) > 1:
        return show_policies(found)
    return show_assignment(found[0], clinic.instruments[found[0].instrument], str(folder))


def _hand_out(clinic: Clinic, made: Assignment, asked: AssignmentConstraints, target: Path | None) -> None:
    """Log a placement and write its file, before anything is printed: a reader may leave half-way."""
    from attune_fit.data.writing.atomic_write import write_atomically
    from attune_fit.matching.ranking_log import log_assignment

    if note := log_assignment(clinic, made, asked):
        aside(note)
    if target is not None:
        rows = made.to_frame()
        write_atomically(target, rows.to_csv(index=False, float_format="%.6f", lineterminator="\n"))
        again = f"; to change as little of it as can be next time: --keep {target}" if made.placed else ""
        aside(f"{counted(len(rows), 'row')} in {target}{again}")


def _pairs(option: str, texts: Sequence[str]) -> Iterator[IdPair]:
    """Pairs typed as CLIENT=THERAPIST."""
    for text in texts:
        client, sign, therapist = (part.strip() for part in text.partition("="))
        if not (client and sign and therapist):
            raise typer.BadParameter(f"{option} {text}: write CLIENT=THERAPIST, such as {option} c17=t03.")
        yield client, therapist


def _kept(path: Path) -> dict[str, str]:
    """Who was with whom, from a file that ``--out`` wrote."""
    import pandas as pd

    from attune_fit.data.faults import DataFault

    columns = ["client_id", "therapist_id"]
    try:
        rows = pd.read_csv(path, dtype=str)
    except (ValueError, UnicodeDecodeError):
        rows = pd.DataFrame()
    lacking = [name for name in columns if name not in rows]
    if lacking:
        fix = "Name a file that `attune assign --out` wrote, or any CSV with client_id and therapist_id."
        raise DataFault.error(str(path), "", f"has no column {' and no '.join(lacking)}", fix=fix)
    return dict(rows[columns].dropna().itertuples(index=False))
