"""scikit-learn's own checks of an estimator, on Attune's estimators; none is excepted."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import SkipTestWarning
from sklearn.utils.estimator_checks import estimator_checks_generator, parametrize_with_checks
from sklearn.utils.validation import check_is_fitted, validate_data

from attune_fit.data.arrays import Floats
from attune_fit.data.clinic.settings import Config
from attune_fit.data.synthetic.simulate import simulate
from attune_fit.estimators import AllianceRegressor
from attune_fit.features.feature_catalogue import FEATURES
from attune_fit.pair_features import PairFeatures

N_FEATURES = 6  # of the catalogue; enough for the checks, and fast
OFF = [feature.name for feature in FEATURES[:-N_FEATURES]]
# without the one frozen set: a copy of it can have another order, and joblib.hash in the checks then differs
TABLES = replace(simulate(8, 3, seed=0).tables, met_client_ids=frozenset())
CONFIG = Config.model_validate({"settings": {"features_off": OFF}})


class PairFeaturesOfNumbers(PairFeatures):
    """The checks feed numbers, not ids: each row of numbers is mapped to a pair. All else is :class:`PairFeatures`."""

    def fit(self, X: Any, y: Any = None) -> PairFeaturesOfNumbers:
        super().fit(self._choose_pairs(validate_data(self, X, dtype=float)))
        validate_data(self, X, dtype=float)  # the columns of the numbers again, not those of the ids
        return self

    def transform(self, X: Any) -> pd.DataFrame:
        check_is_fitted(self)
        return super().transform(self._choose_pairs(validate_data(self, X, dtype=float, reset=False)))

    def _choose_pairs(self, values: Floats) -> pd.DataFrame:
        number = np.floor(np.abs(values[:, 0]) * 1000).astype(int)
        clients, therapists = self.tables.clients["client_id"], self.tables.therapists["therapist_id"]
        return pd.DataFrame({
            "client_id": clients.to_numpy()[number % len(clients)],
            "therapist_id": therapists.to_numpy()[number % len(therapists)],
        })  # fmt: skip

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array, tags.input_tags.string = True, False
        return tags


ESTIMATORS = [
    AllianceRegressor(),
    AllianceRegressor(prior="published"),
    PairFeaturesOfNumbers(TABLES, config=CONFIG, keep_ids=False),
]


@parametrize_with_checks(ESTIMATORS)  # type: ignore[untyped-decorator]
def test_the_checks_of_scikit_learn(estimator: Any, check: partial[None]) -> None:
    check(estimator)


@pytest.mark.slow
@parametrize_with_checks([AllianceRegressor(trees=True)])  # type: ignore[untyped-decorator]
def test_the_checks_of_scikit_learn_with_trees(estimator: Any, check: partial[None]) -> None:
    check(estimator)


def test_pair_features_state_that_they_take_ids_so_the_checks_of_numbers_do_not_apply() -> None:
    with pytest.warns(SkipTestWarning, match="Can't test estimator PairFeatures"):
        assert len(list(estimator_checks_generator(PairFeatures(TABLES)))) == 1  # that it can be cloned
