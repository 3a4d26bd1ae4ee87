"""Print to a terminal: results on standard output; progress, notes and errors on standard error."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from attune_fit.app.terminal.visible_text import show_hidden

if TYPE_CHECKING:
    from attune_fit.data.faults import Fault
    from attune_fit.results import Result


class SafeConsole(Console):
    """A console that shows control and direction characters of data and never obeys them.

    Every string and text passes here before it is laid out, those in cells of tables too. What rich itself sends for
    colours is added later.
    """

    def __init__(self, *, stderr: bool = False) -> None:
        super().__init__(stderr=stderr, highlight=False)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Yield the segments of something that can be printed, with hidden characters made visible."""
        if isinstance(renderable, str):
            renderable = show_hidden(renderable)
        elif isinstance(renderable, Text) and (visible := show_hidden(renderable.plain)) != renderable.plain:
            renderable = renderable.copy()
            renderable.plain = visible  # of the same length, so that styles stay where they are
        return super().render(renderable, options)


def print_text(content: RenderableType) -> None:
    """Print a sentence, a table or a panel of the result on standard output.

    A string is rich markup: escape what a clinic wrote. The console is new at each call, so that a redirected
    standard output is used.
    """
    SafeConsole().print(content)


def print_note(note: str | Text) -> None:
    """Print a sentence on standard error, where it does not mix with the result; a string is not markup."""
    SafeConsole(stderr=True).print(Text(note) if isinstance(note, str) else note)


def print_plain(text: str) -> None:
    """Print a text on standard output as it is, such as a file that can be saved: no line is broken."""
    print(text, end="")


def print_json(result: Any) -> None:
    """Print a result as JSON on standard output, for another program."""
    print(json.dumps(result, indent=2, default=str, allow_nan=False))


def print_result(result: Result, show: Callable[[], None], as_json: bool, notes_last: bool = False) -> None:
    """Print who is set aside and the notes, then the result: as JSON, or with the view ``show``.

    Who is set aside belongs to the result, so it is on standard output; there it would break the JSON. ``notes_last``
    prints the notes below a long result, where they are still on the screen.
    """
    for people in result.set_aside:
        (print_note if as_json else print_text)(Text(people, style="yellow"))
    if not notes_last:
        _print_notes(result)
    if as_json:
        print_json(result.to_dict())
    else:
        show()
    if notes_last:
        _print_notes(result, "- ")


def _print_notes(result: Result, bullet: str = "") -> None:
    for note in result.notes:
        print_note(f"{bullet}{note}")


def build_table(title: str, *headers: str) -> Table:
    """Return an empty table with these headers; a header that begins with ``>`` is aligned to the right."""
    table = Table(title=title or None, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    for header in headers:
        name = header.removeprefix(">")
        table.add_column(name, justify="right" if header.startswith(">") else "left", overflow="fold")
    return table


def format_count(number: int, noun: str) -> str:
    """Return a number with its noun, in the singular or the plural.

    >>> format_count(1, "client"), format_count(1200, "client")
    ('1 client', '1,200 clients')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def measure_width() -> int:
    """Return the width of standard output, in characters."""
    return SafeConsole().width


def join_within(parts: Sequence[str], width: int) -> str:
    """Join as many parts by commas as ``width`` has room for, at least one; "…" at the end where some are left out.

    >>> join_within(["10 full", "9 no shared slot", "1 in conflict"], 30)
    '10 full, 9 no shared slot, …'
    """
    for number in range(len(parts), 1, -1):
        text = ", ".join(parts[:number]) + (", …" if number < len(parts) else "")
        if len(text) <= width:
            return text
    return f"{parts[0]}, …" if len(parts) > 1 else "".join(parts)


@contextmanager
def show_progress(first_step: str) -> Iterator[Callable[[str], None]]:
    """Show what Attune is doing; yields the function that names the next step.

    In a terminal the step is one line that changes. Elsewhere each step is a line on standard error.
    """
    console = SafeConsole(stderr=True)
    if not console.is_terminal:
        yield lambda step: console.print(Text(f"… {step}", style="dim"))
        return
    with console.status(Text(f"{first_step} …")) as status:
        yield lambda step: status.update(Text(f"{step} …"))


def print_faults(faults: Sequence[Fault], *, are_raised: bool = False) -> None:
    """Print all faults by kind: where, in which rows, what is wrong, and what to do.

    Errors, and all faults with ``are_raised``, go to standard error, the others to standard output.
    """
    from attune_fit.data.faults import format_rows

    kinds = (
        ("error", "red", "{} to fix first", "error"),
        ("set aside", "yellow", "Set aside, on no list until corrected ({})", "finding"),
        ("warning", "yellow", "{} (Attune works around them)", "warning"),
    )
    for kind, colour, title, noun in kinds:
        listed = [fault for fault in faults if fault.kind == kind]
        if not listed:
            continue
        table = build_table(
            f"[{colour}]{title.format(format_count(len(listed), noun))}[/{colour}]", "where", "what", "what to do"
        )
        for fault in listed:
            what = f"{fault.says} ({format_rows(fault.rows, files=fault.files)})" if fault.rows else fault.says
            what = f"{fault.name_people()}: {what}" if fault.sets_aside else what
            table.add_row(*map(Text, (fault.place, what, fault.fix)))  # Text: brackets of TOML are not markup
        SafeConsole(stderr=are_raised or kind == "error").print(table)
