"""The record of a therapist has the cells of the row, and who is with the therapist."""

import datetime as dt

import attune_fit as af
from tests.fault_descriptions import raises_faults


def test_cells_have_their_kinds_and_unknown_is_none() -> None:
    clinic = af.simulate(clients=40, therapists=6, seed=1).workspace()
    row = clinic.tables.therapists.set_index("therapist_id").loc["t06"]
    cells = clinic.therapist("t06").result.cells
    assert cells["formats"] == tuple(row["formats"].split("|"))
    assert cells["age"] == row["age"]
    assert "open_slots" not in cells  # openings are counted, not copied
    unknown = [name for name, cell in cells.items() if cell is None]
    assert unknown == [name for name in cells if row.isna().get(name)]


def test_an_offer_holds_an_opening_and_a_start_is_a_client_in_therapy() -> None:
    clinic = af.simulate(clients=40, therapists=6, seed=1).workspace()
    pair = clinic.preview_placement().result.placed[0]
    before = clinic.therapist(pair.therapist_id).result
    clinic.record("offered", client=pair.client_id, therapist=pair.therapist_id)
    offered = clinic.therapist(pair.therapist_id).result
    assert [offer.client_id for offer in offered.row.offers] == [pair.client_id]
    assert offered.row.openings == before.row.openings - 1
    clinic.record("accepted", client=pair.client_id, therapist=pair.therapist_id)
    clinic.record("started", client=pair.client_id, therapist=pair.therapist_id)
    started = clinic.therapist(pair.therapist_id).result
    assert set(started.clients) == {*before.clients, pair.client_id}
    assert started.row.openings == before.row.openings - 1
    assert started.row.version == 3


def test_the_frame_has_a_row_for_each_cell_and_days_are_days() -> None:
    clinic = af.simulate(clients=40, therapists=6, seed=1).workspace()
    result = clinic.therapist("t06")
    assert result.to_frame()["column"].tolist() == list(result.result.cells)
    assert isinstance(result.result.row.checked_on, dt.date)


def test_an_unknown_therapist_is_a_fault() -> None:
    clinic = af.simulate(clients=40, therapists=6, seed=1).workspace()
    with raises_faults("therapists, therapist_id: id-not-found (nowhere)"):
        clinic.therapist("nowhere")
