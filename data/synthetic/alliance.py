"""The ground truth of a synthetic clinic: the expected alliance of every pair, and its parts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from attune_fit.data.arrays import Floats, Indices
from attune_fit.data.clinic.instruments import WAI_SR
from attune_fit.data.synthetic.clients import build_correlation_matrix
from attune_fit.data.synthetic.effect_draws import INTAKE_COLUMNS
from attune_fit.data.synthetic.pair_fit import PairFit
from attune_fit.data.synthetic.people import People
from attune_fit.data.synthetic.questionnaire import compute_expected_points
from attune_fit.data.synthetic.unobserved_pair_effect import compute_chemistry, draw_keys
from attune_fit.data.synthetic.world import World

MAX_GRID_SD = 12.0  # SD from the typical alliance; beyond it the form is at its end
RECORD_SPAN_DAYS = 730.0  # days of records; drift is 0 at the middle of this span, fading is 0 at its start


class TrueAllianceParts(NamedTuple):
    """Additive parts of the expected alliance, in SD of one session's alliance from the typical alliance.

    ``fit`` is the part of the pair that intake data can predict. ``chemistry`` is the unobserved pair effect.
    """

    client: Floats
    therapist: Floats
    fit: Floats
    chemistry: Floats


@dataclass(frozen=True)
class Truth:
    """The ground truth of all people in the tables, in the rows of ``tables.clients`` and ``tables.therapists``.

    Attributes
    ----------
    world : World
        Parameters of this clinic, with its own effects drawn.
    clients, therapists : People
        True values: no answer is missing, and no style is exaggerated.
    client, therapist : array of shape (clients,) and (therapists,)
        Their own parts, in SD of one session's alliance. A client's part includes the site and the referral day.
    client_general, therapist_general : array of shape (clients,) and (therapists,)
        Main effects of the carriers of fit: their means over the other side, which are not a part of ``fit``.
    client_key, therapist_key : array of uint64
        Random keys that generate the chemistry of each pair: see :mod:`unobserved_pair_effect`.
    episodes : DataFrame
        client_row, therapist_row, turn (0 for a client's first therapist), and ``probability``: the propensity, that
        is the probability that this client meets this therapist at this turn, given the client's earlier therapists.
    """

    world: World
    clients: People
    therapists: People
    client: Floats
    therapist: Floats
    client_general: Floats
    therapist_general: Floats
    client_key: npt.NDArray[np.uint64]
    therapist_key: npt.NDArray[np.uint64]
    episodes: pd.DataFrame

    def __repr__(self) -> str:
        return f"Truth({len(self.client):,} clients, {len(self.therapist):,} therapists)"

    @classmethod
    def draw(cls, world: World, clients: People, therapists: People, rng: np.random.Generator) -> Truth:
        """Draw the unobserved parts of these people; the truth has no episodes yet."""
        fit = PairFit.from_world(world)
        general = fit.compute_therapist_means(therapists)
        client = _draw_client_part(world, clients, rng)
        return cls(
            world,
            clients,
            therapists,
            client=client,
            therapist=_compute_therapist_part(world, therapists, general, fit),
            client_general=fit.compute_client_means(clients),
            therapist_general=general,
            client_key=draw_keys(rng, len(clients)),
            therapist_key=draw_keys(rng, len(therapists)),
            episodes=build_episodes(*(np.arange(0),) * 3, np.zeros(0)),
        )

    def with_episodes(self, episodes: pd.DataFrame) -> Truth:
        """Return a copy with these episodes, in the columns of ``episodes``."""
        return replace(self, episodes=episodes)

    def compute_parts(self, client_rows: Indices, therapist_rows: Indices) -> TrueAllianceParts:
        """Return the parts of all pairs, rows ``(n, 1)`` and ``(1, m)``, or of listed pairs, both rows ``(k,)``."""
        c, t = np.asarray(client_rows), np.asarray(therapist_rows)
        fit, clients = PairFit.from_world(self.world), self.clients.take(c.ravel())
        total = fit.compute_total(clients, self.therapists, np.arange(len(clients)).reshape(c.shape), t)
        interaction = total - fit.mean - self.client_general[c] - self.therapist_general[t]
        interaction = interaction * compute_fading_factor(self.world, clients["days_ago"]).reshape(c.shape)
        chemistry = np.sqrt(self.world.chemistry) * compute_chemistry(self.client_key[c], self.therapist_key[t])
        return TrueAllianceParts(
            *(
                np.broadcast_to(part, interaction.shape)
                for part in (self.client[c], self.therapist[t], interaction, chemistry)
            )
        )

    def compute_expected_alliance(
        self, client_rows: Indices, therapist_rows: Indices, *, chemistry: bool = True
    ) -> Floats:
        """Return the expected client-rated early alliance of each pair, in POMP (percent of maximum possible, 0-100).

        This is the mean WAI-SR score over the first three sessions, including the ceiling of the form.

        Parameters
        ----------
        client_rows, therapist_rows : array of int
            Rows of the tables: ``(n, 1)`` and ``(1, m)`` for all pairs, or both ``(k,)`` for listed pairs.
        chemistry : bool
            False averages over the unobserved pair effect: this is the best value that any method can predict.

        Returns
        -------
        array of shape (n, m) or (k,)
            POMP of the WAI-SR, 0-100. Never NaN.

        Examples
        --------
        >>> from attune_fit.data.synthetic.simulate import simulate
        >>> truth = simulate(30, 4, seed=1).truth
        >>> truth.compute_expected_alliance(np.arange(30)[:, None], np.arange(4)[None, :]).shape
        (30, 4)
        """
        return self.convert_parts_to_pomp(self.compute_parts(client_rows, therapist_rows), chemistry=chemistry)

    def convert_parts_to_pomp(self, parts: TrueAllianceParts, *, chemistry: bool = True) -> Floats:
        """Convert parts to expected alliance, in POMP: see :meth:`compute_expected_alliance`."""
        predictable = parts.client + parts.therapist + parts.fit
        alliance, hidden_variance = (
            (predictable + parts.chemistry, 0.0) if chemistry else (predictable, self.world.chemistry)
        )
        grid, points = _tabulate_expected_points(self.world, hidden_variance)
        return WAI_SR.pomp(np.asarray(np.interp(alliance, grid, points)))

    def take(self, client_rows: Indices, therapist_rows: Indices) -> Truth:
        """Return the truth of a subset of people, in this order; an episode stays only if both people stay."""
        client = _find_positions(client_rows, len(self.clients))[self.episodes["client_row"]]
        therapist = _find_positions(therapist_rows, len(self.therapists))[self.episodes["therapist_row"]]
        is_kept = (client >= 0) & (therapist >= 0)
        client_arrays, therapist_arrays = (
            {name: getattr(self, name)[rows] for name in (side, f"{side}_general", f"{side}_key")}
            for side, rows in (("client", client_rows), ("therapist", therapist_rows))
        )
        episodes = self.episodes[is_kept]
        return Truth(
            self.world,
            self.clients.take(client_rows),
            self.therapists.take(therapist_rows),
            **client_arrays,
            **therapist_arrays,
            episodes=build_episodes(
                client[is_kept], therapist[is_kept], episodes["turn"].to_numpy(), episodes["probability"].to_numpy()
            ),
        )


def build_episodes(client_rows: Indices, therapist_rows: Indices, turn: Indices, probability: Floats) -> pd.DataFrame:
    """Build the table of episodes (who met whom), sorted by client row and turn."""
    columns = {"client_row": client_rows, "therapist_row": therapist_rows, "turn": turn, "probability": probability}
    return pd.DataFrame(columns).sort_values(["client_row", "turn"], ignore_index=True)


def compute_fading_factor(world: World, days_ago: Floats) -> Floats:
    """Return the factor of fit by referral day: 1 for the oldest records, ``1 - fading`` for a referral today."""
    return np.asarray(1.0 - world.fading * (1.0 - np.clip(days_ago / RECORD_SPAN_DAYS, 0, 1)))


@lru_cache(maxsize=32)
def _tabulate_expected_points(world: World, hidden_variance: float) -> tuple[Floats, Floats]:
    """Tabulate the expected points on a fine grid of alliances, for linear interpolation.

    The error is below a millionth of a point in any world with the published chance variance. A form without chance
    moves in steps: their edges have an error of up to 1/500 SD.
    """
    grid_end = max(
        MAX_GRID_SD, MAX_GRID_SD / (2 * world.spread)
    )  # the ends of the form lie within 4 points of its centre
    grid = np.linspace(-grid_end, grid_end, int(2000 * MAX_GRID_SD) + 1)
    return grid, compute_expected_points(world, grid, hidden_variance)


def _find_positions(rows: Indices, count: int) -> Indices:
    """Return the position of each of ``count`` rows in ``rows``; -1 if the row is absent."""
    positions = np.full(count, -1)
    positions[rows] = np.arange(len(rows))
    return positions


def _draw_client_part(world: World, clients: People, rng: np.random.Generator) -> Floats:
    """Draw the client's part: intake scores (weighted to give the stated correlations), residual, site and drift."""
    correlations = np.array([getattr(world, name) for name in INTAKE_COLUMNS])
    weights = np.linalg.solve(build_correlation_matrix(tuple(INTAKE_COLUMNS.values())), correlations)
    predicted = np.stack([clients.standardize(column) for column in INTAKE_COLUMNS.values()], axis=1) @ weights
    site_share = world.site if world.sites > 1 else 0.0
    explained, available = float(correlations @ weights), world.client - site_share
    # A small client share leaves less variance than the correlations need: shrink the predicted part to fit.
    shrink = min(1.0, np.sqrt(max(0.0, available) / explained)) if explained else 0.0
    residual = np.sqrt(max(0.0, available - explained)) * _draw_skewed_scores(rng, world.skew, len(clients))
    site = np.sqrt(site_share) * rng.standard_normal(world.sites)[clients["site"]]
    drift = world.drift * (RECORD_SPAN_DAYS / 2 - clients["days_ago"]) / 365.25
    return np.asarray(shrink * predicted + residual + site + drift)


def _draw_skewed_scores(rng: np.random.Generator, skew: float, count: int) -> Floats:
    """Draw standard scores with this skewness from a gamma distribution: its skewness is 2 / sqrt(shape)."""
    if not skew:
        return rng.standard_normal(count)
    shape = 4.0 / skew**2
    return np.asarray(np.sign(skew) * (rng.gamma(shape, 1.0, count) - shape) / np.sqrt(shape))


def _compute_therapist_part(world: World, therapists: People, general: Floats, fit: PairFit) -> Floats:
    """Compute the therapist's part: carrier main effect (at most half of the share), skill and unobserved residual."""
    spread = fit.therapist_sd
    shrink = min(1.0, np.sqrt(world.therapist / 2) / spread) if spread else 0.0
    individual = np.sqrt(world.skill) * therapists["skill"] + np.sqrt(1 - world.skill) * therapists["own"]
    return np.asarray(shrink * general + np.sqrt(world.therapist - (shrink * spread) ** 2) * individual)
