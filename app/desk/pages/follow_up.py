"""The page follow_up."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter()
