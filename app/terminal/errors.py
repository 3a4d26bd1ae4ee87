"""Turn an exception into a message without a traceback, and into an exit code."""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import typer

P = ParamSpec("P")
R = TypeVar("R")

DATA_AT_FAULT, USAGE, INTERRUPTED = 1, 2, 130  # exit codes


def handle_errors(command: Callable[P, R]) -> Callable[P, R]:
    """Return the command with its exceptions handled: DataFault, OSError, Ctrl-C and a closed pipe.

    With ``--json`` the faults are printed as JSON on standard output.
    """

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        from attune_fit.data.faults import DataFault

        try:
            return command(*args, **kwargs)
        except DataFault as error:
            if kwargs.get("json"):
                sys.stdout.write(json.dumps({"faults": [vars(fault) for fault in error.faults]}, indent=2) + "\n")
            else:
                from attune_fit.app.terminal.console import print_faults

                print_faults(error.faults, are_raised=True)
            raise typer.Exit(DATA_AT_FAULT) from None
        except KeyboardInterrupt:
            _print_error("Stopped. No partial files were left: each file is complete, or as it was before.")
            raise typer.Exit(INTERRUPTED) from None
        except BrokenPipeError:  # the program that reads our output has ended, as `head` does: no error
            raise typer.Exit(0) from None
        except OSError as error:
            _print_error(f"{_describe_place(error)}: {error.strerror or error}. {_suggest_fix(error)}")
            raise typer.Exit(DATA_AT_FAULT) from None

    return run


def _print_error(message: str) -> None:
    """Print a message on standard error, so that programs can read the result on standard output."""
    from attune_fit.app.terminal.visible_text import show_hidden

    typer.echo(show_hidden(message), err=True)


def _describe_place(error: OSError) -> str:
    return f"Error: cannot read or write {error.filename}" if error.filename else "Error: cannot read or write"


def _suggest_fix(error: OSError) -> str:
    """Return what to do about an error of the file system."""
    import errno

    fixes = {
        errno.ENOSPC: "Free some space and run the same command again. No partial files were left.",
        errno.EACCES: "Give this user permission to read and write there, or copy the clinic folder to another place.",
        errno.EPERM: "Give this user permission to read and write there, or copy the clinic folder to another place.",
        errno.EROFS: "The folder is read-only: copy the clinic folder to a place where you can write.",
        errno.ENOENT: "Check the path.",
        errno.ENOTDIR: "Name a folder, not a file.",
    }
    return fixes.get(error.errno or 0, "Correct this, then run the same command again.")
