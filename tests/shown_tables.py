"""A clinic that is open with tables that no file holds."""

from __future__ import annotations

from attune_fit.data.clinic.tables import Tables
from attune_fit.workspace import Workspace


def show_tables(workspace: Workspace, tables: Tables) -> None:
    """Let an open clinic have these tables in place of those of its folder, while the folder stays as it is."""
    workspace.refresh()
    workspace.snapshot._parts["tables"] = tables, ()
