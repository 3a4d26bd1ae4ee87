"""The command `attune assign`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer

from attune_fit.app.terminal.arguments import TABLE_SUFFIXES, AsJson, AsOfEvent, ClinicFolder, Raw, Seed
from attune_fit.app.terminal.errors import handle_errors

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
        Path | None, typer.Option(metavar="FILE", help=f"Write one row per client, {TABLE_SUFFIXES}.")
    ] = None,
    raw: Raw = False,
    seed: Seed = None,
    as_of: AsOfEvent = None,
    json: AsJson = False,
) -> None:
    """Place all clients who wait into the open slots; list who still waits, why, and what would help."""
    from attune_fit.app.terminal.console import print_result, show_progress
    from attune_fit.app.views.assignment import show_assignments
    from attune_fit.app.views.journal import show_past_state
    from attune_fit.workspace import open_clinic

    if out is not None and (ALL_POLICIES in policy or len(set(policy)) > 1):
        raise typer.BadParameter("--out writes one placement: name one --policy.")
    pinned, refused = list(_parse_pairs("--pin", pin)), list(_parse_pairs("--refuse", refuse))
    with show_progress("reading the tables") as report_progress:
        workspace = open_clinic(clinic, as_of, report_progress=report_progress)
        result = workspace.assign(policy, pin=pinned, refuse=refused, keep=keep, seed=seed, log=True, out=out, raw=raw)
    if as_of is not None and not json:
        show_past_state(workspace)
    return print_result(result, lambda: show_assignments(result.result, workspace), json)


def _parse_pairs(option: str, texts: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the pairs of ids typed as CLIENT=THERAPIST."""
    for text in texts:
        client, sign, therapist = (part.strip() for part in text.partition("="))
        if not (client and sign and therapist):
            raise typer.BadParameter(f"{option} {text}: write CLIENT=THERAPIST, such as {option} c17=t03.")
        yield client, therapist
