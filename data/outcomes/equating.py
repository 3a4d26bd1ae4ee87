"""The common scale: scores of several instruments in one clinic, on the scale of its main instrument.

Percent of maximum possible (POMP) gives instruments one range, not one mean or one standard deviation (SD). Most
clients mark the top of an SRS, and few the top of a WAI-SR. Without a common scale, a therapist whose clients fill in
the SRS would look better than one whose clients fill in the WAI-SR.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from attune_fit.data.arrays import Floats
from attune_fit.data.clinic.instruments import WAI_SR

if TYPE_CHECKING:
    from attune_fit.data.clinic.instruments import Instrument

MIN_DEGREES_OF_FREEDOM = 30  # records after the first of each therapist; the error of an SD is then below 13%


@dataclass(frozen=True)
class ScoreDistribution:
    """Mean and standard deviation (SD) of early scores on one instrument.

    Attributes
    ----------
    mean, sd : float
        In percent of maximum possible (POMP).
    """

    mean: float
    sd: float


def convert_to_common_scale(
    early: pd.DataFrame, instruments: Mapping[str, Instrument], main: str, measured: pd.DataFrame | None = None
) -> Floats:
    """Return the early alliance of each record on the scale of the main instrument, in its POMP.

    A record of another instrument is moved and stretched, so that both instruments have one mean and one SD (linear
    equating). [1]_ Both are those of the clinic's records where each of the two instruments has enough of them: more
    than one for most therapists, :data:`MIN_DEGREES_OF_FREEDOM` in all. The SD is that within therapists, because the
    therapists of two instruments differ. With fewer records, both are the published ones of :class:`Instrument`.

    Parameters
    ----------
    early : DataFrame
        Columns ``therapist_row``, ``instrument`` and ``pomp`` (0 to 100, NaN where missing), as from
        :func:`compute_early_alliance`.
    instruments : mapping of str to Instrument
        As in :attr:`Clinic.instruments`.
    main : str
        Name of the main instrument, from :func:`find_main_instrument`. Where no record has it, the scale is that of the
        instrument of most records, the first by name in a tie.
    measured : DataFrame, optional
        The records that give means and SDs, with the same columns. Default: those of ``early``. Later scores need it:
        with means of their own, a change since the early sessions would vanish.

    Returns
    -------
    array of float, shape (n,)
        NaN where ``pomp`` is missing. The records of the main instrument are unchanged, and so are all records of a
        clinic with one instrument. A converted record can be a little below 0 or above 100.

    References
    ----------
    .. [1] Kolen & Brennan (2014), Test equating, scaling, and linking, chapter 2.
    """
    pomp = early["pomp"].to_numpy(float, copy=True)
    source_rows = early if measured is None else measured
    rated = source_rows[source_rows["pomp"].notna()]
    counts = _count_records(rated)
    names = early["instrument"].to_numpy(object)
    found = sorted({*counts.index, *early["instrument"].dropna()})
    if len(found) < 2:
        return pomp
    reference = main if main in counts or counts.empty else str(counts.index[0])
    by_name = {str(name): _measure_distribution(rows) for name, rows in rated.groupby("instrument", sort=True)}
    for name in found:
        if name == reference:
            continue
        source, target = by_name.get(name), by_name.get(reference)
        if source is None or target is None:
            source, target = (read_published_distribution(instruments[one]) for one in (name, reference))
        rows = names == name
        pomp[rows] = (pomp[rows] - source.mean) * (target.sd / source.sd) + target.mean
    return pomp


def find_reference_instrument(early: pd.DataFrame, main: str) -> str:
    """Return the name of the instrument whose scale :func:`convert_to_common_scale` gives; empty without records."""
    counts = _count_records(early[early["pomp"].notna()])
    return main if main in counts else str(next(iter(counts.index), ""))


def rescale_instrument(shown: Instrument, learned: Instrument) -> Instrument:
    """Return the shown instrument with the ends that its points have on the scale of the learned one.

    A model that learned one instrument estimates in its POMP. Points of another instrument follow from the published
    means and standard deviations of both (linear equating), so that a typical estimate is a typical score.

    Parameters
    ----------
    shown : Instrument
    learned : Instrument
        The one that the model learned; where it is ``shown``, the result is ``shown``.

    Returns
    -------
    Instrument
        ``to_points`` takes POMP of ``learned``; ``low`` and ``high`` are the points of 0 and 100 POMP, which can be
        outside the range of ``shown``.

    Examples
    --------
    >>> from attune_fit.data.clinic.instruments import SRS
    >>> round(SRS.to_points(77.0), 1), round(rescale_instrument(SRS, WAI_SR).to_points(77.0), 1)
    (30.8, 35.0)
    """
    source, target = read_published_distribution(learned), read_published_distribution(shown)
    if shown.name == learned.name or source == target:
        return shown
    ends = [target.mean + (pomp - source.mean) * (target.sd / source.sd) for pomp in (0.0, 100.0)]
    return shown.model_copy(update={"low": shown.to_points(ends[0]), "high": shown.to_points(ends[1])})


def read_published_distribution(instrument: Instrument) -> ScoreDistribution:
    """Return the published mean and SD of an instrument's early scores, in POMP; those of the WAI-SR where unknown.

    >>> read_published_distribution(WAI_SR)
    ScoreDistribution(mean=77.0, sd=17.0)
    """
    if instrument.mean is None or instrument.sd is None:
        return read_published_distribution(WAI_SR)
    mean, above = instrument.pomp(instrument.mean), instrument.pomp(instrument.mean + instrument.sd)
    return ScoreDistribution(round(mean, 6), round(above - mean, 6))


def _count_records(rated: pd.DataFrame) -> pd.Series:
    """Return the number of records of each instrument, the largest first, then by name."""
    return rated["instrument"].value_counts().sort_index().sort_values(ascending=False, kind="stable")


def _measure_distribution(rated: pd.DataFrame) -> ScoreDistribution | None:
    """Return the mean, and the pooled SD within therapists, of one instrument's records; None if they are too few."""
    by_therapist = rated.groupby("therapist_row")["pomp"]
    n_freedom = len(rated) - by_therapist.ngroups
    if n_freedom < MIN_DEGREES_OF_FREEDOM:
        return None
    deviation = (rated["pomp"] - by_therapist.transform("mean")).to_numpy(float)
    sd = float(np.sqrt(deviation @ deviation / n_freedom))
    return ScoreDistribution(float(rated["pomp"].mean()), sd) if sd > 0 else None
