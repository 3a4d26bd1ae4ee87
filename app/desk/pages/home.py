"""The address without a page: it leads to the first page of the role's menu."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from attune_fit.app.desk.page_list import list_pages_of
from attune_fit.app.desk.visit import CurrentVisit

router = APIRouter()


@router.get("/")
def redirect_to_first_page(visit: CurrentVisit) -> Response:
    """Lead to the first page that the role has in the menu."""
    return RedirectResponse(list_pages_of(visit.account.role)[0].address, status_code=303)
