"""What went wrong, told once and turned into an exit code."""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import typer

P = ParamSpec("P")
R = TypeVar("R")

DATA_AT_FAULT, USAGE, INTERRUPTED = 1, 2, 130


def tells_faults(command: Callable[P, R]) -> Callable[P, R]:
    """Let a command raise DataFault or OSError, or be interrupted, without a traceback reaching a coordinator."""

    @functools.wraps(command)
    def told(*args: P.args, **kwargs: P.kwargs) -> R:
        from attune_fit.data.faults import DataFault

        try:
            return command(*args, **kwargs)
        except DataFault as fault:
            if kwargs.get("json"):
                sys.stdout.write(json.dumps({"faults": [vars(each) for each in fault.faults]}, indent=2) + "\n")
            else:
                from attune_fit.app.terminal.console import show_faults

                show_faults(fault.faults)
            raise typer.Exit(DATA_AT_FAULT) from None
        except KeyboardInterrupt:
            _say("Stopped. Nothing is half written: what was being written is gone, what stood before still stands.")
            raise typer.Exit(INTERRUPTED) from None
        except BrokenPipeError:  # the reader of our output left: nothing is wrong
            raise typer.Exit(0) from None
        except OSError as error:
            _say(f"{_place(error)}: {error.strerror or error}. {_mend(error)}")
            raise typer.Exit(DATA_AT_FAULT) from None

    return told


def _say(message: str) -> None:
    """Say it on standard error, so that a result on standard output stays readable by programs."""
    typer.echo(message, err=True)


def _place(error: OSError) -> str:
    return f"cannot use {error.filename}" if error.filename else "cannot read or write"


def _mend(error: OSError) -> str:
    """What to do about an error of the file system."""
    import errno

    mends = {
        errno.ENOSPC: "Free some space and run the same command again; nothing half written is left.",
        errno.EACCES: "Give this user the right to read and write there, or copy the clinic folder elsewhere.",
        errno.EPERM: "Give this user the right to read and write there, or copy the clinic folder elsewhere.",
        errno.EROFS: "The folder is read-only: copy the clinic folder to a place that can be written.",
        errno.ENOENT: "Check the path.",
        errno.ENOTDIR: "Name a folder, not a file.",
    }
    return mends.get(error.errno or 0, "Run the same command again when it is mended.")
