"""Plain words everywhere: what puzzles a reader becomes rarer, and never comes back."""

from collections.abc import Sequence
from pathlib import Path

import pytest
import typer

from attune_fit.app.cli import app
from tests.conftest import Attune
from tests.plain_language import LONG, count_everywhere, count_in_source, count_puzzles, read_allowed


def list_commands() -> list[list[str]]:
    """Every command as it is typed, those of a group one after another."""
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    return [
        [name, *inner]
        for name, command in commands.items()
        for inner in ([[one] for one in command.commands] if hasattr(command, "commands") else [[]])
    ]


@pytest.fixture(scope="module")
def now() -> dict[str, dict[str, int]]:
    """What every file has, counted once: each count reads all of the source."""
    return count_everywhere()


def test_no_file_has_more_puzzles_than_the_allow_list_says(now: dict[str, dict[str, int]]) -> None:
    allowed = read_allowed()
    more = [
        f"{name}: {puzzle} {number} times, allowed {allowed.get(name, {}).get(puzzle, 0)}"
        for name, counts in now.items()
        for puzzle, number in counts.items()
        if number > allowed.get(name, {}).get(puzzle, 0)
    ]
    assert not more, "\n".join(["write these in plain words:", *more])


def test_the_allow_list_only_shrinks(now: dict[str, dict[str, int]]) -> None:
    less = [
        f"{name}: {puzzle} {now.get(name, {}).get(puzzle, 0)} times, allowed {number}"
        for name, counts in read_allowed().items()
        for puzzle, number in counts.items()
        if now.get(name, {}).get(puzzle, 0) < number
    ]
    assert not less, "\n".join(["run `make plain`:", *less])


@pytest.mark.parametrize(
    ("text", "puzzle"),
    [
        ("The file tells which.", "told"),
        ("It is mended.", "mend"),
        ("Nobody waits.", "nobody"),
        ("word " * 31 + ".", LONG),
    ],
)
def test_a_puzzle_is_found(text: str, puzzle: str) -> None:
    assert count_puzzles(text)[puzzle] == 1


def test_code_and_short_sentences_are_no_puzzle(tmp_path: Path) -> None:
    assert not count_puzzles("Run `attune tells` " + "and ``says`` now. " + "word " * 29 + ".")
    source = tmp_path / "a.py"
    source.write_text('key = "says"\nrow = {"says": 1}  # one word is a key\n')
    assert not count_in_source(source)
    source.write_text('said = 1  # nobody reads\nprint("this stands here")\n')
    assert dict(count_in_source(source)) == {"name `said`": 1, "nobody": 1, "stands": 1}


def test_what_commands_print_is_plain(attune: Attune, clinic: Path) -> None:
    client = ("--client", "c0061")
    commands: list[Sequence[object]] = [
        ["check", clinic],
        ["rank", clinic, *client],
        ["explain", clinic, *client, "--therapist", "t02"],
        ["why-not", clinic, *client, "--therapist", "t01"],
        ["relax", clinic, *client],
        ["capacity", clinic],
        ["assign", clinic],
        ["follow-up", clinic],
        ["fairness", clinic],
        ["models", "list", clinic],
        *[[*words, "--help"] for words in list_commands()],
    ]
    puzzling = {}
    for words in commands:
        done = attune(*words)
        assert done.exit_code == 0, done.output
        found = count_puzzles(done.output, is_page=True)
        found.pop(LONG, None)  # a table has no sentences
        if found:
            puzzling[" ".join(map(str, words))] = dict(found)
    assert not puzzling
