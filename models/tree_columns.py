"""The columns that trees read: features, and products of a client's and a therapist's feature, by their names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np

from attune_fit.data.arrays import Floats, Indices

# ASCII's unit separator. No feature of Attune has it in its name, and no keyboard types it into a clinic's file.
SEPARATOR = "\x1f"


def build_product_name(client_feature: str, therapist_feature: str) -> str:
    """Return the name of the product of a client's feature and a therapist's feature.

    Parameters
    ----------
    client_feature, therapist_feature : str
        Names of a feature of side ``client`` and of one of side ``therapist``.

    Raises
    ------
    ValueError
        If a name is empty or holds :data:`SEPARATOR`.

    Examples
    --------
    >>> split_product(build_product_name("phq9", "years_experience"))
    ('phq9', 'years_experience')
    """
    if not (client_feature and therapist_feature) or SEPARATOR in client_feature + therapist_feature:
        raise ValueError("a product has the names of two features, and neither is itself a product")
    return f"{client_feature}{SEPARATOR}{therapist_feature}"


def split_product(name: str) -> tuple[str, str] | None:
    """Return the names of the client's and the therapist's feature of a product; None for a feature.

    >>> split_product("phq9") is None
    True
    """
    client_feature, separator, therapist_feature = name.partition(SEPARATOR)
    return (client_feature, therapist_feature) if separator else None


def list_features_read(names: Sequence[str]) -> list[str]:
    """List the features of some columns, each once, in the order of the columns; a product gives both of its features.

    >>> list_features_read(["style_distance", build_product_name("phq9", "years_experience"), "years_experience"])
    ['style_distance', 'phq9', 'years_experience']
    """
    return list(dict.fromkeys(feature for name in names for feature in split_product(name) or (name,)))


def has_valid_products(names: Sequence[str], sides: Mapping[str, str]) -> bool:
    """Return whether each product among ``names`` is of a client's feature and a therapist's feature, in this order.

    Parameters
    ----------
    names : sequence of str
        Columns of trees. Names of features always pass: trees can have a column that no clinic's feature fills.
    sides : mapping
        The side of each feature, by name.
    """
    products = [parts for name in names if (parts := split_product(name)) is not None]
    return all((sides.get(first), sides.get(second)) == ("client", "therapist") for first, second in products)


def select_columns(wanted: Sequence[str], names: Sequence[str], standard: Floats) -> Floats:
    """Return the columns that trees read: features as they are, and products of two standardised features.

    Parameters
    ----------
    wanted : sequence of str, length k
        Names of features, or of products from :func:`build_product_name`.
    names : sequence of str, length p
        The features of ``standard``.
    standard : array of shape (..., p)
        Standardised features; NaN where unknown.

    Returns
    -------
    array of shape (..., k)
        A new array. NaN where a feature is unknown or not among ``names``; in a product, where either of both is.
    """
    columns, products, factors = _find_places(tuple(wanted), tuple(names))
    selected = _take(standard, columns)
    if len(products):
        selected[..., products] *= _take(standard, factors)
    return selected


def sum_by_feature(wanted: Sequence[str], names: Sequence[str], contributions: Floats) -> Floats:
    """Add up the contributions of columns by feature.

    A product's contribution counts as one of the therapist's feature. The client's value is the same for all therapists
    of a list, so the therapist's feature is what differs between them.

    Parameters
    ----------
    wanted : sequence of str, length k
        The columns, as in :func:`select_columns`.
    names : sequence of str, length p
        The features that can receive a contribution.
    contributions : array of shape (..., k)

    Returns
    -------
    array of shape (..., p)
        0 for a feature that no column reads. What a feature outside ``names`` would get is left out.
    """
    return np.asarray(contributions @ _build_receivers(tuple(wanted), tuple(names)))


def _take(standard: Floats, columns: Indices) -> Floats:
    """Return columns of an array as a new array; NaN for a column of -1."""
    if not standard.shape[-1]:
        return np.full((*standard.shape[:-1], len(columns)), np.nan)
    taken: Floats = standard[..., columns]
    taken[..., columns < 0] = np.nan
    return taken


@lru_cache(maxsize=32)
def _find_places(wanted: tuple[str, ...], names: tuple[str, ...]) -> tuple[Indices, Indices, Indices]:
    """Return where each wanted column is, or its client's feature; which are products; where their second factor is.

    A place is -1 where the feature is missing.
    """
    place_of = {name: place for place, name in enumerate(names)}
    parts = [split_product(name) for name in wanted]
    columns = [place_of.get(name if part is None else part[0], -1) for name, part in zip(wanted, parts, strict=True)]
    products = [column for column, part in enumerate(parts) if part is not None]
    factors = [place_of.get(part[1], -1) for part in parts if part is not None]
    first, second, third = (np.array(places, dtype=np.intp) for places in (columns, products, factors))
    return first, second, third


@lru_cache(maxsize=32)
def _build_receivers(wanted: tuple[str, ...], names: tuple[str, ...]) -> Floats:
    """Return a matrix of shape (k, p): 1 where a feature receives the contribution of a column, else 0."""
    columns, products, factors = _find_places(wanted, names)
    receivers = columns.copy()
    receivers[products] = factors
    matrix = np.zeros((len(wanted), len(names)))
    has_receiver = np.flatnonzero(receivers >= 0)
    matrix[has_receiver, receivers[has_receiver]] = 1
    return matrix
