"""A shortlist explains its numbers."""

from __future__ import annotations

import pytest

from attune_fit.app.views.ranking import show_ranking
from attune_fit.data.clinic.instruments import INSTRUMENTS
from attune_fit.matching.ranking.rank import rank
from tests.matching.builders import opened, published
from tests.strategies import clinic

WAI_SR = next(row for row in INSTRUMENTS if row.name == "WAI-SR")


@pytest.mark.parametrize(
    ("roster", "whom"),
    [
        ([4.5], "points above a typical pair."),
        ([4.5, 2.0], "points above the average of the available therapists."),
    ],
)
def test_numbers_are_compared_with_others_only_where_there_are_others(
    roster: list[float], whom: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    tables = clinic({"age": [30]}, {"interpersonal_skill": roster})
    show_ranking(rank(published(), opened(), tables, "c0"), WAI_SR)
    shown = capsys.readouterr().out
    assert whom in shown
    assert "has a higher observer rating of interpersonal skill than a typical therapist" in shown
    assert "than most" not in shown
