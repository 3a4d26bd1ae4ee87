"""A world as a readable file: every number in its section, with what it means, its mark and its source beside it."""

from __future__ import annotations

import textwrap
import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from attune_fit.data.fault_collector import suggest_name
from attune_fit.data.faults import DataFault, Fault
from attune_fit.data.synthetic.named_worlds import WORLDS
from attune_fit.data.synthetic.world import World
from attune_fit.data.writing.atomic_write import write_atomically

WORLD_FILE_HEADER = """# What is true of a synthetic clinic. What is left out stays as it is by default; docs/reference/world.md
# lists the defaults and their sources. To use it: attune simulate CLINIC --world THIS_FILE
"""


def format_world(world: World) -> str:
    """Every number of a world as TOML; the text reads back as the same world.

    >>> print(format_world(World()).split("[shares]")[1][:61].strip())
    # The pair, beyond what either of the two is with everybody.
    """
    sources, text = World.list_sources(), WORLD_FILE_HEADER
    for section, names in World.list_sections().items():
        text += f"\n[{section}]\n"
        for name in names:
            text += _comment(World.model_fields[name].description or "")
            if name in sources:
                row = sources[name]
                span = "" if row.low is None else f", {row.low:g} to {row.high:g}"
                text += _comment(f"{row.value:g}{span} ({row.mark}): {row.cite}")
            text += f"{name} = {_format_toml_value(getattr(world, name))}\n"
    return text


def write_world(world: World, path: Path) -> None:
    """Write a world file, whole or not at all."""
    write_atomically(path, format_world(world))


def read_world(path: Path) -> World:
    """Read a world file.

    Raises
    ------
    DataFault
        With every fault of the file: what is unknown, in the wrong section, outside its bounds.
    """
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        raise DataFault.error(path.name, "", f"not valid TOML: {error}", fix="Correct that line.") from None
    except UnicodeDecodeError:
        raise DataFault.error(path.name, "", "not written in UTF-8", fix="Save it as UTF-8.") from None
    numbers, faults = _flatten_sections(said, path.name)
    try:
        world = World(**numbers)
    except ValidationError as error:
        raise DataFault([*faults, *(_fault(dict(each), path.name) for each in error.errors())]) from None
    if faults:
        raise DataFault(faults)
    return world


def find_world(said: str) -> World:
    """A world by its name in :data:`~attune_fit.data.synthetic.named_worlds.WORLDS`, or by the path of its file.

    Raises
    ------
    DataFault
        If it is neither, or with every fault of the file.
    """
    if said in WORLDS:
        return WORLDS[said].build_world()
    path = Path(said)
    if not path.is_file():
        fix = f"Name a world file, or one of the worlds Attune knows. {suggest_name(said, WORLDS)}"
        raise DataFault.error(said, "", "no such world, and no such file", fix=fix)
    return read_world(path)


def _flatten_sections(said: dict[str, Any], file: str) -> tuple[dict[str, Any], list[Fault]]:
    """The numbers of all sections, and what stands where it should not."""
    sections, numbers, faults = World.list_sections(), {}, []
    home = {name: section for section, names in sections.items() for name in names}
    for section, inside in said.items():
        if section not in sections or not isinstance(inside, dict):
            where = f"Put it under [{home[section]}]." if section in home else suggest_name(section, sections)
            faults.append(Fault.error(file, section, f"`{section}` is no section of a world", fix=where))
            continue
        for name, value in inside.items():
            if name in sections[section]:
                numbers[name] = value
            else:
                fix = f"Put it under [{home[name]}]." if name in home else suggest_name(name, sections[section])
                faults.append(Fault.error(file, f"{section}.{name}", f"`{name}` does not belong here", fix=fix))
    return numbers, faults


def _fault(error: dict[str, Any], file: str) -> Fault:
    """One of pydantic's errors in plain words."""
    name = str((error["loc"] or ("",))[0])
    section = next((section for section, names in World.list_sections().items() if name in names), "")
    says = str(error["msg"]).removeprefix("Value error, ").removeprefix("Input ")
    return Fault.error(file, f"{section}.{name}".strip("."), says, fix="Correct it in the world file.")


def _comment(text: str) -> str:
    return textwrap.fill(text, 118, initial_indent="# ", subsequent_indent="#   ", break_long_words=False) + "\n"


def _format_toml_value(value: Any) -> str:
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, tuple):
        return "{ " + ", ".join(f"{name} = {number!r}" for name, number in value) + " }" if value else "{}"
    return repr(value)
