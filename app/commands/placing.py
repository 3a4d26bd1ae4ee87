"""Commands of a coordinator: whom to offer, and why."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from attune_fit.app.terminal.arguments import AsJson, ClientId, ClinicFolder, Seed, TherapistId
from attune_fit.app.terminal.errors import tells_faults

commands = typer.Typer()
PANEL = "Clients"  # under which heading `--help` lists them


@commands.command(rich_help_panel=PANEL)
@tells_faults
def rank(
    clinic: ClinicFolder,
    client: Annotated[str | None, typer.Option(metavar="ID", help="One client: a shortlist with reasons.")] = None,
    waiting: Annotated[bool, typer.Option("--waiting", help="Every client who waits.")] = False,
    everyone: Annotated[bool, typer.Option("--all", help="Every client.")] = False,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write one row per client × therapist, .csv or .parquet.")
    ] = None,
    shortlist: Annotated[int | None, typer.Option(min=1, help="How many to print; else the clinic's setting.")] = None,
    seed: Seed = None,
    json: AsJson = False,
) -> None:
    """Rank the therapists who can be offered, with reasons; and say why the others are not on the list."""
    from attune_fit.app.ranking import ranked

    ranked(clinic, client, waiting, everyone, out, shortlist, seed, as_json=json)


@commands.command(rich_help_panel=PANEL)
@tells_faults
def rematch(
    clinic: ClinicFolder,
    client: ClientId,
    shortlist: Annotated[int | None, typer.Option(min=1, help="How many to print; else the clinic's setting.")] = None,
    seed: Seed = None,
    json: AsJson = False,
) -> None:
    """Rank again for a client who has met someone: that pair left out, what the client said of it taken in.

    Also says what to expect of a change beside going on, and what second therapists brought in your records.
    """
    from attune_fit.app.following import rematched

    rematched(clinic, client, shortlist, seed, as_json=json)


@commands.command("follow-up", rich_help_panel=PANEL)
@tells_faults
def follow_up(clinic: ClinicFolder, json: AsJson = False) -> None:
    """List pairs whose early alliance is weak, whose check is due or missing, and clients who left early.

    A row of `outcomes` is a score; only the client's own ratings count. What is weak, and when a check is due, is said
    in the section follow_up of clinic.toml.
    """
    from attune_fit.app.following import followed

    followed(clinic, as_json=json)


@commands.command(rich_help_panel=PANEL)
@tells_faults
def explain(
    clinic: ClinicFolder,
    client: ClientId,
    therapist: TherapistId,
    json: AsJson = False,
) -> None:
    """Show the sum behind one pair's score, part by part."""
    from attune_fit.app.ranking import explained

    explained(clinic, client, therapist, as_json=json)


@commands.command(rich_help_panel=PANEL)
@tells_faults
def relax(
    clinic: ClinicFolder,
    client: ClientId,
    most: Annotated[int, typer.Option(min=1, help="How many ways to tell.")] = 10,
    json: AsJson = False,
) -> None:
    """Find the smallest changes that would add candidates for a client: whom they bring, what they are worth and cost.

    A slot more, a wish made weaker, an opening, a row checked again. With `attune capacity`: what all who wait lack.
    """
    from attune_fit.app.relaxing import relaxed

    relaxed(clinic, client, most, as_json=json)


@commands.command(rich_help_panel=PANEL)
@tells_faults
def capacity(
    clinic: ClinicFolder,
    codes: Annotated[int, typer.Option(min=1, help="The most codes in a new therapist's profile.")] = 10,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write every count there, .csv or .parquet; none below 10 is told."),
    ] = None,
    json: AsJson = False,
) -> None:
    """Show which missing capacity blocks the most clients who wait, and whom to hire for those nobody can be offered.

    Openings, payers, languages, hours, licences, formats, limits, rows to check: each with how many clients it would
    give a candidate.
    """
    from attune_fit.app.lacking import lacking

    lacking(clinic, codes, out, as_json=json)


@commands.command("why-not", rich_help_panel=PANEL)
@tells_faults
def why_not(
    clinic: ClinicFolder,
    client: ClientId,
    therapist: TherapistId,
    against: Annotated[
        str | None,
        typer.Option(metavar="ID", help="Another therapist to compare with; else the one above on the list."),
    ] = None,
    json: AsJson = False,
) -> None:
    """Say why a therapist is not on a client's list, rule by rule; or why not before another, part by part."""
    from attune_fit.app.whynot import told_why_not

    told_why_not(clinic, client, therapist, against, as_json=json)


@commands.command(rich_help_panel=PANEL)
@tells_faults
def assign(
    clinic: ClinicFolder,
    policy: Annotated[
        list[str],
        typer.Option(
            metavar="NAME",
            help="balanced, wishes-first, alliance-first, first-come; else the clinic's own. Given twice, or as `all`, "
            "policies are held side by side.",
            show_default=False,
        ),
    ] = [],  # noqa: B006  (typer reads it, nobody writes it)
    pin: Annotated[
        list[str], typer.Option(metavar="CLIENT=THERAPIST", help="Make this pair; may be repeated.", show_default=False)
    ] = [],  # noqa: B006
    refuse: Annotated[
        list[str],
        typer.Option(
            metavar="CLIENT=THERAPIST", help="Do not make it in this run; may be repeated.", show_default=False
        ),
    ] = [],  # noqa: B006
    keep: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", exists=True, dir_okay=False, help="A placement from --out: move as few of it as can be."
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write one row per client, as CSV.")] = None,
    seed: Seed = None,
    json: AsJson = False,
) -> None:
    """Place everyone who waits within the open slots; say who still waits, why, and what would help."""
    from attune_fit.app.assigning import assigned

    assigned(clinic, policy, pin, refuse, keep, out, seed, as_json=json)


@commands.command(rich_help_panel=PANEL)
@tells_faults
def fairness(
    clinic: ClinicFolder,
    everyone: Annotated[
        bool, typer.Option("--all", help="Lists for every client, as if each came today; else for those who wait.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write every group there: .html with pictures, or .json.")
    ] = None,
    json: AsJson = False,
) -> None:
    """Compare lists and outcomes between groups of clients and of therapists, with intervals.

    Groups are columns of the tables: `fairness.groups` in clinic.toml. Of fewer than ten people nothing is told.
    """
    from attune_fit.app.fairness import fairness as compared

    compared(clinic, out, everyone=everyone, as_json=json)
