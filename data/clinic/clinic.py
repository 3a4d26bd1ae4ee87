"""The clinic folder: ``clinic.toml``, the tables, and the place for files that Attune writes."""

from __future__ import annotations

import re
import tomllib
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
from attune_fit.data.formats.table_formats import list_file_names

CONFIG_FILE = "clinic.toml"
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
            If the folder does not exist, or with every error of ``clinic.toml``.
        """
        folder = Path(folder)
        if not folder.is_dir():
            fix = "Name the folder that contains your tables."
            if folder.exists():
                message = f"the clinic folder {folder} is a file, not a folder"
                raise DataFault.error("not-a-folder", CONFIG_FILE, "", message, fix=fix)
            message = f"the clinic folder {folder} does not exist"
            raise DataFault.error("folder-not-found", CONFIG_FILE, "", message, fix=fix)
        config, warnings = _read_config(folder / CONFIG_FILE)
        return cls(folder, config, list_instruments(config.instruments), warnings)

    @property
    def artifacts(self) -> Path:
        """The only folder of the clinic in which Attune writes."""
        return self.folder / "artifacts"

    def list_input_files(self) -> frozenset[Path]:
        """Return the clinic's own files: ``clinic.toml``, its tables, and files joined to them."""
        mappings = [(name, getattr(self.config.tables, name)) for name in TABLES]
        names = [file for name in TABLES for file in list_file_names(name)]
        names += [table.file for _, table in mappings if table.file]
        names += [column.file for _, table in mappings for column in table.columns.values() if column.file]
        return frozenset((self.folder / name).resolve() for name in (CONFIG_FILE, *names))


def _read_config(path: Path) -> tuple[Config, tuple[Fault, ...]]:
    """Return ``clinic.toml`` (defaults if there is none), and a warning for each key with an old name."""
    if not path.exists():
        return Config(), ()
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        warnings = tuple(_rename_old_keys(content))
        return Config.model_validate(content), warnings
    except tomllib.TOMLDecodeError as error:
        message, fix = f"not valid TOML: {error}", "Correct that line. Text needs quotation marks."
        fault = Fault.error("toml-not-valid", CONFIG_FILE, "", message, fix=fix)
    except UnicodeDecodeError:
        fault = Fault.error("not-utf-8", CONFIG_FILE, "", "not written in UTF-8", fix="Save it as UTF-8.")
    except OSError as error:
        message, fix = f"cannot be read: {error.strerror}", "Allow Attune to read it, or remove it from the folder."
        fault = Fault.error("config-not-readable", CONFIG_FILE, "", message, fix=fix)
    except ValidationError as error:
        raise DataFault(_explain_error(dict(detail)) for detail in error.errors(include_input=False)) from None
    raise DataFault([fault])


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
    place = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        fix = suggest_name(str(key), _list_known_keys(parents))
        return Fault.error("unknown-key", CONFIG_FILE, place, f"unknown key `{key}`", fix=fix)
    if error["type"] == "missing":
        return Fault.error("missing-key", CONFIG_FILE, place, f"the key `{key}` is required", fix="Add it.")
    if error["type"] in ("model_type", "dict_type"):
        message = "should be a table of keys"
        return Fault.error("not-a-table-of-keys", CONFIG_FILE, place, message, fix="Correct it in clinic.toml.")
    message = _PYDANTIC_SUFFIX.sub("", error["msg"].removeprefix("Value error, ").removeprefix("Input "))
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
