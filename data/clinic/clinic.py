"""The clinic folder: ``clinic.toml`` and tables, and what Attune writes beside them."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from attune_fit.data.clinic.columns import TABLES
from attune_fit.data.clinic.instruments import Instrument, list_instruments
from attune_fit.data.clinic.settings import Config
from attune_fit.data.fault_collector import suggest_name
from attune_fit.data.faults import DataFault, Fault

CONFIG_FILE = "clinic.toml"
_PYDANTIC_SUFFIX = re.compile(r", (unable|input) .*")  # what pydantic tells a programmer


@dataclass(frozen=True)
class Clinic:
    """A clinic folder, opened.

    Attributes
    ----------
    folder : Path
    config : Config
        What ``clinic.toml`` says; all defaults when there is none.
    instruments : dict of str to Instrument
        Attune's and the clinic's own, by name.
    """

    folder: Path
    config: Config
    instruments: dict[str, Instrument]

    @classmethod
    def open(cls, folder: Path | str) -> Clinic:
        """Open a folder; its tables are not read yet.

        Raises
        ------
        DataFault
            If the folder is not there, or with every fault of ``clinic.toml``.
        """
        folder = Path(folder)
        if not folder.is_dir():
            what = "is a file, not a folder" if folder.exists() else "is not there"
            raise _fault("", f"the clinic folder {folder} {what}", "Name the folder that holds your tables.")
        config = _read_config(folder / CONFIG_FILE)
        return cls(folder, config, list_instruments(config))

    @property
    def artifacts(self) -> Path:
        """The only place where Attune writes in a clinic's folder."""
        return self.folder / "artifacts"

    def list_input_files(self) -> frozenset[Path]:
        """Files that are the clinic's own: ``clinic.toml``, its tables, and files joined to them."""
        spelt = [(name, getattr(self.config.tables, name)) for name in TABLES]
        names = [f"{name}.{end}" for name in TABLES for end in ("csv", "parquet")]
        names += [table.file for _, table in spelt if table.file]
        names += [column.file for _, table in spelt for column in table.columns.values() if column.file]
        return frozenset((self.folder / name).resolve() for name in (CONFIG_FILE, *names))


def _read_config(path: Path) -> Config:
    if not path.exists():
        return Config()
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        return Config.model_validate(said)
    except tomllib.TOMLDecodeError as error:
        raise _fault("", f"not valid TOML: {error}", "Correct that line; text needs quotes.") from None
    except UnicodeDecodeError:
        raise _fault("", "not written in UTF-8", "Save it as UTF-8.") from None
    except OSError as error:
        raise _fault("", f"cannot be read: {error.strerror}", "Allow reading, or move it away.") from None
    except ValidationError as error:
        raise DataFault(_explain_error(dict(each)) for each in error.errors(include_input=False)) from None


def _fault(where: str, says: str, fix: str) -> DataFault:
    return DataFault.error(CONFIG_FILE, where, says, fix=fix)


def _explain_error(error: dict[str, Any]) -> Fault:
    """One of pydantic's errors in plain words."""
    *above, last = error["loc"] or ("",)
    place = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        return Fault.error(
            CONFIG_FILE, place, f"unknown key `{last}`", fix=suggest_name(str(last), _list_known_keys(above))
        )
    if error["type"] == "missing":
        return Fault.error(CONFIG_FILE, place, f"`{last}` is needed", fix="Add it.")
    if error["type"] in ("model_type", "dict_type"):
        return Fault.error(CONFIG_FILE, place, "should be a table of keys", fix="Correct it in clinic.toml.")
    says = _PYDANTIC_SUFFIX.sub("", error["msg"].removeprefix("Value error, ").removeprefix("Input "))
    return Fault.error(CONFIG_FILE, place, says, fix="Correct it in clinic.toml.")


def _list_known_keys(path: list[Any]) -> list[str]:
    """The keys known at a place of ``clinic.toml``."""
    model: type[BaseModel] = Config
    annotation: Any = None
    for part in path:
        fields = {field.alias or name: field for name, field in model.model_fields.items()}
        annotation = fields[part].annotation if part in fields else annotation
        model = _find_model(annotation) or model
    return [field.alias or name for name, field in model.model_fields.items()]


def _find_model(annotation: Any) -> type[BaseModel] | None:
    """The model inside ``list[Model]``, ``dict[str, Model]``, ``Model | None``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (_find_model(inner) for inner in get_args(annotation))
    return next((model for model in found if model), None)
