"""The command `attune init`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from attune_fit.app.terminal.arguments import AsJson
from attune_fit.app.terminal.errors import handle_errors


@handle_errors
def init(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="FOLDER", help="Folder with the clinic's files, without clinic.toml.", show_default=False
        ),
    ],
    yes: Annotated[
        bool, typer.Option("--yes", help="Ask nothing: take what is sure, and leave out the rest with a warning.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Write a first clinic.toml for the files of a folder.

    Attune looks at headers and cells, and guesses which file is which table,
    which header is which column, and how the cells are written. It takes
    what is sure and asks about the rest. With --json it asks nothing. An
    existing clinic.toml is never changed.
    """
    from attune_fit.app.terminal.console import print_result
    from attune_fit.app.terminal.questions import handle_question
    from attune_fit.app.views.init import show_first_mapping
    from attune_fit.first_mapping import write_first_mapping

    result = write_first_mapping(folder) if yes or json else write_first_mapping(folder, handle_question)
    print_result(result, lambda: show_first_mapping(result), json, notes_last=True)
