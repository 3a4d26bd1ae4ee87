"""The clinic folder: ``clinic.toml``, the tables, and the place for files that Attune writes."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from attune_fit.data.clinic.columns import TABLES
from attune_fit.data.clinic.instruments import Instrument, list_instruments
from attune_fit.data.clinic.settings import RENAMED_KEYS, Config
from attune_fit.data.fault_collector import suggest_name
from attune_fit.data.faults import DataFault, Fault
from attune_fit.data.formats.parquet_parts import is_parts_folder, list_table_files
from attune_fit.data.formats.reading_limits import MAX_CONFIG_FAULTS
from attune_fit.data.formats.table_formats import list_file_names
from attune_fit.data.formats.toml_file import format_short_name, read_toml
from attune_fit.data.storage.folder_write import finish_interrupted_write

CONFIG_FILE = "clinic.toml"
MIN_SIMILARITY = 0.9  # of two names, as in difflib
_PYDANTIC_SUFFIX = re.compile(r", (unable|input) .*")  # the part of a pydantic message that is for programmers


@dataclass(frozen=True)
class Clinic:
    """An open clinic folder: its settings and instruments. The tables are read later.

    Attributes
    ----------
    folder : Path
        The folder with ``clinic.toml`` and the tables.
    config : Config
        The settings in ``clinic.toml``; all defaults when there is no such file.
    instruments : dict of str to Instrument
        Attune's instruments and the clinic's own, by name.
    warnings : tuple of Fault
        Keys of ``clinic.toml`` that have an old name.
    """

    folder: Path
    config: Config
    instruments: dict[str, Instrument]
    warnings: tuple[Fault, ...] = ()

    @classmethod
    def open(cls, folder: Path | str) -> Clinic:
        """Open a clinic folder and read its ``clinic.toml``, not its tables.

        Raises
        ------
        DataFault
            If the folder does not exist, is incomplete, or with every error of ``clinic.toml``.
        """
        folder = Path(folder)
        if not folder.is_dir():
            fix = "Name the folder that contains your tables."
            if folder.exists():
                message = f"the clinic folder {folder} is a file, not a folder"
                raise DataFault.error("not-a-folder", CONFIG_FILE, "", message, fix=fix)
            message = f"the clinic folder {folder} does not exist"
            raise DataFault.error("folder-not-found", CONFIG_FILE, "", message, fix=fix)
        finish_interrupted_write(folder)
        config, warnings = _read_config(folder / CONFIG_FILE)
        return cls(folder, config, list_instruments(config.instruments), warnings)

    @property
    def artifacts(self) -> Path:
        """The only folder of the clinic in which Attune writes."""
        return self.folder / "artifacts"

    def list_input_paths(self) -> tuple[Path, ...]:
        """Return the paths of ``clinic.toml``, of the tables under each of their names, and of files joined to them.

        A table that is a folder of Parquet files is listed with these files.
        """
        mappings = [(name, getattr(self.config.tables, name)) for name in TABLES]
        names = [file for name in TABLES for file in list_file_names(name)]
        names += [table.file for _, table in mappings if table.file]
        names += [column.file for _, table in mappings for column in table.columns.values() if column.file]
        paths = [self.folder / name for name in dict.fromkeys((CONFIG_FILE, *names))]
        return (*paths, *(part for path in paths if is_parts_folder(path) for part in list_table_files(path)))

    def list_input_files(self) -> frozenset[Path]:
        """Return the clinic's own files, which are those of :meth:`list_input_paths` with their links followed."""
        # not Path.resolve, which fails where a link leads to itself
        return frozenset(Path(os.path.realpath(path)) for path in self.list_input_paths())


def _read_config(path: Path) -> tuple[Config, tuple[Fault, ...]]:
    """Return ``clinic.toml`` (defaults if there is none), and a warning for each key with an old name."""
    if not os.path.lexists(path):
        _check_no_other_config(path)
        return Config(), ()
    content = read_toml(path)
    warnings = tuple(_rename_old_keys(content))
    try:
        return Config.model_validate(content), warnings
    except ValidationError as error:
        details = [dict(detail) for detail in error.errors(include_input=False)]
    faults = [_explain_error(detail) for detail in details[:MAX_CONFIG_FAULTS]]
    if (n_more := len(details) - MAX_CONFIG_FAULTS) > 0:
        message, fix = f"{n_more:,} more errors", "Correct those that are listed first."
        faults.append(Fault.error("more-config-errors", CONFIG_FILE, "", message, fix=fix))
    raise DataFault(faults)


def _check_no_other_config(path: Path) -> None:
    """Refuse a folder whose settings have almost the name of ``clinic.toml``: its rules would be lost in silence."""
    for other in sorted(path.parent.iterdir()):
        name = other.name.casefold()
        is_config = name.endswith((".toml", ".toml.txt")) and not name.startswith((".", "~"))
        if is_config and (name.startswith("clinic.toml") or _is_like_config(name)):
            message = f"{other.name} is not read, because the file of the settings has another name"
            fix = f"Rename it to {CONFIG_FILE}. If it holds no settings, give it a name that is not like it."
            raise DataFault.error("config-under-another-name", CONFIG_FILE, "", message, fix=fix)


def _is_like_config(name: str) -> bool:
    """Return whether a file name is almost ``clinic.toml``, without its digits and signs."""
    return difflib.SequenceMatcher(None, re.sub(r"[\W\d_]", "", name), "clinictoml").ratio() >= MIN_SIMILARITY


def _rename_old_keys(content: dict[str, Any]) -> Iterator[Fault]:
    """Give keys with an old name the new one, in place; a file that has both is left to the check of unknown keys."""
    for (*parents, old), new in RENAMED_KEYS.items():
        keys: Any = content
        for part in parents:
            keys = keys.get(part) if isinstance(keys, dict) else None
        if isinstance(keys, dict) and old in keys and new not in keys:
            keys[new] = keys.pop(old)
            message = f"the key `{old}` is now called `{new}`"
            fix = f"The old name still works. Write `{new}`."
            yield Fault.warning("renamed-key", CONFIG_FILE, ".".join((*parents, old)), message, fix=fix)


def _explain_error(error: dict[str, Any]) -> Fault:
    """Return an error of pydantic as a fault in plain words."""
    *parents, key = error["loc"] or ("",)
    place = format_short_name(".".join(str(part) for part in error["loc"]))
    key = format_short_name(str(key))
    if error["type"] == "extra_forbidden":
        fix = suggest_name(key, _list_known_keys(parents))
        return Fault.error("unknown-key", CONFIG_FILE, place, f"unknown key `{key}`", fix=fix)
    if error["type"] == "missing":
        return Fault.error("missing-key", CONFIG_FILE, place, f"the key `{key}` is required", fix="Add it.")
    if error["type"] in ("model_type", "dict_type"):
        message = "should be a table of keys"
        return Fault.error("not-a-table-of-keys", CONFIG_FILE, place, message, fix="Correct it in clinic.toml.")
    message = _PYDANTIC_SUFFIX.sub(
        "", format_short_name(error["msg"]).removeprefix("Value error, ").removeprefix("Input ")
    )
    return Fault.error("key-not-valid", CONFIG_FILE, place, message, fix="Correct it in clinic.toml.")


def _list_known_keys(path: list[Any]) -> list[str]:
    """Return the keys allowed at a place of ``clinic.toml``."""
    model: type[BaseModel] = Config
    annotation: Any = None
    for part in path:
        fields = {field.alias or name: field for name, field in model.model_fields.items()}
        annotation = fields[part].annotation if part in fields else annotation
        model = _find_model(annotation) or model
    return [field.alias or name for name, field in model.model_fields.items()]


def _find_model(annotation: Any) -> type[BaseModel] | None:
    """Return the model inside ``list[Model]``, ``dict[str, Model]``, ``Model | None``; None if there is none."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    models = (_find_model(inner) for inner in get_args(annotation))
    return next((model for model in models if model), None)
