"""The truth of a synthetic clinic: expected alliance of every pair, and its parts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from data.instruments import WAI_SR
from data.synthetic.clients import correlation
from data.synthetic.fit import Fit
from data.synthetic.form import expected_points
from data.synthetic.people import Floats, People, Rows
from data.synthetic.world import World

AT_INTAKE = {  # field of World -> column
    "avoidance": "attachment_avoidance",
    "anxiety": "attachment_anxiety",
    "interpersonal": "interpersonal_problems",
    "expectancy": "outcome_expectancy",
}


class Parts(NamedTuple):
    """Parts of the expected alliance, in SD of one session's alliance; they add up to how far it is from typical."""

    client: Floats
    therapist: Floats
    fit: Floats


@dataclass(frozen=True)
class Truth:
    """What is true of everyone in the tables; rows are those of ``tables.clients`` and ``tables.therapists``.

    Attributes
    ----------
    world : World
    clients, therapists : People
        Complete, and as they are: no answer missing, no style stretched.
    client, therapist : array of shape (clients,) and (therapists,)
        Their own parts, in SD of one session's alliance.
    client_general, therapist_general : array of shape (clients,) and (therapists,)
        What the carriers of fit say of either side in general; it is no part of fit.
    met : DataFrame
        client_row, therapist_row, and the probability with which this client was to meet this therapist.
    """

    world: World
    clients: People
    therapists: People
    client: Floats
    therapist: Floats
    client_general: Floats
    therapist_general: Floats
    met: pd.DataFrame

    @classmethod
    def of(cls, world: World, clients: People, therapists: People, rng: np.random.Generator) -> Truth:
        """Draw what nobody sees of these people; nobody has met yet."""
        fit = Fit.of(world)
        general = fit.of_therapists(therapists)
        return cls(
            world,
            clients,
            therapists,
            client=_client_part(world, clients, rng),
            therapist=_therapist_part(world, therapists, general, fit),
            client_general=fit.of_clients(clients),
            therapist_general=general,
            met=_episodes(np.arange(0), np.arange(0), np.zeros(0)),
        )

    def having_met(self, client_rows: Rows, therapist_rows: Rows, probability: Floats) -> Truth:
        """The same truth after these have met, each with the probability with which it was to happen."""
        return replace(self, met=_episodes(client_rows, therapist_rows, probability))

    def parts(self, client_rows: Rows, therapist_rows: Rows) -> Parts:
        """Parts for everyone with everyone, ``(n, 1)`` and ``(1, m)``, or one by one, ``(k,)`` and ``(k,)``."""
        c, t = np.asarray(client_rows), np.asarray(therapist_rows)
        fit, some = Fit.of(self.world), self.clients.take(c.ravel())
        total = fit.total(some, self.therapists, np.arange(len(some)).reshape(c.shape), t)
        beyond = total - fit.mean - self.client_general[c] - self.therapist_general[t]
        return Parts(*(np.broadcast_to(part, beyond.shape) for part in (self.client[c], self.therapist[t], beyond)))

    def expected(self, client_rows: Rows, therapist_rows: Rows) -> Floats:
        """Expected client-rated early alliance: what the form shows on average over sessions, its ceiling included.

        Parameters
        ----------
        client_rows, therapist_rows : array of int
            Rows of the tables: ``(n, 1)`` and ``(1, m)`` for everyone with everyone, or both ``(k,)``.

        Returns
        -------
        array of shape (n, m) or (k,)
            Percent of maximum possible of the WAI-SR, 0-100. Never unknown.

        Examples
        --------
        >>> from data.synthetic.clinic import simulate
        >>> truth = simulate(30, 4, seed=1).truth
        >>> truth.expected(np.arange(30)[:, None], np.arange(4)[None, :]).shape
        (30, 4)
        """
        client, therapist, fit = self.parts(client_rows, therapist_rows)
        return WAI_SR.pomp(expected_points(self.world, client + therapist + fit))

    def take(self, client_rows: Rows, therapist_rows: Rows) -> Truth:
        """The same truth for some of the people, in this order; who met somebody left out has met nobody."""
        client = _places(client_rows, len(self.clients))[self.met["client_row"]]
        therapist = _places(therapist_rows, len(self.therapists))[self.met["therapist_row"]]
        kept = (client >= 0) & (therapist >= 0)
        return Truth(
            self.world,
            self.clients.take(client_rows),
            self.therapists.take(therapist_rows),
            self.client[client_rows],
            self.therapist[therapist_rows],
            self.client_general[client_rows],
            self.therapist_general[therapist_rows],
            _episodes(client[kept], therapist[kept], self.met["probability"].to_numpy()[kept]),
        )


def _places(rows: Rows, count: int) -> Rows:
    """Where each of ``count`` rows stands among ``rows``, -1 where it does not."""
    places = np.full(count, -1)
    places[rows] = np.arange(len(rows))
    return places


def _episodes(client_rows: Rows, therapist_rows: Rows, probability: Floats) -> pd.DataFrame:
    """Who met whom, in the order of the clients."""
    met = {"client_row": client_rows, "therapist_row": therapist_rows, "probability": probability}
    return pd.DataFrame(met).sort_values("client_row", ignore_index=True)


def _client_part(world: World, clients: People, rng: np.random.Generator) -> Floats:
    """What intake tells, with weights that give the published correlations, and what it does not."""
    with_alliance = np.array([getattr(world, name) for name in AT_INTAKE])
    weights = np.linalg.solve(correlation(tuple(AT_INTAKE.values())), with_alliance)
    told = np.stack([clients.standard(column) for column in AT_INTAKE.values()], axis=1) @ weights
    explained = float(with_alliance @ weights)
    shrink = min(1.0, np.sqrt(world.client / explained)) if explained else 0.0  # a client's part may be that small
    untold = np.sqrt(max(0.0, world.client - explained))
    return np.asarray(shrink * told + untold * rng.standard_normal(len(clients)))


def _therapist_part(world: World, therapists: People, general: Floats, fit: Fit) -> Floats:
    """What the carriers say of a therapist in general (at most half of the share), skill, and what nobody sees."""
    spread = fit.therapist_spread
    shrink = min(1.0, np.sqrt(world.therapist / 2) / spread) if spread else 0.0
    own = np.sqrt(world.skill) * therapists["skill"] + np.sqrt(1 - world.skill) * therapists["own"]
    return np.asarray(shrink * general + np.sqrt(world.therapist - (shrink * spread) ** 2) * own)
