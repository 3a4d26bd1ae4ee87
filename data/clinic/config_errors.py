"""Errors of ``clinic.toml``, and of other files of keys, in plain words."""

from __future__ import annotations

import re
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from attune_fit.data.fault_collector import suggest_name
from attune_fit.data.faults import Fault
from attune_fit.data.formats.reading_limits import MAX_CONFIG_FAULTS
from attune_fit.data.formats.toml_file import format_short_name

_PYDANTIC_SUFFIX = re.compile(r", (unable|input) .*")  # the part of a pydantic message that is for programmers


def explain_errors(error: ValidationError, root: type[BaseModel], file: str) -> list[Fault]:
    """Return the errors of pydantic as faults in plain words, at most :data:`MAX_CONFIG_FAULTS` of them.

    Parameters
    ----------
    error : ValidationError
    root : type of BaseModel
        What the whole file is read as.
    file : str
        Name of the file.
    """
    details = [dict(detail) for detail in error.errors(include_input=False)]
    faults = [_explain_error(detail, root, file) for detail in details[:MAX_CONFIG_FAULTS]]
    if (n_more := len(details) - MAX_CONFIG_FAULTS) > 0:
        message, fix = f"{n_more:,} more errors", "Correct those that are listed first."
        faults.append(Fault.error("more-config-errors", file, "", message, fix=fix))
    return faults


def _explain_error(error: dict[str, Any], root: type[BaseModel], file: str) -> Fault:
    """Return an error of pydantic as a fault in plain words."""
    *parents, key = error["loc"] or ("",)
    place = format_short_name(".".join(str(part) for part in error["loc"]))
    key = format_short_name(str(key))
    if error["type"] == "extra_forbidden":
        fix = suggest_name(key, _list_known_keys(parents, root))
        return Fault.error("unknown-key", file, place, f"unknown key `{key}`", fix=fix)
    if error["type"] == "missing":
        return Fault.error("missing-key", file, place, f"the key `{key}` is required", fix="Add it.")
    if error["type"] in ("model_type", "dict_type"):
        message = "should be a table of keys"
        return Fault.error("not-a-table-of-keys", file, place, message, fix="Correct it in this file.")
    message = _PYDANTIC_SUFFIX.sub(
        "", format_short_name(error["msg"]).removeprefix("Value error, ").removeprefix("Input ")
    )
    return Fault.error("key-not-valid", file, place, message, fix="Correct it in this file.")


def _list_known_keys(path: list[Any], root: type[BaseModel]) -> list[str]:
    """Return the keys allowed at a place of the file."""
    model = root
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
