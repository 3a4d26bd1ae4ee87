"""Every feature Attune knows, and those a clinic uses."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from attune_fit.data.fault_collector import FaultCollector, suggest_name
from attune_fit.data.faults import DataFault
from attune_fit.data.published_statistics import read_prior_weights
from attune_fit.features import attachment, intake, practical, problems, style, therapist, wish_features
from attune_fit.features.custom_features import build_custom_features
from attune_fit.features.feature import Feature
from attune_fit.features.header_checks import check_headers

if TYPE_CHECKING:
    from attune_fit.data.clinic.settings import Config
    from attune_fit.data.clinic.tables import Tables


def _add_prior_weight(feature: Feature) -> Feature:
    """The row with what is published about it; a row without an entry there is an error."""
    known = read_prior_weights()[feature.name]
    return replace(feature, weight=known.weight, spread=known.spread, source=known.source)


FAMILY_MODULES = (intake, style, wish_features, problems, attachment, practical, therapist)

FEATURES: tuple[Feature, ...] = tuple(_add_prior_weight(row) for family in FAMILY_MODULES for row in family.ROWS)


def list_clinic_features(config: Config, tables: Tables) -> tuple[Feature, ...]:
    """The features a clinic uses: the catalogue less those switched off, then the clinic's own, in that order.

    Raises
    ------
    DataFault
        If ``settings.features_off`` names a feature that is not there, a feature of the clinic's own cannot be built on
        its tables, or a column that features read comes from a header that says it is known only after contact; all
        faults at once.
    """
    found = FaultCollector("clinic.toml")
    own: tuple[Feature, ...] = ()
    try:
        own = build_custom_features(config.features, tables, taken=[feature.name for feature in FEATURES])
    except DataFault as fault:
        found.faults.extend(fault.faults)
    off = config.settings.features_off
    known = [feature.name for feature in FEATURES] + [feature.name for feature in config.features]
    for name in dict.fromkeys(off):
        if name not in known:
            found.add_error("settings.features_off", f"there is no feature `{name}`", suggest_name(name, known))
    used = tuple(feature for feature in (*FEATURES, *own) if feature.name not in off)
    check_headers(config, used, found)
    if found.has_errors:
        raise DataFault(found.faults)
    return used
