"""The command `attune variance`."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from attune_fit.app.terminal.arguments import TABLE_SUFFIXES, AsJson, ClinicFolder
from attune_fit.app.terminal.errors import handle_errors

SPAN = re.compile(r"(\d{1,4})(?:-(\d{1,4}))?")


class RatedScale(StrEnum):
    """What was rated."""

    total = "total"
    goal = "goal"
    task = "task"
    bond = "bond"


def parse_sessions(text: str) -> str | tuple[int, int]:
    """Return ``early``, ``all``, or the first and the last session.

    >>> parse_sessions("early"), parse_sessions("1-3"), parse_sessions("1")
    ('early', (1, 3), (1, 1))
    """
    if text in ("early", "all"):
        return text
    match = SPAN.fullmatch(text)
    first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
    if first > last:
        raise typer.BadParameter("write early, all, or numbers such as 1-3.", param_hint="--sessions")
    return first, last


@handle_errors
def variance(
    clinic: ClinicFolder,
    sessions: Annotated[
        str, typer.Option(metavar="SESSIONS", help="Sessions that count: early, all, or numbers such as 1-3.")
    ] = "early",
    scale: Annotated[RatedScale, typer.Option(help="What was rated.")] = RatedScale.total,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help=f"Write one row per share, {TABLE_SUFFIXES}.")
    ] = None,
    json: AsJson = False,
) -> None:
    """Estimate how much of the variance of ratings is between therapists, clients, dyads and sessions.

    It needs at least 10 clients and 5 therapists. Where each client has one
    therapist, client and dyad have one share.
    """
    from attune_fit.app.terminal.console import print_result, show_progress
    from attune_fit.app.views.variance import show_variance
    from attune_fit.workspace import open_clinic

    span = parse_sessions(sessions)
    with show_progress("reading the tables") as report_progress:
        result = open_clinic(clinic, report_progress=report_progress).variance(
            sessions=span, scale=scale.value, out=out
        )
    return print_result(result, lambda: show_variance(result.result, out), json)
