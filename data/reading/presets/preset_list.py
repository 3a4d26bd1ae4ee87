"""The presets, by name."""

from __future__ import annotations

from attune_fit.data.reading.presets.preset import Preset
from attune_fit.data.reading.presets.qualtrics.read_qualtrics import QUALTRICS
from attune_fit.data.reading.presets.redcap.read_redcap import REDCAP

_ROWS: tuple[Preset, ...] = (REDCAP, QUALTRICS)
PRESETS: dict[str, Preset] = {row.name: row for row in _ROWS}
