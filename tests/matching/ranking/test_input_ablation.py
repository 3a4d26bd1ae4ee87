"""Ablation by copies of arrays gives the scores of rebuilt tables in which the input is empty."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
from hypothesis import given, settings

from attune_fit.data.arrays import Floats
from attune_fit.data.clinic.tables import Tables
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides
from attune_fit.matching.ranking.input_ablation import (
    WISHES,
    InputColumns,
    compute_ablation_effects,
    find_ablated_input,
)
from attune_fit.models.alliance_model import AllianceModel
from tests.matching.builders import busy, experienced
from tests.strategies import clinics


def ablate_plainly(model: AllianceModel, tables: Tables, client_row: int, therapist_row: int) -> Floats:
    """The effect of each feature's input on one score, with tables of its own for each input."""

    def score(tables: Tables) -> float:
        return float(model.compute_parts(Pairs.from_rows(Sides(tables), [client_row], [therapist_row])).score[0])

    @cache
    def score_without(columns: InputColumns) -> float:
        roster, nowhere = tables.therapists, np.zeros(len(tables.therapists), dtype=bool)
        therapists = roster.assign(**{name: roster[name].where(nowhere) for name in columns if name in roster})
        preferences = tables.preferences.head(0) if columns == WISHES else tables.preferences
        return score(replace(tables, therapists=therapists, preferences=preferences))

    with_all = score(tables)
    return np.array([with_all - score_without(find_ablated_input(feature)) for feature in model.features])


def check_pairs(tables: Tables, client_row: int, rows: list[int]) -> None:
    model, sides = experienced(), Sides(tables)
    pairs = Pairs.from_rows(sides, [client_row] * len(rows), rows)
    found = compute_ablation_effects(model, pairs, model.therapists.select_for_roster(sides.list_ids("therapist")))
    for effects, row in zip(found, rows, strict=True):
        np.testing.assert_allclose(effects, ablate_plainly(model, tables, client_row, row), atol=1e-9)


@settings(max_examples=6, deadline=None)
@given(clinics(wishes=8, most=2))
def test_effects_agree_with_rebuilt_tables(tables: Tables) -> None:
    check_pairs(tables, 0, list(range(len(tables.therapists))))


def test_effects_of_a_whole_clinic_agree_with_rebuilt_tables() -> None:
    check_pairs(busy(), 7, [3, 14])
