"""Check LightGBM's model text before LightGBM reads it: a wrong text can abort the process.

LightGBM trusts its text: sizes, positions and numbers of children are used as they are. Only texts in the form that
:func:`attune_fit.models.trees.fit_trees` writes pass, with every number in its range.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

MAX_TREES = 10_000  # the records of a clinic grow a few hundred at most
MAX_LEAVES = 256  # of one tree; Attune's have at most 15. Exact contributions take leaves times depth squared
MAX_LEAF_VALUE = 100.0  # POMP: the whole scale
MAX_COUNT = 1e9  # records, or their weight, in a node
LARGEST = 1e300  # LightGBM's own limit, here of numbers that no score uses

_NUMBER = r"-?[0-9]{1,40}(?:\.[0-9]{1,40})?(?:e[+-]?[0-9]{1,3})?"
_NUMBERS = re.compile(rf"{_NUMBER}(?: {_NUMBER})*")
_THRESHOLDS = re.compile(rf"(?:inf|{_NUMBER})(?: (?:inf|{_NUMBER}))*")  # inf: known values go left, unknown ones right
_WHOLE_NUMBERS = re.compile(r"-?[0-9]{1,15}(?: -?[0-9]{1,15})*")
# Bits: 1 a categorical split, which Attune's trees have not; 2 unknown values go left; 4 or 8 what counts as unknown.
_DECISIONS = re.compile(r"(?:0|2|4|6|8|10)(?: (?:0|2|4|6|8|10))*")
_HEADER_END = re.compile(
    r"(?:monotone_constraints=(?P<signs>[-01 ]*)\n)?feature_infos=(?P<ranges>[^\n]*)\ntree_sizes=(?P<sizes>[0-9 ]*)\n\n"
)
_RANGE = re.compile(r"none|\[[-+.:0-9a-z]*\]")
_FOOTER = re.compile(
    r"end of trees\n\nfeature_importances:\n(?:x[0-9]{1,6}=[0-9]{1,12}\n)*\n"
    r"parameters:\n(?:\[[a-z0-9_]+: [-+.,\w]*\]\n)*\nend of parameters\n\npandas_categorical:null\n",
    re.ASCII,
)
CATEGORICAL, DEFAULT_LEFT, MISSING_ZERO, MISSING_NAN = 1, 2, 4, 8  # bits of LightGBM's `decision_type`


@dataclass(frozen=True)
class TreeRow:
    """One line of a tree: the numbers it holds and their range.

    Attributes
    ----------
    key : str
    per : {"tree", "leaf", "split"}
        Whether there is one number for the tree, for each leaf, or for each split.
    low, high : float
    form : pattern
        What the line looks like after the key.
    """

    key: str
    per: Literal["tree", "leaf", "split"]
    low: float
    high: float
    form: re.Pattern[str] = _WHOLE_NUMBERS


TREE_ROWS = (
    TreeRow("num_leaves", "tree", 1, MAX_LEAVES),
    TreeRow("num_cat", "tree", 0, 0),
    TreeRow("split_feature", "split", 0, MAX_COUNT),
    TreeRow("split_gain", "split", -LARGEST, LARGEST, _NUMBERS),
    TreeRow("threshold", "split", -LARGEST, math.inf, _THRESHOLDS),
    TreeRow("decision_type", "split", 0, 10, _DECISIONS),
    TreeRow("left_child", "split", -MAX_LEAVES, MAX_LEAVES),
    TreeRow("right_child", "split", -MAX_LEAVES, MAX_LEAVES),
    TreeRow("leaf_value", "leaf", -MAX_LEAF_VALUE, MAX_LEAF_VALUE, _NUMBERS),
    TreeRow("leaf_weight", "leaf", 0, MAX_COUNT, _NUMBERS),
    TreeRow("leaf_count", "leaf", 1, MAX_COUNT),
    TreeRow("internal_value", "split", -LARGEST, LARGEST, _NUMBERS),
    TreeRow("internal_weight", "split", 0, MAX_COUNT, _NUMBERS),
    TreeRow("internal_count", "split", 1, MAX_COUNT),
    TreeRow("is_linear", "tree", 0, 0),
    TreeRow("shrinkage", "tree", 0, 1, _NUMBERS),
)


class _BoosterFault(Exception):
    """The text is no booster of Attune; the message is the end of a sentence."""


@lru_cache(maxsize=16)
def find_booster_fault(text: str, columns: int) -> str:
    """Return what is wrong with a booster's text, the end of a sentence; empty if LightGBM can read it.

    Parameters
    ----------
    text : str
        Content of ``booster.txt``.
    columns : int
        Number of features that the trees read, >= 1.

    Returns
    -------
    str
        The first fault only. It holds keys and numbers of lines and trees, no value of the file.
    """
    try:
        _check_text(text, columns)
    except _BoosterFault as fault:
        return str(fault)
    return ""


def list_tree_fields(text: str) -> list[dict[str, str]]:
    """Return the lines ``name=value`` of each tree of a text that was checked, by name."""
    blocks = text.partition("\nend of trees")[0].split("\nTree=")[1:]
    return [dict(line.partition("=")[::2] for line in block.split("\n")[1:] if "=" in line) for block in blocks]


def read_signs(text: str, columns: int) -> list[str]:
    """Return the monotone sign of each column, ``-1``, ``0`` or ``1``; ``0`` for all in a text without signs."""
    line = text.partition("\n\n")[0].partition("\nmonotone_constraints=")[2].partition("\n")[0]
    return line.split(" ") if line else ["0"] * columns


def _check_text(text: str, columns: int) -> None:
    """Check the parts of the text in their order. Raises _BoosterFault."""
    place, sizes = _check_header(text, columns)
    for number, size in enumerate(sizes):
        block = text[place : place + size]
        try:
            _check_tree(block, number, columns)
        except _BoosterFault as fault:
            raise _BoosterFault(f"tree {number}: {fault}") from None
        place += size
    if not _FOOTER.fullmatch(text, place):
        raise _BoosterFault("the part after the last tree is incomplete or not in LightGBM's form")


def _check_header(text: str, columns: int) -> tuple[int, list[int]]:
    """Check all lines before the first tree; return where that tree begins, and the length of each tree."""
    start = (
        "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nlabel_index=0\n"
        f"max_feature_idx={columns - 1}\nobjective=regression\n"
        f"feature_names={' '.join(f'x{column}' for column in range(columns))}\n"
    )
    if not text.isascii() or not text.startswith(start):
        raise _BoosterFault(f"the first lines are not those of trees over {columns} features")
    rest = _HEADER_END.match(text, len(start))
    if rest is None:
        raise _BoosterFault("the lines before the first tree are not in LightGBM's form")
    signs, ranges, sizes = rest["signs"], rest["ranges"].split(" "), rest["sizes"].split(" ")
    if signs is not None and (len(signs.split(" ")) != columns or not {"-1", "0", "1"} >= set(signs.split(" "))):
        raise _BoosterFault(f"`monotone_constraints` has not {columns} signs")
    if len(ranges) != columns or not all(map(_RANGE.fullmatch, ranges)):
        raise _BoosterFault(f"`feature_infos` has not {columns} ranges")
    if not 1 <= len(sizes) <= MAX_TREES or not all(0 < len(size) < 8 for size in sizes):
        raise _BoosterFault(f"`tree_sizes` has not 1 to {MAX_TREES} sizes")
    return rest.end(), [int(size) for size in sizes]


def _check_tree(block: str, number: int, columns: int) -> None:
    """Check the lines of one tree and that its splits form a tree. Raises _BoosterFault."""
    lines = block.split("\n")
    if len(lines) != len(TREE_ROWS) + 4 or lines[0] != f"Tree={number}" or lines[-3:] != ["", "", ""]:
        raise _BoosterFault("its lines do not agree with `tree_sizes`")
    counts, values = {"tree": 1, "leaf": 1, "split": 0}, {}
    for row, line in zip(TREE_ROWS, lines[1:], strict=False):
        values[row.key] = _read_numbers(row, line, counts)
        if row.key == "num_leaves":
            n_leaves = int(values[row.key][0])
            counts.update(leaf=n_leaves, split=n_leaves - 1)
    if max(values["split_feature"], default=0) >= columns:
        raise _BoosterFault(f"`split_feature` has a number above {columns - 1}")
    _check_children(values["left_child"], values["right_child"])


def _read_numbers(row: TreeRow, line: str, counts: dict[str, int]) -> Sequence[float]:
    """Return the numbers of one line. Raises _BoosterFault if they do not fit ``row``."""
    start, n_numbers = f"{row.key}=", counts[row.per]
    text = line[len(start) :]
    if not line.startswith(start):
        raise _BoosterFault(f"the line `{row.key}` is missing")
    is_single_leaf = counts["leaf"] == 1
    if not text and (not n_numbers or (is_single_leaf and row.key == "leaf_weight")):
        return ()
    if text.count(" ") + 1 != n_numbers or not row.form.fullmatch(text):
        raise _BoosterFault(f"`{row.key}` has not {n_numbers} numbers of its kind")
    values = [float(value) for value in text.split(" ")]
    if min(values) < row.low or max(values) > row.high:
        raise _BoosterFault(f"`{row.key}` has a number that is not between {row.low:g} and {row.high:g}")
    return values


def _check_children(left: Sequence[float], right: Sequence[float]) -> None:
    """Check that every split but the first, and every leaf, is the child of exactly one split. Raises _BoosterFault.

    LightGBM numbers a split after the one it grows from, so that a child with a smaller number would be a circle.
    """
    n_splits = len(left)
    for split, children in enumerate(zip(left, right, strict=True)):
        if any(0 <= child <= split for child in children):
            raise _BoosterFault(f"the children of split {split} lead back to it")
    if n_splits and sorted([*left, *right]) != [*range(-n_splits - 1, 0), *range(1, n_splits)]:
        raise _BoosterFault("a split or a leaf has no place in it, or two")


class SplitTest(NamedTuple):
    """The test of a split: ``value <= threshold`` goes left; ``unknown_goes_left`` is for an unknown value."""

    feature: int
    threshold: float
    unknown_goes_left: bool


def list_split_tests(fields: Mapping[str, str]) -> tuple[SplitTest, ...] | None:
    """List the tests of the splits of one tree of :func:`list_tree_fields`.

    None where a split is of a category, or where zero counts as a missing value: it is no such test.
    """
    names = ("split_feature", "threshold", "decision_type")
    rows = [*zip(*(fields[name].split() for name in names), strict=True)]
    splits = [(int(feature), float(threshold), int(kind)) for feature, threshold, kind in rows]
    if any(kind & (CATEGORICAL | MISSING_ZERO) for *_, kind in splits):
        return None
    return tuple(
        # without a way of its own, an unknown value counts as 0, as in LightGBM
        SplitTest(feature, threshold, bool(kind & DEFAULT_LEFT) if kind & MISSING_NAN else threshold >= 0)
        for feature, threshold, kind in splits
    )
