"""Parallel work: many independent items in this process, in processes of this machine, or in a Dask cluster."""
