"""The numbers that R's lme4, lmerTest and pbkrtest gave for stored records; ``tests/golden/lme4`` has their script."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

HOME = Path(__file__).resolve().parents[3]
FOLDER = HOME / "tests" / "golden" / "lme4"


@cache
def read_golden() -> dict[str, Any]:
    """Read every stored number of R."""
    content: dict[str, Any] = json.loads((FOLDER / "golden.json").read_text(encoding="utf-8"))
    return content


@cache
def read_synthetic_records() -> pd.DataFrame:
    """Read the synthetic records of the mixed models: ``client``, ``therapist``, ``pair``, two variables and ``y``."""
    return pd.read_csv(FOLDER / "records.csv")


@cache
def read_diary() -> pd.DataFrame:
    """Read the complete ratings of the diary; ``t`` counts occasions from 0."""
    return pd.read_csv(HOME / "examples" / "alliance_diary" / "wai_long.csv").dropna(ignore_index=True)
