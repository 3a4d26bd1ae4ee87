"""The server of the desk: check how it can be reached, open the clinic, bind the port, and answer until the end."""

from __future__ import annotations

import errno
import logging
import signal
import socket
import ssl
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from attune_fit.data.accounts.account_faults import build_library_fault
from attune_fit.data.faults import DataFault

if TYPE_CHECKING:
    from fastapi import FastAPI
    from uvicorn import Config

    from attune_fit.app.desk.security.desk_settings import DeskSettings

LIBRARIES = ("argon2", "fastapi", "jinja2", "python_multipart", "uvicorn")
EVERY_ADDRESS = frozenset({"0.0.0.0", "::", ""})  # noqa: S104 - of a computer; such a name is in no address
GRACE_SECONDS = 5  # for requests that run when the desk is ended
KEEP_ALIVE_SECONDS = 75  # people read for longer than the 5 seconds of uvicorn, and then press a button
START_SECONDS = 60  # for a worker to answer the process that watches it
BACKLOG = 128  # connections that wait

logger = logging.getLogger("attune.desk")


@dataclass(frozen=True)
class ServeOptions:
    """How a desk is to be reached.

    Attributes
    ----------
    host : str
        Address of this computer at which it listens.
    port : int
        0: any that is free.
    certificate, key : Path or None
        Files of TLS in PEM; both or none.
    names : tuple of str
        More names under which browsers reach it.
    workers : int
        Processes, >= 1.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    certificate: Path | None = None
    key: Path | None = None
    names: tuple[str, ...] = ()
    workers: int = 1


class StartedDesk(NamedTuple):
    """What a person has to know when a desk starts.

    Attributes
    ----------
    address : str
    set_up_link : str or None
        The address that makes the first account, once; None where there is an account.
    ended_sessions : int
        Sessions that ended because the clock of the computer was set back.
    """

    address: str
    set_up_link: str | None
    ended_sessions: int


def run_desk(folder: Path, options: ServeOptions, announce: Callable[[StartedDesk], None]) -> None:
    """Serve the pages of a clinic until Ctrl-C or SIGTERM; requests that run are answered first.

    Parameters
    ----------
    folder : Path
    options : ServeOptions
    announce : callable
        Called once, when browsers can connect.

    Raises
    ------
    DataFault
        If a library is missing, the clinic has errors, the options expose health data, or the port is taken.
    """
    check_libraries()
    check_certificate(options)
    from attune_fit.app.desk.application import build_application
    from attune_fit.app.desk.security.desk_accounts import open_desk_accounts
    from attune_fit.app.desk.security.desk_settings import LOCAL_NAMES
    from attune_fit.workspace import open_clinic

    workspace = open_clinic(folder)
    accounts = open_desk_accounts(workspace.clinic)
    if options.host.lower() not in LOCAL_NAMES:
        check_exposure(options, has_accounts=accounts.accounts.has_accounts())
    listener = open_socket(options.host, options.port)
    with listener:
        settings = build_settings(options, listener.getsockname()[1])
        ended = accounts.start()
        link = workspace.set_up_desk().result["link"]
        address = format_address(options, settings)
        application = build_application(workspace, settings=settings)  # also for workers: an error ends it here, once
        is_alone = options.workers == 1
        build = (lambda: application) if is_alone else partial(build_in_worker, folder, settings)
        config = build_server_config(build, options)
        announce(StartedDesk(address, link and f"{address}{link}", ended))
        _answer_requests(config, listener, options.workers)


def check_libraries() -> None:
    """Check that the libraries of the desk are installed.

    Raises
    ------
    DataFault
        With the command that installs them.
    """
    if any(find_spec(name) is None for name in LIBRARIES):
        raise build_library_fault()


def check_certificate(options: ServeOptions) -> None:
    """Check that the files of TLS are given together and fit each other.

    Raises
    ------
    DataFault
        If they are not, or cannot be read.
    """
    if (options.certificate is None) != (options.key is None):
        message, fix = "TLS needs two files", "Give both `--certificate FILE` and `--key FILE`, or neither."
        raise DataFault.error("tls-file-missing", "desk", "certificate", message, fix=fix)
    if options.certificate is None:
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(options.certificate, options.key, password="")
    except (OSError, ValueError):  # an error of TLS is an OSError
        message = "the files of TLS cannot be read, do not fit each other, or have a password"
        fix = "Give a certificate and its private key in PEM, without a password."
        raise DataFault.error("tls-file-unsuitable", "desk", "certificate", message, fix=fix) from None


def check_exposure(options: ServeOptions, *, has_accounts: bool) -> None:
    """Check that a desk which other computers can reach has TLS and an account.

    Raises
    ------
    DataFault
        If it has not.
    """
    if options.certificate is None:
        message = "other computers could reach this address, and could read what is sent without TLS"
        fix = "Give `--certificate FILE` and `--key FILE`, or leave out `--host`."
        raise DataFault.error("host-without-tls", "desk", "host", message, fix=fix)
    if not has_accounts:
        message = "other computers could reach this address, and no account has a password yet"
        fix = "Start the desk once without `--host`, set up the first account, then start it with `--host`."
        raise DataFault.error("host-without-accounts", "desk", "host", message, fix=fix)


def open_socket(host: str, port: int) -> socket.socket:
    """Return a socket that listens at an address of this computer.

    Raises
    ------
    DataFault
        If another program has the port, or the address is none of this computer.
    """
    listener = None
    try:
        family, kind, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        listener = socket.socket(family, kind)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(place)
        listener.listen(BACKLOG)
    except OSError as error:
        if listener is not None:
            listener.close()
        if error.errno == errno.EADDRINUSE:
            message, fix = f"another program uses port {port}", "End that program, or give another `--port`."
            raise DataFault.error("port-in-use", "desk", "port", message, fix=fix) from None
        message = f"this computer cannot listen at {host}, port {port}"
        fix = "Give an address of this computer, and a port above 1023."
        raise DataFault.error("address-not-usable", "desk", "host", message, fix=fix) from None
    listener.set_inheritable(True)
    return listener


def build_settings(options: ServeOptions, port: int) -> DeskSettings:
    """Return the settings of the pages: the names that they answer to, and whether there is TLS."""
    from attune_fit.app.desk.security.desk_settings import LOCAL_NAMES, DeskSettings

    names = {name.strip().lower() for name in options.names}
    if options.host.lower() not in LOCAL_NAMES:
        names |= {options.host.lower(), socket.gethostname().lower()} - EVERY_ADDRESS
    return DeskSettings(LOCAL_NAMES | names, port, options.certificate is not None)


def format_address(options: ServeOptions, settings: DeskSettings) -> str:
    """Return the address that a person opens in a browser."""
    name = options.names[0] if options.names else options.host
    name = socket.gethostname() if name in EVERY_ADDRESS else name
    return f"{'https' if settings.is_secure else 'http'}://{f'[{name}]' if ':' in name else name}:{settings.port}"


def build_server_config(build: Callable[[], FastAPI], options: ServeOptions) -> Config:
    """Return the configuration of uvicorn: it logs no address of a page, because ids are in it.

    Parameters
    ----------
    build : callable
        Builds the application, in the process that serves it.
    options : ServeOptions
    """
    from uvicorn import Config

    return Config(
        build, factory=True, lifespan="off", access_log=False, log_level="warning", server_header=False,
        proxy_headers=False, ws="none", timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS, workers=options.workers,
        timeout_worker_healthcheck=START_SECONDS, ssl_certfile=options.certificate, ssl_keyfile=options.key,
    )  # fmt: skip


def build_in_worker(folder: Path, settings: DeskSettings) -> FastAPI:
    """Build the application in one of several processes; each has the clinic open by itself."""
    from uvicorn.config import STARTUP_FAILURE

    from attune_fit.app.desk.application import build_application
    from attune_fit.app.desk.fault_pages import format_error_place
    from attune_fit.models.lightgbm_loading import suppress_scikit_learn
    from attune_fit.workspace import open_clinic

    suppress_scikit_learn()
    try:
        application = build_application(open_clinic(folder), settings=settings)
        application.state.accounts.start()
    except Exception as error:
        logger.error("a worker cannot start, so the desk stops: %s", format_error_place(error))
        sys.exit(STARTUP_FAILURE)
    return application


def _answer_requests(config: Config, listener: socket.socket, workers: int) -> None:
    """Answer requests in this process, or in several, until a signal ends them."""
    from uvicorn import Server
    from uvicorn.supervisors import Multiprocess

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with suppress(KeyboardInterrupt, SystemExit):  # uvicorn raises the signal again when all is answered
        if workers > 1:
            Multiprocess(config, [listener]).run()
        else:
            Server(config).run([listener])
