"""Options of `attune record`, one for each field of an event, and its help: made from the rows of the events."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable, Mapping
from typing import Annotated, Any, ParamSpec

import typer

from attune_fit.data.journal.events.event_fields import EVENT_FIELDS, EventField
from attune_fit.data.journal.events.event_types import EVENT_TYPES

P = ParamSpec("P")
HELP_WIDTH = 76  # characters of a line of the help, in a terminal of 80
EXAMPLES = (
    "attune record CLINIC offered --client c0542 --therapist t03 --until 2026-12-06",
    "attune record CLINIC client_changed --client c0542 --set payer=self-pay",
    "attune record CLINIC undone 17 --because wrong-entry",
)


def add_event_options(command: Callable[P, None]) -> Callable[P, None]:
    """Give a command an option for each field of an event in place of its ``**values``, and a help with all events.

    Typer reads the options of a command from its signature, so the signature is what this changes.
    """
    signature = inspect.signature(command, eval_str=True)
    own = [one for one in signature.parameters.values() if one.kind is not inspect.Parameter.VAR_KEYWORD]
    fields = [_build_parameter(field) for field in EVENT_FIELDS if field.option]
    n_first = sum(one.default is inspect.Parameter.empty for one in own)  # Python wants these before the others
    both = [*own[:n_first], *sorted([*own[n_first:], *fields], key=_place_option)]
    command.__signature__ = signature.replace(parameters=both)  # type: ignore[attr-defined]  # functions may have one
    command.__annotations__ = {one.name: one.annotation for one in both}
    command.__doc__ = f"{inspect.cleandoc(command.__doc__ or '')}\n\n{_list_events()}\n\n{_list_examples()}"
    return command


def read_cells(texts: list[str]) -> dict[str, str]:
    """Read cells typed as COLUMN=VALUE.

    Raises
    ------
    BadParameter
        If one is typed otherwise, or a column twice.
    """
    cells: dict[str, str] = {}
    for text in texts:
        column, sign, value = text.partition("=")
        if not (column.strip() and sign):
            raise typer.BadParameter("--set: write COLUMN=VALUE, such as --set urgency=2.")
        if column.strip() in cells:
            raise typer.BadParameter(f"--set names the column {column.strip()} twice.")
        cells[column.strip()] = value.strip()
    return cells


def drop_absent_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of the options that were typed; cells as a mapping."""
    typed = {name: value for name, value in values.items() if value not in (None, [])}
    return {**typed, "cells": read_cells(typed["cells"])} if "cells" in typed else typed


def _build_parameter(field: EventField) -> inspect.Parameter:
    """Return the parameter of a field. Its text is read later, with all others, so that one error lists every fault."""
    events = ", ".join(row.name for row in EVENT_TYPES if field.name in row.all_fields)
    codes = f" One of {', '.join(field.codes)}." if field.codes else ""
    many = field.kind == "cells"
    option = typer.Option(field.option, metavar=field.metavar, show_default=False,
                          help=f"{field.description}{codes} For {events}.")  # fmt: skip
    return inspect.Parameter(
        field.name,
        inspect.Parameter.POSITIONAL_OR_KEYWORD,
        default=[] if many else None,
        annotation=Annotated[list[str] if many else str | None, option],
    )


def _place_option(parameter: inspect.Parameter) -> int:
    """Return the place of a parameter: what the event is, its fields, then how it is recorded."""
    first, last = ("event", "number", "client", "therapist"), ("on", "new_codes", "expected", "actor", "json")
    if parameter.name in first:
        return first.index(parameter.name) - len(first)
    return 1 + last.index(parameter.name) if parameter.name in last else 0


def _list_events() -> str:
    """Return the events with their meaning, as a block that Markdown shows as it is."""
    width = max(len(row.name) for row in EVENT_TYPES)
    lines = [
        line
        for row in EVENT_TYPES
        for line in textwrap.wrap(
            f"{row.name:{width}}  {row.description}", HELP_WIDTH - 4, subsequent_indent=" " * (width + 2)
        )
    ]
    return "Events:\n\n" + textwrap.indent("\n".join(lines), "    ")


def _list_examples() -> str:
    return "Examples:\n\n" + textwrap.indent("\n".join(EXAMPLES), "    ")
