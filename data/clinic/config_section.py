"""The base of every part of ``clinic.toml``."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from attune_fit.data.formats.reading_limits import MAX_TEXT_LETTERS


class ConfigSection(BaseModel):
    """A part of ``clinic.toml``. An unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, str_max_length=MAX_TEXT_LETTERS)
