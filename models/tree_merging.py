"""Several sets of trees, each with a weight, as one LightGBM text: its output is their weighted sum."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from attune_fit.models.booster_text import TREE_ROWS, list_tree_fields, read_signs
from attune_fit.models.trees import BoostedTrees

SCALED_ROWS = ("leaf_value", "internal_value")  # the lines of a tree in the unit of its output


def merge_trees(parts: Sequence[tuple[BoostedTrees, float]]) -> BoostedTrees | None:
    """Merge sets of trees into one whose output is the weighted sum of theirs.

    The values of all leaves are multiplied by the weight of their set, and by its stacking weight. So contributions are
    weighted sums too: Shapley values are linear in the output. [1]_

    Parameters
    ----------
    parts : sequence of (BoostedTrees, float)
        Sets of trees with their weights, 0 or larger. A set with the weight 0 is left out.

    Returns
    -------
    BoostedTrees or None
        All trees in the order of the parts, with a stacking weight of 1. Its columns are those of the parts, in the
        order in which they first occur. None if no set is left.

    Raises
    ------
    ValueError
        If a weight is negative or not finite.

    Notes
    -----
    A bundle accepts leaves up to :data:`~attune_fit.models.booster_text.MAX_LEAF_VALUE`; no value is cut here.

    References
    ----------
    .. [1] Shapley (1953), in Contributions to the Theory of Games II, 307-317, doi:10.1515/9781400881970-018.
    """
    if not all(math.isfinite(weight) and weight >= 0 for _, weight in parts):
        raise ValueError("the weight of a set of trees is negative or not finite")
    used = [(trees, weight * trees.stacking_weight) for trees, weight in parts if weight > 0]
    if not used:
        return None
    names = tuple(dict.fromkeys(name for trees, _ in used for name in trees.names))
    place_of = {name: place for place, name in enumerate(names)}
    bodies = []
    for trees, factor in used:
        places = [place_of[name] for name in trees.names]
        bodies += [_format_tree(fields, places, factor) for fields in list_tree_fields(trees.text)]
    signs = _merge_signs([trees for trees, _ in used], names)
    return BoostedTrees(names, _format_text(bodies, signs), 1.0)


def _merge_signs(sets: Iterable[BoostedTrees], names: Sequence[str]) -> list[str]:
    """Return the monotone sign of each column: 0 where the sets that have the column differ."""
    signs_of: dict[str, set[str]] = {name: set() for name in names}
    for trees in sets:
        for name, sign in zip(trees.names, read_signs(trees.text, len(trees.names)), strict=True):
            signs_of[name].add(sign)
    return [min(signs) if len(signs) == 1 else "0" for signs in signs_of.values()]


def _format_tree(fields: dict[str, str], places: Sequence[int], factor: float) -> str:
    """Return the lines of one tree after its number, with other numbers of columns and with scaled values."""
    scaled = {key: " ".join(repr(float(value) * factor) for value in fields[key].split()) for key in SCALED_ROWS}
    columns = " ".join(str(places[int(column)]) for column in fields["split_feature"].split())
    changed = {**fields, **scaled, "split_feature": columns}
    return "".join(f"{row.key}={changed[row.key]}\n" for row in TREE_ROWS)


def _format_text(bodies: Sequence[str], signs: Sequence[str]) -> str:
    """Return LightGBM's text of some trees: no settings of training, because there is no single training."""
    trees = [f"Tree={number}\n{body}\n\n" for number, body in enumerate(bodies)]
    header = {
        "version": "v4",
        "num_class": "1",
        "num_tree_per_iteration": "1",
        "label_index": "0",
        "max_feature_idx": str(len(signs) - 1),
        "objective": "regression",
        "feature_names": " ".join(f"x{column}" for column in range(len(signs))),
        "monotone_constraints": " ".join(signs),
        "feature_infos": " ".join(["[-inf:inf]"] * len(signs)),  # without ranges: a bundle holds no cell values
        "tree_sizes": " ".join(str(len(tree)) for tree in trees),
    }
    start = "tree\n" + "".join(f"{key}={value}\n" for key, value in header.items())
    end = "end of trees\n\nfeature_importances:\n\nparameters:\n\nend of parameters\n\npandas_categorical:null\n"
    return f"{start}\n{''.join(trees)}{end}"
