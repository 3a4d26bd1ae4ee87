"""The command line is the same whether all commands are built or the named one alone."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer

from attune_fit.app import cli
from attune_fit.app.cli import COMMANDS, app, build_app


@cache
def whole() -> Any:
    """The command line with all commands, which takes longest to build."""
    return typer.main.get_command(build_app())


def test_each_command_is_in_one_panel_and_has_a_file_of_its_name() -> None:
    listed = [name for names in cli.PANELS.values() for name in names]
    assert sorted(listed) == sorted(COMMANDS)
    files = {path.stem.replace("_", "-") for path in Path(cli.__file__).with_name("commands").glob("[!_]*.py")}
    assert files == COMMANDS


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_a_command_that_is_built_alone_has_the_help_and_the_errors_of_all_together(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(command: Any, words: list[str]) -> tuple[Any, ...]:
        with pytest.raises(SystemExit) as stop:
            command.main(words, prog_name="attune")
        return stop.value.code, *capsys.readouterr()

    alone = typer.main.get_command(build_app((name,)))
    for words in ([name, "--help"], [name, "--no-such-option"]):
        done = run(alone, words)
        assert done == run(whole(), words)
        assert any(done[1:])


def test_the_command_line_in_tests_and_pages_has_every_command() -> None:
    assert app is build_app()
    with pytest.raises(AttributeError, match="has no attribute 'apps'"):
        _ = cli.apps


@pytest.mark.parametrize(
    ("words", "built"),
    [
        (["rank", "--help"], ("rank",)),
        (["why-not", "--help"], ("why-not",)),
        (["--help"], COMMANDS),
        ([], COMMANDS),
        (["--version"], COMMANDS),
        (["ranks"], COMMANDS),
    ],
)
def test_the_command_that_is_named_first_is_built_alone(
    monkeypatch: pytest.MonkeyPatch, words: list[str], built: object
) -> None:
    asked: list[object] = []

    def build(names: object) -> object:
        asked.append(names)
        return lambda: None

    monkeypatch.setattr(cli, "build_app", build)
    monkeypatch.setattr(sys, "argv", ["attune", *words])
    monkeypatch.setattr("attune_fit.models.lightgbm_loading.suppress_scikit_learn", lambda: None)
    monkeypatch.setattr("atexit.register", lambda function: function)
    monkeypatch.setenv("PYDANTIC_DISABLE_PLUGINS", "")
    cli.main()
    assert asked == [built]
