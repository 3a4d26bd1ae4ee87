"""Print a first mapping: each header with its column, what was left out, the files without a table, the next steps."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.text import Text

from attune_fit.app.terminal.console import build_table, print_text
from attune_fit.data.command_words import format_word

if TYPE_CHECKING:
    from attune_fit.results import Result

COLOURS = {"sure": "green", "asked": "cyan", "filled": "green", "left out": "yellow"}


def show_first_mapping(result: Result, folder: Path) -> None:
    """Print one table for each file of each canonical table, then what has no place, and the commands to go on with."""
    content = result.to_dict()
    for place in dict.fromkeys((line["table"], line["file"]) for line in content["lines"]):
        lines = [line for line in content["lines"] if (line["table"], line["file"]) == place]
        source = content["tables"].get(place[0], {}).get("source")
        title = ": ".join(place) + (f', source = "{source}"' if source else "")
        grid = build_table(escape(title), "your header", "Attune's column", "", "why")
        for line in lines:
            if line["column"] != "file":
                state = Text(line["state"], style=COLOURS[line["state"]])
                grid.add_row(Text(line["header"]), Text(line["column"]), state, Text(line["reason"]))
        print_text(grid)
    if content["unplaced"]:
        places = ", ".join(f"{file} ({reason})" for file, reason in content["unplaced"].items())
        print_text(Text(f"Files without a table: {places}."))
    name = escape(format_word(folder))
    print_text(
        f"Written: [bold]{escape(content['config'])}[/bold]. Read it, then: [bold]attune check {name}[/bold], "
        f"[bold]attune rank {name} --waiting[/bold]"
    )
