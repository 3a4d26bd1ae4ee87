"""The presets, by name."""

from __future__ import annotations

from attune_fit.data.reading.presets.preset import Preset

_ROWS: tuple[Preset, ...] = ()
PRESETS: dict[str, Preset] = {row.name: row for row in _ROWS}
