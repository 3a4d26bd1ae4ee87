"""The presets, by name."""

from __future__ import annotations

from attune_fit.data.reading.presets.fhir.fhir_preset import FHIR
from attune_fit.data.reading.presets.limesurvey import LIMESURVEY
from attune_fit.data.reading.presets.office_forms import GOOGLE_FORMS, MICROSOFT_FORMS
from attune_fit.data.reading.presets.preset import Preset
from attune_fit.data.reading.presets.qualtrics.read_qualtrics import QUALTRICS
from attune_fit.data.reading.presets.redcap.read_redcap import REDCAP
from attune_fit.data.reading.presets.surveymonkey import SURVEYMONKEY

_ROWS: tuple[Preset, ...] = (REDCAP, QUALTRICS, LIMESURVEY, SURVEYMONKEY, GOOGLE_FORMS, MICROSOFT_FORMS, FHIR)
PRESETS: dict[str, Preset] = {row.name: row for row in _ROWS}
