"""What a client's own early ratings say: of the client with anybody, and of the pairs that made them."""

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
    """Whose the variance is that the sum leaves: parts of 1.

    Attributes
    ----------
    client, pair, occasion : float
        The client with anybody; the pair for good; the occasion, and chance in the form.
    """

    client: float
    pair: float
    occasion: float

    @classmethod
    def from_published(cls, dyad: float | None = None) -> VarianceShares:
        """By the published figures.

        Parameters
        ----------
        dyad : float, optional
            The pair's share of all variance, in (0, .68). Nobody knows it: ``dyad_share``, an assumption, when None.

        Examples
        --------
        >>> shares = VarianceShares.from_published()
        >>> round(shares.client, 2), round(shares.pair, 2), round(shares.occasion, 2)
        (0.31, 0.44, 0.25)
        """
        known = read_published_statistics()
        pair = known["dyad_share"].value if dyad is None else dyad
        occasion = known["occasion_share"].value
        client = known["client_and_dyad_share"].value - pair - known["intake_client_r2"].value
        total = client + pair + occasion
        return cls(client / total, pair / total, occasion / total)


@dataclass(frozen=True)
class ClientHistory:
    """Therapists a client has met.

    Attributes
    ----------
    therapist_rows : array of int, shape (k,)
        Rows of the roster, each once.
    y : array of shape (k,)
        Early alliance as the client rated it, POMP; NaN where there is no score.
    is_in_training : array of bool, shape (k,)
        Whether the model was made from this record.
    """

    therapist_rows: Indices
    y: Floats
    is_in_training: Bools


@dataclass(frozen=True)
class ClientUpdate:
    """A model for one client, moved by what the client said.

    Attributes
    ----------
    model : AllianceModel
        Its level is the client's, and it explains the scores of everybody not met yet.
    parts : Parts
        Of the client with the roster, shape (1, therapists). For a therapist met, the score is what to expect of going
        on with that pair.
    new_pair_variance : float
        Variance of what nobody can tell beforehand of a pair not met yet, POMP².
    level, level_sd : float
        The client with anybody, beyond what intake says; POMP.
    """

    model: AllianceModel
    parts: ScoreParts
    new_pair_variance: float
    level: float
    level_sd: float

    def compute_change(self, now: int, level: float) -> tuple[Floats, Floats, Floats]:
        """What to expect of going to each therapist in place of going on with ``now``.

        Parameters
        ----------
        now : int
            Row of the therapist met last.
        level : float in (0, 1)
            Probability of the interval.

        Returns
        -------
        change, low, high : arrays of shape (therapists,)
            POMP. The interval is for the difference between the two pairs, chance of one occasion aside; 0 throughout
            for ``now``.
        """
        parts = self.parts
        apart = parts.weight_loadings[0] - parts.weight_loadings[0, now]
        variance = np.einsum("mq,mq->m", apart, apart) + parts.pair_variance[0] + self.new_pair_variance
        variance[now] = 0
        change = parts.score[0] - parts.score[0, now]
        reach = ndtri((1 + level) / 2) * np.sqrt(variance)
        return change, change - reach, change + reach


def update_for_client(
    model: AllianceModel, pairs: Pairs, met: ClientHistory, shares: VarianceShares | None = None
) -> ClientUpdate:
    r"""Take in what a client said of those already met.

    A rating of pair :math:`i` is :math:`y_i = s_i + b + g_i + e_i`: the sum, with what is not known of its weights and
    of the therapist; the client's level :math:`b`, shared by all pairs of the client; what is the pair's alone; the
    occasion. All are normal, so the posterior is exact. The level moves every score alike and so never the order.

    A record that the model was made from is first taken out, with the noise it had in training, so that it is not
    believed twice. One it was not made from also moves the weights, as training would at the same variances.

    Parameters
    ----------
    model : AllianceModel
    pairs : Pairs
        A cross of the one client.
    met : Met
    shares : Shares, optional
        :meth:`VarianceShares.published` when None.

    Notes
    -----
    Training holds some weights on one side of zero and counts a record the less the more of its features are unknown;
    here both are taken as the posterior is, without bounds.
    """
    shares = VarianceShares.from_published() if shares is None else shares
    parts = model.compute_parts(pairs)
    roster = pairs.sides.tables.therapists["therapist_id"].to_list()
    own = model.therapists.select_for_roster(roster)[2]
    doubt = np.maximum(parts.pair_variance[0] - own, 0)  # unknown features of the pair
    left, rows = model.evidence.sigma**2, met.therapist_rows
    client, pair = shares.client * left + float(parts.client_variance[0, 0]), shares.pair * left + doubt
    occasion, noise = shares.occasion * left, left + float(parts.client_variance[0, 0]) + doubt

    # What is not known, in standard units: weights | the client's level | met therapists' effects | what is the pairs'
    weights, k = parts.weight_loadings.shape[-1], len(rows)
    toward = np.zeros((len(roster), weights + 1 + 2 * k))
    toward[:, :weights], toward[:, weights] = parts.weight_loadings[0], np.sqrt(client)
    toward[rows, weights + 1 + np.arange(k)] = np.sqrt(own[rows])
    summed = np.where(np.arange(toward.shape[1]) == weights, 0.0, toward)  # the sum alone, as training sees it
    toward[rows, weights + 1 + k + np.arange(k)] = np.sqrt(pair[rows])

    said = ~np.isnan(met.y)
    at, old = rows[said], met.is_in_training[said] / noise[rows[said]]
    beyond = met.y[said] - parts.score[0, at]
    precision = np.eye(toward.shape[1]) + toward[at].T @ toward[at] / occasion - (summed[at].T * old) @ summed[at]
    cov = np.linalg.inv(precision)
    cov = (cov + cov.T) / 2
    mean = cov @ (toward[at].T @ beyond / occasion - summed[at].T @ (old * beyond))

    level, level_sd = float(np.sqrt(client) * mean[weights]), float(np.sqrt(client * cov[weights, weights]))
    rest, beside = own + doubt, np.zeros(len(roster))
    rest[rows], beside[rows] = 0, toward[rows][:, weights + 1 :] @ mean[weights + 1 :]
    told = replace(
        parts,
        baseline=parts.baseline + level,
        evidence=parts.evidence + parts.weight_loadings @ mean[:weights],
        therapist=parts.therapist + beside,
        weight_loadings=(toward @ np.linalg.cholesky(cov))[None],
        pair_variance=rest[None],
        client_variance=np.zeros_like(parts.client_variance),
    )
    moved = _shift_weights(model, np.linalg.cholesky(model.evidence.cov) @ mean[:weights], level, shares)
    return ClientUpdate(moved, told, shares.pair * left, level, level_sd)


def _shift_weights(model: AllianceModel, weights: Floats, level: float, shares: VarianceShares) -> AllianceModel:
    """The model with its weights moved and the client's level in its constant; what the level explains is no noise."""
    mean = model.evidence.mean + weights
    mean[0] += level
    sigma = float(np.sqrt(1 - shares.client)) * model.evidence.sigma
    effect = model.therapists.effect - model.therapists.lean @ weights
    evidence = replace(model.evidence, mean=mean, sigma=sigma)
    return replace(model, evidence=evidence, therapists=replace(model.therapists, effect=effect))
