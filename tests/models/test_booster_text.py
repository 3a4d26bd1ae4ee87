"""LightGBM's text is checked first: what training writes passes, and no text that passes aborts the process."""

from __future__ import annotations

import random
import re
import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest

from attune_fit.models.booster_text import find_booster_fault, read_signs
from attune_fit.models.tree_merging import merge_trees
from attune_fit.models.trees import BoostedTrees, TreeHyperparameters, fit_trees

N_MUTATIONS = 400
NUMBERS = ("-1", "0", "1", "7", "999999999", "2147483648", "1e999", "nan", "inf", "-inf", "", "x", "3.5", "1e300", "-0")
PREDICT = """
import sys, numpy as np
from tests.models.test_booster_text import mutate, resize, write_booster
from attune_fit.models.booster_text import find_booster_fault
from attune_fit.models.trees import BoostedTrees
whole, names = write_booster(), ("a", "b", "c")
rows = np.random.default_rng(0).normal(size=(20, 3))
rows[0] = np.nan
for seed in range(int(sys.argv[1])):
    text = mutate(whole, seed)
    text = resize(text) if seed % 2 else text
    if not find_booster_fault(text, 3):
        trees = BoostedTrees(names, text, 1.0)
        assert np.isfinite(trees.predict(names, rows)).all(), seed
        assert np.isfinite(trees.compute_contributions(names, rows)).all(), seed
        print(seed)
"""


def write_booster(records: int = 300) -> str:
    """The text of a few trees that read cells with gaps; one leaf each where there are few records."""
    rng = np.random.default_rng(0)
    standard = rng.normal(size=(records, 3))
    standard[rng.random(standard.shape) < 0.1] = np.nan
    outcome = np.nan_to_num(standard).sum(axis=1) + rng.normal(size=records)
    parameters = TreeHyperparameters(trees=4, least=20)
    return fit_trees(standard, outcome, ["free"] * 3, parameters, seed=1)


def mutate(text: str, seed: int) -> str:
    """One to three changes: a letter, a cut, another number, a line twice."""
    rng = random.Random(seed)  # noqa: S311 (no secret)
    for _ in range(rng.choice([1, 1, 2, 3])):
        kind, place = rng.randrange(6), rng.randrange(len(text))
        if kind == 0:
            text = text[:place] + chr(rng.randrange(1, 127)) + text[place + 1 :]
        elif kind == 1:
            text = text[:place] + text[place + rng.randrange(1, 30) :]
        elif kind == 2:
            lines = text.split("\n")
            lines.insert(rng.randrange(len(lines)), rng.choice(lines))
            text = "\n".join(lines)
        elif found := list(re.finditer(r"-?\d+\.?\d*(e-?\d+)?", text[: text.find("end of trees")])):
            number = rng.choice(found)
            other = rng.choice(NUMBERS) if rng.random() < 0.5 else str(rng.randrange(-8, 9))
            text = text[: number.start()] + other + text[number.end() :]
    return text


@pytest.fixture(scope="module")
def whole() -> str:
    return write_booster()


def test_every_booster_of_a_training_passes(whole: str) -> None:
    assert find_booster_fault(whole, 3) == ""
    merged = merge_trees(
        [(BoostedTrees(("a", "b", "c"), whole, 0.5), 4.0), (BoostedTrees(("d", "c", "a"), whole, 1.0), 1.0)]
    )
    assert merged is not None
    assert find_booster_fault(merged.text, 4) == ""
    assert find_booster_fault(write_booster(records=30), 3) == ""  # too few records for a split: one leaf


def test_the_signs_are_those_of_the_columns_and_0_where_there_are_none(whole: str) -> None:
    assert read_signs(whole.replace("monotone_constraints=0 0 0\n", "monotone_constraints=1 -1 0\n"), 3) == [
        "1",
        "-1",
        "0",
    ]
    assert read_signs(whole.replace("monotone_constraints=0 0 0\n", ""), 3) == ["0"] * 3


def test_no_cut_text_passes(whole: str) -> None:
    assert [length for length in range(0, len(whole), 37) if not find_booster_fault(whole[:length], 3)] == []


def test_no_text_that_passes_aborts_lightgbm() -> None:
    """A process of its own predicts with every changed text that passes: no abort, no hang, no endless number."""
    command = [sys.executable, "-c", PREDICT, str(N_MUTATIONS)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    assert 5 <= len(done.stdout.split()) <= N_MUTATIONS / 2  # some pass, or nothing was tried; most do not


def test_a_wrong_setting_of_training_never_reaches_lightgbm(whole: str) -> None:
    text = whole.replace("[lambda_l2: 20]", "[lambda_l2: x]")
    assert text != whole
    names = ("a", "b", "c")
    rows = np.ones((1, 3))
    assert BoostedTrees(names, text, 1.0).predict(names, rows) == BoostedTrees(names, whole, 1.0).predict(names, rows)


def set_first(key: str, value: str) -> Callable[[str], str]:
    """A change: the first number of the first line with this key."""
    return lambda text: re.sub(rf"\n{key}=-?[^ \n]*", f"\n{key}={value}", text, count=1)


CHANGES: dict[str, tuple[Callable[[str], str], str]] = {
    "fewer trees than sizes": (lambda text: text.replace("tree_sizes=", "tree_sizes=5 "), "tree 0: its lines do not"),
    "more features": (set_first("max_feature_idx", "9"), "the first lines are not those of trees over 3 features"),
    "a feature that is not there": (set_first("split_feature", "3"), "tree 0: `split_feature` has a number above 2"),
    "a circle": (set_first("left_child", "0"), "tree 0: the children of split 0 lead back"),
    "a leaf twice": (set_first("right_child", "-1"), "tree 0: a split or a leaf has no place in it, or two"),
    "a child far away": (set_first("left_child", "9999"), "tree 0: `left_child` has a number that is not between"),
    "a leaf above the scale": (set_first("leaf_value", "101"), "tree 0: `leaf_value` has a number that is not between"),
    "an endless leaf": (set_first("leaf_value", "inf"), "tree 0: `leaf_value` has not"),
    "a categorical split": (set_first("decision_type", "1"), "tree 0: `decision_type` has not"),
    "a linear leaf": (set_first("is_linear", "1"), "tree 0: `is_linear` has a number that is not between 0 and 0"),
    "too many leaves": (set_first("num_leaves", "257"), "tree 0: `num_leaves` has a number that is not between"),
    "no records in a leaf": (set_first("leaf_count", "0"), "tree 0: `leaf_count` has a number that is not between"),
    "no last part": (lambda text: text[: text.index("end of trees")], "the part after the last tree"),
    "a sign too many": (set_first("monotone_constraints", "0 0"), "`monotone_constraints` has not 3 signs"),
    "a range too many": (set_first("feature_infos", "none none"), "`feature_infos` has not 3 ranges"),
    "a letter that is not ASCII": (lambda text: text.replace("regression", "régression"), "the first lines are not"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_the_fault_names_the_tree_and_the_line(whole: str, name: str) -> None:
    change, start = CHANGES[name]
    text = resize(change(whole)) if name != "fewer trees than sizes" else change(whole)
    assert find_booster_fault(text, 3).startswith(start)


def resize(text: str) -> str:
    """The text with the sizes of its trees as they are now."""
    sizes = [str(len(part) + 5) for part in text.partition("end of trees")[0].split("Tree=")[1:]]
    return re.sub(r"tree_sizes=.*", "tree_sizes=" + " ".join(sizes), text)
