"""The clinic folder: ``clinic.toml``, the tables, and the place for files that Attune writes."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from attune_fit.data.clinic.columns import TABLES
from attune_fit.data.clinic.config_errors import explain_errors
from attune_fit.data.clinic.instruments import Instrument, list_instruments
from attune_fit.data.clinic.settings import RENAMED_KEYS, Config
from attune_fit.data.faults import DataFault, Fault
from attune_fit.data.formats.fhir_files import list_fhir_files
from attune_fit.data.formats.file_patterns import find_pattern_folder, is_file_pattern, list_matching_files
from attune_fit.data.formats.parquet_parts import is_parts_folder, list_table_files
from attune_fit.data.formats.redcap_companions import list_redcap_dictionaries, list_redcap_events
from attune_fit.data.formats.sql_address import WAL_ENDING, find_sqlite_file, is_sqlite_address
from attune_fit.data.formats.table_formats import list_file_names
from attune_fit.data.formats.toml_file import read_toml
from attune_fit.data.storage.folder_write import finish_interrupted_write

if TYPE_CHECKING:
    from attune_fit.data.clinic.mapping_config import TableMapping

CONFIG_FILE = "clinic.toml"
MIN_SIMILARITY = 0.9  # of two names, as in difflib


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

    @property
    def has_server_tables(self) -> bool:
        """Whether any table is on a database server, whose changes no file shows."""
        addresses = [part.sql for part in self.list_mappings()]
        return any(address is not None and not is_sqlite_address(address) for address in addresses)

    def list_mappings(self) -> list[TableMapping]:
        """Return the mapping of each table, or of each of its parts."""
        return [part for name in TABLES for part in getattr(self.config.tables, name).list_parts()]

    def list_input_paths(self) -> tuple[Path, ...]:
        """Return the paths of ``clinic.toml``, of the tables under each of their names, and of files joined to them.

        A database of SQLite is listed with the file of its latest changes. A table that is a folder of Parquet files is
        listed with these files. A pattern such as ``intake/*.csv`` is listed as its files and their folder, in which
        the name of a new one shows. The data dictionary and the events of a REDCap project are listed too, and so
        are the files of FHIR resources.
        """
        mappings = self.list_mappings()
        names = [file for name in TABLES for file in list_file_names(name)]
        databases = [find_sqlite_file(table.sql, Path()) for table in mappings if table.sql is not None]
        names += [str(path) + ending for path in databases if path is not None for ending in ("", WAL_ENDING)]
        if redcap := [table for table in mappings if table.source == "redcap"]:
            names += [table.dictionary for table in redcap if table.dictionary]
            names += [path.name for path in list_redcap_dictionaries(self.folder) + list_redcap_events(self.folder)]
        named = [file for table in mappings for file in table.list_files()]
        names += [file for file in named if not is_file_pattern(file)]
        paths = [self.folder / name for name in (CONFIG_FILE, *names)]
        for table in (one for one in mappings if one.source == "fhir"):
            paths += list_fhir_files(self.folder, table.files or ([] if table.file is None else [table.file]))
        for pattern in filter(is_file_pattern, named):
            above = find_pattern_folder(self.folder, pattern)
            paths += [*list_matching_files(self.folder, pattern), *([above] if above != self.folder else [])]
        paths = list(dict.fromkeys(paths))
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
        raise DataFault(explain_errors(error, Config, CONFIG_FILE)) from None


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
