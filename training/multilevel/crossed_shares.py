"""Which components of the variance some ratings can separate: it depends on who was rated how often by whom."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attune_fit.data.arrays import Floats, Indices
from attune_fit.training.multilevel.random_term import join_labels
from attune_fit.training.multilevel.variance_shares import VarianceComponents, estimate_variance_shares

MIN_CROSSED_CLIENTS = 10  # with several therapists: with fewer, client and dyad are one component
MIN_REPEATED_PAIRS = 10  # with several ratings: with fewer, sessions have no component of their own
THERAPIST, CLIENT, DYAD, OCCASION = "therapist", "client", "dyad", "occasion"


@dataclass(frozen=True)
class RatingCrossing:
    """Who rated whom, and what follows for the components.

    Attributes
    ----------
    therapist, client : arrays of int, shape (n,)
        Of each rating.
    n_clients, n_therapists, n_pairs : int
    n_crossed_clients : int
        Clients with ratings of two or more therapists.
    n_repeated_pairs : int
        Pairs with two or more ratings.
    """

    therapist: Indices
    client: Indices
    n_clients: int
    n_therapists: int
    n_pairs: int
    n_crossed_clients: int
    n_repeated_pairs: int

    @classmethod
    def from_labels(cls, therapist: Indices, client: Indices) -> RatingCrossing:
        """Count people and pairs of ratings."""
        pairs, n_ratings = np.unique(np.stack([client, therapist]), axis=1, return_counts=True)
        _, n_therapists = np.unique(pairs[0], return_counts=True)
        return cls(
            therapist,
            client,
            n_clients=len(n_therapists),
            n_therapists=len(np.unique(therapist)),
            n_pairs=pairs.shape[1],
            n_crossed_clients=int((n_therapists > 1).sum()),
            n_repeated_pairs=int((n_ratings > 1).sum()),
        )

    @property
    def is_crossed(self) -> bool:
        """Whether client and dyad (in a social relations model, actor and relationship) are two components."""
        return self.n_crossed_clients >= MIN_CROSSED_CLIENTS

    @property
    def has_occasions(self) -> bool:
        """Whether occasions are a component of their own."""
        return self.n_repeated_pairs >= MIN_REPEATED_PAIRS

    @property
    def residual_parts(self) -> tuple[str, ...]:
        """The sources of variance that are one in the residual."""
        if self.has_occasions:
            return (OCCASION,)
        return (DYAD, OCCASION) if self.is_crossed else (CLIENT, DYAD, OCCASION)

    def build_groupings(self) -> dict[str, Indices]:
        """Return the groups of each component but the residual; its name holds the sources that are one in it."""
        groupings = {THERAPIST: self.therapist}
        pair = join_labels(self.client, self.therapist)
        if self.is_crossed:
            groupings[CLIENT] = self.client
        if self.has_occasions:
            groupings[DYAD if self.is_crossed else f"{CLIENT} + {DYAD}"] = pair
        return groupings


def estimate_rating_shares(y: Floats, X: Floats, crossing: RatingCrossing) -> VarianceComponents:
    """Estimate the shares of therapist, client, dyad and occasion, as far as the ratings separate them.

    Parameters are those of :func:`estimate_variance_shares`; a name such as ``client + dyad`` joins the sources that
    are one. In the terms of a social relations model, the client is the actor, the therapist is the partner, and the
    dyad is the relationship.

    References
    ----------
    .. [1] Kenny, Kashy & Cook (2006), Dyadic Data Analysis, Guilford, chapter 8.
    """
    return estimate_variance_shares(y, X, crossing.build_groupings(), residual=" + ".join(crossing.residual_parts))
