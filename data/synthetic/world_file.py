"""Read and write a world as a TOML file: each number has its meaning, its mark and its source in a comment."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from attune_fit.data.fault_collector import suggest_name
from attune_fit.data.faults import DataFault, Fault
from attune_fit.data.formats.toml_file import read_toml
from attune_fit.data.storage.atomic_write import write_atomically
from attune_fit.data.synthetic.named_worlds import WORLDS
from attune_fit.data.synthetic.world import World

WORLD_FILE_HEADER = """# Parameters of a synthetic clinic (its world). A number that is missing here keeps its default.
# docs/reference/world.md lists the defaults and their sources. To use it: attune simulate CLINIC --world THIS_FILE
"""


def format_world(world: World) -> str:
    """Return every number of a world as TOML text; :func:`read_world` reads it back as the same world.

    >>> print(format_world(World()).split("[shares]")[1].splitlines()[1])
    # Share of the pair, beyond the general levels of client and therapist.
    """
    sources, text = World.list_sources(), WORLD_FILE_HEADER
    for section, names in World.list_sections().items():
        text += f"\n[{section}]\n"
        for name in names:
            text += _format_comment(World.model_fields[name].description or "")
            if name in sources:
                row = sources[name]
                value_range = "" if row.low is None else f", {row.low:g} to {row.high:g}"
                text += _format_comment(f"{row.value:g}{value_range} ({row.mark}): {row.cite}")
            text += f"{name} = {_format_toml_value(getattr(world, name))}\n"
    return text


def write_world(world: World, path: Path) -> None:
    """Write a world file atomically: the whole file or nothing."""
    write_atomically(path, format_world(world))


def read_world(path: Path) -> World:
    """Read a world file.

    Raises
    ------
    DataFault
        Lists every fault of the file: unknown names, fields in the wrong section, numbers outside their bounds.
    """
    document = read_toml(path)
    fields, faults = _flatten_sections(document, path.name)
    try:
        world = World(**fields)
    except ValidationError as error:
        invalid = (_describe_invalid_field(dict(detail), path.name) for detail in error.errors())
        raise DataFault([*faults, *invalid]) from None
    if faults:
        raise DataFault(faults)
    return world


def find_world(name_or_path: str) -> World:
    """Return a world by its name in :data:`~attune_fit.data.synthetic.named_worlds.WORLDS`, or by its file path.

    Raises
    ------
    DataFault
        If the text is neither a name nor a file; or lists every fault of the file.
    """
    if name_or_path in WORLDS:
        return WORLDS[name_or_path].build_world()
    path = Path(name_or_path)
    if not path.is_file():
        fix = f"Use the path of a world file, or the name of a world. {suggest_name(name_or_path, WORLDS)}"
        message = "no world and no file has this name"
        raise DataFault.error("unknown-world", name_or_path, "", message, fix=fix)
    return read_world(path)


def _flatten_sections(document: dict[str, Any], file: str) -> tuple[dict[str, Any], list[Fault]]:
    """Return the fields of all sections, and a fault for each name in a wrong place."""
    sections, fields, faults = World.list_sections(), {}, []
    section_by_field = {name: section for section, names in sections.items() for name in names}

    def suggest_place(name: str, known: Iterable[str]) -> str:
        return f"Put it under [{section_by_field[name]}]." if name in section_by_field else suggest_name(name, known)

    for section, content in document.items():
        if section not in sections or not isinstance(content, dict):
            fix = suggest_place(section, sections)
            message = f"`{section}` is not a section of a world file"
            faults.append(Fault.error("unknown-world-section", file, section, message, fix=fix))
            continue
        for name, value in content.items():
            if name in sections[section]:
                fields[name] = value
            else:
                fix = suggest_place(name, sections[section])
                message = f"`{name}` is not in section [{section}]"
                faults.append(Fault.error("unknown-world-field", file, f"{section}.{name}", message, fix=fix))
    return fields, faults


def _describe_invalid_field(detail: dict[str, Any], file: str) -> Fault:
    """Turn one validation error of pydantic into a fault."""
    name = str((detail["loc"] or ("",))[0])
    section = next((section for section, names in World.list_sections().items() if name in names), "")
    message = str(detail["msg"]).removeprefix("Value error, ").removeprefix("Input ")
    place = f"{section}.{name}".strip(".")
    return Fault.error("world-field-not-valid", file, place, message, fix="Correct it in the world file.")


def _format_comment(text: str) -> str:
    return textwrap.fill(text, 118, initial_indent="# ", subsequent_indent="#   ", break_long_words=False) + "\n"


def _format_toml_value(value: Any) -> str:
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, tuple):
        return "{ " + ", ".join(f"{name} = {number!r}" for name, number in value) + " }" if value else "{}"
    return repr(value)
