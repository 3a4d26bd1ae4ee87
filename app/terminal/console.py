"""What people see in a terminal: results on standard output, progress and complaints on standard error."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from attune_fit.data.faults import Fault


def out() -> Console:
    """The console results go to; made anew so that redirected output is honoured."""
    return Console(highlight=False, soft_wrap=False)


def said(message: str) -> None:
    """Print a sentence of the result."""
    out().print(message)


def aside(message: str) -> None:
    """Print a sentence that is not part of the result."""
    Console(stderr=True, highlight=False).print(message)


def print_json(result: Any) -> None:
    """Print a result for another program."""
    print(json.dumps(result, indent=2, default=str, allow_nan=False))


def table(title: str, *headers: str) -> Table:
    """A plain table; a header that starts with ``>`` is set to the right."""
    made = Table(title=title or None, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    for header in headers:
        name = header.removeprefix(">")
        made.add_column(name, justify="right" if header.startswith(">") else "left", overflow="fold")
    return made


def counted(number: int, noun: str) -> str:
    """A number with its noun.

    >>> counted(1, "client"), counted(1200, "client")
    ('1 client', '1,200 clients')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


@contextmanager
def working(what: str) -> Iterator[Callable[[str], None]]:
    """Show that something is being done; yields a function that says the next step.

    In a terminal it is one moving line; elsewhere each step is a line on standard error.
    """
    console = Console(stderr=True, highlight=False)
    if not console.is_terminal:
        yield lambda step: console.print(f"… {step}", style="dim")
        return
    with console.status(f"{what} …") as status:
        yield lambda step: status.update(f"{step} …")


def show_faults(faults: Sequence[Fault]) -> None:
    """List faults, those that stop first: where, which rows, what, and what to do."""
    from attune_fit.data.faults import format_rows

    kinds = (
        (True, "red", "To mend before anything is done"),
        (False, "yellow", "Noted, and done without"),
    )
    for stops, colour, meaning in kinds:
        some = [fault for fault in faults if fault.stops is stops]
        if not some:
            continue
        shown = table(f"[{colour}]{meaning}: {len(some)}[/{colour}]", "where", "what", "what to do")
        for fault in some:
            where = f"{fault.table}, {fault.column}" if fault.column else fault.table
            what = f"{fault.says} ({format_rows(fault.rows)})" if fault.rows else fault.says
            shown.add_row(*map(Text, (where, what, fault.fix)))  # Text: brackets of TOML are not markup
        Console(highlight=False, stderr=stops).print(shown)
