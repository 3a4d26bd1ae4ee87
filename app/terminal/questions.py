"""Questions in a terminal: each with its possible answers; an empty answer leaves the thing out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import typer

from attune_fit.app.terminal.console import print_note
from attune_fit.app.terminal.visible_text import show_hidden


class Askable(Protocol):
    """A question with its place, its choices, and what happens without an answer."""

    @property
    def place(self) -> str:
        """What it is about."""

    @property
    def text(self) -> str:
        """The question."""

    @property
    def choices(self) -> Sequence[str]:
        """The possible answers; empty where any text is one."""

    @property
    def without(self) -> str:
        """What happens without an answer."""


def handle_question(question: Askable) -> str | None:
    """Print a question on standard error and return the answer; None for an empty one, or at the end of the input.

    A choice is answered by its number or its text. Another answer is asked for again.
    """
    print_note(f"\n{question.place}\n{question.text}")
    for number, choice in enumerate(question.choices, 1):
        print_note(f"  {number}  {choice}")
    while True:
        try:
            typed = typer.prompt(
                f"Answer (Enter: {show_hidden(question.without)})", default="", show_default=False, err=True
            ).strip()
        except typer.Abort:
            return None
        if not typed:
            return None
        if not question.choices:
            return str(typed)
        if typed.isascii() and typed.isdigit() and 1 <= int(typed) <= len(question.choices):
            return question.choices[int(typed) - 1]
        if (match := next((one for one in question.choices if one.casefold() == typed.casefold()), None)) is not None:
            return match
        print_note(f"Type a number from 1 to {len(question.choices)}, or press Enter.")
