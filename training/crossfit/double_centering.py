"""Double centring: what is left of values of pairs without the means of both sides."""

from __future__ import annotations

import numpy as np

from attune_fit.data.arrays import Floats


def double_center(values: Floats) -> Floats:
    """Return values (clients, therapists, ...) minus the mean of each client, then minus the mean of each therapist.

    Models of two folds differ in their mean prediction for a therapist, in a direction that makes them look wrong. If a
    therapist's high ratings fall into the training folds, the prediction rises and the ratings that remain are lower.
    """
    by_client = values - values.mean(axis=1, keepdims=True)
    return np.asarray(by_client - by_client.mean(axis=0))
