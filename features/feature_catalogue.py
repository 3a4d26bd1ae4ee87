"""The catalogue of Attune's features, and the list of features one clinic uses."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from attune_fit.data.fault_collector import FaultCollector, suggest_name
from attune_fit.data.faults import DataFault
from attune_fit.data.published_statistics import read_prior_weights
from attune_fit.features import (
    attachment_features,
    intake_features,
    practical_features,
    problem_features,
    style_features,
    therapist_features,
    wish_features,
)
from attune_fit.features.copied_columns import check_copied_columns
from attune_fit.features.custom_features import build_custom_features
from attune_fit.features.feature import Feature
from attune_fit.features.header_checks import check_headers

if TYPE_CHECKING:
    from attune_fit.data.clinic.settings import Config
    from attune_fit.data.clinic.tables import Tables


def _add_prior_weight(feature: Feature) -> Feature:
    """Return the row with its published weight, spread and source.

    Raises
    ------
    LookupError
        If ``data/published_statistics.toml`` has no weight for the feature.
    """
    prior = read_prior_weights().get(feature.name)
    if prior is None:
        raise LookupError(
            f"The feature `{feature.name}` has no published weight. Add a row [[weights]] with "
            f'feature = "{feature.name}", weight, spread, figures and because to data/published_statistics.toml.'
        )
    return replace(feature, weight=prior.weight, spread=prior.spread, source=prior.source)


FAMILY_MODULES = (
    intake_features,
    style_features,
    wish_features,
    problem_features,
    attachment_features,
    practical_features,
    therapist_features,
)

FEATURES: tuple[Feature, ...] = tuple(_add_prior_weight(row) for family in FAMILY_MODULES for row in family.ROWS)


def list_clinic_features(config: Config, tables: Tables) -> tuple[Feature, ...]:
    """List the features a clinic uses: the catalogue without those switched off, then the clinic's custom features.

    Parameters
    ----------
    config : Config
        ``settings.features_off`` switches features off; ``[[features]]`` declares custom features.
    tables : Tables
        The columns that custom features can read.

    Raises
    ------
    DataFault
        With all errors: an unknown feature in ``settings.features_off``, a custom feature that does not fit the tables,
        a header of a measure taken after first contact (leakage). Also a copy of a column that no feature can read.
    """
    faults = FaultCollector("clinic.toml")
    custom: tuple[Feature, ...] = ()
    try:
        custom = build_custom_features(config.features, tables, taken=[feature.name for feature in FEATURES])
    except DataFault as error:
        faults.faults.extend(error.faults)
    off = config.settings.features_off
    names = [feature.name for feature in FEATURES] + [feature.name for feature in config.features]
    for name in dict.fromkeys(off):
        if name not in names:
            message, fix = f"there is no feature `{name}`", suggest_name(name, names)
            faults.add_error("unknown-feature", "settings.features_off", message, fix)
    used = tuple(feature for feature in (*FEATURES, *custom) if feature.name not in off)
    check_headers(config, used, faults)
    check_copied_columns(config, tables, used, faults)
    if faults.has_errors:
        raise DataFault(faults.faults)
    return used
