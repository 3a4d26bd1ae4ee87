"""Cross-fitted expectations of a rating with any therapist: what a doubly robust value starts from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attune_fit.data.arrays import Floats, Indices

N_FOLDS = 10
NUMBER_PENALTY = 1.0  # of a standardised number: as much as one record
THERAPIST_PENALTY = 19.0  # residual over therapist variance at a therapist share of .05


@dataclass(frozen=True)
class OutcomePredictions:
    """Expected ratings from a model that has not learned from the client, POMP; arrays (n,) and (n, k)."""

    met: Floats
    places: Floats


def crossfit_outcomes(
    y: Floats, met: Floats, places: Floats, met_therapist: Indices, place_therapist: Indices, seed: int = 0
) -> OutcomePredictions:
    """Predict the rating of each client with the therapist who was met, and with those on the list.

    Parameters
    ----------
    y : array of shape (n,)
        One rating a client, POMP.
    met : array of shape (n, p)
        Numbers of the pairs that met, such as the expectation of the starting model.
    places : array of shape (n, k, p)
        The same of the client with the therapist at each place; any number where there is no place.
    met_therapist, place_therapist : arrays of int, shape (n,) and (n, k)
        Labels from 0; -1 where there is no place.
    seed : int
        Of the folds.

    Returns
    -------
    OutcomePredictions

    Notes
    -----
    Ridge regression on the numbers, and on an indicator of each therapist that shrinks to 0. Each fold of clients is
    predicted by the others.
    """
    n, k = place_therapist.shape
    n_therapists = int(max(met_therapist.max(), place_therapist.max())) + 1
    scale = np.maximum(met.std(axis=0), 1e-9)
    center = met.mean(axis=0)
    numbers, others = (met - center) / scale, (places - center) / scale
    penalty = np.concatenate([[0.0], np.full(met.shape[1], NUMBER_PENALTY), np.full(n_therapists, THERAPIST_PENALTY)])
    design = np.concatenate([np.ones((n, 1)), numbers, np.eye(n_therapists)[met_therapist]], axis=1)
    fold = np.random.default_rng(seed).permutation(n) % min(N_FOLDS, n)
    all_squares, all_products = design.T @ design, design.T @ y
    predicted_met, predicted_places = np.zeros(n), np.zeros((n, k))
    for number in range(min(N_FOLDS, n)):
        test = fold == number
        squares = all_squares - design[test].T @ design[test] + np.diag(penalty)
        weights = np.linalg.solve(squares, all_products - design[test].T @ y[test])
        effect = np.append(weights[1 + met.shape[1] :], 0.0)  # the last is of no place
        predicted_met[test] = design[test] @ weights
        linear = weights[0] + others[test] @ weights[1 : 1 + met.shape[1]]
        predicted_places[test] = linear + effect[place_therapist[test]]
    return OutcomePredictions(predicted_met, predicted_places)
