"""Command-line options of benchmarks that draw clinics: how many, with how many records, and from which seed on."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import NamedTuple


class ClinicOptions(NamedTuple):
    """Number of clinics of each kind, their numbers of records, and the first seed."""

    clinics: int
    sizes: tuple[int, ...]
    first_seed: int


def read_clinic_options(clinics: int, sizes: Sequence[int], first_seed: int) -> ClinicOptions:
    """Read the options from the command line; the parameters are the defaults."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--clinics", type=int, default=clinics)
    parser.add_argument("--sizes", type=int, nargs="+", default=sizes)
    parser.add_argument("--first-seed", type=int, default=first_seed)
    options = parser.parse_args()
    return ClinicOptions(options.clinics, tuple(options.sizes), options.first_seed)
