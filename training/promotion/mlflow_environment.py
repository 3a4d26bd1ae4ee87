"""What surrounds every use of MLflow: its settings, its silence, and its errors in plain words."""

from __future__ import annotations

import errno
import logging
import os
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

SERVER_VARIABLE = "MLFLOW_TRACKING_URI"
OWN_PLACE = "artifacts/mlflow.db"
REQUEST_SECONDS = 5  # how long one request to a tracking server can take
PREFIXES = ("MLFLOW_", "_MLFLOW_", "DATABRICKS_")  # variables that redirect what MLflow writes
SERVER_PREFIXES = ("MLFLOW_TRACKING_", "MLFLOW_S3_", "DATABRICKS_")  # address and login, where the clinic uses a server
QUIET_LOGGERS = ("mlflow", "alembic", "sqlalchemy", "urllib3")
SETTINGS = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "MLFLOW_LOGGING_LEVEL": "CRITICAL",
    "MLFLOW_SQLALCHEMYSTORE_POOLCLASS": "NullPool",  # no connection outlives its use: a clinic's folder can be moved
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": str(REQUEST_SECONDS),
    "MLFLOW_ARTIFACT_UPLOAD_DOWNLOAD_TIMEOUT": str(REQUEST_SECONDS),
}


@dataclass(frozen=True)
class MlflowProblem:
    """Why MLflow cannot be used: a row of :data:`PROBLEMS`.

    Attributes
    ----------
    signs : tuple of str or int
        Parts of the text of an error, in lower case, or its number in :mod:`errno`.
    reason : str
        The end of a sentence about the database or the server.
    fix : str
    """

    signs: tuple[str | int, ...]
    reason: str
    fix: str


READ_ONLY_REASON = "Attune cannot write there"
MOVE = "Move it to another folder: the next training makes a new one."
PROBLEMS = (  # the first one with a sign of the error counts
    MlflowProblem(
        ("disk is full", errno.ENOSPC, errno.EDQUOT, errno.EFBIG), "the disk is full", "Make room on the disk."
    ),
    MlflowProblem(
        ("database is locked", "database table is locked", errno.ETIMEDOUT),
        "another program has locked it",
        "Close that program, such as MLflow's pages.",
    ),
    MlflowProblem(
        ("readonly database", errno.EROFS, errno.EACCES, errno.EPERM),
        READ_ONLY_REASON,
        "Give this user permission to write there.",
    ),
    MlflowProblem(("not a database", "malformed"), "it is damaged, or is no database", MOVE),
    MlflowProblem(
        ("disk i/o error",), "the disk is full, or fails", "Make room on the disk. If it has room, look for its faults."
    ),
    MlflowProblem(("unable to open",), "it cannot be opened", MOVE),
    MlflowProblem(
        ("out-of-date database schema", "can't locate revision"),
        "another version of MLflow made it",
        f"Update it with `mlflow db upgrade`. Or: {MOVE[0].lower()}{MOVE[1:]}",
    ),
    MlflowProblem(
        ("error code 401", "error code 403", "unauthorized", "forbidden"),
        "the server refuses the login",
        "Correct the login in the environment.",
    ),
    MlflowProblem(
        (
            "api request to",
            "max retries exceeded",
            "timed out",
            "connection",
            "name or service not known",
            "failed to resolve",
        ),
        "the server does not answer",
        f"Start it, or correct {SERVER_VARIABLE}.",
    ),
)


class MlflowUnavailableError(Exception):
    """MLflow cannot be used now. The text is a note for people; it holds no cell and no text of another program."""

    def __init__(self, place: str, reason: str, fix: str) -> None:
        self.reason, self.fix = reason, fix
        super().__init__(f"MLflow cannot be used ({place}: {reason}). {fix}")


def describe_error(error: BaseException, place: str) -> MlflowUnavailableError:
    """Return an error of MLflow, its database or its server in plain words.

    Parameters
    ----------
    error : exception
        Its causes are read too.
    place : str
        The database or the variable with the server.
    """
    causes: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in causes:
        causes.append(cause)
        cause = cause.__cause__ or cause.__context__
    text = " ".join(str(one) for one in causes).lower()
    numbers = {one.errno for one in causes if isinstance(one, OSError)}
    for row in PROBLEMS:
        if any(sign in numbers if isinstance(sign, int) else sign in text for sign in row.signs):
            return MlflowUnavailableError(place, row.reason, row.fix)
    fix = MOVE if place == OWN_PLACE else f"Correct {SERVER_VARIABLE}, or the server."
    return MlflowUnavailableError(place, f"MLflow ended with {type(error).__name__}", fix)


@contextmanager
def use_mlflow(server: str) -> Iterator[None]:
    """Set MLflow's settings for a while: no output, no long retries, no address from the environment.

    Parameters
    ----------
    server : str
        The tracking server that the clinic uses; empty for the clinic's own database. Without a server no variable of
        the environment counts that could send the clinic's figures elsewhere.
    """
    kept = SERVER_PREFIXES if server else ()
    wanted: dict[str, str | None] = {
        name: None for name in os.environ if name.startswith(PREFIXES) and not name.startswith(kept)
    }
    wanted.update(SETTINGS)
    with _set_environment(wanted), _silence_mlflow():
        _load_database_tools()
        with escape_percent(), _stop_retries():
            yield


def _load_database_tools() -> None:
    """Import MLflow's database tools without Pygments, which colours templates that Attune never shows."""
    if "mlflow" in sys.modules or "pygments" in sys.modules:
        return
    sys.modules["pygments"] = None  # type: ignore[assignment] # Python's own way to make an import fail
    try:
        import mlflow.store.db.utils  # noqa: F401
    except ImportError:  # another version of its libraries needs Pygments
        pass
    finally:
        del sys.modules["pygments"]


@contextmanager
def escape_percent() -> Iterator[None]:
    """Let MLflow find its migrations where its own path holds a ``%``, which alembic takes for a variable."""
    from mlflow.store.db import utils

    get_package_dir = utils._get_package_dir
    utils._get_package_dir = lambda: get_package_dir().replace("%", "%%")
    try:
        yield
    finally:
        utils._get_package_dir = get_package_dir


@contextmanager
def _stop_retries() -> Iterator[None]:
    """Let MLflow try a database once; its 10 tries take two minutes without a word."""
    from mlflow.store.db import utils

    retries = utils.MAX_RETRY_COUNT
    utils.MAX_RETRY_COUNT = 1
    try:
        yield
    finally:
        utils.MAX_RETRY_COUNT = retries


@contextmanager
def _silence_mlflow() -> Iterator[None]:
    """Switch off log lines, tracebacks and warnings of MLflow and its libraries; restore every setting at the end."""
    loggers = [logging.getLogger(name) for name in QUIET_LOGGERS]
    loggers += [logging.getLogger(name) for name in logging.root.manager.loggerDict if name.startswith("sqlalchemy.")]
    levels = [(logger, logger.level) for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)  # MLflow logs the traceback of an error that it also raises
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a clinic cannot fix deprecations inside MLflow
            yield
    finally:
        for logger, level in levels:
            logger.setLevel(level)


@contextmanager
def _set_environment(wanted: Mapping[str, str | None]) -> Iterator[None]:
    """Set environment variables, or remove those that are None; restore them at the end."""
    before = {name: os.environ.get(name) for name in wanted}
    _update_environment(wanted)
    try:
        yield
    finally:
        _update_environment(before)


def _update_environment(wanted: Mapping[str, str | None]) -> None:
    """Set environment variables, or remove those that are None."""
    for name, value in wanted.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
