"""Collects the wording of every error and warning from the source; ``python -m tests.messages`` writes the snapshot.

A person reviews a change of wording in one file, :data:`SNAPSHOT`. A text with several forms is a list of them.
"""

from __future__ import annotations

import ast
import itertools
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

HOME = Path(__file__).resolve().parent.parent
SNAPSHOT = HOME / "tests" / "golden" / "messages.json"
PARTS = ("attune_fit", "data", "features", "models", "training", "matching", "app")
PACKAGE = "attune_fit."
COLLECTOR = HOME / "data" / "fault_collector.py"
EXPANDED = {  # methods of the collector that add faults of several ids: the method in which, message and fix in a call
    "mask_bad_cells": ("report_bad_cells", 4, 5),
    "report_bad_cells": ("report_bad_cells", 4, 5),
    "report_wishes": ("report_wishes", 2, 3),
}


CELL_NAMES = frozenset(
    [
        "cell",
        "cells",
        "raw",
        "raw_cells",
        "value",
        "values",
        "text",
        "content",
        "frame",
        "answers",
        "marks",
        "loc",
        "iloc",
        "at",
        "iat",
    ]
)
PLACEHOLDER = re.compile(
    r"\{(?![^{}]* = )[^{}]+\}"
)  # not the braces of TOML: `codes = { adults = "18-64" }`, `items = "wai{}"`


class Maker(NamedTuple):
    """A function that makes a fault, and where its arguments are."""

    name: str
    owners: frozenset[str]  # what stands before the dot; empty for any collector
    kind: str
    message: int
    fix: int | str


MAKERS = (
    Maker("error", frozenset({"Fault", "DataFault"}), "error", 3, "fix"),
    Maker("warning", frozenset({"Fault"}), "warning", 3, "fix"),
    Maker("add_error", frozenset(), "error", 2, 3),
    Maker("add_warning", frozenset(), "warning", 2, 3),
    Maker("add_warning_for_rows", frozenset(), "warning", 2, 3),
    Maker("set_aside", frozenset({"Fault"}), "set aside", 3, "fix"),
    Maker("add_set_aside", frozenset(), "set aside", 2, 3),
)


@dataclass(frozen=True)
class Message:
    """The wording of one fault: templates with ``{placeholders}``, each in all its forms."""

    id: str
    kind: str
    message: tuple[str, ...]
    fix: tuple[str, ...]
    place: str  # the file and line that makes the fault

    @property
    def wording(self) -> dict[str, str | list[str]]:
        """What stands in the snapshot."""
        texts = {"message": self.message, "fix": self.fix}
        forms = {key: forms[0] if len(forms) == 1 else list(forms) for key, forms in texts.items()}
        return {"kind": self.kind, **forms}


def collect_messages(paths: Iterable[Path] | None = None) -> list[Message]:
    """Return the message of each place that makes a fault, sorted by id and place.

    Raises
    ------
    ValueError
        If a place makes a fault with an id that is not a literal.
    """
    found = [message for path in (list_sources() if paths is None else paths) for message in _collect(path)]
    return sorted(found, key=lambda one: (one.id, one.place))


def list_sources() -> list[Path]:
    """Return the files of the package that can make a fault."""
    own = {COLLECTOR, HOME / "data" / "faults.py"}  # they pass on what others give, except for one helper
    return [COLLECTOR, *(path for part in PARTS for path in sorted((HOME / part).rglob("*.py")) if path not in own)]


def format_snapshot(messages: Iterable[Message]) -> str:
    """Return the content of the snapshot."""
    return json.dumps({one.id: one.wording for one in messages}, indent=2, ensure_ascii=False) + "\n"


def read_snapshot() -> dict[str, dict[str, str | list[str]]]:
    """Return the wording of each id, as last reviewed."""
    return json.loads(SNAPSHOT.read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def find_cell_names(message: Message) -> set[str]:
    """Return the names in the placeholders of a message that mean cells of a table, not ids or columns."""
    found = (found for text in (*message.message, *message.fix) for found in PLACEHOLDER.findall(text))
    return {name for one in found for name in re.findall(r"[a-z_]+", one)} & CELL_NAMES


class Scope:
    """The function around a call, and its module: what a name in the call was set to."""

    def __init__(self, path: Path, function: ast.AST) -> None:
        self.path, self.module = path, _parse(path)
        self.function = function

    def resolve(self, node: ast.expr, before: int) -> tuple[str, ...]:
        """Return the forms of a text: its own words, and ``{placeholders}`` for what is known only at run time."""
        match node:
            case ast.Constant(value=str(text)):
                return (text,)
            case ast.JoinedStr(values=parts):
                return _multiply(self._resolve_part(part, before) for part in parts)
            case ast.IfExp(body=body, orelse=other):
                return _unite(self.resolve(one, before) for one in (body, other))
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return _multiply(self.resolve(one, before) for one in (left, right))
            case ast.Name(id=name):
                return self._resolve_name(name, before)
            case ast.Attribute(value=ast.Name(id=module), attr=name) if name.isupper():
                path = _find_import(self.module, module)
                constant = None if path is None else _find_value(path, name)
                if path is not None and constant is not None:
                    return Scope(path, _parse(path)).resolve(constant, constant.lineno)
            case ast.Subscript(value=ast.Name(id=name), slice=ast.Name()):
                values = self._find_constant(name)
                if isinstance(values, ast.Dict):
                    return _unite(self.resolve(value, before) for value in values.values)
            case ast.Call(func=ast.Name(id=name)) if name != "suggest_name":
                if returned := self._list_returns(name):
                    return _unite(self.resolve(one, one.lineno) for one in returned)
        return (_format_placeholder(node),)

    def _resolve_part(self, part: ast.expr, before: int) -> tuple[str, ...]:
        """Return the forms of a part of an f-string; a name or key without words stays a placeholder."""
        if not isinstance(part, ast.FormattedValue):
            return self.resolve(part, before)
        forms = self.resolve(part.value, before)
        return forms if any(" " in form.split("{")[0] for form in forms) else (_format_placeholder(part.value),)

    def _resolve_name(self, name: str, before: int) -> tuple[str, ...]:
        assigned = [
            (line, value)
            for line, value in _list_assignments(self.function, name)
            if line < before and value is not None
        ]
        if assigned:
            line, value = max(assigned, key=lambda one: one[0])
            forms = self.resolve(value, line)
            return (f"{{{name}}}",) if forms == (f"{{{ast.unparse(value)}}}",) else forms
        constant = self._find_constant(name)
        return (f"{{{name}}}",) if constant is None else self.resolve(constant, before)

    def _find_constant(self, name: str) -> ast.expr | None:
        """Return the value of a constant of this module, or of one of ours that it imports."""
        paths = (self.path, _find_import(self.module, name))
        values = (_find_value(path, name) for path in paths if path is not None)
        return next((value for value in values if value is not None), None)

    def _list_returns(self, name: str) -> list[ast.expr]:
        functions = [node for node in self.module.body if isinstance(node, ast.FunctionDef) and node.name == name]
        inner = (node for function in functions for node in ast.walk(function))
        return [node.value for node in inner if isinstance(node, ast.Return) and node.value is not None]


def _collect(path: Path) -> Iterator[Message]:
    for function, call in _list_calls(path):
        file = path.relative_to(HOME) if path.is_relative_to(HOME) else path
        scope, place = Scope(path, function), f"{file}:{call.lineno}"
        if _get_name(call) in EXPANDED and path != COLLECTOR:
            yield from _expand(call, scope, place)
            continue
        maker = _find_maker(call)
        if maker is not None and not (path == COLLECTOR and not isinstance(call.args[0], ast.Constant)):
            message_id = _read_id(call, place)
            message, fix = (
                scope.resolve(_find_argument(call, position), call.lineno) for position in (maker.message, maker.fix)
            )
            yield Message(message_id, maker.kind, message, fix, place)


def _expand(call: ast.Call, scope: Scope, place: str) -> Iterator[Message]:
    """Yield the faults that one call of a method in :data:`EXPANDED` can add."""
    method, message_place, fix_place = EXPANDED[_get_name(call)]
    own = _read_id(call, place)
    message, hint = (scope.resolve(call.args[number], call.lineno) for number in (message_place, fix_place))
    values = {"{message}": message, "{hint}": hint, "{fix}": hint, "{treatment}": _resolve_treatment(call, scope)}
    for function, inner in _list_calls(COLLECTOR):
        maker = _find_maker(inner)
        if maker is None or not isinstance(function, ast.FunctionDef) or function.name != method:
            continue
        inside = Scope(COLLECTOR, function)
        (suffix,) = inside.resolve(inner.args[0], inner.lineno)
        texts = (
            inside.resolve(_find_argument(inner, position), inner.lineno) for position in (maker.message, maker.fix)
        )
        says, fix = (_fill(forms, values) for forms in texts)
        yield Message(_name_fault(suffix, own), maker.kind, says, fix, place)


def _resolve_treatment(call: ast.Call, scope: Scope) -> tuple[str, ...]:
    """Return what Attune does with a few bad cells: the keyword of the call, or the default of the method."""
    from attune_fit.data.fault_collector import TREATED_AS_MISSING

    given = [keyword.value for keyword in call.keywords if keyword.arg == "treatment"]
    return scope.resolve(given[0], call.lineno) if given else (TREATED_AS_MISSING,)


def _name_fault(template: str, message_id: str) -> str:
    from attune_fit.data.fault_collector import MOSTLY, SOFT

    return template.replace("{message_id}", message_id).replace("{MOSTLY}", MOSTLY).replace("{SOFT}", SOFT)


def _fill(forms: tuple[str, ...], values: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    for placeholder, texts in values.items():
        if any(placeholder in form for form in forms):
            forms = tuple(form.replace(placeholder, text) for form in forms for text in texts)
    return forms


def _read_id(call: ast.Call, place: str) -> str:
    first, maker = call.args[0], _find_maker(call)
    places = EXPANDED[_get_name(call)][1:] if maker is None else (maker.message, maker.fix)
    needed = max(one for one in places if isinstance(one, int))
    if not (isinstance(first, ast.Constant) and isinstance(first.value, str)) or len(call.args) <= needed:
        raise ValueError(f"{place}: write the id of the message here, in quotation marks")
    return first.value


def _find_maker(call: ast.Call) -> Maker | None:
    if not isinstance(call.func, ast.Attribute):
        return None
    owner = ast.unparse(call.func.value)
    return next((one for one in MAKERS if one.name == call.func.attr and (not one.owners or owner in one.owners)), None)


def _get_name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def _find_argument(call: ast.Call, position: int | str) -> ast.expr:
    if isinstance(position, int):
        return call.args[position]
    return next(keyword.value for keyword in call.keywords if keyword.arg == position)


@cache
def _parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _list_calls(path: Path) -> Iterator[tuple[ast.AST, ast.Call]]:
    """Yield every call in a file, with the innermost function around it."""

    def visit(node: ast.AST, function: ast.AST) -> Iterator[tuple[ast.AST, ast.Call]]:
        if isinstance(node, ast.Call):
            yield function, node
        for child in ast.iter_child_nodes(node):
            yield from visit(child, node if isinstance(node, ast.FunctionDef) else function)

    yield from visit(_parse(path), _parse(path))


def _list_assignments(body: ast.AST, name: str) -> Iterator[tuple[int, ast.expr]]:
    """Yield (line, value) of each assignment to a name, also in a tuple of names."""
    for node in ast.walk(body):
        if not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None:
            continue
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            if isinstance(target, ast.Name) and target.id == name:
                yield node.lineno, node.value
            elif isinstance(target, ast.Tuple):
                for number, one in enumerate(target.elts):
                    value = _take(node.value, number)
                    if isinstance(one, ast.Name) and one.id == name and value is not None:
                        yield node.lineno, value


def _take(value: ast.expr, number: int) -> ast.expr | None:
    """Return one value of a tuple, or of a choice between two tuples; None where it cannot be read."""
    if isinstance(value, ast.Tuple):
        return value.elts[number]
    if isinstance(value, ast.IfExp):
        body, other = _take(value.body, number), _take(value.orelse, number)
        return None if body is None or other is None else ast.IfExp(value.test, body, other)
    return None


def _find_value(path: Path, name: str) -> ast.expr | None:
    """Return the last value that a module gives to a name, outside its functions."""
    body: list[ast.stmt] = [node for node in _parse(path).body if isinstance(node, ast.Assign | ast.AnnAssign)]
    values = [value for _, value in _list_assignments(ast.Module(body, []), name)]
    return values[-1] if values else None


def _find_import(module: ast.Module, name: str) -> Path | None:
    for node in ast.walk(module):
        is_ours = isinstance(node, ast.ImportFrom) and (node.module or "").startswith(PACKAGE)
        if isinstance(node, ast.ImportFrom) and is_ours and name in {alias.name for alias in node.names}:
            folder = str(node.module).removeprefix(PACKAGE).replace(".", "/")
            files = (HOME / f"{folder}.py", HOME / folder / f"{name}.py", HOME / "attune_fit" / f"{folder}.py")
            return next((file for file in files if file.exists()), None)
    return None


def _format_placeholder(node: ast.expr) -> str:
    """Return an expression in braces: ``{suggestion}`` for the closest name, ``{names, ...}`` for a list."""
    match node:
        case ast.Call(func=ast.Name(id="suggest_name")):
            return "{suggestion}"
        case ast.Call(func=ast.Attribute(value=ast.Constant(), attr="join"), args=[ast.GeneratorExp(generators=[one])]):
            return f"{{{ast.unparse(one.iter)}, ...}}"
        case ast.Call(func=ast.Attribute(value=ast.Constant(), attr="join"), args=[joined]):
            return f"{{{ast.unparse(joined)}, ...}}"
    return f"{{{ast.unparse(node)}}}"


def _multiply(parts: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple("".join(chosen) for chosen in itertools.product(*parts))


def _unite(parts: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(form for forms in parts for form in forms))


if __name__ == "__main__":
    SNAPSHOT.write_text(format_snapshot(collect_messages()), encoding="utf-8")
