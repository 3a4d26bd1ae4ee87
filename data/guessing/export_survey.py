"""Survey of the exports of programs in a folder: each is seen as its preset reads it, once for each table it can be."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from attune_fit.data.clinic.mapping_config import TableMapping
from attune_fit.data.formats.redcap_companions import list_redcap_dictionaries, list_redcap_events
from attune_fit.data.guessing.export_views import View, read_view
from attune_fit.data.guessing.folder_survey import HIDDEN, SurveyedFile
from attune_fit.data.guessing.redcap_views import read_redcap_views
from attune_fit.data.guessing.text_layout import find_text_keys
from attune_fit.data.guessing.written_together import split_times
from attune_fit.data.reading.presets.preset import Preset
from attune_fit.data.reading.presets.preset_list import PRESETS
from attune_fit.data.reading.presets.qualtrics.read_qualtrics import list_questions

FORM_TABLES = ("clients", "therapists", "outcomes")  # what the answers to a form can be
FHIR_TABLES = ("clients", "therapists", "preferences", "outcomes")
DICTIONARY = "the data dictionary of REDCap, which is read with the records"
EVENTS = "events of REDCap, which are read with the records"


@dataclass
class ExportSurvey:
    """The exports in a folder.

    Attributes
    ----------
    files : list of SurveyedFile
        Each export as each table that it can be.
    paths : set of Path
        Files that are exports, or that belong to one: they are read in no other way.
    unread : dict of str to str
        Names of exports that cannot be read, with the reason.
    companions : dict of str to str
        Names of files that are read with an export and hold no table, with what they are.
    """

    files: list[SurveyedFile] = field(default_factory=list)
    paths: set[Path] = field(default_factory=set)
    unread: dict[str, str] = field(default_factory=dict)
    companions: dict[str, str] = field(default_factory=dict)


def read_exports(folder: Path) -> ExportSurvey:
    """Read every file of a folder that a program of :data:`PRESETS` wrote."""
    survey = ExportSurvey()
    for paths, what in ((list_redcap_events(folder), EVENTS), (list_redcap_dictionaries(folder), DICTIONARY)):
        survey.companions |= {path.name: what for path in paths}
        survey.paths |= set(paths)
    resources: list[Path] = []
    for path in sorted(folder.iterdir()):
        preset = None if path in survey.paths else find_program(path)
        if preset is None:
            continue
        survey.paths.add(path)
        if preset.name == "fhir":
            resources.append(path)
        else:
            _add_file(survey, folder, path, preset)
    if resources:
        views = [read_view(folder, PRESETS["fhir"], "", table, {}, {}) for table in FHIR_TABLES]
        _add_views(survey, views, resources)
    return survey


def find_program(path: Path) -> Preset | None:
    """Return the preset of the program that wrote a file; None where no program is recognized."""
    if path.name.startswith(HIDDEN) or not path.is_file():
        return None
    return next((preset for preset in PRESETS.values() if preset.recognize(path)), None)


def _add_file(survey: ExportSurvey, folder: Path, path: Path, preset: Preset) -> None:
    """Add what one export can be, or the reason why it cannot be read."""
    is_redcap = preset.name == "redcap"
    views = read_redcap_views(folder, path) if is_redcap else _read_form_views(folder, path, preset)
    _add_views(survey, views, [path])


def _read_form_views(folder: Path, path: Path, preset: Preset) -> list[View]:
    """Return the answers to a form as each table that they can be."""
    encoding = find_text_keys(path).get("encoding")
    keys = {} if encoding in (None, "utf-16") else {"encoding": encoding}  # UTF-16 shows itself
    views = []
    for table in FORM_TABLES:
        mapping = TableMapping.model_validate({"file": path.name, **keys})
        questions = list_questions(folder, table, mapping) if preset.name == "qualtrics" else {}
        view = read_view(folder, preset, path.name, table, keys, questions)
        views.append(view if view.file is None else View(split_times(view.file)))
    return views


def _add_views(survey: ExportSurvey, views: list[View], paths: list[Path]) -> None:
    """Add the views that have rows; where none has any, the reason for each file."""
    files = [view.file for view in views if view.file is not None]
    survey.files += files
    if all(file.cells.empty for file in files):
        reason = next((view.reason for view in views if view.reason), "it has no rows")
        survey.unread |= {path.name: reason for path in paths}
