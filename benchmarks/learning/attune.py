"""What ``attune train`` would make of the tables, without anything being written."""

from __future__ import annotations

from pathlib import Path

from attune_fit.data.arrays import Floats
from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic.settings import Config
from attune_fit.training.fitting.fit_model import fit_clinic_model
from benchmarks.learning.clinic import KNOWN
from benchmarks.learning.seen import Seen

NOWHERE = Path("nowhere")  # no study is kept with 0 trials, and nothing else is written before there is a bundle


def trained(seen: Seen) -> Floats:
    """Train with the default settings; the verdict decides which parts rank, as in a clinic."""
    model = fit_clinic_model(Clinic(NOWHERE, Config(), KNOWN), seen.tables).model
    return model.compute_parts(seen.cross).score
