"""The command `attune power`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from attune_fit.app.terminal.arguments import AsJson, Seed
from attune_fit.app.terminal.errors import handle_errors

MAX_DIGITS = 18  # of a whole number: Python refuses to read one of thousands


class Kind(StrEnum):
    """Kind of term, without a hypothesis file."""

    interaction = "interaction"
    trait = "trait"
    pair = "pair"


class Spread(StrEnum):
    """Caseloads without a clinic."""

    uneven = "uneven"
    even = "even"


def split_numbers(texts: list[str] | None) -> list[str]:
    """Return the parts of texts with commas or spaces.

    >>> split_numbers([".05,.10", ".15"])
    ['.05', '.10', '.15']
    """
    return [part for text in texts or () for part in text.replace(",", " ").split()]


def read_counts(texts: list[str] | None, option: str) -> list[int]:
    """Return the whole numbers of texts with commas or spaces."""
    parts = split_numbers(texts)
    if not all(part.isascii() and part.isdigit() and len(part) <= MAX_DIGITS for part in parts):
        raise typer.BadParameter("write whole numbers with commas between them, such as 10,20,40.", param_hint=option)
    return [int(part) for part in parts]


@handle_errors
def power(
    clinic: Annotated[
        Path | None,
        typer.Argument(
            metavar="[CLINIC]",
            help="Folder with clinic.toml and the tables. Without it, all numbers are normal.",
            show_default=False,
        ),
    ] = None,
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help="A hypothesis file, or a name of the library.", show_default=False),
    ] = None,
    kind: Annotated[
        Kind | None, typer.Option(help="Kind of term, without a hypothesis file. Default: interaction.")
    ] = None,
    effect: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NUMBERS",
            help="Effects in SD of the outcome for one SD of the term, with commas. Default: the smallest effect of "
            "interest of FILE, else .05,.10,.15. 0 gives the rate of false alarms.",
        ),
    ] = None,
    therapists: Annotated[
        list[str] | None,
        typer.Option(metavar="NUMBERS", help="Numbers of therapists. Default: the clinic's own, and 10,20,40,100."),
    ] = None,
    outcomes: Annotated[
        list[str] | None,
        typer.Option(metavar="NUMBERS", help="Total numbers of outcomes. Default: as many for each therapist as now."),
    ] = None,
    per_therapist: Annotated[
        float | None, typer.Option(help="Outcomes of each therapist. Default: the clinic's mean, else 25.")
    ] = None,
    caseloads: Annotated[Spread, typer.Option(help="Caseloads without a clinic.")] = Spread.uneven,
    therapist_share: Annotated[
        float | None, typer.Option(help="Share of the outcome's variance between therapists. Default: .05.")
    ] = None,
    slope_sd: Annotated[
        float | None,
        typer.Option(
            help="SD over therapists of the slope of an interaction, for other reasons than the trait; or of the "
            "effect of a pair feature. Default: .10."
        ),
    ] = None,
    rate: Annotated[
        float | None, typer.Option(help="Of an outcome that is yes or no: the share of clients with it.")
    ] = None,
    target: Annotated[float | None, typer.Option(help="Power that counts as enough. Default: .80.")] = None,
    precision: Annotated[
        float | None, typer.Option(help="Monte Carlo standard error at which a simulation stops. Default: .0125.")
    ] = None,
    seed: Seed = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the plan to this file: .html with a chart, or .json.")
    ] = None,
    json: AsJson = False,
) -> None:
    """Simulate how often the lab's test finds an effect, before any outcome is opened.

    Simulated studies have the clients, therapists and caseloads of the clinic, and the effect that you state. An effect
    that was estimated from the same data is refused.
    """  # fmt: skip
    from attune_fit.app.terminal.console import print_result, show_progress
    from attune_fit.app.views.power import show_power
    from attune_fit.app.views.power_page import choose_power_format, write_plan
    from attune_fit.verbs.power_verbs import simulate_study_power
    from attune_fit.workspace import open_clinic

    if clinic is not None and file is None and clinic.is_file():
        clinic, file = None, clinic
    if kind is not None and file is not None:
        raise typer.BadParameter("the hypothesis file has a kind of term: leave this option out.", param_hint="--kind")
    options: dict[str, Any] = {
        "kind": kind and kind.value,
        "effects": split_numbers(effect),
        "therapists": read_counts(therapists, "--therapists"),
        "outcomes": read_counts(outcomes, "--outcomes"),
        "per_therapist": per_therapist,
        "therapist_share": therapist_share,
        "slope_sd": slope_sd,
        "rate": rate,
        "target": target,
        "precision": precision,
        "seed": seed,
    }
    format_plan = None if out is None else choose_power_format(out)
    with show_progress("reading the tables" if clinic else "simulating studies") as report_progress:
        if clinic is None:
            result = simulate_study_power(file, caseloads=caseloads.value, report_progress=report_progress, **options)
        else:
            workspace = open_clinic(clinic, report_progress=report_progress)
            if out is not None:
                workspace.check_output_path(out)
            result = workspace.power(file, **options)
        if out is not None and format_plan is not None:
            write_plan(out, format_plan(result.result))
    return print_result(result, lambda: show_power(result.result, out), json)
