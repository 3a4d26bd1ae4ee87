"""Arguments and options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from attune_fit.data.formats.table_formats import format_suffixes

TABLE_SUFFIXES = format_suffixes(writable=True)  # files that a table can be written to, for help texts


def parse_event_number(text: str) -> int:
    """Return the number of an event, >= 1, from what was typed."""
    if not (text.isascii() and text.isdigit() and int(text)):
        raise typer.BadParameter("EVENT is the number of an event; `attune journal` lists them.")
    return int(text)


ClinicFolder = Annotated[
    Path, typer.Argument(metavar="CLINIC", help="Folder with clinic.toml and the tables.", show_default=False)
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON for another program.")]
Seed = Annotated[
    int | None,
    typer.Option(
        min=0,
        help="Seed of the random numbers: the same seed gives the same result. Default: the clinic's setting `seed`.",
    ),
]
ClientId = Annotated[
    str, typer.Option("--client", metavar="ID", help="A client_id of this clinic.", show_default=False)
]
TherapistId = Annotated[
    str, typer.Option("--therapist", metavar="ID", help="A therapist_id of this clinic.", show_default=False)
]
Shortlist = Annotated[
    int | None, typer.Option(min=1, help="How many candidates to print. Default: the clinic's setting `shortlist`.")
]
Raw = Annotated[
    bool,
    typer.Option(
        "--raw",
        help="With --out, for another program: write cells that begin with = + - @ as they are. Without it they get an "
        "apostrophe, so that no spreadsheet runs them as a formula.",
    ),
]
Jobs = Annotated[
    int | None,
    typer.Option(min=1, help="Processes that work at once; the result is the same. Default: one for each core."),
]
Cluster = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS",
        help="Work on a Dask cluster: its scheduler, such as tcp://10.0.0.1:8786, or `local`. The result is the same.",
    ),
]
Why = Annotated[
    bool,
    typer.Option("--why", help="Also show all reasons, who is ruled out by which rule, and the verdict's figures."),
]
BundleName = Annotated[
    str, typer.Argument(metavar="BUNDLE", help="A name that `attune models list` shows; `day0` is the starting model.")
]
DecidedBy = Annotated[str, typer.Option(metavar="TEXT", help="Who decided; the ledger keeps it.")]
AsOfEvent = Annotated[
    int | None,
    typer.Option(
        "--as-of",
        metavar="EVENT",
        parser=parse_event_number,
        help="The clinic as it was after this event of the journal, on the day it was recorded. Default: as it is now.",
        show_default=False,
    ),
]
