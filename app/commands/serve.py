"""The command `attune serve`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from attune_fit.app.terminal.arguments import ClinicFolder
from attune_fit.app.terminal.errors import handle_errors


@handle_errors
def serve(
    clinic: ClinicFolder,
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 takes any that is free.")] = 8000,
    host: Annotated[
        str,
        typer.Option(
            metavar="ADDRESS",
            help="Where to listen. Any address but 127.0.0.1, localhost and ::1 needs TLS and an account.",
        ),
    ] = "127.0.0.1",
    certificate: Annotated[Path | None, typer.Option(metavar="FILE", help="The certificate for TLS, in PEM.")] = None,
    key: Annotated[Path | None, typer.Option(metavar="FILE", help="The private key of the certificate.")] = None,
    name: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="A name under which browsers reach the desk; give it again for more."),
    ] = None,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes that answer at once.")] = 1,
) -> None:
    """Serve the desk: the pages of a coordinator's day, in a browser.

    At the first start it prints a link that makes the first account, once. Stop
    it with Ctrl-C.
    """
    from attune_fit.app.desk.server import ServeOptions, run_desk
    from attune_fit.app.views.desk_start import show_desk_end, show_desk_start

    options = ServeOptions(host, port, certificate, key, tuple(name or ()), workers)
    run_desk(clinic, options, show_desk_start)
    show_desk_end()
