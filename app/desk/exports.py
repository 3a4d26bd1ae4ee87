"""The list of a page as another program takes it: the same content as the command of the same name."""

from __future__ import annotations

from typing import Literal

from starlette.responses import JSONResponse, Response

from attune_fit.results import Result

ExportFormat = Literal["json", "csv"]


def export(result: Result, wanted: ExportFormat | None) -> Response | None:
    """Return a result as JSON (``to_dict``) or CSV (``to_frame``); None where a page is wanted."""
    if wanted == "json":
        return JSONResponse(result.to_dict())
    if wanted == "csv":
        return Response(result.to_csv(), media_type="text/csv; charset=utf-8")
    return None
