"""Update of the scores by a client's own early ratings: the client's level, and the pairs that were rated."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtri

from attune_fit.data.arrays import Bools, Floats, Indices
from attune_fit.data.published_statistics import read_published_statistics
from attune_fit.features.pairs import Pairs
from attune_fit.models.alliance_model import AllianceModel, ScoreParts


@dataclass(frozen=True)
class VarianceShares:
    """Shares of the residual variance of the score; they sum to 1 (social relations model).

    Attributes
    ----------
    client, pair, occasion : float
        The client with any therapist (actor); the stable pair effect (relationship); the occasion with measurement
        error.
    """

    client: float
    pair: float
    occasion: float

    @classmethod
    def from_published(cls, dyad: float | None = None) -> VarianceShares:
        """Build the shares from published statistics.

        Parameters
        ----------
        dyad : float, optional
            The pair's share of all variance, in (0, .68). It is not known: ``dyad_share``, an assumption, when None.

        Examples
        --------
        >>> shares = VarianceShares.from_published()
        >>> round(shares.client, 2), round(shares.pair, 2), round(shares.occasion, 2)
        (0.31, 0.44, 0.25)
        """
        published = read_published_statistics()
        pair = published["dyad_share"].value if dyad is None else dyad
        occasion = published["occasion_share"].value
        client = published["client_and_dyad_share"].value - pair - published["intake_client_r2"].value
        total = client + pair + occasion
        return cls(client / total, pair / total, occasion / total)


@dataclass(frozen=True)
class ClientHistory:
    """The therapists a client has met, with the client's ratings.

    Attributes
    ----------
    therapist_rows : array of int, shape (k,)
        Rows of the roster, each once.
    y : array of shape (k,)
        Early alliance rated by the client, POMP; NaN where there is no rating.
    is_in_training : array of bool, shape (k,)
        Whether this record was in the model's training data.
    """

    therapist_rows: Indices
    y: Floats
    is_in_training: Bools


@dataclass(frozen=True)
class ClientUpdate:
    """A model for one client, updated by the client's ratings.

    Attributes
    ----------
    model : AllianceModel
        Its intercept includes the client's level; it explains the scores of therapists not met yet.
    parts : ScoreParts
        The client with every therapist of the roster, shape (1, therapists). For a therapist already met, the score is
        the expected alliance of continuing with that pair.
    new_pair_variance : float
        Variance of the unpredictable part of a pair not met yet, POMP².
    level, level_sd : float
        Mean and SD of the client's level with any therapist, beyond the prediction from intake; POMP.
    """

    model: AllianceModel
    parts: ScoreParts
    new_pair_variance: float
    level: float
    level_sd: float

    def compute_change(self, now: int, level: float) -> tuple[Floats, Floats, Floats]:
        """Return the expected change of alliance, POMP, of a move from therapist ``now`` to each other one.

        Parameters
        ----------
        now : int
            Row of the client's present therapist.
        level : float in (0, 1)
            Probability of the interval.

        Returns
        -------
        change, low, high : arrays of shape (therapists,)
            POMP. The interval is for the difference between the two pairs, without the noise of one occasion. All three
            are 0 for ``now``.
        """
        parts = self.parts
        loadings = parts.weight_loadings[0] - parts.weight_loadings[0, now]
        variance = np.einsum("mq,mq->m", loadings, loadings) + parts.pair_variance[0] + self.new_pair_variance
        variance[now] = 0
        change = parts.score[0] - parts.score[0, now]
        half_width = ndtri((1 + level) / 2) * np.sqrt(variance)
        return change, change - half_width, change + half_width


def update_for_client(
    model: AllianceModel, pairs: Pairs, met: ClientHistory, shares: VarianceShares | None = None
) -> ClientUpdate:
    r"""Update the scores of one client by the client's ratings of therapists already met.

    A rating of pair :math:`i` is :math:`y_i = s_i + b + g_i + e_i`. :math:`s_i` is the score, with the uncertainty of
    weights and therapist effect. :math:`b` is the client's level, shared by all pairs of the client. :math:`g_i` is the
    pair effect and :math:`e_i` the occasion. All are normal, so the posterior is exact. The level moves every score by
    the same amount and so never changes the order.

    A record from the training data is first removed, with its noise in training, so that it does not count twice. A new
    record also updates the weights, as training would at the same variances.

    Parameters
    ----------
    model : AllianceModel
    pairs : Pairs
        A cross of the one client.
    met : ClientHistory
    shares : VarianceShares, optional
        :meth:`VarianceShares.from_published` when None.

    Notes
    -----
    Training bounds some weights at zero, and gives a record with unknown features a lower weight. Here both follow the
    posterior without bounds.
    """
    shares = VarianceShares.from_published() if shares is None else shares
    parts = model.compute_parts(pairs)
    roster = pairs.sides.tables.therapists["therapist_id"].to_list()
    effect_variance = model.therapists.select_for_roster(roster)[2]
    missing_variance = np.maximum(parts.pair_variance[0] - effect_variance, 0)  # unknown features of the pair
    residual_variance, rows = model.evidence.sigma**2, met.therapist_rows
    client_variance = shares.client * residual_variance + float(parts.client_variance[0, 0])
    pair_variance = shares.pair * residual_variance + missing_variance
    occasion_variance = shares.occasion * residual_variance
    training_noise = residual_variance + float(parts.client_variance[0, 0]) + missing_variance

    # Loadings of each therapist's expected rating on independent standard normal unknowns, in four blocks of columns:
    # weights | the client's level | effects of the therapists met | pair effects of the therapists met
    n_weights, k = parts.weight_loadings.shape[-1], len(rows)
    loadings = np.zeros((len(roster), n_weights + 1 + 2 * k))
    loadings[:, :n_weights], loadings[:, n_weights] = parts.weight_loadings[0], np.sqrt(client_variance)
    loadings[rows, n_weights + 1 + np.arange(k)] = np.sqrt(effect_variance[rows])
    # Training saw only the score: without the client's level and, copied before they are filled in, the pair effects.
    training_loadings = np.where(np.arange(loadings.shape[1]) == n_weights, 0.0, loadings)
    loadings[rows, n_weights + 1 + k + np.arange(k)] = np.sqrt(pair_variance[rows])

    is_rated = ~np.isnan(met.y)
    rated = rows[is_rated]
    training_precision = met.is_in_training[is_rated] / training_noise[rated]
    residual = met.y[is_rated] - parts.score[0, rated]
    precision = (
        np.eye(loadings.shape[1])
        + loadings[rated].T @ loadings[rated] / occasion_variance
        - (training_loadings[rated].T * training_precision) @ training_loadings[rated]
    )
    cov = np.linalg.inv(precision)
    cov = (cov + cov.T) / 2
    mean = cov @ (
        loadings[rated].T @ residual / occasion_variance - training_loadings[rated].T @ (training_precision * residual)
    )

    level = float(np.sqrt(client_variance) * mean[n_weights])
    level_sd = float(np.sqrt(client_variance * cov[n_weights, n_weights]))
    new_variance, met_effect = effect_variance + missing_variance, np.zeros(len(roster))
    new_variance[rows], met_effect[rows] = 0, loadings[rows][:, n_weights + 1 :] @ mean[n_weights + 1 :]
    updated_parts = replace(
        parts,
        baseline=parts.baseline + level,
        evidence=parts.evidence + parts.weight_loadings @ mean[:n_weights],
        therapist=parts.therapist + met_effect,
        weight_loadings=(loadings @ np.linalg.cholesky(cov))[None],
        pair_variance=new_variance[None],
        client_variance=np.zeros_like(parts.client_variance),
    )
    shift = np.linalg.cholesky(model.evidence.cov) @ mean[:n_weights]
    updated_model = _shift_weights(model, shift, level, shares)
    return ClientUpdate(updated_model, updated_parts, shares.pair * residual_variance, level, level_sd)


def _shift_weights(model: AllianceModel, shift: Floats, level: float, shares: VarianceShares) -> AllianceModel:
    """Return the model with shifted weights, the client's level in its intercept, and less residual variance."""
    mean = model.evidence.mean + shift
    mean[0] += level
    sigma = float(np.sqrt(1 - shares.client)) * model.evidence.sigma
    effect = model.therapists.effect - model.therapists.lean @ shift
    evidence = replace(model.evidence, mean=mean, sigma=sigma)
    return replace(model, evidence=evidence, therapists=replace(model.therapists, effect=effect))
