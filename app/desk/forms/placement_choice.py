"""The choices of a coordinator in a placement preview. They are in the address, so that a preview can be sent on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import quote, unquote, urlencode

PAGE = "/placement"
IdPair = tuple[str, str]  # client_id, therapist_id


class PlacementChoice(NamedTuple):
    """What the address of a preview holds.

    Attributes
    ----------
    policy : str
        Name of a policy; empty: the clinic's setting.
    pinned, refused : tuple of (client_id, therapist_id)
    keep : bool
        Whether to move as few clients as possible.
    """

    policy: str = ""
    pinned: tuple[IdPair, ...] = ()
    refused: tuple[IdPair, ...] = ()
    keep: bool = True

    @property
    def pairs(self) -> tuple[IdPair, ...]:
        """All pairs that were pinned or refused."""
        return self.pinned + self.refused

    def pin(self, client_id: str, therapist_id: str) -> PlacementChoice:
        """Pin a pair; an earlier pin of the client, and a refusal of the pair, are taken back."""
        pair = (client_id, therapist_id)
        others = tuple(one for one in self.pinned if one[0] != client_id)
        return self._replace(pinned=(*others, pair), refused=tuple(one for one in self.refused if one != pair))

    def refuse(self, client_id: str, therapist_id: str) -> PlacementChoice:
        """Refuse a pair; a pin of it is taken back."""
        rest = self.drop(client_id, therapist_id)
        return rest._replace(refused=(*rest.refused, (client_id, therapist_id)))

    def drop(self, client_id: str, therapist_id: str) -> PlacementChoice:
        """Take the pin or the refusal of a pair back."""
        pair = (client_id, therapist_id)
        pinned, refused = (tuple(one for one in pairs if one != pair) for pairs in (self.pinned, self.refused))
        return self._replace(pinned=pinned, refused=refused)

    def format_address(self, **more: str) -> str:
        """Return the address of the preview.

        >>> PlacementChoice("balanced", (("c:1", "t1"),), (("c2", "t2"),), keep=False).format_address()
        '/placement?policy=balanced&pin=c%253A1%3At1&refuse=c2%3At2&keep=no'
        """
        fields = [("policy", self.policy)] if self.policy else []
        fields += [("pin", format_pair(*pair)) for pair in self.pinned]
        fields += [("refuse", format_pair(*pair)) for pair in self.refused]
        fields += [] if self.keep else [("keep", "no")]
        fields += more.items()
        return f"{PAGE}?{urlencode(fields)}" if fields else PAGE


def format_pair(client_id: str, therapist_id: str) -> str:
    """Return a pair as one text; an id can contain a colon.

    >>> format_pair("c:1", "t1")
    'c%3A1:t1'
    """
    return f"{quote(client_id, safe='')}:{quote(therapist_id, safe='')}"


def parse_pairs(texts: Iterable[str]) -> tuple[IdPair, ...]:
    """Return the pairs of :func:`format_pair`, each once; a text without a colon has an empty therapist.

    >>> parse_pairs(["c%3A1:t1", "c2:t2", "c2:t2"])
    (('c:1', 't1'), ('c2', 't2'))
    """
    split = (text.partition(":") for text in texts)
    return tuple(dict.fromkeys((unquote(client), unquote(therapist)) for client, _, therapist in split))
