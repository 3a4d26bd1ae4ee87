"""The truth of a synthetic clinic: expected alliance of every pair, and its parts."""

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

MAX_GRID_SD = 12.0  # SD from the typical beyond which the form shows its end
RECORD_SPAN_DAYS = 730.0  # days of records that a clinic looks back on; drift and fading are told from its middle


class TrueAllianceParts(NamedTuple):
    """Parts of the expected alliance, in SD of one session's alliance; they add up to how far it is from typical.

    ``fit`` is what intake can tell of the pair, ``chemistry`` what it cannot.
    """

    client: Floats
    therapist: Floats
    fit: Floats
    chemistry: Floats


@dataclass(frozen=True)
class Truth:
    """What is true of everyone in the tables; rows are those of ``tables.clients`` and ``tables.therapists``.

    Attributes
    ----------
    world : World
        Of this clinic, its effects drawn.
    clients, therapists : People
        Complete, and as they are: no answer missing, no style stretched.
    client, therapist : array of shape (clients,) and (therapists,)
        Their own parts, in SD of one session's alliance; a client's site and day of referral count with the client.
    client_general, therapist_general : array of shape (clients,) and (therapists,)
        What the carriers of fit say of either side in general; it is no part of fit.
    client_key, therapist_key : array of uint64
        What the chemistry of a pair is made of: see :mod:`unobserved_pair_effect`.
    episodes : DataFrame
        client_row, therapist_row, turn (0 for a client's first therapist), and ``probability``: with which this client
        was to meet this therapist at this turn, given the turns before.
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

    @classmethod
    def draw(cls, world: World, clients: People, therapists: People, rng: np.random.Generator) -> Truth:
        """Draw what nobody sees of these people; nobody has met yet."""
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

    def with_episodes(self, met: pd.DataFrame) -> Truth:
        """The same truth after these have met: columns as in ``episodes``."""
        return replace(self, episodes=met)

    def compute_parts(self, client_rows: Indices, therapist_rows: Indices) -> TrueAllianceParts:
        """Parts for everyone with everyone, ``(n, 1)`` and ``(1, m)``, or one by one, ``(k,)`` and ``(k,)``."""
        c, t = np.asarray(client_rows), np.asarray(therapist_rows)
        fit, some = PairFit.from_world(self.world), self.clients.take(c.ravel())
        total = fit.compute_total(some, self.therapists, np.arange(len(some)).reshape(c.shape), t)
        beyond = total - fit.mean - self.client_general[c] - self.therapist_general[t]
        beyond = beyond * compute_fading_factor(self.world, some["days_ago"]).reshape(c.shape)
        own = np.sqrt(self.world.chemistry) * compute_chemistry(self.client_key[c], self.therapist_key[t])
        return TrueAllianceParts(
            *(np.broadcast_to(part, beyond.shape) for part in (self.client[c], self.therapist[t], beyond, own))
        )

    def compute_expected_alliance(
        self, client_rows: Indices, therapist_rows: Indices, *, chemistry: bool = True
    ) -> Floats:
        """Expected client-rated early alliance: what the form shows on average over the first three sessions.

        Parameters
        ----------
        client_rows, therapist_rows : array of int
            Indices of the tables: ``(n, 1)`` and ``(1, m)`` for everyone with everyone, or both ``(k,)``.
        chemistry : bool
            False averages over what no intake can tell of a pair: the best that any method may hope to find.

        Returns
        -------
        array of shape (n, m) or (k,)
            Percent of maximum possible of the WAI-SR, 0-100, its ceiling included. Never unknown.

        Examples
        --------
        >>> from attune_fit.data.synthetic.simulate import simulate
        >>> truth = simulate(30, 4, seed=1).truth
        >>> truth.compute_expected_alliance(np.arange(30)[:, None], np.arange(4)[None, :]).shape
        (30, 4)
        """
        return self.convert_parts_to_pomp(self.compute_parts(client_rows, therapist_rows), chemistry=chemistry)

    def convert_parts_to_pomp(self, parts: TrueAllianceParts, *, chemistry: bool = True) -> Floats:
        """What the form shows of these parts: see :meth:`compute_expected_alliance`."""
        told = parts.client + parts.therapist + parts.fit
        alliance, untold = (told + parts.chemistry, 0.0) if chemistry else (told, self.world.chemistry)
        at, points = _tabulate_expected_points(self.world, untold)
        return WAI_SR.pomp(np.asarray(np.interp(alliance, at, points)))

    def take(self, client_rows: Indices, therapist_rows: Indices) -> Truth:
        """The same truth for some of the people, in this order; who met somebody left out has met nobody."""
        client = _find_positions(client_rows, len(self.clients))[self.episodes["client_row"]]
        therapist = _find_positions(therapist_rows, len(self.therapists))[self.episodes["therapist_row"]]
        kept = (client >= 0) & (therapist >= 0)
        of_clients, of_therapists = (
            {name: getattr(self, name)[rows] for name in (side, f"{side}_general", f"{side}_key")}
            for side, rows in (("client", client_rows), ("therapist", therapist_rows))
        )
        met = self.episodes[kept]
        return Truth(
            self.world,
            self.clients.take(client_rows),
            self.therapists.take(therapist_rows),
            **of_clients,
            **of_therapists,
            episodes=build_episodes(
                client[kept], therapist[kept], met["turn"].to_numpy(), met["probability"].to_numpy()
            ),
        )


def build_episodes(client_rows: Indices, therapist_rows: Indices, turn: Indices, probability: Floats) -> pd.DataFrame:
    """Who met whom, in the order of the clients and their turns."""
    met = {"client_row": client_rows, "therapist_row": therapist_rows, "turn": turn, "probability": probability}
    return pd.DataFrame(met).sort_values(["client_row", "turn"], ignore_index=True)


def compute_fading_factor(world: World, days_ago: Floats) -> Floats:
    """What the fit of a client of that day counts for: 1 at first, less by ``fading`` at the end of the records."""
    return np.asarray(1.0 - world.fading * (1.0 - np.clip(days_ago / RECORD_SPAN_DAYS, 0, 1)))


@lru_cache(maxsize=32)
def _tabulate_expected_points(world: World, untold: float) -> tuple[Floats, Floats]:
    """Expected points of a fine grid of alliances, read between its places.

    To a millionth of a point in any world with the published chance; a form without any goes in steps, whose edges are
    read to a five-hundredth of an SD.
    """
    far = max(MAX_GRID_SD, MAX_GRID_SD / (2 * world.spread))  # the ends of the form lie within 4 points of its centre
    at = np.linspace(-far, far, int(2000 * MAX_GRID_SD) + 1)
    return at, compute_expected_points(world, at, untold)


def _find_positions(rows: Indices, count: int) -> Indices:
    """Where each of ``count`` rows stands among ``rows``, -1 where it does not."""
    places = np.full(count, -1)
    places[rows] = np.arange(len(rows))
    return places


def _draw_client_part(world: World, clients: People, rng: np.random.Generator) -> Floats:
    """What intake tells, with weights that give the stated correlations; what it does not; the site; the day."""
    with_alliance = np.array([getattr(world, name) for name in INTAKE_COLUMNS])
    weights = np.linalg.solve(build_correlation_matrix(tuple(INTAKE_COLUMNS.values())), with_alliance)
    told = np.stack([clients.standardize(column) for column in INTAKE_COLUMNS.values()], axis=1) @ weights
    of_site = world.site if world.sites > 1 else 0.0
    explained, left = float(with_alliance @ weights), world.client - of_site
    shrink = min(1.0, np.sqrt(max(0.0, left) / explained)) if explained else 0.0  # a client's part may be that small
    untold = np.sqrt(max(0.0, left - explained)) * _draw_skewed_scores(rng, world.skew, len(clients))
    site = np.sqrt(of_site) * rng.standard_normal(world.sites)[clients["site"]]
    day = world.drift * (RECORD_SPAN_DAYS / 2 - clients["days_ago"]) / 365.25
    return np.asarray(shrink * told + untold + site + day)


def _draw_skewed_scores(rng: np.random.Generator, skew: float, count: int) -> Floats:
    """Standard scores of that skewness: of a gamma distribution, whose skewness is 2 over the root of its shape."""
    if not skew:
        return rng.standard_normal(count)
    shape = 4.0 / skew**2
    return np.asarray(np.sign(skew) * (rng.gamma(shape, 1.0, count) - shape) / np.sqrt(shape))


def _compute_therapist_part(world: World, therapists: People, general: Floats, fit: PairFit) -> Floats:
    """What the carriers say of a therapist in general (at most half of the share), skill, and what nobody sees."""
    spread = fit.therapist_sd
    shrink = min(1.0, np.sqrt(world.therapist / 2) / spread) if spread else 0.0
    own = np.sqrt(world.skill) * therapists["skill"] + np.sqrt(1 - world.skill) * therapists["own"]
    return np.asarray(shrink * general + np.sqrt(world.therapist - (shrink * spread) ** 2) * own)
