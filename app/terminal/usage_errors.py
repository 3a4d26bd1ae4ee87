"""Errors of usage, which quote what was typed: hidden characters of it are shown as visible ones."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from typer.core import TyperGroup

from attune_fit.app.terminal.visible_text import show_hidden


class VisibleUsageGroup(TyperGroup):
    """The commands of `attune`; an escape sequence in an argument does not act on the terminal through an error."""

    def make_context(self, *args: Any, **kwargs: Any) -> Any:
        """Read the options before the command."""
        with _show_hidden_in_errors():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: Any) -> Any:
        """Read the options of the command, and run it."""
        with _show_hidden_in_errors():
            return super().invoke(ctx)


@contextmanager
def _show_hidden_in_errors() -> Iterator[None]:
    """Raise an error again with its message made visible; errors of usage have a message that is printed."""
    try:
        yield
    except Exception as error:
        message = getattr(error, "message", None)
        if isinstance(message, str):
            error.message = show_hidden(message)  # type: ignore[attr-defined]  # checked in the line above
        raise
