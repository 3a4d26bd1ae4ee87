"""What each number and text in a bundle's ``model.json`` must be: one row for each field."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields
from itertools import chain
from typing import Any

import numpy as np

from attune_fit.data.arrays import Floats
from attune_fit.data.clinic.instruments import ALLIANCE_SCALES
from attune_fit.data.formats.reading_limits import MAX_WEIGHT
from attune_fit.models.dropout_model import DropoutCheck, DropoutModel
from attune_fit.models.pair_effect_verdict import Verdict
from attune_fit.models.prediction_interval import INTERVAL_LEVELS, PredictionInterval
from attune_fit.models.therapist_effects import TherapistEffects
from attune_fit.models.tree_columns import has_valid_products

SCALE_RANGE = 100.0  # POMP: no weight, effect, or standard deviation is larger
MAX_HALF_WIDTH = 1000.0  # of an interval, in standard deviations
MAX_NUMBER = 1e12  # of centers, scales and slopes, as in clinic.toml
MIN_FEATURE_SCALE = 1e-12
MAX_VARIANCE = 1e18  # POMP²: (MAX_WEIGHT * SCALE_RANGE) squared, with room
MAX_RECORDS = 1_000_000_000
MAX_LOG_ODDS = 1000.0  # of dropout
SYMMETRY_TOLERANCE = 1e-6  # of a covariance, relative to its largest number
VERDICT_KINDS = ("published", "nothing", "adds")
_ABSENT = object()


@dataclass(frozen=True)
class ModelSizes:
    """Lengths that the arrays of a model share, and what its features are.

    Attributes
    ----------
    weight_limits : array of shape (columns,)
        The largest absolute value of the intercept and of each weight, POMP.
    therapists : int
        Number of therapists with an effect.
    sides : dict
        The side of each feature, by name.
    """

    weight_limits: Floats
    therapists: int
    sides: dict[str, Any] = field(default_factory=dict)

    @property
    def columns(self) -> int:
        """Number of weights with the intercept."""
        return len(self.weight_limits)


@dataclass(frozen=True)
class ModelField:
    """One field of a bundle's JSON file.

    Attributes
    ----------
    path : str
        Its keys, joined by dots.
    wanted : str
        What it must be, in words; the end of a sentence.
    is_valid : callable
        Takes the value and the sizes.
    optional : bool
        Whether the file can lack it, as bundles of earlier versions do.
    """

    path: str
    wanted: str
    is_valid: Callable[[Any, ModelSizes], bool]
    optional: bool = False


def find_invalid_fields(content: dict[str, Any]) -> list[ModelField]:
    """Return the rows of the fields of ``model.json`` that are not valid, in the order of the tables.

    The lengths of all arrays follow from :data:`LENGTH_FIELDS`. If one of these is not valid, only these are checked.
    """
    no_sizes = ModelSizes(np.empty(0), 0)
    invalid = [row for row in LENGTH_FIELDS if not _is_field_valid(row, content, no_sizes)]
    if invalid:
        return invalid
    limits = [MAX_WEIGHT if entry.get("family") == "declared" else 1.0 for entry in content["features"]]
    sides = {entry["name"]: entry.get("side") for entry in content["features"]}
    sizes = ModelSizes(SCALE_RANGE * np.array([1.0, *limits]), len(content["therapists"]["ids"]), sides)
    return [row for row in FIELDS if not _is_field_valid(row, content, sizes)]


def find_invalid_recipe_fields(content: dict[str, Any]) -> list[ModelField]:
    """Return the rows of the fields of ``recipe.json`` that are not valid."""
    return [row for row in RECIPE_FIELDS if not _is_field_valid(row, content, ModelSizes(np.empty(0), 0))]


def _is_field_valid(row: ModelField, content: Any, sizes: ModelSizes) -> bool:
    value = content
    for key in row.path.split("."):
        value = value.get(key, _ABSENT) if isinstance(value, dict) else _ABSENT
    return row.optional if value is _ABSENT else row.is_valid(value, sizes)


def _read_array(value: Any, shape: tuple[int, ...]) -> Floats | None:
    """Return nested lists of finite numbers as an array of ``shape``; None if they are something else."""
    items: Iterable[Any] = value if isinstance(value, list) else ()
    if not isinstance(value, list) or len(value) != shape[0]:
        return None
    if len(shape) == 2:
        if not all(isinstance(row, list) and len(row) == shape[1] for row in value):
            return None
        items = chain.from_iterable(value)
    if not set(map(type, items)) <= {int, float}:  # no text and no yes or no, which NumPy would convert
        return None
    try:
        array = np.array(value, dtype=float).reshape(shape)
    except OverflowError:
        return None
    return array if np.isfinite(array).all() else None


def _is_number(low: float, high: float, above: float = -np.inf) -> Callable[[Any, ModelSizes], bool]:
    """Return a check that a value is a number from ``low`` to ``high``, and larger than ``above``."""
    return lambda value, _sizes: type(value) in (int, float) and low <= value <= high and value > above


def _is_count(value: Any, _sizes: ModelSizes) -> bool:
    return type(value) is int and 0 <= value <= MAX_RECORDS


def _is_text(value: Any, _sizes: ModelSizes) -> bool:
    return isinstance(value, str)


def _is_list_of_ids(value: Any, _sizes: ModelSizes | None = None) -> bool:
    is_text = isinstance(value, list) and all(isinstance(name, str) and name for name in value)
    return is_text and len(set(value)) == len(value)


def _is_list_of_features(value: Any, sizes: ModelSizes) -> bool:
    is_center, is_scale = _is_number(-MAX_NUMBER, MAX_NUMBER), _is_number(MIN_FEATURE_SCALE, MAX_NUMBER)
    return (
        isinstance(value, list)
        and all(isinstance(entry, dict) for entry in value)
        and _is_list_of_ids([entry.get("name") for entry in value])
        and all(is_center(entry.get("center"), sizes) and is_scale(entry.get("scale"), sizes) for entry in value)
        and all(is_center(entry.get("typical", 0.0), sizes) for entry in value)  # optional: earlier bundles have none
    )


def _is_list_of_weights(value: Any, sizes: ModelSizes) -> bool:
    array = _read_array(value, (sizes.columns,))
    return array is not None and bool((np.abs(array) <= sizes.weight_limits).all())


def _is_covariance(value: Any, sizes: ModelSizes) -> bool:
    """Return whether it is symmetric and positive definite: a score takes its Cholesky factor."""
    array = _read_array(value, (sizes.columns, sizes.columns))
    if array is None or np.abs(array).max() > MAX_VARIANCE:
        return False
    if np.abs(array - array.T).max() > SYMMETRY_TOLERANCE * np.abs(array).max():
        return False
    try:
        np.linalg.cholesky(array)
    except np.linalg.LinAlgError:
        return False
    return True


def _is_list_by_therapist(low: float, high: float) -> Callable[[Any, ModelSizes], bool]:
    """Return a check that a value has one number from ``low`` to ``high`` for each therapist."""

    def check_values(value: Any, sizes: ModelSizes) -> bool:
        array = _read_array(value, (sizes.therapists,))
        return array is not None and bool(((array >= low) & (array <= high)).all())

    return check_values


def _is_slopes(value: Any, sizes: ModelSizes) -> bool:
    array = _read_array(value, (sizes.therapists, sizes.columns))
    return array is not None and (not array.size or bool(np.abs(array).max() <= MAX_NUMBER))


def _is_relevance(value: Any, sizes: ModelSizes) -> bool:
    is_factor = _is_number(0, MAX_NUMBER, above=0)
    return isinstance(value, dict) and all(is_factor(factor, sizes) for factor in value.values())


def _is_learned(value: Any, sizes: ModelSizes) -> bool:
    is_share = _is_number(0, 1, above=0)
    return value is None or (
        isinstance(value, dict)
        and _is_list_of_ids(value.get("names"))
        and bool(value["names"])
        and has_valid_products(value["names"], sizes.sides)
        and is_share(value.get("share"), sizes)
    )


def _is_half_widths(value: Any, _sizes: ModelSizes) -> bool:
    array = _read_array(value, (len(INTERVAL_LEVELS),))
    if array is None:
        return isinstance(value, list) and not value
    return bool((array >= 0).all() and (array <= MAX_HALF_WIDTH).all() and (np.diff(array) >= 0).all())


def _is_level_terms(value: Any, sizes: ModelSizes) -> bool:
    """Return whether it has different names, a difference of at most 100 POMP for each, and a column of sites."""
    if not isinstance(value, dict) or set(value) != {"names", "effect", "site_column"}:
        return False
    effect = _read_array(value["effect"], (len(value["names"]),)) if _is_list_of_ids(value["names"]) else None
    return effect is not None and bool((np.abs(effect) <= SCALE_RANGE).all()) and _is_text(value["site_column"], sizes)


def _is_drift(value: Any, sizes: ModelSizes) -> bool:
    """Return whether it has names of different features, a change of weight for each, and a day or nothing."""
    if not isinstance(value, dict) or set(value) != {"names", "change", "reference"}:
        return False
    change = _read_array(value["change"], (len(value["names"]),)) if _is_list_of_ids(value["names"]) else None
    is_day = value["reference"] == "" or _is_date(value["reference"], sizes)
    return is_day and change is not None and bool((np.abs(change) <= SCALE_RANGE * MAX_WEIGHT).all())


def _is_dropout(value: Any, sizes: ModelSizes) -> bool:
    """Return whether it has every field of a model of dropout, with log-odds of at most :data:`MAX_LOG_ODDS`."""
    keys = {field.name for field in fields(DropoutModel)}
    if not isinstance(value, dict) or set(value) != keys or not isinstance(value["therapists"], dict):
        return False
    effects = value["therapists"]
    if set(effects) != {field.name for field in fields(TherapistEffects)} or not _is_list_of_ids(effects["ids"]):
        return False
    own = ModelSizes(np.full(sizes.columns, MAX_LOG_ODDS), len(effects["ids"]))
    return (
        _is_list_of_weights(value["mean"], own)
        and _is_covariance(value["cov"], own)
        and _is_list_by_therapist(-MAX_LOG_ODDS, MAX_LOG_ODDS)(effects["effect"], own)
        and _is_slopes(effects["lean"], own)
        and _is_list_by_therapist(0, MAX_LOG_ODDS**2)(effects["own"], own)
        and _is_number(0, MAX_LOG_ODDS**2, above=0)(effects["tau2"], own)
        and _is_number(-MAX_LOG_ODDS, MAX_LOG_ODDS)(value["intercept"], own)
        and _is_number(0, MAX_LOG_ODDS)(value["slope"], own)
        and _is_count(value["n_records"], own)
        and _is_count(value["n_dropouts"], own)
        and value["n_dropouts"] <= value["n_records"]
        and _is_dropout_check(value["check"])
    )


def _is_dropout_check(value: Any) -> bool:
    if value is None or not isinstance(value, dict) or set(value) != set(DropoutCheck._fields):
        return value is None
    limits, no_sizes = {"auc": 1.0, "client_auc": 1.0}, ModelSizes(np.empty(0), 0)
    return all(
        _is_number(0 if name in limits else -MAX_LOG_ODDS, limits.get(name, MAX_LOG_ODDS))(figure, no_sizes)
        for name, figure in value.items()
    ) and all(value[f"{name}_low"] <= value[f"{name}_high"] for name in ("slope", "auc", "gain"))


def _has_keys_of(row: type[PredictionInterval | Verdict]) -> Callable[[Any, ModelSizes], bool]:
    """Return a check that a value is a JSON object with no other keys than the fields of a dataclass."""
    keys = {field.name for field in fields(row)}
    return lambda value, _sizes: isinstance(value, dict) and set(value) <= keys


def _is_correlation(value: Any, sizes: ModelSizes) -> bool:
    return value is None or _is_number(-1, 1)(value, sizes)


def _is_probability(value: Any, sizes: ModelSizes) -> bool:
    return value is None or _is_number(0, 1, above=0)(value, sizes)


def _is_power(value: Any, _sizes: ModelSizes) -> bool:
    return isinstance(value, list) and all(
        (row := _read_array(pair, (2,))) is not None and row.min() >= 0 and row.max() <= 1 for pair in value
    )


def _is_interval(value: Any, limit: float = 1.0) -> bool:
    array = None if value is None else _read_array(value, (3,))
    return value is None or (array is not None and bool((np.abs(array) <= limit).all()))


def _is_comparison(value: Any, _sizes: ModelSizes) -> bool:
    return isinstance(value, list) and all(
        isinstance(row, dict)
        and isinstance(row.get("name"), str)
        and _is_interval(row.get("within"))
        and _is_interval(row.get("over"))
        and isinstance(row.get("ahead", False), bool)
        for row in value
    )


def _is_date(value: Any, _sizes: ModelSizes) -> bool:
    try:
        dt.date.fromisoformat(value)
    except (TypeError, ValueError):
        return False
    return True


def _are_scales(value: Any, sizes: ModelSizes) -> bool:
    """Return whether it has two contrasts, each with weights and effects, an interval for each scale, and a count."""
    if not isinstance(value, dict) or set(value) != {"contrasts", "offset", "widths", "n_records"}:
        return False
    contrasts, widths = value["contrasts"], value["widths"]
    return (
        all(isinstance(rows, list) for rows in (contrasts, widths))
        and (len(contrasts), len(widths)) == (2, len(ALLIANCE_SCALES))
        and all(_is_contrast(row, sizes) for row in contrasts)
        and all(_is_interval_object(row, sizes) for row in widths)
        and _is_number(-SCALE_RANGE, SCALE_RANGE)(value["offset"], sizes)
        and _is_count(value["n_records"], sizes)
    )


def _is_contrast(value: Any, sizes: ModelSizes) -> bool:
    """Return whether it has the linear layer of a model, for the features of this one."""
    keys, ids = {"evidence", "levels", "therapists"}, LENGTH_FIELDS[1]
    if not isinstance(value, dict) or set(value) != keys or not _is_field_valid(ids, value, sizes):
        return False
    own_sizes = ModelSizes(sizes.weight_limits, len(value["therapists"]["ids"]))
    rows = [row for row in FIELDS if row.path.split(".")[0] in value]
    return all(_is_field_valid(row, value, own_sizes) for row in rows)


def _is_interval_object(value: Any, sizes: ModelSizes) -> bool:
    """Return whether it has the fields of an interval, each of them valid."""
    rows = [row for row in FIELDS if row.path.split(".")[0] == "width"]
    return all(_is_field_valid(row, {"width": value}, sizes) for row in rows)


_SD = f"a number above 0 and at most {SCALE_RANGE:g} POMP"
_CORRELATION = "empty, or a number from -1 to 1"
_HALF_WIDTHS = f"an empty list, or {len(INTERVAL_LEVELS)} rising numbers from 0 to {MAX_HALF_WIDTH:g}"

# fmt: off
LENGTH_FIELDS = (
    ModelField("features", "a list of features with different names, each with a center and a scale above 0",
               _is_list_of_features),
    ModelField("therapists.ids", "a list of different ids", _is_list_of_ids),
)
FIELDS = (
    ModelField("evidence.mean", f"one number of at most {SCALE_RANGE:g} POMP for the intercept and each feature",
               _is_list_of_weights),
    ModelField("evidence.cov", "the covariance of intercept and weights: finite, symmetric, positive definite",
               _is_covariance),
    ModelField("evidence.sigma", _SD, _is_number(0, SCALE_RANGE, above=0)),
    ModelField("evidence.tau", _SD, _is_number(0, SCALE_RANGE, above=0)),
    ModelField("evidence.unit", _SD, _is_number(0, SCALE_RANGE, above=0)),
    ModelField("evidence.relevance", "a factor above 0 for each family", _is_relevance),
    ModelField("levels", f"names, a difference of at most {SCALE_RANGE:g} POMP for each, and a column of sites",
               _is_level_terms, optional=True),
    ModelField("drift", "names of features, a change of weight for each, and a day", _is_drift, optional=True),
    ModelField("therapists.effect", f"one number of at most {SCALE_RANGE:g} POMP for each therapist",
               _is_list_by_therapist(-SCALE_RANGE, SCALE_RANGE)),
    ModelField("therapists.lean", "one finite number for each therapist and weight", _is_slopes),
    ModelField("therapists.own", "one variance for each therapist", _is_list_by_therapist(0, SCALE_RANGE**2)),
    ModelField("therapists.tau2", "a variance above 0", _is_number(0, SCALE_RANGE**2, above=0)),
    ModelField("learned", "empty, or a share above 0 and at most 1, and different names: of features, or of products "
               "of a client's and a therapist's feature of this model", _is_learned),
    ModelField("width", "an object with the fields of an interval", _has_keys_of(PredictionInterval)),
    ModelField("width.level", "a number between 0 and 1", _is_number(0.001, 0.9999), optional=True),
    ModelField("width.below", _HALF_WIDTHS, _is_half_widths),
    ModelField("width.above", _HALF_WIDTHS, _is_half_widths),
    ModelField("width.middle", "a number of at most 1000 POMP", _is_number(-1000, 1000), optional=True),
    ModelField("width.narrowing", "a number from -1 to 1", _is_number(-1, 1), optional=True),
    ModelField("width.narrowing_below", "a number from -1 to 1", _is_number(-1, 1), optional=True),
    ModelField("verdict", "an object with the fields of a verdict", _has_keys_of(Verdict)),
    ModelField("verdict.kind", "one of " + ", ".join(f"`{kind}`" for kind in VERDICT_KINDS),
               lambda value, _sizes: isinstance(value, str) and value in VERDICT_KINDS, optional=True),
    ModelField("verdict.r", _CORRELATION, _is_correlation, optional=True),
    ModelField("verdict.low", _CORRELATION, _is_correlation, optional=True),
    ModelField("verdict.high", _CORRELATION, _is_correlation, optional=True),
    ModelField("verdict.p", "empty, or a number above 0 and at most 1", _is_probability, optional=True),
    ModelField("verdict.n", "a count of records", _is_count, optional=True),
    ModelField("verdict.power", "a list of pairs of numbers from 0 to 1", _is_power, optional=True),
    ModelField("verdict.compared", "a list of methods with correlations", _is_comparison, optional=True),
    ModelField("verdict.learned", "empty, or a difference of two correlations with its interval",
               lambda value, _sizes: _is_interval(value, 2.0), optional=True),
    ModelField("scales", "two contrasts with weights and effects, a difference, three intervals, and a count",
               _are_scales, optional=True),
    ModelField("instrument", "a text", _is_text),
    ModelField("n_outcomes", "a count of records", _is_count),
    ModelField("data_digest", "a text", _is_text),
    ModelField("dropout", f"a model of dropout with finite log-odds of at most {MAX_LOG_ODDS:g}", _is_dropout,
               optional=True),
)
RECIPE_FIELDS = (
    ModelField("until", "a date such as 2026-01-31", _is_date, optional=True),
    ModelField("recipe", "empty, or a JSON object",
               lambda value, _sizes: value is None or isinstance(value, dict), optional=True),
)
# fmt: on
