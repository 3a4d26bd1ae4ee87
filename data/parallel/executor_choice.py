"""Choose an executor by the options ``--jobs`` and ``--cluster``."""

from __future__ import annotations

from attune_fit.data.parallel.executor import Executor, SerialExecutor, count_cores

LOCAL_CLUSTER = "local"  # in place of an address: a cluster of this machine, for the time of one command


def open_executor(jobs: int | None = None, cluster: str | None = None) -> Executor:
    """Return an executor to use in a ``with`` block. Its processes start when they are first needed.

    Parameters
    ----------
    jobs : int, optional
        Processes of this machine, >= 1; 1 is this process alone. Default: one for each core. A cluster with an address
        has its own workers.
    cluster : str, optional
        Address of the scheduler of a Dask cluster, such as ``tcp://10.0.0.1:8786``; or :data:`LOCAL_CLUSTER`.

    Raises
    ------
    DataFault
        If the packages of the cluster are not installed, no scheduler or no worker answers, or other versions run
        there.
    """
    jobs = count_cores() if jobs is None else jobs
    if cluster is not None:
        from attune_fit.data.parallel.dask_cluster import DaskCluster  # loads dask

        return DaskCluster.from_local(jobs) if cluster == LOCAL_CLUSTER else DaskCluster.from_address(cluster)
    if jobs == 1:
        return SerialExecutor()
    from attune_fit.data.parallel.local_processes import LocalProcesses

    return LocalProcesses(jobs)
