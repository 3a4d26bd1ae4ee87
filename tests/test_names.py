"""A reader finds each thing by its name: file stems and class names are unique, functions begin with a verb."""

import ast
from collections import Counter
from pathlib import Path

import pytest

HOME = Path(__file__).resolve().parent.parent
PARTS = ("attune_fit", "data", "features", "models", "training", "matching", "app")
NAMED_AFTER_A_VERB = ("app/commands/", "app/views/", "app/desk/pages/")  # files called like the verb they show
MODULES = [
    path
    for part in PARTS
    for path in sorted((HOME / part).rglob("*.py"))
    if path.name not in ("__init__.py", "__main__.py")
]
VERBS = frozenset(
    {
        "adapt",
        "add",
        "allocate",
        "allow",
        "analyse",
        "append",
        "apply",
        "assess",
        "assign",
        "audit",
        "back",
        "bootstrap",
        "build",
        "can",
        "center",
        "change",
        "check",
        "choose",
        "collect",
        "compare",
        "complete",
        "compute",
        "convert",
        "correlate",
        "count",
        "cross",
        "crossfit",
        "decide",
        "define",
        "describe",
        "deserialize",
        "double",
        "draft",
        "draw",
        "drop",
        "encode",
        "escape",
        "estimate",
        "exclude",
        "explain",
        "export",
        "explode",
        "fill",
        "find",
        "finish",
        "fit",
        "flush",
        "follow",
        "forget",
        "format",
        "handle",
        "has",
        "hash",
        "ignore",
        "is",
        "iterate",
        "join",
        "keep",
        "list",
        "load",
        "lock",
        "log",
        "main",
        "make",
        "map",
        "mask",
        "match",
        "measure",
        "merge",
        "migrate",
        "normalize",
        "open",
        "parse",
        "pause",
        "permute",
        "pool",
        "predict",
        "prepare",
        "preview",
        "print",
        "promote",
        "rank",
        "read",
        "rebuild",
        "recompute",
        "record",
        "redirect",
        "refuse",
        "relax",
        "rematch",
        "remove",
        "render",
        "renew",
        "replace",
        "replay",
        "report",
        "require",
        "rescale",
        "restore",
        "roll",
        "round",
        "run",
        "sample",
        "save",
        "scan",
        "score",
        "select",
        "serialize",
        "set",
        "settle",
        "show",
        "sign",
        "simulate",
        "solve",
        "sort",
        "split",
        "stack",
        "standardize",
        "suggest",
        "sum",
        "summarize",
        "suppress",
        "sweep",
        "take",
        "train",
        "tune",
        "update",
        "upgrade",
        "use",
        "verify",
        "weaken",
        "weigh",
        "weight",
        "write",
    }
)


def functions(path: Path) -> list[str]:
    """Names of the public functions of a module."""
    body = ast.parse(path.read_text(encoding="utf-8")).body
    return [node.name for node in body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")]


def place(path: Path) -> str:
    return path.relative_to(HOME).as_posix()


def test_every_file_stem_is_given_once() -> None:
    stems = Counter(path.stem for path in MODULES if not place(path).startswith(NAMED_AFTER_A_VERB))
    assert not {stem: number for stem, number in stems.items() if number > 1}


def test_every_class_name_is_given_once() -> None:
    classes = Counter(
        node.name
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
    )
    assert not {name: number for name, number in classes.items() if number > 1}


@pytest.mark.parametrize("path", MODULES, ids=place)
def test_public_functions_begin_with_a_verb(path: Path) -> None:
    if place(path).startswith("app/commands/"):
        pytest.skip("a command's function is called like the command")
    assert not [name for name in functions(path) if name.split("_")[0] not in VERBS]
