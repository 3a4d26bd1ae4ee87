"""Level terms of the baseline: how instruments, sites and periods differ in level; no term changes a ranking."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from attune_fit.data.arrays import Floats
from attune_fit.features.cell_values import convert_to_texts
from attune_fit.features.pairs import Pairs

# Prior SD of the levels of one kind about their mean, POMP; assumed. It is wide for instruments and sites: the records
# decide. A clinic's level moves little in half a year, and wide terms would follow the chance of a few records.
LEVEL_PRIOR_SD = {"instrument": 10.0, "site": 10.0, "period": 2.0}
DIGEST_LENGTH = 12  # hex digits of a site's digest: a bundle holds no cell of a table


@dataclass(frozen=True)
class LevelTerms:
    """Differences in level from the reference: the main instrument, the largest site, the latest period.

    Without these terms, the effects of therapists would take up what their questionnaire, their site or their time
    does to every rating. A new client is rated on the main instrument, in the latest period.

    Attributes
    ----------
    names : tuple of str, length k
        ``kind level``; the kind is a key of :data:`LEVEL_PRIOR_SD`. The level of a site is a digest of its code.
    effect : array of shape (k,)
        Difference from the reference, POMP.
    site_column : str
        Column of ``clients`` with the site; empty without sites.
    """

    names: tuple[str, ...] = ()
    effect: Floats = field(default_factory=lambda: np.empty(0))
    site_column: str = ""

    def compute_for_pairs(self, pairs: Pairs) -> Floats:
        """Compute the level of the clients' sites, POMP; it broadcasts to the pairs. A new site is as the reference."""
        clients, rows = pairs.sides.tables.clients, pairs.client_rows
        if not self.site_column or self.site_column not in clients:
            return np.zeros((1,) * rows.ndim)
        by_name = dict(zip(self.names, self.effect, strict=True))
        sites = hash_sites(clients[self.site_column].iloc[rows.ravel()])
        return np.array([by_name.get(f"site {site}", 0.0) for site in sites], dtype=float).reshape(rows.shape)


def hash_sites(cells: pd.Series) -> list[str]:
    """Return a digest of each site's code, so that a bundle holds no code; empty where unknown."""
    texts = convert_to_texts(cells)
    digests = {code: hashlib.sha256(code.encode()).hexdigest()[:DIGEST_LENGTH] for code in texts.dropna().unique()}
    return [digests.get(code, "") for code in texts]


def add_level_terms(mean: Floats, cov: Floats, names: Sequence[str]) -> tuple[Floats, Floats]:
    """Extend a prior of intercept and weights by level terms, as the last entries.

    The levels of one kind are exchangeable: each is normal about a common mean, with the SD of
    :data:`LEVEL_PRIOR_SD`. A term is the difference of two levels, and the intercept is the level of the reference, so
    they are correlated (dummy coding).

    Parameters
    ----------
    mean, cov : arrays of shape (q,), (q, q)
        The intercept first, POMP.
    names : sequence of str, length k
        See :class:`LevelTerms`.

    Returns
    -------
    arrays of shape (q + k,), (q + k, q + k)
    """
    q, kinds = len(mean), [name.split(" ")[0] for name in names]
    extended = np.zeros((q + len(names), q + len(names)))
    extended[:q, :q] = cov
    for kind in dict.fromkeys(kinds):
        variance, rows = LEVEL_PRIOR_SD[kind] ** 2, q + np.flatnonzero([kind == other for other in kinds])
        extended[0, 0] += variance
        extended[0, rows] = extended[rows, 0] = -variance
        extended[np.ix_(rows, rows)] = variance * (np.eye(len(rows)) + 1)
    return np.concatenate([mean, np.zeros(len(names))]), extended
