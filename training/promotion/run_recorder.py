"""Record a training in MLflow while another process has loaded it: MLflow and matplotlib take seconds to import."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from attune_fit.data.faults import DataFault
from attune_fit.data.parallel.executor import Executor, SerialExecutor
from attune_fit.data.parallel.local_processes import LocalProcesses
from attune_fit.training.promotion.mlflow_environment import MlflowUnavailableError
from attune_fit.training.promotion.mlflow_tracking import RunStore, TrainingRun, load_mlflow, log_training


class RunRecorder:
    """Records a training in MLflow, in this process or in one of its own; a context manager.

    Parameters
    ----------
    has_own_process : bool
        Whether a process of its own loads the libraries as soon as :meth:`start` is called. What is recorded is the
        same. If that process is lost, this process records the training.
    """

    def __init__(self, has_own_process: bool = False) -> None:
        self._executor: Executor = LocalProcesses(1) if has_own_process else SerialExecutor()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self) -> None:
        """Begin to load the libraries in the other process, and return at once."""
        self._executor.start(load_recording_libraries)

    def record(self, store: RunStore, bundle: Path, training: TrainingRun) -> tuple[str, str]:
        """Log a training, see :func:`log_training`.

        Returns
        -------
        str, str
            Id of the run, and why there is none; one of the two is empty.
        """
        item = store, bundle, training
        try:
            return next(iter(self._executor.map_ordered(record_training, [item], None)))
        except DataFault:  # its process was killed, or could not start
            return record_training(None, item)

    def close(self) -> None:
        """End the other process."""
        self._executor.close()


def load_recording_libraries() -> None:
    """Import what :func:`record_training` needs; an error shows when it is used."""
    with suppress(Exception):
        load_mlflow()
        import matplotlib.backends.backend_agg
        import matplotlib.figure  # noqa: F401


def record_training(context: None, item: tuple[RunStore, Path, TrainingRun]) -> tuple[str, str]:  # noqa: ARG001 - an executor calls it
    """Log a training; return the id of its run, and why there is none."""
    try:
        return log_training(*item), ""
    except MlflowUnavailableError as error:
        return "", str(error)
