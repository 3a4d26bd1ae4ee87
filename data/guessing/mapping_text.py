"""Text of a first ``clinic.toml``: each line with a comment, and what was left out as a comment of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from attune_fit.data.guessing.guess import IDENTIFYING, FirstMapping, Guess
from attune_fit.data.writing.toml_text import format_key, format_value

TITLES = {
    "clients": "who seeks a therapist",
    "therapists": "who offers therapy",
    "preferences": "what clients wish",
    "outcomes": "how it went",
    "conflicts": "pairs that must not meet",
}
HEAD = """# A first mapping, made by `attune init`. The words on the left are Attune's, those on the right are yours.
# Read each line, correct what is wrong, then run `attune check`. All keys: docs/reference/clinic-toml.md

[clinic]
# name = "our clinic"       # shown above rankings
"""
AS_OF = "# as_of = 2026-01-31        # day of the export; without it, ages and waits are counted to today"
RULE = 118


def format_mapping(mapping: FirstMapping) -> str:
    """Return the text of ``clinic.toml`` for a first mapping.

    Lines of guesses that are less sure have their reason, and a guess that was left out is a comment.
    """
    return HEAD + "\n".join(_list_lines(mapping)).rstrip() + "\n"


def _list_lines(mapping: FirstMapping) -> Iterator[str]:
    day = mapping.config.get("clinic", {}).get("as_of")
    yield from (AS_OF if day is None else f"as_of = {format_value(day)}", "")
    if "waiting" in mapping.config:
        yield from ("[waiting]", f"where = {format_value(mapping.config['waiting']['where'])}", "")
    else:
        yield from ("[waiting] # without a condition, every client without a rating waits",
                    '# where = { column = "status", is = "waiting" }', "")  # fmt: skip
    for table, section in mapping.config["tables"].items():
        yield f"# {'-' * (RULE - len(TITLES[table]) - 3)} {TITLES[table]}"
        guesses = [guess for guess in mapping.guesses if guess.table == table]
        parts = section.get("parts", ())
        for number, part in enumerate(parts):
            files = [guess.file for guess in guesses if guess.column == "file"]
            own = [guess for guess in guesses if guess.file == files[number]]
            yield from _list_table(table, part, own, part=f"[[tables.{table}.parts]]")
        if not parts:
            yield from _list_table(table, section, guesses)


def _list_table(table: str, section: dict[str, Any], guesses: list[Guess], part: str = "") -> Iterator[str]:
    """Yield the lines of one table: its own keys, its columns, then what was left out, and its wishes.

    ``part`` is the line above a part of a table.
    """
    own = {key: value for key, value in section.items() if key not in ("columns", "wishes", "join")}
    if own:
        yield part or f"[tables.{table}]"
        yield from (f"{key} = {format_value(value)}" for key, value in own.items())
        yield ""
    for join in section.get("join", ()):
        yield f"[[tables.{table}.join]]"
        yield from (f"{key} = {format_value(value)}" for key, value in join.items())
        yield ""
    if section.get("columns"):
        yield f"[tables.{table}.parts.columns]" if part else f"[tables.{table}.columns]"
        by_column = {guess.column: guess for guess in guesses if guess.value is not None}
        for name, value in section["columns"].items():
            yield f"{format_key(name)} = {format_value(value)}{_format_comment(by_column.get(name))}"
    filled = [f"{guess.column} = {format_value(guess.header)}" for guess in guesses if guess.state == "filled"]
    dropped = [format_value(guess.header) for guess in guesses if guess.reason == IDENTIFYING]
    if dropped:
        yield f"# dropped by the preset, because they identify people: {', '.join(dropped)}"
    if filled:
        yield f"# filled by the preset: {', '.join(filled)}"
    for guess in guesses:
        if guess.state == "left out" and guess.column:
            yield f"# {guess.column} = {format_value(guess.header)} # left out: {guess.reason}"
    if section.get("columns") or filled or dropped:
        yield ""
    for wish in section.get("wishes", ()):
        yield f"[[tables.{table}.wishes]]"
        yield from (f"{key} = {format_value(value)}" for key, value in wish.items())
        yield ""


def _format_comment(guess: Guess | None) -> str:
    """Return the reason of a guess as a comment, where it is not plain from the header."""
    if guess is None or (guess.state == "sure" and guess.reason.startswith("same words")):
        return ""
    return f" # {guess.state}: {guess.reason}"
