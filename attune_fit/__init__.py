"""Attune: rank the therapists a clinic can offer a client by expected early working alliance.

``import attune_fit as af`` gives the names below. Each is loaded when it is first used, so the import itself costs
nothing. The source folders of the repository are parts of this package: ``features/pairs.py`` is imported as
``attune_fit.features.pairs``.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from attune_fit.data.faults import DataFault
    from attune_fit.estimators import AllianceRegressor
    from attune_fit.model_comparison import compare_models, cross_validate
    from attune_fit.pair_features import PairFeatures
    from attune_fit.results import Result
    from attune_fit.simulation import SimulatedWorld, simulate
    from attune_fit.splitters import ClientFold, TherapistFold, TimeFold
    from attune_fit.training.hypotheses.hypothesis import Hypothesis
    from attune_fit.verbs.power_verbs import simulate_study_power
    from attune_fit.workspace import Workspace, open_clinic

__all__ = [
    "AllianceRegressor",
    "ClientFold",
    "DataFault",
    "Hypothesis",
    "PairFeatures",
    "Result",
    "SimulatedWorld",
    "TherapistFold",
    "TimeFold",
    "Workspace",
    "compare_models",
    "cross_validate",
    "open_clinic",
    "simulate",
    "simulate_study_power",
]
_MODULES = {
    "AllianceRegressor": "estimators",
    "ClientFold": "splitters",
    "DataFault": "data.faults",
    "Hypothesis": "training.hypotheses.hypothesis",
    "PairFeatures": "pair_features",
    "Result": "results",
    "SimulatedWorld": "simulation",
    "TherapistFold": "splitters",
    "TimeFold": "splitters",
    "Workspace": "workspace",
    "compare_models": "model_comparison",
    "cross_validate": "model_comparison",
    "open_clinic": "workspace",
    "simulate": "simulation",
    "simulate_study_power": "verbs.power_verbs",
}


def __getattr__(name: str) -> Any:
    """Load a public name (PEP 562)."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}; it has {', '.join(__all__)}")
    value = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names and what is loaded already."""
    return sorted({*globals(), *__all__})
